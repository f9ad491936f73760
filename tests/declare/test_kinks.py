"""Jumps and kinks in an equation's data are found with their order."""

from __future__ import annotations

import pytest
from sympy import Abs, Heaviside, Max, Rational, exp, floor, frac, sign, sin, sqrt

from pinnsolve import Ball, Box, Interval, coordinates, laplacian, unknown
from pinnsolve.declare.kinks import kinks
from small_problems import two

x, y, t = coordinates("x y t")
u, v, w, a = unknown("u", x, y), unknown("v", x), unknown("w", x, t), unknown("a", t)
LINE, SQUARE, SLAB = Interval(x, 0, 1), Box({x: (0, 1), y: (0, 1)}), Box({x: (0, 1), t: (0, 1)})
TENTHS, THIRD = Rational(3, 10), Rational(1, 3)


# Left minus right side, its region, and for every kink the place, its order, and how often is
# differentiated across.
FOUND = {
    "jump": (v.diff(x, 2) - two(-2, 2, x < TENTHS), LINE, {("x = 0.3", 0, 2)}),
    "kink": (v.diff(x) - Abs(x - 0.3), LINE, {("x = 0.3", 1, 1)}),
    "square": (v.diff(x) - Max(x - 0.3, 0) ** 2, LINE, {("x = 0.3", 2, 1)}),
    "cube": (v.diff(x, 4) - Max(x - 0.3, 0) ** 3, LINE, {("x = 0.3", 3, 4)}),
    "thin": (
        v.diff(x) - two(7, 2, (x > 0.5) & (x < 0.501)),
        LINE,
        {("x = 0.5", 0, 1), ("x = 0.501", 0, 1)},
    ),
    "floor": (v.diff(x, 2) - floor(3 * x), LINE, {("x = 0.333333", 0, 2), ("x = 0.666667", 0, 2)}),
    "frac": (v.diff(x) - sin(frac(2 * x)), LINE, {("x = 0.5", 0, 1)}),
    "coefficient": (v.diff(x, 2) + v * (2 + sign(sin(5 * x))), LINE, {("x = 0.628319", 0, 2)}),
    "two": (
        v.diff(x) - x * Heaviside(x - 0.5) - sign(x - THIRD),
        LINE,
        {("x = 0.5", 0, 1), ("x = 0.333333", 0, 1)},
    ),
    "in time": (w.diff(t) - w.diff(x, 2) - Heaviside(t - 0.3), SLAB, {("t = 0.3", 0, 1)}),
    "in space": (w.diff(t) - w.diff(x, 2) - Heaviside(x - 0.3), SLAB, {("x = 0.3", 0, 2)}),
    "slanted": (laplacian(u) - two(1, 0, x < 1 - y), SQUARE, {("x + y - 1 = 0", 0, 2)}),
    "circle": (
        laplacian(u) - two(1, 0, sqrt(x**2 + y**2) < 1),
        Ball({x: 0, y: 0}, 2),
        {("x**2 + y**2 - 1 = 0", 0, 2)},
    ),
    "wave": (laplacian(u) - Abs(sin(x + y) - 0.5), SQUARE, {("sin(x + y) - 0.5 = 0", 1, 2)}),
    "outside": (v.diff(x) - Abs(x - 2) - two(1, 2, x < 0), LINE, set()),
    "of the unknown": (v.diff(x) - Abs(v), LINE, set()),
    "smooth": (v.diff(x) - two(x**2, x * x, x < 0.5), LINE, set()),
    "plain": (v.diff(x) - sin(x), LINE, set()),
}


@pytest.mark.parametrize("name", FOUND)
def test_kinks_are_found_with_their_order(name):
    side, region, expected = FOUND[name]
    assert {(k.place, k.order, k.across) for k in kinks(side, region)} == expected


def test_kinks_move_with_the_clock():
    (found,) = kinks(w.diff(t) - Heaviside(t - 0.8), SLAB, {t: t + 0.5})
    assert found.place == "t = 0.3"
    assert kinks(w.diff(t) - Heaviside(t - 0.3), SLAB, {t: t + 0.5}) == ()


def test_denominators_without_zeros_are_no_kinks(monkeypatch):
    """A Gaussian that spreads has 1 / (1 + t) in its exponent: none of its derivatives is asked
    for, which take seconds, once a formula is long.
    """
    monkeypatch.setattr("pinnsolve.declare.kinks.jump_at", None)
    spread = exp(-(x**2) / (1 + t)) / (1 + t)
    assert kinks(w.diff(t) - w.diff(x, 2) - spread, SLAB) == ()
    monkeypatch.undo()
    (found,) = kinks(w.diff(t) - w.diff(x, 2) - exp(-1 / (t - THIRD)), SLAB)
    assert found.order == 0
