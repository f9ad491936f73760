"""Integrals over what is cut out of boxes, balls and polygons, against formulas and the divergence
theorem.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from sympy import Float, Integer, Integral, cos, exp, lambdify

from pinnsolve import Ball, Box, Interval, Polygon, coordinates, integral, normal
from pinnsolve.geometry.cubature import cubature
from pinnsolve.geometry.kept import kept_parts
from pinnsolve.geometry.levels import levels_of, turns

x, y, z, t = coordinates("x y z t")
plate, cube = Box({x: (0, 2), y: (0, 1)}), Box({x: (0, 1), y: (0, 1), z: (0, 1)})
disk = Ball({x: 0, y: 0}, 1)
corner = Polygon((x, y), [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)])
lens = 2 * math.pi / 3 - math.sqrt(3) / 2
MEASURES = {
    "holes": (
        plate - Ball({x: 0.5, y: 0.5}, 0.2) - Ball({x: 1.5, y: 0.4}, 0.3),
        2 - 0.13 * math.pi,
    ),
    "a lens": (disk & Ball({x: 1, y: 0}, 1), lens),
    "a moon": (disk - Ball({x: 1, y: 0}, 1), math.pi - lens),
    "a union": (Box({x: (0, 1), y: (0, 1)}) | Ball({x: 1, y: 1}, 0.5), 1 + 0.1875 * math.pi),
    "a corner": (corner - Ball({x: 1, y: 1}, 0.3), 3 - 0.0675 * math.pi),
    "a ball in a cube": (cube - Ball({x: 0.5, y: 0.5, z: 0.5}, 0.3), 1 - 0.036 * math.pi),
    "an eighth": (cube - Ball({x: 0, y: 0, z: 0}, 0.5), 1 - math.pi / 48),
    "a ball in a cylinder": (
        disk * Interval(z, -1, 1) - Ball({x: 0, y: 0, z: 0}, 0.5),
        2 * math.pi - math.pi / 6,
    ),
    "rings": (Interval(x, 0, 5) - Interval(x, 1, 2), 4.0),
}


def along_sides(expression):
    """A sum of integrals along curves, by scipy's rule."""

    def taken(f, limits):
        s, low, high = limits
        return Float(quad(lambdify(s, f), float(low), float(high), epsabs=1e-13)[0])

    return float(expression.replace(Integral, taken))


@pytest.mark.parametrize("kind", MEASURES)
def test_measures_are_known_to_round_off(kind):
    region, measure = MEASURES[kind]
    nodes, weights = cubature(region)
    assert weights.sum() == pytest.approx(measure, rel=1e-13)
    assert weights.min() > 0
    assert region.contains(nodes).all()


@pytest.mark.parametrize("kind", ["holes", "a lens", "a moon", "a union", "a corner"])
def test_the_divergence_theorem_holds(kind):
    """div F over a region is the flux of F through its boundary, whose parts are found by
    themselves.
    """
    region, _ = MEASURES[kind]
    flux, n = (exp(x) * cos(3 * y), x**3 - y * cos(2 * x)), normal(x, y)
    inside = integral(flux[0].diff(x) + flux[1].diff(y), region)
    through = along_sides(integral(flux[0] * n[0] + flux[1] * n[1], region.boundary))
    assert through == pytest.approx(float(inside), rel=1e-12)


def test_a_part_of_a_side_is_measured():
    """The sides of a square from which a disk takes a bite, and a relation cuts more."""
    bitten = Box({x: (0, 1), y: (0, 1)}) - Ball({x: 0, y: 0}, 0.25)
    length = along_sides(integral(Integer(1), bitten.boundary))
    assert length == pytest.approx(3.5 + math.pi / 8, rel=1e-12)
    upper = along_sides(integral(Integer(1), bitten.boundary.where(x + y > 1)))
    assert upper == pytest.approx(2.0, rel=1e-9)


@pytest.mark.parametrize("radius", [0.3, 0.5, 1])
def test_a_side_that_is_touched_is_none(radius):
    """A ball in a box whose sides are tangents: the boundary is the ball's."""
    ball = Ball({x: radius, y: 0}, radius)
    touched = Box({x: (0, 2), y: (-1, 1)}) & ball
    parts = [kept_parts(chart, touched.boundary) for chart in touched.boundary.charts()]
    assert parts[:4] == [[], [], [], []]
    whole = sum(b - a for ((a, b),) in parts[4])
    assert whole == pytest.approx(1, abs=1e-7)


def test_places_where_boundaries_turn_and_meet():
    """Two unit circles, one unit apart: ends of both, and where they cross, each once."""
    pair = disk & Ball({x: 1, y: 0}, 1)
    box = np.array([[-2.0, 2.0], [-2.0, 2.0]])
    found = sorted(turns([level.within(box) for level in levels_of(pair)]))
    assert 4 * np.array(found) - 2 == pytest.approx([-1, 0, 0.5, 1, 2], abs=1e-9)


def test_regions_without_a_rule_are_said():
    four = MEASURES["an eighth"][0] * Interval(t, 0, 1)
    with pytest.raises(ValueError, match="takes too many nodes: at most 3 are known"):
        cubature(four)
    with pytest.raises(ValueError, match="no point was found"):
        cubature(Interval(x, 0, 1) - Interval(x, -1, 2))
