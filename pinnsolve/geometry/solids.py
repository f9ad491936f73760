"""The solid regions that everything else is made from: boxes, balls and polygons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr, Symbol, sympify

from pinnsolve.geometry.charts import CLOSE, Array, Chart, Straight, parameters
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.lateral import require_apart
from pinnsolve.geometry.round import body_charts, rim_charts
from pinnsolve.symbols.given import Formula, are_symbols, by_key, by_symbol, parts_of
from pinnsolve.symbols.written import assignments, number, written


@dataclass(frozen=True, eq=False, repr=False)
class Box(Solid):
    """Product of intervals: `Box({x: (0, 1), y: (0, 2)})`, in any number of dimensions.

    Raises ValueError if an interval is empty, a coordinate is no symbol, or a bound no finite
    number.

    >>> from pinnsolve import Box, coordinates
    >>> x, y = coordinates("x y")
    >>> box = Box({x: (0, 1), y: (0, 2)})
    >>> box.contains([[0.5, 1.5], [1.5, 0.5]]).tolist()
    [True, False]
    >>> box.at(x=0)
    Box(x: [0, 1], y: [0, 2]).at(x=0)
    """

    limits: Mapping[Symbol, tuple[Any, Any]]

    def __post_init__(self) -> None:
        exact = {}
        given = by_key(self.limits)
        if given is None:
            raise TypeError(
                "a Box wants bounds by coordinate, Box({x: (0, 1), y: (0, 2)}): got"
                f" {self.limits!r}"
            )
        for coordinate, limits in given.items():
            if not are_symbols([coordinate]):
                packed = parts_of(coordinate) is not None
                hint = "; unpack a tuple, (x,) = coordinates('x')" if packed else ""
                raise ValueError(
                    "Box wants symbols as coordinates, from coordinates(...): got"
                    f" {coordinate!r}{hint}"
                )
            if len(parts_of(limits) or ()) != 2:
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
        return np.array(self._limits)

    @cached_property
    def _limits(self) -> list[tuple[float, float]]:
        """Floats of the exact numbers: sympy takes far longer for them than what asks."""
        return [(float(low), float(high)) for low, high in self.limits.values()]

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

    def times(self, other: Solid) -> Solid:
        """The product with another solid: with a box, a box."""
        if not isinstance(other, Box):
            return super().times(other)
        require_apart(self, other)
        return Box({**self.limits, **other.limits})

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

    def relisted(self, coordinates: tuple[Symbol, ...]) -> Box:
        """The same box, with its coordinates in another order."""
        return Box({c: self.limits[c] for c in coordinates})

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


def Interval(coordinate: Symbol, low: Formula, high: Formula) -> Box:  # noqa: N802  reads like the other regions
    """The box of one coordinate: `Interval(t, 0, 1)`.

    >>> from pinnsolve import Interval, coordinates
    >>> (t,) = coordinates("t")
    >>> Interval(t, 0, 1).bounds.tolist()
    [[0.0, 1.0]]
    """
    return Box({coordinate: (low, high)})


@dataclass(frozen=True, eq=False, repr=False)
class Ball(Solid):
    """`Ball({x: 0, y: 0}, radius)`: the ball (disk, interval) around a centre, in any number of
    dimensions. Raises TypeError for a centre that is none, ValueError for a radius that is not
    positive.

    >>> from pinnsolve import Ball, Box, coordinates
    >>> x, y = coordinates("x y")
    >>> plate = Box({x: (-1, 1), y: (-1, 1)}) - Ball({x: 0, y: 0}, 0.5)
    >>> plate.contains([[0.0, 0.0], [0.9, 0.9]]).tolist()
    [False, True]
    """

    center: Mapping[Symbol, Any]
    radius: Any

    def __post_init__(self) -> None:
        given = by_symbol(self.center)
        if given is None:
            raise TypeError(
                "a Ball wants its centre by coordinate, Ball({x: 0, y: 0}, 1): got"
                f" {self.center!r}"
            )
        object.__setattr__(self, "center", {c: number(v, f"centre {c}") for c, v in given.items()})
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
        middle, radius = self._floats
        return np.stack([middle - radius, middle + radius], axis=1)

    @cached_property
    def _floats(self) -> tuple[Array, float]:
        """Center and radius."""
        return np.array([float(v) for v in self.center.values()]), float(self.radius)

    def charts(self) -> tuple[Chart, ...]:
        return body_charts(self.center, (self.radius,) * len(self.center))

    def boundary_charts(self) -> tuple[Chart, ...]:
        return rim_charts(self.center, (self.radius,) * len(self.center))

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        middle, radius = self._floats
        outward = x - middle
        far: Array = np.linalg.norm(outward, axis=1)
        distance: Array = far - radius
        if unit is not None:  # to first order: exact, where all units are equal
            slope = np.linalg.norm(outward * unit, axis=1) / np.where(far > 0, far, 1.0)
            distance = distance / np.where(slope > 0, slope, unit.max())
        return distance

    def __str__(self) -> str:
        return f"Ball({assignments(self.center)}; radius {written(self.radius)})"
