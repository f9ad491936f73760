"""Poles in round holes: harmonic functions with closed derivatives, and where they are."""

from __future__ import annotations

import pytest
import torch
from sympy import Eq, Rational, log

from oracles import against_autograd
from pinnsolve import (
    Ball,
    Box,
    Interval,
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
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.poles import Poles
from pinnsolve.fields.holes import in_holes
from pinnsolve.geometry.holes import round_holes, slots

x, y, t = coordinates("x y t")
u = unknown("u", x, y)
square = Box({x: (-1, 1), y: (-1, 1)})
left = Ball({x: Rational(-1, 2), y: 0}, Rational(1, 5))
right = Ball({x: Rational(1, 2), y: 0}, Rational(1, 4))
LAPLACIAN = frozenset([(2, 0), (0, 2)])
box = {"x": (-1.0, 1.0), "y": (-1.0, 1.0)}


def test_poles_are_harmonic_and_their_derivatives_closed():
    hole = Hole((0.1, -0.2), 0.3, order=4)
    basis = Poles((hole,)).build(box, 0)
    points = torch.tensor([[0.5, 0.4], [-0.6, -0.2], [0.1, 0.3]], dtype=torch.float64)
    indices = [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 1)]
    assert against_autograd(basis, points, indices) < 1e-11
    harmonic = [0, *range(2, 2 + 2 * hole.order)]
    second = basis(points, [(2, 0)])[0]
    assert float(basis(points, [LAPLACIAN])[0][:, harmonic].abs().max()) == 0.0
    assert float(second[:, harmonic].abs().amin(dim=0).max()) > 0.0


def test_what_lower_terms_add_to_poles_has_closed_derivatives_too():
    hole = Hole((0.1, -0.2), 0.3, order=5, depth=3)
    basis = Poles((hole,)).build(box, 0)
    points = torch.tensor([[0.5, 0.4], [-0.6, -0.2], [0.1, 0.3]], dtype=torch.float64)
    assert against_autograd(basis, points, [(1, 0), (0, 2), (1, 1), (2, 1)]) < 1e-11
    values = basis(points, [(0, 0)])[0]
    assert values.shape == (3, hole.functions)
    # One value at every point, on both sides of where an angle jumps.
    beside = torch.tensor([[-0.7, -0.2 + 1e-12], [-0.7, -0.2 - 1e-12]], dtype=torch.float64)
    above, below = basis(beside, [(0, 0)])[0]
    assert float((above - below).abs().max()) < 1e-8
    # Functions that grow are of size one at the box's far end.
    corner = torch.tensor([[-1.0, 1.0]], dtype=torch.float64)
    assert 0.1 < float(basis(corner, [(0, 0)]).abs().max()) < 10


def test_the_first_poles_are_the_logarithm_and_dipoles():
    basis = Poles((Hole((0.0, 0.0), 0.5, order=1),)).build(box, 0)
    points = torch.tensor([[1.0, 0.0], [0.0, -0.5], [0.6, 0.8]], dtype=torch.float64)
    r = points.norm(dim=1) / 0.5
    values = basis(points, [(0, 0)])[0]
    assert torch.allclose(values[:, 0], r.log())
    assert torch.allclose(values[:, 2], points[:, 0] / 0.5 / r**2)
    assert torch.allclose(values[:, 3], -points[:, 1] / 0.5 / r**2)


def test_a_box_that_does_not_hold_the_hole_has_no_poles():
    """That of the disk in the hole itself, where they would be infinite."""
    poles = Poles((Hole((0.0, 0.0), 0.5),))
    assert poles.build({"x": (-0.5, 0.5), "y": (-0.5, 0.5)}, 0).size == 0
    assert poles.build(box, 0).size == 2 * (2 + 8 + 7) - 2
    nothing = poles.build({"x": (0.6, 0.9), "y": (-1.0, 1.0)}, 0)
    assert nothing(torch.zeros(3, 2), [(0, 0), (1, 0)]).shape == (2, 3, 0)
    with pytest.raises(ValueError, match="poles are for two or three coordinates"):
        poles.build({"x": (0.0, 1.0)}, 0)


def test_holes_are_found_in_regions_of_regions():
    assert round_holes(square - (left | right)) == (left, right)
    assert round_holes((square - left) - right) == (left, right)
    assert round_holes((square - left) & (square - right)) == (left, right)
    assert round_holes(left | right) == ()
    slot = Box({x: (0, Rational(1, 2)), y: (0, Rational(1, 4))})
    middle = {x: Rational(1, 4), y: Rational(1, 8)}
    assert round_holes(square - slot) == (Ball(middle, Rational(1, 8)),)
    assert slots(square - slot) == ()


def test_a_thin_box_is_a_slot_and_no_hole():
    slot = Box({x: (0, Rational(1, 2)), y: (Rational(1, 4), Rational(251, 1000))})
    assert round_holes(square - slot - left) == (left,)
    assert slots((square - slot) - left) == ((y, 0.2505),)
    assert slots(slot) == ()


def test_the_search_has_poles_where_an_unknown_has_a_hole():
    k = by_region({left: 10, square - left: 1})
    law = Eq(divergence(k * gradient(u)), 0)
    poles = in_holes(compile_problem(Problem(square, law, Eq(u, x) @ square.boundary)))
    assert poles == Poles((Hole((-0.5, 0.0), 0.2),))
    assert in_holes(compile_problem(Problem(square, Eq(laplacian(u), 0)))) is None
    w = unknown("w", x, y, t)
    whole = Problem((square - left) * Interval(t, 0, 1), Eq(w.diff(t), laplacian(w, x, y)))
    assert in_holes(compile_problem(whole)) is None


@pytest.mark.slow
def test_two_holes_are_resolved_with_their_poles():
    """A charge in each hole, and no more than waves for what is smooth."""
    domain = square - (left | right)
    charges = [log((x + Rational(1, 2)) ** 2 + y**2), log((x - Rational(1, 2)) ** 2 + y**2)]
    exact = charges[0] - 3 * charges[1] + x * y
    problem = Problem(domain, Eq(laplacian(u), 0), Eq(u, exact) @ domain.boundary, exact={u: exact})
    solution = solve(problem, tolerance=1e-9)
    assert solution.stopped == "met"
    assert solution.error() < 1e-9
