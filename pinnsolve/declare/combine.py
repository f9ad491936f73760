"""Regions made of regions: products, unions, intersections and differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sympy import Expr, Symbol

from pinnsolve.declare.charts import Array, Chart, Mask, product
from pinnsolve.declare.region import Region

STEP = 1e-7  # relative to a region's sides: so far from its surface inside and outside are told apart


class Solid(Region):
    """A region of full dimension: it can be combined with others."""

    def __mul__(self, other: Solid) -> Product:
        return Product(self, other)

    def __or__(self, other: Solid) -> Union:
        return Union(self, other)

    def __and__(self, other: Solid) -> Intersection:
        return Intersection(self, other)

    def __sub__(self, other: Solid) -> Difference:
        return Difference(self, other)


@dataclass(frozen=True, eq=False, repr=False)
class Product(Solid):
    """`A * B`: all pairs of points, for instance `disk * Interval(t, 0, 1)`; the coordinates must differ."""

    a: Solid
    b: Solid

    def __post_init__(self) -> None:
        shared = sorted(map(str, set(self.a.coordinates) & set(self.b.coordinates)))
        if shared:
            raise ValueError(f"product of regions that share {', '.join(shared)}: use & to intersect them")

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return self.a.coordinates + self.b.coordinates

    @property
    def bounds(self) -> Array:
        return np.concatenate([self.a.bounds, self.b.bounds])

    def charts(self) -> tuple[Chart, ...]:
        return _products(self.a.charts(), self.b.charts())

    def boundary_charts(self) -> tuple[Chart, ...]:
        sides = _products(self.a.boundary_charts(), self.b.charts())
        return sides + _products(self.a.charts(), self.b.boundary_charts())

    def pinned_charts(self, values: Mapping[Symbol, Expr]) -> tuple[Chart, ...]:
        def slice_of(factor: Solid) -> tuple[Chart, ...]:
            own = {c: v for c, v in values.items() if c in factor.coordinates}
            return factor.at(**{c.name: v for c, v in own.items()}).charts() if own else factor.charts()

        return _products(slice_of(self.a), slice_of(self.b))

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        split = len(self.a.coordinates)
        of_a, of_b = (None, None) if unit is None else (unit[:split], unit[split:])
        return np.maximum(self.a.signed_distance(x[:, :split], of_a), self.b.signed_distance(x[:, split:], of_b))

    def __str__(self) -> str:
        return f"{self.a} * {self.b}"


def _products(a: tuple[Chart, ...], b: tuple[Chart, ...]) -> tuple[Chart, ...]:
    return tuple(product(p, q) for p in a for q in b)


@dataclass(frozen=True, eq=False, repr=False)
class _Pair(Solid):
    """Two solids over the same coordinates, and the rule that all combinations share."""

    a: Solid
    b: Solid

    def __post_init__(self) -> None:
        if self.a.coordinates != self.b.coordinates:
            raise ValueError(
                f"{self.a} and {self.b} have different coordinates, {self.a.coordinates} and {self.b.coordinates}: "
                "combine regions over the same ones, in the same order (or multiply them)"
            )

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return self.a.coordinates

    def boundary_charts(self) -> tuple[Chart, ...]:
        """Parts of both boundaries that separate inside from outside, coincident ones counted once."""
        of_a = tuple(chart.filtered(Separates(self)) for chart in self.a.boundary_charts())
        of_b = tuple(c.filtered(Separates(self), Apart(self.a)) for c in self._boundary_of_b())
        return of_a + of_b

    def _boundary_of_b(self) -> tuple[Chart, ...]:
        return self.b.boundary_charts()

    def pinned_charts(self, values: Mapping[Symbol, Expr]) -> tuple[Chart, ...]:
        return tuple(c.filtered(Adjoins(self)) for c in self.a.pinned_charts(values))


@dataclass(frozen=True)
class Inside:
    """Points that a region contains."""

    region: Region

    def __call__(self, x: Array, n: Array | None) -> Mask:
        return self.region.contains(x)


@dataclass(frozen=True)
class Outside:
    """Points that a region does not contain."""

    region: Region

    def __call__(self, x: Array, n: Array | None) -> Mask:
        return ~self.region.contains(x)


@dataclass(frozen=True)
class Adjoins:
    """Points of a face that the solid reaches; where a face only touches what was cut away, it is not one of the rest."""

    solid: Region

    def __call__(self, x: Array, n: Array | None) -> Mask:
        return self.solid.contains(x) if n is None else _sides(self.solid, x, n)[0] < 0


def _sides(solid: Region, x: Array, n: Array | None) -> tuple[Array, Array]:
    """Signed distances just inside and just outside of surface points."""
    assert n is not None, "a boundary chart has normals"
    unit = solid.extent
    across = n * unit  # the normal's direction, where the bounding box is a unit cube
    step = STEP * unit * across / np.linalg.norm(across, axis=1, keepdims=True)
    return solid.signed_distance(x - step, unit), solid.signed_distance(x + step, unit)


@dataclass(frozen=True)
class Separates:
    """Surface points with the solid on one side and not on the other."""

    solid: Region

    def __call__(self, x: Array, n: Array | None) -> Mask:
        within, beyond = _sides(self.solid, x, n)
        kept: Mask = (within < 0) & (beyond > 0)
        return kept


@dataclass(frozen=True)
class Apart:
    """Surface points that are not on the solid's own surface."""

    solid: Region

    def __call__(self, x: Array, n: Array | None) -> Mask:
        within, beyond = _sides(self.solid, x, n)
        kept: Mask = (within < 0) == (beyond < 0)
        return kept


class Union(_Pair):
    """`A | B`: points of either."""

    @property
    def bounds(self) -> Array:
        a, b = self.a.bounds, self.b.bounds
        return np.stack([np.minimum(a[:, 0], b[:, 0]), np.maximum(a[:, 1], b[:, 1])], axis=1)

    def charts(self) -> tuple[Chart, ...]:
        return self.a.charts() + tuple(c.filtered(Outside(self.a)) for c in self.b.charts())

    def pinned_charts(self, values: Mapping[Symbol, Expr]) -> tuple[Chart, ...]:
        rest = tuple(c.filtered(Outside(self.a)) for c in self.b.pinned_charts(values))
        return self.a.pinned_charts(values) + rest

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        return np.minimum(self.a.signed_distance(x, unit), self.b.signed_distance(x, unit))

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

    def __str__(self) -> str:
        return f"({self.a} - {self.b})"
