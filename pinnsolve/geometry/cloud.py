"""Measured data: points that are given, and values at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from sympy import Float, Symbol

from pinnsolve.geometry.charts import CLOSE, Array, Chart, Listed, Mask
from pinnsolve.geometry.region import Condition, Region
from pinnsolve.geometry.solids import Box
from pinnsolve.symbols.data import Data
from pinnsolve.symbols.given import by_symbol
from pinnsolve.symbols.written import digest, numbers_in


@dataclass(frozen=True, eq=False, repr=False)
class PointCloud(Region):
    """Given points: `PointCloud({x: xs, y: ys})`, arrays `(n,)` of the same length, in the units of
    the coordinates.

    `Eq(u, Data(values)) @ cloud` is regression; any other equation may hold there too. `rows` are
    the places of the points in the arrays that were first given: a part of a cloud takes its part
    of the data.

    Raises ValueError for arrays that are empty, of several lengths or not finite.

    >>> from pinnsolve import PointCloud, coordinates
    >>> x, y = coordinates("x y")
    >>> cloud = PointCloud({x: [0.0, 0.5, 1.0, 0.2], y: [0.3, 0.1, 0.8, 0.9]})
    >>> train, test = cloud.split(0.75, seed=0)
    >>> len(train.rows), len(test.rows)
    (3, 1)
    """

    columns: Mapping[Symbol, Any]
    rows: Array | None = None
    data: tuple[Data, ...] = ()
    is_listed: ClassVar[bool] = True

    def __post_init__(self) -> None:
        given = by_symbol(self.columns)
        if given is None:
            raise TypeError(
                "a PointCloud wants arrays by coordinate, PointCloud({x: xs, y: ys}): got"
                f" {self.columns!r}"
            )
        try:
            arrays = {c: numbers_in(a) for c, a in given.items()}
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"a PointCloud wants numbers, PointCloud({{x: [0.1, 0.2]}}): got {self.columns}"
            ) from error
        shapes = {a.shape for a in arrays.values()}
        if len(shapes) != 1 or len(next(iter(shapes))) != 1 or not next(iter(shapes))[0]:
            raise ValueError(
                f"a PointCloud wants one array (n,) a coordinate, all as long: got {[*shapes]}"
            )
        for c, a in arrays.items():
            if not np.isfinite(a).all():
                raise ValueError(
                    f"PointCloud: {c} is not finite at row"
                    f" {int(np.flatnonzero(~np.isfinite(a))[0])}"
                )
        object.__setattr__(self, "columns", arrays)

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return tuple(self.columns)

    @property
    def points(self) -> Array:
        """The points of this cloud, `(n, dim)`."""
        every = np.stack([*self.columns.values()], axis=1)
        return every if self.rows is None else every[self.rows]

    @property
    def bounds(self) -> Array:
        x = self.points
        return np.stack([x.min(axis=0), x.max(axis=0)], axis=1)

    @property
    def box(self) -> Box:
        """The smallest box that holds the points: a domain for regression."""
        return Box(
            {
                c: (Float(low), Float(high))
                for c, (low, high) in zip(self.coordinates, self.bounds, strict=True)
            }
        )

    @property
    def measured(self) -> int:  # type: ignore[override]
        return len(self.points) if self.data else 0

    @property
    def known(self) -> list[Array]:
        """The data at the points of this cloud, each `(n,)`."""
        return [d.values if self.rows is None else d.values[self.rows] for d in self.data]

    def deviations(self, data: Data) -> Array | None:
        """Those of data at the points of this cloud, `(n,)`; None, where they are not known."""
        if data.sigma is None or not data.has_errors:
            return None
        every = np.broadcast_to(data.sigma, data.values.shape)
        return every if self.rows is None else every[self.rows]

    def charts(self) -> tuple[Chart, ...]:
        x = self.points
        known = self.known
        attributes = (
            np.hstack([np.full_like(x, np.nan), np.stack(known, axis=1)]) if known else None
        )
        return (
            Listed(self.coordinates, (), tuple(map(Float, x[0])), 1.0, 0, x=x, known=attributes),
        )

    def contains(self, x: Array, tolerance: float = CLOSE) -> Mask:
        near: Mask = np.abs(x[:, None] - self.points) <= tolerance * self.extent
        on: Mask = np.any(np.all(near, axis=2), axis=1)
        return on

    def in_order(self, coordinates: tuple[Symbol, ...]) -> PointCloud:
        """The same points, with their coordinates in another order."""
        return replace(self, columns={c: self.columns[c] for c in coordinates})

    def split(self, fraction: float, seed: int = 0) -> tuple[PointCloud, PointCloud]:
        """Two parts, drawn at random: the first holds that fraction of the points. Raises
        ValueError if one would be empty.
        """
        rows = np.arange(len(self.points)) if self.rows is None else self.rows
        order, n = np.random.default_rng(seed).permutation(rows), round(fraction * len(rows))
        if not 0 < n < len(rows):
            raise ValueError(f"split({fraction}) of {len(rows)} points leaves one part empty")
        return replace(self, rows=np.sort(order[:n])), replace(self, rows=np.sort(order[n:]))

    def __rmatmul__(self, equation: Any) -> Condition:
        """Raises ValueError for data that are not as long as the cloud."""
        data = (
            tuple(sorted(equation.atoms(Data), key=lambda d: d.dummy_index))
            if hasattr(equation, "atoms")
            else ()
        )
        given = len(next(iter(self.columns.values())))
        for d in data:
            if len(d.values) != given:
                raise ValueError(
                    f"{d} has {len(d.values)} values, but the cloud was given {given} points"
                )
        return Condition(equation, replace(self, data=data))

    def __str__(self) -> str:
        names = ", ".join(map(str, self.coordinates))
        return (
            f"PointCloud of {len(self.points)} points ({names}; {digest(self.points, *self.known)})"
        )
