"""Ellipses and ellipsoids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Symbol

from pinnsolve.geometry.charts import Array, Chart
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.round import body_charts, in_units, rim_charts, to_ellipsoid
from pinnsolve.symbols.given import by_symbol
from pinnsolve.symbols.written import assignments, number

WRITTEN = "Ellipse({x: 0, y: 0}, {x: 2, y: 1})"


@dataclass(frozen=True, eq=False, repr=False)
class Ellipse(Solid):
    """`Ellipse({x: 0, y: 0}, {x: 2, y: 1})`: the points with sum ((x_i - c_i) / a_i)^2 <= 1, by
    centre and semiaxes, along the coordinates; in space an ellipsoid, in any number of dimensions.

    Raises TypeError for what is no mapping of coordinates to numbers, ValueError for semiaxes that
    are not positive, or of other coordinates.

    >>> from pinnsolve import Ellipse, coordinates, sample_region
    >>> x, y = coordinates("x y")
    >>> ellipse = Ellipse({x: 0, y: 0}, {x: 2, y: 1})
    >>> ellipse.contains([[1.9, 0.0], [0.0, 1.1]]).tolist()
    [True, False]
    >>> f"{sample_region(ellipse.boundary, 100, seed=0).weights.sum():.4f}"
    '9.6884'
    """

    center: Mapping[Symbol, Any]
    semiaxes: Mapping[Symbol, Any]

    def __post_init__(self) -> None:
        center, axes = by_symbol(self.center), by_symbol(self.semiaxes)
        if not center or not axes:
            raise TypeError(
                f"an Ellipse wants centre and semiaxes by coordinate, {WRITTEN}: got"
                f" {self.center!r} and {self.semiaxes!r}"
            )
        if set(center) != set(axes):
            raise ValueError(
                f"an Ellipse wants a semiaxis for each coordinate of its centre, {WRITTEN}: got"
                f" {', '.join(map(str, axes))} for {', '.join(map(str, center))}"
            )
        own = {c: number(axes[c], f"semiaxis {c}") for c in center}
        for c, a in own.items():
            if not a > 0:
                raise ValueError(f"an ellipse with semiaxis {c}={a} has zero measure")
        object.__setattr__(self, "center", {c: number(v, f"centre {c}") for c, v in center.items()})
        object.__setattr__(self, "semiaxes", own)

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return tuple(self.center)

    @property
    def bounds(self) -> Array:
        middle, axes = self.floats
        return np.stack([middle - axes, middle + axes], axis=1)

    @cached_property
    def floats(self) -> tuple[Array, Array]:
        """Centre and semiaxes, `(dim,)` each."""
        middle, axes = (
            np.array([float(v) for v in held.values()]) for held in (self.center, self.semiaxes)
        )
        return middle, axes

    def charts(self) -> tuple[Chart, ...]:
        return body_charts(self.center, tuple(self.semiaxes.values()))

    def boundary_charts(self) -> tuple[Chart, ...]:
        return rim_charts(self.center, tuple(self.semiaxes.values()))

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        middle, axes = self.floats
        return in_units(*to_ellipsoid(x - middle, axes), unit)

    def __str__(self) -> str:
        return f"Ellipse({assignments(self.center)}; semiaxes {assignments(self.semiaxes)})"
