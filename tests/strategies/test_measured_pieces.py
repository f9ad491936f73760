"""Numbers that differ by region, from data with errors: against a formula."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import (
    Data,
    Interval,
    PointCloud,
    Problem,
    by_region,
    coordinates,
    divergence,
    gradient,
    solve,
    unknown,
)
from pinnsolve.running.stop import Stop

(x,) = coordinates("x")
u = unknown("u", x)
line = Interval(x, 0, 1)
TRUE = 1.0, 4.0


def temperature(at):
    """-(k u')' = 1 with u = 0 at both ends, k = 1 on the left half and 4 on the right."""
    left, right = TRUE
    turn = (0.125 / left + 0.375 / right) / (0.5 / left + 0.5 / right)
    on_left = -(np.minimum(at, 0.5) ** 2 / 2 - turn * np.minimum(at, 0.5)) / left
    far = np.maximum(at, 0.5)
    return on_left - ((far**2 / 2 - turn * far) - (0.125 - turn / 2)) / right


@pytest.mark.parametrize("positive", [False, True])
def test_conductivities_of_two_halves(positive):
    random, at = np.random.default_rng(0), np.linspace(0.05, 0.95, 30)
    a, b = (unknown(name, positive=positive) for name in "ab")
    k = by_region({Interval(x, 0, 0.5): a, Interval(x, 0.5, 1): b})
    seen = temperature(at) + 1e-3 * random.standard_normal(len(at))
    solution = solve(
        Problem(
            line,
            Eq(-divergence(k * gradient(u)), 1),
            Eq(u, 0) @ line.boundary,
            Eq(u, Data(seen, sigma=1e-3)) @ PointCloud({x: at}),
        ),
        tolerance=1e-1,
    )
    assert solution.stopped == Stop.MET
    for number, true in zip((a, b), TRUE, strict=True):
        assert abs(float(solution[number]) - true) < 3 * solution[number].deviation < 0.2 * true
