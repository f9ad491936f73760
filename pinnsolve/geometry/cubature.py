"""Nodes and weights for integrals over solids that are cut out of others.

Coordinate by coordinate: between the places where boundaries turn or meet, an integral over the
other coordinates is a smooth function of one, but for roots at the ends, where a line enters a
disk. With x = (1 - cos(pi z)) / 2 it is smooth in z, and Gauss's rule converges geometrically. All
weights are positive, and all nodes lie inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, singledispatch
from itertools import pairwise

import numpy as np

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.gauss import waves_over
from pinnsolve.geometry.levels import Level, levels_of, shadows, turns, zeros
from pinnsolve.geometry.region import Region


@dataclass(frozen=True)
class Strips:
    """How many nodes there are along a coordinate, and what is no strip."""

    # In every strip, and more for its share of the whole length: by the number of coordinates
    least: tuple[int, ...] = (16, 14, 10)
    whole: tuple[int, ...] = (48, 28, 12)
    # Of the length: places that are nearer are one
    apart: float = 1e-9
    # To which the rule and a finer one agree on the volume and some waves. What is left below it is
    # seen where a solution is judged, with other nodes
    agree: float = 1e-6
    # What that one has more nodes by
    other: float = 1.4
    # Coordinates at most
    most: int = 3


STRIPS = Strips()


@singledispatch
def own_nodes(region: Region, finer: float) -> tuple[Array, Array] | None:
    """The rule of a region that knows one: nodes `(n, dim)` and weights `(n,)`."""
    return None


@lru_cache(maxsize=32)
def cubature(region: Region, finer: float = 1.0) -> tuple[Array, Array]:
    """Nodes `(n, dim)` and weights `(n,)` of integrals over a solid region, with `finer` times as
    many along each coordinate.

    Raises ValueError for more than three coordinates, and where two rules do not agree: where
    boundaries of unlike curvature meet, a ball and a cylinder, for instance.
    """
    dim = len(region.coordinates)
    if dim > STRIPS.most:
        raise ValueError(
            f"an integral over {region} has {dim} variables, and takes too many nodes: at most"
            f" {STRIPS.most} are known"
        )
    own = own_nodes(region, finer)
    if own is not None:
        return own
    rule = _rule(region, finer)
    if finer == 1.0:
        _require_agreement(region, rule, cubature(region, STRIPS.other))
    return rule


def _require_agreement(
    region: Region, rule: tuple[Array, Array], another: tuple[Array, Array]
) -> None:
    one, other = (
        waves_over((x - region.bounds[:, 0]) / region.extent, w) for x, w in (rule, another)
    )
    apart = float(np.abs(one - other).max() / max(abs(other[0]), 1e-300))
    if apart > STRIPS.agree:
        raise ValueError(
            f"no accurate rule is known for integrals over {region}: two of them differ by"
            f" {apart:.0e}; integrate over its parts, boxes, balls and polygons, one by one"
        )


def _rule(region: Region, finer: float) -> tuple[Array, Array]:
    bounds, dim = region.bounds, len(region.coordinates)
    low, side = bounds[:, 0], region.extent
    counts = _Counts(finer * STRIPS.least[dim - 1], finer * STRIPS.whole[dim - 1])
    levels = [[level.within(bounds) for level in levels_of(region)]]
    while len(levels) < dim - 1:
        levels.append(shadows(levels[-1]))
    lines = list(_lines(levels[::-1], counts)) if dim > 1 else [_Line((), 1.0, _ends(levels[0]))]
    prefixes = [(line, a, b) for line in lines for a, b in pairwise(line.places)]
    middles = np.array([(*line.at, (a + b) / 2) for line, a, b in prefixes])
    inside = region.signed_distance(low + side * middles, side) < 0
    nodes, weights = [], []
    for (line, a, b), kept in zip(prefixes, inside, strict=True):
        if kept:
            z, w = counts.plain(a, b)
            nodes += [(*line.at, t) for t in z.tolist()]
            weights.append(line.weight * w)
    if not nodes:
        raise ValueError(f"{region} has zero measure: no point was found in it")
    return low + side * np.array(nodes), float(side.prod()) * np.concatenate(weights)


@dataclass(frozen=True)
class _Counts:
    least: float
    whole: float

    def plain(self, a: float, b: float) -> tuple[Array, Array]:
        """Gauss's nodes and weights on an interval."""
        z, w = _gauss(round(self.least + self.whole * (b - a)))
        return a + (b - a) * z, (b - a) * w

    def rooted(self, a: float, b: float) -> tuple[Array, Array]:
        """The same for what has roots at the ends."""
        z, w = _gauss(round(self.least + self.whole * (b - a)))
        slope = np.pi / 2 * np.sin(np.pi * z)
        return a + (b - a) * np.sin(np.pi * z / 2) ** 2, (b - a) * slope * w


@lru_cache(maxsize=128)
def _gauss(count: int) -> tuple[Array, Array]:
    z, w = np.polynomial.legendre.leggauss(count)
    return (1 + z) / 2, w / 2


@dataclass(frozen=True)
class _Line:
    """Along the last coordinate, `at` the others: its weight, and the places where it may enter
    or leave the region.
    """

    at: tuple[float, ...]
    weight: float
    places: list[float]


def _lines(
    levels: list[list[Level]], counts: _Counts, at: tuple[float, ...] = (), weight: float = 1.0
) -> Iterator[_Line]:
    """Lines through a region: `levels` are those of the first two coordinates, and then of one more
    each.
    """
    first = levels[0]
    for a, b in pairwise(_places(turns(first))):
        for x, w in zip(*counts.rooted(a, b), strict=True):
            there = (*at, float(x))
            inner = [[level.at(float(x)) for level in each] for each in levels]
            if len(inner) == 1:
                yield _Line(there, weight * float(w), _ends(inner[0]))
            else:
                yield from _lines(inner[1:], counts, there, weight * float(w))


def _ends(levels: Iterable[Level]) -> list[float]:
    return _places(zeros(levels))


def _places(found: Iterable[float]) -> list[float]:
    """Places in order from 0 to 1, none of them twice."""
    kept = [0.0]
    for place in sorted(p for p in found if STRIPS.apart < p < 1 - STRIPS.apart):
        if place - kept[-1] > STRIPS.apart:
            kept.append(place)
    return [*kept, 1.0]
