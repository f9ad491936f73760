"""Parabolic equations whose data do not agree: where that is seen, and what comes of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import erf, erfc, ndtr
from sympy import Eq, Float, Heaviside, Max, Rational, exp, pi, sin

from pinnsolve import Interval, Problem, coordinates, solve, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.search.families.parabolic import parabolic
from pinnsolve.search.families.starts import disagreeing

x, s, t = coordinates("x s t")
u, v = unknown("u", x, t), unknown("v", s, t)
rod = Interval(x, 0, 1)
QUARTER = Rational(1, 4)
STRIKE, RATE, SPREAD, TOP = 100, 0.05, 0.2, 300


def heat(initial, *sides, diffusivity=QUARTER, length=rod):
    return Problem(
        length * Interval(t, 0, 1),
        Eq(u.diff(t), diffusivity * u.diff(x, 2)),
        Eq(u(x, 0), initial),
        *sides,
    )


def call():
    """A European call, written as markets do: the payoff at the end."""
    rate, spread = Float(RATE), Float(SPREAD)
    return Problem(
        Interval(s, 0, TOP) * Interval(t, 0, 1),
        Eq(v.diff(t) + spread**2 / 2 * s**2 * v.diff(s, 2) + rate * s * v.diff(s) - rate * v, 0),
        Eq(v(s, 1), Max(s - STRIKE, 0)),
        Eq(v(0, t), 0),
        Eq(v(TOP, t), TOP - STRIKE * exp(-rate * (1 - t))),
    )


HOT, COLD = Eq(u(0, t), 1), Eq(u(1, t), 0)
FLUX = Eq(u.diff(x)(0, t), -1)
PLACES = {
    "hot wall": (heat(0, HOT, COLD), [(0.0, 0)]),
    "both walls": (heat(1, Eq(u(0, t), 0), COLD), [(0.0, 0), (1.0, 0)]),
    "agreeing": (heat(1 - x, HOT, COLD), []),
    "smooth": (heat(sin(pi * x), Eq(u(0, t), 0), COLD), []),
    "flux": (heat(0, FLUX, COLD), [(0.0, 1)]),
    "flux that agrees": (heat(1 - x, FLUX, COLD), []),
    "loss that agrees": (heat(2 - x, Eq(2 * u.diff(x) + u, 0) @ rod.at(x=0), Eq(u(1, t), 1)), []),
    "loss": (heat(1, Eq(u.diff(x) - u, 0) @ rod.at(x=0), Eq(u(1, t), 1)), [(0.0, 1)]),
    "jump": (heat(Heaviside(x - Rational(1, 3)), Eq(u(0, t), 0), Eq(u(1, t), 1)), [(1 / 3, 0)]),
    "payoff": (call(), [(100.0, 1)]),
    "no diffusion": (
        Problem(rod * Interval(t, 0, 1), Eq(u.diff(t), -u.diff(x)), Eq(u(x, 0), 0), Eq(u(0, t), 1)),
        [],
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_where_data_disagree(name):
    problem, wanted = PLACES[name]
    found = disagreeing(compile_problem(problem))
    places = [] if found is None else [(start.at, start.first) for start in found.starts]
    assert [first for _, first in places] == [first for _, first in wanted]
    assert [at for at, _ in places] == pytest.approx([at for at, _ in wanted])


def test_time_may_run_backwards():
    found = parabolic(compile_problem(call()))
    assert (found.forward, found.begin) == (-1, 1.0)
    (start,) = disagreeing(compile_problem(call())).starts
    assert start.diffusivity == pytest.approx(SPREAD**2 / 2 * STRIKE**2)
    assert start.falling


def of_hot_wall(x, t, diffusivity=0.25):
    """Images of the walls."""
    root = np.sqrt(4 * diffusivity * t)
    return sum(erfc((2 * n + x) / root) - erfc((2 * n + 2 - x) / root) for n in range(12))


def of_step(x, t):
    return (1 + erf((x - 1 / 3) / np.sqrt(0.4 * t))) / 2


def of_call(s, t):
    left = np.maximum(1 - t, 1e-14)
    spread = SPREAD * np.sqrt(left)
    first = (np.log(s / STRIKE) + (RATE + SPREAD**2 / 2) * left) / spread
    return s * ndtr(first) - STRIKE * np.exp(-RATE * left) * ndtr(first - spread)


LONG = Interval(x, -4, 4)
STEP = heat(
    Heaviside(x - Rational(1, 3)),
    Eq(u(-4, t), 0),
    Eq(u(4, t), 1),
    diffusivity=Rational(1, 10),
    length=LONG,
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("problem", "exact", "tolerance"),
    [
        (heat(0, HOT, COLD), of_hot_wall, 1e-6),
        (STEP, of_step, 1e-8),
        (call(), of_call, 1e-6),
    ],
    ids=["rod suddenly heated", "step", "call"],
)
def test_data_that_disagree_are_met(problem, exact, tolerance):
    solution = solve(problem, tolerance=tolerance)
    assert solution.stopped == "met"
    low, high = problem.domain.bounds.T
    places = low + np.random.default_rng(0).random((4000, 2)) * (high - low)
    wanted = exact(*places.T)
    gap = np.sqrt(((solution(places) - wanted) ** 2).mean() / wanted.var())
    assert gap < tolerance
