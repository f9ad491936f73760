"""Charts whose speed varies: elements by difference quotients, even points, rules, products, and
maps that are known by numbers alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from mpmath import ellipe
from scipy.integrate import quad
from sympy import Eq, Integral, cos, lambdify, pi, sin

from pinnsolve import (
    Ball,
    Curve,
    Ellipse,
    Interval,
    Problem,
    coordinates,
    integral,
    laplacian,
    normal,
    sample_region,
    unknown,
)
from pinnsolve.geometry.charts import traced
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.rules import rule_of

x, y, z, s, t = coordinates("x y z s t")
oval = Ellipse({x: 0.5, y: -1}, {x: 3, y: 1})
egg = Ellipse({x: 0, y: 0, z: 1}, {x: 2, y: 1, z: 0.5})
radius = 1 + cos(5 * s) / 4
star = Curve({x: radius * cos(s), y: radius * sin(s)}, (s, 0, 2 * pi))
CHARTED = {
    "an ellipse's boundary": oval.boundary,
    "an ellipsoid's boundary": egg.boundary,
    "its wall in time": oval.boundary * Interval(t, 0, 2),
    "a star": star,
    "a star's boundary": star.boundary,
}


def volume(x, steps, dimension):
    """Of the parallelepiped that steps of the parameters span, `(n,)`."""
    gram = np.einsum("nik,njk->nij", steps, steps)
    return np.sqrt(np.linalg.det(gram)) if dimension else np.ones(len(x))


@pytest.mark.parametrize("kind", CHARTED)
def test_elements_are_those_of_difference_quotients(kind):
    for chart in CHARTED[kind].charts():
        k, h = len(chart.parameters), 1e-6
        at = np.random.default_rng(1).uniform(0.1, 0.9, (50, k))
        ahead, behind = (
            np.stack([chart.points(at + sign * h * e)[0] for e in np.eye(k)], axis=1)
            for sign in (1, -1)
        )
        found = volume(at, (ahead - behind) / (2 * h), k)
        assert chart.elements(at) == pytest.approx(found, rel=1e-7)


@pytest.mark.parametrize("kind", CHARTED)
def test_points_are_even_and_weights_make_up_for_the_rest(kind):
    """A mean over the points is that of the rule, without weights nearly and with them more so."""
    region = CHARTED[kind]
    p, rule = sample_region(region, 2**13, 0), rule_of(region)
    wanted = rule.weights @ np.cos(rule.x.sum(axis=1)) / rule.weights.sum()
    values = np.cos(p.x.sum(axis=1))
    assert p.weights.sum() == pytest.approx(rule.weights.sum(), rel=1e-9)
    assert values.mean() == pytest.approx(wanted, abs=2e-3)
    assert p.weights @ values / p.weights.sum() == pytest.approx(wanted, abs=1e-3)


def test_lengths_and_areas_are_known():
    length = 4 * 3 * float(ellipe(1 - 1 / 9))
    assert rule_of(oval.boundary).weights.sum() == pytest.approx(length, rel=1e-12)
    assert rule_of(star).weights.sum() == pytest.approx(math.pi * (1 + 1 / 32), rel=1e-12)
    assert rule_of(egg).weights.sum() == pytest.approx(4 / 3 * math.pi, rel=1e-12)


@pytest.mark.parametrize("region", [oval, egg, star])
def test_the_divergence_theorem_holds(region):
    inside, edge = rule_of(region), rule_of(region.boundary)
    flux = (edge.x**3 * edge.normals).sum(axis=1) @ edge.weights
    assert flux == pytest.approx((3 * inside.x**2).sum(axis=1) @ inside.weights, rel=1e-11)


def test_integrals_in_equations_weigh_by_elements():
    """The flux of the field (x, y) through the boundary is twice the area."""
    n = normal(x, y)
    flux = integral(x * n[0] + y * n[1], star.boundary)
    (along,) = flux.atoms(Integral)
    assert float(along.function.free_symbols == {along.limits[0][0]})
    value = quad(lambdify(along.limits[0][0], along.function), 0, 1, epsabs=1e-12)[0]
    assert value == pytest.approx(2 * math.pi * (1 + 1 / 32), rel=1e-10)


@dataclass(frozen=True)
class Circle:
    """By numbers, with a speed that varies."""

    def __call__(self, s):
        angle = 2 * np.pi * s[:, 0] ** 2
        x = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return x, x


class Numbered(Ball):
    """A disk whose boundary is known by numbers alone."""

    def boundary_charts(self):
        ends = np.linspace(0, 1, 33)
        pieces = np.stack([ends[:-1], ends[1:]], axis=1)[:, None]
        return (
            traced(
                self.coordinates,
                1,
                2 * math.pi,
                Circle(),
                lambda s: 4 * np.pi * s[:, 0],
                pieces=pieces,
                nodes=(8,),
            ),
        )


def test_maps_that_are_known_by_numbers_alone():
    disk: Solid = Numbered({x: 0, y: 0}, 1)
    p = sample_region(disk.boundary, 1000, 0)
    assert p.weights.sum() == pytest.approx(2 * math.pi)
    assert (p.x.mean(axis=0)) == pytest.approx([0, 0], abs=5e-3)
    rule = rule_of(disk.boundary)
    assert rule.weights @ rule.x[:, 0] ** 2 == pytest.approx(math.pi, rel=1e-9)
    wall = rule_of(disk.boundary * Interval(t, 0, 2))
    assert wall.weights @ wall.x[:, 0] ** 2 == pytest.approx(2 * math.pi, rel=1e-9)
    u = unknown("u", x, y)
    exact = {u: x**2 - y**2}
    Problem(disk, Eq(laplacian(u), 0), Eq(u, x**2 - y**2) @ disk.boundary, exact=exact)
    with pytest.raises(ValueError, match="does not satisfy"):
        Problem(disk, Eq(laplacian(u), 0), Eq(u, x**2) @ disk.boundary, exact=exact)
    with pytest.raises(ValueError, match="known by numbers alone"):
        integral(u, disk.boundary)
