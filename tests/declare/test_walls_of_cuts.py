"""Outer walls of a part belong to it alone, also where the rest is the domain without that part."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import Box, Problem, by_region, coordinates, divergence, gradient, solve, unknown
from pinnsolve.declare.partition import nearest, share_around

x, y = coordinates("x y")
u = unknown("u", x, y)
square, strip = Box({x: (0, 1), y: (0, 1)}), Box({x: (0, 0.25), y: (0, 1)})
rest = square - strip
WALLS = np.array([[0.0, 0.3], [0.0, 0.0], [0.1, 1.0], [0.25, 0.5], [0.6, 0.0]])


@pytest.mark.parametrize("order", [(strip, rest), (rest, strip)], ids=["strip first", "rest first"])
def test_walls_have_the_part_behind_them(order):
    found = [order[k] for k in nearest(order, WALLS)]
    assert found[:3] == [strip] * 3
    assert found[4] == rest
    assert found[3] == order[0]  # both have as much of the interface


def test_what_is_around_a_point_is_counted():
    assert share_around(strip, WALLS, square.extent) == pytest.approx(
        [3 / 8, 1 / 8, 3 / 8, 3 / 8, 0]
    )
    assert share_around(rest, WALLS[:3], square.extent) == pytest.approx(0)


def test_conditions_on_outer_walls_are_no_interface_conditions():
    """Two slabs of heat resistance in series."""
    k = by_region({rest: 1, strip: 10})
    sides = Eq(u.diff(y), 0) @ square.at(y=0), Eq(u.diff(y), 0) @ square.at(y=1)
    ends = Eq(u(0, y), 0), Eq(u(1, y), 1)
    solution = solve(
        Problem(square, Eq(divergence(k * gradient(u)), 0), *ends, *sides), tolerance=1e-8
    )
    flux = 1 / (0.25 / 10 + 0.75)
    assert solution([[0.0, 0.5], [0.25, 0.5], [1.0, 0.2]]) == pytest.approx(
        [0, flux / 40, 1], abs=1e-7
    )
    assert solution([[0.0, 0.5]], u.diff(x)) == pytest.approx([flux / 10], abs=1e-6)
