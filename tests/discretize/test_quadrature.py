"""Integrals over a domain of what lives in a tiny part of it."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, cos, exp, pi

from pinnsolve import Box, Interval, Problem, coordinates, laplacian, manufactured, solve, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.places import quadrature
from pinnsolve.problems.composite import COMPOSITE

x, y = coordinates("x y")
u, v = unknown("u", x, y), unknown("v", x)
channel = Box({x: (0, 20_000), y: (0, 1)})
decaying = manufactured(
    channel, -laplacian(u), u @ channel.boundary, exact={u: cos(pi * y) * exp(-x)}
)


def two_needles():
    line = Interval(x, -3, 5)
    load = exp(-((x / 1e-4) ** 2)) + exp(-(((x - 2) / 1e-3) ** 2))
    return Problem(line, Eq(-v.diff(x, 2), load), Eq(v(-3), 0), Eq(v(5), 0))


def test_weights_are_volumes():
    points = quadrature(compile_problem(decaying), 4000, 0)
    assert points.weights.sum() == pytest.approx(20_000, rel=0.1)
    mass = points.weights @ np.exp(-2 * points.x[:, 0])
    assert mass == pytest.approx(0.5, rel=0.2)  # of uniform points hardly one sees it


def test_each_of_several_places_counts_once():
    points = quadrature(compile_problem(two_needles()), 2000, 0)
    near, far = (points.weights @ np.exp(-(((points.x[:, 0] - c) / w) ** 2)) for c, w in NEEDLES)
    assert near == pytest.approx(1e-4 * np.sqrt(np.pi), rel=0.1)
    assert far == pytest.approx(1e-3 * np.sqrt(np.pi), rel=0.1)
    assert points.weights @ points.x[:, 0] ** 2 == pytest.approx((125 + 27) / 3, rel=0.1)


NEEDLES = ((0.0, 1e-4), (2.0, 1e-3))


@pytest.mark.slow
def test_the_estimate_is_right_where_a_solution_lives_in_a_tiny_part_of_its_domain():
    solution = solve(decaying, tolerance=1e-4)
    assert solution.stopped == "met"
    assert solution.error() < 1e-4
    assert 0.01 < solution.estimate / solution.error() < 100


def test_what_grows_towards_a_rough_corner_is_integrated():
    """r^-1.5 within 1/2 of the step's tip, three quarters of a disk; of uniform points, a sixth is
    missed as a rule.
    """
    system, exact = compile_problem(COMPOSITE["stokes_step"]()), 1.5 * np.pi * 2 * 0.5**0.5
    for seed in range(5):
        p = quadrature(system, 1024, seed)
        r = np.linalg.norm(p.x - [2.0, 1.0], axis=1)
        found = float(p.weights @ np.where(r < 0.5, r**-1.5, 0.0))
        assert found == pytest.approx(exact, rel=0.1)
