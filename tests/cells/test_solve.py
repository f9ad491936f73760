"""Equations in cells, against exact solutions: of any order, in systems, periodic, nonlinear, around
holes, on both sides of an interface.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq, Rational, cos, exp, lambdify, pi, sin

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Dense,
    Problem,
    Waves,
    coordinates,
    laplacian,
    manufactured,
    normal,
    sample_region,
    unknown,
)
from pinnsolve.cells import eliminate
from pinnsolve.cells.condense import CUTS, condensation
from pinnsolve.cells.judge import judged
from pinnsolve.cells.places import rows_of
from pinnsolve.cells.solve import Steps, _unresolved, solved
from pinnsolve.cells.spaces import cells_of
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.fields.tree import divided, grid
from pinnsolve.running.budget import OutOfTimeError

X, Y = coordinates("x y")
U, V, P = (unknown(name, X, Y) for name in "uvp")
SQUARE = Box({X: (0, 1), Y: (0, 1)})


def waves(n, scale=5.0):
    return Dense(n, activation="sin", initialize=Waves(scale))


def in_cells(problem, tree, n=200, scale=5.0, seed=0):
    system = compile_problem(problem)
    return solved(system, tree, [waves(n, scale)] * len(tree.cells), seed, Budget())


def error(field, region, exact, unknown_number=0):
    x = sample_region(region, 2000, 17).x
    truth = lambdify((X, Y), exact, "numpy")(*x.T)
    return np.linalg.norm(field.values(x)[unknown_number].numpy() - truth) / np.linalg.norm(truth)


def of_square(counts=(3, 2)):
    return grid(SQUARE.bounds, counts)


SMOOTH = sin(3 * X) * exp(Y)
EQUATIONS = {
    "poisson": (laplacian(U), [U @ SQUARE.boundary], 1e-10),
    "helmholtz": (laplacian(U) + 400 * U, [U @ SQUARE.boundary], 1e-8),
    "convection": (-laplacian(U) / 100 + U.diff(X), [U @ SQUARE.boundary], 1e-10),
    "transport": (U.diff(X) + 2 * U.diff(Y), [U @ SQUARE.at(x=0), U @ SQUARE.at(y=0)], 1e-10),
    "heat": (
        U.diff(Y) - U.diff(X, 2) / 4,
        [U @ SQUARE.at(x=0), U @ SQUARE.at(x=1), U @ SQUARE.at(y=0)],
        1e-10,
    ),
    "biharmonic": (
        laplacian(laplacian(U)),
        [U @ SQUARE.boundary, laplacian(U) @ SQUARE.boundary],
        1e-8,
    ),
    "nonlinear": (-laplacian(U) + U**3, [U @ SQUARE.boundary], 1e-10),
}


@pytest.mark.parametrize("name", EQUATIONS)
def test_equations_of_all_kinds(name):
    left, conditions, most = EQUATIONS[name]
    problem = manufactured(SQUARE, left, *conditions, exact={U: SMOOTH})
    found = in_cells(problem, of_square(), n=250)
    assert error(found.field, SQUARE, SMOOTH) < most
    assert found.converged


def test_a_loose_goal_costs_few_digits():
    """What no trace shows, and rows tell nothing of, is not solved by them: a plate would be off by
    1e-8 and more.
    """
    sides = [SQUARE.at(x=0), SQUARE.at(x=1), SQUARE.at(y=0), SQUARE.at(y=1)]
    clamped = [U.diff(c) @ side for c, side in zip((X, X, Y, Y), sides, strict=True)]
    bent = laplacian(laplacian(U))
    problem = manufactured(SQUARE, bent, U @ SQUARE.boundary, *clamped, exact={U: SMOOTH})
    system, tree = compile_problem(problem), of_square((2, 2))
    cells = [waves(300, 7.0)] * 4
    found = solved(system, tree, cells, 0, Budget(), cuts=CUTS.asked(1e-3))
    assert error(found.field, SQUARE, SMOOTH) < 3e-9


def test_cells_that_resolve_an_iterate_are_told_from_others():
    """Of u'' = 10 u^3, u(1) = 5, the first steps leave residuals as large: in four cells of 32
    functions the linearized equations hold, in one cell of three they do not.
    """
    line = Box({X: (0, 1)})
    u = unknown("u", X)
    problem = Problem(line, Eq(u.diff(X, 2), 10 * u**3), Eq(u(0), 0), Eq(u(1), 5))
    system, left = compile_problem(problem), []
    for counts, n in (((4,), 32), ((1,), 3)):
        tree = grid(line.bounds, counts)
        cells = cells_of(system, tree, [waves(n)] * len(tree.cells), 0)
        steps = Steps(rows_of(system, cells, 0), Budget())
        first = steps.step(None)
        second = steps.step(first.field)
        residual = max(relative_residuals(system, second.field, 0))
        assert residual > 0.1
        left.append(_unresolved(first, second, residual, 0))
    assert left == [False, True]


def test_cells_of_two_sizes_meet():
    tree = divided(of_square((2, 2)), lambda k: (2, 2) if k == 1 else (1, 1))
    problem = manufactured(SQUARE, laplacian(U), U @ SQUARE.boundary, exact={U: SMOOTH})
    found = in_cells(problem, tree)
    assert error(found.field, SQUARE, SMOOTH) < 1e-9
    assert judged(found.rows, found.field, 5).jump < 1e-9


def test_a_periodic_condition_joins_cells_that_are_no_neighbours():
    wave = sin(2 * pi * X) * exp(Y)
    problem = Problem(
        SQUARE,
        Eq(laplacian(U), wave.diff(X, 2) + wave.diff(Y, 2)),
        Eq(U(0, Y), U(1, Y)),
        Eq(U.diff(X)(0, Y), U.diff(X)(1, Y)),
        Eq(U(X, 0), wave.subs(Y, 0)),
        Eq(U(X, 1), wave.subs(Y, 1)),
    )
    assert error(in_cells(problem, of_square((3, 3))).field, SQUARE, wave) < 1e-10


def test_a_system_has_as_many_conditions_between_cells_as_its_orders_ask_for():
    exact = {U: sin(X) * cos(Y) + Y**2, V: -cos(X) * sin(Y), P: X * Y}
    problem = manufactured(
        SQUARE,
        -laplacian(U) + P.diff(X),
        -laplacian(V) + P.diff(Y),
        U.diff(X) + V.diff(Y),
        U @ SQUARE.boundary,
        V @ SQUARE.boundary,
        P @ SQUARE.at(x=0),
        exact=exact,
    )
    found = in_cells(problem, of_square((2, 2)))
    assert [tuple(o) for o in found.rows.orders] == [
        {U: (2, 2), V: (2, 2), P: (1, 1)}[u] for u in problem.unknowns
    ]
    for k, u in enumerate(problem.unknowns):
        assert error(found.field, SQUARE, exact[u], k) < 1e-9


HOLE = Ball({X: Rational(1, 2), Y: Rational(1, 2)}, Rational(1, 5))


def test_cells_are_cut_by_a_hole():
    plate = SQUARE - HOLE
    around = (X - Rational(1, 2)) / ((X - Rational(1, 2)) ** 2 + (Y - Rational(1, 2)) ** 2)
    problem = manufactured(plate, laplacian(U), U @ plate.boundary, exact={U: around})
    found = in_cells(problem, of_square((5, 5)), n=250)
    assert error(found.field, plate, around) < 1e-6
    whole = in_cells(problem, of_square((9, 9)), n=60)
    # The cell in the middle lies in the hole, and holds nothing.
    (middle,) = whole.rows.cells.tree.owners(np.array([[0.5, 0.5]]))
    assert not whole.rows.cells.alive[0, middle]
    assert len(whole.field.parts[middle].coefficients) == 0


@pytest.mark.slow
def test_two_materials_in_cells_that_both_share():
    out = SQUARE - HOLE
    across, r2 = X - Rational(1, 2), (X - Rational(1, 2)) ** 2 + (Y - Rational(1, 2)) ** 2
    jump = 1000
    inside = Rational(2, 1 + jump) * across
    outside = across * (1 + HOLE.radius**2 * Rational(1 - jump, 1 + jump) / r2)
    n = normal(X, Y)
    problem = Problem(
        SQUARE,
        Eq(laplacian(U), 0) @ out,
        Eq(laplacian(V), 0) @ HOLE,
        Eq(U, outside) @ SQUARE.boundary,
        Eq(U, V) @ HOLE.boundary,
        Eq(U.diff(X) * n[0] + U.diff(Y) * n[1], jump * (V.diff(X) * n[0] + V.diff(Y) * n[1]))
        @ HOLE.boundary,
    )
    found = in_cells(problem, of_square((6, 6)), n=300)
    assert error(found.field, out, outside) < 1e-6
    # As accurate beside values of size one: they are 500 times smaller.
    assert error(found.field, HOLE, inside, 1) < 5e-3


@pytest.mark.slow
def test_cells_of_space_whose_functions_are_few():
    # So few that no combination of them satisfies the equation to round-off: some are left to the
    # faces all the same. Without, 3.6e-2.
    x, y, z = coordinates("x y z")
    w, cube = unknown("w", x, y, z), Box({x: (0, 1), y: (0, 1), z: (0, 1)})
    exact = sin(2 * x) * exp(y) * cos(z)
    problem = manufactured(cube, laplacian(w), w @ cube.boundary, exact={w: exact})
    found = in_cells(problem, grid(cube.bounds, (2, 2, 2)), n=400, scale=3.0)
    at = sample_region(cube, 2000, 17).x
    truth = lambdify((x, y, z), exact, "numpy")(*at.T)
    values = found.field.values(at)[0].numpy()
    assert np.linalg.norm(values - truth) / np.linalg.norm(truth) < 1e-7


def test_alike_cells_have_alike_rows():
    problem = manufactured(SQUARE, laplacian(U), U @ SQUARE.boundary, exact={U: SMOOTH})
    rows = in_cells(problem, of_square((4, 4)), n=100).rows
    inner = [k for k, local in enumerate(rows.local) if len(local) == 1]
    first, *others = map(rows.raw, inner)
    assert len(others) == 3
    assert all(torch.allclose(first.rows, other.rows, 0.0, 1e-11) for other in others)
    # And what they show at their faces, too, though the tree was cut between them elsewhere.
    seen = [trace.matrix for trace in first.traces.values()]
    for other in others:
        pairs = zip(seen, other.traces.values(), strict=True)
        assert all(torch.allclose(a, b.matrix, 0.0, 1e-11) for a, b in pairs)


def test_cells_of_a_grid_are_condensed_once_a_kind(monkeypatch):
    """Of 6 x 6 cells: one inside, one on each side, one in each corner. Points of the boundary are
    alike, too, and all cells see their faces in one order.
    """
    kinds = []

    def counted(rows, traces, cut, cuts, free=0):
        kinds.append(cut)
        return condensation(rows, traces, cut, cuts, free)

    monkeypatch.setattr(eliminate, "condensation", counted)
    problem = manufactured(SQUARE, laplacian(U), U @ SQUARE.boundary, exact={U: SMOOTH})
    found = in_cells(problem, of_square((6, 6)), n=120)
    assert kinds.count(CUTS.rows) == 9
    assert error(found.field, SQUARE, SMOOTH) < 1e-6


def test_a_corner_cell_keeps_points_on_both_of_its_sides():
    tree = divided(of_square((4, 4)), lambda k: (4, 4) if k == 5 else (1, 1))
    problem = manufactured(SQUARE, laplacian(U), U @ SQUARE.boundary, exact={U: SMOOTH})
    found = in_cells(problem, tree, n=60)
    corner = found.rows.local[0]
    x = np.concatenate([p.x for residual, p in corner if residual.condition.region != SQUARE])
    for axis in (0, 1):
        along = np.sort(x[x[:, 1 - axis] == 0][:, axis]) * 4
        assert len(along) > 3
        # And evenly: to both ends, without a gap.
        assert np.diff(along, prepend=0.0, append=1.0).max() < 2.5 / len(along)


def test_what_is_not_determined_is_seen_at_the_root():
    n = normal(X, Y)
    flux = U.diff(X) * n[0] + U.diff(Y) * n[1]
    problem = Problem(SQUARE, Eq(laplacian(U), 0), Eq(flux, 0) @ SQUARE.boundary)
    singular = in_cells(problem, of_square((2, 2))).decided.singular
    assert int((singular < 1e-9 * singular.max()).sum()) == 1


def test_cells_are_laid_out_within_the_seconds_of_a_budget():
    """Thousands of them take as many seconds before anything is solved: a space of three
    coordinates took a hundred for thirty.
    """
    system = compile_problem(manufactured(SQUARE, laplacian(U), U @ SQUARE.boundary, exact={U: X}))
    asked = iter(range(10**6))
    budget = Budget(seconds=50, start=0.0, clock=lambda: float(next(asked)))
    tree = of_square((40, 40))
    with pytest.raises(OutOfTimeError):
        cells_of(system, tree, [waves(30)] * 1600, 0, budget)
    assert next(asked) < 60
