"""Integrals over bodies in space that hide a part of themselves, against formulas."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from sympy import Max, Min, Rational, sin, sqrt

from pinnsolve import Ball, Box, Cone, Implicit, Torus, coordinates
from pinnsolve.geometry import cubature as cut
from pinnsolve.geometry.cubature import cubature
from pinnsolve.geometry.graphs import rule_by_graphs
from pinnsolve.geometry.rules import rule_of

x, y, z = coordinates("x y z")
around = {x: (-2, 2), y: (-2, 2), z: (-2, 2)}
ring = Implicit((sqrt(x**2 + y**2) - 1) ** 2 + z**2 < Rational(1, 9), around)
egg = Implicit(x**2 + 2 * y**2 + z**2 < 1, around)
quarter = Box({x: (0, 2), y: (0, 2), z: (-2, 2)})
beside = Min(x**2 + y**2 + z**2 - 1, (x - 1.3) ** 2 + y**2 + (z - 0.1) ** 2 - 0.01)
BALL = 4 / 3 * math.pi
# With what their volumes and integrals of z^2 are
BODIES = {
    "a quarter of a ring": (ring & quarter, math.pi**2 / 18, math.pi**2 / 8 / 81),
    "a ball, and a small one beside it": (
        Implicit(beside < 0, around),
        BALL * 1.001,
        BALL * (0.2 + 1e-3 * (0.01 / 5 + 0.01)),
    ),
    "an egg with a hole": (
        egg - Ball({x: 0.1, y: 0, z: 0}, 0.3),
        BALL * (0.5**0.5 - 0.027),
        BALL / 5 * (0.5**0.5 - 0.3**5),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BODIES)
def test_volumes_and_moments_are_known_by_graphs(name):
    region, volume, moment = BODIES[name]
    p, weights = cubature(region)
    assert weights.min() > 0
    assert region.contains(p).all()
    assert weights.sum() == pytest.approx(volume, rel=2e-7)
    assert weights @ p[:, 2] ** 2 == pytest.approx(moment, rel=1e-6)


@pytest.mark.slow
def test_a_ring_seen_whole():
    p, weights = cubature(ring)
    assert weights.sum() == pytest.approx(2 * math.pi**2 / 9, rel=3e-7)
    far = p[:, 0] ** 2 + p[:, 1] ** 2
    assert weights @ far == pytest.approx(2 * math.pi**2 / 9 * (1 + 1 / 12), rel=3e-7)


def test_more_nodes_are_more_exact_by_powers():
    """Of a ball, whose rule is not asked for otherwise."""
    ball = Implicit(x**2 + y**2 + z**2 < 1, around)
    off = [abs(rule_by_graphs(ball, finer)[1].sum() / BALL - 1) for finer in (0.5, 0.75, 1.0)]
    assert off[0] < 1e-4
    assert off[1] < off[0] / 30
    assert off[2] < 1e-11


def test_faces_of_boxes_cut_without_a_loss():
    """A cap of a ball: h^2 (3 - h) pi / 3."""
    cap = Implicit(x**2 + y**2 + z**2 < 1, around) & Box(around | {z: (0.3, 2)})
    weights = cubature(cap)[1]
    assert weights.sum() == pytest.approx(0.49 * 2.3 * math.pi / 3, rel=1e-9)


@pytest.mark.slow
def test_rings_that_are_cut_have_rules():
    part = Torus({x: 0, y: 0, z: 0}, 2, 0.5) & Box({x: (0, 3), y: (0, 3), z: (-1, 1)})
    p, weights = cubature(part)
    assert weights.sum() == pytest.approx(math.pi**2 / 4, rel=1e-8)
    assert np.hypot(p[:, 0], p[:, 1]).min() > 1.5


PEAK = Cone({x: 0, y: 0}, 1, {z: (0, 2)})
# With edges that no box makes: what they are, their volumes and areas
EDGED = {
    "a hollow cone": (
        PEAK - Ball({x: 0, y: 0, z: 0.6}, 0.2),
        math.pi * (2 / 3 - 4 / 3 * 0.008),
        math.pi * (1 + 5**0.5 + 4 * 0.04),
    ),
    "half a ball by a formula": (
        Implicit(Max(x**2 + y**2 + z**2 - 1, x + y / 2) < 0, around),
        BALL / 2,
        None,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", EDGED)
def test_edges_are_graphs_too(name):
    region, volume, area = EDGED[name]
    p, weights = cubature(region)
    assert weights.min() > 0
    assert region.contains(p).all()
    assert weights.sum() == pytest.approx(volume, rel=1e-7)
    if area is not None:
        rule = rule_of(region.boundary)
        assert rule.weights.sum() == pytest.approx(area, rel=1e-10)
        # No field without sources leaves it, and the place has its divergence
        assert np.abs(rule.weights @ rule.normals).max() < 1e-10
        along = (rule.x * rule.normals).sum(axis=1)
        assert rule.weights @ along / 3 == pytest.approx(volume, rel=1e-10)


def test_bodies_whose_rules_differ_are_refused(monkeypatch):
    """A crown of teeth, all thinner than a cell."""
    monkeypatch.setattr(cut, "STRIPS", replace(cut.STRIPS, others=(1.4,)))
    teeth = Implicit(x**2 + y**2 + z**2 + sin(300 * x) / 4 < 1, around)
    with pytest.raises(ValueError, match="two of them differ by"):
        cubature(teeth)
