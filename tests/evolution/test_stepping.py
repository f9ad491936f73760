"""Steps of an evolution in cells, against exact solutions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Eq, Rational, cos, exp, lambdify, pi, sin

from pinnsolve import Box, Dense, Interval, Problem, Waves, coordinates, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.local import Steps, judged_at, run, space_of, unfitted
from pinnsolve.evolution.stages import stages_of
from pinnsolve.evolution.stepping import CONTROL, Clock, begun
from pinnsolve.fields.tree import grid
from pinnsolve.running.budget import FOREVER

X, Y, T = coordinates("x y t")
U = unknown("u", X, Y, T)
SQUARE = Box({X: (0, 1), Y: (0, 1)})
EXACT = exp(-T) * sin(pi * X) * cos(Y) + X * sin(3 * T)
LAP = U.diff(X, 2) + U.diff(Y, 2)
PERIODIC = [Eq(U(0, Y, T), U(1, Y, T)), Eq(U.diff(X).subs(X, 0), U.diff(X).subs(X, 1))]


def space(left, exact=EXACT, sides=None, cells=(2, 2), width=100):
    source = left.subs(U, exact).doit()
    problem = Problem(
        SQUARE * Interval(T, 0, 1),
        Eq(left, source),
        Eq(U(X, Y, 0), exact.subs(T, 0)),
        *(sides or [Eq(U, exact) @ SQUARE.boundary]),
    )
    system = compile_problem(problem)
    stages = stages_of(system, evolution_form(system))
    waves = Dense(width, activation="sin", initialize=Waves(5.0))
    count = math.prod(cells)
    return space_of(stages, grid(SQUARE.bounds, cells), [waves] * count, 0, FOREVER)


def error(trail, exact=EXACT):
    x = np.random.default_rng(0).random((500, 3))
    wanted = lambdify((X, Y, T), exact, "numpy")(*x.T)
    found = trail.field.values(x)[0].numpy()
    return np.linalg.norm(found - wanted) / np.linalg.norm(wanted)


def followed(held, rtol):
    return run(held, rtol, FOREVER, Steps.of(held))


DIFFUSION = U.diff(T) - LAP / 10
QUICK = U.diff(T) + U**3 - LAP / 10
KINDS = {
    "drift": DIFFUSION + 2 * U.diff(X),
    "in time": U.diff(T) * (2 + X) - (1 + T) * LAP / 10,
    "burgers": DIFFUSION + U * U.diff(X) + U * U.diff(Y),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_evolutions_of_many_kinds_end_where_they_should(kind):
    trail = followed(space(KINDS[kind]), 1e-6)
    assert trail.complete
    assert trail.states[-1].t == 1.0
    assert error(trail) < 3e-6


def test_a_reaction_ends_where_it_should():
    trail = followed(space(QUICK, width=60), 1e-4)
    assert trail.complete
    assert trail.states[-1].t == 1.0
    assert error(trail) < 3e-4


def test_smaller_steps_are_more_accurate():
    held = space(DIFFUSION)
    coarse, fine = (followed(held, rtol) for rtol in (1e-3, 1e-5))
    times = len(fine.states) / len(coarse.states)
    assert times >= 2
    # The method is of fifth order; sides that move leave that of its stages, and a half.
    assert error(fine) < error(coarse) / times**2.3


@pytest.mark.slow
def test_what_leaves_on_one_side_comes_back_on_the_other():
    exact = exp(-T / 10) * cos(2 * pi * (X - T))
    drift = U.diff(T) + U.diff(X) - Rational(1, 40) / pi**2 * LAP
    ends = [Eq(U.diff(Y), 0) @ SQUARE.at(y=0), Eq(U.diff(Y), 0) @ SQUARE.at(y=1)]
    trail = followed(space(drift, exact, PERIODIC + ends, (4, 1)), 1e-6)
    assert error(trail, exact) < 1e-5


def test_cells_are_judged_by_what_their_states_leave():
    good, poor = (space(DIFFUSION, width=width) for width in (100, 20))
    left = [judged_at(held, followed(held, 1e-4).states, 1) for held in (good, poor)]
    assert np.linalg.norm(left[0].residuals) < 1e-3
    assert left[0].jump < 1e-5
    assert (left[1].faults > 10 * left[0].faults).all()
    first = [unfitted(held, begun(held, 0.0), 1) for held in (good, poor)]
    assert np.linalg.norm(first[0].faults) < 1e-7
    assert np.linalg.norm(first[1].faults) > 1e-4


@pytest.mark.slow
def test_steps_that_fall_to_nothing_end_the_path():
    """u' = u^2 has a pole at t = 1/2."""
    blows = U.diff(T) - U**2
    problem = Problem(
        SQUARE * Interval(T, 0, 1),
        Eq(blows, 0),
        Eq(U(X, Y, 0), 2),
        Eq(U.diff(X), 0) @ SQUARE.boundary,
    )
    system = compile_problem(problem)
    stages = stages_of(system, evolution_form(system))
    waves = Dense(30, activation="sin", initialize=Waves(2.0))
    held = space_of(stages, grid(SQUARE.bounds, (2, 1)), [waves] * 2, 0, FOREVER)
    trail = followed(held, 1e-4)
    assert not trail.complete
    assert 0.49 < trail.states[-1].t < 0.51


@pytest.mark.slow
def test_no_step_jumps_over_a_kick():
    """u_t = laplacian(u) / 10 + f(t), no flux: u is the integral of f, a kick at 0.37."""
    width = Rational(1, 100_000)
    kick = exp(-(((T - Rational(37, 100)) / width) ** 2)) / width
    slopes = Eq(U.diff(X), 0) @ SQUARE.boundary
    kicked = Problem(SQUARE * Interval(T, 0, 1), Eq(DIFFUSION, kick), Eq(U(X, Y, 0), 0), slopes)
    system = compile_problem(kicked)
    waves = Dense(30, activation="sin", initialize=Waves(1.0))
    stages = stages_of(system, evolution_form(system))
    held = space_of(stages, grid(SQUARE.bounds, (2, 1)), [waves] * 2, 0, FOREVER)
    trail = followed(held, 1e-5)
    assert trail.complete
    after = trail.field.values(np.array([[0.3, 0.4, 0.5], [0.8, 0.1, 1.0]]))[0].numpy()
    assert after == pytest.approx(math.sqrt(math.pi), rel=1e-3)


def test_steps_meet_the_end():
    clock = Clock(3)
    for _ in range(5):
        clock = clock.next(1.0)
    assert (clock.level, clock.place) == (3, 5)
    clock = clock.finer(2).next(9.0)  # 21 of 32: no longer step begins there
    assert (clock.level, clock.place) == (5, 21)
    clock = Clock(5, 23).next(9.0)  # 24 of 32: a step of 8 does
    assert (clock.level, clock.place) == (3, 6)
    assert clock.level >= CONTROL.fewest
    assert Clock(3, 7).next(1.0).over
