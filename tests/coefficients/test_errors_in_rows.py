"""Numbers from rows whose entries have errors: against the covariance written out, and by draws."""

import numpy as np
import pytest

from pinnsolve.coefficients.errors_in_rows import through_errors, without


def drawn(seed, n=30, columns=50):
    random = np.random.default_rng(seed)
    by_fields, by_numbers = random.standard_normal((n, columns)), random.standard_normal((n, 2))
    factor = 0.1 * random.standard_normal((columns, columns))
    return by_fields, by_numbers, factor, random


def test_generalized_least_squares():
    by_fields, by_numbers, factor, random = drawn(0)
    target, mean = random.standard_normal(30), random.standard_normal(50)
    found = through_errors((by_fields, by_numbers, target), mean, factor, 1e-3)
    spread = by_fields @ factor
    least = 1e-3 * np.linalg.norm(spread, 2)
    inverse = np.linalg.inv(spread @ spread.T + least**2 * np.eye(30))
    covariance = np.linalg.inv(by_numbers.T @ inverse @ by_numbers)
    left = target - by_fields @ mean
    numbers = covariance @ by_numbers.T @ inverse @ left
    assert found.numbers == pytest.approx(numbers, rel=1e-8)
    assert found.of_numbers @ found.of_numbers.T == pytest.approx(covariance, rel=1e-8)
    rest = left - by_numbers @ numbers
    assert found.misfit == pytest.approx(rest @ inverse @ rest / 28, rel=1e-8)
    corrected = mean + factor @ spread.T @ inverse @ rest
    assert found.coefficients == pytest.approx(corrected, rel=1e-7)


def test_fields_are_corrected_until_the_rows_hold():
    by_fields, by_numbers, factor, random = drawn(1)
    rows = by_fields, by_numbers, random.standard_normal(30)
    found = through_errors(rows, np.zeros(50), factor, 1e-9)
    held = by_fields @ found.coefficients + by_numbers @ found.numbers
    assert held == pytest.approx(rows[2], abs=1e-6)


def test_deviations_are_those_of_many_draws():
    by_fields, by_numbers, factor, random = drawn(2)
    true, numbers = random.standard_normal(50), np.array([2.0, -1.0])
    target = by_fields @ true + by_numbers @ numbers
    apart = []
    for _ in range(400):
        data = true + factor @ random.standard_normal(50)
        found = through_errors((by_fields, by_numbers, target), data, factor, 1e-6)
        errors = np.concatenate([found.numbers - numbers, (found.coefficients - true)[:3]])
        spread = np.vstack([found.of_numbers, found.of_coefficients[:3]])
        apart.append(errors / np.linalg.norm(spread, axis=1))
    assert np.std(apart, axis=0) == pytest.approx(1, abs=0.15)


def test_what_is_hidden_drops_out():
    random = np.random.default_rng(3)
    hidden, rows = random.standard_normal((20, 8)), random.standard_normal((20, 5))
    hidden[:, 5:] = hidden[:, :3]  # five directions alone
    left = without(np.hstack([hidden, rows]), hidden)
    assert left.shape == (15, 13)
    assert left[:, :8] == pytest.approx(0, abs=1e-12)
    assert without(rows, np.zeros((20, 0))) is rows
