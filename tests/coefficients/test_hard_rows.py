"""Hard rows: against the limit of large weights, and against what numbers do when data are drawn
again and again.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from pinnsolve.coefficients.hard_rows import through_equations

random = np.random.default_rng(3)
ROWS, NUMBERS = random.standard_normal((30, 12)), random.standard_normal((30, 2))
TRUE_C, TRUE_P = random.standard_normal(12), np.array([2.0, -1.0])
TARGET = ROWS @ TRUE_C + NUMBERS @ TRUE_P
SEEN, DIRECT = random.standard_normal((40, 12)), random.standard_normal((40, 2))
VALUES = SEEN @ TRUE_C + DIRECT @ TRUE_P


def test_consistent_rows_give_the_numbers():
    found = through_equations(ROWS, NUMBERS, TARGET, (SEEN, DIRECT, VALUES))
    assert found.numbers == pytest.approx(TRUE_P)
    assert found.coefficients == pytest.approx(TRUE_C)
    assert found.misfit < 1e-20
    assert found.blind is None


def test_it_is_the_limit_of_large_weights():
    """Square equations, which any numbers satisfy, beside data that do not agree."""
    rows, numbers, target = ROWS[:12], NUMBERS[:12], TARGET[:12]
    noisy = VALUES + 0.1 * random.standard_normal(40)
    found = through_equations(rows, numbers, target, (SEEN, DIRECT, noisy))
    weight = 1e7
    heavy = np.block([[weight * rows, weight * numbers], [SEEN, DIRECT]])
    soft = np.linalg.lstsq(heavy, np.concatenate([weight * target, noisy]), rcond=None)[0]
    assert found.numbers == pytest.approx(soft[12:], rel=1e-6)
    assert found.coefficients == pytest.approx(soft[:12], rel=1e-5, abs=1e-6)


def test_the_covariance_is_that_of_repeated_draws():
    rows, numbers, target = ROWS[:12], NUMBERS[:12], TARGET[:12]
    draws = []
    for _ in range(4000):
        noisy = VALUES + random.standard_normal(40)
        draws.append(through_equations(rows, numbers, target, (SEEN, DIRECT, noisy)).numbers)
    found = through_equations(rows, numbers, target, (SEEN, DIRECT, VALUES))
    assert np.cov(np.array(draws).T) == pytest.approx(found.covariance, rel=0.15, abs=1e-5)


def test_a_direction_that_data_do_not_see_is_named():
    """The second number is what the first is, everywhere."""
    rows, numbers = ROWS[:12], np.column_stack([NUMBERS[:12, 0], NUMBERS[:12, 0]])
    direct = np.column_stack([DIRECT[:, 0], DIRECT[:, 0]])
    found = through_equations(rows, numbers, TARGET[:12], (SEEN, direct, VALUES))
    assert found.blind is not None
    assert found.blind[0] == pytest.approx(-found.blind[1])


def test_numbers_stay_within_bounds():
    """Against least squares of all columns, equations weighed heavily, in a box."""
    rows, numbers, target = ROWS[:12], NUMBERS[:12], TARGET[:12]
    noisy = VALUES + 0.1 * random.standard_normal(40)
    low, high = np.array([-5.0, -0.7]), np.array([1.9, 5.0])
    parts = SEEN, DIRECT, noisy
    found = through_equations(rows, numbers, target, parts, np.array([0.0, 1.0]), (low, high))
    weight = 1e6
    heavy = np.block([[weight * rows, weight * numbers], [SEEN, DIRECT]])
    everywhere = np.full(12, np.inf)
    box = np.append(-everywhere, low), np.append(everywhere, high)
    wanted = lsq_linear(heavy, np.append(weight * target, noisy), box, "bvls", tol=1e-14).x
    assert found.numbers == pytest.approx(wanted[12:], rel=1e-6)
    assert found.coefficients == pytest.approx(wanted[:12], rel=1e-4, abs=1e-5)
    assert (found.numbers == [1.9, -0.7]).any()
    left = noisy - SEEN @ found.coefficients - DIRECT @ found.numbers
    assert found.misfit == pytest.approx(float(left @ left))
