"""Vertices of regions and how far they open."""

from __future__ import annotations

import math

import pytest

from pinnsolve import Ball, Box, Interval, Polygon, coordinates
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
