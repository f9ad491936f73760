"""Narrow features of the data are found before a solve, wherever they are."""

from __future__ import annotations

import pytest
import torch
from sympy import Abs, Eq, Piecewise, Rational, cos, exp, log, pi, sin, sqrt, tanh

from pinnsolve import Ball, Box, Dense, Problem, coordinates, laplacian, unknown
from pinnsolve.compile.features import features
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.draw import drawn
from pinnsolve.discretize.measure import relative_residuals
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
