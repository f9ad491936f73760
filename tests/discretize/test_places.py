"""Points around narrow features: they miss nothing, and integrate."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Rational, exp

from pinnsolve import (
    Ball,
    Box,
    Dense,
    Problem,
    Waves,
    by_region,
    coordinates,
    divergence,
    gradient,
    laplacian,
    unknown,
)
from pinnsolve.basis.adapted.rotated import Rotated
from pinnsolve.basis.adapted.stretch import Stretched
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.draw import drawn
from pinnsolve.discretize.places import around, places, quadrature
from pinnsolve.fields.space import Space

x, y, t = coordinates("x y t")
LINE, SQUARE = Box({x: (0, 1)}), Box({x: (0, 1), y: (0, 1)})


def test_rare_boxes_make_integrals_that_miss_nothing():
    """The mean of a needle over the square, from its points and weights, against the integral."""
    u = unknown("u", x, y)
    needle = exp(-1e6 * ((x - Rational(3, 10)) ** 2 + (y - Rational(2, 5)) ** 2))
    system = compile_problem(Problem(SQUARE, Eq(laplacian(u), needle), Eq(u, 0) @ SQUARE.boundary))
    p = drawn(system, 512, 0)[0]
    values = np.exp(-1e6 * ((p.x - [0.3, 0.4]) ** 2).sum(axis=1))
    assert (values * p.weights).sum() / p.weights.sum() == pytest.approx(np.pi * 1e-6, rel=0.2)


def test_points_around_a_place_integrate():
    u = unknown("u", x)
    system = compile_problem(
        Problem(LINE, Eq(u.diff(x, 2), exp(-1e8 * (x - 0.3) ** 2)), Eq(u(0), 0), Eq(u(1), 0))
    )
    (place,) = places(system)
    p = around(system, place, 4096, 0)
    assert (np.exp(-1e8 * (p.x[:, 0] - 0.3) ** 2) * p.weights).sum() == pytest.approx(
        np.sqrt(np.pi) * 1e-4, rel=0.1
    )
    assert p.weights.sum() == pytest.approx(1.0, rel=0.1)


def test_points_on_faces_follow_features_that_are_carried_along():
    """The inflow face of a front of width 1e-3 across x = t: points at all distances, and as many
    as in the domain.
    """
    h = unknown("h", x, t)
    domain = Box({x: (0, 1), t: (0, 1)})
    system = compile_problem(
        Problem(domain, Eq(h.diff(t) + h.diff(x), 0), Eq(h(0, t), t), Eq(h(x, 0), x))
    )
    slant = 1 / np.sqrt(2)
    within = Stretched(Dense(100, 1, "sin", Waves(9.0)), 1e-3, {"x": -0.3 * slant})
    carried = Rotated(within, ((slant, -slant),)).build({"x": (0.0, 1.0), "t": (0.0, 1.0)}, 0)
    inside, inflow, start = collocation_points(system, Space.shared(carried, 1), 0)
    distance = np.abs(inflow.x[:, 1] - 0.3)
    assert np.abs(inflow.x[:, 0]).max() < 1e-12
    assert np.all(np.histogram(np.log10(distance), [-9, -3, -2, -1, 0])[0] > 5)
    assert len(inflow.x) + len(start.x) >= len(inside.x)


def test_a_tiny_region_has_points_of_its_own():
    """The mean over a disk that is a hundred-thousandth of the domain, and that over the rest."""
    u, disk = unknown("u", x, y), Ball({x: Rational(1, 3), y: Rational(1, 2)}, Rational(1, 500))
    k = by_region({disk: 10, SQUARE - disk: 1})
    laws = Eq(divergence(k * gradient(u)), 0), Eq(u, x) @ SQUARE.boundary
    system = compile_problem(Problem(SQUARE, *laws))
    p = quadrature(system, 1024, 0)
    inside = disk.contains(p.x)
    assert p.weights[inside].sum() == pytest.approx(np.pi / 500**2, rel=0.1)
    assert p.weights.sum() == pytest.approx(1.0, rel=0.01)
    middle = p.x[inside].T @ p.weights[inside] / p.weights[inside].sum()
    assert middle == pytest.approx([1 / 3, 1 / 2], abs=3e-4)
