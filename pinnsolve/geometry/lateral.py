"""Regions of lower dimension times others, as the sides of a cylinder, and regions whose
coordinates come in another order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from sympy import Expr, Symbol

from pinnsolve.geometry.charts import CLOSE, Array, Chart, Columns, Mask, Permuted
from pinnsolve.geometry.paired import product
from pinnsolve.geometry.region import Region, charts_of


def require_apart(a: Region, b: Region) -> None:
    """Raise ValueError for regions that cannot be multiplied: that share a coordinate, or list
    their points.
    """
    shared = sorted(map(str, set(a.coordinates) & set(b.coordinates)))
    if shared:
        raise ValueError(
            f"product of regions that share {', '.join(shared)}: use & to intersect them"
        )
    for one, other in ((a, b), (b, a)):
        if any(chart.listed for chart in charts_of(one)):
            names = ", ".join(map(str, other.coordinates))
            raise ValueError(
                f"{one} lists its points: give the values of {names} at each of them too"
            )


def products(a: tuple[Chart, ...], b: tuple[Chart, ...]) -> tuple[Chart, ...]:
    """Charts of A x B."""
    return tuple(product(p, q) for p in a for q in b)


def pinned_products(a: Region, b: Region, values: Mapping[Symbol, Expr]) -> tuple[Chart, ...]:
    """Charts of the slice of A x B on which coordinates have the given values."""

    def slice_of(factor: Region) -> tuple[Chart, ...]:
        own = {c.name: v for c, v in values.items() if c in factor.coordinates}
        return factor.at(**own).charts() if own else factor.charts()

    return products(slice_of(a), slice_of(b))


@dataclass(frozen=True, eq=False, repr=False)
class Lateral(Region):
    """`A * B`, where one is a boundary, a face or a part of one: `disk.boundary * Interval(t, 0,
    1)`, with its normals.
    """

    a: Region
    b: Region
    joined: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_apart(self.a, self.b)

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return self.a.coordinates + self.b.coordinates

    @property
    def bounds(self) -> Array:
        return np.concatenate([self.a.bounds, self.b.bounds])

    @property
    def extent(self) -> Array:
        """Those of the factors."""
        return np.concatenate([self.a.extent, self.b.extent])

    def charts(self) -> tuple[Chart, ...]:
        return products(self.a.charts(), self.b.charts())

    def pinned_charts(self, values: Mapping[Symbol, Expr]) -> tuple[Chart, ...]:
        return pinned_products(self.a, self.b, values)

    def contains(self, x: Array, tolerance: float = CLOSE) -> Mask:
        split = len(self.a.coordinates)
        on: Mask = self.a.contains(x[:, :split], tolerance) & self.b.contains(
            x[:, split:], tolerance
        )
        return on

    def __str__(self) -> str:
        return f"{self.a} * {self.b}"


@dataclass(frozen=True, eq=False, repr=False)
class Reordered(Region):
    """The same points, with their coordinates in another order."""

    region: Region
    coordinates: tuple[Symbol, ...]

    @property
    def _order(self) -> list[int]:
        return [self.region.coordinates.index(c) for c in self.coordinates]

    @property
    def bounds(self) -> Array:
        return self.region.bounds[self._order]

    @property
    def extent(self) -> Array:
        """The region's."""
        return self.region.extent[self._order]

    def charts(self) -> tuple[Chart, ...]:
        return tuple(self._reordered(chart) for chart in self.region.charts())

    def boundary_charts(self) -> tuple[Chart, ...]:
        return tuple(self._reordered(chart) for chart in self.region.boundary_charts())

    def pinned_charts(self, values: Mapping[Symbol, Expr]) -> tuple[Chart, ...]:
        return tuple(self._reordered(chart) for chart in self.region.pinned_charts(values))

    def _reordered(self, chart: Chart) -> Chart:
        order = self._order
        filters = tuple(Columns(f, self._back) for f in chart.filters)
        normal = None if chart.normal is None else tuple(chart.normal[k] for k in order)
        point = tuple(chart.point[k] for k in order)
        place = Permuted(chart, tuple(order))
        return replace(
            chart,
            coordinates=self.coordinates,
            point=point,
            normal=normal,
            filters=filters,
            place=place,
        )

    @property
    def _back(self) -> tuple[int, ...]:
        return tuple(self.coordinates.index(c) for c in self.region.coordinates)

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        back = list(self._back)
        own = np.asarray(x)[:, back]
        return self.region.signed_distance(own, None if unit is None else unit[back])

    def signs(self, x: Array) -> Array:
        return self.region.signs(np.asarray(x)[:, list(self._back)])

    def contains(self, x: Array, tolerance: float = CLOSE) -> Mask:
        return self.region.contains(np.asarray(x)[:, list(self._back)], tolerance)

    def __str__(self) -> str:
        return str(self.region)


def in_order(region: Region, coordinates: tuple[Symbol, ...]) -> Region:
    """The same points, with their coordinates in another order."""
    return region if coordinates == region.coordinates else Reordered(region, coordinates)
