"""Cells of space: around balls, along planes where data jump, narrower where data vary more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq, Piecewise, Rational, exp, lambdify, pi, sin, sqrt

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Dense,
    Problem,
    Waves,
    compile_problem,
    coordinates,
    laplacian,
    manufactured,
    unknown,
)
from pinnsolve.cells.places import rows_of
from pinnsolve.cells.solve import solved
from pinnsolve.cells.spaces import cells_of
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.tree import Tree, grid, replaced
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
    # A ball that such a plane cuts is no hole of one cell: those beside the cut have its poles.
    layout = first_layout(compiled(CUBE - BALL, screened), None, None, 1e-4)
    assert not any(layout.held(box) for box in layout.tree.cells)
    assert len(with_poles(layout)) > 1
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
    held = first_layout(compiled(CUBE - large), None, None, np.inf)
    assert any(held.held(box) for box in held.tree.cells)
    wavy = first_layout(compiled(CUBE - large, load=sin(20 * pi * y)), None, None, np.inf)
    assert not any(wavy.held(box) for box in wavy.tree.cells)
    sides = np.array([np.ptp(box, axis=1) for box in wavy.tree.cells])
    # Around it the solution varies along all coordinates as the data do along one.
    assert (sides.max(axis=1) < 2 * sides.min(axis=1)).all()


def test_waves_are_slower_where_data_vary_less():
    system = compiled(CUBE, load=exp(x) * sin(20 * pi * y))
    scale = first_layout(system, None, None, np.inf).parts[0].initialize.scale
    assert scale["x"] == scale["z"] < scale["y"]


def test_sides_on_the_boundary_leave_fewer_directions_to_others():
    system, waves = compiled(CUBE), Dense(64, activation="sin", initialize=Waves(5.0))
    tree = grid(CUBE.bounds, (3, 3, 3))
    rows = rows_of(system, cells_of(system, tree, [waves] * 27, 0), 0)
    middle, corner = (int(tree.owners(np.full((1, 3), at))[0]) for at in (0.5, 0.1))
    # Six sides have neighbours, and three: up to rounding.
    assert rows.free(middle) == pytest.approx(2 * rows.free(corner), abs=1)
    # Of a side with four smaller neighbours, each is a quarter.
    finer = replaced(tree, lambda k, box: grid(box, (2, 2, 2)) if k == corner else Tree(box))
    rows = rows_of(system, cells_of(system, finer, [waves] * 34, 0), 0)
    beside = int(finer.owners(np.array([[0.5, 0.1, 0.1]]))[0])
    assert rows.free(beside) == pytest.approx(rows.free(corner) * 4 / 3, abs=1)


@pytest.mark.slow
def test_poles_are_the_solution_around_a_ball_that_eight_cells_cut():
    ball = Ball(dict.fromkeys((x, y, z), Rational(1, 2)), Rational(1, 8))
    r2 = sum((c - Rational(1, 2)) ** 2 for c in (x, y, z))
    body, exact = CUBE - ball, (z - Rational(1, 2)) / sqrt(r2) ** 3
    problem = manufactured(body, laplacian(u), u @ body.boundary, exact={u: exact})
    system, waves = compile_problem(problem), Dense(150, activation="sin", initialize=Waves(5.0))
    layout = replace(first_layout(system, (2, 2, 2), None, 1e-2), parts=(waves,) * 8)
    at = sample_region(body, 2000, 5).x
    truth = lambdify((x, y, z), exact)(*at.T)
    fields = [
        solved(system, layout.tree, parts, 0, Budget()).field
        for parts in (layout.parts, layout.declared.parts)
    ]
    off = [np.linalg.norm(f.values(at)[0].numpy() - truth) for f in fields]
    alone, beside = off / np.linalg.norm(truth)
    assert beside < 1e-8
    assert alone > 1e-3
