"""The corners of a plane region, found from its straight edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pinnsolve.geometry.charts import CLOSE, Array, Chart, Mask, cross
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
    crossings = _crossings(np.array(segments).reshape(-1, 2, 2))
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


def _crossings(segments: Array) -> Array:
    """Where segments `(n, 2, 2)` cross or meet each other, `(m, 2)`."""
    one, other = np.triu_indices(len(segments), 1)
    start, end = segments[one], segments[other]
    along, back = start[:, 1] - start[:, 0], end[:, 0] - end[:, 1]
    to = end[:, 0] - start[:, 0]
    area = cross(along, back)
    largest = np.maximum(np.abs(along).max(axis=1), np.abs(back).max(axis=1))
    # Parallel ones do not cross.
    across = np.abs(area) > 1e-12 * largest**2
    area = np.where(across, area, 1.0)
    s, t = cross(to, back) / area, cross(along, to) / area
    met = across & (s >= 0) & (s <= 1) & (t >= 0) & (t <= 1)
    places: Array = start[met, 0] + s[met, None] * along[met]
    return places


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
    high = np.array([angles[entering[0]], angles[leaving[0]]])
    low, enters = high - step, np.array([True, False])
    for _ in range(50):
        middle = (low + high) / 2
        beyond = inside(middle) == enters
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    ends = (low + high) / 2
    opening = (ends[1] - ends[0]) % (2 * np.pi)
    if min(abs(opening - np.pi), opening, 2 * np.pi - opening) < CORNER_SEARCH.flat:
        return []
    first, last = (_in_units(angle, region.extent) for angle in ends)
    return [Vertex((float(point[0]), float(point[1])), first, (last - first) % (2 * np.pi))]


def _in_units(angle: float, sides: Array) -> float:
    """The angle in the plane as it is, of one in the plane where these sides are 1."""
    turned = np.arctan2(sides[1] * np.sin(angle), sides[0] * np.cos(angle)) - angle
    return float(angle + (turned + np.pi) % (2 * np.pi) - np.pi)
