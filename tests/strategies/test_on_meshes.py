"""Problems on meshes: solved as well as their facets know the body, and said where that ends."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from sympy import Eq, Rational, lambdify, sqrt

from pinnsolve import (
    Ball,
    Budget,
    Interval,
    Mesh,
    Problem,
    coordinates,
    laplacian,
    load,
    normal_derivative,
    sample_region,
    solve,
    unknown,
)
from pinnsolve.geometry.mesh.floor import coarse_facets
from small_meshes import box, sphere, star_shaped, write_stl

x, y, z = coordinates("x y z")
(t,) = coordinates("t")
u = unknown("u", x, y, z)
# Zero on a ball with bumps, which is the body
BUMPS = 1 - x**2 - Rational(5, 4) * y**2 - Rational(3, 4) * z**2
BUMPS += -Rational(3, 5) * x * y * z + x**3 / 5
at = lambdify((x, y, z), BUMPS)


def bumpy(level, path):
    vertices, facets = star_shaped(level, lambda points: at(*points.T))
    return Mesh(write_stl(path, vertices, facets), (x, y, z))


def heated(body):
    """u = BUMPS inside of the smooth body: zero below, with its own flux above."""
    slope = sqrt(sum(BUMPS.diff(c) ** 2 for c in (x, y, z)))
    below, above = body.boundary.where(z < 0), body.boundary.where(z >= 0)
    return Problem(
        body,
        Eq(laplacian(u), sum(BUMPS.diff(c, 2) for c in (x, y, z))),
        Eq(u, 0) @ below,
        Eq(normal_derivative(u), -slope) @ above,
    )


def error_of(solution, body):
    """Relative (L2), about the mean, on fresh points."""
    points = sample_region(body, 4000, seed=99)
    exact = at(*points.x.T)
    return np.linalg.norm(solution(points) - exact) / np.linalg.norm(exact - exact.mean())


def floor_of(body):
    """What facets leave open of a field, in a ball that is heated evenly."""
    return 4 * body.facet_error / (body.extent.min() / 2)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_body_is_solved_as_well_as_its_facets_know_it(tmp_path, seed):
    body = bumpy(3, tmp_path / "bumpy.stl")
    with pytest.warns(UserWarning, match=r"tolerance 0.005: the facets of Mesh of 1280 facets"):
        solution = solve(heated(body), tolerance=5e-3, seed=seed)
    assert solution.stopped == "met"
    assert 0.2 * floor_of(body) < error_of(solution, body) < floor_of(body)
    assert "of the smooth body nothing is known below" in solution.report()
    solution.save(tmp_path / "body.st")
    again = load(tmp_path / "body.st")
    assert again.problem == solution.problem
    points = sample_region(body, 50, seed=1)
    assert (again(points) == solution(points)).all()


def test_what_the_facets_know_is_met_in_silence(tmp_path):
    """The facets are the body itself: of formulas that hold there, all digits are known."""
    v, f = box((0, 0, 0), (1, 2, 1))
    body = Mesh((v, f), (x, y, z))
    exact = x * y - z**2 + y**2 / 4
    problem = Problem(
        body,
        Eq(laplacian(u), -2 + Rational(1, 2)),
        Eq(u, exact) @ body.boundary,
        exact={u: exact},
    )
    solution = solve(problem, tolerance=1e-8)
    assert solution.error() < 1e-8
    assert coarse_facets(body, 1e-12) == ""


def test_the_floor_of_a_body_in_time_and_of_what_is_cut_out_of_it():
    ball = Mesh(sphere(2), (x, y, z))
    small = Mesh((0.1 * sphere(2)[0], sphere(2)[1]), (x, y, z))
    floor = floor_of(ball)
    for region in (ball, ball * Interval(t, 0, 1), ball - small):
        assert f"{floor:.0e} (relative)" in coarse_facets(region, 0.9 * floor)
        assert not coarse_facets(region, 1.1 * floor)
        assert coarse_facets(region, math.nan)
    flat = Mesh(box(), (x, y, z))
    for region in (flat, Interval(t, 0, 1), Ball({x: 0, y: 0, z: 0}, 1)):
        assert not coarse_facets(region, math.nan)


@pytest.mark.slow
def test_an_stl_of_twenty_thousand_facets(tmp_path):
    body = bumpy(5, tmp_path / "bumpy.stl")
    assert len(body.simplices.facets) == 20_480
    budget = Budget(60, clock=time.process_time)
    solution = solve(heated(body), tolerance=3e-3, budget=budget)
    assert solution.stopped == "met"
    assert error_of(solution, body) < floor_of(body) < 3e-3
