"""Fields from data with errors: the field, and bands that are right, by differences on a grid."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import (
    Budget,
    Data,
    Interval,
    PointCloud,
    Problem,
    coordinates,
    load,
    solve,
    unknown,
)
from pinnsolve.running.stop import Stop

(x,) = coordinates("x")
u, f = unknown("u", x), unknown("f", x)
line = Interval(x, 0, 1)
SIGMA, CELLS = 1e-3, 200
at = np.linspace(0.05, 0.95, 37)


def source(places):
    return np.sin(3 * places) + places


def deflection():
    """u'' = -f, u(0) = u(1) = 0, by second differences: `(CELLS + 1, CELLS + 1)`."""
    matrix = np.zeros((CELLS + 1, CELLS + 1))
    inner = np.arange(1, CELLS)
    matrix[inner, inner], matrix[inner, inner - 1], matrix[inner, inner + 1] = -2.0, 1.0, 1.0
    matrix[0, 0] = matrix[-1, -1] = 1.0
    right = -np.eye(CELLS + 1) / CELLS**2
    right[0] = right[-1] = 0.0
    return np.linalg.solve(matrix, right)


GRID = np.linspace(0, 1, CELLS + 1)
rng = np.random.default_rng(3)
VALUES = (deflection() @ source(GRID))[np.rint(at * CELLS).astype(int)]
VALUES = VALUES + SIGMA * rng.standard_normal(len(at))


def on_grid(strength=1.0):
    """The source and its deviations on the grid, its strength by MacKay's fixed point."""
    seen = deflection()[np.rint(at * CELLS).astype(int)] / SIGMA
    rough = np.diff(np.eye(CELLS + 1), 2, axis=0) * CELLS**1.5
    for _ in range(60):
        precision = seen.T @ seen + strength * rough.T @ rough
        covariance = np.linalg.inv(precision)
        mean = covariance @ seen.T @ (VALUES / SIGMA)
        gamma = len(rough) - strength * np.trace(rough @ covariance @ rough.T)
        strength = gamma / float(((rough @ mean) ** 2).sum())
    return mean, np.sqrt(np.diag(covariance)), gamma


def loaded(sigma=SIGMA):
    measured = Eq(u, Data(VALUES, sigma=sigma)) @ PointCloud({x: at})
    return Problem(line, Eq(u.diff(x, 2), -f), Eq(u(0), 0), Eq(u(1), 0), measured)


@pytest.fixture(scope="module")
def solution():
    return solve(loaded(), budget=30)


def test_field_and_bands_are_those_of_a_grid(solution):
    mean, deviations, gamma = on_grid()
    inside = slice(10, -10)
    assert solution.stopped == Stop.MET
    apart = solution(GRID, expression=f) - mean
    assert np.abs(apart[inside] / deviations[inside]).max() < 0.1
    ratio = solution.sd(f, GRID)[inside] / deviations[inside]
    assert abs(np.median(ratio) - 1) < 0.03
    assert np.abs(ratio - 1).max() < 0.2
    assert solution.posterior.gammas[0] == pytest.approx(gamma, rel=0.05)
    assert 0.3 < solution.misfit < 2
    assert f"squares left {solution.misfit:.3g} per degree of freedom" in solution.report()


def test_bands_are_quantiles_of_deviations(solution):
    low, high = solution.band(f, GRID, 0.6826894921)
    assert (high - low) / 2 == pytest.approx(solution.sd(f, GRID), rel=1e-8)
    assert (high + low) / 2 == pytest.approx(solution(GRID, expression=f))
    with pytest.raises(ValueError, match="probability"):
        solution.band(f, GRID, 95)


def test_samples_have_these_deviations(solution, tmp_path):
    draws = np.stack([draw(GRID, expression=f) for draw in solution.samples(400, seed=1)])
    assert draws.std(axis=0) == pytest.approx(solution.sd(f, GRID), rel=0.2)
    solution.save(tmp_path / "source.st")
    again = load(tmp_path / "source.st")
    (field,) = [v for v in again.problem.unknowns if str(v.func) == "f"]
    assert again.sd(field, GRID) == pytest.approx(solution.sd(f, GRID))


def test_deviations_that_are_not_known_are_estimated(solution):
    unsaid = solve(loaded(None), budget=30)
    assert unsaid.misfit == pytest.approx(SIGMA**2 * solution.misfit, rel=0.2)
    ratio = np.sqrt(solution.misfit)
    assert np.median(unsaid.sd(f, GRID) / solution.sd(f, GRID)) == pytest.approx(ratio, rel=0.2)


def test_what_was_found_is_kept_where_time_ends():
    ticks = iter(range(10_000))
    short = Budget(seconds=8, clock=lambda: float(next(ticks)))
    with pytest.warns(UserWarning, match="error bars may be too small"):
        solution = solve(loaded(), budget=short)
    assert solution.stopped == Stop.BUDGET
    assert (solution.sd(f, at) > 0).all()
