"""Functions of corners: harmonic, with the conditions of both sides, and what they are worth."""

from __future__ import annotations

import math

import pytest
import torch
from sympy import Eq

from oracles import against_autograd
from pinnsolve import (
    Box,
    Budget,
    Problem,
    by_region,
    compile_problem,
    coordinates,
    divergence,
    gradient,
    laplacian,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.corners import Corner, CornerFunctions
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.problems import CATALOGUE
from pinnsolve.search.families import corners

x, y, t = coordinates("x y t")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
ell = Box({x: (-1, 1), y: (-1, 1)}) - Box({x: (0, 1), y: (-1, 0)})
LAPLACIAN = frozenset([(2, 0), (0, 2)])


@pytest.mark.parametrize("dirichlet", [(True, True), (False, False), (True, False), (False, True)])
def test_corner_functions_are_harmonic_and_meet_the_conditions_on_both_sides(dirichlet):
    opening, start = 4.0, 0.7
    turn = ((math.cos(start), math.sin(start)), (-math.sin(start), math.cos(start)))
    corner = Corner((0.1, 0.2), turn, opening, dirichlet, top=5.0)
    basis = CornerFunctions((corner,)).build({"x": (-1, 1), "y": (-1, 1)}, 0)
    harmonic = [k for k, (_, q, _) in enumerate(corner.terms()) if q == 0]
    inside = torch.tensor(
        [
            [0.1 + 0.5 * math.cos(start + a), 0.2 + 0.5 * math.sin(start + a)]
            for a in (0.3, 2.0, 3.9)
        ]
    )
    inside = inside.to(torch.float64)
    assert against_autograd(basis, inside, [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]) < 1e-11
    second = basis(inside, [(2, 0)])[0]
    assert float(basis(inside, [LAPLACIAN])[0][:, harmonic].abs().max()) == 0.0
    assert float(second[:, harmonic].abs().min()) > 1e-3
    for side, given in zip((start, start + opening), dirichlet, strict=True):
        along = torch.tensor([[math.cos(side), math.sin(side)]], dtype=torch.float64)
        across = torch.tensor([-math.sin(side), math.cos(side)], dtype=torch.float64)
        on_side = (
            torch.tensor([[0.1, 0.2]], dtype=torch.float64)
            + torch.tensor([[0.2], [0.6]], dtype=torch.float64) * along
        )
        value, dx, dy = basis(on_side, [(0, 0), (1, 0), (0, 1)])
        powers = [k for k, (p, q, log) in enumerate(corner.terms()) if q == 0 and not log]
        tested = value if given else dx * across[0] + dy * across[1]
        assert float(tested[:, powers].abs().max()) < 1e-12


def test_corner_functions_of_an_anisotropic_equation_solve_it():
    """In the corner's own coordinates the principal part is the Laplacian: 3 u_xx + u_xy + 2 u_yy
    vanishes.
    """
    operator = 3 * u.diff(x, 2) + u.diff(x, y) + 2 * u.diff(y, 2)
    system = compile_problem(Problem(ell, Eq(operator, 1), Eq(u, 0) @ ell.boundary))
    found = corners.known_corners(system)
    assert len(found) == 6
    corner = next(c for c in found if c.at == (0.0, 0.0))
    assert corner.opening > math.pi
    basis = CornerFunctions((corner,)).build(bounds_by_name(system.problem), 0)
    points = torch.tensor([[-0.5, 0.4], [0.3, 0.2], [-0.2, -0.7]], dtype=torch.float64)
    xx, xy, yy = basis(points, [(2, 0), (1, 1), (0, 2)])
    harmonic = [k for k, (p, q, log) in enumerate(corner.terms()) if q == 0]
    assert float((3 * xx + xy + 2 * yy)[:, harmonic].abs().max()) < 1e-11
    assert float(xx[:, harmonic].abs().min()) > 1e-3


@pytest.mark.slow
def test_corners_know_the_kind_of_their_sides_and_where_nothing_is_known():
    mixed = Problem(
        square,
        Eq(-laplacian(u), 1),
        Eq(u, 0) @ square.boundary.where(x > 0),
        Eq(u.diff(x), 0) @ square.at(x=0),
    )
    kinds = {c.at: c.dirichlet for c in corners.known_corners(compile_problem(mixed))}
    assert kinds[1.0, 0.0] == (True, True)
    assert sorted(kinds[0.0, 0.0]) == [False, True] == sorted(kinds[0.0, 1.0])
    for name in ("heat_1d", "wave_1d", "biharmonic", "stokes", "disk"):
        assert corners.known_corners(compile_problem(CATALOGUE[name]())) == (), name


@pytest.mark.slow
def test_l_shape_blind():
    solution = solve(CATALOGUE["l_shape"](), tolerance=1e-8, budget=Budget(columns=2000))
    assert solution.stopped == "met"
    assert solution.error() < 1e-7


@pytest.mark.slow
def test_jump_in_the_data_of_a_corner():
    """u = 1 on top and 0 elsewhere; at the middle 1/4, by symmetry."""
    problem = Problem(
        square,
        Eq(laplacian(u), 0),
        Eq(u, 0) @ square.boundary.where(y < 1),
        Eq(u, 1) @ square.at(y=1),
    )
    solution = solve(problem, tolerance=1e-6)
    assert solution.stopped == "met"
    assert float(solution([[0.5, 0.5]])[0]) == pytest.approx(0.25, abs=1e-6)


def test_corners_of_several_materials_are_those_of_the_region_that_they_are_in():
    """A plate around a square of another material: its own four corners, and no others."""
    plate = Box({x: (-1, 1), y: (-1, 1)})
    inner = Box({x: (-1 / 2, 1 / 2), y: (-1 / 2, 1 / 2)})
    k = by_region({inner: 10, plate - inner: 1})
    law = Eq(divergence(k * gradient(u)), 1)
    system = compile_problem(Problem(plate, law, Eq(u, 0) @ plate.boundary))
    found = corners.known_corners(system)
    assert {c.at for c in found} == {(a, b) for a in (-1.0, 1.0) for b in (-1.0, 1.0)}
    assert all(c.opening == pytest.approx(math.pi / 2) for c in found)
    assert all(c.dirichlet == (True, True) for c in found)
