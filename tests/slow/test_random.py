"""Random problems: well posed in the sense that each exact solution satisfies its equations, and
varied.
"""

from __future__ import annotations

from collections import Counter

import pytest

from pinnsolve import Budget, solve
from pinnsolve.problems.random import random_problem

SEEDS = range(40)


@pytest.fixture(scope="module")
def drawn():
    return [
        random_problem(seed) for seed in SEEDS
    ]  # each is checked against its exact solution as it is made


@pytest.mark.slow
def test_same_seed_same_problem(drawn):
    assert all(
        repr(random_problem(seed).problem) == repr(drawn[seed].problem) for seed in (0, 7, 23)
    )


@pytest.mark.slow
def test_problems_are_varied(drawn):
    assert len({d.equation for d in drawn}) >= 7
    assert len({d.solution for d in drawn}) >= 20
    assert {d.domain for d in drawn} >= {"box", "disk", "polygon"}
    assert Counter(min(d.dimension, 4) for d in drawn).keys() == {1, 2, 3, 4}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 5, 14, 15, 19, 27])
def test_blind_solution_of_a_random_problem(drawn, seed):
    solution = solve(drawn[seed].problem, tolerance=1e-6, budget=Budget(columns=2000))
    assert solution.stopped == "met"
    assert solution.error() < 1e-6
