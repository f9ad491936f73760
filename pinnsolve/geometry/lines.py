"""Integrals over bodies along lines: from each place of the boundary that faces upwards, down to
where the line leaves the body.

All nodes lie inside, and all weights are positive. It needs no more than a rule on the boundary,
and is as exact as that one, but where the boundary's shadow ends or one part's shadow falls onto
another's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatch
from typing import Any

import numpy as np

from pinnsolve.geometry.bisection import bisected
from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.combine import Difference, Intersection, Union
from pinnsolve.geometry.levels import combined, known_levels
from pinnsolve.geometry.looks import Numbers
from pinnsolve.geometry.on_charts import rule_on_charts
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.smooth import Function, smooth_functions


@dataclass(frozen=True)
class Lines:
    """How many nodes a line has, and how it is looked along."""

    # At least, and more by its length, of the body's height
    least: int = 3
    whole: float = 12.0
    # Places along the height: of two zeros between neighbours none is seen
    asked: int = 65
    # From one of these intervals to round-off
    halvings: int = 46
    # Of the height: zeros that are nearer are one
    apart: float = 1e-9


LINES = Lines()


@singledispatch
def crossed_below(solid: Region, top: Array, height: float) -> tuple[Numbers, Array]:
    """Where lines downwards from places `(n, dim)` cross the boundary of a solid, down to some
    depth: pairs of a place's row and a depth, `(p,)` each.
    """
    found = [_zeros(function, top, height) for function in smooth_functions(solid)]
    rows, depths = zip(*found, strict=True)
    return np.concatenate(rows), np.concatenate(depths)


def _zeros(function: Function, top: Array, height: float) -> tuple[Numbers, Array]:
    grid = np.linspace(0, height, LINES.asked)
    below = np.stack([function(_lowered(top, depth)) < 0 for depth in grid], axis=1)
    rows, k = np.nonzero(below[:, 1:] != below[:, :-1])
    begins = below[rows, k]
    _, depths = bisected(
        lambda d: (function(_lowered(top[rows], d)) < 0) == begins,
        grid[k],
        grid[k + 1],
        LINES.halvings,
    )
    return rows, depths


def _lowered(top: Array, depth: Array | float) -> Array:
    return _moved(top, top[:, -1] - depth)


def _moved(x: Array, place: Array | float) -> Array:
    """With another last coordinate."""
    x = x.copy()
    x[:, -1] = place
    return x


@singledispatch
def faceted(region: Any) -> Any:
    """The same, with the normals of facets where it has them smooth: those that tell areas of
    shadows.
    """
    return region


@faceted.register(Union)
@faceted.register(Intersection)
@faceted.register(Difference)
def _(region: Union | Intersection | Difference) -> Any:
    return replace(region, a=faceted(region.a), b=faceted(region.b))


@dataclass(frozen=True)
class Shadow:
    """The least value of a function on the line along the last coordinate through a place: zero
    where the shadow of its zeros ends.
    """

    function: Function
    bounds: Array

    def __call__(self, x: Array) -> Array:
        """At points `(n, dim)`: `(n,)`, by a parabola through the least of some places."""
        low, high = self.bounds[-1]
        grid = np.linspace(low, high, LINES.asked)
        values = np.stack([self.function(_moved(x, place)) for place in grid], axis=1)
        k = np.clip(values.argmin(axis=1), 1, len(grid) - 2)
        before, there, after = (values[np.arange(len(x)), k + step] for step in (-1, 0, 1))
        bent = before - 2 * there + after
        step = (before - after) / np.where(bent > 0, 2 * bent, np.inf)
        place = grid[k] + np.clip(step, -1, 1) * (grid[1] - grid[0])
        return np.asarray(np.minimum(self.function(_moved(x, place)), values.min(axis=1)))


def rule_by_lines(region: Region, finer: float) -> tuple[Array, Array]:
    """Nodes `(n, dim)` and weights `(n,)` over a body, by a rule on its boundary. Raises ValueError
    for one without a volume.
    """
    solids = [solid for solid in combined(region) if not has_facets(solid)]
    shadows = [Shadow(f, region.bounds) for solid in solids for f in smooth_functions(solid)]
    boundary = rule_on_charts(faceted(region).boundary, finer, shadows)
    assert boundary.normals is not None, "a boundary has normals"
    up = boundary.normals[:, -1]
    upper = np.flatnonzero(up > 0)
    top = boundary.x[upper]
    height = float(region.extent[-1])
    length = _lengths(region, top, height)
    if not length.any():
        raise ValueError(f"{region} has zero measure: no point was found in it")
    return along_lines(top, length, boundary.weights[upper] * up[upper], height, finer)


def has_facets(region: Region) -> bool:
    """Whether a part of a region's boundary lies on facets, which have no levels."""
    return any(known_levels(solid) == [] for solid in combined(region))


def _lengths(region: Region, top: Array, height: float) -> Array:
    """How far below each place `(n, dim)` the line leaves the body, `(n,)`."""
    count = len(top)
    found = [crossed_below(solid, top, height) for solid in combined(region)]
    ends = [np.arange(count), np.arange(count)]
    rows = np.concatenate([*ends, *(own for own, _ in found)])
    depths = np.concatenate([np.zeros(count), np.full(count, height), *(own for _, own in found)])
    order = np.lexsort((depths, rows))
    rows, depths = rows[order], depths[order]
    begin = np.flatnonzero((np.diff(rows) == 0) & (np.diff(depths) > LINES.apart * height))
    middle = (depths[begin] + depths[begin + 1]) / 2
    outside = begin[region.signs(_lowered(top[rows[begin]], middle)) > 0]
    lengths = np.full(count, height)
    # The first of them, since the last that is written stays
    lengths[rows[outside][::-1]] = depths[outside][::-1]
    return lengths


def along_lines(
    top: Array, length: Array, weight: Array, height: float, finer: float
) -> tuple[Array, Array]:
    """Gauss's rule along lines of lengths `(n,)` downwards from places `(n, dim)`, with nodes by
    their lengths.
    """
    many = np.rint(finer * (LINES.least + LINES.whole * length / height)).astype(np.int64)
    found = [
        _along(top[own], length[own], weight[own], max(number, 1))
        for number in np.unique(many).tolist()
        for own in [np.flatnonzero((many == number) & (length > 0))]
    ]
    return np.concatenate([x for x, _ in found]), np.concatenate([w for _, w in found])


def _along(top: Array, length: Array, weight: Array, number: int) -> tuple[Array, Array]:
    z, w = np.polynomial.legendre.leggauss(number)
    x = np.repeat(top[:, None], number, axis=1)
    x[:, :, -1] -= length[:, None] * (1 + z) / 2
    return x.reshape(-1, top.shape[1]), ((weight * length)[:, None] * w / 2).ravel()
