"""Solving in cells from the front door: by hand, with nothing given, and what is refused."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq, Float, Rational, cos, exp, pi

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Dense,
    Interval,
    Problem,
    Waves,
    by_region,
    coordinates,
    divergence,
    gradient,
    laplacian,
    load,
    manufactured,
    normal,
    solve,
    unknown,
)
from pinnsolve.cells.judge import Judged
from pinnsolve.compile.system import compile_problem
from pinnsolve.running.stop import Stop
from pinnsolve.strategies.given_cells import suit_cells
from pinnsolve.strategies.kept import holes_kept
from pinnsolve.strategies.layouts import first_layout, refined

X, Y = coordinates("x y")
U = unknown("u", X, Y)
SQUARE = Box({X: (0, 1), Y: (0, 1)})
WAVE = cos(12 * X + 16 * Y) + exp(X)
HELMHOLTZ = manufactured(SQUARE, laplacian(U) + 400 * U, U @ SQUARE.boundary, exact={U: WAVE})
WAVES = Dense(250, activation="sin", initialize=Waves(7.0))


def test_by_hand_it_is_one_solve(tmp_path):
    solution = solve(HELMHOLTZ, WAVES, cells=(3, 2))
    assert solution.stopped == "solved"
    assert solution.error() < 1e-5
    assert solution.field.sizes == {"cells": 6, "functions": 1500}
    assert "6 cells of Dense" in solution.report()
    solution.save(tmp_path / "cells.st")
    again = load(tmp_path / "cells.st")
    x = np.random.default_rng(0).random((50, 2))
    assert np.array_equal(again(x), solution(x))
    assert again.declared == solution.declared


def test_one_cell_is_one_basis():
    solution = solve(HELMHOLTZ, cells=1, tolerance=1e-4)
    assert solution.stopped == "met"
    assert solution.error() < 1e-4


def test_an_estimate_is_had_by_another_draw():
    solution = solve(HELMHOLTZ, WAVES, cells=3)
    assert solution.error() / 30 < solution.estimate < 100 * solution.error()


def test_where_the_budget_has_ended_no_other_draw_is_made():
    solution = solve(HELMHOLTZ, WAVES, cells=(1, 2))
    ended = replace(solution, history=replace(solution.history, stopped=Stop.BUDGET))
    assert np.isnan(ended.estimate)
    assert "no second draw" in ended.report()


def test_cells_are_refined_until_the_tolerance_is_met():
    solution = solve(HELMHOLTZ, cells=(2, 2), tolerance=1e-8)
    assert solution.stopped == "met"
    assert solution.error() < 1e-8


@pytest.mark.slow
def test_many_waves_around_a_hole_are_solved_in_cells_with_nothing_given():
    """Ten wavelengths on a side: cells come first."""
    plate = SQUARE - Ball({X: Rational(1, 2), Y: Rational(1, 2)}, Rational(1, 10))
    wavy = manufactured(plate, laplacian(U) + 62**2 * U, U @ plate.boundary, exact={U: WAVE})
    solution = solve(wavy, tolerance=1e-4)
    assert solution.stopped == "met"
    assert solution.error() < 1e-4
    assert all("cells" in step.basis for step in solution.history.steps)


@pytest.mark.slow
def test_a_corner_has_its_functions_in_the_cells_around_it():
    whole, cut = Box({X: (-1, 1), Y: (-1, 1)}), Box({X: (0, 1), Y: (-1, 0)})
    shape = whole - cut
    problem = Problem(shape, Eq(-laplacian(U), 1), Eq(U, 0) @ shape.boundary)
    solution = solve(problem, cells=6, tolerance=1e-6)
    assert solution.stopped == "met"
    singular = [part for part in solution.declared.parts if "CornerFunctions" in str(part)]
    assert 0 < len(singular) < 36
    # Other cells, other functions, other points: the same values, beside the corner, too.
    again = solve(problem, cells=4, tolerance=1e-6, seed=3)
    x = np.array([[-0.5, 0.5], [0.01, 0.01], [-0.01, -0.3], [0.9, 0.9]])
    assert np.abs(solution(x) / again(x) - 1).max() < 1e-6


def test_null_functions_are_named():
    n = normal(X, Y)
    flux = U.diff(X) * n[0] + U.diff(Y) * n[1]
    problem = Problem(SQUARE, Eq(laplacian(U), 0), Eq(flux, n[0]) @ SQUARE.boundary)
    with pytest.warns(UserWarning, match="not uniquely solvable"):
        solution = solve(problem, WAVES, cells=2)
    assert solution.null_space == 1


@pytest.mark.slow
def test_null_functions_of_a_part_that_touches_no_other_are_named():
    """Two disks, of which one is told its flux alone: no cell of the other sees the constant."""
    disks = [Ball({X: 0, Y: 0}, 1), Ball({X: 5, Y: 0}, 1)]
    n = normal(X, Y)
    flux = U.diff(X) * n[0] + U.diff(Y) * n[1]
    problem = Problem(
        disks[0] | disks[1],
        Eq(laplacian(U), 0),
        Eq(U, X * Y) @ disks[0].boundary,
        Eq(flux, n[0]) @ disks[1].boundary,
    )
    with pytest.warns(UserWarning, match="null space of dimension 1;"):
        solution = solve(problem, tolerance=1e-6)
    assert (solution.stopped, solution.null_space) == ("not unique", 1)


@pytest.mark.slow
def test_a_part_of_the_boundary_without_a_condition_is_named():
    disks = [Ball({X: 0, Y: 0}, 1), Ball({X: 5, Y: 0}, 1)]
    problem = Problem(disks[0] | disks[1], Eq(laplacian(U), U), Eq(U, 1) @ disks[0].boundary)
    with pytest.warns(UserWarning, match=r"at least .*nothing is prescribed on the boundary at"):
        solution = solve(problem, tolerance=1e-4, cells=2)
    assert solution.stopped == "not unique"


@pytest.mark.slow
def test_an_eigenvalue_that_cells_come_to_first_is_never_met():
    """k = 20 pi: sin(12 pi x) sin(16 pi y) and its mirror image are free."""
    problem = Problem(SQUARE, Eq(-laplacian(U) - 400 * pi**2 * U, 0), Eq(U, 0) @ SQUARE.boundary)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = solve(problem, tolerance=1e-6)
    assert solution.stopped != "met"
    assert solution.null_space == 2 or "digits lost" in solution.diagnosis()[0]


def test_the_draw_that_checks_is_another_one():
    """Also where the fit that it checks is not the first one."""
    solution = solve(HELMHOLTZ, cells=(1, 2), tolerance=5e-10)
    seen = [step.change for step in solution.history.steps if step.stage == "check"]
    assert seen
    assert min(seen) > 0


@pytest.mark.slow
def test_beside_an_eigenvalue_the_estimate_knows_how_far_the_solution_is_off():
    """So far beside it that rows leave 1e-9, and a singular value is 5e-7."""
    near = 400 * pi**2 * (1 + Float(1e-7))
    exact = cos(37 * X + 51 * Y)
    problem = manufactured(SQUARE, -laplacian(U) - near * U, U @ SQUARE.boundary, exact={U: exact})
    solution = solve(problem, tolerance=1e-1, cells=6)
    assert solution.error() / 2 < solution.estimate < 100 * solution.error()
    assert solution.lost > 5


def test_a_budget_of_memory_and_columns_is_kept():
    with pytest.raises(MemoryError, match=r"4 cells of up to 250 columns would take 0\.\d+ GB"):
        solve(HELMHOLTZ, WAVES, cells=2, budget=Budget(gigabytes=0.065))
    with pytest.raises(MemoryError, match="a cell has 250 columns, and the budget allows 200"):
        solve(HELMHOLTZ, WAVES, cells=2, budget=Budget(columns=200))


@pytest.mark.slow
def test_refinement_ends_where_the_budget_of_memory_does():
    solution = solve(HELMHOLTZ, cells=2, tolerance=1e-13, budget=Budget(gigabytes=0.13))
    assert solution.stopped == "budget"


@pytest.mark.slow
def test_where_no_cells_fit_one_basis_is_left():
    """Cells would come first: twenty waves on a side."""
    wavy = manufactured(SQUARE, laplacian(U) + 100**2 * U, U @ SQUARE.boundary, exact={U: WAVE})
    solution = solve(wavy, tolerance=1e-4, budget=Budget(columns=100))
    assert not any("cells" in step.basis for step in solution.history.steps)


def test_a_budget_that_is_used_gives_the_best_so_far():
    with pytest.raises(TimeoutError):
        solve(HELMHOLTZ, WAVES, cells=4, budget=Budget(seconds=1e-9))


def test_two_wavelengths_a_cell():
    waves = manufactured(SQUARE, laplacian(U) + 100**2 * U, U @ SQUARE.boundary, exact={U: WAVE})
    assert len(first_layout(compile_problem(waves), None, None, 1e-4).parts) == 64


def plate_with(*disks):
    plate = SQUARE
    for x, y, r in disks:
        plate = plate - Ball({X: x, Y: y}, r)
    return compile_problem(Problem(plate, Eq(laplacian(U), 0), Eq(U, X) @ plate.boundary))


def test_a_hole_has_a_cell_of_its_own_with_poles():
    system = plate_with((Rational(1, 4), Rational(1, 4), Rational(1, 20)))
    layout = first_layout(system, None, None, 1e-4)
    (number,) = [k for k, box in enumerate(layout.tree.cells) if layout.held(box)]
    assert "Poles" in str(layout.declared.parts[number])
    # It stays whole where its cell is cut: else it would lose its poles.
    faults = np.full(len(layout.parts), 1e-3)
    after = refined(layout, Judged(faults, 0 * faults, 0.0))
    assert len(after.parts) >= 4 * len(layout.parts) - 3
    assert sum(bool(after.held(box)) for box in after.tree.cells) == 1
    # Cells that are given are as they are: this hole lies in four of them, or in one of nine.
    for counts, holes in (((4, 4), 0), ((3, 3), 1)):
        given = first_layout(system, counts, None, 1e-4)
        assert len(given.parts) == counts[0] * counts[1]
        assert sum(bool(given.held(box)) for box in given.tree.cells) == holes


def test_holes_close_to_others_have_more_poles_and_those_that_nearly_touch_none():
    half, tenth = Rational(1, 2), Rational(1, 10)
    (alone,) = holes_kept(plate_with((half, half, tenth)), 1e-4)
    # Its nearest images lie in the walls: the last pole that is taken is just small enough.
    ratio = 0.1 / (1 - 0.01)
    assert ratio**alone.order <= 1e-10 < ratio ** (alone.order - 1)
    nearer = holes_kept(plate_with((half, half, tenth), (Rational(4, 5), half, tenth)), 1e-4)
    assert all(hole.order > alone.order for hole in nearer)
    assert not holes_kept(plate_with((half, half, tenth), (Rational(71, 100), half, tenth)), 1e-4)


def test_what_suits_cells():
    (x,) = coordinates("x")
    line = unknown("w", x)
    rod = Problem(Box({x: (0, 1)}), Eq(line.diff(x), line), Eq(line(0), 1))
    assert suit_cells(compile_problem(HELMHOLTZ))
    assert suit_cells(compile_problem(rod))


def test_what_was_solved_in_cells_goes_on_in_them(tmp_path):
    problem = manufactured(
        SQUARE,
        laplacian(U) + 4900 * U,
        U @ SQUARE.boundary,
        exact={U: cos(42 * X + 56 * Y)},
    )
    begun = solve(problem, tolerance=1e-3, checkpoint=tmp_path / "run.st")
    cells = begun.field.sizes["cells"]
    fits = []
    solution = solve(
        problem, tolerance=1e-5, resume=tmp_path / "run.st", callbacks=fits.append, seed=0
    )
    assert solution.stopped == "met"
    assert solution.error() < 1e-5
    assert fits[0].stage == "cells"
    assert fits[0].functions == begun.field.functions
    assert solution.field.sizes["cells"] >= cells > 1


def test_materials_between_the_points_are_weighed():
    """A layer of a ten-thousandth in a rod, in which none of a thousand points of the rod lies: its
    unknown has a size, and an error.
    """
    thin = Rational(1, 10_000)
    edges, conducts = [0, Rational(1, 2), Rational(1, 2) + thin, 1], [1, thin**2 * 100, 1]
    spans = list(zip(edges, edges[1:], conducts, strict=False))
    resistance, value, exact = sum((b - a) / k for a, b, k in spans), 0, {}
    for a, b, k in spans:
        exact[Interval(X, a, b)] = value + (X - a) / k / resistance
        value += (b - a) / k / resistance
    conduct = by_region(dict(zip(exact, conducts, strict=True)))
    v = unknown("v", X)
    law = Eq(divergence(conduct * gradient(v)), 0)
    rod = Problem(Interval(X, 0, 1), law, Eq(v(0), 0), Eq(v(1), 1), exact={v: by_region(exact)})
    solution = solve(rod, cells=4, tolerance=1e-6)
    assert solution.stopped == "met"
    assert solution.error() < 1e-6
