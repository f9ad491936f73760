"""Delays, by the method of steps: against formulas, and an integrator that goes step after step."""

from __future__ import annotations

from math import factorial

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sympy import Eq, Rational, cos, sin

from pinnsolve import Interval, Problem, coordinates, solve, unknown
from pinnsolve.declare.decompose import solved_problem
from pinnsolve.declare.delays import delays_of

(t,) = coordinates("t")
u, v = unknown("u", t), unknown("v", t)
before = Interval(t, -1, 0)


def stepped(rate, history, steps):
    """The last values of u' = rate(u, u(t - 1)), by scipy's integrator on one step after another."""
    past, value = history, history(0.0)
    for k in range(steps):
        found = solve_ivp(
            lambda s, w, past=past: rate(w, past(s - 1)),
            (k, k + 1),
            np.atleast_1d(value),
            rtol=1e-12,
            atol=1e-13,
            dense_output=True,
            method="DOP853",
        )
        past, value = found.sol, found.y[:, -1]
    return value


def test_a_linear_delay_has_the_polynomials_of_its_steps():
    """u' = -u(t - 1) from 1: a sum of powers, one more in every step (Bellman and Cooke 1963)."""
    later = Interval(t, 0, 4)
    law = Eq(u.diff(t), -u(t - 1)) @ later
    solution = solve(Problem(Interval(t, -1, 4), law, Eq(u, 1) @ before), tolerance=1e-9)
    times = np.linspace(-1, 4, 101)
    known = [
        1 + sum((-1) ** k * (s - k + 1) ** k / factorial(k) for k in range(1, 6) if s > k - 1)
        for s in times
    ]
    assert solution.stopped == "met"
    assert solution(times) == pytest.approx(np.array(known), abs=1e-9)


def test_a_nonlinear_delay_against_an_integrator():
    """Hutchinson's logistic equation, which overshoots."""
    later = Interval(t, 0, 4)
    law = Eq(u.diff(t), 2 * u * (1 - u(t - 1))) @ later
    half = Eq(u, Rational(1, 2)) @ before
    solution = solve(Problem(Interval(t, -1, 4), law, half), tolerance=1e-8)
    last = stepped(lambda w, past: 2 * w * (1 - past), lambda s: np.array([0.5]), 4)
    assert solution.stopped == "met"
    assert solution(4.0) == pytest.approx(last[0], abs=1e-8)


def test_second_order_begins_with_value_and_slope_of_the_history():
    later = Interval(t, 0, 3)
    law = Eq(u.diff(t, 2), -4 * u(t - 1)) @ later
    swing = Eq(u, sin(3 * t) + cos(t)) @ before
    solution = solve(Problem(Interval(t, -1, 3), law, swing), tolerance=1e-8)

    def history(s):
        return np.array([np.sin(3 * s) + np.cos(s), 3 * np.cos(3 * s) - np.sin(s)])

    last = stepped(lambda w, past: np.array([w[1], -4 * past[0]]), history, 3)
    assert solution(3.0) == pytest.approx(last[0], abs=1e-7)


def test_where_time_is_cut():
    """At the sums of all delays from the beginning; what is solved for has no delays any more."""
    later = Interval(t, 0, 2)
    law = Eq(u.diff(t), u(t - 1) - u(t - Rational(3, 4))) @ later
    problem = Problem(Interval(t, -1, 2), law, Eq(u, t) @ before)
    found = delays_of(problem.conditions, problem.domain)
    assert [float(c) for c in found.cuts] == pytest.approx([0, 0.75, 1, 1.5, 1.75])
    assert len(solved_problem(problem).unknowns) == 6
    assert delays_of(solved_problem(problem).conditions, problem.domain) is None


def test_other_places_are_no_delays():
    """The other end of a period, a shorter time, and the future are taken as they are."""
    line = Interval(t, 0, 1)
    for law in (Eq(u.diff(t), u(t / 2)), Eq(u.diff(t), 1), Eq(u(0), u(1))):
        assert delays_of(Problem(line, law, Eq(u(0), 1)).conditions, line) is None


def test_mistakes_in_delays():
    with pytest.raises(ValueError, match=r"outside of the domain"):
        Problem(Interval(t, 0, 2), Eq(u.diff(t), u(t - 1)), Eq(u(0), 1))
    law = Eq(u.diff(t), u(t - Rational(1, 100))) @ Interval(t, 0, 2)
    with pytest.raises(ValueError, match=r"200 delays of 0\.01, and at most 40"):
        Problem(Interval(t, -1, 2), law, Eq(u, 1) @ before)
