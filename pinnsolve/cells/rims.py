"""Rows near the rims of holes that are small beside their cell.

Poles vary within a radius of the rim, where points that fill the cell are rare: conj(z) z^-k and
z^-(k + 1) are one on the rim, and only the equation beside it tells them apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pinnsolve.compile.system import Residual
from pinnsolve.discretize.points import Points
from pinnsolve.discretize.sobol import sobol
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.holes import inner_radius, round_holes
from pinnsolve.geometry.region import Region
from pinnsolve.jets.indices import order_of


@dataclass(frozen=True)
class NearRims:
    """Where a cell has points beside those that fill it."""

    # Of a cell's shorter side: a hole whose radius is smaller has points of its own
    small: float = 1 / 8
    # Of the number that fill the cell, so many around each hole
    share: float = 1 / 4


NEAR_RIMS = NearRims()


def with_rims(residual: Residual, box: Array, x: Array, seed: int) -> Points:
    """Points `(n, dim)` of an equation in a cell's box `(dim, 2)`, and more around its small holes,
    evenly in the logarithm of the distance from the middle.

    The nearer, the less they count: operators of order m are r^-m times larger on what varies at a
    distance r, as in a cell of that size.
    """
    region = residual.condition.region
    around = [(at, r, _around(at, r, box, len(x), seed)) for at, r in _small_holes(region, box)]
    if not around:
        return Points(x, None, np.ones(len(x)))
    every = np.concatenate([x, *(points for _, _, points in around)])
    every = every[region.contains(every, 0.0)]
    order = max((order_of(slot.index) for slot in residual.slots), default=0)
    factors, half = np.ones(len(every)), float(np.ptp(box, axis=1).min()) / 2
    for at, _, _ in around:
        distance = np.linalg.norm(every - at, axis=1)
        factors *= np.minimum(1.0, distance / half) ** order
    return Points(every, None, np.ones(len(every)), factors)


def _small_holes(region: Region, box: Array) -> Iterator[tuple[Array, float]]:
    """Middles and radii of the round holes of a region that lie inside of a box `(dim, 2)` and are
    small beside it.
    """
    small = NEAR_RIMS.small * float(np.ptp(box, axis=1).min())
    for ball in round_holes(region):
        at = np.array([float(ball.center[c]) for c in region.coordinates])
        radius, apart = inner_radius(ball), float(np.abs(box - at[:, None]).min())
        within = bool(((box[:, 0] < at) & (at < box[:, 1])).all())
        if within and radius < min(small, apart):
            yield at, radius


def _around(at: Array, radius: float, box: Array, n: int, seed: int) -> Array:
    """About so many points `(n, dim)` of a box around a hole in it."""
    generator, count = np.random.default_rng(seed), math.ceil(NEAR_RIMS.share * n)
    reach = float(np.abs(box - at[:, None]).max())
    distance = radius * (reach / radius) ** sobol(count, 1, generator)
    turn = generator.standard_normal((count, len(at)))
    x: Array = at + distance * turn / np.linalg.norm(turn, axis=1, keepdims=True)
    return x[((x > box[:, 0]) & (x < box[:, 1])).all(axis=1)]
