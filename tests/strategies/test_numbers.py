"""Unknown numbers beside unknown functions, with nothing given: found from data, or from one
condition more.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sympy import Eq, pi, sin

from pinnsolve import Data, Interval, PointCloud, Problem, coordinates, solve, unknown
from pinnsolve.running.stop import Stop

x, t = coordinates("x t")
u, w = unknown("u", x), unknown("w", x, t)
k, q = unknown("k"), unknown("q")
line = Interval(x, 0, 1)
places = np.linspace(0.05, 0.95, 12)


def value(solution, number):
    middle = solution.problem.domain.bounds.mean(axis=1)[None]
    return float(solution(middle, number)[0])


def test_one_condition_more_gives_a_number():
    conditions = Eq(u(0), 0), Eq(u(1), 1), Eq(u.diff(x).subs(x, 0), 0)
    solution = solve(Problem(line, Eq(u.diff(x, 2), k), *conditions), tolerance=1e-10)
    assert solution.stopped == Stop.MET
    assert value(solution, k) == pytest.approx(2, abs=1e-10)


def test_a_rate_from_data():
    measured = Eq(u, Data(np.exp(-3 * places))) @ PointCloud({x: places})
    solution = solve(Problem(line, Eq(u.diff(x), -k * u), Eq(u(0), 1), measured), tolerance=1e-9)
    assert solution.stopped == Stop.MET
    assert value(solution, k) == pytest.approx(3, abs=1e-8)


def test_numbers_of_which_the_data_see_the_sum_alone_are_not_unique():
    measured = Eq(u, Data(np.exp(-3 * places))) @ PointCloud({x: places})
    problem = Problem(line, Eq(u.diff(x), -(k + q) * u), Eq(u(0), 1), measured)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = solve(problem, tolerance=1e-8)
    assert solution.stopped == Stop.NOT_UNIQUE


@pytest.mark.slow
def test_a_diffusivity_from_data():
    rng = np.random.default_rng(0)
    at, tt = rng.random((2, 60))
    values = np.exp(-0.37 * np.pi**2 * tt) * np.sin(np.pi * at)
    rod = line * Interval(t, 0, 1)
    problem = Problem(
        rod,
        Eq(w.diff(t), k * w.diff(x, 2)),
        Eq(w(x, 0), sin(pi * x)),
        Eq(w, 0) @ line.boundary,
        Eq(w, Data(values)) @ PointCloud({x: at, t: tt}),
    )
    solution = solve(problem, tolerance=1e-8)
    assert solution.stopped == Stop.MET
    assert value(solution, k) == pytest.approx(0.37, abs=1e-8)
