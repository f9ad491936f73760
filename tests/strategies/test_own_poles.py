"""Holes in equations that have poles of their own: lap u + k u = f with one number k."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Piecewise, Rational, atan2, besselk, bessely, cos, exp, sin, sqrt

from pinnsolve import (
    Ball,
    Box,
    Problem,
    compile_problem,
    coordinates,
    laplacian,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.strategies.kept import box_of, holes_kept
from pinnsolve.strategies.own_poles import order_of_data, square_in, with_own_poles

x, y, z = coordinates("x y z")
u, w = unknown("u", x, y), unknown("w", x, y, z)
SQUARE = Box({x: (0, 1), y: (0, 1)})
CUBE = Box(dict.fromkeys((x, y, z), (0, 1)))
HALF = Rational(1, 2)
DISK = Ball({x: HALF, y: HALF}, Rational(1, 8))
PLATE = SQUARE - DISK
WHOLE = np.array([[0.0, 1.0], [0.0, 1.0]])


def plate(left, load=0, value=0):
    return compile_problem(Problem(PLATE, Eq(left, load), Eq(u, value) @ PLATE.boundary))


def test_the_number_is_read_off_the_equation():
    assert square_in(plate(laplacian(u) + 9 * u), WHOLE) == 9
    assert square_in(plate(-2 * laplacian(u) + 128 * u, exp(x)), WHOLE) == -64
    assert square_in(plate(-laplacian(u)), WHOLE) == 0


@pytest.mark.parametrize(
    "left",
    [
        -laplacian(u) + x * u,
        -exp(x) * laplacian(u) + u,
        u.diff(x, 2) + 2 * u.diff(y, 2) + u,
        laplacian(u) + u + u.diff(x),
        laplacian(u) + u + u.diff(x).diff(y),
        laplacian(u) + u**2,
    ],
)
def test_other_equations_have_none(left):
    assert square_in(plate(left), WHOLE) is None


def test_a_number_that_jumps_is_another_one_in_another_cell():
    screening = Piecewise((64, z < HALF), (100, True))
    law = Eq(-laplacian(w) + screening * w, 1)
    system = compile_problem(Problem(CUBE, law, Eq(w, 0) @ CUBE.boundary))
    below, above = np.array([[0.0, 1.0]] * 3), np.array([[0.0, 1.0]] * 3)
    below[2, 1] = above[2, 0] = 0.5
    assert square_in(system, below) == -64
    assert square_in(system, above) == -100
    assert square_in(system, np.array([[0.0, 1.0]] * 3)) is None


def test_where_nothing_is_beside_the_laplacian_poles_are_laplaces():
    hole = holes_kept(plate(-laplacian(u)), 1e-6)[0]
    assert with_own_poles(hole, square_in(plate(-laplacian(u)), box_of(hole))) == hole
    own = with_own_poles(hole, 9.0)
    assert (own.square, own.functions) == (9, 1 + 2 * hole.order)
    tiny = Hole(hole.at, 1e-4)
    assert with_own_poles(tiny, 9.0) == tiny


@pytest.mark.parametrize("waves", [3, 11])
def test_data_on_the_rim_say_how_many_there_are(waves):
    angle = atan2(y - HALF, x - HALF)
    system = plate(laplacian(u) + 9 * u, value=cos(waves * angle))
    assert order_of_data(system, Hole((0.5, 0.5), 0.125), 1e-8) == waves
    assert holes_kept(system, 1e-6)[0].order >= waves


@pytest.mark.parametrize("square", [64, -64])
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_what_they_are_is_solved_to_the_last_digits(square, seed):
    """A pole of the tenth order and a smooth function: with Laplace's poles 4e-8, in 34,813
    functions.
    """
    r, angle = sqrt((x - HALF) ** 2 + (y - HALF) ** 2), atan2(y - HALF, x - HALF)
    pole = (
        bessely(10, 8 * r) / bessely(10, 1) if square > 0 else besselk(10, 8 * r) / besselk(10, 1)
    )
    value = pole * cos(10 * angle) + sin(3 * x + 2 * y)
    load = (square - 13) * sin(3 * x + 2 * y)
    law = Eq(laplacian(u) + square * u, load)
    problem = Problem(PLATE, law, Eq(u, value) @ PLATE.boundary, exact={u: value})
    solution = solve(problem, cells=(3, 3), tolerance=1e-5, seed=seed)
    assert solution.stopped == "met"
    assert solution.error() < 1e-8
    assert solution.error() < 10 * solution.estimate
