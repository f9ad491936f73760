"""Random problems: well posed in the sense that each exact solution satisfies its equations, and
varied.
"""

from __future__ import annotations

from collections import Counter

import pytest

from pinnsolve import Budget, solve
from pinnsolve.problems.random import random_problem

pytestmark = pytest.mark.slow


def test_same_seed_same_problem():
    for seed in (0, 7, 23):
        one, other = (random_problem(seed).problem for _ in range(2))
        assert repr(one) == repr(other)


def test_problems_are_varied():
    """Each is checked against its exact solution as it is made."""
    drawn = [random_problem(seed) for seed in range(40)]
    assert len({d.equation for d in drawn}) >= 7
    assert len({d.solution for d in drawn}) >= 20
    assert {d.domain for d in drawn} >= {"box", "disk", "polygon"}
    assert Counter(min(d.dimension, 4) for d in drawn).keys() == {1, 2, 3, 4}


@pytest.mark.parametrize("seed", [2, 5, 14, 15, 19, 27])
def test_blind_solution_of_a_random_problem(seed):
    solution = solve(random_problem(seed).problem, tolerance=1e-6, budget=Budget(columns=2000))
    assert solution.stopped == "met"
    assert solution.error() < 1e-6
