"""Integrals of solutions over bodies, walls, parts of these, and where materials meet."""

import numpy as np
import pytest
from sympy import Eq, Rational, cos, exp, pi, sin

from pinnsolve import (
    Ball,
    Box,
    Dense,
    Interval,
    PointCloud,
    Problem,
    Waves,
    by_region,
    coordinates,
    divergence,
    laplacian,
    normal_derivative,
    solve,
    unknown,
)  # fmt: skip
from pinnsolve.geometry.rules import rule_of

X, Y, Z, T = coordinates("x y z t")
U, V = unknown("u", X, Y), unknown("v", X, T)
SQUARE = Box({X: (0, 1), Y: (0, 1)})
HOLE = Ball({X: 0.5, Y: 0.5}, 0.25)
PLATE = SQUARE - HOLE
SINES = {"activation": "sin", "initialize": Waves(3)}


@pytest.fixture(scope="module")
def plate():
    data = sin(X) * exp(Y)
    problem = Problem(PLATE, Eq(laplacian(U), 0), Eq(U, data) @ PLATE.boundary)
    return solve(problem, Dense(300, **SINES))


def test_over_a_plate_with_a_hole(plate):
    # A harmonic function has its mean over a disk at the middle.
    square = (1 - np.cos(1)) * (np.e - 1)
    disk = np.pi * 0.0625 * np.sin(0.5) * np.exp(0.5)
    found = plate.integrate()
    assert found == pytest.approx(square - disk, abs=1e-9)
    assert found.deviation < 1e-9


def test_what_flows_out_of_a_wall_and_around(plate):
    top = plate.integrate(normal_derivative(U), SQUARE.at(y=1))
    assert top == pytest.approx(np.e * (1 - np.cos(1)), abs=1e-7)
    assert plate.integrate(normal_derivative(U), PLATE.boundary) == pytest.approx(0, abs=1e-7)


def test_over_a_part_of_a_boundary(plate):
    half = plate.integrate(1 + 0 * U, HOLE.boundary.where(X > 0.5))
    assert half == pytest.approx(np.pi * 0.25, abs=1e-12)


def test_in_time_and_at_a_time():
    rod = Interval(X, 0, 1)
    walls = Eq(V(0, T), 0), Eq(V(1, T), 0)
    heat = Problem(
        rod * Interval(T, 0, 0.5), Eq(V.diff(T), V.diff(X, 2)), Eq(V(X, 0), sin(pi * X)), *walls
    )
    solution = solve(heat, tolerance=1e-9)
    decay = np.exp(-(np.pi**2) * 0.1)
    assert solution.integrate(V, rod, at={T: 0.1}) == pytest.approx(2 / np.pi * decay, abs=1e-9)
    whole = 2 / np.pi**3 * (1 - np.exp(-(np.pi**2) / 2))
    assert solution.integrate() == pytest.approx(whole, abs=1e-9)
    with pytest.raises(ValueError, match=r"leaves t: \.\.\. open: integrate\(\.\.\., at="):
        solution.integrate(V, rod)


def test_materials_are_taken_part_by_part():
    """The slope of a rod of two halves jumps between them, and Gauss's rule over both would not see
    where.
    """
    w = unknown("w", X)
    rod, cold = Interval(X, 0, 1), Interval(X, 0, Rational(1, 3))
    k = by_region({cold: 10, rod - cold: 1})
    two = Problem(rod, Eq(divergence((k * w.diff(X),), X), 0), Eq(w(0), 0), Eq(w(1), 1))
    solution = solve(two, tolerance=1e-8)
    steep = 1 / (1 / 30 + 2 / 3)
    found = solution.integrate(w.diff(X) ** 2)
    assert found == pytest.approx(steep**2 * (1 / 300 + 2 / 3), rel=1e-7)
    assert found.deviation < 1e-7


@pytest.mark.parametrize(
    ("region", "size"),
    [
        (Ball({X: 0, Y: 0}, 2), 4 * np.pi),
        (Ball({X: 0, Y: 0, Z: 0}, 1), 4 / 3 * np.pi),
        (Ball({X: 0, Y: 0, Z: 0}, 1).boundary, 4 * np.pi),
        (SQUARE.boundary, 4),
        (PLATE.boundary, 4 + np.pi / 2),
    ],
    ids=str,
)
def test_weights_add_up_to_the_size(region, size):
    assert rule_of(region).weights.sum() == pytest.approx(size, rel=1e-12)


def test_polynomials_on_a_ball_and_waves_on_a_sphere_are_exact():
    ball = Ball({X: 0, Y: 0, Z: 0}, 1)
    rule = rule_of(ball)
    assert rule.weights @ rule.x[:, 0] ** 4 == pytest.approx(4 * np.pi / 35, rel=1e-12)
    rule = rule_of(ball.boundary)
    # The mean of a plane wave of k over a sphere is sin(k) / k.
    assert rule.weights @ np.cos(6 * rule.x[:, 2]) == pytest.approx(
        4 * np.pi * np.sin(6) / 6, rel=1e-12
    )
    assert np.abs(rule.normals - rule.x).max() < 1e-12


def test_what_has_no_size_is_refused(plate):
    with pytest.raises(ValueError, match="is points"):
        plate.integrate(U, PointCloud({X: [0.1], Y: [0.1]}))
    with pytest.raises(ValueError, match="mentions z"):
        plate.integrate(cos(Z) * U)
