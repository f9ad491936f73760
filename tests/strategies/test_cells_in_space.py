"""Cells of space: around balls, along planes where data jump, narrower where data vary more."""

from __future__ import annotations

import numpy as np
from sympy import Eq, Piecewise, Rational, exp, pi, sin

from pinnsolve import Ball, Box, Problem, compile_problem, coordinates, laplacian, unknown
from pinnsolve.search.scales import data_wavenumbers
from pinnsolve.strategies.kept import holes_kept
from pinnsolve.strategies.layouts import first_layout

x, y, z = coordinates("x y z")
u = unknown("u", x, y, z)
CUBE = Box(dict.fromkeys((x, y, z), (0, 1)))
QUARTER = Rational(1, 4)
BALL = Ball({x: QUARTER, y: QUARTER, z: QUARTER}, Rational(1, 20))


LEFT = -laplacian(u)


def compiled(body, left=LEFT, load=1):
    return compile_problem(Problem(body, Eq(left, load), Eq(u, 0) @ body.boundary))


def with_poles(layout):
    return [k for k, part in enumerate(layout.declared.parts) if "Poles" in str(part)]


def test_a_ball_has_a_cell_of_its_own_with_poles():
    layout = first_layout(compiled(CUBE - BALL), None, None, 1e-4)
    (number,) = with_poles(layout)
    assert layout.held(layout.tree.cells[number]) == layout.holes


def test_goals_and_walls_say_how_many_poles_a_ball_has():
    system = compiled(CUBE - BALL)
    orders = [holes_kept(system, goal)[0].order for goal in (1e-2, 1e-6, 1e-8)]
    assert orders == [6, 8, 10]
    # A wall a tenth of a radius away wants more poles than are worth it.
    close = Ball({x: Rational(11, 100), y: QUARTER, z: QUARTER}, Rational(1, 10))
    assert not holes_kept(compiled(CUBE - close), 1e-8)


def test_cells_are_cut_where_data_jump():
    screened = -laplacian(u) + Piecewise((64, z < Rational(3, 10)), (100, True)) * u
    system = compiled(CUBE, screened)
    cells = first_layout(system, None, None, 1e-4).tree.cells
    assert all(box[2, 1] <= 0.3 or box[2, 0] >= 0.3 for box in cells)
    # A ball that such a plane cuts is no hole of one cell.
    assert not with_poles(first_layout(compiled(CUBE - BALL, screened), None, None, 1e-4))
    assert len(first_layout(system, (1, 1, 1), None, 1e-4).tree.cells) == 1


def test_cells_are_narrower_where_data_vary_more():
    """A wave of k radians is a series of Chebyshev polynomials up to the degree k / 2, about."""
    system = compiled(CUBE, load=exp(x) * sin(20 * pi * y))
    found = data_wavenumbers(system)
    assert found[0] < 10
    assert 20 * np.pi <= found[1] < 1.4 * 20 * np.pi
    assert found[2] == 0
    # For a goal that asks for no more.
    layout = first_layout(system, None, None, np.inf)
    counts = [len({float(box[axis, 0]) for box in layout.tree.cells}) for axis in range(3)]
    assert counts == [2, 6, 2]


def test_a_ball_is_cut_where_its_cell_would_be_too_large_for_the_data():
    large = Ball({x: Rational(1, 2), y: Rational(1, 2), z: Rational(1, 2)}, Rational(1, 5))
    assert with_poles(first_layout(compiled(CUBE - large), None, None, np.inf))
    wavy = compiled(CUBE - large, load=sin(20 * pi * y))
    assert not with_poles(first_layout(wavy, None, None, np.inf))
