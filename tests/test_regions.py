"""Regions: measures, membership, normals and boundaries against geometry."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Eq, Rational

from pinnsolve import Ball, Box, Interval, Polygon, coordinates, grid, sample_region, sobol, uniform
from pinnsolve.sample.points import dimension

x, y, z, t = coordinates("x y z t")
w = coordinates("w0:5")
square = Box({x: (0, 1), y: (0, 1)})
disk = Ball({x: 0, y: 0}, 1)
corner = Box({x: (Rational(1, 2), 1), y: (Rational(1, 2), 1)})
half = Box({x: (0, 1), y: (0, Rational(1, 2))})
other_half = Box({x: (0, 1), y: (Rational(1, 2), 1)})
triangle = Polygon((x, y), [(0, 0), (0, 1), (1, 0)])  # clockwise
arrow = Polygon((x, y), [(0, 0), (2, 1), (0, 2), (1, 1)])  # not convex
cylinder = disk * Interval(t, 0, 2)

MEASURES = {
    "square": (square, 1.0),
    "square boundary": (square.boundary, 4.0),
    "side": (square.at(x=0), 1.0),
    "half of a side": (square.at(x=0).where(y > Rational(1, 2)), 0.5),
    "side by relation": (square.boundary.where(Eq(x, 0)), 1.0),
    "disk": (disk, math.pi),
    "circle": (disk.boundary, 2 * math.pi),
    "ball": (Ball({x: 0, y: 0, z: 0}, 2), 32 * math.pi / 3),
    "sphere": (Ball({x: 0, y: 0, z: 0}, 2).boundary, 16 * math.pi),
    "ball in 5D": (Ball(dict.fromkeys(w, 0), 1), 8 * math.pi**2 / 15),
    "sphere in 5D": (Ball(dict.fromkeys(w, 0), 1).boundary, 8 * math.pi**2 / 3),
    "ball in 1D": (Ball({x: 1}, 2), 4.0),
    "triangle": (triangle, 0.5),
    "triangle boundary": (triangle.boundary, 2 + math.sqrt(2)),
    "arrow": (arrow, 1.0),
    "cylinder": (cylinder, 2 * math.pi),
    "cylinder boundary": (cylinder.boundary, 2 * math.pi * 2 + 2 * math.pi),
    "cylinder side": (cylinder.boundary.where((t > 0) & (t < 2)), 4 * math.pi),
    "initial disk": (cylinder.at(t=0), math.pi),
    "L": (square - corner, 0.75),
    "L boundary": ((square - corner).boundary, 4.0),
    "square with a hole": (Box({x: (-2, 2), y: (-2, 2)}) - disk, 16 - math.pi),
    "its boundary": ((Box({x: (-2, 2), y: (-2, 2)}) - disk).boundary, 16 + 2 * math.pi),
    "glued halves": (half | other_half, 1.0),
    "boundary of glued halves": ((half | other_half).boundary, 4.0),
    "overlap": (square & Ball({x: 0, y: 0}, 1), math.pi / 4),
    "boundary of the overlap": ((square & Ball({x: 0, y: 0}, 1)).boundary, 2 + math.pi / 2),
    "union of overlapping": (half | corner, 0.75),
    "boundary of the union": ((half | corner).boundary, 4.0),
    "side of the L": ((square - corner).at(x=1), 0.5),
}


@pytest.mark.parametrize("name", MEASURES)
def test_weights_sum_to_the_measure_and_points_lie_on_the_region(name):
    region, measure = MEASURES[name]
    points = sample_region(region, 4000, seed=1)
    assert points.weights.sum() == pytest.approx(measure, rel=0.02)
    assert len(points.x) == pytest.approx(4000, rel=0.05)
    solid = region
    while not hasattr(solid, "__mul__"):
        solid = getattr(solid, "solid", None) or solid.whole
    assert solid.contains(points.x).all()
    if dimension(region) < len(region.coordinates):
        assert np.abs(solid.signed_distance(points.x)).max() < 1e-9


@pytest.mark.parametrize("name", [n for n in MEASURES if "boundary" in n or n in ("circle", "sphere", "sphere in 5D")])
def test_normals_are_unit_and_point_outward(name):
    region = MEASURES[name][0]
    points = sample_region(region, 500, seed=2)
    assert np.linalg.norm(points.normals, axis=1) == pytest.approx(1)
    step = 1e-6 * points.normals
    assert (region.solid.signed_distance(points.x + step) > 0).all()
    assert (region.solid.signed_distance(points.x - step) < 0).all()


def test_divergence_theorem():
    """The integral of F.n over the boundary is that of div F inside: normals, weights and orientation together."""
    region = Box({x: (-2, 2), y: (-2, 2)}) - disk
    edge, inside = (sample_region(r, 20_000, seed=3) for r in (region.boundary, region))
    flux = (edge.x**3 * edge.normals).sum(axis=1) @ edge.weights
    assert flux == pytest.approx((3 * inside.x**2).sum(axis=1) @ inside.weights, rel=5e-3)


def test_uniform_on_the_ball():
    """Second moments of the uniform distribution: E x_i x_j = delta_ij r^2 / (d + 2)."""
    points = sample_region(Ball(dict.fromkeys(w, 0), 2), 16_384, seed=4).x
    moments = points.T @ points / len(points)
    assert np.abs(moments - np.eye(5) * 4 / 7).max() < 0.01


def test_polygon_triangles_cover_evenly():
    points = sample_region(arrow, 20_000, seed=5)
    right = points.x[:, 0] > 1
    assert right.mean() == pytest.approx(0.5, abs=0.01)  # the tip beyond x = 1 has area 1/2


@pytest.mark.parametrize("rule", [sobol, uniform, grid])
def test_rules_are_reproducible_and_inside(rule):
    a, b, c = (sample_region(disk, 300, seed, rule).x for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert rule is grid or not np.array_equal(a[: len(c)], c[: len(a)])
    assert (np.linalg.norm(a, axis=1) < 1).all()


def test_grid_integrates_a_smooth_function():
    points = sample_region(square, 10_000, 0, grid)
    assert len(points.x) == 10_000
    assert (np.cos(points.x[:, 0]) @ points.weights) == pytest.approx(math.sin(1), rel=1e-5)


def test_sobol_beats_uniform():
    exact = math.sin(1)
    errors = [abs(np.cos(p.x[:, 0]) @ p.weights - exact) for p in (sample_region(square, 4096, 0, r) for r in (sobol, uniform))]
    assert errors[0] < errors[1] / 10


def test_a_point_is_a_region():
    points = sample_region(square.at(x=0, y=1), 10, 0)
    assert points.x.tolist() == [[0.0, 1.0]]


def test_ends_of_an_interval_have_normals():
    ends = sample_region(Interval(x, 0, 2).boundary, 10, 0)
    assert sorted(map(tuple, np.hstack([ends.x, ends.normals]))) == [(0.0, -1.0), (2.0, 1.0)]


def test_points_are_drawn_once_and_handed_out_as_copies():
    """Who writes into them changes nobody else's; and those of another region of the same shape are its own."""
    region = disk.boundary
    first = sample_region(region, 200, 9)
    kept = first.x.copy(), first.normals.copy(), first.weights.copy()
    first.x[:], first.normals[:], first.weights[:] = 7.0, 7.0, 7.0
    again = sample_region(region, 200, 9)
    assert all(np.array_equal(a, b) for a, b in zip(kept, (again.x, again.normals, again.weights), strict=True))
    moved = sample_region(Ball({x: 3, y: 0}, 1).boundary, 200, 9)
    assert np.allclose(moved.x, kept[0] + [3, 0])
    calls = []

    def own(n, dimension, generator):
        calls.append(n)
        return sobol(n, dimension, generator)

    assert all(np.array_equal(sample_region(region, 200, 9, own).x, kept[0]) for _ in range(2))
    assert len(calls) == 2  # a rule of one's own may change its mind
