"""Two draws of numbers from data with errors that differ, and deviations that were not said."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import Data, Interval, PointCloud, Problem, coordinates, solve, unknown
from pinnsolve.running.budget import OutOfTimeError
from pinnsolve.running.stop import Stop
from pinnsolve.strategies import measured

(x,) = coordinates("x")
u, k = unknown("u", x), unknown("k")
places = np.linspace(0.02, 1, 40)


def decay(noise, seed):
    values = np.exp(-3 * places) + noise * np.random.default_rng(seed).standard_normal(40)
    measured_values = Eq(u, Data(values, sigma=None)) @ PointCloud({x: places})
    return values, Problem(Interval(x, 0, 1), Eq(u.diff(x), -k * u), Eq(u(0), 1), measured_values)


def best_rate(values):
    """Of exp(-k x), by Gauss's and Newton's method on the formula."""
    best = 3.0
    for _ in range(20):
        slope = -places * np.exp(-best * places)
        best += float(slope @ (values - np.exp(-best * places)) / (slope @ slope))
    return best


def wandering(monkeypatch, calls):
    """These calls for a draw, from zero, come to numbers far from where they should."""
    plain, count = measured.found, []

    def found(*given):
        draw, number = plain(*given), len(count)
        count.append(number)
        if number not in calls:
            return draw
        far = replace(draw.seen, numbers=-9 * draw.seen.numbers, misfit=1e4)
        return replace(draw, seen=far, settled=False)

    monkeypatch.setattr(measured, "found", found)
    return count


@pytest.mark.parametrize("which", [0, 1])
def test_numbers_are_sought_again_from_the_better_of_two_draws_that_differ(monkeypatch, which):
    count = wandering(monkeypatch, [which])
    values, problem = decay(0.02, seed=3)
    solution = solve(problem)
    assert solution.stopped == Stop.MET
    assert len(count) >= 4
    assert float(solution[k]) == pytest.approx(best_rate(values), abs=1e-6)


def test_draws_that_are_lost_are_not_met_nor_tried_again(monkeypatch):
    count = wandering(monkeypatch, [0, 1, 2, 3])
    monkeypatch.setattr(measured, "_alike", lambda *_: False)
    _, problem = decay(0.02, seed=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = solve(problem)
    assert solution.stopped == Stop.STAGNATED
    assert len(count) == 2


def test_a_draw_that_has_no_time_loses_nothing(monkeypatch):
    """Numbers, with their bars, of the draw that there is; not called met."""
    plain, count = measured.found, []

    def found(*given):
        count.append(None)
        if len(count) == 2:
            raise OutOfTimeError
        return plain(*given)

    monkeypatch.setattr(measured, "found", found)
    values, problem = decay(0.02, seed=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = solve(problem)
    assert solution.stopped == Stop.BUDGET
    assert float(solution[k]) == pytest.approx(best_rate(values), rel=1e-2)


@pytest.mark.parametrize("noise", [1e-6, 1e-3, 0.2])
def test_bars_of_unsaid_deviations_are_met_whatever_the_noise(noise):
    values, problem = decay(noise, seed=5)
    solution = solve(problem)
    best = best_rate(values)
    assert solution.stopped == Stop.MET
    assert abs(float(solution[k]) - best) < 0.01 * solution[k].deviation
    slope = places * np.exp(-best * places)
    left = values - np.exp(-best * places)
    expected = np.sqrt(left @ left / 39 / (slope @ slope))
    assert solution[k].deviation == pytest.approx(expected, rel=1e-3)
