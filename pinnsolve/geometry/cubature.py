"""Nodes and weights for integrals over solids that are cut out of others.

Coordinate by coordinate: between the places where boundaries turn or meet, an integral over the
other coordinates is a smooth function of one, but for roots at the ends, where a line enters a
disk. With x = (1 - cos(pi z)) / 2 it is smooth in z, and Gauss's rule converges geometrically. All
weights are positive, and all nodes lie inside. Boundaries are zeros of quadratic polynomials
(`levels`), or, in the plane, arcs that are followed by their charts (`arcs`); in space other bodies
are seen from their middle (`rays`), or cut into cells (`graphs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, singledispatch
from itertools import pairwise

import numpy as np

from pinnsolve.geometry.arcs import Rising, arcs_of
from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.combine import Product
from pinnsolve.geometry.gauss import waves_over
from pinnsolve.geometry.graphs import rule_by_graphs
from pinnsolve.geometry.levels import (
    Level,
    known_levels,
    levels_of,
    shadows,
    turns,
    zeros,
)
from pinnsolve.geometry.lines import has_facets, rule_by_lines
from pinnsolve.geometry.rays import middle_of, rule_by_rays
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.smooth import smooth_functions


@dataclass(frozen=True)
class Strips:
    """How many nodes there are along a coordinate, and what is no strip."""

    # In every strip, and more for its share of the whole length: by the number of coordinates
    least: tuple[int, ...] = (16, 14, 10)
    whole: tuple[int, ...] = (48, 28, 12)
    # The first two of strips between arcs, whose ends take more of them; areas under arcs, of the
    # bounding box, that are no difference; and how often a strip is halved until there is none
    least_by_arcs: int = 20
    whole_by_arcs: int = 40
    even: float = 1e-12
    halvings: int = 9
    # Of the length: places that are nearer are one
    apart: float = 1e-9
    # To which the rule and a finer one agree on the volume and some waves. What is left below it is
    # seen where a solution is judged, with other nodes
    agree: float = 1e-6
    # The same of bodies with facets, which are no nearer to smooth ones themselves
    agree_of_facets: float = 3e-4
    # How many times as many nodes others have, one after the other
    others: tuple[float, ...] = (1.4, 2.0, 2.8)
    # Coordinates at most
    most: int = 3


STRIPS = Strips()


@singledispatch
def own_nodes(region: Region, finer: float) -> tuple[Array, Array] | None:
    """The rule of a region that knows one: nodes `(n, dim)` and weights `(n,)`."""
    return None


@own_nodes.register
def _(region: Product, finer: float) -> tuple[Array, Array] | None:
    """Of factors whose boundaries are no levels, the factors'."""
    if known_levels(region) is not None:
        return None
    (x, of_x), (y, of_y) = (cubature(factor, finer) for factor in (region.a, region.b))
    pairs = np.repeat(x, len(y), axis=0), np.tile(y, (len(x), 1))
    return np.concatenate(pairs, axis=1), np.outer(of_x, of_y).ravel()


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
    return rule if finer != 1.0 else _agreeing(region, rule)


def _agreeing(region: Region, rule: tuple[Array, Array]) -> tuple[Array, Array]:
    """The first of finer and finer rules that agrees with the next one."""
    enough = STRIPS.agree_of_facets if has_facets(region) else STRIPS.agree
    for finer in STRIPS.others:
        another = cubature(region, finer)
        one, other = (
            waves_over((x - region.bounds[:, 0]) / region.extent, w) for x, w in (rule, another)
        )
        apart = float(np.abs(one - other).max() / max(abs(other[0]), 1e-300))
        if apart <= enough:
            return rule
        rule = another
    raise ValueError(
        f"no accurate rule is known for integrals over {region}: two of them differ by"
        f" {apart:.0e}; integrate over its parts, boxes, balls and polygons, one by one"
    )


def _rule(region: Region, finer: float) -> tuple[Array, Array]:
    bounds, dim = region.bounds, len(region.coordinates)
    low, side = bounds[:, 0], region.extent
    counts = _Counts(finer * STRIPS.least[dim - 1], finer * STRIPS.whole[dim - 1])
    if has_facets(region):
        return rule_by_lines(region, finer)
    leveled = known_levels(region) is not None or dim == 1
    if not leveled and dim == STRIPS.most:
        # Of bodies that have edges, or are cut out of each other, rays see edges
        alone = len(smooth_functions(region)) == 1 and middle_of(region) is not None
        return rule_by_rays(region, finer) if alone else rule_by_graphs(region, finer)
    lines = list(_between_levels(region, counts) if leveled else _between_arcs(region, finer))
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
        z, slope = _rooted(z)
        return a + (b - a) * z, (b - a) * slope * w

    def flat(self, a: float, b: float) -> tuple[Array, Array]:
        """The same for what has fourth roots there: where a boundary is flat as it turns."""
        z, w = _gauss(round(self.least + self.whole * (b - a)))
        y, of_y = _rooted(z)
        x, of_x = _rooted(y)
        return a + (b - a) * x, (b - a) * of_x * of_y * w


def _rooted(z: Array) -> tuple[Array, Array]:
    """x = (1 - cos(pi z)) / 2 and its slope, each `(n,)`."""
    return np.sin(np.pi * z / 2) ** 2, np.pi / 2 * np.sin(np.pi * z)


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


def _between_arcs(region: Region, finer: float) -> Iterator[_Line]:
    """Lines through a region of the plane, between the places where its boundary turns, has a
    corner or a knot.
    """
    counts = _Counts(finer * STRIPS.least_by_arcs, finer * STRIPS.whole_by_arcs)
    arcs, strips = _strips(region)
    x, weights = (
        np.concatenate(each) for each in zip(*(counts.flat(*ends) for ends in strips), strict=True)
    )
    met: list[list[float]] = [[] for _ in x]
    for arc in arcs:
        rows = np.flatnonzero((arc.low < x) & (x < arc.high))
        for row, last in zip(rows.tolist(), arc.across(x[rows]).tolist(), strict=True):
            met[row].append(last)
    for place, weight, ends in zip(x.tolist(), weights.tolist(), met, strict=True):
        yield _Line((place,), weight, _places(ends))


@lru_cache(maxsize=32)
def _strips(region: Region) -> tuple[list[Rising], list[tuple[float, float]]]:
    arcs = arcs_of(region)
    places = _places(end for arc in arcs for end in (arc.low, arc.high))
    return arcs, [
        strip for ends in pairwise(places) for strip in _even(arcs, *ends, STRIPS.halvings)
    ]


def _even(
    arcs: Sequence[Rising], a: float, b: float, halvings: int
) -> Iterator[tuple[float, float]]:
    """A strip, or its halves, if a rule and a finer one do not agree on the areas under its arcs:
    where a boundary nearly turns, or turns sharply.
    """
    own = [arc for arc in arcs if arc.low < (a + b) / 2 < arc.high]
    rules = [
        _Counts(finer * STRIPS.least_by_arcs, 0.0).flat(a, b) for finer in (1, STRIPS.others[0])
    ]
    areas = [np.array([w @ arc.across(x) for arc in own]) for x, w in rules]
    if halvings and np.abs(areas[0] - areas[1]).max(initial=0.0) > STRIPS.even:
        for ends in pairwise((a, (a + b) / 2, b)):
            yield from _even(arcs, *ends, halvings - 1)
    else:
        yield a, b


def _between_levels(region: Region, counts: _Counts) -> Iterator[_Line]:
    """The same where boundaries are levels, in up to three coordinates."""
    levels = [[level.within(region.bounds) for level in levels_of(region)]]
    while len(levels) < len(region.coordinates) - 1:
        levels.append(shadows(levels[-1]))
    if len(region.coordinates) == 1:
        yield _Line((), 1.0, _ends(levels[0]))
    else:
        yield from _lines(levels[::-1], counts)


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
