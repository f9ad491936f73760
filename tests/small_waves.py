"""Waves in boxes with known solutions: layers, sides that absorb, damping, moving data."""

from __future__ import annotations

import math

import numpy as np
from sympy import Eq, Piecewise, Rational, cos, exp, lambdify, pi, sin

from pinnsolve import Box, Interval, Problem, coordinates, laplacian, normal_derivative, unknown
from pinnsolve.fields.arrays import array_of

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
