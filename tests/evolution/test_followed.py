"""Ordinary differential equations: what an integrator says of a solution, and short kicks that its
steps must not jump over.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sympy import Eq, exp

from pinnsolve import Budget, Interval, Problem, coordinates, solve, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.evolution.followed import apart

t, _ = coordinates("t s")
w = unknown("w", t)


def dip(rate):
    """A solution that falls from 1 by rate / 2 powers of e, and comes back to 1."""
    exact = exp(rate / 2 * ((t - 1) ** 2 - 1))
    return Problem(
        Interval(t, 0, 2), Eq(w.diff(t), rate * (t - 1) * w), Eq(w(0), 1), exact={w: exact}
    )


@pytest.mark.slow
def test_what_comes_back_from_below_roundoff_is_not_met():
    """Zero on the right half has a residual of round-off, and two draws agree on it."""
    with pytest.warns(UserWarning, match="least squares and an integrator differ"):
        solution = solve(dip(80), tolerance=1e-8)
    assert solution.error() > 0.1  # float64 has no more
    assert solution.stopped == "stagnated"
    assert solution.estimate > 0.1


@pytest.mark.slow
def test_what_integrators_follow_is_met():
    problem = Problem(
        Interval(t, 0, 8), Eq(w.diff(t), w - 2 * exp(-t)), Eq(w(0), 1), exact={w: exp(-t)}
    )
    solution = solve(problem, tolerance=1e-8)
    assert solution.stopped == "met"
    assert solution.error() < 1e-8
    field = solution.expansion
    assert apart(compile_problem(problem), field, Budget(), 0) == 0
    assert (
        apart(
            compile_problem(problem), field.with_coefficients(1.5 * field.coefficients), Budget(), 0
        )
        > 0.2
    )


@pytest.mark.slow
@pytest.mark.parametrize(("size", "sharp"), [(1e3, 1e6), (1e5, 1e10)])
def test_a_kick_from_rest_is_met_by_the_integrator(size, sharp):
    """w' = -w^3 + a kick of length 1e-3, or 1e-5: long steps would jump over it, and its tail
    begins at 1e-300.
    """

    def kick(s, y):
        return -(y**3) + size * np.exp(-sharp * (s - 0.37) ** 2)

    problem = Problem(
        Interval(t, 0, 1),
        Eq(w.diff(t), -(w**3) + size * exp(-sharp * (t - 0.37) ** 2)),
        Eq(w(0), 0),
    )
    solution = solve(problem, tolerance=1e-6)
    assert solution.stopped == "met"
    a, b = 0.37 - 10 / sharp**0.5, 0.37 + 10 / sharp**0.5
    first = solve_ivp(
        kick, (a, b), [0.0], method="DOP853", rtol=1e-12, atol=1e-14, max_step=(b - a) / 50
    ).y[0, -1]
    late = np.linspace(0.5, 1, 9)
    oracle = 1 / np.sqrt(first**-2 + 2 * (late - b))  # w' = -w^3
    assert np.abs(solution(late[:, None]) - oracle).max() < 1e-6
    assert abs(solution([[0.2]])[0]) < 1e-9
