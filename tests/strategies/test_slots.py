"""A thin slot that is cut out: its corners' functions, and cells that are graded to its tips."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Rational

from pinnsolve import (
    Box,
    Problem,
    compile_problem,
    coordinates,
    laplacian,
    normal_derivative,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.corners import CornerFunctions
from pinnsolve.basis.sums import summands
from pinnsolve.search.families.corners import known_corners, reentrant
from pinnsolve.strategies.cuts import places_of_cuts
from pinnsolve.strategies.layouts import first_layout

x, y = coordinates("x y")
u = unknown("u", x, y)
SQUARE = Box({x: (0, 1), y: (0, 1)})
WIDTH = Rational(1, 1000)
SLOT = Box({x: (Rational(37, 100), Rational(37, 100) + WIDTH), y: (0.3, 0.7)})
MIDDLE = Box({x: (Rational(1, 2) - WIDTH / 2, Rational(1, 2) + WIDTH / 2), y: (0.3, 0.7)})


def insulated(slot):
    """No flux through the slot."""
    plate, flux = SQUARE - slot, Eq(normal_derivative(u), 0) @ slot.boundary
    return Problem(plate, Eq(laplacian(u), 0), Eq(u, x) @ SQUARE.boundary, flux)


def test_corners_say_how_far_their_functions_reach():
    """From a corner the cut crosses the slot at half a right angle."""
    system = compile_problem(insulated(SLOT))
    thin = [c for c in known_corners(system) if c.opening > np.pi]
    assert len(thin) == 4
    for corner in thin:
        assert 1 < corner.reach / (2**0.5 * float(WIDTH)) < 1.04
        inward = np.sign(np.array([0.3705, 0.5]) - corner.at)
        np.testing.assert_allclose(corner.cut, inward / 2**0.5, atol=1e-9)
    # They are no functions of the whole domain.
    assert reentrant(system) is None


def test_cells_are_graded_to_the_tips_and_hold_no_jump():
    """Functions of a corner are in the cells where they do not jump: nor does what is declared."""
    system = compile_problem(insulated(SLOT))
    layout = first_layout(system, None, None, 1e-6)
    assert len(layout.tree.cells) < 200
    assert any(box[0, 0] == 0.3705 for box in layout.tree.cells), "none has both sides of it"
    thin = {c for c in layout.corners if c.opening > np.pi}
    held = set()
    for box, part in zip(layout.tree.cells, layout.declared.parts, strict=True):
        for f in (f for f in summands(part) if isinstance(f, CornerFunctions)):
            for corner in thin.intersection(f.corners):
                held.add(corner)
                steps = np.geomspace(1e-6, 2, 4000)[:, None]
                ray = np.array(corner.at) + steps * np.array(corner.cut)
                in_cell = ((box[:, 0] < ray) & (ray < box[:, 1])).all(axis=1)
                assert not system.domain.contains(ray[in_cell], 0.0).any()
    assert held == thin
    for corner in thin:
        at = np.array(corner.at)
        own = [b for b in layout.tree.cells if ((b[:, 0] <= at) & (at <= b[:, 1])).all()]
        assert max(np.ptp(box, axis=1).max() for box in own) <= corner.reach


@pytest.mark.slow
def test_a_slot_of_a_thousandth():
    """Values of elements of order four, graded to 1e-8 at the corners, by scikit-fem: two meshes,
    of 15,672 and 40,390 triangles, differ by 4e-8 at most.
    """
    solution = solve(insulated(MIDDLE), tolerance=1e-3)
    assert solution.stopped == "met"
    at = [[0.25, 0.5], [0.499, 0.5], [0.4994, 0.7001], [0.7, 0.8]]
    known = [0.20004724, 0.31143464, 0.489246, 0.72084204]
    np.testing.assert_allclose(solution(at), known, atol=1e-3 * 0.6)


@pytest.mark.parametrize("at", [0.015, 0.985])
def test_a_slot_beside_a_wall_is_cut_along_its_middle(at):
    """Cells between it and the wall are thin: these are halved across their length."""
    width = float(WIDTH)
    slot = Box({x: (at - width / 2, at + width / 2), y: (0.3, 0.7)})
    system = compile_problem(insulated(slot))
    tree = first_layout(system, None, None, 1e-6).tree
    assert any(end == pytest.approx(at) for box in tree.cells for end in box[0])
    assert len(tree.cells) < 200
    tips = [b for b in tree.cells if np.ptp(b, axis=1).max() < 2e-3]
    assert tips
    assert all(0.4 < np.ptp(b[0]) / np.ptp(b[1]) < 2.5 for b in tips)


def test_slots_beside_each_other_are_both_cut_along_their_middles():
    slots = [Box({x: (at, at + WIDTH), y: (0.3, 0.7)}) for at in (0.37, 0.375, 0.3755)]
    system = compile_problem(insulated(slots[0] | slots[1]))
    lines, _ = places_of_cuts(system, [])
    assert lines == pytest.approx([0.3705, 0.3755])
    # Two that overlap nearly have one cut.
    system = compile_problem(insulated(slots[1] | slots[2]))
    assert len(places_of_cuts(system, [])[0]) == 1


def test_a_slot_of_a_hundred_thousandth_is_graded_to_its_width():
    tiny = Box({x: (0.37, 0.37001), y: (0.3, 0.7)})
    layout = first_layout(compile_problem(insulated(tiny)), None, None, 1e-6)
    at = np.array([0.37, 0.3])
    own = [b for b in layout.tree.cells if ((b[:, 0] <= at) & (at <= b[:, 1])).all()]
    assert max(np.ptp(box, axis=1).max() for box in own) < 1.5e-5
    assert len(layout.tree.cells) < 250
