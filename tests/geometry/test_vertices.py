"""Vertices of regions and how far they open."""

from __future__ import annotations

import math

import pytest
from sympy import Rational

from pinnsolve import Ball, Box, Ellipse, Interval, Polygon, coordinates
from pinnsolve.geometry.vertices import vertices

x, y, t = coordinates("x y t")

square = Box({x: (0, 1), y: (0, 1)})
ell = Box({x: (-1, 1), y: (-1, 1)}) - Box({x: (0, 1), y: (-1, 0)})


def openings(region):
    return sorted((*v.point, round(v.opening / math.pi, 9)) for v in vertices(region))


@pytest.mark.slow
def test_vertices_of_regions():
    assert openings(square) == [(0, 0, 0.5), (0, 1, 0.5), (1, 0, 0.5), (1, 1, 0.5)]
    assert [o for *_, o in openings(ell)].count(0.5) == 5
    assert (0, 0, 1.5) in openings(ell)
    assert vertices(Ball({x: 0, y: 0}, 1)) == []
    assert [o for *_, o in openings(Polygon((x, y), [(0, 0), (1, 0), (0, 1)]))] == [0.5, 0.25, 0.25]
    assert len(vertices(square - Ball({x: 0.5, y: 0.5}, 0.25))) == 4
    cross = Box({x: (0, 3), y: (1, 2)}) | Box({x: (1, 2), y: (0, 3)})
    assert sorted(o for *_, o in openings(cross)) == [0.5] * 8 + [1.5] * 4
    assert vertices(square * Interval(t, 0, 1)) == []


def disk(a, r=1):
    return Ball({x: a, y: 0}, r)


def test_vertices_between_curved_sides():
    """The angles of two circles that cross, by the distance of their middles."""
    half = Rational(1, 2)
    lens, both, moon = disk(-half) & disk(half), disk(-half) | disk(half), disk(0) - disk(half)
    for region, opening in ((lens, 2 * math.pi / 3), (both, 4 * math.pi / 3)):
        found = vertices(region)
        assert [v.opening for v in found] == pytest.approx([opening] * 2, abs=1e-12)
        low, high = sorted((v.point for v in found), key=lambda p: p[1])
        assert low == pytest.approx((0, -math.sqrt(3) / 2), abs=1e-12)
        assert high == pytest.approx((0, math.sqrt(3) / 2), abs=1e-12)
    horns = vertices(moon)
    assert [v.opening for v in horns] == pytest.approx([math.acos(7 / 8)] * 2, abs=1e-12)
    assert all(abs(b) == pytest.approx(1, abs=1e-6) for v in horns for b in v.bends)
    bowl = vertices(Box({x: (-2, 2), y: (0, 2)}) & Ellipse({x: 0, y: 0}, {x: 1, y: Rational(1, 2)}))
    assert [v.opening for v in bowl] == pytest.approx([math.pi / 2] * 2, abs=1e-12)
    # Of an ellipse at the end of its longer axis: a / b^2
    assert sorted(abs(b) for v in bowl for b in v.bends) == pytest.approx([0, 0, 4, 4], rel=1e-3)
    assert all(not v.straight for v in (*horns, *bowl))
    assert vertices(disk(0)) == []
