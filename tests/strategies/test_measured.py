"""Numbers from data with errors: the number, and an error bar that is right."""

from __future__ import annotations

import math
import re
import warnings

import numpy as np
import pytest
from sympy import Eq, exp

from pinnsolve import Data, Interval, PointCloud, Problem, coordinates, load, solve, unknown
from pinnsolve.running.stop import Stop
from pinnsolve.symbols.data import EXACT

(x,) = coordinates("x")
u, k, q = unknown("u", x), unknown("k"), unknown("q")
line = Interval(x, 0, 1)
places = np.linspace(0.02, 1, 30)


def decay(seed, noise, sigma):
    rng = np.random.default_rng(seed)
    values = np.exp(-3 * places) + noise * rng.standard_normal(len(places))
    measured = Eq(u, Data(values, sigma=sigma)) @ PointCloud({x: places})
    return Problem(line, Eq(u.diff(x), -k * u), Eq(u(0), 1), measured)


def by_hand(problem):
    """The best k of exp(-k x), by Gauss's and Newton's method on the formula, and its deviation for
    errors of one.
    """
    (cloud,) = [c.region for c in problem.conditions if c.region.is_listed]
    (values,) = cloud.known
    best = 3.0
    for _ in range(20):
        slope = -places * np.exp(-best * places)
        best += float(slope @ (values - np.exp(-best * places)) / (slope @ slope))
    left = values - np.exp(-best * places)
    return best, 1 / math.sqrt(float(slope @ slope)), float(left @ left) / (len(places) - 1)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("sigma", [0.02, None])
def test_numbers_and_bars_are_those_of_the_formula(seed, sigma):
    problem = decay(seed, 0.02, sigma)
    solution = solve(problem)
    best, deviation, variance = by_hand(problem)
    assert solution.stopped == Stop.MET
    assert float(solution[k]) == pytest.approx(best, abs=1e-7)
    expected = deviation * (0.02 if sigma else math.sqrt(variance))
    assert solution[k].deviation == pytest.approx(expected, rel=1e-5)
    misfit = variance / 0.02**2 if sigma else variance
    assert solution.misfit == pytest.approx(misfit, rel=1e-5)


@pytest.mark.parametrize("rate", [0.02, 60.0])
def test_numbers_far_from_what_is_guessed_choose_the_basis_again(rate):
    """From one: a basis for that is not one for a rate of sixty, or hardly any."""
    at = np.linspace(0.002, 1, 60)
    values = np.exp(-rate * at) + 0.01 * np.random.default_rng(1).standard_normal(60)
    measured = Eq(u, Data(values, sigma=0.01)) @ PointCloud({x: at})
    solution = solve(Problem(line, Eq(u.diff(x), -k * u), Eq(u(0), 1), measured))
    assert solution.stopped == Stop.MET
    assert abs(float(solution[k]) - rate) < 4 * solution[k].deviation
    expected = 0.01 / np.linalg.norm(at * np.exp(-rate * at))
    assert solution[k].deviation == pytest.approx(expected, rel=0.1)
    assert solution(0.1)["u"] == pytest.approx(np.exp(-float(solution[k]) * 0.1), rel=1e-4)


def test_numbers_of_nonlinear_equations_begin_from_the_data():
    """Logistic growth from 0.1: with both numbers one, it is another curve."""
    true, at = (9.0, 4.0), np.linspace(0.02, 1, 80)
    exact = true[1] / (1 + (true[1] / 0.1 - 1) * np.exp(-true[0] * at))
    values = exact + 0.02 * np.random.default_rng(0).standard_normal(80)
    measured = Eq(u, Data(values, sigma=0.02)) @ PointCloud({x: at})
    solution = solve(Problem(line, Eq(u.diff(x), k * u * (1 - u / q)), Eq(u(0), 0.1), measured))
    assert solution.stopped == Stop.MET
    for number, value in zip((k, q), true, strict=True):
        assert abs(float(solution[number]) - value) < 4 * solution[number].deviation
        assert solution[number].deviation < 0.01 * value


def test_deviations_of_their_own_weigh_values():
    sigma = np.where(places < 0.5, 1e-6, 10.0)
    problem = decay(0, 0.0, sigma)
    assert float(solve(problem)[k]) == pytest.approx(3, abs=1e-6)


def test_what_does_not_fit_its_deviations_is_not_met():
    with pytest.warns(UserWarning, match="the data are not fitted: squares left are 1"):
        solution = solve(decay(0, 0.02, 0.005))
    assert solution.stopped == Stop.STAGNATED
    assert solution.misfit > 10


def test_it_prints_with_its_bar_and_is_kept_in_a_file(tmp_path):
    solution = solve(decay(0, 0.02, 0.02))
    value, bar = str(solution[k]).split(" +- ")
    assert abs(float(value) - float(solution[k])) <= float(bar)
    solution.save(tmp_path / "rate.st")
    again = load(tmp_path / "rate.st")
    (number,) = [n for n in again.problem.unknowns if not n.args]
    assert str(again[number]) == str(solution[k])


def test_what_data_cannot_tell_apart_is_not_unique():
    measured = Eq(u, Data(np.exp(-3 * places), sigma=0.01)) @ PointCloud({x: places})
    problem = Problem(line, Eq(u.diff(x), -(k + q) * u), Eq(u(0), 1), measured)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert solve(problem, guess={k: 1, q: 2, u: exp(-x)}).stopped == Stop.NOT_UNIQUE


def test_exact_data_give_a_number_without_a_bar():
    solution = solve(decay(0, 0.0, EXACT))
    assert float(solution[k]) == pytest.approx(3, abs=1e-6)
    assert math.isnan(solution[k].deviation)
    with pytest.raises(KeyError, match="no unknown number"):
        solution[u]


@pytest.mark.parametrize(
    ("sigma", "error", "words"),
    [
        (-1, ValueError, "above zero"),
        (0.0, ValueError, "above zero"),
        (math.nan, ValueError, "above zero"),
        ([0.1, 0.2], ValueError, "one a value"),
        ("small", TypeError, "standard deviation"),
    ],
)
def test_deviations_are_positive_numbers(sigma, error, words):
    with pytest.raises(error, match=words):
        Data([1.0, 2.0, 3.0], sigma=sigma)


def by_hand_with_wild_values(values, sigma):
    """The k that minimizes Student's loss of exp(-k x), by a search of its own."""

    def loss(rate):
        left = (values - np.exp(-rate * places)) / sigma
        return 2.5 * np.log1p(left**2 / 4).sum()

    grid = np.linspace(2, 4, 20_001)
    return grid[np.argmin([loss(rate) for rate in grid])]


@pytest.mark.parametrize("seed", [0, 1])
def test_wild_values_hardly_count(seed):
    rng = np.random.default_rng(seed)
    values = np.exp(-3 * places) + 0.02 * rng.standard_normal(len(places))
    plain = solve(decay(seed, 0.02, 0.02))
    spoiled = values.copy()
    spoiled[[3, 11, 20]] += [1.0, -2.0, 5.0]
    measured = Eq(u, Data(spoiled, sigma=0.02, loss="student")) @ PointCloud({x: places})
    robust = solve(Problem(line, Eq(u.diff(x), -k * u), Eq(u(0), 1), measured))
    assert robust.stopped == Stop.MET
    assert float(robust[k]) == pytest.approx(by_hand_with_wild_values(spoiled, 0.02), abs=1e-4)
    assert abs(robust[k] - plain[k]) < plain[k].deviation
    assert robust[k].deviation == pytest.approx(plain[k].deviation, rel=0.3)


def test_wild_values_of_an_unknown_deviation():
    rng = np.random.default_rng(2)
    values = np.exp(-3 * places) + 0.02 * rng.standard_normal(len(places))
    values[[3, 11, 20]] += [1.0, -2.0, 5.0]
    measured = Eq(u, Data(values, sigma=None, loss="student")) @ PointCloud({x: places})
    robust = solve(Problem(line, Eq(u.diff(x), -k * u), Eq(u(0), 1), measured))
    assert abs(robust[k] - 3) < 3 * robust[k].deviation
    assert robust[k].deviation < 0.2


def test_a_loss_is_one_of_two_words():
    with pytest.raises(ValueError, match="'student'"):
        Data([1.0, 2.0], sigma=0.1, loss="huber")
    with pytest.raises(ValueError, match="have errors"):
        Data([1.0, 2.0], loss="student")


@pytest.mark.parametrize(
    ("equation", "guess", "words"),
    [
        (Eq(u.diff(x), -(k + q) * u), {k: 1, q: 2}, r"k and q apart.* k \+ q"),
        (Eq(u.diff(x), -(k + 2 * q) * u), {k: 1, q: 1.7}, r"k \+ 2 \* q"),
        (Eq(u.diff(x), -k * q * u), {k: 2, q: 1}, r"k \* q"),
        (Eq(q * u.diff(x), -k * u), {k: 3, q: 2}, r"k / q"),
    ],
)
def test_directions_that_data_do_not_see_are_named(equation, guess, words):
    measured = Eq(u, Data(np.exp(-3 * places), sigma=0.01)) @ PointCloud({x: places})
    with pytest.warns(UserWarning, match="data do not see"):
        solution = solve(
            Problem(line, equation, Eq(u(0), 1), measured), guess={**guess, u: exp(-x)}
        )
    assert solution.stopped == Stop.NOT_UNIQUE
    (said,) = solution.diagnosis()
    assert re.search(words, said), said


def test_a_number_that_data_cannot_see_is_named():
    v = unknown("v", x)
    measured = Eq(u, Data(np.exp(-3 * places), sigma=0.01)) @ PointCloud({x: places})
    conditions = Eq(u.diff(x), -k * u), Eq(u(0), 1), Eq(v.diff(x), q * v), Eq(v(0), 1), measured
    with pytest.warns(UserWarning, match="data do not see q: no equation that they reach"):
        assert solve(Problem(line, *conditions)).stopped == Stop.NOT_UNIQUE
