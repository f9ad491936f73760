"""The solid regions that everything else is made from: boxes, balls and polygons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from sympy import Expr, Rational, Symbol, cos, erfinv, gamma, pi, sin, sqrt, sympify

from pinnsolve.geometry.charts import Array, Chart, Straight, parameters
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.region import CLOSE, assignments
from pinnsolve.symbols.written import digest, number, require_ring, written

SAME = 1e-12  # relative to a polygon's sides: nearer than this, two vertices are one
FEW = 12  # vertices that are all written out


@dataclass(frozen=True, eq=False, repr=False)
class Box(Solid):
    """Product of intervals: `Box({x: (0, 1), y: (0, 2)})`, in any number of dimensions.

    Raises ValueError if an interval is empty, a coordinate is no symbol, or a bound no finite
    number.
    """

    limits: Mapping[Symbol, tuple[Any, Any]]

    def __post_init__(self) -> None:
        exact = {}
        if not isinstance(self.limits, Mapping):
            raise TypeError(
                "a Box wants bounds by coordinate, Box({x: (0, 1), y: (0, 2)}): got"
                f" {self.limits!r}"
            )
        for coordinate, limits in self.limits.items():
            if not isinstance(coordinate, Symbol):
                hint = (
                    "; unpack a tuple, (x,) = coordinates('x')"
                    if isinstance(coordinate, tuple)
                    else ""
                )
                raise ValueError(
                    "Box wants symbols as coordinates, from coordinates(...): got"
                    f" {coordinate!r}{hint}"
                )
            if not isinstance(limits, (tuple, list)) or len(limits) != 2:
                raise TypeError(
                    f"a Box wants two bounds of {coordinate}, {coordinate}: (0, 1): got {limits!r}"
                )
            low, high = (number(v, f"bound of {coordinate}") for v in limits)
            if not low < high:
                raise ValueError(
                    f"{coordinate} in [{low}, {high}] has zero measure: give a lower bound below"
                    " the upper one"
                )
            exact[coordinate] = (low, high)
        if not exact:
            raise ValueError("a Box wants at least one coordinate")
        object.__setattr__(self, "limits", exact)

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return tuple(self.limits)

    @property
    def bounds(self) -> Array:
        return np.array([[float(low), float(high)] for low, high in self.limits.values()])

    def charts(self) -> tuple[Chart, ...]:
        return self.pinned_charts({})

    def boundary_charts(self) -> tuple[Chart, ...]:
        faces = [{c: bound} for c, limits in self.limits.items() for bound in limits]
        return tuple(chart for face in faces for chart in self.pinned_charts(face))

    def pinned_charts(self, values: Mapping[Symbol, Expr]) -> tuple[Chart, ...]:
        free = [c for c in self.coordinates if c not in values]
        s = dict(zip(free, parameters(len(free)), strict=True))
        point = {
            c: low + (high - low) * s[c] if c in s else values[c]
            for c, (low, high) in self.limits.items()
        }
        origin = np.array([float(values.get(c, low)) for c, (low, _) in self.limits.items()])
        along = np.diag(self.extent)[[self.coordinates.index(c) for c in free]]
        normal = self._normal(values)
        place = Straight(origin, along, None if normal is None else np.array(normal, dtype=float))
        measure = float(np.prod(along.sum(axis=1)))
        return (
            Chart(
                self.coordinates,
                tuple(s.values()),
                tuple(point.values()),
                measure,
                len(free),
                normal,
                (),
                place,
            ),
        )

    def _normal(self, values: Mapping[Symbol, Expr]) -> tuple[Expr, ...] | None:
        """The outward normal of a face; None of the inside, an edge, or a slice between two
        faces.
        """
        if len(values) != 1:
            return None
        ((pinned, value),) = values.items()
        axis = self.coordinates.index(pinned)
        at_end = np.abs(self.bounds[axis] - float(value)) <= CLOSE * self.extent[axis]
        side = 1 if at_end[1] else -1
        return (
            tuple(sympify(side if c == pinned else 0) for c in self.coordinates)
            if at_end.any()
            else None
        )

    def over(self, coordinates: Sequence[Symbol]) -> Box:
        """The box of these coordinates."""
        return (
            self
            if set(coordinates) == set(self.limits)
            else Box({c: self.limits[c] for c in coordinates})
        )

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        low, high = self.bounds.T
        distance: Array = (np.maximum(low - x, x - high) / (1.0 if unit is None else unit)).max(
            axis=1
        )
        return distance

    def __str__(self) -> str:
        return (
            "Box("
            + ", ".join(f"{c}: [{written(a)}, {written(b)}]" for c, (a, b) in self.limits.items())
            + ")"
        )


def Interval(coordinate: Symbol, low: Any, high: Any) -> Box:  # noqa: N802  reads like the other regions
    """The box of one coordinate: `Interval(t, 0, 1)`."""
    return Box({coordinate: (low, high)})


@dataclass(frozen=True, eq=False, repr=False)
class Ball(Solid):
    """`Ball({x: 0, y: 0}, radius)`: the ball (disk, interval) around a centre, in any number of
    dimensions.
    """

    center: Mapping[Symbol, Any]
    radius: Any

    def __post_init__(self) -> None:
        if not isinstance(self.center, Mapping) or not all(
            isinstance(c, Symbol) for c in self.center
        ):
            raise TypeError(
                "a Ball wants its centre by coordinate, Ball({x: 0, y: 0}, 1): got"
                f" {self.center!r}"
            )
        object.__setattr__(
            self, "center", {c: number(v, f"centre {c}") for c, v in dict(self.center).items()}
        )
        object.__setattr__(self, "radius", number(self.radius, "radius"))
        if not self.center:
            raise ValueError("a Ball wants at least one coordinate: Ball({x: 0, y: 0}, 1)")
        if not self.radius > 0:
            raise ValueError(f"a ball of radius {self.radius} has zero measure")

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return tuple(self.center)

    @property
    def bounds(self) -> Array:
        middle = self._middle
        return np.stack([middle - float(self.radius), middle + float(self.radius)], axis=1)

    @property
    def _middle(self) -> Array:
        return np.array([float(v) for v in self.center.values()])

    def charts(self) -> tuple[Chart, ...]:
        d = len(self.center)
        directions, s = self._directions()
        (r,) = parameters(1)
        if d == 1:  # the ball is an interval
            return (self._chart((2 * r - 1,), (r,), None, 2 * self.radius, 1),)
        volume = pi ** Rational(d, 2) / gamma(Rational(d, 2) + 1) * self.radius**d
        return tuple(
            self._chart(tuple(r ** Rational(1, d) * e for e in n), (*s, r), None, volume, d)
            for n in directions
        )

    def boundary_charts(self) -> tuple[Chart, ...]:
        d = len(self.center)
        directions, s = self._directions()
        area = (
            2
            * pi ** Rational(d, 2)
            / gamma(Rational(d, 2))
            * self.radius ** (d - 1)
            / len(directions)
        )
        return tuple(self._chart(n, s, n, area, d - 1) for n in directions)

    def _directions(self) -> tuple[list[tuple[Expr, ...]], tuple[Any, ...]]:
        """Unit vectors, uniform on the sphere: angle in 2D, Archimedes in 3D, normalized Gaussians
        beyond.
        """
        d = len(self.center)
        if d == 1:
            return [(sympify(-1),), (sympify(1),)], ()
        if d == 2:
            (a,) = s = parameters(1)
            return [(cos(2 * pi * a), sin(2 * pi * a))], s
        if d == 3:
            a, z = s = parameters(2)
            flat = sqrt(1 - (1 - 2 * z) ** 2)
            return [(flat * cos(2 * pi * a), flat * sin(2 * pi * a), 1 - 2 * z)], s
        s = parameters(d)
        gaussian = [erfinv(2 * a - 1) for a in s]
        length = sqrt(sum(g**2 for g in gaussian))
        return [tuple(g / length for g in gaussian)], s

    def _chart(
        self,
        offset: tuple[Expr, ...],
        s: tuple[Any, ...],
        normal: tuple[Expr, ...] | None,
        measure: Expr,
        dimension: int,
    ) -> Chart:
        point = tuple(
            c + self.radius * o for c, o in zip(self.center.values(), offset, strict=True)
        )
        return Chart(self.coordinates, s, point, float(measure), dimension, normal)

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        outward = x - self._middle
        far: Array = np.linalg.norm(outward, axis=1)
        distance: Array = far - float(self.radius)
        if unit is not None:  # to first order: exact, where all units are equal
            slope = np.linalg.norm(outward * unit, axis=1) / np.where(far > 0, far, 1.0)
            distance = distance / np.where(slope > 0, slope, unit.max())
        return distance

    def __str__(self) -> str:
        return f"Ball({assignments(self.center)}; radius {written(self.radius)})"


@dataclass(frozen=True, eq=False, repr=False)
class Polygon(Solid):
    """`Polygon((x, y), [(0, 0), (1, 0), (0, 1)])`: a simple polygon, vertices in order, either way
    round.

    The ring may be closed, and a vertex repeated. Raises ValueError for a polygon that crosses or
    touches itself.
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
        return tuple(
            self._triangle(shapely.get_coordinates(t)[:3] * self.extent) for t in triangles
        )

    def _triangle(self, corners: Array) -> Chart:
        s, t = pair = parameters(2)
        weights = (1 - sqrt(s), sqrt(s) * (1 - t), sqrt(s) * t)
        point = tuple(
            sum(w * c for w, c in zip(weights, column, strict=True))
            for column in corners.T.tolist()
        )
        area = abs(float(np.linalg.det(corners[1:] - corners[0]))) / 2
        return Chart(self.coordinates, pair, point, area, 2, place=Triangle(corners))

    def boundary_charts(self) -> tuple[Chart, ...]:
        following = [*self.vertices[1:], self.vertices[0]]
        return tuple(self._edge(a, b) for a, b in zip(self.vertices, following, strict=True))

    def _edge(self, a: tuple[Expr, Expr], b: tuple[Expr, Expr]) -> Chart:
        (s,) = parameters(1)
        along = (b[0] - a[0], b[1] - a[1])
        length = sqrt(along[0] ** 2 + along[1] ** 2)
        point = (a[0] + s * along[0], a[1] + s * along[1])
        normal = (along[1] / length, -along[0] / length)
        (dx, dy), far = (float(e) for e in along), float(length)
        place = Straight(np.array(a, dtype=float), np.array([[dx, dy]]), np.array([dy, -dx]) / far)
        return Chart(self.coordinates, (s,), point, far, 1, normal, (), place)

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        shape, points = (self._shape, x) if unit is None else (_scaled(self._shape, unit), x / unit)
        to_edge = shapely.distance(shapely.points(points), shape.exterior)
        signed: Array = np.where(shapely.contains(shape, shapely.points(points)), -to_edge, to_edge)
        return signed

    def __str__(self) -> str:
        names = ", ".join(map(str, self.coordinates))
        points = [f"({written(a)}, {written(b)})" for a, b in self.vertices]
        if len(points) > FEW:
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


def _distinct(corners: list[tuple[Expr, ...]]) -> list[tuple[Expr, ...]]:
    """The vertices without those that repeat the one before; the first follows the last."""
    x = np.array(corners, dtype=float).reshape(-1, 2)
    if len(x) == 0:
        return []
    apart = np.abs(x - np.roll(x, 1, axis=0)) > SAME * np.ptp(x, axis=0)
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


def _scaled(shape: shapely.Polygon, unit: Array) -> shapely.Polygon:
    """The shape in other units."""
    return shapely.transform(shape, lambda x: x / unit)
