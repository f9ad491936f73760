"""Points where interfaces turn or materials meet: powers by closed forms, derivatives, solutions."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sympy import Eq, Rational

from oracles import against_autograd
from pinnsolve import (
    Box,
    Budget,
    Interface,
    Problem,
    by_region,
    compile_problem,
    coordinates,
    divergence,
    gradient,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.meetings import Meeting, MeetingFunctions, Sector
from pinnsolve.cells.points import on_sides
from pinnsolve.discretize.points import Points
from pinnsolve.search.families.meetings import at_meetings, powers_of
from pinnsolve.strategies.layouts import first_layout
from problems.materials import checkerboard, quarter

x, y = coordinates("x y")
u = unknown("u", x, y)
right = math.pi / 2
plate = Box({x: (-1, 1), y: (-1, 1)})


@pytest.mark.parametrize("ratio", [1.001, 2.0, 100.0, 1e4])
def test_the_powers_of_a_checkerboard_are_known(ratio):
    """(4 / pi) arctan(1 / sqrt(ratio)), and two minus that."""
    powers, whole = powers_of([(1.0, right), (ratio, right)] * 2)
    first = 4 / math.pi * math.atan(ratio**-0.5)
    assert powers[:2] == pytest.approx((first, 2 - first), rel=1e-9)
    assert whole == (2,)


def test_one_material_has_whole_powers_alone():
    assert powers_of([(3.0, right), (3.0, 3 * right)])[0] == ()


def test_between_sides_powers_are_those_of_a_corner():
    """k pi / w of one material, (k - 1/2) pi / w between unlike sides."""
    sectors, whole = [(2.0, 1.0), (2.0, 1.5)], math.pi / 2.5
    alike = powers_of(sectors, (True, True))[0]
    assert alike == pytest.approx([k * whole for k in (1, 2)], rel=1e-9)
    assert powers_of(sectors, (False, False))[0] == pytest.approx(alike, rel=1e-9)
    mixed = powers_of(sectors, (True, False))[0]
    assert mixed == pytest.approx([(k - 0.5) * whole for k in (1, 2)], rel=1e-9)


@pytest.mark.parametrize("beyond", [0.0, 0.4])
def test_derivatives_are_closed_and_functions_harmonic(beyond):
    box = {"x": (0.0, 1.0), "y": (0.0, 1.0)}
    sector = Sector(0.3, 2.0, ((0.0, 1.0), (0.0, 1.0)), beyond)
    meeting = Meeting((0.1, 0.2), (sector,), (0.7, 1.3), (2,))
    basis = MeetingFunctions((meeting,)).build(box, 0)
    points = torch.tensor([[0.3, 0.1], [0.9, 0.9], [0.2, 0.7]], dtype=torch.float64)
    assert basis.size == meeting.functions(sector)
    indices = [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (2, 1)]
    assert against_autograd(basis, points, indices) < 1e-10
    harmonic = 2 * len(meeting.roots(sector)[0])
    laplacian = basis(points, [frozenset({(2, 0), (0, 2)})])[0][:, :harmonic]
    assert laplacian.abs().max() == 0.0


def test_no_function_jumps_where_an_unknown_lives():
    """A box that is crossed by the cut has none, that of the sector's region has."""
    inclusion = Sector(math.pi / 4, right, ((0.0, 1.0), (0.0, 1.0)))
    around = Sector(5 * math.pi / 4, 3 * right, ((-1.0, 1.0), (-1.0, 1.0)), 0.7)
    meeting = Meeting((0.0, 0.0), (inclusion, around), (0.7,))
    beside = meeting.sector_of({"x": (-1.0, 0.0), "y": (0.0, 1.0)})
    assert beside is not None
    assert beside.middle == around.middle
    assert not beside.beyond
    assert meeting.sector_of({"x": (-1.0, 1.0), "y": (-1.0, 1.0)}) == around
    assert meeting.sector_of({"x": (-0.5, 0.9), "y": (-0.5, 0.9)}) is None
    assert meeting.sector_of({"x": (-0.9, 0.5), "y": (-0.9, 0.5)}) is None


def test_points_are_found_with_their_sectors():
    """Those of a square inclusion, and none for one material in two pieces."""
    half = Box({x: (-0.5, 0.5), y: (-0.5, 0.5)})
    k = by_region({half: 10, plate - half: 1})
    problem = Problem(plate, Eq(divergence(k * gradient(u)), 1), Eq(u, 0) @ plate.boundary)
    found = at_meetings(compile_problem(problem))
    assert {m.at for m in found.meetings} == {(a, b) for a in (-0.5, 0.5) for b in (-0.5, 0.5)}
    for meeting in found.meetings:
        assert sorted(s.opening for s in meeting.sectors) == pytest.approx([right, 3 * right])
        # The inclusion lies opposite to the middle of what is around it: half-way through it.
        beyond = max(s.beyond for s in meeting.sectors)
        assert beyond == pytest.approx(math.sqrt(2) / 2, rel=1e-2)


def test_interfaces_that_end_on_the_boundary_have_logarithms():
    lower = Box({x: (-1, 1), y: (-1, 0)})
    k = by_region({lower: 10, plate - lower: 1})
    problem = Problem(plate, Eq(divergence(k * gradient(u)), 1), Eq(u, 0) @ plate.boundary)
    found = at_meetings(compile_problem(problem))
    assert {m.at for m in found.meetings} == {(-1.0, 0.0), (1.0, 0.0)}
    assert all(2 in m.resonant for m in found.meetings)


def test_cells_are_cut_through_the_points():
    """Interfaces are faces then, to the last bit: the box of a region is that of its cells."""
    third = Rational(1, 3)
    k = by_region({(box := Box({x: (-third, third), y: (-third, 1)})): 10, plate - box: 1})
    problem = Problem(plate, Eq(divergence(k * gradient(u)), 1), Eq(u, 0) @ plate.boundary)
    system = compile_problem(problem)
    cells = first_layout(system, None, None, 1e-5).tree.cells
    for axis in (0, 1):
        places = {float(end) for cell in cells for end in cell[axis]}
        assert set(box.bounds[axis].tolist()) <= places
    assert len(first_layout(system, (2, 2), None, 1e-5).tree.cells) == 4


def test_points_on_a_side_are_where_alike_cells_have_theirs():
    """Chebyshev's on an interface, even ones on the outer boundary; a cell that is asked for what
    lies beside it keeps its points.
    """
    box = np.array([[0.0, 1.0], [0.0, 1.0]])
    outer = Box({x: (0, 2), y: (0, 2)})
    inner = Interface(Box({x: (0, 1), y: (0, 2)}), Box({x: (1, 2), y: (0, 2)}))
    dense = np.array([1.0, 3.0])
    for side, region, fractions in (
        (0.0, outer.boundary, np.array([1, 3, 5]) / 6),
        (1.0, inner, (1 - np.cos(np.pi * np.array([1, 3, 5]) / 6)) / 2),
    ):
        given = np.array([[side, t] for t in (0.3, 0.1, 0.6)])
        placed = on_sides(Points(given, None, np.ones(3)), box, region, dense)
        assert (placed.x[:, 0] == side).all()
        assert placed.x[:, 1] == pytest.approx(fractions)
    beside = Points(np.array([[0.0, 0.5], [2.0, 0.5]]), None, np.ones(2))
    assert on_sides(beside, box, outer.boundary, dense) is beside


@pytest.mark.slow
@pytest.mark.parametrize("declared", [checkerboard, quarter])
def test_singular_solutions_are_found_in_cells(declared):
    problem = declared()
    solution = solve(problem, tolerance=1e-5, cells=(2, 2), budget=Budget(seconds=60))
    assert solution.error() < 1e-8
    assert solution.stopped == "met"
