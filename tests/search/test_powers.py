"""Singular terms at the ends of a line: what they leave in the solution is in the basis."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sympy import Eq, Rational, cos, exp, log, sqrt

from pinnsolve import Box, Interval, Problem, coordinates, laplacian, manufactured, solve, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.search.families.powers import singular

X, Y = coordinates("x y")
U = unknown("u", X)
LINE = Interval(X, 0, 1)
HALF, THIRD = Rational(1, 2), Rational(1, 3)


@pytest.mark.parametrize(
    "exact",
    [X - X ** (3 * HALF), (1 - X) ** (7 * THIRD) * exp(X), X ** (5 * THIRD) + sqrt(1 - X) ** 5],
)
@pytest.mark.parametrize("power", [1, 2])
def test_powers_of_the_data_are_met(exact, power):
    """Without them the residual of the first stays 1, whatever the basis."""
    problem = manufactured(LINE, -U.diff(X, 2) + U**power, U(0), U(1), exact={U: exact})
    solution = solve(problem, tolerance=1e-9)
    assert solution.stopped == "met"
    assert solution.error() < 1e-9


def test_logarithms_are_met():
    exact = X**2 * log(X) * cos(X)
    load = Eq(-U.diff(X, 2) + X * U, -exact.diff(X, 2) + X * exact)
    solution = solve(
        Problem(LINE, load, Eq(U(0), 0), Eq(U(1), 0), exact={U: exact}), tolerance=1e-9
    )
    assert solution.stopped == "met"
    assert solution.error() < 1e-9


def test_a_singular_coefficient_beside_the_method_of_shooting():
    """In s, the root of x, all is smooth."""
    law = Eq(U.diff(X, 2), U / sqrt(X) - 1)
    solution = solve(Problem(LINE, law, Eq(U(0), 1), Eq(U.diff(X)(0), -1)), tolerance=1e-9)
    assert solution.stopped == "met"

    def slopes(s, state):
        return [2 * s * state[1], 2 * state[0] - 2 * s]

    at = np.linspace(0.1, 1, 10)
    known = solve_ivp(slopes, (0, 1), [1, -1], "DOP853", at, rtol=1e-13, atol=1e-13).y[0]
    np.testing.assert_allclose(solution(at**2), known, atol=1e-8)


def read(law, domain=LINE):
    return singular(compile_problem(Problem(domain, law, Eq(U(0), 1), Eq(U(1), 0))))


def test_which_powers_are_read():
    (*found,) = read(Eq(U.diff(X, 2), 1 / sqrt(X))).expressions
    assert found == [X ** (n + HALF) for n in range(1, 7)]
    (*found,) = read(Eq(U.diff(X, 2), U + (2 - 2 * X) ** -THIRD)).expressions
    assert (1 - X) ** (5 * THIRD) in found
    # Nothing is singular in the first; where it is in the others, little is known.
    for law in (
        Eq(U.diff(X, 2), X**3 * exp(-X)),
        Eq(U.diff(X, 2), sqrt(X + 1)),
        Eq(sqrt(X) * U.diff(X, 2), 1 + X**THIRD),
    ):
        assert read(law) is None


def test_of_two_coordinates_nothing_is_read():
    u = unknown("u", X, Y)
    square = Box({X: (0, 1), Y: (0, 1)})
    problem = Problem(square, Eq(laplacian(u), sqrt(X)), Eq(u, 0) @ square.boundary)
    assert singular(compile_problem(problem)) is None
