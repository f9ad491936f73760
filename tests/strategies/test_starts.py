"""Where iterations start: at zero, where an equation has no value, at a guess; and the range of numbers."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Rational, exp, log, pi, sin

from pinnsolve import (
    LSGD,
    Adam,
    Box,
    Budget,
    Dense,
    GradientDescent,
    Interval,
    Problem,
    Waves,
    coordinates,
    solve,
    unknown,
)

x, t = coordinates("x t")
u, w, v = unknown("u", x, t), unknown("w", t), unknown("v", t)

box = Box({x: (0, 1), t: (0, 1)})

f = unknown("f", x)
line = Interval(x, 0, 1)
ROOT = Rational(29, 10)


def steady(side, exact):
    """side(f) = side(exact), with the values of `exact` at both ends."""
    known = side(f).subs(f, exact).doit()
    return Problem(
        line,
        Eq(side(f), known),
        Eq(f(0), exact.subs(x, 0)),
        Eq(f(1), exact.subs(x, 1)),
        exact={f: exact},
    )


HUMP = 1 + x / 2 + sin(pi * x) / 5
NO_VALUE_AT_ZERO = {
    "log": steady(lambda f: f.diff(x, 2) - log(f), HUMP),
    "1/u": steady(lambda f: f.diff(x, 2) - 1 / f, HUMP),
    "a root of it below": steady(lambda f: f.diff(x, 2) - f ** Rational(-9, 10), HUMP),
    "a diffusivity of 1/u^2": steady(lambda f: (f.diff(x) / f**2).diff(x), HUMP),
    "Richards": steady(lambda f: (f.diff(x) / (1 + (-f) ** ROOT)).diff(x), HUMP - 3),
}


@pytest.mark.parametrize("name", NO_VALUE_AT_ZERO)
@pytest.mark.parametrize("near", [None, {f: 1 + x}])
def test_equations_without_a_value_at_zero(name, near):
    """With a guess, and without one, from the boundary data; the residual is measured at the field,
    and finite.
    """
    guess = {f: near[f] - 3} if near and name == "Richards" else near
    solution = solve(
        NO_VALUE_AT_ZERO[name], Dense(40, activation="sin", initialize=Waves(4)), guess=guess
    )
    assert solution.stopped == "solved"
    assert solution.error() < 1e-8
    assert solution.residual() < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("name", ["log", "1/u"])
@pytest.mark.parametrize("near", [None, {f: 1 + x}])
def test_training_starts_where_there_is_no_value_at_zero(name, near):
    """LS/GD lowers the error of its first solve; the joint descent begins at the guess, or at the
    flattest field.
    """
    problem, declared = NO_VALUE_AT_ZERO[name], Dense(12)
    first, trained = (solve(problem, declared, method=LSGD(steps=k), guess=near) for k in (1, 8))
    assert trained.error() < min(1e-2, first.error())
    joint = solve(
        problem, declared, method=GradientDescent(steps=2, descent=Adam(1e-6)), guess=near
    )
    assert np.isfinite(joint.history.training[0].residual)
    assert np.isfinite(joint.error())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["log", "Richards"])
def test_they_are_solved_with_nothing_given(name):
    solution = solve(NO_VALUE_AT_ZERO[name], tolerance=1e-7)
    assert solution.stopped == "met"
    assert solution.error() < 1e-7


@pytest.mark.slow
def test_initial_data_are_a_guess():
    """Richards' equation in time, in a basis of space and time: at the zero field it has a root of
    nothing.
    """
    value = -2 + x * exp(-t) / 2
    flux = (1 / (1 + (-u) ** ROOT) * u.diff(x)).diff(x)
    problem = Problem(
        box,
        Eq(u.diff(t), flux + value.diff(t) - flux.subs(u, value).doit()),
        Eq(u(x, 0), value.subs(t, 0)),
        Eq(u(0, t), -2),
        Eq(u(1, t), value.subs(x, 1)),
        exact={u: value},
    )
    solution = solve(problem, Dense(120, activation="sin", initialize=Waves(3)))
    assert solution.stopped == "solved"
    assert solution.error() < 1e-7


@pytest.mark.parametrize("exponent", [-200, -160, 160])
def test_terms_beyond_the_range_of_numbers_are_refused(exponent):
    """f'' = f^2 / size, where the square of 1e-200 is 0, that of 1e-160 has three digits, and that
    of 1e160 is infinite.
    """
    size = Rational(10) ** exponent
    problem = Problem(
        line, Eq(f.diff(x, 2), f**2 / size), Eq(f(0), 6 * size), Eq(f(1), 3 * size / 2)
    )
    with pytest.raises(
        ValueError, match=r"beyond the range of float64; write the equation for u / \d"
    ):
        solve(problem, Dense(20))


@pytest.mark.parametrize("exponent", [-100, 100])
def test_large_and_small_values_within_the_range_are_solved(exponent):
    size = Rational(10) ** exponent
    exact = 6 * size / (1 + x) ** 2
    ends = [Eq(f(end), exact.subs(x, end)) for end in (0, 1)]
    problem = Problem(line, Eq(f.diff(x, 2), f**2 / size), *ends, exact={f: exact})
    assert solve(problem, Dense(40, activation="sin", initialize=Waves(4))).error() < 1e-8


SECOND = unknown("h", x)


@pytest.mark.parametrize(
    ("equations", "exact"),
    [
        ([Eq(f**2, (2 + sin(x)) ** 2)], {f: 2 + sin(x)}),
        ([Eq(f**3, (2 + sin(x)) ** 3 / 10**6)], {f: (2 + sin(x)) / 100}),
        ([Eq(f * SECOND, exp(x)), Eq(f**2 - SECOND**2, exp(2 * x) - 1)], {f: exp(x), SECOND: x**0}),
        ([Eq(f * f.diff(x), exp(2 * x)), Eq(f(0), 1)], {f: exp(x)}),
    ],
    ids=["square", "small cube", "product", "slope"],
)
def test_newtons_method_does_not_rest_where_tangents_vanish(equations, exact):
    """At zero, where nothing else is known, the tangent of u^2 = f is zero: a constant is the
    start.
    """
    solution = solve(Problem(line, *equations, exact=exact), tolerance=1e-6)
    assert solution.stopped == "met"
    assert solution.error() < 1e-9


GROWING = {
    "one rate": (Eq(w.diff(t), 30 * w), Eq(w(0), 1e-9), 1e-9 * exp(30 * t)),
    "a rate that moves": (Eq(w.diff(t), 50 * t * w), Eq(w(0), 1e-7), 1e-7 * exp(25 * t**2)),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", GROWING)
def test_data_are_not_lost_beside_what_they_grow_to(kind):
    """By ten digits and more: least squares of all times at once would round them away."""
    law, start, exact = GROWING[kind]
    solution = solve(
        Problem(Interval(t, 0, 1), law, start, exact={w: exact}),
        tolerance=1e-6,
        budget=Budget(columns=960),
    )
    assert solution.stopped == "met"
    assert solution.error() < 1e-6
