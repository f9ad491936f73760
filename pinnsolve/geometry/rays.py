"""Nodes and weights over bodies in space all of whose boundary is seen from their middle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pinnsolve.geometry.bisection import bisected
from pinnsolve.geometry.charts import Array, Mask
from pinnsolve.geometry.region import Region


@dataclass(frozen=True)
class Rays:
    """How a body is looked at."""

    # By heights, and twice as many around: a soft cube to 2e-12
    heights: int = 32
    # Along each
    along: int = 12
    # Places along each side of its bounding box, of which those inside have to be seen: a part that
    # is smaller may be overlooked, as where levels are marched
    grid: int = 40
    # Between two places, where it is asked whether they see each other
    asked: int = 16
    # From 2 to round-off
    halvings: int = 54


RAYS = Rays()


def rule_by_rays(region: Region, finer: float) -> tuple[Array, Array]:
    """Nodes `(n, 3)` and weights `(n,)` over a body: Gauss's rule in the height on a ball, steps
    around it, and Gauss's rule along each ray, which ends where the distance changes its sign.

    Volumes are measured in the bounding box: r^2 dr d(height) d(angle). Rays that enter a body
    twice are not noticed: see `middle_of`.
    """
    middle = middle_of(region)
    assert middle is not None, "all of it is seen"
    directions, weights = _sphere(round(finer * RAYS.heights))
    steps = directions * region.extent
    ends = _ends(region, middle, steps)
    r, along = np.polynomial.legendre.leggauss(round(finer * RAYS.along))
    r, along = (1 + r) / 2, along / 2
    x = middle + (ends[:, None] * r)[..., None] * steps[:, None]
    each = np.outer(weights * ends**3, along * r**2) * region.extent.prod()
    return x.reshape(-1, 3), each.ravel()


@lru_cache(maxsize=32)
def middle_of(region: Region) -> Array | None:
    """The mean `(3,)` of a grid's places inside, if it sees all of these. Raises ValueError, if
    there are none.
    """
    low, side = region.bounds[:, 0], region.extent
    line = (np.arange(RAYS.grid) + 0.5) / RAYS.grid
    grid = low + side * np.stack(np.meshgrid(line, line, line), axis=-1).reshape(-1, 3)
    inside = grid[_is_inside(region, grid)]
    if not len(inside):
        raise ValueError(f"{region} has zero measure: no point was found in it")
    middle: Array = inside.mean(axis=0)
    shares = np.linspace(0, 1, RAYS.asked, endpoint=False).tolist()
    seen = all(_is_inside(region, middle + share * (inside - middle)).all() for share in shares)
    return middle if seen else None


def _is_inside(region: Region, x: Array) -> Mask:
    inside: Mask = region.signed_distance(x, region.extent) < 0
    return inside


def _sphere(heights: int) -> tuple[Array, Array]:
    """Directions `(n, 3)` and weights `(n,)`, which add up to 4 pi."""
    z, of_z = np.polynomial.legendre.leggauss(heights)
    angle = np.pi * (np.arange(2 * heights) + 0.5) / heights
    across, z, of_z = (np.repeat(v, len(angle)) for v in (np.sqrt(1 - z**2), z, of_z))
    angle = np.tile(angle, heights)
    return np.stack([across * np.cos(angle), across * np.sin(angle), z], 1), of_z * np.pi / heights


def _ends(region: Region, middle: Array, steps: Array) -> Array:
    """How far the boundary is along each of some steps `(n, 3)`: `(n,)`."""

    def within(half: Array) -> Mask:
        return _is_inside(region, middle + half[:, None] * steps)

    ends = np.zeros(len(steps)), np.full(len(steps), 2.0)
    return bisected(within, *ends, RAYS.halvings)[1]
