"""What the tests of files share: a small problem, data in a cloud, and the way through nodes and JSON."""

from __future__ import annotations

import json

import numpy as np
from sympy import Eq, exp, sin

from pinnsolve import (
    Box,
    Data,
    Dense,
    PointCloud,
    Problem,
    Waves,
    coordinates,
    laplacian,
    manufactured,
    unknown,
)
from pinnsolve.solution.nodes import packed, unpacked

x, y, t = coordinates("x y t")
u, v = unknown("u", x, y), unknown("v", t, x, y)
square = Box({x: (0, 1), y: (0, 1)})
poisson = manufactured(
    square, -laplacian(u) + u, u @ square.boundary, exact={u: exp(x) * sin(2 * y)}
)
few = Dense(30, activation="sin", initialize=Waves(3))
points = np.random.default_rng(5).random((20, 2))


def again(value):
    """An object through nodes and JSON."""
    nodes, arrays = packed(value)
    return unpacked(json.loads(json.dumps(nodes)), arrays, lambda: ["x", "y"])


xs = np.linspace(0.1, 0.9, 7)


def cloud_problem(values, places=xs):
    cloud = PointCloud({x: places, y: places**2})
    return Problem(square, Eq(laplacian(u), 0), Eq(u, Data(values)) @ cloud)
