"""Materials whose coefficients depend on the solution."""

from __future__ import annotations

from sympy import Eq, Rational, sqrt

from pinnsolve import (
    Interval,
    Problem,
    by_region,
    coordinates,
    divergence,
    gradient,
    solve,
    unknown,
)

(x,) = coordinates("x")
v = unknown("v", x)


def test_coefficients_of_a_region_may_depend_on_the_solution():
    """k = 1 + u on the left, where (1 + u)^2 / 2 is linear, and 5 on the right."""
    left, right = Interval(x, -1, 0), Interval(x, 0, 1)
    exact = by_region({left: sqrt(4 + 2 * x) - 1, right: 1 + x / 5})
    law = Eq(divergence(by_region({left: 1 + v, right: 5}) * gradient(v)), 0)
    ends = Eq(v(-1), sqrt(2) - 1), Eq(v(1), Rational(6, 5))
    rod = Problem(Interval(x, -1, 1), law, *ends, exact={v: exact})
    solution = solve(rod, tolerance=1e-8)
    assert solution.stopped == "met"
    assert solution.error() < 1e-8
