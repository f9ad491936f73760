"""Sides with data: a lift satisfies them, and what is left moves in products."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Eq, Rational, Subs, cos, erfc, exp, lambdify, pi, sin, sqrt

from pinnsolve import Box, Interval, Problem, coordinates, laplacian, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.points import sample_region
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.suited import followed, suits_products
from pinnsolve.fields.arrays import array_of
from pinnsolve.running.budget import FOREVER

X, Y, T = coordinates("x y t")
U = unknown("u", X, Y, T)
DOMAIN = Box({X: (0, 1), Y: (-1, 2)}) * Interval(T, 0, 1)
MOVES = sin(2 * X + T) * exp(Y / 2) + X * T**2


def walls(value):
    """Values at both ends of x; the slope at one end of y, a mixture at the other."""
    for end in (0, 1):
        yield Eq(U(end, Y, T), value.subs(X, end))
    for end, own in ((-1, 0), (2, 3)):
        given = (value.diff(Y) + own * value).subs(Y, end)
        yield Eq(Subs(U.diff(Y), Y, end) + own * U(X, end, T), given)


def made(law, value=MOVES, second=False, sides=walls):
    starts = [Eq(U(X, Y, 0), value.subs(T, 0))]
    if second:
        starts.append(Eq(Subs(U.diff(T), T, 0), value.diff(T).subs(T, 0)))
    return compile_problem(
        Problem(DOMAIN, Eq(law, law.subs(U, value).doit()), *starts, *sides(value))
    )


KINDS = {
    "heat": U.diff(T) - laplacian(U, X, Y) / 10,
    "medium": U.diff(T) - (1 + X * Y / 4) * laplacian(U, X, Y) / 10,
    "reaction": U.diff(T) - laplacian(U, X, Y) / 10 + U**3 + U * U.diff(X),
    "waves": U.diff(T, 2) - laplacian(U, X, Y),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_paths_are_exact_solutions(kind):
    system = made(KINDS[kind], second=kind == "waves")
    suited = suits_products(system, evolution_form(system))
    path = followed(system, suited, (14, 16), 1e-8, math.inf, 0, FOREVER)
    x = sample_region(system.domain, 500, 3).x
    wanted = lambdify((X, Y, T), MOVES, "numpy")(*x.T)
    missed = array_of(path.fit.field.values(x))[0] - wanted
    assert np.linalg.norm(missed) < 1e-6 * np.linalg.norm(wanted)
    assert max(path.fit.residuals) < 1e-4
    assert max(path.tails) < 1e-6


@pytest.mark.slow
def test_a_lift_that_is_the_solution_leaves_nothing():
    value = 3 + X * (1 + T)
    system = made(KINDS["heat"], value)
    suited = suits_products(system, evolution_form(system))
    path = followed(system, suited, (6, 6), 1e-8, math.inf, 0, FOREVER)
    x = sample_region(system.domain, 100, 3).x
    wanted = lambdify((X, Y, T), value, "numpy")(*x.T)
    assert array_of(path.fit.field.values(x))[0] == pytest.approx(wanted, rel=1e-8)


def test_a_walls_haste_bounds_the_steps():
    slow, fast = (made(KINDS["heat"], MOVES + X * cos(k * T) / 10) for k in (1, 300))
    lifts = [suits_products(s, evolution_form(s)).lift for s in (slow, fast)]
    points = compile_points(slow)
    assert lifts[0].longest(points, 1e-6) > 0.2
    assert lifts[1].longest(points, 1e-6) < 0.02


def compile_points(system):
    return sample_region(system.domain, 20, 0).tensors()[0]


def jumping(value):
    """Sides that differ where they meet."""
    yield from (Eq(U(end, Y, T), end) for end in (0, 1))
    yield from (Eq(U(X, end, T), 0) for end in (-1, 2))


def late(value):
    """Sides that do not have the values of the start."""
    yield from (Eq(U.subs(c, end), 1) for c, ends in ((X, (0, 1)), (Y, (-1, 2))) for end in ends)


@pytest.mark.parametrize("sides", [jumping, late])
def test_sides_that_do_not_agree_do_not_suit(sides):
    value = Rational(1, 2) * sin(pi * X) * (Y + 1) * (2 - Y)
    system = made(KINDS["heat"], value, sides=sides)
    assert suits_products(system, evolution_form(system)) is None


def test_values_on_a_side_that_have_none_at_the_start_are_not_lifted():
    """A wall that is suddenly hot, the error function on the other: its argument is one over zero
    at the start, and that was refused as "not real".
    """
    value = erfc(X / (2 * sqrt(T)))
    sides = [Eq(U(0, Y, T), 1), Eq(U(1, Y, T), value.subs(X, 1))]
    flat = [Eq(Subs(U.diff(Y), Y, end), 0) for end in (-1, 2)]
    law = Eq(U.diff(T), laplacian(U, X, Y))
    system = compile_problem(Problem(DOMAIN, law, Eq(U(X, Y, 0), 0), *sides, *flat))
    assert suits_products(system, evolution_form(system)) is None
