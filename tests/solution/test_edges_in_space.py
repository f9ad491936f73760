"""Edges of bodies that point inwards are found, and named where a solve fails."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Rational

from pinnsolve import (
    Ball,
    Box,
    Dense,
    Interval,
    Mesh,
    Polygon,
    Problem,
    coordinates,
    laplacian,
    solve,
    unknown,
)
from pinnsolve.geometry.inward import inward_edges

x, y, z, t = coordinates("x y z t")
CORNERS = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]
bent = Polygon((x, y), CORNERS)
pytestmark = pytest.mark.filterwarnings("ignore:the basis leaves:UserWarning")


def prism():
    """The same from facets: two ends of four triangles, and six sides."""
    flat = np.array(CORNERS, dtype=float)
    vertices = np.concatenate([np.column_stack([flat, np.full(6, h)]) for h in (0.0, 1.0)])
    end = np.array([(0, 1, 2), (0, 2, 3), (0, 3, 4), (0, 4, 5)])
    k = np.arange(6)
    n = (k + 1) % 6
    sides = np.concatenate([np.stack([k, n, n + 6], 1), np.stack([k, n + 6, k + 6], 1)])
    return Mesh((vertices, np.concatenate([end[:, ::-1], end + 6, sides])), (x, y, z))


def test_the_one_edge_that_points_inwards_is_found():
    for body in (bent * Interval(z, 0, 1), Interval(z, 0, 1) * bent, prism()):
        (place,) = inward_edges(body)
        held = dict(zip(body.coordinates, place.tolist(), strict=True))
        assert held == pytest.approx({x: 1, y: 1, z: 0.5})
    cube = Box({x: (0, 1), y: (0, 1), z: (0, 1)})
    for body in (cube, Ball({x: 0, y: 0}, 1) * Interval(z, 0, 1)):
        assert not len(inward_edges(body))


def test_a_solve_that_fails_says_so_in_space_and_not_in_time():
    u, w = unknown("u", x, y, z), unknown("w", x, y, t)
    body, moving = prism(), bent * Interval(t, 0, Rational(1, 10))
    poisson = Problem(body, Eq(-laplacian(u), 1), Eq(u, 0) @ body.boundary)
    said = " ".join(solve(poisson, Dense(60)).diagnosis())
    assert "edges of the body point inwards, one of them at x=1, y=1, z=0.5" in said
    heat = Problem(
        moving,
        Eq(w.diff(t), laplacian(w, x, y)),
        Eq(w, 1) @ moving.at(t=0),
        Eq(w, 0) @ bent.boundary,
    )
    said = " ".join(solve(heat, Dense(60)).diagnosis())
    assert "point inwards" not in said
