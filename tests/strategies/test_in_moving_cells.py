"""Evolutions in cells of space, solved from the front door."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sympy import Eq, Rational, cos, exp, pi, sin

from pinnsolve import (
    Box,
    Budget,
    Dense,
    Interval,
    Problem,
    Solution,
    Waves,
    coordinates,
    solve,
    unknown,
)
from pinnsolve.coefficients.solved import by_other_means
from pinnsolve.compile.system import compile_problem
from pinnsolve.evolution.local import Steps, run, space_of
from pinnsolve.evolution.stepping import State, grows
from pinnsolve.fields.tree import grid
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import fit
from pinnsolve.search.task import Outcome
from pinnsolve.strategies import separation
from pinnsolve.strategies.in_moving_cells import Progress, _with, stages_in_cells

X, Y, T = coordinates("x y t")
U = unknown("u", X, Y, T)
SQUARE = Box({X: (0, 1), Y: (0, 1)})
EXACT = exp(-T) * sin(2 * X) * cos(Y)
LEFT = U.diff(T) - (U.diff(X, 2) + U.diff(Y, 2)) / 10


def problem(exact=EXACT):
    return Problem(
        SQUARE * Interval(T, 0, 1),
        Eq(LEFT, LEFT.subs(U, exact).doit()),
        Eq(U(X, Y, 0), exact.subs(T, 0)),
        Eq(U, exact) @ SQUARE.boundary,
        exact={U: exact},
    )


@pytest.mark.slow
def test_a_tolerance_is_met_and_the_estimate_holds(tmp_path):
    solution = solve(problem(), cells=(2, 2), tolerance=1e-4)
    assert solution.stopped == "met"
    assert solution.error() < 1e-4
    assert solution.error() < 3 * solution.estimate
    x = np.random.default_rng(0).random((10, 3))
    wanted = -np.exp(-x[:, 2]) * np.sin(2 * x[:, 0]) * np.cos(x[:, 1])
    assert np.abs(solution(x, U.diff(T)) - wanted).max() < 1e-2
    solution.save(tmp_path / "moving.st")
    again = Solution.load(tmp_path / "moving.st")
    assert np.array_equal(again(x), solution(x))


@pytest.mark.slow
def test_cells_are_refined_where_the_initial_data_ask_for_it():
    bump = exp(-60 * ((X - Rational(1, 4)) ** 2 + (Y - Rational(1, 4)) ** 2))
    exact = bump * cos(T)
    solution = solve(problem(exact), cells=(2, 2), tolerance=1e-3, budget=Budget(seconds=120))
    assert solution.error() < 1e-3


@pytest.mark.slow
def test_where_one_basis_is_not_enough_cells_of_space_are_tried(monkeypatch):
    def poor(task):
        few = fit(task.system, Dense(30, activation="sin", initialize=Waves(3.0)), 0)
        return Outcome(few, np.nan, 0, Stop.STAGNATED)

    def none(_, task):
        raise ValueError("data that are not smooth in time")

    monkeypatch.setattr(separation, "at_once", poor)
    monkeypatch.setattr(separation.Separated, "__call__", none)
    solution = solve(problem(), tolerance=1e-3)
    assert solution.stopped == "met"
    assert solution.error() < 1e-3
    assert "moving with t" in str(solution.declared)


def test_in_functions_that_are_given_there_is_one_run():
    waves = Dense(80, activation="sin", initialize=Waves(4.0))
    solution = solve(problem(), waves, cells=(2, 1))
    assert solution.stopped == "solved"
    assert solution.error() < 1e-3


def test_what_is_no_evolution_of_first_order_is_refused():
    waves = Problem(
        SQUARE * Interval(T, 0, 1),
        Eq(U.diff(T, 2), U.diff(X, 2) + U.diff(Y, 2)),
        Eq(U(X, Y, 0), sin(pi * X) * sin(pi * Y)),
        Eq(U.diff(T).subs(T, 0), 0),
        Eq(U, 0) @ SQUARE.boundary,
    )
    with pytest.raises(ValueError, match="an evolution of first order in time"):
        solve(waves, cells=(2, 2))


def fit_by(system, seed, steps, width=20):
    return replace(fit(system, Dense(width), seed), solved=by_other_means(10.0, steps))


@pytest.mark.slow
def test_runs_of_alike_steps_do_not_say_what_steps_leave():
    system = compile_problem(problem())
    last = fit_by(system, 0, 60)
    worse = replace(last, residuals=(1e-3,) * len(last.residuals))
    before = Progress(None, 1e-4, last=worse)
    alike, finer = (replace(last, solved=by_other_means(10.0, n)) for n in (60, 120))
    assert _with(system, before, alike).estimate == pytest.approx(60e-4)
    assert _with(system, before, finer).estimate < 1e-9


@pytest.mark.slow
def test_what_sides_drive_from_nothing_is_measured_by_what_it_becomes():
    """Beside 1e-13, what it is at first, each error of a step is large: it came to t = 2e-4."""
    w, line = unknown("w", X, T), Interval(X, 0, 1)
    pulse = exp(-((10 * (T - Rational(1, 2))) ** 2))
    sides = Eq(w(X, 0), 0), Eq(w(0, T), pulse), Eq(w(1, T), 0)
    whole = Problem(line * Interval(T, 0, 1), Eq(w.diff(T), w.diff(X, 2) / 10), *sides)
    stages = stages_in_cells(compile_problem(whole))
    assert float(stages.driven[0]) == pytest.approx((np.pi / 200) ** 0.25, rel=0.05)
    parts = [Dense(32, activation="sin", initialize=Waves(7.0))] * 8
    space = space_of(stages, grid(line.bounds, (8,)), parts, 0, Budget())
    trail = run(space, 1e-4, Budget(), Steps.of(space))
    assert trail.complete
    assert len(trail.states) < 100


@pytest.mark.parametrize(
    ("size", "rate", "without_bound"),
    [
        (lambda t: np.exp(25 * t), lambda t: 25 * np.exp(25 * t), False),
        (lambda t: 1 + 1e6 * t, lambda _: 1e6, False),
        (lambda t: 1 / (1.001 - t), lambda t: 1 / (1.001 - t) ** 2, True),
        (lambda t: (1.001 - t) ** -0.5, lambda t: 0.5 * (1.001 - t) ** -1.5, True),
    ],
)
def test_growth_without_bound_is_told_from_an_exponential(size, rate, without_bound):
    driven = torch.zeros(1, dtype=torch.float64)
    space = SimpleNamespace(sizes=torch.abs, stages=SimpleNamespace(driven=driven))
    first, last = (State(t, *(driven + f(t) for f in (size, rate))) for t in (0.0, 1.0))
    assert grows(space, first, last, 5.0) == without_bound


@pytest.mark.slow
def test_a_blow_up_in_cells_is_said_with_the_last_good_time():
    """Nothing varies in space: u' = 3 u^2 from 4 has its pole at 1 / 12. The last time is the last
    round's, which differ by what a round resolves.
    """
    w, line = unknown("w", X, T), Interval(X, 0, 1)
    law = Eq(w.diff(T), w.diff(X, 2) / 1000 + 3 * w**2)
    sides = [Eq(w.diff(X), 0) @ (line * Interval(T, 0, 1)).at(x=end) for end in (0, 1)]
    whole = Problem(line * Interval(T, 0, 1), law, Eq(w(X, 0), 4), *sides)
    budget = Budget(20, clock=time.process_time)
    with pytest.warns(UserWarning, match="known up to t = 0.083"):
        solution = solve(whole, cells=(2,), tolerance=1e-4, budget=budget)
    assert solution.stopped == "blow-up"
    assert -5e-3 < 12 * solution.field.last_time[1] - 1 < 1e-4
    assert solution(np.array([[0.3, 0.05]]))[0] == pytest.approx(1 / (1 / 4 - 0.15), rel=1e-3)
