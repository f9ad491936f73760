"""Charts: every region, solid or boundary, is a list of maps from a unit cube.

A chart is symbolic, so one description serves the sampling (float64), the check of an exact
solution (50 digits), and the printing. Most maps keep measure up to a constant: uniform parameters
give uniform points. Others, along an ellipse for instance, say what length, area or volume a unit
of their parameters has (`element`). Maps that are known by numbers alone, of the facets of a mesh,
have `place` and `stretch` and no formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sympy import Dummy, Expr, Pow, Symbol, lambdify

from pinnsolve.geometry.evened import Evened

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Filter = Callable[[Array, Array | None], Mask]
Place = Callable[[Array], "tuple[Array, Array | None]"]
Stretch = Callable[[Array], Array]

# Relative to a region's sides: nearer than this counts as on the boundary.
CLOSE = 1e-9


@dataclass(frozen=True)
class Chart:
    """x = point(s), s in [0, 1]^k, and the outward unit normal at x where there is one.

    `measure` is the image's length, area or volume before the filters; `dimension` its dimension
    (at most k); `filters` keep the points (n, dim) with normals (n, dim) that belong to the region.
    `element` is the length, area or volume a unit of parameters, where that varies. `place`
    and `stretch` are the map and the element in float64, `(n, k)` to points and normals `(n, dim)`
    and to `(n,)`, where they are known without compiling the formulas (which takes milliseconds a
    chart); without `formulas`, those of `point` and `normal` are names alone (`traced`). `pieces
    (m, k, 2)` are boxes of parameters in which the map is smooth, where it is not as a whole, and
    `roots (k,)` the powers of each parameter, from where its piece begins, that it is smooth in;
    rules have `nodes (k,)` along each parameter of a piece.
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
    element: Expr | None = None
    stretch: Stretch | None = None
    formulas: bool = True
    pieces: Array | None = None
    roots: tuple[int, ...] | None = None
    nodes: tuple[int, ...] | None = None

    def points(self, s: Array) -> tuple[Array, Array | None]:
        """Points and normals, each `(n, dim)`, of parameters `(n, k)`, before the filters."""
        if self.place is not None:
            return self.place(s)
        dim, columns = len(self.point), _columns(self._compiled, s)
        return columns[:, :dim], None if self.normal is None else columns[:, dim:]

    @property
    def varies(self) -> bool:
        """Whether uniform parameters give points that are denser here than there."""
        return self.element is not None or self.stretch is not None

    def elements(self, s: Array) -> Array:
        """Length, area or volume a unit of parameters, at `(n, k)`: `(n,)`."""
        if self.stretch is not None:
            return self.stretch(s)
        if self.element is None:
            return np.full(len(s), self.measure)
        return _columns(self._compiled_element, s)[:, 0]

    def spread(self, s: Array) -> tuple[Array, Array]:
        """Parameters `(n, k)` whose points are uniform where `s (n, k)` are, and the weights of
        these points `(n,)`, which add up to the measure.
        """
        if not self.varies:
            return s, np.full(len(s), self.measure / len(s))
        moved, density = self._evened(s)
        weights = self.elements(moved) / density
        return moved, self.measure * weights / weights.sum()

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
        return _lambdified(self.parameters, (*self.point, *(self.normal or ())))

    @cached_property
    def _compiled_element(self) -> Callable[..., list[Any]]:
        assert self.element is not None, "asked of charts that have one"
        return _lambdified(self.parameters, (self.element,))

    @cached_property
    def _evened(self) -> Evened:
        return Evened.of(self.elements, len(self.parameters))


def _lambdified(symbols: tuple[Dummy, ...], formulas: tuple[Expr, ...]) -> Callable[..., list[Any]]:
    compiled: Callable[..., list[Any]] = lambdify(
        symbols, list(formulas), modules=["scipy", "numpy"]
    )
    return compiled


def _columns(compiled: Callable[..., list[Any]], s: Array) -> Array:
    """The values of formulas at `(n, k)`, as columns `(n, n_formulas)`."""
    values = [np.broadcast_to(np.asarray(c, dtype=float), (len(s),)) for c in compiled(*s.T)]
    return np.stack(values, axis=1)


def traced(
    coordinates: tuple[Symbol, ...],
    dimension: int,
    measure: float,
    place: Place,
    stretch: Stretch | None = None,
    **known: Any,
) -> Chart:
    """A chart that is known by numbers alone, of as many parameters as it has dimensions; with
    normals, if it is one dimension short.
    """
    point, normal = (tuple(Dummy(f"{c}{end}") for c in coordinates) for end in ("", "_n"))
    return Chart(
        coordinates,
        parameters(dimension),
        point,
        measure,
        dimension,
        normal if dimension == len(coordinates) - 1 else None,
        place=place,
        stretch=stretch,
        formulas=False,
        **known,
    )


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

    def spread(self, s: Array) -> tuple[Array, Array]:
        """No parameters `(n, 0)`, and as large a weight for each of the points given."""
        return s, np.full(len(self.x), self.measure / len(self.x))


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


def powers(chart: Chart) -> tuple[int, ...]:
    """For each parameter s the power m with which a chart is smooth in z, s = z^m: the radius in a
    ball is the cube root of a parameter.
    """
    if chart.roots is not None:
        return chart.roots
    roots = [e for p in chart.point for e in p.atoms(Pow) if e.exp.is_Rational]
    return tuple(max([e.exp.q for e in roots if e.base == s], default=1) for s in chart.parameters)


def cross(a: Array, b: Array) -> Array:
    """The areas that pairs of plane vectors `(n, 2)` span, positive counter-clockwise: `(n,)`."""
    area: Array = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return area
