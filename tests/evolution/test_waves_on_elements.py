"""Waves on spectral elements against exact solutions: layers, sides that absorb, damping; the
functions of elements against polynomials; and what is no wave in a box.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq

from pinnsolve import Ball, Box, Interval, Problem, interpolate, laplacian
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import compile_problem
from pinnsolve.evolution.bending import bending
from pinnsolve.evolution.vibrated import vibrated
from pinnsolve.evolution.vibration import vibration_of
from pinnsolve.evolution.wavelike import wavelike
from pinnsolve.fields.elements import Elements
from pinnsolve.fields.pieces import Pieces
from small_waves import T, U, X, Y, closed, damped, driven, layers, leaving, missed, starts


def path(problem, counts, degree=4, goal=1e-7):
    system = compile_problem(problem)
    wave = wavelike(system)
    assert wave is not None
    return vibrated(vibration_of(system, wave, counts, degree), goal, lambda: None, 1e9)


@pytest.mark.parametrize(("made", "fewer"), [(damped, 3), (driven, 3), (leaving, 8)])
def test_smooth_waves_converge_with_the_fourth_power_at_least(made, fewer):
    problem, domain, exact = made()
    errors = [missed(path(problem, (n, n)), domain, exact) for n in (fewer, 2 * fewer)]
    assert errors[1] < 1e-3
    assert errors[1] < max(errors[0] / 16, 1e-7)


@pytest.mark.parametrize(("count", "limit"), [(8, 1e-5), (19, 1e-3)])
def test_a_medium_may_jump_between_elements_and_within_one(count, limit):
    problem, domain, exact = layers()
    assert missed(path(problem, (count, 2)), domain, exact) < limit


def test_masses_integrate_slowness_by_any_polynomial_of_the_elements():
    """Of a medium that is linear between points, 1 / c by Gauss's rule on every interval."""
    domain = Box({X: (0, 1), Y: (0, 1)}) * Interval(T, 0, 1)
    line = np.linspace(0, 1, 9)
    held = np.where(np.arange(9) % 3 == 0, 12.0, 1.0)
    law = Eq(U.diff(T, 2), interpolate({X: line}, held, degree=1) * laplacian(U, X, Y))
    system = compile_problem(Problem(domain, law, *closed(domain), *starts(domain, 0)))
    at, weights = np.polynomial.legendre.leggauss(30)
    x = (line[:-1, None] + (at + 1) / 16).ravel()
    for degree in (1, 2, 3):
        own = vibration_of(system, wavelike(system), (8, 2), degree)
        assert not own.jumps
        nodes = own.pieces[0]
        whole = sum(
            torch.nn.functional.pad(nodes.weights, (k * degree, (7 - k) * degree)) for k in range(8)
        )
        for power in range(degree + 1):
            wanted = (np.tile(weights / 16, 8) * x**power / np.interp(x, line, held)).sum()
            found = (whole * nodes.places**power / own.speeds[:, 1]).sum()
            assert float(found) == pytest.approx(wanted, rel=1e-6)


def test_pieces_hold_polynomials_and_their_derivatives():
    own = Pieces(-1.0, 2.0, 5, 4)
    x = torch.linspace(-1, 2, 101, dtype=DOUBLE.dtype)
    values = own.places**4 - 2 * own.places
    first, tables = own.at(x, 2)
    held = values[first[:, None] + torch.arange(5)]
    found = (tables * held).sum(dim=2)
    wanted = torch.stack([x**4 - 2 * x, 4 * x**3 - 2, 12 * x**2])
    assert torch.allclose(found, wanted, atol=1e-11)


@pytest.mark.parametrize(("count", "degree"), [(3, 4), (85, 3), (97, 1)])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_weighed_second_derivatives_are_integrals_of_slopes(count, degree, place):
    """By Gauss's rule on every piece, which is exact for polynomials."""
    own = Pieces(-1.0, 1.0, count, degree)
    shape = [2, 2, 2]
    shape[place] = own.nodes
    u, v = torch.rand(2, *shape, dtype=DOUBLE.dtype, generator=torch.Generator().manual_seed(0))
    found = 2 * u
    bending(own).onto(found, u, place, -3.0, 0.5)
    local, weights = map(torch.as_tensor, np.polynomial.legendre.leggauss(degree + 1))
    x = (own.low + own.length * (torch.arange(count)[:, None] + (local + 1) / 2)).flatten()
    first, tables = own.at(x, 1)
    lines = first[:, None] + torch.arange(degree + 1)
    slopes = [
        torch.einsum("nk,nkab->nab", tables[1], each.movedim(place, 0)[lines]) for each in (u, v)
    ]
    wanted = own.length / 2 * (weights.repeat(count)[:, None, None] * slopes[0] * slopes[1]).sum()
    mass = own.weights.new_zeros(own.nodes)
    for k in range(count):
        mass[k * degree : (k + 1) * degree + 1] += own.weights
    taken = ((u - found) / 3).movedim(place, -1) * mass * v.movedim(place, -1)
    assert float(taken.sum()) == pytest.approx(float(wanted), rel=1e-10)


def test_fields_of_elements_are_smooth_in_time_and_space():
    """A product of polynomials, against its own derivatives."""
    pieces = (Pieces(0.0, 1.0, 3, 4), Pieces(0.0, 2.0, 2, 4))
    a, b = (own.places for own in pieces)
    space = (a[:, None] ** 3 * b**2).flatten()
    times = DOUBLE.new_tensor([0.0, 0.4, 1.0])
    states = torch.stack([times**5, 5 * times**4, 20 * times**3])[:, :, None] * space
    field = Elements(pieces, 2, times, states)
    x = torch.rand(40, 3, dtype=DOUBLE.dtype, generator=torch.Generator().manual_seed(1))
    found = field(x, [(1, 1, 2), frozenset({(2, 0, 0), (0, 2, 0)})])[0]
    p, q, t = x.T
    assert torch.allclose(found[0], 3 * p**2 * 2 * q * 20 * t**3, atol=1e-9)
    assert torch.allclose(found[1], (6 * p * q**2 + 2 * p**3) * t**5, atol=1e-9)


def round_one():
    disk = Ball({X: 0, Y: 0}, 1)
    domain = disk * Interval(T, 0, 1)
    return Problem(
        domain,
        Eq(U.diff(T, 2), laplacian(U, X, Y)),
        Eq(U, 0) @ disk.boundary,
        *starts(domain, 0),
    )


def of_first_order():
    domain = Box({X: (0, 1), Y: (0, 1)}) * Interval(T, 0, 1)
    law = Eq(U.diff(T), laplacian(U, X, Y))
    return Problem(domain, law, *closed(domain), Eq(U, 0) @ domain.at(t=0))


def turning():
    """Of which the ratio of both speeds is another at every place."""
    domain = Box({X: (0, 1), Y: (0, 1)}) * Interval(T, 0, 1)
    law = Eq(U.diff(T, 2), (1 + X) * U.diff(X, 2) + U.diff(Y, 2))
    return Problem(domain, law, *closed(domain), *starts(domain, 0))


def open_side():
    domain = Box({X: (0, 1), Y: (0, 1)}) * Interval(T, 0, 1)
    law = Eq(U.diff(T, 2), laplacian(U, X, Y))
    return Problem(domain, law, *closed(domain)[1:], *starts(domain, 0))


@pytest.mark.parametrize("problem", [round_one, of_first_order, turning, open_side])
def test_what_is_no_wave_in_a_box(problem):
    assert wavelike(compile_problem(problem())) is None
