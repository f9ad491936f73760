"""Biharmonic functions at corners between walls: closed derivatives, powers, and where they are."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
import torch
from sympy import Eq

from oracles import against_autograd
from pinnsolve import Box, Dense, Problem, compile_problem, coordinates, laplacian, unknown
from pinnsolve.basis.adapted.biharmonic import FlowCorner, FlowCornerFunctions, Term
from pinnsolve.cells.spaces import spaces_of
from pinnsolve.discretize.flow_corners import CLASHING, known_flow_corners, velocity_powers
from pinnsolve.discretize.plane_flows import is_biharmonic
from pinnsolve.discretize.rough import roughness
from pinnsolve.fields.tree import Tree
from pinnsolve.problems import CATALOGUE
from pinnsolve.problems.composite import COMPOSITE
from pinnsolve.strategies.layouts import first_layout

x, y = coordinates("x y")
box = {"x": (0.0, 2.0), "y": (0.0, 1.0)}
BIHARMONIC = [((4, 0), 1.0), ((2, 2), 2.0), ((0, 4), 1.0)]
SLIDING = Term(1, 0.0, 0, 1)


def points():
    generator = torch.Generator().manual_seed(0)
    return 0.1 + 0.8 * torch.rand(20, 2, generator=generator, dtype=torch.float64)


def functions(*terms):
    return FlowCornerFunctions((FlowCorner((0.0, 0.0), math.pi / 4, terms),)).build(box, 0)


def test_derivatives_are_closed():
    basis = functions(Term(2.7, 1.1), Term(1.7, -0.3, 1), Term(2, 0.0, -1, 2), Term(1, 0.0, 1, 1))
    assert basis.size == 7
    assert against_autograd(basis, points(), [(1, 0), (0, 2), (2, 1)]) < 1e-10
    basis = functions(Term(0, logs=1), Term(1.3, 0.2, 1, 1, 2))
    assert basis.size == 3
    indices = [(1, 0), (0, 1), (1, 1), (0, 2), (2, 1)]
    assert against_autograd(basis, points(), indices) < 1e-10


def test_powers_and_the_scraped_fluid_are_biharmonic():
    basis = functions(Term(2.7, 1.1), Term(1.7, 1.1, 1), SLIDING)
    parts = [factor * basis(points(), [index])[0] for index, factor in BIHARMONIC]
    sizes = sum(part.abs() for part in parts)
    assert float((sum(parts).abs() / sizes).max()) < 1e-11
    # |z|^2 th^2 is not: the test can fail.
    parts = [f * functions(Term(1, 0.0, 1, 2))(points(), [i])[0] for i, f in BIHARMONIC]
    assert float(sum(parts).abs().min()) > 1e-3


def test_beside_a_lid_whose_speed_has_a_slope_the_pressure_is_a_logarithm():
    """Slow flow with s = pi h^2 - 2 th r^2 - 2 x h, at a depth h below the lid."""
    own, p = CLASHING[1], points()
    first, second = p.T
    th, basis = torch.atan2(second, first), functions(*own.velocity, Term(1))
    u, v = 4 * first + 4 * second * th - 2 * math.pi * second, -4 * first * th
    for velocity in (u, v):
        left = velocity - basis(p, [(0, 0)])[0] @ fitted(basis, p, velocity)
        assert float(left.abs().max()) < 1e-12
        assert float((velocity - polynomial(p) @ lstsq(polynomial(p), velocity)).abs().max()) > 1e-3
    # grad p = laplacian(u, v): 8 / r^2 times the place.
    pressure = functions(*own.pressure)
    slopes = pressure(p, [(1, 0), (0, 1)])[:, :, 0]
    bent = basis(p, [frozenset({(2, 0), (0, 2)})])[0]
    for slope, velocity in zip(slopes, (u, v), strict=True):
        torch.testing.assert_close(bent @ fitted(basis, p, velocity), 8 * slope)


def fitted(basis, p, values):
    return lstsq(basis(p, [(0, 0)])[0], values)


def lstsq(a, b):
    return torch.linalg.lstsq(a, b[:, None]).solution[:, 0]


def polynomial(p):
    x, y = p.T
    return torch.stack([torch.ones_like(x), x, y, x * x, x * y, y * y], dim=1)


def test_powers_are_the_roots_of_dean_and_montagnon():
    # Moffatt (1964), table 1: of 90 degrees 2.74 + 1.12 i; of 270 the L's 0.5445 and 0.9085.
    (right,) = velocity_powers(math.pi / 2)
    assert abs(right - (2.7396 + 1.119j)) < 1e-4
    first, second, *_ = velocity_powers(3 * math.pi / 2)
    assert abs(first - 0.5445) < 1e-4
    assert abs(second - 0.9085) < 1e-4
    for opening in (0.7, 2.0, 4.0, 6.0):
        for a in velocity_powers(opening):
            wanted = (a * math.sin(opening)) ** 2
            assert abs(cmath.sin(a * opening) ** 2 - wanted) < 1e-10


def test_corners_of_a_cavity_are_found_and_which_of_them_slide():
    corners = known_flow_corners(compile_problem(CATALOGUE["cavity_100"]()))
    assert [corner.at for corner in corners] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert [SLIDING in corner.terms for corner in corners] == [False, True, False, True]
    flow = known_flow_corners(compile_problem(COMPOSITE["navier_stokes_cylinder"]()))
    # Of the outlet's corners nothing is known: no velocity is given there.
    assert [corner.at for corner in flow] == [(0.0, 0.0), (0.0, 0.41)]
    assert all(term.turns == 0 for corner in flow for term in corner.terms)


def test_elastic_bodies_and_other_operators_are_none():
    s = unknown("s", x, y)
    square = Box({x: (0, 1), y: (0, 1)})
    clamped = [Eq(s, 0) @ square.boundary, Eq(s.diff(x), 0) @ square.boundary]
    skew = Problem(square, Eq(laplacian(s.diff(x, 2) + 2 * s.diff(y, 2)), 1), *clamped)
    assert not is_biharmonic(compile_problem(skew), (0.0, 0.0))
    plate = Problem(square, Eq(laplacian(laplacian(s)), 1), *clamped)
    assert is_biharmonic(compile_problem(plate), (0.0, 0.0))
    elastic = next(name for name in CATALOGUE if "elast" in name)
    assert not known_flow_corners(compile_problem(CATALOGUE[elastic]()))


def test_functions_of_flow_corners_are_of_the_plane():
    declared = FlowCornerFunctions((FlowCorner((0.0, 0.0), 0.0, (SLIDING,)),))
    with pytest.raises(ValueError, match="two coordinates"):
        declared.build({"x": (0.0, 1.0)}, 0)


def test_where_walls_slide_cells_come_first_and_are_graded():
    for name, first in (("cavity_100", True), ("backward_step", True), ("stokes_cylinder", False)):
        assert bool(roughness(compile_problem(COMPOSITE[name]())).corners) is first
    layout = first_layout(compile_problem(CATALOGUE["cavity_100"]()), None, None, 1e-3)
    sides = {
        at: min(
            np.ptp(box, axis=1).max()
            for box in layout.tree.cells
            if (box[:, 0] <= at).all() and (box[:, 1] >= at).all()
        )
        for at in ((0, 1), (1, 1), (0, 0), (0.5, 0.5))
    }
    assert sides == {(0, 1): 1 / 16, (1, 1): 1 / 16, (0, 0): 1 / 4, (0.5, 0.5): 1 / 4}


@pytest.mark.parametrize("turn", [0, 1])
def test_walls_that_move_alike_do_not_slide(turn):
    a, b, p = (unknown(name, x, y) for name in "abp")
    square = Box({x: (0, 1), y: (0, 1)})
    laws = [Eq(p.diff(c), laplacian(v, x, y)) for c, v in ((x, a), (y, b))]
    # The same velocity on all walls; or one that jumps in a corner, as that of a lid does.
    still = [square.at(x=0), square.at(x=1), square.at(y=0)]
    given = [Eq(v, 1) @ wall for v in (a, b) for wall in still]
    lid = [Eq(a, 1 + turn) @ square.at(y=1), Eq(b, 1) @ square.at(y=1)]
    flow = Problem(square, *laws, Eq(a.diff(x) + b.diff(y), 0), *given, *lid)
    corners = known_flow_corners(compile_problem(flow))
    assert [c.at for c in corners if c.slides] == [(0.0, 1.0), (1.0, 1.0)][: 2 * turn]
    assert len(corners) == 4


def test_velocities_have_a_bound_at_a_corner_and_the_pressure_functions_of_its_own():
    system = compile_problem(COMPOSITE["backward_step"]())
    corners = {corner.at: corner for corner in known_flow_corners(system)}
    # At the outlet a velocity and the pressure are given: no walls.
    assert set(corners) == {(0.0, 0.0), (0.0, 1.0), (2.0, 1.0), (2.0, 2.0)}
    corner = corners[2.0, 1.0]
    assert min(term.power + term.raised for term in corner.terms) == pytest.approx(0.5445, abs=1e-4)
    lowest = min(term.power for term in corner.pressures)
    assert lowest == pytest.approx(-0.4555, abs=1e-4)
    names = [u.name for u in system.problem.unknowns]
    assert names[corner.pressure] == "p"
    cell = np.array([[2.0, 3.0], [1.0, 2.0]])
    declared = Dense(5) + FlowCornerFunctions((corner,))
    grown = spaces_of(Tree(cell), [declared], system.supports, np.ones((3, 1), bool), built)
    a, b, p = (grown[0].blocks[names.index(name)] for name in "abp")
    assert a is b
    assert p.size - 5 == sum(term.parts for term in corner.pressures)
    assert a.size - 5 == sum(term.parts for term in corner.terms)


def built(_, __, declared, domain):
    return declared.build(domain, 0)
