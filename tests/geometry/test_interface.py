"""Interfaces against lengths and normals that are known, and what is no interface."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Rational

from pinnsolve import Ball, Box, Interface, Interval, Polygon, coordinates, sample_region
from pinnsolve.geometry.interface import Part

x, y, t = coordinates("x y t")
square = Box({x: (-1, 1), y: (-1, 1)})
disk = Ball({x: 0, y: 0}, Rational(1, 2))
lower, upper = (
    Polygon((x, y), [(0, 0), (1, 0), (0, 1)]),
    Polygon((x, y), [(1, 0), (1, 1), (0, 1)]),
)
hour = Interval(t, 0, 3)

LENGTHS = {
    "a disk in a square": (disk, square - disk, np.pi),
    "two triangles": (lower, upper, np.sqrt(2)),
    "a small box beside a large one": (
        Box({x: (0, 1), y: (0, 9)}),
        Box({x: (1, 2), y: (4, Rational(9, 2))}),
        0.5,
    ),
    "the ends of two rods": (Interval(x, 0, 1), Interval(x, 1, 3), 1.0),
    "over a time": (disk * hour, (square - disk) * hour, 3 * np.pi),
}


@pytest.mark.parametrize("name", LENGTHS)
def test_an_interface_has_its_length_and_normals_out_of_the_first(name):
    a, b, length = LENGTHS[name]
    for one, other in ((a, b), (b, a)):
        face = Interface(one, other)
        points = sample_region(face, 200, seed=0)
        assert points.weights.sum() == pytest.approx(length, rel=1e-2)
        assert face.contains(points.x).all()
        step = 1e-6 * points.normals
        assert one.contains(points.x - step, 0.0).all()
        assert other.contains(points.x + step, 0.0).all()
        if one.coordinates[-1] == t:
            assert not points.normals[:, -1].any()


def test_no_points_are_drawn_where_the_regions_do_not_touch():
    """Of a box' four sides one is left."""
    parts = Box({x: (0, 1), y: (0, 1)}), Box({x: (1, 2), y: (0, 1)})
    assert len(Interface(*parts).charts()) == 1
    assert len(sample_region(Interface(*parts), 64, seed=0).x) == 64


MISTAKES = {
    "boxes that meet in a corner": (
        lambda: Interface(Box({x: (0, 1), y: (0, 1)}), Box({x: (1, 2), y: (1, 2)})),
        ValueError,
        "have no surface in common",
    ),
    "regions that overlap": (lambda: Interface(disk, square), ValueError, "no surface in common"),
    "a boundary": (
        lambda: Interface(disk, disk.boundary),
        TypeError,
        "between two solid regions: got Ball.*boundary",
    ),
    "other coordinates": (
        lambda: Interface(disk, Interval(x, 0, 1)),
        ValueError,
        "have different coordinates",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_no_interface_is_refused(name):
    make, kind, words = MISTAKES[name]
    with pytest.raises(kind, match=words):
        make()


def test_a_hole_with_a_hole_has_both_boundaries():
    """What is cut out is seen from behind, and has its own cuts."""
    ring = disk - Ball({x: 0, y: 0}, Rational(1, 4))
    rest = square - ring
    points = sample_region(rest.boundary, 400, seed=0)
    assert points.weights.sum() == pytest.approx(8 + np.pi + np.pi / 2, rel=1e-2)
    assert sample_region(Interface(rest, ring), 100, seed=0).weights.sum() == pytest.approx(
        1.5 * np.pi, rel=1e-2
    )


def test_a_part_of_a_long_side_has_points_wherever_it_is():
    """It is made of the small box' own side, so that no point is drawn in vain."""
    whole, cell = Box({x: (0, 30), y: (0, 3)}), Box({x: (12, 13), y: (0, 1)})
    part = Part(whole.boundary, cell)
    points = sample_region(part, 8, seed=0)
    assert len(points.x) == 8
    assert points.weights.sum() == pytest.approx(1.0)
    assert points.normals.tolist() == [[0.0, -1.0]] * 8
    assert part.contains(points.x).all()
    curved = Part(Box({x: (0, 3), y: (0, 3)}).boundary, Ball({x: 0, y: 0}, 1))
    assert sample_region(curved, 100, seed=0).weights.sum() == pytest.approx(2.0, rel=1e-2)
