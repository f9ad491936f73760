"""Regions made of regions: products, unions, intersections and differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, overload

import numpy as np
from sympy import And, Expr, Symbol

from pinnsolve.geometry.charts import Array, Chart
from pinnsolve.geometry.filters import Adjoins, Apart, Inside, Outside, Separates
from pinnsolve.geometry.lateral import (
    Lateral,
    Reordered,
    in_order,
    pinned_products,
    products,
    require_apart,
)
from pinnsolve.geometry.region import Region


def _solid(other: Any, operation: str) -> Any:
    if not (isinstance(other, Region) and other.is_solid):
        raise TypeError(
            f"{operation} combines a region with another solid one, a Box, Ball, Polygon or such:"
            f" got {other!r}"
        )
    return other


class Solid(Region):
    """A region of full dimension: it can be combined with others."""

    is_solid: ClassVar[bool] = True

    @overload
    def __mul__(self, other: Solid) -> Solid: ...

    @overload
    def __mul__(self, other: Region) -> Region: ...

    def __mul__(self, other: Region) -> Region:
        if isinstance(other, Region) and not other.is_solid:
            return Lateral(self, other)
        return self.times(_solid(other, "*"))

    def times(self, other: Solid) -> Solid:
        """The product with another solid."""
        return Product(self, other)

    def __rmul__(self, other: Region) -> Lateral:
        """A boundary, a face or a part of one times this: `disk.boundary * Interval(t, 0, 1)`."""
        return Lateral(other, self)

    def __or__(self, other: Solid) -> Union:
        return Union(self, self._beside(other, "|"))

    def __and__(self, other: Solid) -> Intersection:
        return Intersection(self, self._beside(other, "&"))

    def __sub__(self, other: Solid) -> Difference:
        return Difference(self, self._beside(other, "-"))

    def _beside(self, other: Any, operation: str) -> Solid:
        """Another solid, its coordinates in this one's order: a pipe along x out of a block."""
        solid: Solid = _solid(other, operation)
        same = set(solid.coordinates) == set(self.coordinates)
        return solid.relisted(self.coordinates) if same else solid

    def relisted(self, coordinates: tuple[Symbol, ...]) -> Solid:
        """The same points, with their coordinates in another order."""
        return self if coordinates == self.coordinates else Relisted(self, coordinates)

    def warn_beside(self, other: Solid) -> None:
        """Say what a user must know where it is combined with another one."""

    def over(self, coordinates: Sequence[Symbol]) -> Solid | None:
        """The factor over these coordinates, where the region is a product of one over them and one
        over the others.
        """
        return self if set(coordinates) == set(self.coordinates) else None

    def sides(self, *coordinates: Symbol) -> Region:
        """The boundary without the ends of these coordinates: `domain.sides(t)` holds at all times,
        and not at the first.

        Raises ValueError for a coordinate that the region lacks, or if none is left.
        """
        for c in coordinates:
            if c not in self.coordinates:
                raise ValueError(
                    f"sides({c}): {self} has no coordinate {c}; it has"
                    f" {', '.join(map(str, self.coordinates))}"
                )
        rest = [c for c in self.coordinates if c not in coordinates]
        if not coordinates or not rest:
            raise ValueError(
                f"sides(...) of {self} names the coordinates whose ends are left out, time for"
                " instance: not all"
            )
        across, along = self.over(rest), self.over(coordinates)
        if across is not None and along is not None:
            return in_order(Lateral(across.boundary, along), self.coordinates)
        bounds = {c: self.bounds[self.coordinates.index(c)].tolist() for c in coordinates}
        return self.boundary.where(
            And(*[(c > low) & (c < high) for c, (low, high) in bounds.items()])
        )


class Relisted(Reordered, Solid):
    """A solid, with its coordinates in another order."""

    def over(self, coordinates: Sequence[Symbol]) -> Solid | None:
        """The solid's own factor."""
        return self.region.over(coordinates) if isinstance(self.region, Solid) else None


@dataclass(frozen=True, eq=False, repr=False)
class Product(Solid):
    """`A * B`: all pairs of points, for instance `disk * Interval(t, 0, 1)`; the coordinates must
    differ.
    """

    a: Solid
    b: Solid
    joined: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_apart(self.a, self.b)

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return self.a.coordinates + self.b.coordinates

    @property
    def bounds(self) -> Array:
        return np.concatenate([self.a.bounds, self.b.bounds])

    def charts(self) -> tuple[Chart, ...]:
        return products(self.a.charts(), self.b.charts())

    def boundary_charts(self) -> tuple[Chart, ...]:
        sides = products(self.a.boundary_charts(), self.b.charts())
        return sides + products(self.a.charts(), self.b.boundary_charts())

    def pinned_charts(self, values: Mapping[Symbol, Expr]) -> tuple[Chart, ...]:
        return pinned_products(self.a, self.b, values)

    def over(self, coordinates: Sequence[Symbol]) -> Solid | None:
        """The factor over these coordinates, if there is one."""
        own = [[c for c in coordinates if c in factor.coordinates] for factor in (self.a, self.b)]
        parts = [
            factor.over(some) for factor, some in zip((self.a, self.b), own, strict=True) if some
        ]
        if None in parts:
            return None
        return parts[0] if len(parts) == 1 else Product(*parts)  # type: ignore[arg-type]

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        split = len(self.a.coordinates)
        of_a, of_b = (None, None) if unit is None else (unit[:split], unit[split:])
        return np.maximum(
            self.a.signed_distance(x[:, :split], of_a), self.b.signed_distance(x[:, split:], of_b)
        )

    def signs(self, x: Array) -> Array:
        split = len(self.a.coordinates)
        return np.maximum(self.a.signs(x[:, :split]), self.b.signs(x[:, split:]))

    def __str__(self) -> str:
        return f"{self.a} * {self.b}"


@dataclass(frozen=True, eq=False, repr=False)
class _Pair(Solid):
    """Two solids over the same coordinates, and the rule that all combinations share."""

    a: Solid
    b: Solid

    def __post_init__(self) -> None:
        if self.a.coordinates != self.b.coordinates:
            raise ValueError(
                f"{self.a} and {self.b} have different coordinates, {self.a.coordinates} and"
                f" {self.b.coordinates}: combine regions over the same ones (or multiply them)"
            )
        self.a.warn_beside(self.b)
        self.b.warn_beside(self.a)

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return self.a.coordinates

    def boundary_charts(self) -> tuple[Chart, ...]:
        """Parts of both boundaries that separate inside from outside, coincident ones counted
        once.
        """
        of_a = tuple(chart.filtered(Separates(self)) for chart in self.a.boundary_charts())
        of_b = tuple(c.filtered(Separates(self), Apart(self.a)) for c in self._boundary_of_b())
        return of_a + of_b

    def _boundary_of_b(self) -> tuple[Chart, ...]:
        return self.b.boundary_charts()

    def pinned_charts(self, values: Mapping[Symbol, Expr]) -> tuple[Chart, ...]:
        return tuple(c.filtered(Adjoins(self)) for c in self.a.pinned_charts(values))


class Union(_Pair):
    """`A | B`: points of either."""

    @property
    def bounds(self) -> Array:
        a, b = self.a.bounds, self.b.bounds
        return np.stack([np.minimum(a[:, 0], b[:, 0]), np.maximum(a[:, 1], b[:, 1])], axis=1)

    def charts(self) -> tuple[Chart, ...]:
        # What both hold is sampled once.
        return self.a.charts() + tuple(c.filtered(Outside(self.a)) for c in self.b.charts())

    def pinned_charts(self, values: Mapping[Symbol, Expr]) -> tuple[Chart, ...]:
        rest = tuple(c.filtered(Outside(self.a)) for c in self.b.pinned_charts(values))
        return self.a.pinned_charts(values) + rest

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        return np.minimum(self.a.signed_distance(x, unit), self.b.signed_distance(x, unit))

    def signs(self, x: Array) -> Array:
        return np.minimum(self.a.signs(x), self.b.signs(x))

    def __str__(self) -> str:
        return f"({self.a} | {self.b})"


class Intersection(_Pair):
    """`A & B`: points of both."""

    @property
    def bounds(self) -> Array:
        a, b = self.a.bounds, self.b.bounds
        return np.stack([np.maximum(a[:, 0], b[:, 0]), np.minimum(a[:, 1], b[:, 1])], axis=1)

    def charts(self) -> tuple[Chart, ...]:
        return tuple(c.filtered(Inside(self.b)) for c in self.a.charts())

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        return np.maximum(self.a.signed_distance(x, unit), self.b.signed_distance(x, unit))

    def signs(self, x: Array) -> Array:
        return np.maximum(self.a.signs(x), self.b.signs(x))

    def __str__(self) -> str:
        return f"({self.a} & {self.b})"


class Difference(_Pair):
    """`A - B`: points of A that are not in B."""

    @property
    def bounds(self) -> Array:
        return self.a.bounds

    def charts(self) -> tuple[Chart, ...]:
        return tuple(c.filtered(Outside(self.b)) for c in self.a.charts())

    def _boundary_of_b(self) -> tuple[Chart, ...]:
        return tuple(c.flipped() for c in self.b.boundary_charts())

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        return np.maximum(self.a.signed_distance(x, unit), -self.b.signed_distance(x, unit))

    def signs(self, x: Array) -> Array:
        return np.maximum(self.a.signs(x), -self.b.signs(x))

    def __str__(self) -> str:
        return f"({self.a} - {self.b})"
