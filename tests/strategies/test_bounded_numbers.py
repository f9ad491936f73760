"""Numbers that are positive, or lie within bounds: the best among them, from several starts."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from scipy.optimize import least_squares
from sympy import Eq, I, exp, sin

from pinnsolve import Data, Interval, PointCloud, Problem, coordinates, load, solve, unknown
from pinnsolve.running.stop import Stop

(x,) = coordinates("x")
u, line = unknown("u", x), Interval(x, 0, 1)
places = np.linspace(0.02, 1, 40)
cloud = PointCloud({x: places})


def relaxing(k, q, sigma=0.02, true=(3.0, 0.5), seed=0):
    """Towards q, at the rate k, from one."""
    noise = sigma * np.random.default_rng(seed).standard_normal(len(places))
    values = relaxed(true) + noise
    measured = Eq(u, Data(values, sigma=sigma)) @ cloud
    return Problem(line, Eq(u.diff(x), k * (q - u)), Eq(u(0), 1), measured), values


def relaxed(numbers):
    k, q = numbers
    return q + (1 - q) * np.exp(-k * places)


def by_scipy(values, low, high, start, sigma=0.02):
    found = least_squares(
        lambda p: (relaxed(p) - values) / sigma,
        start,
        bounds=(low, high),
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-12,
    )
    return found.x, np.linalg.inv(found.jac.T @ found.jac)


def test_a_positive_number_has_the_bar_of_its_logarithm():
    k, q = unknown("k", positive=True), unknown("q")
    problem, values = relaxing(k, q, sigma=0.1)
    solution = solve(problem)
    best, covariance = by_scipy(values, -np.inf, np.inf, (2.0, 0.3), sigma=0.1)
    assert solution.stopped == Stop.MET
    assert float(solution[k]) == pytest.approx(best[0], rel=1e-6)
    assert solution[k].deviation == pytest.approx(math.sqrt(covariance[0, 0]), rel=1e-4)
    spread = 1.959964 * solution[k].deviation / best[0]
    expected = best[0] * math.exp(-spread), best[0] * math.exp(spread)
    assert solution[k].interval() == pytest.approx(expected, rel=1e-5)
    assert solution[q].interval() == pytest.approx(
        (float(solution[q]) - 1.959964 * solution[q].deviation,
         float(solution[q]) + 1.959964 * solution[q].deviation)
    )  # fmt: skip
    assert solution.covariance(k, q) == pytest.approx(covariance, rel=1e-3)
    every = np.sort(np.diag(solution.covariance()))
    assert every == pytest.approx(np.sort(np.diag(covariance)), rel=1e-3)
    low, high = solution.band(k, [[0.3]])
    assert (low[0], high[0]) == pytest.approx(solution[k].interval())
    drawn = [float(each([[0.5]])["k"][0]) for each in solution.samples(300)]
    assert min(drawn) > 0
    assert np.std(np.log(drawn)) == pytest.approx(spread / 1.959964, rel=0.15)


def test_a_positive_number_that_nearly_vanishes_keeps_its_sign():
    k = unknown("k", positive=True)
    noisy = 1 + 0.02 * np.random.default_rng(3).standard_normal(len(places))
    problem = Problem(
        line, Eq(u.diff(x), -k * u), Eq(u(0), 1), Eq(u, Data(noisy, sigma=0.02)) @ cloud
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = solve(problem)
    low, high = solution[k].interval()
    assert 0 < low < float(solution[k]) < high


def test_a_positive_number_in_equations_without_errors():
    k, v = unknown("k", positive=True), unknown("v", x, complex=True)
    conditions = Eq(v.diff(x), I * k * v), Eq(v(0), 1), Eq(v(1), exp(2 * I))
    solution = solve(Problem(line, *conditions, exact={v: exp(2 * I * x), k: 2}), tolerance=1e-6)
    assert solution.stopped == Stop.MET
    assert solution.error() < 1e-6
    assert solution(0.3)["k"] == pytest.approx(2, abs=1e-6)
    assert math.isnan(solution[k].deviation)


def test_bounds_that_hold_nothing_change_nothing():
    free = unknown("k"), unknown("q")
    held = unknown("k", positive=True, bounds=(0.2, 12)), unknown("q", bounds=(-2, 2))
    plain = solve(relaxing(*free)[0], guess={free[0]: 2, free[1]: 0, u: 1})
    within = solve(relaxing(*held)[0])
    for one, other in zip(free, held, strict=True):
        assert float(within[other]) == pytest.approx(float(plain[one]), rel=1e-6)
        assert within[other].deviation == pytest.approx(plain[one].deviation, rel=1e-3)
    assert within.stopped == Stop.MET
    assert within.diagnosis() == ()


def test_the_best_within_bounds_is_at_one_and_said_to_be():
    """q is 0.5, and is held at 0.45: the rate is what is best beside that."""
    k, q = unknown("k", bounds=(0.1, 10)), unknown("q", bounds=(0.0, 0.45))
    problem, values = relaxing(k, q)
    best, _ = by_scipy(values, (0.1, 0.0), (10, 0.45), (2.0, 0.3))
    with pytest.warns(UserWarning, match="q is at its bound 0.45"):
        solution = solve(problem)
    assert float(solution[q]) == 0.45
    assert best[1] == pytest.approx(0.45)
    assert float(solution[k]) == pytest.approx(best[0], rel=1e-5)
    assert any(said.startswith("q is at its bound 0.45") for said in solution.diagnosis())
    assert solution[q].interval()[1] == 0.45


def oscillating(true, sigma, seed=0):
    noise = sigma * np.random.default_rng(seed).standard_normal(len(places))
    return np.sin(true * places) / true + noise


def test_the_best_of_several_minima_is_found_and_others_are_told(tmp_path):
    w = unknown("w", bounds=(1, 40))
    values = oscillating(23, 2e-3)
    measured = Eq(u, Data(values, sigma=2e-3)) @ cloud
    start = Eq(u(0), 0), Eq(u.diff(x), 1) @ line.at(x=0)
    solution = solve(Problem(line, Eq(u.diff(x, 2), -(w**2) * u), *start, measured))

    def left(rate):
        return (np.sin(rate * places) / rate - values) / 2e-3

    grid = np.linspace(1, 40, 4001)
    squares = np.array([(left(rate) ** 2).sum() for rate in grid])
    best = least_squares(left, grid[np.argmin(squares)], xtol=1e-14).x[0]
    assert solution.stopped == Stop.MET
    assert float(solution[w]) == pytest.approx(best, rel=1e-5)
    others = [said for said in solution.diagnosis() if "another minimum" in said]
    assert others
    inner = (squares[1:-1] < squares[:-2]) & (squares[1:-1] < squares[2:])
    wells = [*grid[1:-1][inner], 1.0, 40.0]
    for said in others:
        number = float(said.split("w = ")[1].split(" ")[0])
        assert min(abs(number - well) for well in wells) < 0.02
    solution.save(tmp_path / "wave.st")
    assert load(tmp_path / "wave.st").diagnosis() == solution.diagnosis()


def test_bounds_of_numbers_in_nonlinear_equations():
    """Logistic growth from 0.1; from the middle of the bounds it is another curve, twice as
    fast.
    """
    k, q = unknown("k", bounds=(0.5, 30)), unknown("q", positive=True)
    exact = 4 / (1 + (4 / 0.1 - 1) * np.exp(-9 * places))
    values = exact + 0.02 * np.random.default_rng(0).standard_normal(len(places))
    measured = Eq(u, Data(values, sigma=0.02)) @ cloud
    solution = solve(Problem(line, Eq(u.diff(x), k * u * (1 - u / q)), Eq(u(0), 0.1), measured))
    best = least_squares(
        lambda p: p[1] / (1 + (p[1] / 0.1 - 1) * np.exp(-p[0] * places)) - values, (8, 3)
    ).x
    assert solution.stopped == Stop.MET
    assert (float(solution[k]), float(solution[q])) == pytest.approx(tuple(best), rel=1e-4)


@pytest.mark.parametrize("positive", [False, True])
def test_exact_data_are_looked_at_over_the_bounds(positive):
    """From one, or the middle of the bounds, it is another frequency."""
    w = unknown("w", bounds=(1, 40), positive=positive)
    measured = Eq(u, Data(oscillating(23, 0.0))) @ cloud
    start = Eq(u(0), 0), Eq(u.diff(x), 1) @ line.at(x=0)
    problem = Problem(line, Eq(u.diff(x, 2), -(w**2) * u), *start, measured)
    solution = solve(problem, tolerance=1e-8)
    assert solution.stopped == Stop.MET
    assert float(solution[w]) == pytest.approx(23, rel=1e-8)
    assert solution[w].interval() == pytest.approx((math.nan, math.nan), nan_ok=True)


def test_a_solution_outside_of_the_bounds_is_never_met():
    w = unknown("w", bounds=(1, 20))
    measured = Eq(u, Data(oscillating(23, 0.0))) @ cloud
    start = Eq(u(0), 0), Eq(u.diff(x), 1) @ line.at(x=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem = Problem(line, Eq(u.diff(x, 2), -(w**2) * u), *start, measured)
        solution = solve(problem, tolerance=1e-6, budget=20)
    assert solution.stopped != Stop.MET


@pytest.mark.parametrize(
    ("made", "value", "words"),
    [
        ({"bounds": (0.1, 5)}, 7, "guess of k is 7, outside of its bounds 0.1 to 5"),
        ({"bounds": (0.1, 5), "positive": True}, 0, "guess of k is 0, outside of its bounds"),
        ({"positive": True}, -1, "guess of k is -1, and k is declared positive"),
    ],
)
def test_guesses_outside_are_refused_by_name(made, value, words):
    k = unknown("k", **made)
    problem, _ = relaxing(k, 0.5)
    with pytest.raises(ValueError, match=words):
        solve(problem, guess={k: value, u: 1})


def test_a_guess_within_bounds_is_begun_from():
    k = unknown("k", bounds=(0.1, 5), positive=True)
    problem, values = relaxing(k, 0.5)
    solution = solve(problem, guess={k: 2, u: 1})
    best = least_squares(lambda p: relaxed((p[0], 0.5)) - values, 2.0).x[0]
    assert float(solution[k]) == pytest.approx(best, rel=1e-5)


def test_an_exact_value_outside_of_bounds_is_refused():
    k = unknown("k", bounds=(0.1, 5))
    with pytest.raises(ValueError, match="exact of k is 9, outside of its bounds"):
        Problem(line, Eq(u.diff(x), k * sin(x)), Eq(u(0), 1), exact={u: 1 + x, k: 9})
