"""Regions: measures, membership, normals and boundaries against geometry."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Eq, Rational

from pinnsolve import (
    Ball,
    Box,
    Data,
    Interval,
    PointCloud,
    Polygon,
    Problem,
    coordinates,
    laplacian,
    sample_region,
    unknown,
)
from pinnsolve.declare.slab import first_slab
from pinnsolve.discretize.points import dimension

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


@pytest.mark.parametrize(
    "name", [n for n in MEASURES if "boundary" in n or n in ("circle", "sphere", "sphere in 5D")]
)
def test_normals_are_unit_and_point_outward(name):
    region = MEASURES[name][0]
    points = sample_region(region, 500, seed=2)
    assert np.linalg.norm(points.normals, axis=1) == pytest.approx(1)
    step = 1e-6 * points.normals
    assert (region.solid.signed_distance(points.x + step) > 0).all()
    assert (region.solid.signed_distance(points.x - step) < 0).all()


def test_divergence_theorem():
    """The integral of F.n over the boundary is that of div F inside: normals, weights and
    orientation together.
    """
    region = Box({x: (-2, 2), y: (-2, 2)}) - disk
    edge, inside = (sample_region(r, 20_000, seed=3) for r in (region.boundary, region))
    flux = (edge.x**3 * edge.normals).sum(axis=1) @ edge.weights
    assert flux == pytest.approx((3 * inside.x**2).sum(axis=1) @ inside.weights, rel=5e-3)


def test_a_point_is_a_region():
    points = sample_region(square.at(x=0, y=1), 10, 0)
    assert points.x.tolist() == [[0.0, 1.0]]


def test_ends_of_an_interval_have_normals():
    ends = sample_region(Interval(x, 0, 2).boundary, 10, 0)
    assert sorted(map(tuple, np.hstack([ends.x, ends.normals]))) == [(0.0, -1.0), (2.0, 1.0)]


space, hole = Box({x: (0, 1), y: (0, 2)}), Ball({x: 0, y: 0}, Rational(1, 2))
in_time = {
    "space first": disk * Interval(t, 0, 1),
    "time first": Interval(t, 0, 1) * disk,
    "a box": Box({x: (-1, 1), t: (0, 1), y: (-1, 1)}),
    "a hole": (disk - hole) * Interval(t, 0, 1),
    "cut in all": disk * Interval(t, 0, 1) - hole * Interval(t, 0, 1),
}


@pytest.mark.parametrize("name", in_time)
def test_sides_of_a_cylinder_are_its_boundary_without_the_ends_of_time(name):
    domain = in_time[name]
    axis, p = domain.coordinates.index(t), sample_region(domain.sides(t), 400, 0)
    every = sample_region(domain.boundary, 4000, 0)
    flat = np.abs(every.normals[:, axis]) > 0.5
    assert p.weights.sum() == pytest.approx(every.weights[~flat].sum(), rel=0.02)
    assert np.abs(p.normals[:, axis]).max() == 0
    assert domain.boundary.contains(p.x).all()
    assert domain.sides(t).contains(p.x).all()
    assert 0 < p.x[:, axis].min() < 0.1
    assert 0.9 < p.x[:, axis].max() < 1


def test_a_boundary_times_an_interval_has_the_boundary_s_normals():
    mantle = disk.boundary * Interval(t, 0, 2)
    p = sample_region(mantle, 200, 0)
    assert p.weights.sum() == pytest.approx(4 * math.pi)
    assert p.normals == pytest.approx(np.column_stack([p.x[:, :2], np.zeros(len(p.x))]))
    assert mantle.at(t=0).contains(np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 1.0]])).tolist() == [
        True,
        False,
    ]
    other = sample_region(Interval(t, 0, 2) * disk.boundary, 200, 0)
    assert np.abs(other.normals[:, 0]).max() == 0


def test_boxes_times_boxes_are_boxes():
    """What is known of a box alone, its rules for instance, holds however it is written."""
    strip = square * Interval(t, 0, 2)
    assert isinstance(strip, Box)
    assert str(strip) == "Box(x: [0, 1], y: [0, 1], t: [0, 2])"
    assert not isinstance(cylinder, Box)


REFUSED = {
    "no such coordinate": (lambda: disk.sides(t), "it has x, y"),
    "none named": (disk.sides, "names the coordinates"),
    "none left": (lambda: disk.sides(x, y), "not all"),
    "shared by boxes": (lambda: square * Interval(x, 0, 1), "share x"),
    "shared": (lambda: disk.boundary * Interval(x, 0, 1), "share x"),
    "listed points": (lambda: PointCloud({x: [0.0], y: [1.0]}) * Interval(t, 0, 1), "values of t"),
    "bow-tie": (lambda: Polygon((x, y), [(0, 0), (1, 1), (1, 0), (0, 1)]), "crosses itself"),
    "touching": (lambda: Polygon((x, y), [(0, 0), (2, 0), (2, 2), (1, 0), (0, 2)]), "itself"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_regions_that_are_refused(name):
    make, words = REFUSED[name]
    with pytest.raises(ValueError, match=words):
        make()


def test_a_closed_ring_and_repeated_vertices_are_cleaned():
    plain = Polygon((x, y), [(0, 0), (1, 0), (0, 1)])
    closed = Polygon((x, y), [(0, 0), (1, 0), (1, 0), (0, 1), (0.0, 1.0 + 1e-16), (0, 0)])
    assert len(closed.vertices) == 3
    assert len(closed.boundary_charts()) == len(plain.boundary_charts())
    assert [v for v in plain.vertices if v in closed.vertices]


def test_names_of_regions_tell_them_apart():
    regions = [region for region, _ in MEASURES.values()]
    many = [
        Polygon((x, y), [(math.cos(a / n), math.sin(a / n)) for a in range(20)]) for n in (4.0, 5.0)
    ]
    clouds = [PointCloud({x: [0.0, 1.0], y: [0.5, v]}) for v in (0.5, 0.6)]
    names = [repr(region) for region in [*regions, *many, *clouds]]
    assert len(set(names)) == len(names)
    assert repr(cylinder.boundary) == "(Ball(x=0, y=0; radius 1) * Box(t: [0, 2])).boundary"
    assert repr(Box({x: (0, 5e-6)})) == "Box(x: [0, 5e-06])"
    assert repr(triangle) == "Polygon((x, y), [(1, 0), (0, 1), (0, 0)])"


def test_units_of_the_coordinates_tell_no_faces_apart():
    particle = Box({x: (0, 5e-6), t: (0, 3600)})
    points = np.array([[0.0, 10.0], [5e-6, 10.0], [2e-6, 0.0]])
    assert particle.at(x=0).contains(points).tolist() == [True, False, False]
    assert particle.boundary.where(Eq(x, 0)).contains(points).tolist() == [True, False, False]
    faces = sample_region(particle.boundary, 400, 0)
    assert (faces.normals[:, 1] != 0).mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("name", in_time)
def test_a_condition_on_a_boundary_in_space_holds_at_all_times(name):
    domain = in_time[name]
    v = unknown("v", x, y, t)
    law = Eq(v.diff(t), laplacian(v, x, y))
    in_space = domain.over((x, y))
    where = (
        in_space.boundary if in_space else domain.boundary.where((t > 0) & (t < 1))
    )  # strictly: neither end of time
    problem = Problem(domain, law, Eq(v, 0) @ where, Eq(v, 1) @ domain.at(t=0))
    axis = domain.coordinates.index(t)
    for part, end in ((problem, 1.0), (first_slab(problem, t, 0.25), 0.25)):
        p = sample_region(part.conditions[1].region, 300, 0)
        assert part.conditions[1].region.coordinates == domain.coordinates
        assert np.abs(p.normals[:, axis]).max() == 0
        assert 0.9 * end < p.x[:, axis].max() < end
    with pytest.warns(UserWarning, match="holds at the final t too"):
        at_the_end = Problem(domain, law, Eq(v, 0) @ domain.boundary)
    with pytest.raises(ValueError, match="final time"):
        first_slab(at_the_end, t, 0.25)


def test_a_part_of_the_coordinates_is_extended_or_refused():
    v = unknown("v", x, y, t)
    initial = (
        Problem(cylinder, Eq(v.diff(t), laplacian(v, x, y)), Eq(v(x, y, 0), 1) @ disk)
        .conditions[1]
        .region
    )
    assert sample_region(initial, 50, 0).x[:, 2].max() == 0
    cloud = PointCloud({t: [0.0, 1.0], y: [0.0, 0.5], x: [0.5, 0.0]})
    assert Problem(cylinder, Eq(v, Data([1, 2])) @ cloud).conditions[0].region.points.tolist() == [
        [0.5, 0, 0],
        [0, 0.5, 1],
    ]
    strictly = cylinder.boundary.where((t > 0) & (t < 2))
    assert not strictly.contains(np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 2.0]])).any()
    with pytest.raises(ValueError, match="no product"):
        Problem(in_time["cut in all"], Eq(v.diff(t), 0), Eq(v, 0) @ disk.boundary)


@pytest.mark.parametrize("d", [2, 3, 4, 5, 6, 7])
def test_points_of_spheres_and_balls_are_uniform(d):
    """Moments: x_i^2 is 1 / d on the sphere, x_i^4 is 3 / (d (d + 2)); r^2 is d / (d + 2) in the
    ball (Folland, 2001).
    """
    ball = Ball(dict.fromkeys(coordinates(f"w0:{d}"), 0), 1)
    on = sample_region(ball.boundary, 2**14, 0).x
    np.testing.assert_allclose((on**2).sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose((on**2).mean(axis=0), 1 / d, rtol=0.01)
    np.testing.assert_allclose((on**4).mean(axis=0), 3 / (d * (d + 2)), rtol=0.02)
    np.testing.assert_allclose(
        (on[:, :1] ** 2 * on[:, 1:] ** 2).mean(axis=0), 1 / (d * (d + 2)), rtol=0.02
    )
    inside = sample_region(ball, 2**14, 0).x
    assert (inside**2).sum(axis=1).mean() == pytest.approx(d / (d + 2), rel=0.01)
