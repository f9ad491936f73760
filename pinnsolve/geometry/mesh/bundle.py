"""Many simplices as one chart: the first parameter says which one, and where in it.

Simplices stand in the order of a curve that fills space, each with an interval of the first
parameter as long as its share of the measure. So the map keeps measure, Sobol's points are spread
evenly, and an interval of the first parameter is a connected part of the surface, of which a table
knows the bounding box.
"""

from __future__ import annotations

import copyreg
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import mpmath
import numpy as np
from sympy import Expr, Float, S, Symbol
from sympy.core.function import FunctionClass

from pinnsolve.geometry.charts import Array, Chart, parameters
from pinnsolve.geometry.mesh.simplices import Numbers, along_curve, in_a_row, measures, unit_vectors
from pinnsolve.geometry.sheets import exact_tiles
from pinnsolve.symbols.tables import ByNumbers

Ends = tuple[Array, Array]


@dataclass(frozen=True, eq=False)
class Bundle:
    """Simplices with corners `(m, k + 1, dim)` and, of facets, normals there `(m, k + 1, dim)`."""

    corners: Array
    normals: Array | None

    @classmethod
    def of(cls, corners: Array, normals: Array | None = None) -> Bundle:
        """Of simplices in any order, `(m, k + 1, dim)`; those without measure are left out."""
        order = along_curve(corners.mean(axis=1)) if corners.shape[1] > 2 else in_a_row(corners)
        order = order[measures(corners[order]) > 0]
        return cls(corners[order], None if normals is None else normals[order])

    @cached_property
    def sizes(self) -> Array:
        """Lengths, areas or volumes, `(m,)`."""
        return measures(self.corners)

    @cached_property
    def ends(self) -> Array:
        """Between which values of the first parameter each of them is: `(m + 1,)`."""
        grown = np.concatenate([[0.0], np.cumsum(self.sizes)])
        ends: Array = grown / grown[-1]
        return ends

    def chart(self, coordinates: tuple[Symbol, ...]) -> Chart:
        """All of them, as one chart."""
        count, dim = self.corners.shape[1] - 1, len(coordinates)
        s = parameters(count)
        point = tuple(_function(Column(self, axis))(*s) for axis in range(dim))
        normal = (
            None
            if self.normals is None
            else tuple(_function(Column(self, dim + axis))(*s) for axis in range(dim))
        )
        total = float(self.sizes.sum())
        pieces = np.tile([0.0, 1.0], (len(self.sizes), count, 1))
        pieces[:, 0] = np.stack([self.ends[:-1], self.ends[1:]], axis=1)
        # A place is linear in the roots of the parameters (`_shares`)
        roots = tuple(range(count, 0, -1))
        return Chart(
            coordinates, s, point, total, count, normal, place=self, pieces=pieces, roots=roots
        )

    def __call__(self, s: Array) -> tuple[Array, Array | None]:
        simplex = self.which(s[:, 0])
        share = _shares(self._inner(s, simplex))[:, :, None]
        x: Array = (share * self.corners[simplex]).sum(axis=1)
        if self.normals is None:
            return x, None
        return x, unit_vectors((share * self.normals[simplex]).sum(axis=1))

    def which(self, s: Array) -> Numbers:
        """The simplex of each value `(n,)` of the first parameter."""
        found = np.searchsorted(self.ends, s, side="right") - 1
        return np.clip(found, 0, len(self.sizes) - 1).astype(np.int64)

    def _inner(self, s: Array, simplex: Numbers) -> Array:
        """Parameters in the simplices, of those in the bundle."""
        begin, end = self.ends[simplex], self.ends[simplex + 1]
        inner = s.copy()
        inner[:, 0] = np.clip((s[:, 0] - begin) / (end - begin), 0.0, 1.0)
        return inner

    @cached_property
    def _boxes(self) -> list[Ends]:
        """Of runs of 1, 2, 4, ... simplices from each: least and largest of places and normals,
        `(m, columns)` each.
        """
        columns = self.corners
        if self.normals is not None:
            columns = np.concatenate([columns, self.normals], axis=2)
        levels = [(columns.min(axis=1), columns.max(axis=1))]
        step = 1
        while 2 * step <= len(columns):
            low, high = levels[-1]
            ahead = np.minimum(np.arange(len(columns)) + step, len(columns) - 1)
            levels.append((np.minimum(low, low[ahead]), np.maximum(high, high[ahead])))
            step *= 2
        return levels

    def hull(self, column: int, low: Array, high: Array) -> Ends:
        """Between which values a column of places, or of normals, is in boxes of parameters, low
        and high `(n, k)`: `(n,)` each.
        """
        first, last = self.which(low[:, 0]), self.which(high[:, 0])
        level = np.frexp(last - first + 1)[1] - 1
        least, most = np.empty(len(low)), np.empty(len(low))
        for k in np.unique(level).tolist():
            own = np.flatnonzero(level == k)
            begin, end = first[own], last[own] - 2**k + 1
            least[own] = np.minimum(*(self._boxes[k][0][at, column] for at in (begin, end)))
            most[own] = np.maximum(*(self._boxes[k][1][at, column] for at in (begin, end)))
        if column >= self.corners.shape[2]:
            return self._of_length_one(least, most)
        one = np.flatnonzero(first == last)
        if len(one):
            least[one], most[one] = self._within(column, low[one], high[one], first[one])
        return least, most

    def _within(self, column: int, low: Array, high: Array, simplex: Numbers) -> Ends:
        """Of boxes in one simplex each: a place is linear in each root of a parameter."""
        ends = [self._inner(end, simplex) for end in (low, high)]
        corners = [
            (
                _shares(np.stack([ends[side][:, k] for k, side in enumerate(sides)], axis=1))
                * self.corners[simplex, :, column]
            ).sum(axis=1)
            for sides in product((0, 1), repeat=low.shape[1])
        ]
        return np.min(corners, axis=0), np.max(corners, axis=0)

    def _of_length_one(self, least: Array, most: Array) -> Ends:
        """Components of normals between corners are divided by a length below one."""
        assert self.normals is not None
        apart = self.normals[:, :, None] - self.normals[:, None]
        # |sum w n|^2 = 1 - sum of w_i w_j |n_i - n_j|^2, and the w_i w_j add up to a third at most
        shortest = np.sqrt(max(0.0, 1 - float((apart**2).sum(axis=-1).max()) / 3))
        if shortest < 0.1:
            return np.full_like(least, -1.0), np.full_like(most, 1.0)
        low, high = np.minimum(least, least / shortest), np.maximum(most, most / shortest)
        return np.maximum(low, -1.0), np.minimum(high, 1.0)


def _shares(inner: Array) -> Array:
    """Shares of the corners `(n, k + 1)` of parameters `(n, k)` of a simplex, uniform for uniform
    ones.
    """
    count = inner.shape[1]
    left, shares = np.ones(len(inner)), []
    for axis in range(count):
        root = inner[:, axis] ** (1.0 / (count - axis))
        shares.append(left * (1 - root))
        left = left * root
    return np.stack([*shares, left], axis=1)


@dataclass(frozen=True, eq=False)
class Column:
    """One coordinate of the places of a bundle, or of its normals after these."""

    bundle: Bundle
    column: int

    def hull(self, low: Array, high: Array) -> Ends:
        """Between which values it is in boxes of parameters, low and high `(n, k)`: `(n,)` each."""
        return self.bundle.hull(self.column, low, high)

    def digits(self, s: tuple[Any, ...]) -> Any:
        """Its value in the digits that mpmath works with."""
        first = float(s[0])
        simplex = int(self.bundle.which(np.array([first]))[0])
        begin, end = (mpmath.mpf(float(e)) for e in self.bundle.ends[simplex : simplex + 2])
        inner = [min(max((s[0] - begin) / (end - begin), mpmath.mpf(0)), mpmath.mpf(1)), *s[1:]]
        shares, left = [], mpmath.mpf(1)
        for axis, value in enumerate(inner):
            root = mpmath.root(value, len(inner) - axis)
            shares.append(left * (1 - root))
            left = left * root
        shares.append(left)
        dim = self.bundle.corners.shape[2]
        if self.column < dim:
            return _weighted(shares, self.bundle.corners[simplex, :, self.column])
        assert self.bundle.normals is not None
        normal = [_weighted(shares, c) for c in self.bundle.normals[simplex].T]
        return normal[self.column - dim] / mpmath.sqrt(mpmath.fsum(n * n for n in normal))


def _weighted(shares: list[Any], values: Array) -> Any:
    """A mean, exact where all values are the same."""
    first = mpmath.mpf(float(values[0]))
    rest = zip(shares[1:], values[1:], strict=True)
    return first + mpmath.fsum(w * (mpmath.mpf(float(v)) - first) for w, v in rest)


class ColumnFunction(FunctionClass):
    """The class of a column's function: made at run time, one for each."""


class OnSimplices(ByNumbers, metaclass=ColumnFunction):
    """A coordinate, or a component of the normal, at parameters of a bundle."""

    held: Column

    def _at(self, numbers: Sequence[Expr], prec: int) -> Expr:
        """In all digits."""
        with mpmath.workprec(prec):
            value = self.held.digits(tuple(n._to_mpmath(prec) for n in numbers))
            return Float(value, precision=prec) if mpmath.isfinite(value) else S.NaN


def _function(column: Column) -> ColumnFunction:
    count = column.bundle.corners.shape[1] - 1
    made = ColumnFunction(f"place{column.column}", (OnSimplices,), {"held": column, "nargs": count})
    assert isinstance(made, ColumnFunction)
    return made


def _made(function: ColumnFunction) -> Any:
    return "OnSimplices" if function is OnSimplices else (_function, (function.held,))


copyreg.pickle(ColumnFunction, _made)


@exact_tiles.register
def _(place: Bundle) -> tuple[Array, Array | None] | None:
    return (place.corners, place.normals) if place.corners.shape[1] == 3 else None
