"""Integrals over parts of surfaces in space, against formulas."""

from __future__ import annotations

import math

import pytest
from sympy import Eq, Max, Rational, pi

from pinnsolve import (
    Ball,
    Box,
    Cone,
    Cylinder,
    Implicit,
    Problem,
    Torus,
    coordinates,
    integral,
    load,
    normal,
    solve,
    unknown,
)
from pinnsolve.geometry.rules import rule_of

x, y, z = coordinates("x y z")
cube = Box({x: (-1, 1), y: (-1, 1), z: (-1, 1)})
ball = Ball({x: 0, y: 0, z: 0}, 1)
pipe = Cylinder({x: 0, y: 0}, Rational(1, 2), {z: (-2, 2)})
across = Cylinder({y: 0, z: 0}, Rational(1, 2), {x: (-2, 2)})
spot = cube.at(z=1).where(x**2 + y**2 < Rational(1, 4))
# With their areas
PARTS = {
    "a disk on a face": (spot, math.pi / 4),
    "half a face, along its diagonal": (cube.at(x=-1).where(y > z), 2),
    "a face with a hole": ((cube - pipe).at(z=1), 4 - math.pi / 4),
    "a cap of a sphere": (ball.boundary.where(z > Rational(1, 5)), 2 * math.pi * 0.8),
    "a frustum's side and base": (
        Cone({x: 0, y: 0}, 1, {z: (0, 2)}).boundary.where(z < 1),
        math.pi * (1 + 1.5 * 1.25**0.5),
    ),
    "half a torus": (Torus({x: 0, y: 0, z: 0}, 1, 0.3).boundary.where(x > 0), 0.6 * math.pi**2),
    "an eighth of a ball": (
        (ball & Box({x: (0, 2), y: (0, 2), z: (0, 2)})).boundary,
        math.pi / 2 + 3 * math.pi / 4,
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_areas_of_parts_are_known(name):
    region, area = PARTS[name]
    rule = rule_of(region)
    assert rule.weights.min() > 0
    assert rule.weights.sum() == pytest.approx(area, rel=1e-11)
    assert region.contains(rule.x).all()


def test_two_pipes_that_cross():
    """Their common part has the volume 16 r^3 / 3 and the area 16 r^2, whose pieces meet in two
    points: there sides are told from each other up to 1e-7 of the size (`filters`).
    """
    both = rule_of((pipe & across).boundary)
    assert both.weights.sum() == pytest.approx(4, rel=1e-6)
    assert rule_of(pipe & across).weights.sum() == pytest.approx(2 / 3, rel=1e-8)


def test_coordinates_may_come_in_another_order():
    block = cube - across
    assert block.coordinates == (x, y, z)
    assert block.contains([[0.9, 0.1, 0.2], [0.9, 0.6, 0.2]]).tolist() == [False, True]
    assert rule_of(block).weights.sum() == pytest.approx(8 - math.pi / 2, rel=1e-9)
    wall = rule_of(block.boundary.where(y**2 + z**2 < Rational(1, 3)))
    assert wall.weights @ wall.normals**2 == pytest.approx(
        # Rings on two faces, and the pipe's side
        [2 * (math.pi / 3 - math.pi / 4), math.pi, math.pi],
        rel=1e-9,
    )
    turned = Box({z: (0, 1), x: (0, 1), y: (0, 2)})
    assert (cube & turned).bounds.tolist() == [[0, 1], [0, 1], [0, 1]]
    with pytest.raises(ValueError, match="different coordinates"):
        cube | Box({x: (0, 1), y: (0, 1)})


def test_equations_hold_integrals_over_parts_of_surfaces(tmp_path):
    """u = z + c: the mean over a disk on the upper face is given."""
    u = unknown("u", x, y, z)
    walls = [Eq(u.diff(x), 0) @ cube.sides(y, z), Eq(u.diff(y), 0) @ cube.sides(x, z)]
    ends = Eq(u.diff(z), 1) @ cube.sides(x, y)
    law = Eq(u.diff(x, 2) + u.diff(y, 2) + u.diff(z, 2), 0)
    problem = Problem(cube, law, *walls, ends, Eq(integral(u + x**2, spot), 3))
    solution = solve(problem, tolerance=1e-9, seed=0)
    mean = (3 - math.pi / 64) / (math.pi / 4)
    assert solution(0.0, 0.0, 0.0) == pytest.approx(mean - 1, rel=1e-9)
    there = float(solution.integrate(u.diff(z), spot))
    assert there == pytest.approx(math.pi / 4, rel=1e-9)
    solution.save(tmp_path / "kept.st")
    assert load(tmp_path / "kept.st")(0.1, 0.2, 0.3) == solution(0.1, 0.2, 0.3)


def test_what_holds_no_unknown_is_a_number_with_its_normals():
    (_, _, up), cap = normal(x, y, z), PARTS["a cap of a sphere"][0]
    assert float(integral(z * up, cap)) == pytest.approx(2 * math.pi / 3 * (1 - 0.008), rel=1e-12)
    assert float(integral(pi, spot)) == pytest.approx(math.pi**2 / 4, rel=1e-10)


@pytest.mark.slow
def test_edges_of_formulas_in_space_are_sharp():
    """Half a ball, whose side and base are levels of two formulas."""
    level = Max(x**2 + y**2 + z**2 - 1, x + y / 2)
    half = Implicit(level < 0, dict.fromkeys((x, y, z), (-1.5, 1.5)))
    rule = rule_of(half.boundary)
    assert rule.weights.sum() == pytest.approx(3 * math.pi, rel=2e-6)
    assert abs(rule.weights @ rule.normals).max() < 1e-5
