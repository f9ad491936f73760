"""When shocks form: the time by a formula, and what does not break is not refused."""

from __future__ import annotations

import re

import pytest
from sympy import Eq, Heaviside, Rational, cos, exp, log, pi, sin

from pinnsolve import Box, Problem, compile_problem, coordinates, manufactured, solve, unknown
from pinnsolve.evolution.breaking import breaking

x, t = coordinates("x t")
u = unknown("u", x, t)
WAVE = sin(2 * pi * x)
MEETS = Eq(u(0, t), u(1, t))


def law(flux, start, end, *sides, source=0):
    """u_t + flux_x + source = 0 on the unit interval."""
    box = Box({x: (0, 1), t: (0, end)})
    return Problem(box, Eq(u.diff(t) + flux.diff(x) + source, 0), Eq(u(x, 0), start), *sides)


# What breaks, when, and where: -1 / min d/dx f'(u0(x)), unless it says otherwise.
BREAKING = {
    "Burgers": (law(u**2 / 2, WAVE, 1, MEETS), 1 / (2 * pi), 0.5),
    "traffic": (law(u * (1 - u), Rational(1, 2) + WAVE / 4, 1, MEETS), 1 / pi, 0),
    "a cubic flux": (law(u**3 / 3, WAVE, 1, MEETS), 1 / (2 * pi), None),
    "carried": (law(u**2 / 2, 2 + WAVE, 1, MEETS), 1 / (2 * pi), (0.5 + 1 / pi) % 1),
    # du/dt = -u along characteristics: their slopes grow as if time ended at 1
    "damped": (law(u**2 / 2, WAVE, 1, MEETS, source=u), -log(1 - 1 / (2 * pi)), 0.5),
    # x = (1 + 2s)(t - s) of those that begin at the inflow: dx/ds = 0 at t = 1/2 + 2s
    "at the inflow": (law(u**2 / 2, 1 + 0 * x, 2, Eq(u(0, t), 1 + 2 * t)), 0.5, 0.5),
    "a jump": (law(u**2 / 2, 2 - Heaviside(x - 0.4), 1, Eq(u(0, t), 2)), 0, 0.4),
    "at the corner": (law(u**2 / 2, 1 + x, 0.5, Eq(u(0, t), 2)), 0, 0),
}


@pytest.mark.parametrize("name", BREAKING)
def test_the_time_is_that_of_the_formula(name):
    problem, when, where = BREAKING[name]
    found = breaking(compile_problem(problem))
    assert found.time == pytest.approx(float(when), abs=2e-3)
    assert where is None or abs((found.place - float(where) + 0.5) % 1 - 0.5) < 5e-3


WHOLE = {
    "before": law(u**2 / 2, WAVE, 0.15, MEETS),
    "advection": law(2 * u, WAVE, 1, MEETS),
    "a speed of place": law(u * (2 + cos(2 * pi * x)), WAVE, 1, MEETS),
    "a rarefaction": law(u**2 / 2, 1 + x, 1, Eq(u(0, t), 1 / (1 + t))),
    "a jump that spreads": law(u**2 / 2, 1 + Heaviside(x - 0.4), 0.2, Eq(u(0, t), 1)),
    "at a corner that spreads": law(u**2 / 2, 2 + x, 0.2, Eq(u(0, t), 1)),
    "leaves first": law(u**2 / 2, 2 - x, 2, Eq(u(0, t), 2)),
    "damped away": law(u**2 / 2, WAVE, 3, MEETS, source=7 * u),
    "with viscosity": law(u**2 / 2 - u.diff(x) / 100, WAVE, 1, MEETS),
    "not quasilinear": law(u, WAVE, 1, MEETS, source=u.diff(x) ** 2),
    "data of a few digits": law(u**2 / 2, 2 + exp(x), 0.5, Eq(u(0, t), 2.9999999)),
    "with a source": manufactured(
        Box({x: (0, 1), t: (0, 2)}),
        u.diff(t) + u * u.diff(x),
        u(x, 0),
        u(0, t),
        exact={u: 2 + cos(3 * x - t) / 2},
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_does_not_break_is_not_refused(name):
    assert breaking(compile_problem(WHOLE[name])) is None


def test_the_horizon_that_is_named_is_solved_to():
    """Words that name time, place, how long the solution lasts, and the remedy; which hold."""
    with pytest.raises(ValueError, match=r"breaks at t = 0.1592, x = 0.5.*viscosity") as refused:
        solve(BREAKING["Burgers"][0], tolerance=1e-6)
    last = float(re.search(r"until t = (\S+),", str(refused.value))[1])
    assert last == pytest.approx(0.9 / (2 * float(pi)), rel=1e-3)
    solution = solve(law(u**2 / 2, WAVE, last, MEETS), tolerance=1e-3)
    assert solution.stopped == "met"
    # u = sin 2 pi (x - u t): what is read there solves it.
    found = float(solution(0.45, last))
    assert found == pytest.approx(float(sin(2 * pi * (0.45 - found * last))), abs=1e-3)
