"""Nonlinear equations in cells: what is believed of two fits."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from sympy import sin

from pinnsolve import Box, Budget, Dense, Waves, coordinates, laplacian, manufactured, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.points import sample_region
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import by_residual
from pinnsolve.search.fit import fit
from pinnsolve.search.task import Outcome, Task
from pinnsolve.strategies import fits_in_cells, in_cells
from pinnsolve.strategies.determined import Doubt
from pinnsolve.strategies.layouts import first_layout

X, Y = coordinates("x y")
U = unknown("u", X, Y)
SQUARE = Box({X: (0, 1), Y: (0, 1)})
WAVES = Dense(12, 1, "sin", Waves(3.0))


@pytest.mark.parametrize("power", [1, 3])
def test_newton_does_not_begin_at_what_is_far_from_a_solution(power):
    problem = manufactured(SQUARE, laplacian(U) - U**power, U @ SQUARE.boundary, exact={U: X + Y})
    task = Task(compile_problem(problem), 1e-4, Budget(), 0)
    last, _ = fits_in_cells.fit_in(task, first_layout(task.system, (1, 1), WAVES, 1e-4), 1)
    for residual, begins in ((0.01, True), (0.2, power == 1), (np.nan, power == 1)):
        found = in_cells._begun_from(task, replace(last, residuals=(residual,)))
        assert found is (last.field if begins else None)


@pytest.mark.parametrize("power", [1, 3])
def test_an_estimate_is_the_difference_of_two_fits_whatever_residuals_promise(power):
    law = laplacian(U) - U**power
    problem = manufactured(SQUARE, law, U @ SQUARE.boundary, exact={U: sin(2 * X) + Y})
    task = Task(compile_problem(problem), 1e-4, Budget(), 0)
    layout = first_layout(task.system, (2, 1), WAVES, 1e-4)
    last, _ = fits_in_cells.fit_in(task, layout, 1)
    fitted, found = fits_in_cells.fit_in(task, layout, 2)
    fitted = replace(fitted, residuals=tuple(1e-3 * r for r in last.residuals))
    fitted = replace(fitted, jump=0.0, kink=0.0)
    progress = in_cells.Progress(layout, last=last)
    outcome = in_cells._compared(task, progress, fitted, found, by_residual)
    x = sample_region(SQUARE, 2048, 7).x
    before, after = (fit.field.values(x).numpy()[0] for fit in (last, fitted))
    apart = np.sqrt(np.mean((before - after) ** 2)) / after.std()
    assert outcome.fit is fitted
    # Of linear equations residuals are believed, to 3 percent of the difference; of others twice as
    # much is claimed as two draws in the same cells differ by.
    assert outcome.estimate == pytest.approx(apart * (0.03 if power == 1 else 2.0), rel=0.05)
    # Nor is another draw in the same cells asked for: the next cells tell more.
    wants = partial(in_cells._wants_check, replace(task, tolerance=1e-9))
    assert wants(outcome, Doubt()) is (power == 1)
    # Where two agree and some function is in doubt, it is.
    close = replace(outcome, estimate=1e-10)
    assert not wants(close, Doubt())
    assert wants(close, Doubt(1e-8))


def test_a_round_that_goes_astray_is_neither_kept_nor_compared_with(monkeypatch):
    problem = manufactured(SQUARE, laplacian(U) - U**3, U @ SQUARE.boundary, exact={U: X + Y})
    task = Task(compile_problem(problem), 1e-4, Budget(), 0)
    layout = first_layout(task.system, (1, 1), WAVES, 1e-4)
    plain, residuals = fits_in_cells.fit_in, iter((1e-2, 1.0, 2e-2))
    fits = []

    def fit_in(*given):
        fitted, found = plain(*given)
        fits.append(replace(fitted, residuals=(next(residuals),), jump=0.0, kink=0.0))
        return fits[-1], found

    monkeypatch.setattr(fits_in_cells, "fit_in", fit_in)
    progress = in_cells.Progress(layout)
    for _ in range(3):
        progress = in_cells._solved(task, replace(progress, layout=layout))
        assert progress.last is fits[0]
        assert progress.best.fit is fits[0]


@pytest.mark.parametrize(
    ("residual", "before", "kept"), [(5e-2, 1e-3, 1e-3), (5e-3, 1e-3, 0.1), (5e-2, np.nan, 0.1)]
)
def test_a_round_that_went_astray_does_not_raise_an_estimate(residual, before, kept):
    problem = manufactured(SQUARE, laplacian(U), U @ SQUARE.boundary, exact={U: X + Y})
    better = replace(fit(compile_problem(problem), WAVES, 0), residuals=(1e-3, 1e-3))
    other = replace(better, residuals=(residual, 1e-3))
    known = Outcome(better, before, 0, Stop.STAGNATED, before)
    compared = replace(known, estimate=0.1, maximum=0.2)
    assert in_cells.spared(known, compared, other).estimate == kept
    assert in_cells.spared(None, compared, other) is compared
    # The estimate of another fit is none of this one.
    assert in_cells.spared(replace(known, fit=other), compared, other) is compared
