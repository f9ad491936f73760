"""Poles in elliptical holes: their map to a circle, their derivatives, and where they are."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sympy import Eq, Rational, log

from oracles import against_autograd
from pinnsolve import (
    Ball,
    Box,
    Budget,
    Ellipse,
    Interval,
    Problem,
    compile_problem,
    coordinates,
    laplacian,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.poles import Poles
from pinnsolve.fields.holes import along_bores, in_holes
from pinnsolve.strategies.own_poles import with_own_poles

x, y, z = coordinates("x y z")
u, w = unknown("u", x, y), unknown("w", x, y, z)
HALF, FIFTH = Rational(1, 2), Rational(1, 5)
BOX = {"x": (-1.0, 1.0), "y": (-1.0, 1.0)}
LAPLACIAN = frozenset([(2, 0), (0, 2)])


def around(semiaxes, order=5, depth=0):
    """The hole of an ellipse of these semiaxes."""
    b = min(semiaxes)
    first, second = (math.sqrt(a**2 - b**2) for a in semiaxes)
    return Hole((0.1, -0.2), b, order, depth, focus=(first, second))


@pytest.mark.parametrize("semiaxes", [(0.5, 0.2), (0.1, 0.6), (0.3, 0.3)])
def test_on_the_ellipse_poles_are_waves_of_its_angle(semiaxes):
    """x = a cos t, y = b sin t: W = exp(i t), turned by a right angle where y is the longer one."""
    t = torch.linspace(0, 6, 7, dtype=torch.float64)
    at = torch.stack([0.1 + semiaxes[0] * t.cos(), -0.2 + semiaxes[1] * t.sin()], dim=1)
    values = Poles((around(semiaxes),)).build(BOX, 0)(at, [(0, 0)])[0]
    assert values[:, 0].abs().max() < 1e-14  # log |W|
    for k in range(1, 6):
        assert torch.allclose(values[:, 2 * k - 1], (k * t).cos(), atol=1e-13)
        assert torch.allclose(values[:, 2 * k], -(k * t).sin(), atol=1e-13)


@pytest.mark.parametrize("semiaxes", [(0.5, 0.2), (0.1, 0.6)])
def test_derivatives_are_closed(semiaxes):
    basis = Poles((around(semiaxes, order=4, depth=2),)).build(BOX, 0)
    at = torch.tensor([[0.8, 0.1], [-0.6, -0.7], [0.2, 0.9], [0.05, -0.95]], dtype=torch.float64)
    indices = [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (2, 2), (0, 3)]
    assert against_autograd(basis, at, indices) < 1e-11
    left = basis(at, [LAPLACIAN])[0]
    assert int((left == 0).all(dim=0).sum()) == basis.harmonic == 9


def test_ellipses_that_are_cut_out_have_poles():
    plate, at = Box({x: (-1, 1), y: (-1, 1)}), {x: 0, y: FIFTH}
    for axes, focus in (((HALF, FIFTH), (0.21**0.5, 0.0)), ((FIFTH, HALF), (0.0, 0.21**0.5))):
        ellipse = Ellipse(at, dict(zip((x, y), axes, strict=True)))
        (hole,) = in_holes(compile_problem(Problem(plate - ellipse, Eq(laplacian(u), 0)))).holes
        assert (hole.at, hole.radius) == ((0.0, 0.2), 0.2)
        assert hole.focus == pytest.approx(focus)
        # Hankel's functions of the middle converge outside of the circle around the foci alone.
        assert with_own_poles(hole, 9.0).square is None
        assert hole.order == 32
    disk = Ball(at, FIFTH)
    (hole,) = in_holes(compile_problem(Problem(plate - disk, Eq(laplacian(u), 0)))).holes
    assert hole.focus == (0.0, 0.0)
    assert with_own_poles(hole, 9.0).square == 9.0
    bored = (plate - ellipse) * Interval(z, 0, 1)
    (bore,) = along_bores(compile_problem(Problem(bored, Eq(laplacian(w), 0)))).bores
    assert bore.hole.focus == pytest.approx(focus)


def test_poles_of_a_flat_ellipse_do_not_end_in_round_off():
    """Nearly a slit: at its tip derivatives are large, and right."""
    basis = Poles((Hole((0.0, 0.0), 1e-3, 3, 0, focus=(0.5, 0.0)),)).build(BOX, 0)
    tip, c = math.hypot(0.5, 1e-3), 0.5
    values, slopes = basis(torch.tensor([[tip, 0.0]], dtype=torch.float64), [(0, 0), (1, 0)])
    np.testing.assert_allclose(values[0, 1::2], 1.0, rtol=1e-12)
    np.testing.assert_allclose(slopes[0, 1::2], -np.arange(1, 4) / math.sqrt(tip**2 - c**2))


@pytest.mark.slow
def test_what_is_singular_between_the_foci_is_resolved():
    """Sources inside of the hole, one beside the middle; the circle around the foci goes out of
    it.
    """
    ellipse = Ellipse({x: 0, y: 0}, {x: Rational(1, 4), y: HALF})
    exact = log(x**2 + (y - FIFTH) ** 2) - 2 * log(x**2 + y**2) + x * y
    plate = Box({x: (-1, 1), y: (-1, 1)}) - ellipse
    problem = manufactured(plate, laplacian(u), u @ plate.boundary, exact={u: exact})
    solution = solve(problem, tolerance=1e-6, budget=Budget(columns=800))
    assert solution.stopped == "met"
    assert solution.error() < min(1e-6, solution.estimate)
