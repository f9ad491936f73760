"""Charts of products of regions: pairs of points of two charts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Float, S

from pinnsolve.geometry.charts import Array, Chart, Columns, powers
from pinnsolve.geometry.gauss import nodes_of


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
class Multiplied:
    """The elements of two charts, multiplied."""

    a: Chart
    b: Chart

    def __call__(self, s: Array) -> Array:
        split = len(self.a.parameters)
        return self.a.elements(s[:, :split]) * self.b.elements(s[:, split:])


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
    formulas, varies = a.formulas and b.formulas, a.varies or b.varies
    each = [c.element or Float(c.measure) for c in (a, b)]
    return Chart(
        a.coordinates + b.coordinates,
        a.parameters + b.parameters,
        a.point + b.point,
        a.measure * b.measure,
        a.dimension + b.dimension,
        normal,
        tuple(Columns(f, first) for f in a.filters) + tuple(Columns(f, second) for f in b.filters),
        Paired(a, b),
        each[0] * each[1] if formulas and varies else None,
        Multiplied(a, b) if varies else None,
        formulas,
        _product_of_pieces(a, b),
        (*powers(a), *powers(b)) if a.roots or b.roots else None,
        (*nodes_of(a), *nodes_of(b)) if a.nodes or b.nodes else None,
    )


def _product_of_pieces(a: Chart, b: Chart) -> Array | None:
    if a.pieces is None and b.pieces is None:
        return None
    pairs = [np.concatenate([p, q]) for p in _pieces(a) for q in _pieces(b)]
    return np.array(pairs)


def _pieces(chart: Chart) -> Array:
    whole = np.tile([0.0, 1.0], (1, len(chart.parameters), 1))
    return whole if chart.pieces is None else chart.pieces
