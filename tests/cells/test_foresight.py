"""What data leave over in a cell, seen before anything is solved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sympy import Eq, Float, Integer, Piecewise, exp, sin, sympify, tanh

from pinnsolve import Box, Budget, Dense, Problem, Waves, coordinates, laplacian, normal, unknown
from pinnsolve.cells.foresight import Foresight, Projection
from pinnsolve.cells.judge import judged
from pinnsolve.cells.sizes import sizes_of
from pinnsolve.cells.solve import solved
from pinnsolve.compile.system import compile_problem
from pinnsolve.fields.tree import Tree, grid
from pinnsolve.strategies import cuts
from pinnsolve.strategies.cuts import cut_for_data, places_of_cuts

X, Y = coordinates("x y")
U = unknown("u", X, Y)
SQUARE = Box({X: (0, 1), Y: (0, 1)})
UNIT = np.array([[0.0, 1.0], [0.0, 1.0]])
NEEDLE = exp(-(10**9) * ((X - Float("0.3712")) ** 2 + (Y - Float("0.6181")) ** 2))


def poisson(load, values=0, factor=1):
    law = Eq(-laplacian(U) + factor * U, load)
    return compile_problem(Problem(SQUARE, law, Eq(U, sympify(values)) @ SQUARE.boundary))


def cut(system, goal=1e-6, functions=150):
    tree = grid(UNIT, (4, 4))
    return cut_for_data(tree, Foresight(system, functions, 7.0), (), goal)


def test_a_projection_is_that_of_least_squares():
    generator = torch.Generator().manual_seed(0)
    functions = torch.randn(40, 12, dtype=torch.float64, generator=generator)
    values = torch.randn(40, 3, dtype=torch.float64, generator=generator)
    onto = Projection.of(functions)
    solution = torch.linalg.lstsq(functions, values).solution
    assert torch.allclose(onto.coefficients(values), solution, atol=1e-12)


@pytest.mark.parametrize("steep", [4, 16])
def test_what_is_foreseen_is_about_the_residual_that_a_solve_leaves(steep):
    front = tanh(steep * (X - Y))
    system = poisson(front - laplacian(front, X, Y), front)
    seen = Foresight(system, 200, 7.0).at(UNIT)
    waves = Dense(200, activation="sin", initialize=Waves(7.0))
    found = solved(system, Tree(UNIT), [waves], 0, Budget())
    residual = judged(found.rows, found.field, 1).residuals[0]
    size = float(sizes_of(system, found.field, 1)[0])
    assert residual / 10 < seen.left**0.5 / size < 2 * residual


def test_smooth_data_ask_for_no_cuts():
    assert len(cut(poisson(sin(3 * X * Y), X + Y)).cells) == 16


def test_fluxes_ask_for_no_cuts_at_corners_where_normals_jump():
    n = normal(X, Y)
    flux = Eq(U.diff(X) * n[0] + U.diff(Y) * n[1], n[0] * exp(X))
    problem = Problem(SQUARE, Eq(U - laplacian(U), 1), flux @ SQUARE.boundary)
    assert len(cut(compile_problem(problem)).cells) == 16


def test_data_that_are_zero_ask_for_nothing():
    assert Foresight(poisson(Integer(0)), 50, 7.0).at(UNIT).left == 0


def test_a_front_along_a_coordinate_is_cut_across_alone():
    tree = cut(poisson(10**4 * tanh(100 * (X - Float("0.37")))))
    sides = np.array([np.ptp(box, axis=1) for box in tree.cells])
    assert sides[:, 0].min() < 1 / 30
    assert (sides[:, 1] == 1 / 4).all()


def test_a_needle_between_all_points_is_found():
    tree = cut(poisson(10**9 * NEEDLE))
    sides = np.array([np.ptp(box, axis=1).max() for box in tree.cells])
    smallest = [box for box, side in zip(tree.cells, sides, strict=True) if side < 1e-3]
    assert smallest
    for box in smallest:
        assert np.abs(box.mean(axis=1) - [0.3712, 0.6181]).max() < 5e-3


def test_steep_values_on_a_side_cut_the_cells_there():
    tree = cut(poisson(Integer(0), tanh(200 * (X - Float("0.4"))) * (1 - Y)))
    small = [box for box in tree.cells if np.ptp(box, axis=1).max() < 1 / 8]
    assert small
    assert max(np.abs(box[1]).min() for box in small) < 0.2


def test_steep_coefficients_cut_cells():
    factor = 2000 * (2 + tanh(20 * (X - Y)))
    assert len(cut(poisson(Integer(1), factor=factor), goal=1e-4).cells) > 16


def test_the_worst_cells_are_cut_first_where_there_are_too_many(monkeypatch):
    monkeypatch.setattr(cuts, "CUTTING", replace(cuts.CUTTING, most=(30, 30, 30)))
    tree = cut(poisson(10**9 * NEEDLE))
    smallest = min(tree.cells, key=lambda box: float(np.ptp(box, axis=1).max()))
    assert len(tree.cells) == 30
    assert np.abs(smallest.mean(axis=1) - [0.3712, 0.6181]).max() < 0.02


def test_cells_end_where_data_jump():
    system = poisson(Piecewise((1, Float("0.3") > X), (2, True)))
    assert places_of_cuts(system, ()) == [[0.3], []]


def test_cuts_that_leave_slivers_are_not_made():
    system = poisson(Piecewise((1, Float("0.001") > X), (2, True)))
    assert places_of_cuts(system, ()) == [[], []]


def test_what_shall_be_whole_is_not_cut():
    system = poisson(10**4 * tanh(100 * (X - Y)))
    hole = np.array([[0.4, 0.6], [0.4, 0.6]])
    assert cut_for_data(Tree(UNIT), Foresight(system, 50, 7.0), [hole], 1e-6).cells == (UNIT,)
