"""Boundaries of plane regions as arcs along which the first coordinate rises or falls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise

import numpy as np

from pinnsolve.geometry.bisection import bisected, sign_change
from pinnsolve.geometry.charts import CLOSE, Array, Chart
from pinnsolve.geometry.gauss import whole
from pinnsolve.geometry.kept import kept_parts
from pinnsolve.geometry.region import Region


@dataclass(frozen=True)
class Following:
    """How arcs are looked for."""

    # Along a chart: between two of them it turns once at most
    points: int = 1025
    # Radians between neighbours, beyond which a corner is looked for, and what is one
    turning: float = 0.05
    corner: float = 1e-3
    # Halvings of a part of the parameter, from 1 to round-off
    halvings: int = 54


FOLLOWING = Following()


@dataclass(frozen=True)
class Rising:
    """A part of a chart of one parameter, from `a` to `b`, along which the first coordinate rises;
    `b` may be less than `a`. Coordinates run from 0 to 1 in a box that begins at `origin (2,)`,
    with sides `(2,)`.
    """

    chart: Chart
    a: float
    b: float
    origin: Array
    sides: Array

    @cached_property
    def low(self) -> float:
        """The first coordinate where the arc begins."""
        return float(self.at(np.array([self.a]))[0, 0])

    @cached_property
    def high(self) -> float:
        """And where it ends."""
        return float(self.at(np.array([self.b]))[0, 0])

    def at(self, s: Array) -> Array:
        """Points `(n, 2)` at parameters `(n,)`."""
        x: Array = (self.chart.points(s[:, None])[0] - self.origin) / self.sides
        return x

    def across(self, x: Array) -> Array:
        """The last coordinate `(n,)` where the first is `x (n,)`, by halving."""
        ends = np.full(len(x), self.a), np.full(len(x), self.b)
        _, b = bisected(lambda s: self.at(s)[:, 0] < x, *ends, FOLLOWING.halvings)
        last: Array = self.at(b)[:, 1]
        return last


def arcs_of(region: Region) -> list[Rising]:
    """Those of a solid of two coordinates, in its bounding box, but for sides that are straight
    across the first.
    """
    box = region.bounds[:, 0], region.extent
    pairs = [
        (Rising(chart, a, b, *box), Rising(chart, b, a, *box))
        for chart in region.boundary.charts()
        for (part,) in (kept_parts(chart, region) if chart.filters else [whole(chart)])
        for a, b in pairwise(_turns(chart, *part))
    ]
    return [arc for pair in pairs for arc in pair if arc.high - arc.low > CLOSE]


def _turns(chart: Chart, a: float, b: float) -> list[float]:
    """The ends of a part of a chart, where it turns or has a corner between them, and where
    formulas of a spline have their knots: in order.
    """
    knots = (s for s in _knots(chart) if a < s < b)
    return sorted({a, b, *_turning(chart, a, b), *_corners(chart, a, b), *knots})


def _knots(chart: Chart) -> list[float]:
    """A map of numbers alone is smooth where its pieces meet: the level that it is on."""
    return [] if chart.pieces is None or not chart.formulas else chart.pieces[1:, 0, 0].tolist()


def _turning(chart: Chart, a: float, b: float) -> Iterator[float]:
    """Where the normal has no last component: it changes its sign."""
    grid = np.linspace(a, b, FOLLOWING.points)
    up = _normals(chart, grid)[:, 1] > 0
    for k in np.flatnonzero(up[1:] != up[:-1]).tolist():
        yield sign_change(partial(_up, chart), *grid[k : k + 2].tolist())


def _up(chart: Chart, s: float) -> float:
    return 1.0 if _normals(chart, np.array([s]))[0, 1] > 0 else -1.0


def _corners(chart: Chart, a: float, b: float) -> Iterator[float]:
    """Where the normal jumps: in that half which turns more, again and again."""
    grid = np.linspace(a, b, FOLLOWING.points)
    for k in np.flatnonzero(_turned(chart, grid) > FOLLOWING.turning).tolist():
        low, high = grid[k : k + 2].tolist()
        while low < (middle := (low + high) / 2) < high:
            first, second = _turned(chart, np.array([low, middle, high]))
            low, high = (low, middle) if first > second else (middle, high)
        if _turned(chart, np.array([low, high]))[0] > FOLLOWING.corner:
            yield high


def _turned(chart: Chart, s: Array) -> Array:
    """By how much the normal changes from each parameter `(n,)` to the next: `(n - 1,)`."""
    turned: Array = np.linalg.norm(np.diff(_normals(chart, s), axis=0), axis=1)
    return turned


def _normals(chart: Chart, s: Array) -> Array:
    normals = chart.points(s[:, None])[1]
    assert normals is not None, "a boundary has normals"
    return normals
