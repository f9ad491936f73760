"""Residuals are asked for where their equations hold."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Max

from pinnsolve import Box, Dense, Problem, by_region, coordinates, divergence, gradient, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.measure import largest_residual
from pinnsolve.discretize.points import Points
from pinnsolve.fields.building import build_space
from pinnsolve.fields.expansion import Expansion

x, y = coordinates("x y")
PLATE, CORNER = Box({x: (-1, 1), y: (-1, 1)}), Box({x: (0, 1), y: (0, 1)})


def loaded(beyond):
    """Zero solves it; the load of the outer piece is zero there, and so large in the corner."""
    u, rest = unknown("u", x, y), PLATE - CORNER
    k = by_region({CORNER: 10, rest: 1})
    load = by_region({CORNER: 0, rest: beyond * Max(x, 0) * Max(y, 0)})
    return Problem(PLATE, Eq(divergence(k * gradient(u)), load), Eq(u, 0) @ PLATE.boundary)


@pytest.mark.parametrize("near", [1e-15, 1e-12, 1e-10, 0.9e-9])
def test_a_piece_that_ends_on_a_side_of_another_is_not_asked_for_beyond(near):
    """The side of the plate is near to both pieces; behind the corner the outer one is not."""
    system = compile_problem(loaded(1e6))
    space = build_space(system, Dense(5), 0)
    zero = Expansion(space, space.like.new_zeros(space.columns))
    along = np.linspace(0.2, 0.8, 40)
    beside = Points(np.stack([along, np.full_like(along, 1 - near)], axis=1), None, np.ones(40))
    assert largest_residual(system, zero, 0, 200, [beside]) == 0.0
