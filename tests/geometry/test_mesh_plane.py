"""Meshes of the plane, against polygons."""

from __future__ import annotations

import numpy as np
import pytest

from pinnsolve import Mesh, Polygon, coordinates, sample_region
from pinnsolve.geometry.rules import rule_of
from pinnsolve.geometry.vertices import vertices

x, y = coordinates("x y")
CORNER = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]


def l_shape(n=6):
    """Triangles of an L, and its polygon."""
    at = {}
    cells = []
    for i in range(2 * n):
        for j in range(2 * n):
            if i < n or j < n:
                a, b, c, d = (
                    at.setdefault(p, len(at))
                    for p in ((i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1))
                )
                cells += [(a, b, c), (a, c, d)]
    return np.array(list(at), dtype=float) / n, np.array(cells)


def test_a_mesh_of_an_l_is_the_polygon():
    mesh, polygon = Mesh(l_shape(), (x, y)), Polygon((x, y), CORNER)
    points = np.random.default_rng(0).uniform(-0.5, 2.5, (2000, 2))
    assert mesh.signed_distance(points) == pytest.approx(polygon.signed_distance(points), abs=1e-2)
    near = np.abs(polygon.signed_distance(points)) < 0.2
    assert mesh.signed_distance(points[near]) == pytest.approx(
        polygon.signed_distance(points[near]), abs=1e-13
    )
    assert (mesh.contains(points) == polygon.contains(points)).all()
    # Right below and above vertices
    above = np.stack(np.meshgrid(np.arange(-1, 14) / 6, [-0.3, 0.05, 0.55, 1.05, 2.2]), -1)
    above = above.reshape(-1, 2)
    apart = np.abs(polygon.signed_distance(above)) > 1e-9
    inside = polygon.contains(above, 0.0)
    assert (mesh.crossings.winding(above) == inside)[apart].all()
    assert 0 < inside[apart].sum() < apart.sum()
    assert mesh.volume == pytest.approx(3)
    assert len(mesh.boundary_charts()) == 6
    found, known = ({v.point: v.opening for v in vertices(r)} for r in (mesh, polygon))
    assert {p: found[p] for p in known} == pytest.approx(known)


def test_rules_are_exact_for_polynomials():
    mesh, polygon = Mesh(l_shape(3), (x, y)), Polygon((x, y), CORNER)
    for one, other in ((mesh, polygon), (mesh.boundary, polygon.boundary)):
        rule, exact = rule_of(one), rule_of(other)
        for power in range(3):
            mine, theirs = (r.weights @ r.x**power for r in (rule, exact))
            assert mine == pytest.approx(theirs, rel=1e-13)
    sides = sample_region(mesh.boundary, 200, seed=0)
    assert (sides.weights[:, None] * sides.normals).sum(axis=0) == pytest.approx(0, abs=1e-12)


def test_a_disk_of_triangles_has_no_corners():
    n = 40
    angle = 2 * np.pi * np.arange(n) / n
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    k = np.arange(n)
    disk = Mesh((np.vstack([ring, [0, 0]]), np.stack([k, (k + 1) % n, 0 * k + n], 1)), (x, y))
    assert vertices(disk) == []
    assert len(disk.boundary_charts()) == 1
    assert disk.facet_error == pytest.approx(1 - np.cos(np.pi / n), rel=1e-2)
    points = sample_region(disk.boundary, 300, seed=0)
    radial = points.x / np.linalg.norm(points.x, axis=1, keepdims=True)
    assert np.abs(points.normals - radial).max() < 1e-3
    inside = sample_region(disk, 1000, seed=0)
    assert inside.weights @ inside.x**2 == pytest.approx(np.pi / 4, rel=0.02)
