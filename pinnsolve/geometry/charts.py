"""Charts: every region, solid or boundary, is a list of maps from a unit cube.

A chart is symbolic, so one description serves the sampling (float64), the check of an exact
solution (50 digits), and the printing. Each map is *measure preserving up to a constant*: uniform
parameters give uniform points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sympy import Dummy, Expr, S, Symbol, lambdify

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Filter = Callable[[Array, Array | None], Mask]
Place = Callable[[Array], "tuple[Array, Array | None]"]

# Relative to a region's sides: nearer than this counts as on the boundary.
CLOSE = 1e-9


@dataclass(frozen=True)
class Chart:
    """x = point(s), s in [0, 1]^k, and the outward unit normal at x where there is one.

    `measure` is the image's length, area or volume before the filters; `dimension` its dimension
    (at most k); `filters` keep the points (n, dim) with normals (n, dim) that belong to the region.
    `place` is the map in float64, where it is known without compiling the formulas (which takes
    milliseconds a chart).
    """

    coordinates: tuple[Symbol, ...]
    parameters: tuple[Dummy, ...]
    point: tuple[Expr, ...]
    measure: float
    dimension: int
    normal: tuple[Expr, ...] | None = None
    listed: ClassVar[bool] = False  # whether its points are given, and no map of parameters
    filters: tuple[Filter, ...] = ()
    place: Place | None = None

    def points(self, s: Array) -> tuple[Array, Array | None]:
        """Points and normals, each `(n, dim)`, of parameters `(n, k)`, before the filters."""
        if self.place is not None:
            return self.place(s)
        columns = [
            np.broadcast_to(np.asarray(c, dtype=float), (len(s),)) for c in self._compiled(*s.T)
        ]
        dim = len(self.point)
        x = np.stack(columns[:dim], axis=1)
        return x, None if self.normal is None else np.stack(columns[dim:], axis=1)

    def keep(self, x: Array, n: Array | None) -> Mask:
        """Which of the points `(n, dim)` with normals `(n, dim)` belong to the region: `(n,)`."""
        kept = np.ones(len(x), dtype=bool)
        for accepts in self.filters:
            kept &= accepts(x, n)
        return kept

    def filtered(self, *filters: Filter) -> Chart:
        """The part of this chart that passes the filters too."""
        return replace(self, filters=self.filters + filters)

    def flipped(self) -> Chart:
        """The same surface, seen from the other side."""
        normal = None if self.normal is None else tuple(-n for n in self.normal)
        # What is kept is a question of the surface, not of the side that it is seen from.
        filters = tuple(FromBehind(f) for f in self.filters)
        place = None if self.place is None else Flipped(self.place)
        return replace(self, normal=normal, filters=filters, place=place)

    @cached_property
    def _compiled(self) -> Callable[..., list[Any]]:
        expressions = [*self.point, *(self.normal or ())]
        compiled: Callable[..., list[Any]] = lambdify(
            self.parameters, expressions, modules=["scipy", "numpy"]
        )
        return compiled


@dataclass(frozen=True)
class Straight:
    """s -> origin + s @ along, and the same normal everywhere: `origin (dim,)`, `along (k,
    dim)`.
    """

    origin: Array
    along: Array
    normal: Array | None = None

    def __call__(self, s: Array) -> tuple[Array, Array | None]:
        x = self.origin + s @ self.along
        return x, None if self.normal is None else np.broadcast_to(self.normal, x.shape)


@dataclass(frozen=True)
class Flipped:
    """The same points, with normals that point the other way."""

    place: Place

    def __call__(self, s: Array) -> tuple[Array, Array | None]:
        x, normals = self.place(s)
        return x, None if normals is None else -normals


@dataclass(frozen=True)
class FromBehind:
    """A filter that sees the normals as they were before they were turned round."""

    accepts: Filter

    def __call__(self, x: Array, n: Array | None) -> Mask:
        return self.accepts(x, None if n is None else -n)


@dataclass(frozen=True)
class Paired:
    """Points of two charts side by side; the normal of the one that has one, with zeros."""

    a: Chart
    b: Chart

    def __call__(self, s: Array) -> tuple[Array, Array | None]:
        split = len(self.a.parameters)
        (x, n), (y, m) = self.a.points(s[:, :split]), self.b.points(s[:, split:])
        normals = None
        if (n is None) != (m is None):
            normals = np.hstack(
                [np.zeros_like(x) if n is None else n, np.zeros_like(y) if m is None else m]
            )
        return np.hstack([x, y]), normals


@dataclass(frozen=True)
class Permuted:
    """Points and normals of a chart, their columns in another order."""

    chart: Chart
    order: tuple[int, ...]

    def __call__(self, s: Array) -> tuple[Array, Array | None]:
        x, n = self.chart.points(s)
        order = list(self.order)
        return x[:, order], None if n is None else n[:, order]


@dataclass(frozen=True)
class Listed(Chart):
    """Not a map, but a list of points `(n, dim)`; in the place of normals, NaN and what else is
    known there.
    """

    x: Array = field(default_factory=lambda: np.zeros((0, 0)))
    known: Array | None = None
    listed: ClassVar[bool] = True

    def points(self, s: Array) -> tuple[Array, Array | None]:
        return self.x, self.known


@dataclass(frozen=True)
class Columns:
    """A filter that sees some of the columns of points and normals."""

    accepts: Filter
    kept: tuple[int, ...]

    def __call__(self, x: Array, n: Array | None) -> Mask:
        kept = list(self.kept)
        return self.accepts(x[:, kept], None if n is None else n[:, kept])


def parameters(count: int) -> tuple[Dummy, ...]:
    """Fresh chart parameters, so that charts can be multiplied without clashes."""
    return tuple(Dummy(f"s{i}", real=True) for i in range(count))


def product(a: Chart, b: Chart) -> Chart:
    """The chart of A x B; its normal is that of the one factor which has one."""
    da = len(a.coordinates)
    zeros_a, zeros_b = (S.Zero,) * da, (S.Zero,) * len(b.coordinates)
    if a.normal is not None and b.normal is not None:
        normal = None  # an edge: no single normal
    elif a.normal is not None:
        normal = a.normal + zeros_b
    else:
        normal = None if b.normal is None else zeros_a + b.normal
    places = tuple(range(da + len(b.coordinates)))
    first, second = places[:da], places[da:]
    return Chart(
        a.coordinates + b.coordinates,
        a.parameters + b.parameters,
        a.point + b.point,
        a.measure * b.measure,
        a.dimension + b.dimension,
        normal,
        tuple(Columns(f, first) for f in a.filters) + tuple(Columns(f, second) for f in b.filters),
        Paired(a, b),
    )
