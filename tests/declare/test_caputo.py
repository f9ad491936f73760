"""Caputo's derivative against powers, and relaxation against the Mittag-Leffler function."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from sympy import Eq, Float, Rational, gamma, pi, sin

from pinnsolve import Interval, Problem, caputo, coordinates, solve, unknown

x, t = coordinates("x t")
u, w = unknown("u", t), unknown("w", x, t)
line = Interval(t, 0, 1)


def mittag_leffler(a, z):
    """E_a(z), by its series."""
    return float(
        mpmath.nsum(lambda k: mpmath.mpf(z) ** k / mpmath.gamma(a * k + 1), [0, mpmath.inf])
    )


SLOW = [pytest.param(a, marks=pytest.mark.slow) for a in (Rational(3, 2), Float(0.7))]


@pytest.mark.parametrize("order", [Rational(1, 2), *SLOW])
def test_of_a_square(order):
    """D^a t^2 = 2 t^(2 - a) / gamma(3 - a)."""
    law = Eq(caputo(u, t, order), 2 * t ** (2 - order) / gamma(3 - order))
    starts = [Eq(u(0), 0), Eq(u.diff(t).subs(t, 0), 0)][: 1 + bool(order > 1)]
    solution = solve(Problem(line, law, *starts), tolerance=1e-8)
    assert solution(0.7) == pytest.approx(0.49, abs=1e-10)


@pytest.mark.parametrize("root", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_relaxation_in_the_root_of_time(root):
    """D^a u = -u is E_a(-t^a), a smooth function of the root of time."""
    law = Eq(caputo(u, t, Rational(1, root), power=root), -u)
    solution = solve(Problem(line, law, Eq(u(0), 1)), tolerance=1e-10)
    assert solution.stopped == "met"
    for time in (0.3, 1.0):
        assert solution(time) == pytest.approx(mittag_leffler(1 / root, -time), abs=1e-10)


@pytest.mark.slow
def test_subdiffusion():
    rod = Interval(x, 0, 1)
    problem = Problem(
        rod * line,
        Eq(caputo(w, t, Rational(1, 2), power=2), w.diff(x, 2)),
        Eq(w(x, 0), sin(pi * x)),
        Eq(w, 0) @ rod.boundary,
    )
    solution = solve(problem, tolerance=1e-3)
    assert solution.stopped == "met"
    known = mittag_leffler(0.5, -(np.pi**2) * 0.8)
    assert solution([[0.5, 0.8]])[0] == pytest.approx(known, abs=1e-3)


@pytest.mark.parametrize(
    ("arguments", "kind", "told"),
    [
        ((u, t, 1), ValueError, "derivatives of whole orders are u.diff"),
        ((u, t, 2.5), ValueError, "an order between 0 and 2"),
        ((u, x, 0.5), TypeError, "an unknown of time"),
        ((u, t, Rational(3, 2), 2), ValueError, "1 for orders above 1"),
    ],
)
def test_orders_that_are_none(arguments, kind, told):
    with pytest.raises(kind, match=told):
        caputo(*arguments)
