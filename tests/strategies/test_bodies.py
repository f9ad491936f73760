"""Cells around bodies in a flow."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Eq, Rational

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Problem,
    by_region,
    coordinates,
    decompose,
    divergence,
    gradient,
    laplacian,
    unknown,
)
from pinnsolve.compile.system import compile_problem
from pinnsolve.problems.composite import COMPOSITE
from pinnsolve.search.task import Task
from pinnsolve.strategies.kept import holes_kept, holes_of_systems
from pinnsolve.strategies.layouts import first_layout
from pinnsolve.strategies.turns import cells_first, share_of_cells


@pytest.mark.parametrize(("name", "longest"), [("stokes", 1.0), ("navier_stokes", 0.14)])
def test_cells_of_a_system_grow_with_the_distance_from_its_hole(name, longest):
    problem = COMPOSITE[f"{name}_cylinder"]()
    system = compile_problem(problem)
    layout = first_layout(system, None, None, 1e-4)
    (hole,) = layout.holes
    for box in layout.tree.cells:
        low, high = (np.array(hole.at) + sign * hole.radius for sign in (-1, 1))
        gap = np.linalg.norm(np.maximum(np.maximum(box[:, 0] - high, low - box[:, 1]), 0))
        assert np.ptp(box, axis=1).max() <= max(longest, 2 * gap)
    pairs = list(zip(layout.parts, layout.tree.cells, strict=True))
    (inner,) = (p.width for p, box in pairs if layout.held(box))
    outer = {p.width for p, box in pairs if not layout.held(box)}
    assert inner == 200
    # Newton's method begins with fewer, where the goal is loose; a hole's cell cannot be cut.
    assert outer == {200 if system.linear else 100}
    assert {p.width for p in first_layout(system, None, None, 1e-5 / 2).parts} == {200}
    assert holes_of_systems(system, 1e-4)
    # One unknown's cells are cheap: residuals say where they are to be cut.
    assert not holes_of_systems(compile_problem(COMPOSITE["poisson_classic"]()), 1e-4)


def test_a_hole_whose_centre_lies_on_a_wall_has_no_image_there():
    """Half a ring: nothing mirrors its poles, so that there are no more than usual."""
    x, y = coordinates("x y")
    u = unknown("u", x, y)
    ring = Ball({x: 0, y: 0}, 2) - Ball({x: 0, y: 0}, 1)
    half = ring & Box({x: (-2, 2), y: (0, 2)})
    system = compile_problem(Problem(half, Eq(laplacian(u), 0), Eq(u, x) @ half.boundary))
    orders = {hole.radius: hole.order for hole in holes_kept(system, 1e-6)}
    assert all(order < 33 for order in orders.values())


@pytest.mark.parametrize("off", [0, Rational(1, 100)])
def test_circles_around_a_hole_mirror_it_beyond_themselves(off):
    """A coated disk: circles of one centre have no image of it, and a circle a little off it has
    one far away; walls at a distance of 1 have the nearest.
    """
    x, y = coordinates("x y")
    u, plate = unknown("u", x, y), Box({x: (-1, 1), y: (-1, 1)})
    disk, coat = Ball({x: 0, y: 0}, Rational(2, 5)), Ball({x: off, y: 0}, Rational(1, 2))
    k = by_region({disk: 10, coat - disk: Rational(1, 1000), plate - coat: 1})
    law = Eq(divergence(k * gradient(u)), 0)
    system = compile_problem(decompose(Problem(plate, law, Eq(u, x) @ plate.boundary)).problem)
    for hole in holes_kept(system, 1e-6):
        image = 2 - hole.radius**2 / 2
        assert hole.order == math.ceil(math.log(1e-10) / math.log(hole.radius / image))


@pytest.mark.parametrize("name", ["stokes_step", "backward_step"])
def test_a_step_whose_sides_are_walls_is_no_hole(name):
    """The largest ball in it touches two walls, which mirror it, and has no cell of its own."""
    system = compile_problem(COMPOSITE[name]())
    assert not holes_kept(system, 1e-5)
    assert len(first_layout(system, None, None, 1e-5).tree.cells) == 8


@pytest.mark.parametrize(("name", "share"), [("stokes_step", 1.0), ("stokes_cylinder", 0.75)])
def test_cells_beside_rough_corners_have_all_seconds(name, share):
    task = Task(compile_problem(COMPOSITE[name]()), 1e-5, Budget(60), 0)
    assert cells_first(task)
    assert share_of_cells(task) == share
