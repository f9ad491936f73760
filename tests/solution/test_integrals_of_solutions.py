"""Integrals of solutions over bodies, walls, parts of these, and where materials meet."""

import numpy as np
import pytest
from sympy import Eq, Rational, cos, exp, pi, sin

from pinnsolve import (
    Ball,
    Box,
    Data,
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
from pinnsolve.solution.integrals import off_by_rule

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


CRUDE = Problem(
    SQUARE,
    Eq(-laplacian(U), 2 * pi**2 * sin(pi * X) * sin(pi * Y)),
    Eq(U, 0) @ SQUARE.boundary,
)
OF_SINES = {
    "mean": (U, SQUARE, 4 / np.pi**2),
    "square": (U**2, SQUARE, 0.25),
    "wall": (normal_derivative(U), SQUARE.at(x=0), -2),
    "around": (normal_derivative(U), SQUARE.boundary, -8),
    "curvature": (U.diff(X, 2), SQUARE, -4),
    "energy": (U.diff(X) ** 2 + U.diff(Y) ** 2, SQUARE, np.pi**2 / 2),
    "wall, squared": (normal_derivative(U) ** 2, SQUARE.at(x=0), np.pi**2 / 2),
}


def test_what_is_off_is_told(plate):
    """Of solutions to two digits and to many: errors are below what is told, which is not far."""
    crude, fine = (solve(CRUDE, Dense(n, **SINES)) for n in (60, 300))
    for expression, region, exact in OF_SINES.values():
        for solution, worth in ((crude, 300), (fine, 1e5)):
            found = solution.integrate(expression, region)
            error = abs(found - exact)
            assert error <= found.deviation <= worth * max(error, 1e-13)
    top = plate.integrate(normal_derivative(U), SQUARE.at(y=1))
    assert abs(top - np.e * (1 - np.cos(1))) <= top.deviation < 1e-6


def test_rules_of_what_has_no_bound_tell_what_they_are_off():
    """Of x^(-1/3), by Gauss's rules: their differences alone are smaller than the error."""
    totals = []
    for n in (23, 32, 45):
        node, weight = np.polynomial.legendre.leggauss(n)
        totals.append(float(weight @ ((1 + node) / 2) ** (-1 / 3) / 2))
    error = abs(totals[-1] - 1.5)
    assert abs(totals[-1] - totals[-2]) < error < off_by_rule(*totals) < 2 * error


def test_what_data_leave_of_an_integral_is_its_deviation():
    """Of a decay whose rate has an error bar: that of the integral is its slope by the rate."""
    w, k = unknown("w", X), unknown("k")
    places = np.linspace(0.02, 1, 30)
    values = np.exp(-3 * places) + 0.02 * np.random.default_rng(0).standard_normal(30)
    decay = Problem(
        Interval(X, 0, 1),
        Eq(w.diff(X), -k * w),
        Eq(w(0), 1),
        Eq(w, Data(values, sigma=0.02)) @ PointCloud({X: places}),
    )
    solution = solve(decay)
    found, rate = solution.integrate(w), float(solution[k])
    slope = (np.exp(-rate) * (1 + rate) - 1) / rate**2
    assert found.deviation == pytest.approx(abs(slope) * solution[k].deviation, rel=0.25)


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
    with pytest.raises(ValueError, match=r"holds t itself: give the region without t"):
        solution.integrate(V, at={T: 0.1})


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


def test_of_one_it_is_the_area_or_the_length(plate):
    assert plate.integrate(1) == pytest.approx(1 - np.pi / 16, rel=1e-12)
    assert plate.integrate(2.0, PLATE.boundary) == pytest.approx(2 * (4 + np.pi / 2), rel=1e-12)
