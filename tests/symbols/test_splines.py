"""Splines through values: against scipy's and the functions that gave the values, and enclosed."""

from __future__ import annotations

import pickle
from itertools import pairwise

import numpy as np
import pytest
import sympy
from scipy.interpolate import make_interp_spline

from pinnsolve.symbols.splines import spline_through
from pinnsolve.symbols.tables import tabulated

x, y = sympy.symbols("x y", real=True)


def sampled(n):
    lines = [np.linspace(0, 2, n), np.linspace(-1, 1, n) ** 3 * 0.3 + np.linspace(-1, 1, n) * 0.7]
    return lines, np.sin(3 * lines[0])[:, None] * np.exp(lines[1])


def places(n, seed=0):
    return np.random.default_rng(seed).random((2, n)) * [[2], [2]] + [[0], [-1]]


@pytest.mark.parametrize("degree", [1, 2, 3, 5])
def test_values_and_derivatives_converge_with_the_grid(degree):
    """By the degree and one; a derivative by as many orders less."""
    p, q = places(500)
    errors = []
    for n in (20, 40):
        spline = spline_through(*sampled(n), degree)
        slope = spline.derivative(0)
        errors.append(
            [
                np.abs(spline(p, q) - np.sin(3 * p) * np.exp(q)).max(),
                np.abs(slope(p, q) - 3 * np.cos(3 * p) * np.exp(q)).max(),
            ]
        )
    for orders, (coarse, fine) in zip((degree + 1, degree), zip(*errors, strict=True), strict=True):
        assert np.log2(coarse / fine) > orders - 0.6


def test_one_axis_is_what_scipy_gives():
    line, values = np.cumsum(np.linspace(0.1, 0.3, 12)), np.cos(np.arange(12.0))
    spline, scipy_s = spline_through([line], values, 3), make_interp_spline(line, values)
    at = np.linspace(line[0], line[-1], 77)
    assert np.abs(spline(at) - scipy_s(at)).max() < 1e-14
    twice = spline.derivative(0).derivative(0)
    assert np.abs(twice(at) - scipy_s.derivative(2)(at)).max() < 1e-11
    assert np.isnan(spline(np.array([line[0] - 0.1, line[-1] + 0.1]))).all()
    assert spline_through([line], values, 1).derivative(0).derivative(0) is None


def test_enclosures_hold_the_values_and_close_in_on_them():
    spline = spline_through(*sampled(30), 3)
    excess = []
    for size in (0.2, 0.02, 0.002):
        low = places(200, 1).T * (1 - size)
        high = low + size * np.random.default_rng(2).random((200, 2))
        inside = np.random.default_rng(3).random((200, 100, 2))
        below, above = spline.hull(low, high)
        at = low[:, None] + (high - low)[:, None] * inside
        values = spline(at[..., 0], at[..., 1])
        assert (values.min(axis=1) >= below - 1e-14).all()
        assert (values.max(axis=1) <= above + 1e-14).all()
        excess.append(np.median(above - below))
    assert all(b < 0.2 * a for a, b in pairwise(excess))
    below, above = spline.hull(np.array([[1.9, 0.0]]), np.array([[2.1, 0.1]]))
    assert np.isinf([*below, *above]).all()


def test_a_table_is_a_smooth_real_function_to_sympy():
    lines, values = sampled(30)
    spline = spline_through(lines, values, 3)
    f = tabulated("f", spline)
    assert f(x, y).is_real
    assert f(x, y) == tabulated("f", spline_through(lines, values, 3))(x, y)
    assert f(x, y) != tabulated("f", spline_through(lines, 2 * values, 3))(x, y)
    assert f(x, y).diff(x, y) == f(x, y).diff(y, x)
    assert f(2 * x, y).diff(x) == 2 * f(x, y).diff(x).subs(x, 2 * x)
    assert f(x, y).diff(x, 4) == 0
    slope = f(x, y).diff(y).subs({x: sympy.Rational(1, 3), y: 0})
    assert float(slope) == pytest.approx(np.sin(1), rel=1e-4)
    again = pickle.loads(pickle.dumps(y * f(x, y).diff(x)))
    assert again == y * f(x, y).diff(x)
