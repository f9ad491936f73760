"""Shapes that are declared wrongly are refused by name, with what to write."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, cos, pi, sin, sqrt

from mistakes import named, require_refused
from pinnsolve import (
    Arc,
    Ball,
    Box,
    Cone,
    Curve,
    Cylinder,
    Ellipse,
    Implicit,
    Interval,
    Spline,
    Torus,
    coordinates,
    revolve,
)

x, y, z, r, s, t = coordinates("x y z r s t")
whole, square = (s, 0, 2 * pi), {x: (-2, 2), y: (-2, 2)}
circle = {x: cos(s), y: sin(s)}
dots = np.linspace(0, 2 * np.pi, 20, endpoint=False)
REFUSED = {
    "an open curve": (lambda: Curve(circle, (s, 0, pi)), ValueError, "not closed.*Arc"),
    "an eight": (
        lambda: Curve({x: sin(s), y: sin(2 * s)}, whole),
        ValueError,
        r"crosses or touches.*\(0",
    ),
    "twice round": (
        lambda: Curve(circle, (s, 0, 4 * pi)),
        ValueError,
        "crosses or touches|no area",
    ),
    "there and back": (lambda: Curve({x: cos(s), y: cos(s)}, whole), ValueError, "crosses|no area"),
    "another symbol": (lambda: Curve({x: t * cos(s), y: sin(s)}, whole), ValueError, "names t"),
    "a space curve": (
        lambda: Curve({**circle, z: s * 0}, whole),
        ValueError,
        "region of the plane",
    ),
    "no ends": (lambda: Curve(circle, s), TypeError, "two ends"),
    "text": (lambda: Curve({x: "cos(s)", y: sin(s)}, whole), TypeError, "a formula for each"),
    "a list": (lambda: Curve([cos(s), sin(s)], whole), TypeError, "a formula for each"),
    "ends in turn": (lambda: Arc(circle, (s, 1, 0)), ValueError, "lower end first"),
    "a point": (lambda: Arc({x: 0 * s + 1, y: 2}, whole), ValueError, "zero length"),
    "no number": (lambda: Arc({x: sqrt(s), y: s}, (s, -1, 1)), ValueError, "not finite at s=-1"),
    "few points": (lambda: Spline({x: [0, 1, 0], y: [0, 0, 1]}), ValueError, "at least four"),
    "two lengths": (lambda: Spline({x: [0, 1, 0, 2], y: [0, 0, 1]}), ValueError, "as long"),
    "a gap": (lambda: Spline({x: [0, 1, 0, np.nan], y: [0, 0, 1, 1]}), ValueError, "point 3"),
    "twice": (
        lambda: Spline({x: [0, 1, 1, 0, -1], y: [0, 0, 0, 1, 1]}),
        ValueError,
        "points 1 and 2",
    ),
    "a knot": (
        lambda: Spline({x: np.sin(dots), y: np.sin(2 * dots)}),
        ValueError,
        "crosses or touches",
    ),
    "a lost corner": (
        lambda: Spline({x: np.cos(dots), y: np.sin(dots)}, [20]),
        ValueError,
        "20 points",
    ),
    "no semiaxis": (lambda: Ellipse({x: 0, y: 0}, {x: 1}), ValueError, "a semiaxis for each"),
    "flat": (lambda: Ellipse({x: 0, y: 0}, {x: 1, y: 0}), ValueError, "y=0 has zero measure"),
    "one number": (lambda: Ellipse({x: 0, y: 0}, 2), TypeError, "by coordinate"),
    "a cone of nothing": (lambda: Cone({x: 0, y: 0}, 0, {z: (0, 1)}), ValueError, "no volume"),
    "a negative cone": (lambda: Cone({x: 0, y: 0}, (1, -1), {z: (0, 1)}), ValueError, "no volume"),
    "a cone of one end": (lambda: Cone({x: 0, y: 0}, 1, {}), ValueError, "at least one coordinate"),
    "a thin rod": (lambda: Cylinder({x: 0, y: 0}, 0, {z: (0, 1)}), ValueError, "zero measure"),
    "an axis in space": (lambda: Cylinder({x: 0}, 1, {z: (0, 1)}), TypeError, "two coordinates"),
    "a closed ring": (lambda: Torus({x: 0, y: 0, z: 0}, 1, 1), ValueError, "between 0 and that"),
    "beyond the axis": (lambda: revolve(Ball({r: 0, z: 0}, 1), {x: 0, y: 0}), ValueError, "r=-1"),
    "its own axis": (lambda: revolve(Ball({r: 2, z: 0}, 1), {x: 0, z: 0}), ValueError, "two other"),
    "a line turned": (lambda: revolve(Interval(r, 0, 1), {x: 0, y: 0}), TypeError, "plane region"),
    "an equation": (lambda: Implicit(Eq(x**2 + y**2, 1), square), TypeError, "an inequality"),
    "out of the box": (
        lambda: Implicit(x**2 + y**2 < 5, square),
        ValueError,
        "leaves its box at x=",
    ),
    "nothing": (lambda: Implicit(x**2 + y**2 < x - 5, square), ValueError, "empty"),
    "a stranger": (lambda: Implicit(x**2 + z**2 < 1, square), ValueError, "has x, z"),
    "a rod": (lambda: Implicit(x**2 < 1, {x: (-2, 2)}), ValueError, "two or three coordinates"),
}


MISTAKES = named("shapes", REFUSED)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_shapes_that_are_refused(mistake):
    require_refused(*MISTAKES[mistake])


def test_what_a_relation_says_can_be_written_either_way():
    plain = Implicit(x**2 + y**2 < 1, square)
    for other in (x**2 + y**2 < 1, x**2 + y**2 <= 1, 1 - x**2 > y**2):
        region = Implicit(other, Box(square))
        assert region.contains([[0.5, 0.5], [0.8, 0.8]]).tolist() == [True, False]
    assert plain == Implicit(x**2 + y**2 < 1, Box(square))
