"""Functions that are too flat are made steeper, unless that takes the time of wider bases; and
checked by steeper ones.
"""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from sympy import Rational, exp

from pinnsolve import Box, BoxPlanes, Budget, Dense, coordinates, laplacian, manufactured, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.search.agreement import checked
from pinnsolve.search.doubling import PATIENCE, Growth, _steep_enough, _with
from pinnsolve.search.families.family import Family, scales
from pinnsolve.search.fit import fit
from pinnsolve.search.task import Outcome, Task

x, y = coordinates("x y")
U = unknown("u", x, y)
SQUARE = Box({x: (-1, 1), y: (-1, 1)})
FIVE = Rational(1, 5)
# A pole just outside.
NEAR = exp(x) / ((x - 1 - FIVE) ** 2 + (y - 2 * FIVE) ** 2)
PROBLEM = manufactured(SQUARE, laplacian(U), U @ SQUARE.boundary, exact={U: NEAR})


def fitted(residual, rank):
    """One of 100 columns, in a second."""
    space = SimpleNamespace(columns=100)
    solved, expansion = SimpleNamespace(rank=rank), SimpleNamespace(space=space)
    return SimpleNamespace(
        residual=residual,
        seconds=1.0,
        solved=solved,
        expansion=expansion,
        field=None,
        effective=rank / 100,
    )


class Tried(Task):
    def fit(self, stage, declared, seed, guess):
        return fitted(1e-4, 100)


@pytest.mark.parametrize(
    ("seconds", "rank", "tried"),
    [(5.0, 50, True), (3.0, 50, False), (2.0, 50, True), (0.5, 50, False), (5.0, 90, False)],
    ids=["for both", "for one", "for no wider one", "for none", "steep enough"],
)
def test_steeper_functions_are_tried_where_that_leaves_time_for_wider_ones(seconds, rank, tried):
    """A basis of 140 columns takes 2.7 times as long."""
    steep = SimpleNamespace(shape=(1.5,), of_width=lambda width: None)
    flat = SimpleNamespace(shape=(1.0,), steeper=lambda factor: steep)
    steep.steeper = lambda factor: steep
    budget = Budget(seconds, start=0.0, clock=lambda: 0.0)
    task = Tried(SimpleNamespace(n_unknowns=1), 1e-8, budget, 0)
    growth, found = _steep_enough(task, Growth((flat,), 100, None, 0.1), fitted(1e-3, rank))
    assert (growth.families[0] is steep) == (found.residual == 1e-4) == tried


def bumps(values, width):
    return Dense(width, activation="gaussian", initialize=BoxPlanes(slope=dict(values)))


def declared_check(system, slope, width, seed, tolerance):
    """A fit in bumps, and the basis that checks it."""
    family = Family("bumps", scales(("x", "y"), (slope, slope)), bumps)
    task = Task(system, tolerance, Budget(60), seed)
    best = Outcome(fit(system, family.of_width(width), seed), math.nan, 0, "stagnated")
    growth = _with(task, Growth((family,), width, None, 0.1), best)
    return task, growth.best, growth.narrower[-1]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("slope", "width"), [(1.5, 240), (3.0, 400)])
def test_what_flat_functions_of_all_draws_share_is_told_by_steeper_ones(slope, width, seed):
    """Bumps that are too flat for a pole: two draws differ by half of their errors, or less."""
    system = compile_problem(PROBLEM)
    task, best, narrower = declared_check(system, slope, width, seed, 1e-4)
    assert best.fit.effective < PATIENCE.saturated
    found = checked(task, best, narrower)
    points = np.random.default_rng(seed).uniform(-1, 1, (4000, 2))
    exact = np.exp(points[:, 0]) / ((points[:, 0] - 1.2) ** 2 + (points[:, 1] - 0.4) ** 2)
    error = found.fit.field.values(points).numpy()[0] - exact
    assert np.sqrt(np.mean(error**2)) / exact.std() < found.estimate


@pytest.mark.parametrize(("width", "tolerance"), [(30, 1e-4), (240, 1.0)])
def test_functions_that_can_be_told_apart_or_leave_little_are_checked_by_their_like(
    width, tolerance
):
    _, _, narrower = declared_check(compile_problem(PROBLEM), 1.5, width, 0, tolerance)
    assert narrower.initialize.slope["x"] == pytest.approx(1.5)
