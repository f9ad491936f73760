"""Multipoles in balls: harmonic functions of space with closed derivatives, and where they are."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.special import sph_harm_y
from sympy import Eq, Rational

from oracles import against_autograd
from pinnsolve import (
    Ball,
    Box,
    Dense,
    Problem,
    compile_problem,
    coordinates,
    laplacian,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.poles import Poles
from pinnsolve.basis.sums import Sum
from pinnsolve.fields.holes import in_holes
from pinnsolve.problems.composite import ball_in_cube

x, y, z = coordinates("x y z")
u = unknown("u", x, y, z)
CUBE = dict.fromkeys("xyz", (-1.0, 1.0))
LAPLACIAN = frozenset([(2, 0, 0), (0, 2, 0), (0, 0, 2)])
POINTS = torch.tensor(
    [[0.5, 0.4, 0.3], [-0.6, -0.2, 0.1], [0.1, 0.2, -0.5], [0.1, -0.2, 0.6]], dtype=torch.float64
)


@pytest.mark.parametrize("depth", [0, 2])
def test_derivatives_are_closed(depth):
    hole = Hole((0.1, -0.2, 0.05), 0.3, order=4, depth=depth)
    basis = Poles((hole,)).build(CUBE, 0)
    assert basis.size == hole.functions == (25 if depth == 0 else 25 + 16 + 9)
    indices = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (2, 0, 0), (1, 1, 0), (0, 1, 1), (0, 0, 2)]
    assert against_autograd(basis, POINTS, [*indices, (1, 0, 2), (1, 2, 1)]) < 1e-12
    # The Laplacian of what is harmonic is zero to the last bit; of the rest, the sum of its parts.
    both = basis(POINTS, [LAPLACIAN])[0]
    assert float(both[:, :25].abs().max()) == 0.0
    parts = sum(basis(POINTS, [member])[0] for member in LAPLACIAN)
    assert torch.allclose(both, parts, atol=1e-10)


def test_they_are_spherical_harmonics_over_powers_of_the_distance():
    hole = Hole((0.1, -0.2, 0.05), 0.3, order=5, depth=0)
    values = Poles((hole,)).build(CUBE, 0)(POINTS, [(0, 0, 0)])[0]
    first, second, third = ((POINTS - torch.tensor(hole.at)) / hole.radius).T
    r = (first**2 + second**2 + third**2).sqrt()
    polar, azimuth = torch.acos(third / r), torch.atan2(second, first)
    column = 0
    for n in range(hole.order + 1):
        for m in range(n + 1):
            harmonic = torch.as_tensor(sph_harm_y(n, m, polar.numpy(), azimuth.numpy()))
            expected = (-1) ** m * math.sqrt(4 * math.pi) * harmonic / r ** (n + 1)
            assert torch.allclose(values[:, column], expected.real)
            column += 1
            if m:
                assert torch.allclose(values[:, column], expected.imag)
                column += 1
    assert column == values.shape[1]


def test_functions_that_grow_are_of_size_one_at_the_far_end():
    basis = Poles((Hole((0.0, 0.0, 0.0), 0.05, order=4, depth=4),)).build(CUBE, 0)
    corner = torch.ones(1, 3, dtype=torch.float64)
    assert 0.1 < float(basis(corner, [(0, 0, 0)]).abs().max()) < 10


def test_poles_are_of_the_domains_dimension():
    with pytest.raises(ValueError, match="poles are for two or three coordinates"):
        Poles((Hole((0.0, 0.0), 0.5),)).build(CUBE, 0)
    assert Poles((Hole((0.9, 0.0, 0.0), 0.5),)).build(CUBE, 0).size == 0


def test_those_that_are_harmonic_are_counted():
    waves = Sum((Dense(7), Poles((Hole((0.1, -0.2, 0.05), 0.3, order=3, depth=2),))))
    basis = waves.build(CUBE, 0)
    laplacians = basis(POINTS, [LAPLACIAN])[0].detach().abs().amax(dim=0)
    assert basis.harmonic == int((laplacians == 0).sum()) == 16


def test_a_box_that_cuts_a_ball_has_its_poles_and_one_inside_of_it_has_none():
    hole = Hole((1.0, 1.0, 1.0), 0.5, order=2, depth=1)
    assert Poles((), (), (hole,)).build(CUBE, 0).size == hole.functions
    assert Poles((), (hole,)).build(CUBE, 0).size == 0
    # Its far corner lies outside of the ball, however well the box around that holds it.
    assert Poles((), (), (hole,)).build(dict.fromkeys("xyz", (0.5, 1.0)), 0).size == hole.functions
    assert Poles((), (), (hole,)).build(dict.fromkeys("xyz", (0.75, 1.0)), 0).size == 0


def test_balls_that_are_cut_out_have_poles():
    cube = Box(dict.fromkeys((x, y, z), (0, 1)))
    ball = Ball({x: Rational(1, 2), y: Rational(1, 4), z: Rational(1, 2)}, Rational(1, 8))
    poles = in_holes(compile_problem(Problem(cube - ball, Eq(laplacian(u), 0))))
    assert poles is not None
    assert [(hole.at, hole.radius) for hole in poles.holes] == [((0.5, 0.25, 0.5), 0.125)]


@pytest.mark.slow
def test_a_ball_in_a_cube_is_resolved_with_its_poles():
    """Waves alone leave an error of 2e-5 after half a minute."""
    solution = solve(ball_in_cube(), tolerance=1e-4)
    assert solution.stopped == "met"
    assert solution.error() < 1e-4
