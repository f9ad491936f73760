"""Data with errors beside equations, nothing sought but what is measured: regression among the
solutions of the equations, known in closed form.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq, sin

from pinnsolve import (
    Box,
    Budget,
    Data,
    Interval,
    PointCloud,
    Problem,
    coordinates,
    solve,
    unknown,
)
from pinnsolve.running.stop import Stop
from pinnsolve.strategies import measured_fields

x, t = coordinates("x t")
u, v = unknown("u", x), unknown("v", x, t)
line = Interval(x, 0, 1)
SIGMA = 0.01
places = np.sort(np.random.default_rng(7).random(60))
GRID = np.linspace(0, 1, 101)


def truth(at):
    return np.sin(3 * at) + at


def measured(seed):
    return truth(places) + SIGMA * np.random.default_rng(seed).standard_normal(len(places))


def solved(*conditions, values, sigma=SIGMA, **how):
    data = Eq(u, Data(values, sigma=sigma)) @ PointCloud({x: places})
    bent = Eq(u.diff(x, 2), -9 * sin(3 * x))
    budget = Budget(30, clock=time.process_time)
    return solve(Problem(line, bent, *conditions, data), budget=budget, **how)


def regression(columns, values):
    """The values of sin(3 x) + c and their deviations on the grid, c a combination of powers of x
    that is found by least squares.
    """
    seen, there = (np.stack([at**k for k in columns], axis=1) for at in (places, GRID))
    best = np.linalg.lstsq(seen, values - np.sin(3 * places), rcond=None)[0]
    spread = there @ np.linalg.inv(seen.T @ seen) @ there.T
    return np.sin(3 * GRID) + there @ best, SIGMA * np.sqrt(np.diag(spread))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    ("conditions", "powers"), [((), (0, 1)), ((Eq(u(0), 0),), (1,))], ids=["none", "one"]
)
def test_among_solutions_data_choose_as_in_linear_regression(conditions, powers, seed):
    values = measured(seed)
    solution = solved(*conditions, values=values, seed=seed)
    best, deviations = regression(powers, values)
    assert solution.stopped == Stop.MET
    assert np.abs(solution(GRID) - best).max() < 0.1 * deviations.max()
    open_ = deviations > deviations.max() / 2  # elsewhere what is left of equations counts, too
    assert solution.sd(u, GRID)[open_] == pytest.approx(deviations[open_], rel=0.02)
    left = values - np.interp(places, GRID, best)
    squares = float((left**2).sum()) / SIGMA**2
    assert solution.misfit == pytest.approx(squares / (60 - len(powers)), rel=0.02)


def test_where_equations_have_one_solution_data_say_whether_they_hold():
    walls = Eq(u(0), 0), Eq(u(1), sin(3) + 1)
    solution = solved(*walls, values=measured(0))
    assert solution.stopped == Stop.MET
    assert np.abs(solution(GRID) - truth(GRID)).max() < 1e-6
    squares = (((measured(0) - truth(places)) / SIGMA) ** 2).mean()
    assert solution.misfit == pytest.approx(squares, rel=1e-4)
    low, high = solution.band(u, GRID)
    assert (high - low < 1e-6).all()


@pytest.mark.parametrize("sigma", [SIGMA, None])
def test_data_that_no_solution_fits_are_not_met(sigma):
    walls = Eq(u(0), 0), Eq(u(1), sin(3) + 1.3)
    with pytest.warns(UserWarning, match="data"):
        solution = solved(*walls, values=measured(0), sigma=sigma)
    assert solution.stopped != Stop.MET


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("sigma", [SIGMA, None])
def test_an_open_state_whose_equation_is_wrong_is_not_met(sigma):
    data = Eq(u, Data(measured(0), sigma=sigma)) @ PointCloud({x: places})
    budget = Budget(10, clock=time.process_time)
    solution = solve(Problem(line, Eq(u.diff(x, 2), -2 * sin(9 * x)), data), budget=budget)
    assert solution.stopped != Stop.MET


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_number_beside_a_state_that_is_open_is_that_of_regression(seed):
    """u'' = -k sin(3 x), u(0) = 0: k sin(3 x) / 9 + c x."""
    values, k = measured(seed), unknown("k")
    data = Eq(u, Data(values, sigma=SIGMA)) @ PointCloud({x: places})
    problem = Problem(line, Eq(u.diff(x, 2), -k * sin(3 * x)), Eq(u(0), 0), data)
    solution = solve(problem, budget=Budget(30, clock=time.process_time), seed=seed)
    seen = np.stack([np.sin(3 * places) / 9, places], axis=1)
    best = np.linalg.lstsq(seen, values, rcond=None)[0]
    bar = SIGMA * np.sqrt(np.linalg.inv(seen.T @ seen)[0, 0])
    assert solution.stopped == Stop.MET
    assert abs(solution[k] - best[0]) < 0.1 * bar
    assert solution[k].deviation == pytest.approx(bar, rel=0.03)


@pytest.mark.filterwarnings("ignore:error bars may be too small")
def test_a_state_whose_start_is_not_known_is_found_with_bands(monkeypatch):
    """The heat equation without a start: five or six of its waves are seen by the data."""
    fields = replace(measured_fields.FIELDS, doublings=3)
    monkeypatch.setattr(measured_fields, "FIELDS", fields)
    random = np.random.default_rng(100)
    at = {x: random.random(200), t: 0.1 * random.random(200)}

    def exact(across, when):
        waves = np.sin(np.pi * across), np.sin(2 * np.pi * across)
        return np.exp(-(np.pi**2) * when) * waves[0] + np.exp(-4 * np.pi**2 * when) * waves[1] / 2

    values = exact(at[x], at[t]) + SIGMA * random.standard_normal(200)
    rod = Problem(
        Box({x: (0, 1), t: (0, 0.1)}),
        Eq(v.diff(t), v.diff(x, 2)),
        Eq(v(0, t), 0),
        Eq(v(1, t), 0),
        Eq(v, Data(values, sigma=SIGMA)) @ PointCloud(at),
    )
    solution = solve(rod, budget=Budget(30, clock=time.process_time))
    fresh = {"x": random.random(500), "t": 0.1 * random.random(500)}
    wanted = exact(fresh["x"], fresh["t"])
    apart = (solution(fresh) - wanted) / solution.sd(v, fresh)
    assert np.sqrt(np.mean(apart**2)) < 1.96
    assert np.sqrt(np.mean((solution(fresh) - wanted) ** 2)) < 5e-3  # of one value 1e-2
    assert 0.7 < solution.misfit < 1.3
