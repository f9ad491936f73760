"""Regions where a function of the coordinates is negative."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import (
    Expr,
    Float,
    GreaterThan,
    LessThan,
    Max,
    Min,
    StrictGreaterThan,
    StrictLessThan,
    Symbol,
    lambdify,
)

from pinnsolve.geometry.charts import Array, Chart
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.filters import Inside, Separates
from pinnsolve.geometry.marching import MARCHING, facets, grid_of, level_chart
from pinnsolve.geometry.solids import Box
from pinnsolve.symbols.given import shown

WRITTEN = "Implicit(x**4 + y**4 < 1, {x: (-2, 2), y: (-2, 2)})"


@dataclass(frozen=True)
class Level:
    """A formula of coordinates, with its gradient."""

    formula: Expr
    coordinates: tuple[Symbol, ...]

    @cached_property
    def _compiled(self) -> Callable[..., Any]:
        every = [self.formula, *(self.formula.diff(c) for c in self.coordinates)]
        compiled: Callable[..., Any] = lambdify(
            self.coordinates, every, modules=["scipy", "numpy"], cse=True
        )
        return compiled

    def __call__(self, x: Array) -> tuple[Array, Array]:
        """Values `(n,)`, positive where there is none, and gradients `(n, dim)`, at points `(n,
        dim)`.
        """
        with np.errstate(all="ignore"):
            values, *slopes = (
                np.broadcast_to(np.asarray(v, dtype=float), (len(x),)) for v in self._compiled(*x.T)
            )
        gradients = np.stack(slopes, axis=1)
        return (
            np.where(np.isfinite(values), values, np.inf),
            np.where(np.isfinite(gradients), gradients, 0.0),
        )

    @cached_property
    def _formula(self) -> Callable[..., Any]:
        compiled: Callable[..., Any] = lambdify(
            self.coordinates, self.formula, modules=["scipy", "numpy"], cse=True
        )
        return compiled

    def values(self, x: Array) -> Array:
        """Values alone at points `(n, dim)`, `(n,)`: many are asked for."""
        with np.errstate(all="ignore"):
            values = np.broadcast_to(np.asarray(self._formula(*x.T), dtype=float), (len(x),))
        return np.where(np.isfinite(values), values, np.inf)


def _compared(formula: Expr) -> Iterator[Expr]:
    """The formulas of which one is the greatest or the least."""
    if not isinstance(formula, (Max, Min)):
        yield formula
        return
    for each in formula.args:
        yield from _compared(each)


@dataclass(frozen=True, eq=False, repr=False)
class Implicit(Solid):
    """`Implicit(x**4 + y**4 < 1, {x: (-2, 2), y: (-2, 2)})`: where an inequality between formulas
    of two or three coordinates holds, within a box that its boundary does not touch.

    A part, or a hole, that is smaller than a 160th of the box in the plane, a 40th in space, may be
    overlooked. Distances are to first order, f / |grad f|, and exact in sign. Raises TypeError for
    what is no inequality or no box, ValueError for other symbols, for a box without points inside,
    and for one whose faces are reached.

    >>> from pinnsolve import Implicit, coordinates, sample_region
    >>> x, y = coordinates("x y")
    >>> region = Implicit(x**4 + y**4 < 1, {x: (-2, 2), y: (-2, 2)})
    >>> region.contains([[0.8, 0.8], [0.9, 0.9]]).tolist()
    [True, False]
    >>> f"{sample_region(region.boundary, 500, seed=0).weights.sum():.4f}"
    '7.0177'
    """

    relation: Any
    box: Any

    def __post_init__(self) -> None:
        box = self.box if isinstance(self.box, Box) else Box(self.box)
        object.__setattr__(self, "box", box)
        if len(box.limits) not in {2, 3}:
            raise ValueError(
                f"an Implicit region has two or three coordinates, {WRITTEN}: got {box}"
            )
        level = self.level
        if level.free_symbols - set(box.limits) or not level.free_symbols:
            names = ", ".join(sorted(map(str, level.free_symbols))) or "no symbol"
            raise ValueError(
                f"an Implicit region wants formulas of {', '.join(map(str, box.limits))}, the"
                f" coordinates of its box: {shown(self.relation)} has {names}"
            )
        self._require_inside()

    @cached_property
    def level(self) -> Expr:
        """What is negative inside."""
        relation = self.relation
        if isinstance(relation, (StrictLessThan, LessThan)):
            return relation.lhs - relation.rhs
        if isinstance(relation, (StrictGreaterThan, GreaterThan)):
            return relation.rhs - relation.lhs
        raise TypeError(f"an Implicit region wants an inequality, {WRITTEN}: got {shown(relation)}")

    def _require_inside(self) -> None:
        nodes, _ = grid_of(self.box.bounds)
        inside = self.function(nodes)[0] < 0
        if not inside.any():
            raise ValueError(f"{self} is empty: no point of a grid in its box lies inside")
        low, high = self.box.bounds.T
        on_face = ((nodes <= low) | (nodes >= high)).any(axis=1) & inside
        if on_face.any():
            place = nodes[int(on_face.argmax())]
            where = ", ".join(f"{c}={v:.4g}" for c, v in zip(self.coordinates, place, strict=True))
            raise ValueError(
                f"{self} leaves its box at {where}: give a larger box, and cut the region by"
                " Implicit(...) & Box(...)"
            )

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return tuple(self.box.coordinates)

    @cached_property
    def function(self) -> Level:
        """Values `(n,)` and gradients `(n, dim)` at points `(n, dim)`."""
        return Level(self.level, self.coordinates)

    @cached_property
    def parts(self) -> tuple[Level, ...]:
        """Those of formulas of which the level is the greatest or the least."""
        return tuple(Level(part, self.coordinates) for part in _compared(self.level))

    @cached_property
    def facets(self) -> list[Array]:
        """Segments or triangles near the boundary, with corners on it, `(m, dim, dim)`: each closed
        curve by itself.
        """
        return facets(self.function, self.box.bounds)

    @cached_property
    def bounds(self) -> Array:
        """Of the facets, and a cube of the grid around them."""
        corners = np.concatenate(self.facets).reshape(-1, len(self.coordinates))
        limits = self.box.bounds
        step = np.ptp(limits, axis=1) / MARCHING.cubes[len(limits) - 1]
        low = np.maximum(corners.min(axis=0) - step, limits[:, 0])
        high = np.minimum(corners.max(axis=0) + step, limits[:, 1])
        return np.stack([low, high], axis=1)

    def charts(self) -> tuple[Chart, ...]:
        limits = zip(self.coordinates, self.bounds.tolist(), strict=True)
        (box,) = Box({c: (Float(low), Float(high)) for c, (low, high) in limits}).charts()
        return (box.filtered(Inside(self)),)

    def boundary_charts(self) -> tuple[Chart, ...]:
        """In space of each part what bounds the region: there facets cut off edges."""
        names = self.coordinates
        if len(names) == 2 or len(self.parts) == 1:
            return tuple(level_chart(names, self.function, each) for each in self.facets)
        found = [(part, corners) for part in self.parts for corners in self._facets_of(part)]
        return tuple(
            level_chart(names, part, corners).filtered(Separates(self))
            for part, corners in found
            if len(corners)
        )

    def _facets_of(self, part: Level) -> Iterator[Array]:
        """Those of a part's level that may reach the boundary."""
        for corners in facets(part, self.box.bounds):
            values, slopes = self.function(corners.reshape(-1, corners.shape[-1]))
            size = np.ptp(corners, axis=1).max(axis=1, keepdims=True)
            off = np.abs(values) / np.maximum(np.linalg.norm(slopes, axis=1), 1e-300)
            yield corners[(off.reshape(len(corners), -1) <= 2 * size).any(axis=1)]

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        values, gradients = self.function(np.asarray(x, dtype=float))
        scaled = gradients if unit is None else gradients * unit
        slopes = np.linalg.norm(scaled, axis=1)
        far = np.inf if unit is None else 1.0
        limit = np.ptp(self.box.bounds, axis=1).max() if unit is None else far
        with np.errstate(all="ignore"):
            distances = np.where(slopes > 0, values / slopes, np.sign(values) * limit)
        return np.clip(distances, -limit, limit)

    def __str__(self) -> str:
        return f"Implicit({self.relation}; {self.box})"
