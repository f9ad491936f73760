"""Rules that draw points: even, reproducible, inside, and what they integrate."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import (
    Ball,
    Box,
    Dense,
    Polygon,
    Problem,
    Rotated,
    Stretched,
    compile_problem,
    coordinates,
    grid,
    sample_region,
    sobol,
    uniform,
    unknown,
)
from pinnsolve.discretize.collocate import _spread

x, y, z, t = coordinates("x y z t")
w = coordinates("w0:5")
square = Box({x: (0, 1), y: (0, 1)})
disk = Ball({x: 0, y: 0}, 1)

arrow = Polygon((x, y), [(0, 0), (2, 1), (0, 2), (1, 1)])  # not convex


def test_uniform_on_the_ball():
    """Second moments of the uniform distribution: E x_i x_j = delta_ij r^2 / (d + 2)."""
    points = sample_region(Ball(dict.fromkeys(w, 0), 2), 16_384, seed=4).x
    moments = points.T @ points / len(points)
    assert np.abs(moments - np.eye(5) * 4 / 7).max() < 0.01


def test_polygon_triangles_cover_evenly():
    points = sample_region(arrow, 20_000, seed=5)
    right = points.x[:, 0] > 1
    assert right.mean() == pytest.approx(0.5, abs=0.01)  # the tip beyond x = 1 has area 1/2


@pytest.mark.parametrize("rule", [sobol, uniform, grid])
def test_rules_are_reproducible_and_inside(rule):
    a, b, c = (sample_region(disk, 300, seed, rule).x for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert rule is grid or not np.array_equal(a[: len(c)], c[: len(a)])
    assert (np.linalg.norm(a, axis=1) < 1).all()


def test_grid_integrates_a_smooth_function():
    points = sample_region(square, 10_000, 0, grid)
    assert len(points.x) == 10_000
    assert (np.cos(points.x[:, 0]) @ points.weights) == pytest.approx(math.sin(1), rel=1e-5)


def test_sobol_beats_uniform():
    exact = math.sin(1)
    errors = [
        abs(np.cos(p.x[:, 0]) @ p.weights - exact)
        for p in (sample_region(square, 4096, 0, r) for r in (sobol, uniform))
    ]
    assert errors[0] < errors[1] / 10


def test_points_are_drawn_once_and_handed_out_as_copies():
    """Who writes into them changes nobody else's; and those of another region of the same shape are
    its own.
    """
    region = disk.boundary
    first = sample_region(region, 200, 9)
    kept = first.x.copy(), first.normals.copy(), first.weights.copy()
    first.x[:], first.normals[:], first.weights[:] = 7.0, 7.0, 7.0
    again = sample_region(region, 200, 9)
    assert all(
        np.array_equal(a, b)
        for a, b in zip(kept, (again.x, again.normals, again.weights), strict=True)
    )
    moved = sample_region(Ball({x: 3, y: 0}, 1).boundary, 200, 9)
    assert np.allclose(moved.x, kept[0] + [3, 0])
    calls = []

    def own(n, dimension, generator):
        calls.append(n)
        return sobol(n, dimension, generator)

    assert all(np.array_equal(sample_region(region, 200, 9, own).x, kept[0]) for _ in range(2))
    assert len(calls) == 2  # a rule of one's own may change its mind


def test_a_side_of_one_point_is_spread_where_a_draw_takes_none():
    """A ridge across the square wants its points; of one point of a side some draws take none."""
    system = compile_problem(Problem(square, Eq(unknown("u", x, y), 0)))
    ridges = Rotated(Stretched(Dense(8), 0.1, at={"x": 0.5}), ((0.6, 0.8),))
    basis = ridges.build({"x": (0, 1), "y": (0, 1)}, seed=0)
    point = sample_region(square.at(x=0), 1, 0)
    for seed in range(8):
        (moved,) = _spread(point, [basis], system, seed).x
        assert moved[0] == 0
