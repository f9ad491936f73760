"""The corners of a plane region, found from its straight edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pinnsolve.geometry.charts import CLOSE, Array, Chart, Mask
from pinnsolve.geometry.region import Region


@dataclass(frozen=True)
class CornerSearch:
    """How the sector at a corner is looked for."""

    # Of the circles, in a region whose sides are 1; and of the distance to the nearest other end of
    # an edge, where that is less: the far side of a thin slot is no side of the corner.
    radius: float = 1e-4
    apart: float = 0.1
    # Of the first look; edges are then found by bisection.
    directions: int = 720
    # Radians from pi (or 0, or 2 pi) that are no corner.
    flat: float = 1e-6


CORNER_SEARCH = CornerSearch()


@dataclass(frozen=True)
class Vertex:
    """A corner at `point`: the region fills the sector from angle `start`, counter-clockwise, by
    `opening` (radians).
    """

    point: tuple[float, float]
    start: float
    opening: float


def vertices(region: Region) -> list[Vertex]:
    """Corners between straight edges of a region in the plane, none for other dimensions.

    Candidates are the ends and crossings of straight boundary charts; at each, a small circle must
    be inside the region on one arc only.
    """
    if len(region.coordinates) != 2:
        return []
    segments = [
        segment for chart in region.boundary_charts() if (segment := _segment(chart)) is not None
    ]
    ends = [p for segment in segments for p in segment]
    crossings = [p for a, b in combinations(segments, 2) for p in _crossing(a, b)]
    candidates = np.array([*ends, *crossings]).reshape(-1, 2)
    corners: list[Vertex] = []
    for p in candidates:
        if all((np.abs(p - v.point) > CLOSE * region.extent).any() for v in corners):
            corners += _sector(region, p, _radius(candidates, p, region.extent))
    return corners


def _radius(candidates: Array, point: Array, sides: Array) -> float:
    """Of the circle around one of the candidates `(n, 2)`, in a region whose sides are 1."""
    distances = np.linalg.norm((candidates - point) / sides, axis=1)
    others = distances[distances > 2 * CLOSE]
    nearest = float(others.min(initial=np.inf))
    return min(CORNER_SEARCH.radius, CORNER_SEARCH.apart * nearest)


def _segment(chart: Chart) -> Array | None:
    """The ends `(2, 2)` of a straight chart: one whose points at even steps are evenly apart."""
    x = chart.points(np.linspace(0.0, 1.0, 9)[:, None])[0]
    bent = np.abs(np.diff(x, 2, axis=0)).max()
    return x[[0, -1]] if bent < 1e-12 * np.abs(x).max() else None


def _crossing(a: Array, b: Array) -> Iterator[Array]:
    directions = np.stack([a[1] - a[0], b[0] - b[1]], axis=1)
    if abs(np.linalg.det(directions)) > 1e-12 * np.abs(directions).max() ** 2:
        s, t = np.linalg.solve(directions, b[0] - a[0])
        if 0 <= s <= 1 and 0 <= t <= 1:
            yield a[0] + s * (a[1] - a[0])


def _sector(region: Region, point: Array, radius: float) -> list[Vertex]:
    """The corner at a point, if there is one, by a circle; angles, and its radius, are first those
    in a region whose sides are 1.
    """

    def inside(angle: Array) -> Mask:
        directions = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        circle = point + radius * region.extent * directions
        within: Mask = region.signed_distance(circle) < 0
        return within

    many = CORNER_SEARCH.directions
    angles = 2 * np.pi * (np.arange(many) + 0.5) / many
    mask = inside(angles)
    entering, leaving = (
        np.flatnonzero(mask & ~np.roll(mask, 1)),
        np.flatnonzero(~mask & np.roll(mask, 1)),
    )
    if len(entering) != 1:
        return []
    step = 2 * np.pi / many
    # A signed distance tells inside from outside, no more: ends by bisection.
    ends = []
    for index, enters in ((entering[0], True), (leaving[0], False)):
        low, high = angles[index] - step, angles[index]
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (
                (low, middle) if bool(inside(np.array([middle]))[0]) == enters else (middle, high)
            )
        ends.append((low + high) / 2)
    opening = (ends[1] - ends[0]) % (2 * np.pi)
    if min(abs(opening - np.pi), opening, 2 * np.pi - opening) < CORNER_SEARCH.flat:
        return []
    first, last = (_in_units(angle, region.extent) for angle in ends)
    return [Vertex((float(point[0]), float(point[1])), first, (last - first) % (2 * np.pi))]


def _in_units(angle: float, sides: Array) -> float:
    """The angle in the plane as it is, of one in the plane where these sides are 1."""
    turned = np.arctan2(sides[1] * np.sin(angle), sides[0] * np.cos(angle)) - angle
    return float(angle + (turned + np.pi) % (2 * np.pi) - np.pi)
