"""A particular solution that cells share: in closed form, by its residual, and beside jumps of k."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Abs, Eq, Piecewise, Rational, cos, exp, pi, sin

from pinnsolve import Ball, Box, Problem, coordinates, laplacian, normal, unknown
from pinnsolve.basis.adapted.particular import Particular
from pinnsolve.cells.particular import left_by
from pinnsolve.cells.shared import shared_by, sides_to_share
from pinnsolve.compile.system import compile_problem
from pinnsolve.fields.tree import grid

x, y, z = coordinates("x y z")
w = unknown("w", x, y, z)
CUBE = Box({x: (0, 1), y: (0, 2), z: (0, 1)})
BODY = CUBE - Ball({x: Rational(1, 2), y: 1, z: Rational(1, 2)}, Rational(1, 4))
TREE = grid(CUBE.bounds, [2, 2, 2])
FREE = ((False, False),) * 3
FIXED = ((True, True),) * 3
ACROSS = ((True, True), *FREE[1:])
N = normal(x, y, z)
FLUX = sum(w.diff(c) * n for c, n in zip((x, y, z), N, strict=True))
LAYERS = Piecewise((64, z < Rational(1, 2)), (100, True))


def system_of(screening, load, condition=FLUX):
    law = Eq(-3 * laplacian(w) + 3 * screening * w, 3 * load)
    return compile_problem(Problem(BODY, law, Eq(condition, 0) @ BODY.boundary))


def parts_of(squares, sides=None):
    return [Particular((20, 24, 20), square, sides) for square in squares]


@pytest.mark.parametrize(("condition", "sides"), [(FLUX, FREE), (w, FIXED)])
def test_it_is_the_solution_of_the_box_without_holes(condition, sides):
    """Products of cosines have no flux at the box's sides, of sines no value."""
    kind, number = (cos, np.cos) if sides == FREE else (sin, np.sin)
    load = (14 + (9 + 1 / Rational(4) + 4) * pi**2) * kind(3 * pi * x) * kind(pi * y / 2)
    system = system_of(14, load * kind(2 * pi * z), condition)
    found = shared_by(system, TREE, parts_of([-14.0] * 8, sides))
    assert found is not None
    at = [np.linspace(0, 1, 7), np.linspace(0, 2, 5), np.linspace(0, 1, 6)]
    each = [number(k * np.pi * t) for k, t in zip((3, 0.5, 2), at, strict=True)]
    assert found.on(at) == pytest.approx(np.einsum("i,j,k->ijk", *each), abs=1e-9)


def test_it_solves_the_equation_in_cells_where_k_jumps_between_layers():
    system = system_of(LAYERS, exp(sin(3 * y)) * (x + z))
    squares = [-64.0 if box[2, 0] < 0.25 else -100.0 for box in TREE.cells]
    parts = parts_of(squares)
    assert sides_to_share(system, TREE, parts, 1e-4) == FREE
    assert sides_to_share(system, TREE, parts, 1e-9) is None
    found = shared_by(system, TREE, parts_of(squares, FREE))
    assert found is not None
    for part, box in zip(parts, TREE.cells, strict=True):
        assert left_by(part, system, box, found.on) < 1e-4
    # Values and slopes across the jump: one function for both sides.
    step, at = 1e-4, [np.linspace(0.1, 0.9, 4), np.linspace(0.1, 1.9, 4)]
    low, mid, high = (found.on([*at, np.array([0.5 + k * step])]) for k in (-1, 0, 1))
    size = np.abs(mid).max()
    assert np.abs(low - 2 * mid + high).max() < 300 * step**2 * size


@pytest.mark.parametrize(
    ("screening", "load", "squares", "sides"),
    [
        (9, exp(y), [-9.0] * 8, FREE),
        (0, exp(y), [0.0] * 8, ACROSS),  # without a fixed side a constant is open
        (-2 * pi**2, exp(y), [2 * np.pi**2] * 8, None),  # resonance, whatever is fixed
        (9, Abs(y - Rational(5, 7)), [-9.0] * 8, None),
        (9, exp(y), [-9.0, -8.0, -8.0, -9.0, -9.0, -9.0, -9.0, -9.0], None),
    ],
)
def test_there_is_none_near_resonance_or_where_data_are_rough(screening, load, squares, sides):
    assert sides_to_share(system_of(screening, load), TREE, parts_of(squares), 1e-4) == sides


def test_cells_that_do_not_say_so_share_none():
    assert shared_by(system_of(9, exp(y)), TREE, parts_of([-9.0] * 8)) is None
