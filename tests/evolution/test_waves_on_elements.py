"""Waves on spectral elements against exact solutions: layers, sides that absorb, damping; the
functions of elements against polynomials; and what is no wave in a box.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sympy import Eq, Piecewise, Rational, cos, exp, lambdify, pi, sin

from pinnsolve import (
    Ball,
    Box,
    Interval,
    Problem,
    coordinates,
    laplacian,
    normal_derivative,
    unknown,
)
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import compile_problem
from pinnsolve.evolution.vibrated import vibrated
from pinnsolve.evolution.vibration import curvature, vibration_of
from pinnsolve.evolution.wavelike import wavelike
from pinnsolve.fields.arrays import array_of
from pinnsolve.fields.elements import Elements
from pinnsolve.fields.pieces import Pieces

X, Y, T = coordinates("x y t")
U = unknown("u", X, Y, T)


def closed(domain, names="xy"):
    """No flux through the sides."""
    pairs = ((n, end) for n in names for end in domain_ends(domain, n))
    return [Eq(U.diff(X if n == "x" else Y), 0) @ domain.at(**{n: end}) for n, end in pairs]


def domain_ends(domain, name):
    return domain.bounds[0 if name == "x" else 1].tolist()


def starts(domain, value, rate=0):
    return [Eq(U, value) @ domain.at(t=0), Eq(U.diff(T), rate) @ domain.at(t=0)]


def path(problem, counts, degree=4, goal=1e-7):
    system = compile_problem(problem)
    wave = wavelike(system)
    assert wave is not None
    return vibrated(vibration_of(system, wave, counts, degree), goal, lambda: None, 1e9)


def missed(field, domain, exact):
    x = domain.bounds[:, 0] + np.random.default_rng(5).random((2000, 3)) * np.ptp(domain.bounds, 1)
    wanted = exact(*x.T)
    return np.linalg.norm(array_of(field.values(x))[0] - wanted) / np.linalg.norm(wanted)


def layers():
    """u_tt = c laplacian(u), 1 below x = 1 and 4 above: u and its slope are continuous."""
    domain = Box({X: (0, 2), Y: (0, 1)}) * Interval(T, 0, 1)
    omega = 2 * math.pi - 2 * math.atan(math.sqrt(5))
    over = math.cos(omega) / math.cos(omega / 2)
    shape = Piecewise((cos(omega * X), X < 1), (over * cos(omega * (2 - X) / 2), True))
    medium = Piecewise((1, X < 1), (4, True))
    law = Eq(U.diff(T, 2) / medium, laplacian(U, X, Y))
    problem = Problem(domain, law, *closed(domain), *starts(domain, shape))
    return problem, domain, lambdify((X, Y, T), shape * cos(omega * T))


def damped():
    """u_tt + u_t / 2 + 3 u = u_xx + 4 u_yy / 9, held at two sides: a mode that decays."""
    domain = Box({X: (0, 1), Y: (0, 2)}) * Interval(T, 0, 2)
    omega = math.sqrt(math.pi**2 * (1 + 1 / 9) + 3 - 1 / 16)
    mode = sin(pi * X) * cos(pi * Y / 2)
    value = mode * exp(-T / 4) * cos(omega * T)
    law = Eq(U.diff(T, 2) + U.diff(T) / 2 + 3 * U, U.diff(X, 2) + 4 * U.diff(Y, 2) / 9)
    held = [Eq(U, 0) @ domain.at(x=end) for end in (0, 1)]
    at = starts(domain, mode, -mode / 4)
    return (
        Problem(domain, law, *held, *closed(domain, "y"), *at),
        domain,
        lambdify((X, Y, T), value),
    )


def driven():
    """A load that moves, slopes that are given on a side, and a value on another."""
    domain = Box({X: (0, 1), Y: (0, 1)}) * Interval(T, 0, 1)
    value = (1 + X * (2 - X) * sin(2 * T)) * cos(pi * Y)
    law = U.diff(T, 2) - (1 + X / 2) * laplacian(U, X, Y)
    sides = [Eq(U, cos(pi * Y)) @ domain.at(x=0)]
    sides += [Eq(2 * U + U.diff(X), (2 + 2 * sin(2 * T)) * cos(pi * Y)) @ domain.at(x=1)]
    at = starts(domain, value.subs(T, 0), value.diff(T).subs(T, 0))
    given = Eq(law, law.subs(U, value).doit())
    return (
        Problem(domain, given, *sides, *closed(domain, "y"), *at),
        domain,
        lambdify((X, Y, T), value),
    )


def leaving():
    """A hump that leaves through a side that absorbs it: u_t + u_n = 0."""
    domain = Box({X: (0, 1), Y: (0, 1)}) * Interval(T, 0, 1)
    hump = exp(-((X - Rational(1, 2)) ** 2) * 100)
    value = hump.subs(X, X - T)
    out = [Eq(U.diff(T) + normal_derivative(U, X, Y), 0) @ domain.at(x=end) for end in (0, 1)]
    law = Eq(U.diff(T, 2), laplacian(U, X, Y))
    at = starts(domain, hump, -hump.diff(X))
    return Problem(domain, law, *out, *closed(domain, "y"), *at), domain, lambdify((X, Y, T), value)


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


def test_pieces_hold_polynomials_and_their_derivatives():
    own = Pieces(-1.0, 2.0, 5, 4)
    x = torch.linspace(-1, 2, 101, dtype=DOUBLE.dtype)
    values = own.places**4 - 2 * own.places
    first, tables = own.at(x, 2)
    held = values[first[:, None] + torch.arange(5)]
    found = (tables * held).sum(dim=2)
    wanted = torch.stack([x**4 - 2 * x, 4 * x**3 - 2, 12 * x**2])
    assert torch.allclose(found, wanted, atol=1e-11)


def test_the_weak_second_derivative_is_that_of_cosines():
    own = Pieces(0.0, 1.0, 12, 5)
    u = torch.cos(3 * math.pi * own.places).expand(3, -1)
    assert torch.allclose(curvature(own, u, 1), (3 * math.pi) ** 2 * u, atol=1e-2)
    assert torch.equal(curvature(own, u.T.contiguous(), 0), curvature(own, u, 1).T)


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
