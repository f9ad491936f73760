"""Integrals over bodies with facets that are cut, along lines, against formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pinnsolve import Ball, Box, Mesh, coordinates
from pinnsolve.geometry.cubature import cubature
from pinnsolve.geometry.rules import rule_of

x, y, z = coordinates("x y z")
CORNERS = [(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)]
SIDES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
FACETS = [t for a, b, c, d in SIDES for t in ((a, b, c), (a, c, d))]
brick = Mesh((CORNERS, FACETS), (x, y, z))
hole = Ball({x: 0.5, y: 0.5, z: 0.5}, 0.3)
BALL = 4 / 3 * math.pi * 0.3**3
# With what their volumes and their first moments in z are
CUT = {
    "a brick with a bubble": (brick - hole, 1 - BALL, 0.5 * (1 - BALL)),
    "a bubble in a brick": (brick & hole, BALL, 0.5 * BALL),
    "a brick with a ball on top": (
        brick | Ball({x: 0.5, y: 0.5, z: 1}, 0.3),
        1 + BALL / 2,
        0.5 + BALL / 2 * (1 + 3 / 8 * 0.3),
    ),
    "half a brick": (brick & Box({x: (-1, 2), y: (-1, 2), z: (0.5, 2)}), 0.5, 0.375),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CUT)
def test_volumes_and_moments_of_cut_facets(name):
    region, volume, moment = CUT[name]
    p, weights = cubature(region)
    assert weights.min() > 0
    assert region.contains(p).all()
    assert weights.sum() == pytest.approx(volume, rel=2e-4)
    assert weights @ p[:, 2] == pytest.approx(moment, rel=2e-4)


def test_the_boundary_of_a_brick_with_a_ball_on_top():
    rule = rule_of(CUT["a brick with a ball on top"][0].boundary)
    assert rule.weights.sum() == pytest.approx(6 + math.pi * 0.09, rel=1e-9)
    assert np.abs(rule.weights @ rule.normals).max() < 1e-9


def test_sides_are_known_without_distances():
    points = np.random.default_rng(0).uniform(-0.5, 1.5, (500, 3))
    for region, _, _ in CUT.values():
        signs = np.sign(region.signed_distance(points, region.extent))
        assert (region.signs(points) == signs).all()
