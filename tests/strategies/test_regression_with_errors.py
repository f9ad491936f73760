"""A curve through data with errors, and no equation beside them."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import Data, Interval, PointCloud, Problem, coordinates, solve, unknown

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
