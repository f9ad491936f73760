"""The page about corners between curves, and the rational functions that it measures against."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from results import corners
from results.corner_cases import CASES
from results.lightning import Shape, Side, arc, harmonic
from study_tables import committed

PI = np.pi
TIP = np.sqrt(3) / 2 * 1j


def test_the_page_has_all_problems_and_nothing_falsely_met():
    rows = committed("corners.csv")
    assert {(r["name"], r["seed"]) for r in rows} == set(product(CASES, map(str, corners.SEEDS)))
    assert all(float(r["uncertainty"]) < 0.1 * corners.TOLERANCE for r in rows)
    met = [float(r["error"]) for r in rows if r["stopped"] == "met"]
    assert max(met) < corners.TOLERANCE


def upper_half_plane(z):
    """sqrt(w^2 - 1) - w on the disk: values on one half of the rim, no flux on the other."""
    w = 1j * (1 - z) / (1 + z)
    return (np.sqrt(w - 1) * np.sqrt(w + 1) - w).real


def half_rim():
    right = Side(arc(0, -PI / 2, PI / 2, 1.0), 1, 0, lambda z: -2 * z.imag / np.abs(1 + z) ** 2)
    left = Side(arc(0, PI / 2, 3 * PI / 2, 1.0), 0, 1, lambda z: np.zeros(z.shape))
    return Shape((right, left), ((1j, 0.5j), (-1j, -0.5j)))


def green(z):
    """Green's function of a lens without its logarithm, by the map to a half plane."""
    pole = 0.1 + 0.1j

    def mapped(z):
        return 1j * np.exp(1.5 * np.log((TIP - z) / (TIP + z)))

    there = mapped(np.array([pole]))[0]
    ratio = np.abs((mapped(z) - there) / (mapped(z) - there.conjugate()))
    return np.log(ratio) - np.log(np.abs(z - pole))


def lens():
    def data(z):
        return -np.log(np.abs(z - 0.1 - 0.1j))

    left, right = arc(-0.5, -PI / 3, PI / 3, 1.0), arc(0.5, PI * 2 / 3, PI * 4 / 3, 1.0)
    sides = Side(left, 1, 0, data), Side(right, 1, 0, data)
    return Shape(sides, ((TIP, 0.5j), (-TIP, -0.5j)))


def re_square(z):
    return (z**2).real


def robin():
    """Re z^2 leaves the disk with twice its value."""
    right = Side(arc(0, -PI / 2, PI / 2, 1.0), 1, 1, lambda z: 3 * (z**2).real)
    left = Side(arc(0, PI / 2, 3 * PI / 2, 1.0), 1, 0, lambda z: (z**2).real)
    return Shape((right, left), ((1j, 0.5j), (-1j, -0.5j)))


@pytest.mark.parametrize(
    ("shape", "exact"), [(half_rim, upper_half_plane), (lens, green), (robin, re_square)]
)
def test_rational_functions_have_exact_solutions(shape, exact):
    points = np.random.default_rng(0).uniform(-1, 1, (4000, 2))
    z = points[:, 0] + 1j * points[:, 1]
    inside = (np.abs(z - 0.5) < 1) & (np.abs(z + 0.5) < 1)
    found, right = harmonic(shape())(points[inside]), exact(z[inside])
    assert np.linalg.norm(found - right) < 5e-10 * np.linalg.norm(right)
