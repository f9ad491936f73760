"""Numbers of nonlinear evolutions, from exact data: Fisher's wave, whose formula is known (Ablowitz
and Zeppetella, 1979).
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline
from scipy.optimize import least_squares
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
from pinnsolve.strategies.followed_solves import suits_following
from pinnsolve.strategies.measured_followed import in_followed
from pinnsolve.symbols.data import EXACT

x, t = coordinates("x t")
u, rod = unknown("u", x, t), Interval(x, 0, 4)
SPREAD, RATE = 0.5, 2.0
places, times = np.random.default_rng(0).random((2, 60)) * [[4], [1]]


def wave(place, moment, exp=exp):
    return 1 / (1 + exp(sqrt(RATE / 6 / SPREAD).evalf() * place - 5 * RATE / 6 * moment)) ** 2


def spreading(d, r, noise=0.0, sigma=EXACT):
    values = wave(places, times, lambda z: np.exp(z.astype(float))).astype(float)
    values += noise * np.random.default_rng(1).standard_normal(60)
    return Problem(
        rod * Interval(t, 0, 1),
        Eq(u.diff(t), d * u.diff(x, 2) + r * u * (1 - u)),
        Eq(u(x, 0), wave(x, 0)),
        Eq(u(0, t), wave(0, t)),
        Eq(u(4, t), wave(4, t)),
        Eq(u, Data(values, sigma=sigma)) @ PointCloud({x: places, t: times}),
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


def by_lines(values, sigma):
    """The best numbers and their covariance by the method of lines on 200 cells of space, scipy's
    integrator and least squares: they know nothing of ours. The covariance is within 1e-3 of that
    of Chebyshev's points with sensitivities as equations of their own.
    """
    cells = np.linspace(0, 4, 201)
    order = np.argsort(times)

    def left(numbers):
        d, r = numbers

        def law(moment, inner):
            ends = [wave(place, moment, np.exp) for place in (0.0, 4.0)]
            whole = np.concatenate([ends[:1], inner, ends[1:]]).astype(float)
            return d * np.diff(whole, 2) / 0.02**2 + r * inner * (1 - inner)

        start = wave(cells[1:-1], 0, lambda z: np.exp(z.astype(float))).astype(float)
        path = solve_ivp(
            law, (0, 1), start, "LSODA", times[order], rtol=1e-8, atol=1e-10, lband=1, uband=1
        ).y
        found = np.empty(60)
        for k, state in zip(order, path.T, strict=True):
            ends = [float(wave(place, times[k], np.exp)) for place in (0.0, 4.0)]
            found[k] = CubicSpline(cells, [ends[0], *state, ends[1]])(places[k])
        return (found - values) / sigma

    best = least_squares(left, [0.5, 2.0], diff_step=1e-3)
    return best.x, np.linalg.inv(best.jac.T @ best.jac)


@pytest.mark.slow
def test_error_bars_are_those_of_the_method_of_lines(tmp_path):
    d, r = unknown("d"), unknown("r")
    problem = spreading(d, r, noise=0.02, sigma=0.02)
    solution = solve(problem, tolerance=1e-2, guess={u: 0.5, d: 0.6, r: 1.8}, budget=60)
    (cloud,) = [c.region for c in problem.conditions if c.region.is_listed]
    best, covariance = by_lines(cloud.known[0], 0.02)
    assert solution.stopped == Stop.MET
    numbers = [float(solution[d]), float(solution[r])]
    assert numbers == pytest.approx(best, rel=2e-3)
    assert solution.covariance(d, r) == pytest.approx(covariance, rel=2e-2)
    assert solution.misfit == pytest.approx(1, abs=0.5)

    there = {"x": 1.0, "t": 0.5}
    assert 0 < solution.sd(u, there) < 0.02
    drawn = np.array([[each(there)[str(n)] for n in (d, r)] for each in solution.samples(400)])
    assert np.cov(drawn.T) == pytest.approx(solution.covariance(d, r), rel=0.3)
    solution.save(tmp_path / "wave.st")
    again = load(tmp_path / "wave.st")
    assert again.sd(u, there) == pytest.approx(solution.sd(u, there))
    assert again.covariance(d, r) == pytest.approx(solution.covariance(d, r))
