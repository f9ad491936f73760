"""Functions of corners: harmonic, with the conditions of both sides, and what they are worth."""

from __future__ import annotations

import math

import pytest
import torch
from sympy import Eq

from oracles import against_autograd
from pinnsolve import (
    Ball,
    Box,
    Budget,
    Problem,
    by_region,
    compile_problem,
    coordinates,
    divergence,
    gradient,
    laplacian,
    normal_derivative,
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
    harmonic = [k for k, term in enumerate(corner.terms()) if term.raised == 0]
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
        powers = [k for k in harmonic if not corner.terms()[k].log]
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
    harmonic = [k for k, term in enumerate(corner.terms()) if term.raised == 0]
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


# Of Motz's problem: Rosser and Papamichael; Georgiou, Olson and Smyrlis (1996)
MOTZ = (
    *(401.1624537452, 87.6559201951, 17.2379150794, -8.0712152597, 1.4402727170),
    *(0.3310548859, 0.2754373445, -0.0869329945, 0.0336048784, 0.0153843745, 0.0073023017),
)


def motz():
    """Values on the left of a straight wall, no flux on the right."""
    box = Box({x: (-1, 1), y: (0, 1)})
    wall = box.at(y=0)
    return Problem(
        box,
        Eq(laplacian(u), 0),
        Eq(u, 500) @ box.at(x=1),
        Eq(u.diff(x), 0) @ box.at(x=-1),
        Eq(u.diff(y), 0) @ box.at(y=1),
        Eq(u, 0) @ wall.where(x < 0),
        Eq(u.diff(y), 0) @ wall.where(x > 0),
    )


def test_a_condition_that_changes_its_kind_on_a_wall_makes_a_corner():
    (corner,) = (
        c for c in corners.known_corners(compile_problem(motz())) if c.at[0] not in (-1, 1)
    )
    assert corner.at == pytest.approx((0, 0), abs=1e-15)
    assert corner.opening == pytest.approx(math.pi, abs=1e-12)
    assert corner.dirichlet == (False, True)
    assert sorted(t.power for t in corner.terms() if not t.raised)[:3] == [0.5, 1.5, 2.5]
    assert corners.reentrant(compile_problem(motz())) is not None
    rim = Ball({x: 0, y: 0}, 1).boundary
    round_wall = Problem(
        Ball({x: 0, y: 0}, 1),
        Eq(laplacian(u), 1),
        Eq(u, 0) @ rim.where(x > 0),
        Eq(normal_derivative(u), 0) @ rim.where(x < 0),
    )
    found = corners.known_corners(compile_problem(round_wall))
    assert [c.at[0] for c in found] == pytest.approx([0, 0], abs=1e-12)
    assert sorted(c.at[1] for c in found) == pytest.approx([-1, 1], abs=1e-12)
    assert all(c.lowest == pytest.approx(0.5) and c.shifts and not c.logs for c in found)
    one = Problem(
        Ball({x: 0, y: 0}, 1),
        Eq(laplacian(u), 1),
        Eq(u, 0) @ rim.where(x > 0),
        Eq(u, 0) @ rim.where(x < 0),
    )
    assert corners.known_corners(compile_problem(one)) == ()


@pytest.mark.parametrize("opening", [math.pi, math.pi / 2, 2.0])
def test_functions_of_sides_that_bend_are_harmonic_and_have_their_derivatives(opening):
    corner = Corner((0.0, 0.0), ((1, 0), (0, 1)), opening, (True, False), 3.5, shifts=2, logs=2)
    basis = CornerFunctions((corner,)).build({"x": (-1, 1), "y": (-1, 1)}, 0)
    inside = torch.tensor([[0.3, 0.2], [0.1, 0.5], [-0.2, 0.4]], dtype=torch.float64)
    assert basis(inside, [(0, 0)]).shape[2] == basis.size
    assert against_autograd(basis, inside, [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]) < 1e-11
    terms = corner.terms()
    harmonic = [k for k, term in enumerate(terms) if not term.raised]
    assert float(basis(inside, [LAPLACIAN])[0][:, harmonic].abs().max()) == 0.0
    assert any(term.both for term in terms)
    if opening != 2.0:  # a power is another one but for an integer
        assert max(term.log for term in terms) > 1


@pytest.mark.slow
def test_motz_blind():
    solution = solve(motz(), tolerance=1e-7, budget=Budget(columns=1500))
    assert solution.stopped == "met"
    r = torch.tensor([0.05, 0.2, 0.35], dtype=torch.float64)
    for angle in (0.2, 1.5, 3.0):
        at = torch.stack([r * math.cos(angle), r * math.sin(angle)], dim=1)
        powers = [k + 0.5 for k in range(len(MOTZ))]
        known = sum(c * r**a * math.cos(a * angle) for c, a in zip(MOTZ, powers, strict=True))
        assert solution(at.numpy()).reshape(-1) == pytest.approx(known.numpy(), abs=500 * 1e-7)


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
