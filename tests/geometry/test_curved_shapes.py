"""Declared shapes with curved boundaries, turned and moved: distances, normals, areas by fine
polygons, volumes by formulas, points that are even.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from scipy.special import gamma
from sympy import Abs, Rational, cos, pi, sin

from pinnsolve import (
    Arc,
    Ball,
    Box,
    Cone,
    Curve,
    Cylinder,
    Ellipse,
    Implicit,
    Polygon,
    Spline,
    Torus,
    coordinates,
    revolve,
    sample_region,
)
from pinnsolve.geometry.rules import rule_of

x, y, z, r, s = coordinates("x y z r s")


def moved(fx, fy, seed):
    """Formulas of a curve, turned and shifted at random."""
    angle, dx, dy = np.random.default_rng(seed).uniform(-1, 1, 3).tolist()
    c, q = math.cos(3 * angle), math.sin(3 * angle)
    return {x: c * fx - q * fy + dx, y: q * fx + c * fy + dy}


def airfoil(count=60):
    """A NACA four-digit section, from its trailing edge round: arrays `(n,)`."""
    c = (1 + np.cos(np.linspace(0, np.pi, count))) / 2
    poly = 0.2969 * np.sqrt(c) - 0.126 * c - 0.3516 * c**2 + 0.2843 * c**3 - 0.1036 * c**4
    return np.append(c, c[-2:0:-1]), np.append(0.6 * poly, -0.6 * poly[-2:0:-1])


whole, flower = (s, 0, 2 * pi), 1 + cos(5 * s) / 4
angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
CURVES = {
    "a star": Curve(moved(flower * cos(s), flower * sin(s), 1), whole),
    "clockwise": Curve(moved(flower * cos(s), -flower * sin(s), 2), whole),
    "an ellipse": Curve(moved(3 * cos(s), sin(s), 3), whole),
    "a bean": Curve(moved(cos(s) * (2 + cos(s)), sin(s) + Rational(4, 5) * cos(s) ** 2, 4), whole),
    "an astroid": Curve(moved(cos(s) ** 3, sin(s) ** 3, 5), whole),
    "corners": Curve(moved(Abs(cos(s)) * cos(s), Abs(sin(s)) * sin(s), 6), whole),
    "a teardrop": Curve(moved(cos(s), sin(s) * sin(s / 2) ** 2, 7), whole),
    "a spline": Spline({x: 2 * np.cos(angles), y: np.sin(angles) * (1 + 0.3 * np.cos(angles))}),
    "an airfoil": Spline(dict(zip((x, y), airfoil(), strict=True)), corners=[0]),
    "a squircle": Implicit((x - 1) ** 4 + y**4 < 1, {x: (-1, 3), y: (-2, 2)}),
    "two drops": Implicit((x**2 - 1) ** 2 + y**2 < 0.5, {x: (-2, 2), y: (-2, 2)}),
    "an oval": Ellipse({x: 1, y: -1}, {x: 3, y: Rational(1, 2)}),
}
LEVELS = {"a squircle", "two drops"}
AREAS = {
    "a star": math.pi * (1 + 1 / 32),
    "clockwise": math.pi * (1 + 1 / 32),
    "an ellipse": 3 * math.pi,
    "an astroid": 3 * math.pi / 8,
    "corners": 2.0,
    "a squircle": 4 * gamma(1.25) ** 2 / gamma(1.5),
    "an oval": 1.5 * math.pi,
}
SOLIDS = {
    "a torus": (Torus({x: 1, y: 0, z: 0}, 1, 0.3), 2 * math.pi**2 * 0.09, 4 * math.pi**2 * 0.3),
    "a cone": (
        Cone({x: 0, y: 1}, 1, {z: (0, 2)}),
        math.pi * 2 / 3,
        math.pi * (1 + math.sqrt(5)),
    ),
    "a frustum": (
        Cone({x: 0, y: 0}, (1, 0.5), {z: (0, 2)}),
        math.pi * 2 / 3 * 1.75,
        math.pi * (1.25 + 1.5 * math.sqrt(4.25)),
    ),
    "a cylinder": (Cylinder({x: 0, y: 0}, 1, {z: (0, 2)}), 2 * math.pi, 6 * math.pi),
    "a ring": (
        revolve(Polygon((r, z), [(1, 0), (2, 0), (2, 1), (1, 1)]), {x: 0, y: 0}),
        3 * math.pi,
        12 * math.pi,
    ),
    "an egg": (Ellipse({x: 0, y: 0, z: 1}, {x: 2, y: 2, z: 1}), 16 / 3 * math.pi, None),
    "a soft cube": (
        Implicit(x**4 + y**4 + z**4 < 1, dict.fromkeys((x, y, z), (-1.5, 1.5))),
        (2 * gamma(1.25)) ** 3 / gamma(1.75),
        None,
    ),
}
EVERY = CURVES | {name: region for name, (region, *_) in SOLIDS.items()}


@pytest.mark.parametrize("name", EVERY)
def test_boundary_points_are_at_distance_zero_with_outward_unit_normals(name):
    region = EVERY[name]
    p = sample_region(region.boundary, 500, seed=1)
    assert np.abs(region.signed_distance(p.x)).max() < 1e-12
    assert np.linalg.norm(p.normals, axis=1) == pytest.approx(1, abs=1e-12)
    h = 1e-6
    slope = (
        region.signed_distance(p.x + h * p.normals) - region.signed_distance(p.x - h * p.normals)
    ) / (2 * h)
    # Between two corners of a tip that are nearer than h there is no slope.
    assert np.quantile(np.abs(slope - 1), 0.98) < 1e-4
    assert region.boundary.contains(p.x).all()
    assert (p.x >= region.bounds[:, 0] - 1e-12).all()
    assert (p.x <= region.bounds[:, 1] + 1e-12).all()


@pytest.mark.parametrize("name", EVERY)
def test_no_points_have_no_distances(name):
    """As of cells, none of whose faces is near."""
    region = EVERY[name]
    none = np.empty((0, len(region.coordinates)))
    assert region.signed_distance(none).shape == (0,)
    assert region.contains(none).shape == (0,)


@pytest.mark.parametrize("name", EVERY)
def test_units_change_no_sign_and_no_boundary(name):
    region = EVERY[name]
    low, high = region.bounds.T
    places = np.random.default_rng(0).uniform(low, high, (500, len(low)))
    scaled = region.signed_distance(places, region.extent)
    assert ((scaled < 0) == (region.signed_distance(places) < 0)).all()


@pytest.mark.parametrize("name", CURVES)
def test_areas_are_known(name):
    region = CURVES[name]
    edge = rule_of(region.boundary)
    area = (edge.x * edge.normals).sum(axis=1) @ edge.weights / 2
    assert sample_region(region, 4000, 0).weights.sum() == pytest.approx(area, rel=0.02)
    if name in AREAS:
        assert area == pytest.approx(AREAS[name], rel=1e-9)
    elif name != "two drops":
        assert area == pytest.approx(polygon(region).area, rel=1e-5)


def polygon(region):
    line = np.linspace(0, 1, 4000, endpoint=False)[:, None]
    return shapely.Polygon(np.concatenate([c.points(line)[0] for c in region.boundary.charts()]))


@pytest.mark.parametrize("name", [name for name in CURVES if name not in LEVELS])
def test_insides_and_distances_are_those_of_fine_polygons(name):
    region = CURVES[name]
    shape = polygon(region)
    shapely.prepare(shape)
    low, high = region.bounds.T
    margin = 0.1 * (high - low)
    places = np.random.default_rng(0).uniform(low - margin, high + margin, (2_000, 2))
    points = shapely.points(places)
    to_edge, distance = shapely.distance(points, shape.exterior), region.signed_distance(places)
    clear = to_edge > 1e-5
    assert ((distance < 0) == shapely.contains(shape, points))[clear].all()
    assert np.abs(distance) == pytest.approx(to_edge, abs=1e-5)


@pytest.mark.parametrize("name", SOLIDS)
def test_volumes_and_surfaces_are_known(name):
    region, volume, surface = SOLIDS[name]
    edge = rule_of(region.boundary)
    by_divergence = (edge.x * edge.normals).sum(axis=1) @ edge.weights / 3
    assert by_divergence == pytest.approx(volume, rel=1e-6 if "soft" in name else 1e-12)
    assert sample_region(region, 4000, 0).weights.sum() == pytest.approx(volume, rel=0.02)
    if surface is not None:
        assert edge.weights.sum() == pytest.approx(surface, rel=1e-12)
    if "soft" not in name:
        assert rule_of(region).weights.sum() == pytest.approx(volume, rel=1e-12)


def test_shapes_are_combined():
    plate = Box({x: (-3, 3), y: (-3, 3)}) - CURVES["a star"] - Ball({x: 2.5, y: 2.5}, 0.2)
    area = 36 - math.pi * (1 + 1 / 32) - math.pi * 0.04
    assert sample_region(plate, 8000, 0).weights.sum() == pytest.approx(area, rel=0.01)
    edge = sample_region(plate.boundary, 4000, 0)
    assert edge.weights.sum() == pytest.approx(24 + 8.29807483 + 0.4 * math.pi, rel=0.01)
    flux = (edge.x * edge.normals).sum(axis=1) @ edge.weights / 2
    assert flux == pytest.approx(area, rel=0.02)
    upper = CURVES["an oval"].boundary.where(y > -1)
    whole = rule_of(CURVES["an oval"].boundary).weights.sum()
    assert rule_of(upper).weights.sum() == pytest.approx(whole / 2, rel=1e-9)
    both = CURVES["a star"] | CURVES["a squircle"]
    assert both.contains(sample_region(both, 500, 0).x).all()


def test_an_open_curve_holds_rows():
    helix = Arc({x: cos(s), y: sin(s), z: s}, (s, 0, 2 * pi))
    p = sample_region(helix, 300, 0)
    assert p.weights.sum() == pytest.approx(2 * math.pi * math.sqrt(2), rel=1e-12)
    assert p.normals is None
    assert helix.contains(p.x).all()
    assert not helix.contains(p.x + 1e-6).any()
    wall = sample_region(Arc({x: s, y: s**2}, (s, 0, 1)), 100, 0)
    outward = np.stack([2 * wall.x[:, 0], -np.ones(100)], axis=1)
    assert wall.normals == pytest.approx(outward / np.linalg.norm(outward, axis=1)[:, None])
