"""Integrals over regions that levels and curves bound, against formulas and the divergence theorem,
by the rules of their boundaries.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gamma
from sympy import Abs, Eq, Integer, Max, Min, Rational, cos, exp, pi, sin

from pinnsolve import (
    Ball,
    Box,
    Curve,
    Dense,
    Implicit,
    Interval,
    Problem,
    coordinates,
    integral,
    laplacian,
    normal_derivative,
    solve,
    unknown,
)
from pinnsolve.geometry.arcs import arcs_of
from pinnsolve.geometry.cubature import cubature
from pinnsolve.geometry.rules import rule_of

x, y, z, s, t = coordinates("x y z s t")
around, r = {x: (-2, 2), y: (-2, 2)}, 1 + cos(5 * s) / 4
oval = Implicit(x**2 + x * y + 2 * y**2 < 1, around)
ring = Implicit((x**2 + y**2 - 1) ** 2 < Rational(1, 4), around)
drops = Implicit((x**2 - 1) ** 2 + y**2 < 0.5, around)
star = Curve({x: r * cos(s), y: r * sin(s)}, (s, 0, 2 * pi))
bean = Curve({x: cos(s) * (2 + cos(s)), y: sin(s) + 0.8 * cos(s) ** 2}, (s, 0, 2 * pi))
REGIONS = {
    "a turned ellipse": (oval, 2 * math.pi / math.sqrt(7)),
    "an ellipse cut by a box": (oval & Box({x: (0, 2), y: (-2, 0.3)}), None),
    "a ring": (ring, math.pi),
    "a superellipse": (Implicit(x**4 + y**4 < 1, around), 4 * gamma(1.25) ** 2 / gamma(1.5)),
    "two drops and a hole": (drops - Ball({x: 1, y: 0}, 0.2), None),
    "a plate without a star": (Box(around) - star, 16 - math.pi * (1 + 1 / 32)),
    "what is no star": (bean, 2 * math.pi),
}


@pytest.mark.parametrize("name", REGIONS)
def test_areas_and_the_divergence_theorem(name):
    """div F over a region is the flux of F through its boundary, whose rule knows nothing of the
    strips.
    """
    region, area = REGIONS[name]
    p, weights = cubature(region)
    edge = rule_of(region.boundary, 2.0)
    assert weights.min() > 0
    assert region.contains(p).all()
    if area is not None:
        assert weights.sum() == pytest.approx(area, rel=2e-12)
    assert weights.sum() == pytest.approx((edge.x * edge.normals).sum(1) @ edge.weights / 2)
    flux = np.exp(edge.x[:, 0]) * np.cos(3 * edge.x[:, 1]), edge.x[:, 0] - np.cos(edge.x[:, 1])
    through = (np.stack(flux, axis=1) * edge.normals).sum(axis=1) @ edge.weights
    inside = weights @ (np.exp(p[:, 0]) * np.cos(3 * p[:, 1]) + np.sin(p[:, 1]))
    assert inside == pytest.approx(through, abs=2e-11)


def test_a_level_may_have_corners():
    """A disk cut off by a line, by its segment: normals alone tell the corners."""
    level = Max(x**2 + y**2 - 1, x + y / 2 - 0.3)
    away = 0.3 / math.sqrt(1.25)
    segment = math.acos(away) - away * math.sqrt(1 - away**2)
    area = cubature(Implicit(level < 0, around))[1].sum()
    assert area == pytest.approx(math.pi - segment, rel=1e-12)


def round_part(away):
    """Of a circle of radius 1, what lies to one side of a line this far from its middle."""
    return 2 * (math.pi - math.acos(away))


CUT, APART = 0.3 / math.sqrt(1.25), math.sqrt(1.25) / 2
CORNERED = {
    "a disk cut off by a line": (
        Max(x**2 + y**2 - 1, x + y / 2 - 0.3),
        round_part(CUT) + 2 * math.sqrt(1 - CUT**2),
    ),
    "a rectangle": (Max(Abs(x - 0.01) - 1, Abs(y) - 0.5), 6.0),
    "two disks": (Min(x**2 + y**2 - 1, (x - 1) ** 2 + (y - 0.5) ** 2 - 1), 2 * round_part(APART)),
}


@pytest.mark.parametrize("name", CORNERED)
def test_no_rule_goes_across_a_corner_of_a_level(name):
    level, length = CORNERED[name]
    boundary = Implicit(level < 0, around).boundary
    assert rule_of(boundary).weights.sum() == pytest.approx(length, rel=1e-9)


def test_arcs_begin_and_end_where_a_boundary_turns():
    """Of an ellipse at x^2 = 8/7; of a box only two sides run along the first coordinate."""
    box = Box(around) - oval
    ends = [4 * end - 2 for arc in arcs_of(box) for end in (arc.low, arc.high)]
    for place in (math.sqrt(8 / 7), -math.sqrt(8 / 7)):
        assert sum(abs(end - place) < 1e-12 for end in ends) == 2
    assert sum(abs(abs(end) - 2) < 1e-12 for end in ends) == 4


def test_a_moving_region_has_the_rules_of_its_factors():
    p, weights = cubature(oval * Interval(t, 0, 2))
    assert weights.sum() == pytest.approx(4 * math.pi / math.sqrt(7), rel=1e-12)
    assert weights @ p[:, 2] ** 3 == pytest.approx(4 * 2 * math.pi / math.sqrt(7), rel=1e-12)


BODIES = {
    "a soft cube": (
        Implicit(x**4 + y**4 + z**4 < 1, around | {z: (-2, 2)}),
        (2 * gamma(1.25)) ** 3 / gamma(1.75),
    ),
    "a turned, long ellipsoid": (
        Implicit(x**2 + x * y + 2 * y**2 + z**2 / 900 < 1, around | {z: (-40, 40)}),
        80 * math.pi / math.sqrt(7),
    ),
    "one beside the origin": (
        Implicit((x - 1) ** 2 + 2 * y**2 + 2 * (z - 0.5) ** 2 < 0.5, around | {z: (-2, 2)}),
        4 / 3 * math.pi * 0.5**1.5 / 2,
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_volumes_are_known_by_rays(name):
    """And the second moments of boundaries, whose rule is one of triangles to 1e-6."""
    region, volume = BODIES[name]
    p, weights = cubature(region)
    assert weights.sum() == pytest.approx(volume, rel=1e-11)
    assert region.contains(p).all()
    edge = rule_of(region.boundary)
    through = (edge.x[:, 1] ** 3 * edge.normals[:, 1]) @ edge.weights / 3
    assert weights @ p[:, 1] ** 2 == pytest.approx(through, rel=1e-4)


def test_solutions_are_integrated_over_levels():
    """What flows out is what is made inside, and both have a +- that holds."""
    u = unknown("u", x, y)
    exact = exp(x / 2) * sin(y) + x**2
    source = laplacian(exact, x, y)
    problem = Problem(
        oval, Eq(laplacian(u), source), Eq(u, exact) @ oval.boundary, exact={u: exact}
    )
    found = solve(problem, Dense(300))
    p, weights = cubature(oval, 2.0)
    known = weights @ (np.exp(p[:, 0] / 2) * np.sin(p[:, 1]) + p[:, 0] ** 2)
    mean = found.integrate()
    assert abs(mean - known) <= mean.deviation < 1e-5
    made, out = found.integrate(source), found.integrate(normal_derivative(u), oval.boundary)
    assert made.deviation < 1e-6
    assert abs(out - made) <= out.deviation + made.deviation


def test_an_equation_has_an_integral_over_a_level():
    u = unknown("u", x, y)
    walls = Eq(normal_derivative(u), normal_derivative(x + y, x, y)) @ oval.boundary
    mean = Eq(integral(u, oval), 2 * integral(Integer(1), oval))
    found = solve(Problem(oval, Eq(laplacian(u), 0), walls, mean), Dense(300))
    assert found(0.1, 0.2) == pytest.approx(2.3, abs=2e-5)
