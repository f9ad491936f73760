"""Polygons, by their corners in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from sympy import Add, Dummy, Expr, Float, Mul, Symbol, sqrt

from pinnsolve.geometry.charts import CLOSE, Array, Chart, Straight, parameters
from pinnsolve.geometry.combine import Solid
from pinnsolve.symbols.written import digest, number, require_ring, written


@dataclass(frozen=True, eq=False, repr=False)
class Polygon(Solid):
    """`Polygon((x, y), [(0, 0), (1, 0), (0, 1)])`: a simple polygon, vertices in order, either way
    round.

    The ring may be closed, and a vertex repeated. Raises ValueError for a polygon that crosses or
    touches itself.

    >>> from pinnsolve import Polygon, coordinates
    >>> corner = Polygon(coordinates("x y"), [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)])
    >>> corner.contains([[0.5, 1.5], [1.5, 1.5]]).tolist()
    [True, False]
    """

    coordinates: tuple[Symbol, Symbol]
    vertices: Sequence[tuple[Any, Any]]
    _shape: shapely.Polygon = field(init=False)

    def __post_init__(self) -> None:
        require_ring(self.coordinates, self.vertices)
        corners = _distinct(
            [tuple(number(v, "vertex") for v in vertex) for vertex in self.vertices]
        )
        if len(corners) < 3:
            raise ValueError(f"a polygon of {len(corners)} different vertices has zero measure")
        shape = shapely.Polygon(np.array(corners, dtype=float))
        _require_simple(shape)
        if not shape.exterior.is_ccw:
            corners.reverse()
        object.__setattr__(self, "coordinates", tuple(self.coordinates))
        object.__setattr__(self, "vertices", corners)
        object.__setattr__(self, "_shape", shape)

    @property
    def bounds(self) -> Array:
        low_x, low_y, high_x, high_y = self._shape.bounds
        return np.array([[low_x, high_x], [low_y, high_y]])

    def charts(self) -> tuple[Chart, ...]:
        triangles = shapely.constrained_delaunay_triangles(_scaled(self._shape, self.extent)).geoms
        pair = parameters(2)
        return tuple(
            self._triangle(pair, shapely.get_coordinates(t)[:3] * self.extent) for t in triangles
        )

    def _triangle(self, pair: tuple[Dummy, ...], corners: Array) -> Chart:
        root, (first, *steps) = sqrt(pair[0]), np.vstack([corners[:1], np.diff(corners, axis=0)])
        point = tuple(
            Add(Float(c), Mul(root, Add(Float(a), Mul(Float(b), pair[1]))))
            for c, a, b in zip(first.tolist(), *(step.tolist() for step in steps), strict=True)
        )
        area = abs(float(np.linalg.det(corners[1:] - corners[0]))) / 2
        return Chart(self.coordinates, pair, point, area, 2, place=Triangle(corners))

    def boundary_charts(self) -> tuple[Chart, ...]:
        following, line = [*self.vertices[1:], self.vertices[0]], parameters(1)
        return tuple(self._edge(line, a, b) for a, b in zip(self.vertices, following, strict=True))

    def _edge(self, line: tuple[Dummy, ...], a: tuple[Expr, Expr], b: tuple[Expr, Expr]) -> Chart:
        (s,) = line
        along = (b[0] - a[0], b[1] - a[1])
        length = sqrt(along[0] ** 2 + along[1] ** 2)
        point = (a[0] + s * along[0], a[1] + s * along[1])
        normal = (along[1] / length, -along[0] / length)
        (dx, dy), far = (float(e) for e in along), float(length)
        place = Straight(np.array(a, dtype=float), np.array([[dx, dy]]), np.array([dy, -dx]) / far)
        return Chart(self.coordinates, line, point, far, 1, normal, (), place)

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        units = (1.0, 1.0) if unit is None else tuple(unit.tolist())
        shape, edge = _prepared(self._shape, units)
        points = shapely.points(np.asarray(x, dtype=float) / units)
        to_edge = shapely.distance(edge, points)
        signed: Array = np.where(shapely.contains(shape, points), -to_edge, to_edge)
        return signed

    def __str__(self) -> str:
        names = ", ".join(map(str, self.coordinates))
        points = [f"({written(a)}, {written(b)})" for a, b in self.vertices]
        if len(points) > 12:  # not all are written out
            listed = (
                f"{', '.join(points[:3])}, ... {len(points)} vertices,"
                f" {digest(np.array(self.vertices, dtype=float))}"
            )
        else:
            listed = ", ".join(points)
        return f"Polygon(({names}), [{listed}])"


@dataclass(frozen=True)
class Triangle:
    """The unit square onto a triangle of corners `(3, 2)`, with uniform points."""

    corners: Array

    def __call__(self, s: Array) -> tuple[Array, Array | None]:
        root, t = np.sqrt(s[:, 0]), s[:, 1]
        return np.stack([1 - root, root * (1 - t), root * t], axis=1) @ self.corners, None


def _distinct(corners: list[tuple[Expr, ...]], same: float = 1e-12) -> list[tuple[Expr, ...]]:
    """The vertices without those that repeat the one before, nearer than the `same` part of the
    polygon's sides; the first follows the last.
    """
    x = np.array(corners, dtype=float).reshape(-1, 2)
    if len(x) == 0:
        return []
    apart = np.abs(x - np.roll(x, 1, axis=0)) > same * np.ptp(x, axis=0)
    return [corners[k] for k in np.flatnonzero(apart.any(axis=1))]


def _require_simple(shape: shapely.Polygon) -> None:
    low_x, low_y, high_x, high_y = shape.bounds
    if not shape.convex_hull.area > CLOSE * (high_x - low_x) * (high_y - low_y):
        raise ValueError("the polygon's vertices lie on one line: it has zero measure")
    if not shape.is_valid:
        reason = shapely.is_valid_reason(shape)
        where = reason[reason.find("[") + 1 : reason.find("]")].replace(" ", ", ")
        how = "touches" if reason.startswith("Ring") else "crosses"
        raise ValueError(
            f"the polygon is not simple: it {how} itself at ({where}), as a bow-tie does; list the"
            " vertices in the order in which they follow each other around it, and each once"
        )


@lru_cache(maxsize=64)
def _prepared(
    shape: shapely.Polygon, units: tuple[float, ...]
) -> tuple[shapely.Polygon, shapely.LinearRing]:
    """A shape in other units, and its edge, of which many points are asked."""
    shape = _scaled(shape, np.array(units))
    edge = shape.exterior
    shapely.prepare(shape)
    shapely.prepare(edge)
    return shape, edge


def _scaled(shape: shapely.Polygon, unit: Array) -> shapely.Polygon:
    """The shape in other units."""
    return shapely.transform(shape, lambda x: x / unit)
