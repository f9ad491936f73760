"""Strengths by other rules: against ridge regressions that are solved one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

from pinnsolve.coefficients.cross_checks import strengths_of
from pinnsolve.coefficients.posterior import Belief, Posterior, solved_rows

random = np.random.default_rng(5)
places = np.linspace(0, 1, 60)
ROWS = np.polynomial.chebyshev.chebvander(2 * places - 1, 19)
VALUES = (np.sin(5 * places) + 0.1 * random.standard_normal(60)) / 0.1
ROUGH = np.linalg.qr(
    np.stack(
        [np.polynomial.Chebyshev.basis(k).deriv(2)(2 * places - 1) for k in range(20)], axis=1
    ),
    mode="r",
)
STRENGTH = 3e-4


def alone(strength):
    """Squares that are left, values that are used up, and coefficients, by normal equations."""
    matrix = np.linalg.inv((ROWS / 0.1).T @ (ROWS / 0.1) + strength * ROUGH.T @ ROUGH)
    best = matrix @ (ROWS / 0.1).T @ VALUES
    left = ROWS @ best / 0.1 - VALUES
    return float(left @ left), float(np.trace(ROWS @ matrix @ ROWS.T) / 0.01), best


@pytest.fixture(scope="module")
def strengths():
    belief = Belief(slice(0, 20), ROUGH, STRENGTH)
    data = np.column_stack([ROWS / 0.1, VALUES])
    mean, factor = solved_rows([data, belief.rows(20)])
    return strengths_of(Posterior(mean, factor, 1.0, 1.0), [belief], data), mean


@pytest.mark.parametrize("place", [0, 150, 240, 300, 480])
def test_each_strength_is_a_regression_of_its_own(strengths, place):
    found, mean = strengths
    squares, used, best = alone(STRENGTH * found.factors[place])
    assert found.squares[place] == pytest.approx(squares, rel=1e-6)
    assert found.used[place] == pytest.approx(used, rel=1e-5)
    assert mean + found.changes[:, place] == pytest.approx(best, abs=1e-5)


def test_the_discrepancy_leaves_as_many_squares_as_values_by_chance(strengths):
    found, _ = strengths
    most = 60 + 2 * np.sqrt(120)
    wanted = brentq(lambda s: alone(10**s)[0] - most, -9, 2)
    assert np.log10(STRENGTH * found.by_discrepancy()[1]) == pytest.approx(wanted, abs=1 / 40)
    least, (low, _) = 60 - 2 * np.sqrt(120), found.by_discrepancy()
    assert alone(STRENGTH * low)[0] >= least > alone(STRENGTH * low * 10 ** (-1 / 40))[0]


def test_cross_validation_has_its_minimum_where_its_formula_has_it(strengths):
    found, _ = strengths

    def score(exponent):
        squares, used, _ = alone(10**exponent)
        return 60 * squares / (60 - used) ** 2

    wanted = minimize_scalar(score, bounds=(-8, 1), method="bounded").x
    place, gain = found.by_cross_validation()
    assert np.log10(STRENGTH * found.factors[place]) == pytest.approx(wanted, abs=2 / 40)
    assert gain == pytest.approx(1 - score(wanted) / score(np.log10(STRENGTH)), abs=1e-4)
