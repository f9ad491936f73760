"""A curve through data with errors, and no equation beside them."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import Data, Dense, Interval, PointCloud, Problem, coordinates, solve, unknown

x, t = coordinates("x t")
u = unknown("u", x)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_curve_through_scattered_data_has_a_band(seed):
    draw = np.random.default_rng(seed)
    xs = draw.random(300)
    values = np.sin(6 * xs) + 0.05 * draw.standard_normal(300)
    problem = Problem(Interval(x, 0, 1), Eq(u, Data(values, sigma=0.05)) @ PointCloud({x: xs}))
    solution = solve(problem)
    at = np.linspace(0, 1, 60)[:, None]
    low, high = solution.band(u, at, 0.95)
    wanted = np.sin(6 * at[:, 0])
    assert np.mean((low <= wanted) & (wanted <= high)) > 0.8
    # The mean of so many values is known better than each of them.
    assert np.sqrt(np.mean((solution(at) - wanted) ** 2)) < 0.02
    asked = solve(problem, tolerance=1e-3)
    assert asked.stopped == "stagnated"
    (said,) = asked.diagnosis()
    assert "these data tell what is sought to" in said
    assert "unreliable" not in asked.report()


@pytest.mark.parametrize(
    ("value", "counts"), [(2, True), (Data(np.full(1, 2.0)), True), (Data([2.0], sigma=0.1), False)]
)
def test_a_value_is_set_aside_where_it_has_errors(value, counts):
    """Beside conditions that it contradicts: not where it stands on one point, nor as exact data."""
    v = unknown("v", x)
    flat = Eq(v.diff(x, 2), 0), Eq(v, 0) @ Interval(x, 0, 1).boundary
    there = Eq(v, value) @ PointCloud({x: [0.5]})
    with pytest.warns(UserWarning, match="no solution yet"):
        solution = solve(Problem(Interval(x, 0, 1), *flat, there), Dense(20))
    *equations, last = zip(solution.of_equations, solution.residuals(), strict=True)
    assert all(counted == left for counted, left in equations)
    assert last == (last[1] if counts else 0.0, last[1])
    assert last[1] > 0.5
