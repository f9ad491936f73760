"""Numbers of which nothing is said are found from anywhere, and a wrong minimum is named: against
closed forms, and scipy's integrator with its least squares.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares
from sympy import Eq, pi, sin

from pinnsolve import Box, Data, Interval, PointCloud, Problem, coordinates, solve, unknown
from pinnsolve.running.stop import Stop

(t,) = coordinates("t")
u = unknown("u", t)
TIMES = np.linspace(0.05, 2, 40)


def quietly(problem, **given):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return solve(problem, **given)


def swinging(numbers):
    """u'' + c u' + w u = 0 from u = 1 at rest."""
    c, w = numbers
    turn = np.sqrt(w - c**2 / 4)
    return np.exp(-c * TIMES / 2) * (np.cos(turn * TIMES) + c / 2 / turn * np.sin(turn * TIMES))


def oscillator(seed, noise=0.01, sigma=0.01):
    c, w = unknown("c"), unknown("w")
    values = swinging((1.0, 60.0)) + noise * np.random.default_rng(seed).standard_normal(40)
    data = Data(values) if sigma == "exact" else Data(values, sigma=sigma)
    time = Interval(t, 0, 2)
    problem = Problem(
        time,
        Eq(u.diff(t, 2) + c * u.diff(t) + w * u, 0),
        Eq(u(0), 1),
        Eq(u.diff(t), 0) @ time.at(t=0),
        Eq(u, data) @ PointCloud({t: TIMES}),
    )
    return problem, (c, w), values


@pytest.mark.parametrize("seed", [3, 4])
def test_a_spring_whose_misfit_has_many_minima_is_found_from_one(seed):
    problem, numbers, values = oscillator(seed)
    solution = solve(problem, seed=seed)
    best = least_squares(lambda p: (swinging(p) - values) / 0.01, (1.0, 60.0), x_scale=(1, 60))
    covariance = np.linalg.inv(best.jac.T @ best.jac)
    assert solution.stopped == Stop.MET
    assert [float(solution[n]) for n in numbers] == pytest.approx(best.x, rel=1e-4)
    assert solution.covariance(*numbers) == pytest.approx(covariance, rel=1e-3)


def test_exact_values_of_it_say_its_numbers():
    problem, numbers, _ = oscillator(0, noise=0.0, sigma="exact")
    solution = solve(problem, tolerance=1e-8)
    assert solution.stopped == Stop.MET
    assert [float(solution[n]) for n in numbers] == pytest.approx([1, 60], rel=1e-8)


@pytest.mark.parametrize("sigma", [2e-3, None])
def test_another_minimum_is_named(sigma):
    """A pendulum whose frequency is guessed wrong: two oscillations less fit best nearby. Where
    deviations are said, fields and numbers together may leave it.
    """
    f, at = unknown("f"), np.linspace(0.02, 1, 40)
    heard = np.sin(23 * at) / 23 + 2e-3 * np.random.default_rng(0).standard_normal(40)
    time = Interval(t, 0, 1)
    problem = Problem(
        time,
        Eq(u.diff(t, 2), -(f**2) * u),
        Eq(u(0), 0),
        Eq(u.diff(t), 1) @ time.at(t=0),
        Eq(u, Data(heard, sigma=sigma)) @ PointCloud({t: at}),
    )
    solution = quietly(problem, guess={f: 8, u: t})
    far = abs(float(solution[f]) - 23) > 0.1
    assert far or sigma is not None
    assert (solution.stopped != Stop.MET) == far
    assert not far or "the data are not fitted" in solution.diagnosis()[0]


def infected(rates, days):
    def law(_, state):
        s, i = state
        return [-rates[0] * s * i, rates[0] * s * i - rates[1] * i]

    return solve_ivp(law, (0, 40), (0.99, 0.01), "DOP853", days, rtol=1e-10, atol=1e-12).y[1]


@pytest.mark.parametrize("bounds", [None, (0.01, 2.0)])
def test_an_epidemic_of_which_only_the_infected_are_counted(bounds):
    s, i, b, g = unknown("s", t), unknown("i", t), *(unknown(n, bounds=bounds) for n in "bg")
    days, true, sigma = np.linspace(1, 40, 40), (0.5, 0.15), 2e-3
    counted = infected(true, days) + sigma * np.random.default_rng(5).standard_normal(40)
    problem = Problem(
        Interval(t, 0, 40),
        Eq(s.diff(t), -b * s * i),
        Eq(i.diff(t), b * s * i - g * i),
        Eq(s(0), 0.99),
        Eq(i(0), 0.01),
        Eq(i, Data(counted, sigma=sigma)) @ PointCloud({t: days}),
    )
    solution = solve(problem)
    best = least_squares(lambda p: (infected(p, days) - counted) / sigma, true, diff_step=1e-5)
    covariance = np.linalg.inv(best.jac.T @ best.jac)
    assert solution.stopped == Stop.MET
    assert [float(solution[n]) for n in (b, g)] == pytest.approx(best.x, rel=1e-4)
    assert solution.covariance(b, g) == pytest.approx(covariance, rel=1e-2)


def test_numbers_that_enter_by_their_ratio_are_not_told_apart():
    k, d = unknown("k"), unknown("d")
    places = np.linspace(0.1, 0.9, 20)
    values = np.sinh(2 * places) / np.sinh(2) + 0.01 * np.random.default_rng(1).standard_normal(20)
    problem = Problem(
        Interval(t, 0, 1),
        Eq(d * u.diff(t, 2), k * u),
        Eq(u(0), 0),
        Eq(u(1), 1),
        Eq(u, Data(values, sigma=0.01)) @ PointCloud({t: places}),
    )
    solution = quietly(problem)
    assert solution.stopped == Stop.NOT_UNIQUE
    assert "do not see d and k apart, which enter only as d / k" in solution.diagnosis()[0]
    assert float(solution[k]) / float(solution[d]) == pytest.approx(4, rel=0.1)


def test_a_number_that_moves_nothing_that_is_measured_is_named():
    k, m, v = unknown("k"), unknown("m"), unknown("v", t)
    values = np.exp(-TIMES) + 0.01 * np.random.default_rng(1).standard_normal(40)
    problem = Problem(
        Interval(t, 0, 2),
        Eq(u.diff(t), -k * u),
        Eq(v.diff(t), m * u),
        Eq(u(0), 1),
        Eq(v(0), 0),
        Eq(u, Data(values, sigma=0.01)) @ PointCloud({t: TIMES}),
    )
    solution = quietly(problem)
    assert solution.stopped == Stop.NOT_UNIQUE
    assert solution.diagnosis()[0].startswith("not unique: data do not see m:")
    assert abs(float(solution[k]) - 1) < 3 * solution[k].deviation < 0.1


@pytest.mark.parametrize("seed", [0, 1])
def test_a_waves_speed_from_three_sensors(seed):
    """Waves for a speed of one hold no others: bases are chosen again, until numbers stay."""
    x = coordinates("x")[0]
    v, c, box = unknown("v", x, t), unknown("c"), Box({x: (0, 1), t: (0, 2)})
    places, times = np.repeat([0.2, 0.5, 0.7], 30), np.tile(np.linspace(0.05, 2, 30), 3)

    def heard(speed):
        each = [(k, np.sin(k * np.pi * places), k * np.pi * times) for k in (1, 3)]
        return sum(shape * np.cos(phase * speed) / k for k, shape, phase in each)

    values = heard(1.3) + 5e-3 * np.random.default_rng(seed).standard_normal(90)
    problem = Problem(
        box,
        Eq(v.diff(t, 2), c**2 * v.diff(x, 2)),
        Eq(v(0, t), 0),
        Eq(v(1, t), 0),
        Eq(v(x, 0), sin(pi * x) + sin(3 * pi * x) / 3),
        Eq(v.diff(t), 0) @ box.at(t=0),
        Eq(v, Data(values, sigma=5e-3)) @ PointCloud({x: places, t: times}),
    )
    solution = solve(problem, seed=seed)
    best = least_squares(lambda p: (heard(p) - values) / 5e-3, (1.3,))
    bar = 1 / np.linalg.norm(best.jac)
    assert solution.stopped == Stop.MET
    assert float(solution[c]) == pytest.approx(best.x[0], abs=0.1 * bar)
    assert solution[c].deviation == pytest.approx(bar, rel=0.02)
