"""Numbers of nonlinear evolutions, from exact data: Fisher's wave, whose formula is known (Ablowitz
and Zeppetella, 1979).
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from sympy import Eq, exp, sqrt

from pinnsolve import (
    Budget,
    Data,
    Interval,
    PointCloud,
    Problem,
    coordinates,
    load,
    solve,
    unknown,
)
from pinnsolve.coefficients.balance import balanced
from pinnsolve.compile.system import compile_problem
from pinnsolve.running.stop import Stop
from pinnsolve.search.task import Task
from pinnsolve.strategies.measured_followed import in_followed, suits_following

x, t = coordinates("x t")
u, rod = unknown("u", x, t), Interval(x, 0, 4)
SPREAD, RATE = 0.5, 2.0
places, times = np.random.default_rng(0).random((2, 60)) * [[4], [1]]


def wave(place, moment, exp=exp):
    return 1 / (1 + exp(sqrt(RATE / 6 / SPREAD).evalf() * place - 5 * RATE / 6 * moment)) ** 2


def spreading(d, r, noise=0.0):
    values = wave(places, times, lambda z: np.exp(z.astype(float))).astype(float)
    values += noise * np.random.default_rng(1).standard_normal(60)
    return Problem(
        rod * Interval(t, 0, 1),
        Eq(u.diff(t), d * u.diff(x, 2) + r * u * (1 - u)),
        Eq(u(x, 0), wave(x, 0)),
        Eq(u(0, t), wave(0, t)),
        Eq(u(4, t), wave(4, t)),
        Eq(u, Data(values)) @ PointCloud({x: places, t: times}),
    )


def task_of(problem, tolerance):
    budget = Budget(60, clock=time.process_time).started()
    return Task(balanced(compile_problem(problem)), tolerance, budget, 0)


@pytest.mark.slow
def test_numbers_are_followed_in_time(tmp_path):
    d, r = unknown("d", positive=True), unknown("r", bounds=(0.1, 10))
    solution = solve(spreading(d, r), tolerance=1e-5, budget=60)
    assert solution.stopped == Stop.MET
    assert float(solution[d]) == pytest.approx(SPREAD, rel=1e-5)
    assert float(solution[r]) == pytest.approx(RATE, rel=1e-5)
    assert solution.field.last_time == (1, 1.0)
    known = wave(places, times, lambda z: np.exp(z.astype(float))).astype(float)
    assert solution({"x": places, "t": times})["u"] == pytest.approx(known, abs=1e-5)
    solution.save(tmp_path / "wave.st")
    again, middle = load(tmp_path / "wave.st"), {"x": 1.0, "t": 0.5}
    assert again(middle)["u"] == pytest.approx(solution(middle)["u"])
    assert again(middle)["d"] == pytest.approx(SPREAD, rel=1e-5)


def test_what_is_noise_is_not_met():
    """Where data are said to be exact, and are not."""
    task = task_of(spreading(unknown("d"), unknown("r"), noise=1e-3), 1e-5)
    assert suits_following(task)
    assert in_followed(task) is None


@pytest.mark.slow
def test_what_data_do_not_see_is_not_met():
    """Two numbers that enter by their sum: neither of them is known."""
    d, q = unknown("d"), unknown("q")
    task = task_of(spreading(d + q, 2), 1e-4)
    assert suits_following(task)
    assert in_followed(task) is None
