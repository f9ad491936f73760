"""Eigenvalues of pencils by least squares, against those of square matrices."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

from pinnsolve.coefficients.eigen import nearest_eigenvalues

random = np.random.default_rng(0)


def near_zero(values, count):
    return np.array(sorted(values, key=abs)[:count])


def matched(found, expected):
    return max(np.abs(np.array(expected) - v).min() for v in found)


def test_a_square_pencil():
    a, b = random.standard_normal((2, 30, 30))
    found, _ = nearest_eigenvalues(a, [b], 8)
    expected = scipy.linalg.eig(a, -b, right=False)
    assert matched(found, near_zero(expected, 12)) < 1e-9


def test_rows_that_agree_change_nothing():
    """Each row twice and in other combinations: the pencil is rectangular, and consistent."""
    a = random.standard_normal((20, 20))
    mixing = random.standard_normal((50, 20))
    found, _ = nearest_eigenvalues(mixing @ a, [mixing], 5)
    assert matched(found, near_zero(-np.linalg.eigvals(a), 8)) < 1e-9


def test_functions_that_are_there_twice_add_no_eigenvalue():
    a = np.diag(np.arange(1.0, 11.0))
    twice = np.hstack([np.eye(10), np.eye(10), 1e3 * np.eye(10)])
    found, c = nearest_eigenvalues(a @ twice, [-twice], 10)
    assert sorted(found.real) == pytest.approx(np.arange(1.0, 11.0))
    left = a @ (twice @ c) - (twice @ c) * found.real
    assert np.abs(left).max() < 1e-9 * np.abs(twice @ c).max()


def test_a_quadratic_pencil():
    a, b = random.standard_normal((2, 12, 12))
    found, _ = nearest_eigenvalues(a, [b, np.eye(12)], 6)
    companion = np.block([[np.zeros((12, 12)), np.eye(12)], [-a, -b]])
    assert matched(found, near_zero(np.linalg.eigvals(companion), 9)) < 1e-9


def test_a_complex_pair_has_real_and_imaginary_part():
    turning = np.array([[0.0, -2.0], [2.0, 0.0]])
    values, functions = nearest_eigenvalues(turning, [np.eye(2)], 2)
    assert sorted(values.imag) == pytest.approx([-2, 2])
    assert np.linalg.matrix_rank(functions) == 2


def test_complex_rows_have_complex_values_and_functions():
    a, b = random.standard_normal((2, 30, 20)) + 1j * random.standard_normal((2, 30, 20))
    a[20:], b[20:] = a[:10] + 1j * a[10:20], b[:10] + 1j * b[10:20]
    found, c = nearest_eigenvalues(a, [b], 5)
    assert matched(found, near_zero(scipy.linalg.eig(a[:20], -b[:20], right=False), 8)) < 1e-9
    assert np.abs(a @ c + (b @ c) * found).max() < 1e-9 * np.abs(a @ c).max()


def test_equal_values_have_independent_functions():
    a = scipy.linalg.block_diag(3 * np.eye(3), np.diag([7.0, 9.0]))
    turn = scipy.linalg.qr(random.standard_normal((5, 5)))[0]
    values, functions = nearest_eigenvalues(turn @ a @ turn.T, [-np.eye(5)], 3)
    assert values == pytest.approx(3 * np.ones(3), rel=1e-12)
    assert np.linalg.matrix_rank(functions, tol=1e-6) == 3
