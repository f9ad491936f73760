"""Cells that are alike, and those that only look so."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq, cos, exp, sin

from pinnsolve import (
    Ball,
    Box,
    Dense,
    Functions,
    Problem,
    Waves,
    coordinates,
    laplacian,
    normal,
    unknown,
)
from pinnsolve.cells.kinds import Kinds
from pinnsolve.cells.places import rows_of
from pinnsolve.cells.solve import Steps, solved
from pinnsolve.cells.spaces import cells_of
from pinnsolve.compile.system import compile_problem
from pinnsolve.fields.tree import divided, grid
from pinnsolve.running.budget import Budget
from rank_threads import on_threads

X, Y = coordinates("x y")
SQUARE = Box({X: (0, 1), Y: (0, 1)})
U = unknown("u", X, Y)
WAVES = Dense(60, activation="sin", initialize=Waves(4.0))
LAPLACIAN = laplacian(U)
LOAD = sin(3 * X) * exp(Y)


def problem(equation=LAPLACIAN, region=SQUARE, side=U):
    return Problem(region, Eq(equation, LOAD), Eq(side, cos(X)) @ region.boundary)


def kinds_in(given, tree=None, declared=WAVES):
    """The rows of a grid of 5 x 5 cells, or another tree, and the cell that stands for each."""
    system = compile_problem(given)
    tree = tree or grid(SQUARE.bounds, (5, 5))
    rows = rows_of(system, cells_of(system, tree, [declared] * len(tree.cells), 0), 0)
    kinds = Kinds.of(rows)
    return rows, [kinds.first(k) for k in range(len(tree.cells))]


def test_cells_of_a_grid_are_inner_ones_sides_and_corners():
    _, found = kinds_in(problem())
    assert len(set(found)) == 9
    assert all(first <= number for number, first in enumerate(found))


def beside_a_large_cell():
    """Small cells at different places along the side of a large one."""
    return divided(grid(SQUARE.bounds, (2, 1)), lambda k: (4, 8) if k else (1, 1))


@pytest.mark.parametrize("tree", [None, beside_a_large_cell()])
def test_what_is_alike_has_the_same_rows_and_traces(tree):
    rows, found = kinds_in(problem(), tree)
    assert any(first != number for number, first in enumerate(found))
    frames = {}
    for number, first in enumerate(found):
        if first != number:
            known, own = rows.raw(first), rows.raw(number)
            frames[first] = frames.get(first) or rows.framed(first)[1]
            alike = rows.alike(number, frames[first])
            assert torch.allclose(known.rows, own.rows, 0.0, 1e-12 * float(own.rows.abs().max()))
            assert torch.allclose(alike.target, own.target, 1e-12)
            assert list(alike.traces) == list(own.traces)
            pairs = zip(known.traces.values(), own.traces.values(), strict=True)
            assert all(torch.allclose(a.matrix, b.matrix, 0.0, 1e-10) for a, b in pairs)
            assert all(len(t.offset) == len(t.matrix) for t in own.traces.values())


KINDS = {
    "a coefficient that varies": (problem(laplacian(U) + X * Y * U), 25),
    "a coefficient of the boundary": (problem(side=exp(X + Y) * U), 17),
    "a nonlinear equation": (problem(laplacian(U) + U**3), 25),
}


@pytest.mark.parametrize("name", KINDS)
def test_cells_that_only_look_alike_stand_for_themselves(name):
    given, count = KINDS[name]
    assert len(set(kinds_in(given)[1])) == count


def test_functions_that_do_not_move_with_the_cell_are_not_alike():
    declared = WAVES + Functions(exp(3 * X), sin(5 * Y))
    _, found = kinds_in(problem(), declared=declared)
    assert found == list(range(25))


def test_cells_beside_smaller_ones_are_not_alike():
    (middle,) = grid(SQUARE.bounds, (5, 5)).owners(np.array([[0.5, 0.5]]))
    tree = divided(grid(SQUARE.bounds, (5, 5)), lambda k: (2, 2) if k == middle else (1, 1))
    rows, found = kinds_in(problem(), tree)
    beside = np.array([[0.3, 0.5], [0.7, 0.5], [0.5, 0.3], [0.5, 0.7]])
    assert all(found.count(number) == 1 for number in tree.owners(beside))
    assert len(found) == len(rows.cells.spaces) == 28


def test_cells_that_a_hole_cuts_are_not_alike():
    rows, found = kinds_in(problem(region=SQUARE - Ball({X: 0.5, Y: 0.5}, 0.13)))
    near = np.array([[0.5, 0.5], [0.35, 0.5], [0.65, 0.5], [0.5, 0.35], [0.5, 0.65]])
    for number in rows.cells.tree.owners(near):
        assert found.count(number) == 1
    corners = rows.cells.tree.owners(np.array([[0.3, 0.3], [0.7, 0.3], [0.3, 0.7], [0.7, 0.7]]))
    assert all(found[number] == number or number > found[number] for number in corners)


def test_sharing_changes_no_more_than_round_off():
    given = Problem(
        SQUARE,
        Eq(laplacian(U) + 30 * U, LOAD),
        Eq(normal(X, Y)[0] * U.diff(X) + U, 1) @ SQUARE.boundary,
    )
    system, tree = compile_problem(given), grid(SQUARE.bounds, (4, 4))
    declared = Dense(150, activation="sin", initialize=Waves(4.0))
    found = solved(system, tree, [declared] * 16, 0, Budget())
    alone = Steps(found.rows, Budget())
    alone.kinds.found.update({k: k for k in range(16)})
    oracle = alone.step(None)
    at = np.random.default_rng(0).random((500, 2))
    values, truth = (each.field.values(at)[0].numpy() for each in (found, oracle))
    assert len({Kinds.of(found.rows).first(k) for k in range(16)}) == 9
    assert np.abs(values - truth).max() < 1e-7 * np.abs(truth).max()


@pytest.mark.slow
@pytest.mark.parametrize("ranks", [3, 8, 16])
def test_ranks_that_share_nothing_find_the_same_digits(ranks):
    system, tree = compile_problem(problem(laplacian(U) + 200 * U)), grid(SQUARE.bounds, (6, 6))

    def solution(team=None):
        more = {} if team is None else {"ranks": team}
        return solved(system, tree, [WAVES] * 36, 0, Budget(), **more).field

    alone = torch.cat([part.coefficients for part in solution().parts])
    for field in on_threads(ranks, solution):
        assert torch.equal(torch.cat([part.coefficients for part in field.parts]), alone)
