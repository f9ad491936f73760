"""What is given as cells, what they are good for, and what is refused."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import torch
from sympy import Eq, Float, cos, exp, sin, sinh

from pinnsolve import (
    LSGD,
    Ball,
    Box,
    Budget,
    Dense,
    FiniteElements,
    March,
    Problem,
    ResNet,
    Stretched,
    Waves,
    by_region,
    coordinates,
    divergence,
    gradient,
    laplacian,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.basis.trained import Trained
from pinnsolve.cells import solve as cells_solve
from pinnsolve.cells.places import rows_of
from pinnsolve.cells.points import face_points, points_along
from pinnsolve.cells.spaces import cells_of, inside
from pinnsolve.compile.system import compile_problem
from pinnsolve.fields.tree import faces, grid
from pinnsolve.running.budget import OutOfTimeError
from pinnsolve.strategies.determined import open_among

X, Y = coordinates("x y")
U = unknown("u", X, Y)
SQUARE = Box({X: (0, 1), Y: (0, 1)})
PROBLEM = manufactured(SQUARE, -laplacian(U), U @ SQUARE.boundary, exact={U: exp(X) * cos(Y)})
WAVES = Dense(150, activation="sin", initialize=Waves(7.0))


def test_a_side_that_is_a_face_belongs_to_the_cell_on_its_inner_side():
    """A square and a shorter arm beside it: the rest of the square's side lies on the arm's face,
    where the arm's functions are nobody's.
    """
    shape = SQUARE | Box({X: (1, 2), Y: (0.25, 0.5)})
    exact = sin(3 * X) * exp(Y)
    problem = manufactured(shape, -laplacian(U), U @ shape.boundary, exact={U: exact})
    solution = solve(problem, WAVES, cells=(2, 1))
    assert solution.stopped == "solved"
    assert solution.error() < 1e-6
    side = np.array([[1.0, 0.1], [1.0, 0.3], [1.0, 0.9]])
    assert np.abs(solution(side) - np.sin(3) * np.exp(side[:, 1])).max() < 1e-5


def test_cells_meet_on_the_seam_of_two_boxes_that_make_one_region():
    """There the distance to the boundary of the union is zero, though it goes on to both sides."""
    shape = SQUARE | Box({X: (1, 2), Y: (0.25, 0.5)})
    (seam,) = faces(grid(shape.bounds, (2, 1)))
    x = face_points(seam, 12, shape)
    assert len(x) >= 10
    assert (x[:, 0] == 1).all()
    assert 0.25 < x[:, 1].min() < 0.26
    assert 0.49 < x[:, 1].max() < 0.5


def test_the_rim_of_a_tiny_hole_has_as_many_points_as_the_side_of_its_cell():
    """Of the whole boundary it is a thousandth, and all of a cell's."""
    plate = SQUARE - Ball({X: 0.4, Y: 0.6}, 0.001)
    rim = plate.boundary.where((X - 0.4) ** 2 + (Y - 0.6) ** 2 < 0.01)
    for region in (plate.boundary, rim):
        system = compile_problem(Problem(plate, Eq(laplacian(U), 0), Eq(U, X) @ region))
        tree = grid(plate.bounds, (3, 3))
        rows = rows_of(system, cells_of(system, tree, [WAVES] * 9, 0), 0)
        (_, (_, p)) = rows.local[int(tree.owners(np.array([[0.4, 0.6]]))[0])]
        assert len(p.x) >= math.sqrt(WAVES.width)


def test_of_a_thin_part_as_many_points_are_found():
    """An arm, a thousandth of its cell wide."""
    shape = SQUARE | Box({X: (1, 2), Y: (0.5, 0.501)})
    x = inside(shape, np.array([[1.0, 2.0], [0.0, 1.0]]), 400, 0)
    assert len(x) == 400
    assert shape.contains(x).all()
    assert np.allclose(x.mean(axis=0), [1.5, 0.5005], rtol=0.02, atol=2e-5)


def test_what_is_small_beside_another_unknown_is_not_undetermined():
    """Of 1e-8 and 1e5, joined by coefficients of 1e-13 and 1e12."""
    v = unknown("v", X, Y)
    problem = manufactured(
        SQUARE,
        -laplacian(U) + Float(1e-13) * v,
        -laplacian(v) + Float(1e12) * U,
        U @ SQUARE.boundary,
        v @ SQUARE.boundary,
        exact={U: Float(1e-8) * exp(X) * cos(2 * Y), v: 100_000 * cos(2 * X + Y)},
    )
    solution = solve(problem, WAVES, cells=2)
    assert solution.null_space == 0
    assert solution.error() < 1e-8


def test_an_interval_has_cells():
    """u = sinh, from one end to the other."""
    w = unknown("w", X)
    conditions = Eq(w.diff(X, 2), w), Eq(w(0), 0), Eq(w(1), sinh(1))
    rod = Problem(Box({X: (0, 1)}), *conditions, exact={w: sinh(X)})
    solution = solve(rod, cells=np.array([4]), tolerance=1e-8)
    assert solution.stopped == "met"
    assert solution.error() < 1e-8


@pytest.mark.parametrize("k", [unknown("k"), unknown("k", X)], ids=["number", "of x"])
def test_unknowns_that_all_cells_would_share_are_refused(k):
    problem = Problem(SQUARE, Eq(laplacian(U), k), Eq(U, X) @ SQUARE.boundary, Eq(U(X, 0.5), X))
    with pytest.raises(ValueError, match="every cell has coefficients of its own, and k"):
        solve(problem, WAVES, cells=2)


@pytest.mark.parametrize(
    ("cells", "kind", "said"),
    [
        ("3", TypeError, "whole numbers"),
        (2.5, TypeError, "whole numbers"),
        ((2, "b"), TypeError, "whole numbers"),
        ((), TypeError, "whole numbers"),
        ((2, 3, 4), ValueError, "each of x, y"),
        (0, ValueError, "at least 1"),
        ((3, -1), ValueError, "at least 1"),
    ],
)
def test_other_cells_are_refused(cells, kind, said):
    with pytest.raises(kind, match=said):
        solve(PROBLEM, cells=cells)


@pytest.mark.parametrize(
    "others", [{"basis": WAVES, "method": LSGD()}, {"march": March(Y)}], ids=["method", "march"]
)
def test_what_does_not_go_together_is_refused(others):
    with pytest.raises(ValueError, match="cells are solved at once"):
        solve(PROBLEM, cells=2, **others)


@pytest.mark.parametrize(
    ("basis", "named"),
    [
        (ResNet(20, 4), r"ResNet\(width=20, depth=4"),
        (WAVES + ResNet(20, 4), r"ResNet\(width=20"),
        (Stretched(ResNet(20, 4), 0.1, {X: 0.5}), r"ResNet\(width=20"),
        (FiniteElements([(0, 0), (1, 0), (0, 1)], [(0, 1, 2)]), "FiniteElements"),
        (Trained(WAVES, WAVES.build({"x": (0, 1), "y": (0, 1)}, 0)), "Trained"),
    ],
    ids=["residual", "in a sum", "stretched", "on a mesh", "trained"],
)
def test_functions_of_the_whole_domain_are_refused(basis, named):
    with pytest.raises(ValueError, match=rf"{named}.* whole domain: give .*Dense\(200\), cells"):
        solve(PROBLEM, basis, cells=2)


@pytest.mark.parametrize("basis", [None, WAVES], ids=["chosen", "given"])
def test_more_cells_than_memory_holds_are_refused_before_they_are_made(basis):
    with pytest.raises(MemoryError, match=r"10000000000 cells.* no more than \d+ cells"):
        solve(PROBLEM, basis, cells=100_000)


@pytest.mark.parametrize(("early", "stopped"), [(False, "budget"), (True, "interrupted")])
def test_newtons_last_iterate_is_kept_where_it_ends_early(early, stopped, monkeypatch):
    """After five tangent steps, of eight or so."""
    steps, plain = [], cells_solve.Steps.step

    def step(*given):
        steps.append(given)
        if len(steps) > 5:
            raise KeyboardInterrupt if early else OutOfTimeError
        return plain(*given)

    monkeypatch.setattr(cells_solve.Steps, "step", step)
    exact = 3 * exp(X) * cos(Y)
    cubic = manufactured(SQUARE, -laplacian(U) + U**3, U @ SQUARE.boundary, exact={U: exact})
    solution = solve(cubic, WAVES, cells=2)
    assert solution.stopped == stopped
    assert solution.field.sizes["cells"] == 4
    assert solution.error() < 1e-3


@pytest.mark.parametrize(
    ("singular", "many"),
    [
        ((1.4, 3e-2, 1e-2), 0),
        ((1.4, 3e-2, 3e-13), 1),
        ((1.4, 1e-2, 7e-13, 3e-13), 2),
        ((1.4, 1e-4, 1e-6, 1e-8, 1e-10), 0),
        ((1e-3, 0.0, 0.0), 2),
        ((), 0),
    ],
)
def test_null_functions_are_apart_from_all_that_is_determined(singular, many):
    assert open_among(torch.tensor(singular, dtype=torch.float64)) == many


def test_cells_that_are_a_million_times_as_long_as_wide_are_refused():
    strip = Box({X: (0, 1e6), Y: (0, 1e-6)})
    problem = Problem(strip, Eq(laplacian(U), 1), Eq(U, 0) @ strip.boundary)
    with pytest.raises(ValueError, match=r"1e\+12 times as long along x as along y: give more"):
        solve(problem, cells=(2, 2))


def test_more_cells_than_the_time_allows_are_said_with_fewer():
    """Thin ones of two materials: no two are alike near the corners."""
    low, high = Box({X: (0, 0.5), Y: (0, 1)}), Box({X: (0.5, 1), Y: (0, 1)})
    k = by_region({low: 10, high: 1})
    problem = Problem(SQUARE, Eq(-divergence(k * gradient(U)), 1), Eq(U, 0) @ SQUARE.boundary)
    ticks = count()
    budget = Budget(8, clock=lambda: next(ticks))
    with pytest.raises(TimeoutError, match=r"in the 100 cells .* such as cells=\(\d, \d\)"):
        solve(problem, cells=(1, 100), budget=replace(budget, start=0.0))


def test_thin_cells_have_as_many_points_along_their_length_as_functions_vary():
    """A long side has four times the points of a short one, not four hundred times."""
    system = compile_problem(Problem(SQUARE, Eq(laplacian(U), 0), Eq(U, X) @ SQUARE.boundary))
    tree = grid(SQUARE.bounds, (1, 400))
    rows = rows_of(system, cells_of(system, tree, [WAVES] * 400, 0), 0)
    (_, (_, p)) = rows.local[0]
    short = points_along(WAVES.width, 0, 2)
    on_side = np.isclose(p.x[:, 1], 0.0)
    assert short <= (~on_side).sum() <= 3 * short
    assert 3 * short <= on_side.sum() <= 5 * short


@pytest.mark.slow
def test_a_small_island_of_another_material_is_not_said_to_be_undetermined():
    """Coarse cells do not resolve it, and singular values fall to round-off without a gap."""
    island = Box({X: (0.5, 0.501), Y: (0.5, 0.501)})
    k = by_region({island: 0.001, SQUARE - island: 1})
    problem = Problem(SQUARE, Eq(-divergence(k * gradient(U)), 1), Eq(U, 0) @ SQUARE.boundary)
    budget = Budget(2, clock=time.process_time)
    solution = solve(problem, cells=(4, 4), tolerance=1e-5, budget=budget)
    assert solution.null_space == 0
    assert solution.stopped in ("budget", "stagnated")
    assert not solution.estimate < 0.1
