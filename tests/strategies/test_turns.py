"""How long one basis has before cells are tried, and when it goes on beyond that."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from pinnsolve import Budget
from pinnsolve.compile.system import compile_problem
from pinnsolve.problems import CATALOGUE
from pinnsolve.search.doubling import Growth, _budget
from pinnsolve.search.task import Task
from pinnsolve.strategies.turns import share_of_one


def task(name, seconds, tolerance=1e-8):
    return Task(compile_problem(CATALOGUE[name]()), tolerance, Budget(seconds), 0)


@pytest.mark.parametrize(
    ("name", "seconds", "shares"),
    [("poisson_3d", 30, False), ("poisson_3d", 300, True), ("poisson_2d", 30, True)],
)
def test_one_basis_shares_with_cells_that_can_be_paid(name, seconds, shares):
    assert (share_of_one(task(name, seconds)) < 1) is shares


@pytest.mark.parametrize(
    ("residual", "fall", "goes_on"), [(1e-6, 0.01, True), (1e-6, 0.9, False), (1e-3, 0.01, False)]
)
def test_what_promises_the_goal_has_the_whole_budget(residual, fall, goes_on):
    """With ten times the seconds of the last fit a basis is twice as wide, at most."""
    whole = task("poisson_2d", 15)
    shared = whole.within(replace(whole.budget, seconds=5))
    last = SimpleNamespace(residual=residual, seconds=1.0)
    growth = Growth((), 100, None, fall, last=(last,))
    assert (_budget(shared, growth) is whole.budget) is goes_on
    assert _budget(whole, growth) is whole.budget
