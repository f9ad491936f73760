"""Solids of revolution: tori, cones, cylinders, and any plane region that is turned round an
axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr, Symbol, cos, pi, sin

from pinnsolve.geometry.charts import CLOSE, Array, Chart, Filter, Mask, parameters
from pinnsolve.geometry.combine import Product, Solid
from pinnsolve.geometry.gauss import measured
from pinnsolve.geometry.polygon import Polygon
from pinnsolve.geometry.solids import Ball, Box
from pinnsolve.symbols.given import by_symbol, parts_of
from pinnsolve.symbols.written import assignments, number

# Nodes of rules around an axis, where the profile has pieces
MORE = 32


@dataclass(frozen=True, eq=False, repr=False)
class Revolved(Solid):
    """A plane region, whose first coordinate is the distance from an axis, turned round it: see
    `revolve`.
    """

    profile: Solid
    center: Mapping[Symbol, Any]

    def __post_init__(self) -> None:
        held = _axis("revolve", "revolve(profile, {x: 0, y: 0})", self.center)
        object.__setattr__(self, "center", held)
        if not (isinstance(self.profile, Solid) and len(self.profile.coordinates) == 2):
            raise TypeError(
                "revolve wants a plane region over the distance from the axis and the place along"
                f" it, Ball({{r: 2, z: 0}}, 1) for a torus: got {self.profile!r}"
            )
        low = float(self.profile.bounds[0, 0])
        if low < -CLOSE * self.profile.extent[0]:
            r = self.profile.coordinates[0]
            raise ValueError(
                f"{self.profile} begins at {r}={low:g}, and distances from an axis are positive: "
                f"give the part with {r} >= 0"
            )
        if self.profile.coordinates[1] in held:
            raise ValueError(
                f"the axis runs along {self.profile.coordinates[1]}, and stands in the plane of"
                f" {', '.join(map(str, held))}: name two other coordinates"
            )

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return (*self.center, self.profile.coordinates[1])

    @cached_property
    def middle(self) -> Array:
        """Of the circles, `(2,)`."""
        return np.array([float(v) for v in self.center.values()])

    @property
    def bounds(self) -> Array:
        (_, radius), along = self.profile.bounds
        around = self.middle[:, None] + radius * np.array([-1.0, 1.0])
        return np.vstack([around, along])

    def charts(self) -> tuple[Chart, ...]:
        return tuple(self._turned(chart) for chart in self.profile.charts())

    def boundary_charts(self) -> tuple[Chart, ...]:
        charts = self.profile.boundary_charts()
        return tuple(self._turned(chart) for chart in charts if not self._on_axis(chart))

    def _on_axis(self, chart: Chart) -> bool:
        r = chart.points(np.linspace(0.0, 1.0, 17)[:, None])[0][:, 0]
        return bool(np.abs(r).max() <= CLOSE * self.profile.extent[0])

    def _turned(self, chart: Chart) -> Chart:
        """A chart of the profile, with the angle as one more parameter: an element is as much
        larger as the circle is long that it goes.
        """
        (s,) = parameters(1)
        radius, along = chart.point
        around = (cos(2 * pi * s), sin(2 * pi * s))
        normal: tuple[Expr, ...] | None = None
        if chart.normal is not None:
            normal = (*(chart.normal[0] * a for a in around), chart.normal[1])
        element, ring = chart.element or chart.measure, Ring(chart)
        flat = replace(chart, element=2 * pi * radius * element, stretch=ring, filters=())
        middle = self.center.values()
        pieces = chart.pieces
        if pieces is not None:
            pieces = np.concatenate([pieces, np.tile([0.0, 1.0], (len(pieces), 1, 1))], axis=1)
        return replace(
            flat,
            coordinates=self.coordinates,
            parameters=(*chart.parameters, s),
            point=(*(c + radius * a for c, a in zip(middle, around, strict=True)), along),
            measure=measured(flat).measure,
            dimension=chart.dimension + 1,
            normal=normal,
            filters=tuple(Meridian(f, self.middle) for f in chart.filters),
            place=Turned(chart, self.middle),
            pieces=pieces,
            roots=None if chart.roots is None else (*chart.roots, 1),
            nodes=None if chart.nodes is None else (*chart.nodes, MORE),
        )

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        x = np.asarray(x, dtype=float)
        flat = meridian(x, self.middle)
        in_plane = None
        if unit is not None:
            in_plane = np.array([np.sqrt(unit[0] * unit[1]), unit[2]])
        distance = self.profile.signed_distance(flat, in_plane)
        # The axis bounds the profile, and not what is turned round it.
        aside = 1e-6 * self.profile.extent[0]
        near = (flat[:, 0] < aside) & (distance <= 0)
        if near.any():
            flat[near, 0] = aside
            beside = self.profile.signed_distance(flat[near], in_plane)
            distance[near] = np.minimum(distance[near], beside)
        return distance

    def __str__(self) -> str:
        return f"revolve({self.profile}; {assignments(self.center)})"


@dataclass(frozen=True)
class Turned:
    """Points and normals of a chart in the plane of an axis, turned round it by the last
    parameter.
    """

    chart: Chart
    middle: Array

    def __call__(self, s: Array) -> tuple[Array, Array | None]:
        flat, normals = self.chart.points(s[:, :-1])
        angle = 2 * np.pi * s[:, -1]
        around = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        x = np.hstack([self.middle + flat[:, :1] * around, flat[:, 1:]])
        if normals is None:
            return x, None
        return x, np.hstack([normals[:, :1] * around, normals[:, 1:]])


@dataclass(frozen=True)
class Ring:
    """Elements of a chart in the plane of an axis, times the length of the circle that each goes;
    none beyond the axis, where filters leave nothing.
    """

    chart: Chart

    def __call__(self, s: Array) -> Array:
        own = s[:, : len(self.chart.parameters)]
        radius = self.chart.points(own)[0][:, 0]
        return 2 * np.pi * np.maximum(radius, 0.0) * self.chart.elements(own)


@dataclass(frozen=True)
class Meridian:
    """A filter of a profile, for points and normals round the axis."""

    accepts: Filter
    middle: Array

    def __call__(self, x: Array, n: Array | None) -> Mask:
        flat = meridian(x, self.middle)
        if n is None:
            return self.accepts(flat, None)
        out = x[:, :2] - self.middle
        far = np.maximum(np.linalg.norm(out, axis=1), 1e-300)
        across = (n[:, :2] * out).sum(axis=1) / far
        return self.accepts(flat, np.stack([across, n[:, 2]], axis=1))


def meridian(x: Array, middle: Array) -> Array:
    """Distances from the axis, and places along it, `(n, 2)`."""
    return np.stack([np.linalg.norm(x[:, :2] - middle, axis=1), x[:, 2]], axis=1)


def _axis(what: str, example: str, center: Any) -> dict[Symbol, Expr]:
    """Where an axis stands in a plane. Raises TypeError or ValueError."""
    held = by_symbol(center)
    if not held or len(held) != 2:
        raise TypeError(
            f"{what} wants the place of its axis by the two coordinates across it, {example}: got"
            f" {center!r}"
        )
    return {c: number(v, f"centre {c}") for c, v in held.items()}


def revolve(profile: Solid, center: Mapping[Symbol, Any]) -> Revolved:
    """The solid that a plane region makes, turned round an axis: its first coordinate is the
    distance from the axis, its second one runs along it, and the axis stands at the `center`.

    Raises TypeError for what is no plane region, ValueError for one with negative distances.

    >>> import math
    >>> from pinnsolve import Polygon, coordinates, revolve, sample_region
    >>> x, y, z, r = coordinates("x y z r")
    >>> bowl = revolve(Polygon((r, z), [(0, 0), (1, 1), (0, 1)]), {x: 0, y: 0})
    >>> bowl.contains([[0.3, 0.0, 0.5], [0.3, 0.6, 0.5]]).tolist()
    [True, False]
    >>> f"{sample_region(bowl, 100, seed=0).weights.sum() / math.pi:.4f}"
    '0.3333'
    """
    return Revolved(profile, center)


def Cylinder(  # noqa: N802  reads like the other regions
    center: Mapping[Symbol, Any], radius: Any, along: Mapping[Symbol, tuple[Any, Any]]
) -> Product:
    """`Cylinder({x: 0, y: 0}, 1, {z: (0, 2)})`: a disk times an interval. It has faces by name,
    `.at(z=0)`.

    >>> from pinnsolve import Cylinder, coordinates
    >>> x, y, z = coordinates("x y z")
    >>> Cylinder({x: 0, y: 0}, 1, {z: (0, 2)})
    Ball(x=0, y=0; radius 1) * Box(z: [0, 2])
    """
    axis = _axis("a Cylinder", "Cylinder({x: 0, y: 0}, 1, {z: (0, 2)})", center)
    return Product(Ball(axis, radius), Box(along))


def Cone(  # noqa: N802  reads like the other regions
    center: Mapping[Symbol, Any], radii: Any, along: Mapping[Symbol, tuple[Any, Any]]
) -> Revolved:
    """`Cone({x: 0, y: 0}, 1, {z: (0, 2)})`: round an axis, with its base at the lower end and its
    tip at the upper one; a frustum with two `radii`, `Cone({x: 0, y: 0}, (1, 0.5), {z: (0, 2)})`.

    Raises ValueError for radii that are negative, or both zero.

    >>> from pinnsolve import Cone, coordinates
    >>> x, y, z = coordinates("x y z")
    >>> Cone({x: 0, y: 0}, 1, {z: (0, 2)}).contains([[0, 0, 1.9], [0.9, 0, 1]]).tolist()
    [True, False]
    """
    example = "Cone({x: 0, y: 0}, 1, {z: (0, 2)})"
    axis, box = _axis("a Cone", example, center), Box(along)
    if len(box.limits) != 1:
        raise ValueError(f"a Cone wants the two ends of its axis, {example}: got {along!r}")
    ((z, (low, high)),) = box.limits.items()
    given = parts_of(radii) or (radii, 0)
    if len(given) != 2:
        raise TypeError(f"a Cone wants one radius or two, (1, 0.5): got {radii!r}")
    below, above = (number(v, "radius of a cone") for v in given)
    if below < 0 or above < 0 or below == above == 0:
        raise ValueError(f"a cone with the radii {below}, {above} has no volume")
    r = Symbol("radius", real=True)
    corners = [(0, low), (below, low), (above, high), (0, high)]
    return Revolved(Polygon((r, z), corners), axis)


def Torus(center: Mapping[Symbol, Any], radius: Any, thickness: Any) -> Revolved:  # noqa: N802  reads like the other regions
    """`Torus({x: 0, y: 0, z: 0}, 2, 0.5)`: a ring of `radius` around the last coordinate, of
    circles with the radius `thickness`.

    Raises ValueError where the ring would close over its own middle.

    >>> from pinnsolve import Torus, coordinates
    >>> x, y, z = coordinates("x y z")
    >>> Torus({x: 0, y: 0, z: 0}, 2, 0.5).contains([[2.4, 0, 0], [0, 0, 0]]).tolist()
    [True, False]
    """
    held = by_symbol(center)
    if not held or len(held) != 3:
        raise TypeError(
            "a Torus wants its centre by three coordinates, Torus({x: 0, y: 0, z: 0}, 2, 0.5): got"
            f" {center!r}"
        )
    (*across, (z, middle)) = held.items()
    large, small = number(radius, "radius of a torus"), number(thickness, "thickness of a torus")
    if not 0 < small < large:
        raise ValueError(
            f"a torus of radius {large} is made of circles of a radius between 0 and that: got"
            f" {small}"
        )
    return Revolved(Ball({Symbol("radius", real=True): large, z: middle}, small), dict(across))
