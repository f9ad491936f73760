"""The corners of a region in the plane: the sectors between the ends of smooth parts of its
boundary.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from pinnsolve.geometry.charts import Array, Chart, Mask, cross
from pinnsolve.geometry.gauss import Interval
from pinnsolve.geometry.kept import kept_parts
from pinnsolve.geometry.region import Region, charts_of


@dataclass(frozen=True)
class Looking:
    """How ends are told apart, and how sectors between them are looked at."""

    # Of the region's sides: ends of one point, where filters know it to 1e-7
    same: float = 1e-6
    # Radians between two directions that are one, and from 0, pi and 2 pi, that are no corner
    straight: float = 1e-6
    # Of an end's part, where its bend is taken
    step: float = 1e-4
    # Of the largest, bends that differ by less are alike
    bend: float = 1e-3
    # Points in every sector, on a circle of this radius, in a region whose sides are 1; of the
    # distance to the nearest other point, and of the radius of a bend, so much at most
    probes: int = 9
    radius: float = 1e-4
    apart: float = 0.1


LOOKING = Looking()


@dataclass(frozen=True)
class End:
    """An end of a smooth part of a boundary: from `point` it goes in a `direction` of length one,
    and turns to the left by `bend` radians a length. `owner` is the number of what it is a part of.
    """

    point: tuple[float, float]
    direction: tuple[float, float]
    bend: float
    owner: int = 0


@dataclass(frozen=True)
class Vertex:
    """A corner at `point`: the region fills the sector from angle `start`, counter-clockwise, by
    `opening` (radians), between the ends of one or more parts on the `first` side and on the
    `last`.
    """

    point: tuple[float, float]
    start: float
    opening: float
    first: tuple[End, ...]
    last: tuple[End, ...]

    @property
    def flat(self) -> bool:
        """Whether the boundary goes straight on."""
        return abs(self.opening - math.pi) < LOOKING.straight

    @property
    def straight(self) -> bool:
        """Whether both of its sides are."""
        return self.bends == (0.0, 0.0)

    @property
    def bends(self) -> tuple[float, float]:
        """How its two sides turn to the left, per length."""
        return self.first[0].bend, self.last[0].bend

    @property
    def bends_on(self) -> bool:
        """Whether both sides bend like parts of one curve."""
        one, other = self.bends
        return abs(one + other) <= LOOKING.bend * max(abs(one), abs(other))


def vertices(region: Region) -> list[Vertex]:
    """Corners of a region in the plane, none for other dimensions."""
    if len(region.coordinates) != 2:
        return []
    return [vertex for vertex in sectors(region, ends_of(region.boundary)) if not vertex.flat]


@lru_cache(maxsize=1024)
def ends_of(region: Region) -> tuple[End, ...]:
    """Those of all parts of a boundary in the plane; of none in other dimensions."""
    if len(region.coordinates) != 2:
        return ()
    return tuple(end for chart in charts_of(region) for end in _ends(chart, region))


def _ends(chart: Chart, region: Region) -> Iterator[End]:
    for a, b in smooth_parts(chart, region):
        yield from (_end(chart, a, b), _end(chart, b, a))


def smooth_parts(chart: Chart, region: Region) -> list[Interval]:
    """The intervals of its parameter that a chart of a boundary in the plane keeps; none of another
    chart.
    """
    if len(chart.parameters) != 1 or chart.dimension != 1 or chart.normal is None:
        return []
    parts = kept_parts(chart, region) if chart.filters else [[(0.0, 1.0)]]
    return _joined([part for (part,) in parts])


def _joined(parts: Sequence[Interval]) -> list[Interval]:
    """Intervals in order; of those that go on where another one ends, one."""
    joined = list[Interval]()
    for a, b in parts:
        goes_on = joined and a - joined[-1][1] < LOOKING.same
        joined = [*joined[:-1], (joined[-1][0], b)] if goes_on else [*joined, (a, b)]
    return [(a, b) for a, b in joined if b - a > LOOKING.same]


def _end(chart: Chart, at: float, other: float) -> End:
    s = at + (other - at) * np.array([[0.0], [LOOKING.step]])
    x, normals = chart.points(s)
    assert normals is not None
    along = np.stack([-normals[:, 1], normals[:, 0]], axis=1)
    forward = x[1] - x[0]
    along = along * np.sign(along @ forward)[:, None]
    # Facets bend at their ends alone, which says nothing
    turned = _turned(along[0], along[1]) if chart.formulas else 0.0
    bend = turned / float(np.linalg.norm(forward))
    size = max(1e-12, 1e-9 * abs(turned) / LOOKING.step)
    bend = bend if abs(turned) > size else 0.0
    return End((float(x[0, 0]), float(x[0, 1])), (float(along[0, 0]), float(along[0, 1])), bend)


def sectors(region: Region, ends: Sequence[End]) -> list[Vertex]:
    """The sectors between ends, at points where there is exactly one, and they are all of what
    bounds the region there.
    """
    if not ends:
        return []
    units = region.extent
    points, arms = _by_point(ends, units)
    probes, each = [], []
    for k, (point, around) in enumerate(zip(points, arms, strict=True)):
        if len(around) < 2:
            continue
        angles = [_angle(np.array(arm[0].direction) / units) for arm in around]
        order = np.argsort(angles)
        radius = _radius(points, k, around, units)
        for i, j in zip(order, np.roll(order, -1), strict=True):
            opening = (angles[j] - angles[i]) % (2 * math.pi)
            across = angles[i] + opening * np.linspace(0, 1, LOOKING.probes + 2)[1:-1]
            circle = np.stack([np.cos(across), np.sin(across)], axis=1)
            probes.append(point + radius * units * circle)
            each.append((k, i, j))
    if not each:
        return []
    inside = region.signed_distance(np.concatenate(probes), units).reshape(len(each), -1) < 0
    return list(_filled(points, arms, each, inside))


def _filled(
    points: Sequence[Array],
    arms: Sequence[Sequence[tuple[End, ...]]],
    each: Sequence[tuple[int, int, int]],
    inside: Mask,
) -> Iterator[Vertex]:
    """The sectors of points where one is filled, and all others are empty."""
    held: dict[int, list[tuple[int, int]]] = {}
    unclear = set[int]()
    for (k, i, j), mask in zip(each, inside, strict=True):
        if mask.all():
            held.setdefault(k, []).append((i, j))
        elif mask.any():
            unclear.add(k)
    for k, pairs in held.items():
        if k not in unclear and len(pairs) == 1:
            ((i, j),) = pairs
            first, last = arms[k][i], arms[k][j]
            start = _angle(np.array(first[0].direction))
            opening = (_angle(np.array(last[0].direction)) - start) % (2 * math.pi)
            if min(opening, 2 * math.pi - opening) > LOOKING.straight:
                at = _crossing(points[k], first[0], last[0])
                yield Vertex((float(at[0]), float(at[1])), start, opening, first, last)


def _by_point(ends: Sequence[End], units: Array) -> tuple[list[Array], list[list[tuple[End, ...]]]]:
    """The points at which ends meet, and at each the ends by direction."""
    places = np.array([end.point for end in ends]).reshape(-1, 2) / units
    points, arms, left = list[Array](), list[list[tuple[End, ...]]](), np.ones(len(ends), bool)
    for k in range(len(ends)):
        if left[k]:
            here = left & (np.abs(places - places[k]).max(axis=1) < LOOKING.same)
            left &= ~here
            points.append(np.array(ends[k].point))
            arms.append(_by_direction([ends[i] for i in np.flatnonzero(here).tolist()]))
    return points, arms


def _by_direction(ends: Sequence[End]) -> list[tuple[End, ...]]:
    arms: list[list[End]] = []
    for end in ends:
        for arm in arms:
            if math.dist(arm[0].direction, end.direction) < LOOKING.straight:
                arm.append(end)
                break
        else:
            arms.append([end])
    return [tuple(arm) for arm in arms]


def _radius(
    points: Sequence[Array], k: int, around: Sequence[Sequence[End]], units: Array
) -> float:
    """Of the circle on which a point's sectors are looked at, in a region whose sides are 1."""
    distances = np.linalg.norm((np.array(points) - points[k]) / units, axis=1)
    nearest = float(np.delete(distances, k).min(initial=math.inf))
    bend = max(abs(arm[0].bend) for arm in around) * float(units.max())
    return min(LOOKING.radius, LOOKING.apart * nearest, LOOKING.apart / max(bend, 1e-9))


def _crossing(point: Array, first: End, last: End) -> Array:
    """Where the tangents of two ends meet: filters know a point to 1e-7, a corner is then known to
    the square of it.
    """
    one, other = np.array(first.direction), np.array(last.direction)
    area = _turned(one, other)
    if abs(area) < LOOKING.bend:
        return point
    apart = np.array(last.point) - np.array(first.point)
    return np.array(first.point) + one * _turned(apart, other) / area


def _turned(one: Array, other: Array) -> float:
    """The area that two vectors `(2,)` span, positive counter-clockwise."""
    return float(cross(one[None], other[None])[0])


def _angle(direction: Array) -> float:
    return math.atan2(direction[1], direction[0])


def owned(ends: Sequence[End], owner: int) -> tuple[End, ...]:
    """The same ends, as parts of that number."""
    return tuple(replace(end, owner=owner) for end in ends)
