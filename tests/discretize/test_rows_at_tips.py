"""Near the tips of corner functions: rows at all distances, and what they are worth."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Rational

from pinnsolve import (
    Ball,
    Box,
    Corner,
    CornerFunctions,
    Dense,
    Problem,
    compile_problem,
    coordinates,
    laplacian,
    normal_derivative,
    sample_region,
    solve,
    unknown,
)
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.places import quadrature
from pinnsolve.discretize.tips import AT_TIPS, tips_of
from pinnsolve.fields.building import build_space
from pinnsolve.geometry.vertices import ends_of

x, y = coordinates("x y")
u = unknown("u", x, y)
half = Box({x: (-2, 2), y: (0, 2)}) & Ball({x: 0, y: 0}, 1)
flat, arc = half.at(y=0), half.boundary.where(y > 0)
given = Problem(half, Eq(laplacian(u), 0), Eq(u, x**2) @ half.boundary)


def exactly(points):
    """Of values x^2: x^2 - y^2 and what is sin(th)^2 on the arc and zero on the diameter, whose
    series in odd n, -8 / pi z^n / (n (n^2 - 4)), is three of arctanh's.
    """
    z = points[:, 0] + 1j * points[:, 1]
    a = np.arctanh(z)
    series = -a / 4 + (z**2 * a - z) / 8 + (a - z) / (8 * z**2)
    return points[:, 0] ** 2 - points[:, 1] ** 2 - 8 / np.pi * series.imag


def near_tips():
    """Points at distances of 1e-5 to 1e-1 from both ends of the diameter."""
    distance, turn = np.meshgrid(10.0 ** -np.arange(1, 6), np.pi / 2 * np.linspace(0.05, 0.9, 7))
    right = np.stack([1 - distance * np.cos(turn), distance * np.sin(turn)], axis=2).reshape(-1, 2)
    return np.concatenate([right, right * [-1, 1]])


@pytest.mark.parametrize("seed", [0, 1])
def test_values_hold_up_to_the_tip_where_an_arc_meets_its_diameter(seed):
    solution = solve(given, tolerance=1e-8, seed=seed)
    assert solution.stopped == "met"
    at = near_tips()
    assert np.abs(solution(at).reshape(-1) - exactly(at)).max() < 1e-9
    x = sample_region(half, 6000, 99).x
    known = exactly(x)
    error = np.linalg.norm(solution(x).reshape(-1) - known) / np.linalg.norm(known)
    assert error < 2 * solution.estimate


def test_rows_come_near_to_tips_along_arcs_and_straight_sides():
    corner = Corner((1.0, 0.0), ((1.0, 0.0), (0.0, 1.0)), np.pi / 2)
    problem = Problem(
        half, Eq(laplacian(u), 0), Eq(u, x**2) @ arc, Eq(normal_derivative(u), 0) @ flat
    )
    system = compile_problem(problem)
    space = build_space(system, Dense(50) + CornerFunctions((corner,)), 0)
    assert tips_of(space.whole) == ((1.0, 0.0),)
    inside, values, slopes = collocation_points(system, space, 0)
    for p, order in ((values, 0), (slopes, 1)):
        away = np.linalg.norm(p.x - [1, 0], axis=1)
        close = away < 1e-3
        assert AT_TIPS.rows // 2 < close.sum() < AT_TIPS.rows
        assert (np.abs(half.signed_distance(p.x)) < 1e-12).all()
        # A slope counts as much as it changes values
        shares = p.factors[close] / away[close] ** order
        assert shares == pytest.approx(shares[0], rel=0.02)
    assert inside.factors is None
    plain = collocation_points(system, build_space(system, Dense(50), 0), 0)
    assert all(p.factors is None for p in plain)


def test_what_grows_towards_a_tip_is_integrated():
    """r^-1.5 within 1/2 of the end of a diameter: a quarter of a disk but for what the arc cuts
    off.
    """
    system = compile_problem(given)
    r = np.linspace(0, 0.5, 20_001)[1:] - 0.5 / 40_000
    exact = (r**-0.5 * np.arccos(r / 2)).sum() * 0.5 / 20_000
    for seed in range(5):
        p = quadrature(system, 1024, seed, tips=((1.0, 0.0),))
        away = np.linalg.norm(p.x - [1, 0], axis=1)
        found = float(p.weights @ np.where(away < 0.5, away**-1.5, 0.0))
        assert found == pytest.approx(exact, rel=0.1)


def test_where_sides_touch_an_arc_their_ends_are_known_to_all_digits():
    """A box that goes on as half a disk: halving a distance that only touches zero finds half of
    the digits.
    """
    small = Rational(1, 2)
    both = Box({x: (-1, 0), y: (-small, small)}) | Ball({x: 0, y: 0}, small)
    ends = [np.array(end.point) for end in ends_of(both.boundary.where(x < 0))]
    ends += [np.array(end.point) for end in ends_of(both.boundary.where(x > 0))]
    for place in ([0, 0.5], [0, -0.5]):
        near = [e for e in ends if np.abs(e - place).max() < 1e-3]
        assert len(near) == 2
        assert max(np.abs(e - place).max() for e in near) < 1e-15 * 10
