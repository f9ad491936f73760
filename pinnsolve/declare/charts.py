"""Charts: every region, solid or boundary, is a list of maps from a unit cube.

A chart is symbolic, so one description serves the sampling (float64), the check of an exact solution (50 digits),
and the printing. Each map is *measure preserving up to a constant*: uniform parameters give uniform points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Dummy, Expr, S, Symbol, lambdify

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Filter = Callable[[Array, Array | None], Mask]


@dataclass(frozen=True)
class Chart:
    """x = point(s), s in [0, 1]^k, and the outward unit normal at x where there is one.

    `measure` is the image's length, area or volume before the filters; `dimension` its dimension (at most k);
    `filters` keep the points (n, dim) with normals (n, dim) that belong to the region.
    """

    coordinates: tuple[Symbol, ...]
    parameters: tuple[Dummy, ...]
    point: tuple[Expr, ...]
    measure: float
    dimension: int
    normal: tuple[Expr, ...] | None = None
    filters: tuple[Filter, ...] = ()

    def points(self, s: Array) -> tuple[Array, Array | None]:
        """Points and normals, each `(n, dim)`, of parameters `(n, k)`, before the filters."""
        columns = [np.broadcast_to(np.asarray(c, dtype=float), (len(s),)) for c in self._compiled(*s.T)]
        dim = len(self.point)
        x = np.stack(columns[:dim], axis=1)
        return x, None if self.normal is None else np.stack(columns[dim:], axis=1)

    def keep(self, x: Array, n: Array | None) -> Mask:
        """Which of the points belong to the region."""
        kept = np.ones(len(x), dtype=bool)
        for accepts in self.filters:
            kept &= accepts(x, n)
        return kept

    def filtered(self, *filters: Filter) -> Chart:
        """The part of this chart that passes the filters too."""
        return replace(self, filters=self.filters + filters)

    def flipped(self) -> Chart:
        """The same surface, seen from the other side."""
        return replace(self, normal=None if self.normal is None else tuple(-n for n in self.normal))

    @cached_property
    def _compiled(self) -> Callable[..., list[Any]]:
        expressions = [*self.point, *(self.normal or ())]
        compiled: Callable[..., list[Any]] = lambdify(self.parameters, expressions, modules=["scipy", "numpy"])
        return compiled


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

    def left(accepts: Filter) -> Filter:
        return lambda x, n: accepts(x[:, :da], None if n is None else n[:, :da])

    def right(accepts: Filter) -> Filter:
        return lambda x, n: accepts(x[:, da:], None if n is None else n[:, da:])

    return Chart(
        a.coordinates + b.coordinates,
        a.parameters + b.parameters,
        a.point + b.point,
        a.measure * b.measure,
        a.dimension + b.dimension,
        normal,
        tuple(map(left, a.filters)) + tuple(map(right, b.filters)),
    )
