"""Meshes as regions, against spheres and tori by formula, the divergence theorem, trimesh, and
winding numbers by solid angles.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from sympy import N, Rational

from pinnsolve import Ball, Interval, Mesh, coordinates, sample_region
from pinnsolve.geometry.mesh.crossings import solid_angles
from pinnsolve.geometry.mesh.nearest import to_simplices
from pinnsolve.geometry.rules import rule_of
from small_meshes import box, sphere, torus, turned

x, y, z = coordinates("x y z")
(t,) = coordinates("t")


def random(n, bounds, seed=0):
    low, high = np.array(bounds).T
    return np.random.default_rng(seed).uniform(low, high, (n, len(low)))


@pytest.mark.parametrize("turn", [None, 0, 1])
def test_inside_is_where_the_winding_number_is_one(turn):
    """Also for points right above edges and vertices: those of a lattice, and of the vertices."""
    for vertices, facets in (torus(24, 12), box(), sphere(1)):
        v = vertices if turn is None else turned(vertices, turn)
        body = Mesh((v, facets), (x, y, z))
        lattice = np.stack(np.meshgrid(*[np.linspace(-1.5, 1.5, 13)] * 3), axis=-1).reshape(-1, 3)
        # On lines through vertices, but on no facet
        beside = (v[:, None] + np.array([[0, 0, 0.013], [0, 0, -0.27]])).reshape(-1, 3)
        points = np.concatenate([lattice, beside, random(500, body.bounds)])
        exact = np.rint(solid_angles(points, v[facets]))
        apart = np.abs(body.signed_distance(points)) > 1e-9
        assert (body.crossings.winding(points) == exact)[apart].all()
        assert apart.sum() > 1000
        assert 0 < exact.sum() < len(points)


def test_trimesh_agrees_on_the_volume_and_the_distance():
    trimesh = pytest.importorskip("trimesh")
    v, f = torus(16, 9)
    body, other = Mesh((v, f), (x, y, z)), trimesh.Trimesh(v, f)
    assert body.volume == pytest.approx(other.volume, rel=1e-13)
    assert body.boundary_charts()[0].measure == pytest.approx(other.area, rel=1e-13)
    points = random(60, body.bounds)
    every = to_simplices(np.repeat(points, len(f), axis=0), np.tile(v[f], (60, 1, 1)))
    nearest = every.reshape(60, -1).min(axis=1)
    assert np.abs(body.signed_distance(points)) == pytest.approx(nearest, abs=1e-14)
    inside = other.triangles_center - 1e-3 * other.face_normals
    assert (body.signed_distance(inside) < 0).all()


def test_distances_to_a_sphere_of_long_facets():
    """A cylinder's sides are slivers: the nearest middle says little."""
    angle = 2 * np.pi * np.arange(60) / 60
    ring = np.stack([0.1 * np.cos(angle), 0.1 * np.sin(angle)], axis=1)
    v = np.concatenate(
        [np.c_[ring, np.zeros(60)], np.c_[ring, np.ones(60)], [[0, 0, 0], [0, 0, 1]]]
    )
    k, n = np.arange(60), (np.arange(60) + 1) % 60
    sides = [
        (k, n, n + 60),
        (k, n + 60, k + 60),
        (n, k, 0 * k + 120),
        (k + 60, n + 60, 0 * k + 121),
    ]
    body = Mesh((v, np.concatenate([np.stack(s, axis=1) for s in sides])), (x, y, z))
    points = random(200, [(-0.3, 0.3), (-0.3, 0.3), (0.2, 0.8)])
    radius = np.hypot(*points[:, :2].T)
    far = np.abs(np.abs(body.signed_distance(points)) - np.abs(radius - 0.1))
    assert far[radius < 0.2].max() < 2 * body.facet_error
    assert body.facet_error == pytest.approx(0.1 * (1 - np.cos(np.pi / 60)), rel=0.01)
    assert len(body.patches(30)) == 3


def test_many_points_are_told_apart_quickly():
    v, f = torus(200, 50)
    body = Mesh((v, f), (x, y, z))
    points = random(100_000, body.bounds)
    body.contains(points[:1])
    begin = time.process_time()
    inside = body.contains(points)
    assert time.process_time() - begin < 1.5  # 0.2 to 0.25 on a quiet machine, goal 0.5
    ring = np.hypot(points[:, 0], points[:, 1]) - 1
    assert np.mean(inside != (np.hypot(ring, points[:, 2]) < 0.4)) < 2e-3
    share = inside.mean() * np.prod(body.extent)
    assert share == pytest.approx(body.volume, rel=0.01)


@pytest.mark.parametrize("unit", [1.0, 1e-3])
def test_samples_are_spread_evenly_and_normals_point_outwards(unit):
    v, f = sphere(3)
    ball = Mesh((v / unit, f), (x, y, z), unit=unit)
    points = sample_region(ball.boundary, 4000, seed=0)
    assert points.weights.sum() == pytest.approx(4 * np.pi, rel=0.01)
    # By the divergence theorem, and means of even functions on the sphere
    flux = points.weights @ (points.x * points.normals).sum(axis=1)
    assert flux == pytest.approx(3 * ball.volume, rel=5e-3)
    assert points.weights @ points.x**2 == pytest.approx(4 * np.pi / 3, rel=0.02)
    radial = points.x / np.linalg.norm(points.x, axis=1, keepdims=True)
    own = sample_region(Mesh((v / unit, f), (x, y, z), unit=unit, sharp=0).boundary, 4000, seed=0)
    assert np.abs(points.normals - radial).max() < 0.1 * np.abs(own.normals - radial).max()
    assert ball.boundary.contains(points.x).all()
    assert ball.contains(points.x).all()
    inside = sample_region(ball, 4000, seed=0)
    assert inside.weights.sum() == pytest.approx(ball.volume, rel=0.01)
    assert inside.weights @ inside.x**2 == pytest.approx(4 * np.pi / 15, rel=0.03)


def test_facets_are_taken_as_they_are_where_that_is_asked():
    ball = Mesh(sphere(2), (x, y, z), sharp=0)
    points = sample_region(ball.boundary, 500, seed=0)
    shared = np.abs((ball.normals * ball.normals[:, :1]).sum(axis=2) - 1)
    assert shared.max() < 1e-12
    flux = points.weights @ (points.x * points.normals).sum(axis=1)
    assert flux == pytest.approx(3 * ball.volume, rel=0.01)
    assert ball.facet_error < 1e-15


@pytest.mark.parametrize("level", [2, 3, 4])
def test_the_facet_error_of_a_sphere(level):
    v, f = sphere(level)
    ball = Mesh((v, f), (x, y, z))
    share = np.random.default_rng(0).dirichlet(np.ones(3), 400)
    exact = 1 - np.linalg.norm(np.einsum("si,fid->fsd", share, v[f]), axis=2).min()
    assert ball.facet_error == pytest.approx(exact, rel=0.08)  # to the leading order


def test_integrals_over_facets_and_the_inside_of_a_turned_box():
    """Polynomials are exact on facets; inside, where one facet is above one other."""
    v, f = box((0, 0, 0), (1, 2, 3))
    body = Mesh((v, f), (x, y, z))
    inside = rule_of(body)
    assert body.contains(inside.x, 0.0).all()
    assert inside.weights.min() > 0
    assert inside.weights @ inside.x.prod(axis=1) ** 2 == pytest.approx(
        1 / 3 * 8 / 3 * 9, rel=1e-12
    )
    skin = rule_of(body.boundary)
    assert skin.weights.sum() == pytest.approx(22, rel=1e-13)
    flux = skin.weights @ (skin.normals * skin.x**3).sum(axis=1)
    assert flux == pytest.approx(1 * 6 + 8 * 3 + 27 * 2, rel=1e-12)
    ring = Mesh((turned(torus(40, 16)[0]), torus(40, 16)[1]), (x, y, z))
    within = rule_of(ring)  # lines leave it, and enter it again
    assert within.weights.sum() == pytest.approx(ring.volume, rel=1e-3)
    assert (ring.signed_distance(within.x) < 1e-12).all()
    tilted = Mesh((turned(v), f), (x, y, z))
    rule = rule_of(tilted)
    assert rule.weights.sum() == pytest.approx(6, rel=2e-3)
    assert (tilted.signed_distance(rule.x) < 1e-12).all()


def test_a_chart_says_places_in_all_digits():
    (chart,) = Mesh(sphere(1), (x, y, z)).boundary_charts()
    s = [Rational(1, 3), Rational(2, 7)]
    at = dict(zip(chart.parameters, s, strict=True))
    digits = [N(e.subs(at), 40) for e in (*chart.point, *chart.normal)]
    places, normals = chart.points(np.array([[1 / 3, 2 / 7]]))
    assert np.array(digits, dtype=float) == pytest.approx(np.r_[places[0], normals[0]], abs=1e-14)
    assert abs(sum(n**2 for n in digits[3:]) - 1) < 1e-38


def test_a_chart_knows_bounds_of_places_and_normals():
    (chart,) = Mesh(sphere(2), (x, y, z)).boundary_charts()
    generator = np.random.default_rng(0)
    ends = np.sort(generator.random((200, 2, 2)) ** 3, axis=1)
    ends[100:, 1, 0] = ends[100:, 0, 0] + 1e-4  # in one facet, or two
    low, high = ends[:, 0], np.minimum(ends[:, 1], 1.0)
    s = low[:, None] + generator.random((200, 50, 2)) * (high - low)[:, None]
    where = np.concatenate(chart.points(s.reshape(-1, 2)), axis=1).reshape(200, 50, 6)
    for k in range(6):
        least, most = chart.place.hull(k, low, high)
        assert (least[:, None] <= where[..., k] + 1e-14).all()
        assert (most[:, None] >= where[..., k] - 1e-14).all()
        assert np.median((most - least)[100:]) < 0.5  # and not all of the sphere


def test_bodies_combine_and_move_in_time():
    v, f = sphere(3)
    ball = Mesh((v, f), (x, y, z))
    shell = ball - Ball({x: 0, y: 0, z: 0}, Rational(1, 2))
    points = sample_region(shell, 4000, seed=0)
    assert points.weights.sum() == pytest.approx(ball.volume - np.pi / 6, rel=0.02)
    skin = sample_region(shell.boundary, 4000, seed=0)
    assert skin.weights.sum() == pytest.approx(5 * np.pi, rel=0.02)
    moving = ball * Interval(t, 0, 2)
    assert rule_of(moving.sides(t)).weights.sum() == pytest.approx(8 * np.pi, rel=0.01)
    assert sample_region(moving.at(t=0), 100, seed=0).x[:, 3].max() == 0


def test_two_alike_are_equal_and_say_so():
    v, f = sphere(1)
    one, other = Mesh((v, f), (x, y, z)), Mesh((1000 * v, f), (x, y, z), unit=1e-3)
    assert one == Mesh((v.copy(), f.copy()), (x, y, z))
    assert hash(one) == hash(Mesh((v, f), (x, y, z)))
    assert one != Mesh((v, f), (x, y, z), sharp=0)
    assert other.volume == pytest.approx(one.volume)
    assert str(one).startswith("Mesh of 80 facets (x, y, z; ")
