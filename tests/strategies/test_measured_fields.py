"""Fields from data with errors: the field, and bands that are right, by differences on a grid."""

from __future__ import annotations

from dataclasses import replace

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
from pinnsolve.strategies import measured_fields

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


SEEN = deflection()[np.rint(at * CELLS).astype(int)]
ROUGH = np.diff(np.eye(CELLS + 1), 2, axis=0) * CELLS**1.5


def smoothest(strength, values=VALUES, deviations=SIGMA):
    """The source on the grid and its covariance, for a strength and deviations of values."""
    seen = SEEN / np.broadcast_to(deviations, len(at))[:, None]
    covariance = np.linalg.inv(seen.T @ seen + strength * ROUGH.T @ ROUGH)
    return covariance @ seen.T @ (values / deviations), covariance


def on_grid(values=VALUES, wild=False):
    """The source and its deviations on the grid, its strength by MacKay's fixed point, that
    strength, and what determines it; values may be wild, by Student's weights of four degrees.
    """
    strength, deviations = 1.0, np.full(len(at), SIGMA)
    for _ in range(60):
        mean, covariance = smoothest(strength, values, deviations)
        gamma = len(ROUGH) - strength * np.trace(ROUGH @ covariance @ ROUGH.T)
        strength = gamma / float(((ROUGH @ mean) ** 2).sum())
        if wild:
            left = (SEEN @ mean - values) / SIGMA
            deviations = SIGMA * np.sqrt((4 + left**2) / 5)
    return mean, np.sqrt(np.diag(covariance)), strength, gamma


def loaded(sigma=SIGMA, values=VALUES, loss="squares"):
    measured = Eq(u, Data(values, sigma=sigma, loss=loss)) @ PointCloud({x: at})
    return Problem(line, Eq(u.diff(x, 2), -f), Eq(u(0), 0), Eq(u(1), 0), measured)


@pytest.fixture(scope="module")
def solution():
    return solve(loaded(), budget=30)


def test_field_and_bands_are_those_of_a_grid(solution):
    mean, deviations, _, gamma = on_grid()
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


def test_other_rules_say_what_they_say_on_a_grid(solution):
    """Strengths by the discrepancy, and by cross validation, each looked for one by one."""
    *_, strength, _ = on_grid()
    factors = 10 ** np.linspace(-4, 4, 161)
    squares, scores, means = [], [], []
    for factor in factors:
        mean, covariance = smoothest(factor * strength)
        squares.append((((SEEN @ mean - VALUES) / SIGMA) ** 2).sum())
        used = np.trace(SEEN @ covariance @ SEEN.T) / SIGMA**2
        scores.append(squares[-1] / (len(at) - used) ** 2)
        means.append(mean)
    best, now = int(np.argmin(scores)), len(factors) // 2
    factor, moved, gain = solution.posterior.cross_validation
    assert factor == pytest.approx(factors[best], rel=0.3)
    assert gain == pytest.approx(1 - scores[best] / scores[now], abs=0.01)
    change = np.sqrt(np.mean((means[best] - means[now]) ** 2))
    sizes = np.sqrt(np.mean(np.diag(smoothest(strength)[1])))
    assert moved == pytest.approx(change / sizes, abs=0.1)
    allowed = factors[np.abs(np.array(squares) - len(at)) <= 2 * np.sqrt(2 * len(at))]
    assert solution.posterior.discrepancy[1] == pytest.approx(allowed[-1], rel=0.3)
    assert "generalized cross validation prefers" in solution.report()
    assert "the discrepancy allows" in solution.report()


def test_wild_values_hardly_move_a_field():
    """Against the same weights on a grid; squares would be moved by many deviations."""
    spoiled = VALUES.copy()
    spoiled[[4, 15, 30]] += [0.05, -0.08, 0.03]
    robust = solve(loaded(values=spoiled, loss="student"), budget=30)
    mean, deviations, *_ = on_grid(spoiled, wild=True)
    inside = slice(10, -10)
    assert robust.stopped == Stop.MET
    apart = robust(GRID, expression=f) - mean
    assert np.abs(apart[inside] / deviations[inside]).max() < 0.2
    assert np.median(robust.sd(f, GRID) / deviations) == pytest.approx(1, abs=0.05)
    squares, *_ = on_grid(spoiled)
    assert np.abs((squares - mean) / deviations).max() > 3


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


def test_bars_hold_what_fewer_functions_came_to(monkeypatch):
    """A source with a layer that so few polynomials do not resolve: by the data's errors alone the
    bars hold it in 64 % of the places.
    """
    fields = replace(measured_fields.FIELDS, doublings=1)
    monkeypatch.setattr(measured_fields, "FIELDS", fields)
    steep = np.tanh((GRID - 0.5) / 0.02)
    places, sigma = np.linspace(0.01, 0.99, 200), 1e-4
    values = np.interp(places, GRID, deflection() @ steep)
    values = values + sigma * np.random.default_rng(0).standard_normal(len(places))
    measured = Eq(u, Data(values, sigma=sigma)) @ PointCloud({x: places})
    walls = Eq(u, 0) @ line.boundary
    with pytest.warns(UserWarning, match="error bars may be too small"):
        solution = solve(Problem(line, Eq(u.diff(x, 2), -f), walls, measured), budget=30)
    assert solution.stopped == Stop.STAGNATED
    held = np.abs(solution(GRID, expression=f) - steep) < 1.96 * solution.sd(f, GRID)
    assert np.mean(held) > 0.9
