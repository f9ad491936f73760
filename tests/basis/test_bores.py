"""Functions along bores: their derivatives, which bores have them, and what they are worth."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq, Rational, exp, log, sqrt

from oracles import against_autograd
from pinnsolve import (
    Ball,
    Box,
    Budget,
    Cylinder,
    Dense,
    Interval,
    Problem,
    compile_problem,
    coordinates,
    laplacian,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.bores import Bore, BoreFunctions
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.fields.holes import along_bores
from pinnsolve.geometry.holes import bores

x, y, z = coordinates("x y z")
u = unknown("u", x, y, z)
block = Box({x: (-1, 1), y: (-1, 1), z: (0, 1)})
BOUNDS = {"x": (-1.0, 1.0), "y": (-1.0, 1.0), "z": (0.0, 1.0)}
LAPLACIAN = frozenset([(2, 0, 0), (0, 2, 0), (0, 0, 2)])
ORIGIN = (0.0, 0.0)


def built(axis, degree=2, depth=1):
    return BoreFunctions((Bore(Hole(ORIGIN, 0.3, 3, depth), axis, degree),)).build(BOUNDS, 0)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("depth", [1, 2])
def test_derivatives_are_closed(axis, depth):
    basis = built(axis, depth=depth)
    at = torch.tensor([[0.5, 0.4, 0.7], [-0.6, 0.3, 0.2], [0.4, -0.5, 0.6]], dtype=torch.float64)
    firsts, seconds = [(1, 0, 0), (0, 1, 0), (0, 0, 1)], [(2, 0, 0), (1, 0, 1), (0, 1, 1)]
    assert basis(at, [(0, 0, 0)]).shape[2] == basis.size
    assert against_autograd(basis, at, [*firsts, *seconds]) < 1e-10
    parts = basis(at, [*LAPLACIAN]).sum(dim=0)
    assert basis(at, [LAPLACIAN])[0].numpy() == pytest.approx(parts.numpy(), abs=1e-8)


def test_logarithms_and_poles_times_what_is_linear_along_the_bore_are_harmonic():
    basis = built(2, degree=1)
    at = torch.tensor([[0.5, 0.4, 0.7], [-0.6, 0.3, 0.2]], dtype=torch.float64)
    values, left = basis(at, [(0, 0, 0), LAPLACIAN])
    exactly = (left == 0).all(dim=0)
    # log r, and three poles of two parts, times two polynomials
    assert exactly.sum() == 2 * (1 + 2 * 3)
    assert values[:, 0].numpy() == pytest.approx(np.log(np.hypot(*at[:, :2].numpy().T) / 0.3))


def drilled(center, radius, along):
    return block - Cylinder(center, radius, along)


def test_bores_go_from_end_to_end():
    half, small = Rational(1, 2), Rational(1, 4)
    (found,) = bores(drilled({x: 0, y: 0}, small, {z: (-1, 2)}))
    assert found[1] == z
    assert float(found[0].radius) == 0.25
    assert bores(drilled({x: 0, y: 0}, small, {z: (half, 2)})) == ()  # its axis goes on in the body
    assert bores(block - Ball({x: 0, y: 0, z: half}, small)) == ()
    across = drilled({y: 0, z: half}, small, {x: (-1, 1)})
    assert [c for _, c in bores(across)] == [x]
    plate = Box({x: (-1, 1), y: (-1, 1)}) - Ball({x: half, y: 0}, small)
    ((disk, along),) = bores(plate * Interval(z, 0, 1))
    assert (float(disk.center[x]), along) == (0.5, z)
    system = compile_problem(Problem(across, Eq(laplacian(u), 0), Eq(u, x) @ across.boundary))
    declared = along_bores(system)
    assert [(b.axis, b.hole.at) for b in declared.bores] == [(0, (0.0, 0.5))]
    many = block
    for k in range(8):
        many -= Cylinder({x: Rational(k, 5) - Rational(4, 5), y: 0}, Rational(1, 20), {z: (0, 1)})
    (degree,) = {b.degree for b in bores_of(many)}
    assert 1 <= degree < declared.bores[0].degree  # all of them together stay few
    with pytest.raises(ValueError, match="three coordinates"):
        (Dense(5) + declared).build({"x": (0, 1)}, 0)


def bores_of(body):
    return along_bores(
        compile_problem(Problem(body, Eq(laplacian(u), 0), Eq(u, x) @ body.boundary))
    ).bores


@pytest.mark.slow
def test_what_varies_along_a_bore_is_resolved():
    """A source all along a bore, whose strength grows; of waves alone 32,000 functions in cells
    leave 1e-4.
    """
    body, r = drilled({x: 0, y: 0}, Rational(3, 10), {z: (-1, 2)}), sqrt(x**2 + y**2)
    problem = manufactured(
        body, -laplacian(u), u @ body.boundary, exact={u: log(r) * exp(z) + x * y}
    )
    solution = solve(problem, tolerance=1e-5, seed=1, budget=Budget(columns=800))
    assert solution.stopped == "met"
    assert solution.error() < min(1e-5, solution.estimate)
