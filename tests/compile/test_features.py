"""Narrow features of the data are found before a solve, wherever they are."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from sympy import Abs, Add, Eq, Piecewise, Rational, cos, exp, log, pi, sin, sqrt, tanh

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Dense,
    Ellipse,
    Problem,
    coordinates,
    laplacian,
    solve,
    unknown,
)
from pinnsolve.compile.features import features
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.draw import drawn
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import fit

x, y, t = coordinates("x y t")
LINE, SQUARE = Box({x: (0, 1)}), Box({x: (0, 1), y: (0, 1)})
CUBE = Box({x: (0, 1), y: (0, 1), t: (0, 1)})


def trees(expression, domain=LINE):
    (chart,) = domain.charts()
    return features(expression, chart)


@pytest.mark.parametrize(
    ("expression", "domain", "centre", "width"),
    [
        (exp(-(((x - 0.3) / 2e-5) ** 2)), LINE, (0.3,), 2e-5),
        (1e-8 * tanh(1e5 * (x - 0.3)) + sin(x), LINE, (0.3,), 1e-5),
        (1 / (1 + 1e10 * (x - 0.7) ** 2), LINE, (0.7,), 1e-5),
        (Piecewise((1, Abs(x - 0.3) < 1e-6), (0, True)), LINE, (0.3,), 1e-6),
        (sin(pi * x) + exp(-1e6 * ((x - 0.3) ** 2 + (y - 0.4) ** 2)), SQUARE, (0.3, 0.4), 1e-3),
        (
            Piecewise((1, (x - 0.3) ** 2 + (y - 0.2) ** 2 < 1e-6), (0, True)),
            SQUARE,
            (0.3, 0.2),
            1e-3,
        ),
        (
            exp(-1e5 * ((t - 0.2) ** 2 + (x - 0.3) ** 2 + (y - 0.4) ** 2)),
            CUBE,
            (0.3, 0.4, 0.2),
            3e-3,
        ),
    ],
)
def test_needles_are_found_where_they_are(expression, domain, centre, width):
    (tree,) = trees(expression, domain).trees
    rare = (tree.low[tree.rare] + tree.high[tree.rare]) / 2
    distance = (rare - torch.tensor(centre)).norm(dim=1)
    assert float(distance.min()) < 2 * width
    assert float((tree.high - tree.low).min()) < width
    assert float(tree.volumes.sum()) == pytest.approx(1.0)


def test_low_powers_of_low_powers_are_a_high_power():
    needle = 1 - (x - Rational(3, 10)) ** 2
    for _ in range(6):
        needle = needle**8 + Rational(1, 10**9)
    assert min(float((t.high - t.low).min()) for t in trees(needle).trees) < 2e-3


@pytest.mark.parametrize(
    "expression",
    [
        sin(pi * x) * sin(pi * y),
        sin(40 * x) * cos(30 * y),
        exp(x * y),
        x**5 * y,
        log(1 + x),
        1 / (2 + y),
    ],
)
def test_smooth_functions_have_no_narrow_features(expression):
    found = trees(expression, SQUARE)
    assert found.trees == ()
    assert found.hidden == 0


def test_sources_in_holes_hide_nothing():
    """They are singular where no equation holds; the one beside the hole is looked for."""
    plate, hole = Box({x: (-1, 1), y: (-1, 1)}), Ellipse({x: 0, y: 0}, {x: 0.6, y: 0.3})
    source = log((x - Rational(1, 5)) ** 2 + y**2)
    assert trees(source.expand(), plate).hidden > 0
    assert trees(source.expand(), plate - hole).hidden == 0
    assert trees(source.subs(x, x - Rational(1, 2)).expand(), plate - hole).hidden > 0


def test_a_source_is_closed_in_upon_along_all_coordinates():
    """Boxes around it are about as long as they are wide: long ones left a thousandth of it."""
    plate = Box({x: (-1, 1), y: (-1, 1)})
    found = trees(log((x - Rational(1, 5)) ** 2 + y**2).expand(), plate)
    assert found.hidden < 1e-5
    low, high = (found.trees[0].low, found.trees[0].high)
    assert float((high - low)[found.trees[0].hidden].max()) < 0.01


def test_what_is_too_narrow_for_any_tree_is_hidden():
    assert trees(sin(1e6 * x)).hidden > 0.1
    assert 0 < trees(log(x)).hidden < 1e-9


def test_features_outside_of_the_domain_count_for_nothing():
    """A pole in the middle of a hole."""
    u = unknown("u", x, y)
    ring = Ball({x: 0, y: 0}, 1) - Ball({x: 0, y: 0}, Rational(1, 2))
    system = compile_problem(
        Problem(ring, Eq(laplacian(u), 1 / sqrt(x**2 + y**2)), Eq(u, 0) @ ring.boundary)
    )
    assert all(ring.contains(p.x).all() for p in drawn(system, 128, 0))
    assert relative_residuals(system, _zero(system), 0)[0] == pytest.approx(1.0)


def _zero(system):
    found = fit(system, Dense(20), 0)
    return found.expansion.with_coefficients(torch.zeros_like(found.coefficients))


def test_functions_of_the_radius_are_one_number_on_their_circle():
    x, y = coordinates("x y")
    hole = Ball({x: Rational(1, 2), y: Rational(1, 2)}, Rational(1, 10))
    r2 = (x - Rational(1, 2)) ** 2 + (y - Rational(1, 2)) ** 2
    (chart,) = hole.boundary.charts()
    # No enclosure of log(cos^2 + sin^2) is as narrow as its range: it would hide all of the circle.
    for function in (log(r2), exp(-20 * r2), 1 / r2):
        assert features(function, chart).hidden == 0
    needle = features(exp(-(10**6) * ((x - Rational(3, 5)) ** 2 + y**2)), chart)
    assert needle.hidden == 0


@pytest.mark.parametrize("d", [4, 5])
def test_spheres_in_many_dimensions_are_enclosed_and_their_needles_found(d):
    w = coordinates(f"w0:{d}")
    (chart,) = Ball(dict.fromkeys(w, 0), 1).boundary.charts()
    squares = Add(*[c**2 for c in w])
    assert features(exp(squares / 2), chart).hidden == 0
    assert features(exp(w[0] + w[1] * w[2]), chart).hidden == 0
    at = (Rational(3, 5), Rational(12, 25), 0, Rational(16, 25), *[0] * (d - 4))
    distance = Add(*[(c - a) ** 2 for c, a in zip(w, at, strict=True)])
    (tree,) = features(exp(-(10**4) * distance), chart).trees
    middle = ((tree.low + tree.high)[tree.rare] / 2).numpy()
    reached = np.linalg.norm(chart.points(middle)[0] - np.array(at, dtype=float), axis=1)
    assert reached.min() < 0.02  # two of its widths: one of a million points lies as near in 5D


@pytest.mark.slow
@pytest.mark.parametrize(("height", "met"), [(0, True), (1, False)])
def test_a_needle_on_a_sphere_in_four_dimensions_keeps_from_met(height, met):
    w = coordinates("w0:4")
    ball, u = Ball(dict.fromkeys(w, 0), 1), unknown("u", *w)
    at = (Rational(3, 5), Rational(12, 25), 0, Rational(16, 25))
    distance = Add(*[(c - a) ** 2 for c, a in zip(w, at, strict=True)])
    side = w[0] * w[1] + 1 + height * exp(-(10**4) * distance)
    problem = Problem(ball, Eq(laplacian(u), 0), Eq(u, side) @ ball.boundary)
    found = solve(problem, tolerance=1e-6, budget=Budget(5, clock=time.process_time))
    assert (found.stopped == Stop.MET) is met
