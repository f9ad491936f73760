"""Eigenvalues of what has several materials, against roots of their equation."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Rational

from pinnsolve import (
    Box,
    Interval,
    Problem,
    by_region,
    coordinates,
    divergence,
    eigenmodes,
    eigenvalue,
    gradient,
    unknown,
)
from pinnsolve.declare.pencil import pencil_of
from pinnsolve.running.stop import Stop

x, y = coordinates("x y")
lam = eigenvalue("lam")


def test_a_string_of_two_materials():
    """Four times as heavy on the right: cos(k/2) sin(k) + 2 sin(k/2) cos(k) = 0."""
    line, w = Interval(x, 0, 1), unknown("w", x)
    left, right = Interval(x, 0, Rational(1, 2)), Interval(x, Rational(1, 2), 1)
    heavy = by_region({left: 1, right: 4})
    found = eigenmodes(
        Problem(line, Eq(-w.diff(x, 2), lam * heavy * w), Eq(w, 0) @ line.boundary), count=5
    )
    k = np.sqrt(found.eigenvalues)
    left_over = np.cos(k / 2) * np.sin(k) + 2 * np.sin(k / 2) * np.cos(k)
    assert found.stopped == Stop.MET
    assert left_over == pytest.approx(0, abs=1e-9)
    assert (np.diff(k) < 3.2).all()  # a root in every half wave: none is missing
    at = np.array([0.1, 0.3, 0.7, 0.9])
    shape = np.where(at < 0.5, np.sin(k[2] * at) / np.sin(k[2] / 2), 0)
    shape = np.where(at > 0.5, np.sin(2 * k[2] * (1 - at)) / np.sin(k[2]), shape)
    ratio = found[2](at) / shape
    assert ratio == pytest.approx(ratio[0], rel=1e-8)


def test_a_drum_of_two_materials_by_its_flux():
    """Fluxes inside of a divergence are linear in each material."""
    v = unknown("v", x, y)
    square = Box({x: (0, 1), y: (0, 1)})
    left, right = (Box({x: ends, y: (0, 1)}) for ends in ((0, 0.5), (0.5, 1)))
    flux = by_region({left: 1, right: 4}) * gradient(v)
    pencil = pencil_of(Problem(square, Eq(-divergence(flux), lam * v), Eq(v, 0) @ square.boundary))
    assert len(pencil.in_parts.problem.unknowns) == 2
