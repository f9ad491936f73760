"""Splines through values on a grid: evaluated, differentiated and enclosed.

de Boor, "A Practical Guide to Splines", 2001: interpolation (chapter XIII), derivatives (X, 12),
and the convex hull of coefficients (XI, 3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import starmap

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Relative to the grid's length: a point that is farther outside is no rounded end
ROUNDED_END = 1e-12


@dataclass(frozen=True, eq=False)
class Spline:
    """A tensor product of splines: knots `(n_i + degree_i + 1,)` and a degree along each axis,
    coefficients `(n_1, ..., n_d)`. Splines of equal numbers are equal.
    """

    knots: tuple[Array, ...]
    degrees: tuple[int, ...]
    coefficients: Array

    @cached_property
    def digest(self) -> str:
        """What tells it from others."""
        parts = (*self.knots, np.array(self.degrees), self.coefficients)
        return hashlib.sha256(b"|".join(part.tobytes() for part in parts)).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spline) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def box(self) -> tuple[tuple[float, float], ...]:
        """Where it is known, from and to along each axis."""
        return tuple((float(t[0]), float(t[-1])) for t in self.knots)

    def __call__(self, *arguments: Array) -> Array:
        """Values at points `(...)`, one array an axis; NaN outside of the box."""
        from scipy.interpolate import NdBSpline

        points = np.stack(np.broadcast_arrays(*arguments), axis=-1).astype(float)
        for k, (low, high) in enumerate(self.box):
            slack, line = ROUNDED_END * (high - low), points[..., k]
            known = (line >= low - slack) & (line <= high + slack)
            points[..., k] = np.where(known, np.clip(line, low, high), np.nan)
        outside = np.isnan(points).any(axis=-1)
        points[outside] = [low for low, _ in self.box]
        spline = NdBSpline(self.knots, self.coefficients, self.degrees)
        return np.where(outside, np.nan, spline(points))

    def derivative(self, axis: int) -> Spline | None:
        """By one argument: a spline of a degree less; None, if it vanishes between its jumps."""
        degree, t = self.degrees[axis], self.knots[axis]
        if degree == 0:
            return None
        steps = np.diff(self.coefficients, axis=axis)
        n = steps.shape[axis]
        factors = degree / (t[degree + 1 : degree + 1 + n] - t[1 : 1 + n])
        shape = [n if k == axis else 1 for k in range(steps.ndim)]
        return replace(
            self,
            knots=(*self.knots[:axis], t[1:-1], *self.knots[axis + 1 :]),
            degrees=(*self.degrees[:axis], degree - 1, *self.degrees[axis + 1 :]),
            coefficients=steps * factors.reshape(shape),
        )

    @cached_property
    def _slopes(self) -> list[Spline]:
        """By every argument."""
        each = map(self.derivative, range(len(self.degrees)))
        return [slope for slope in each if slope is not None]

    def hull(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Bounds of its values on boxes, `(n, d)` each: the smallest and the largest coefficient of
        what does not vanish there, and around the middle value by slopes; infinite where a box
        leaves the grid.
        """
        below, above = self._of_coefficients(low, high)
        middle, half = (low + high) / 2, (high - low) / 2
        if min(self.degrees) > 0:  # else it jumps
            bounds = [np.abs(s._of_coefficients(low, high)).max(axis=0) for s in self._slopes]
            reach, value = (np.stack(bounds, axis=1) * half).sum(axis=1), self(*middle.T)
            below, above = np.fmax(below, value - reach), np.fmin(above, value + reach)
        ends = np.array(self.box)
        inside = (low >= ends[:, 0]).all(axis=1) & (high <= ends[:, 1]).all(axis=1)
        return np.where(inside, below, -np.inf), np.where(inside, above, np.inf)

    def _of_coefficients(self, low: Array, high: Array) -> tuple[Array, Array]:
        """The smallest and the largest of those that count on each box, `(n,)`."""
        ranges = []
        for k, (t, degree) in enumerate(zip(self.knots, self.degrees, strict=True)):
            last = self.coefficients.shape[k] - 1
            first = np.clip(np.searchsorted(t, low[:, k], "right") - 1 - degree, 0, last)
            end = np.clip(np.searchsorted(t, high[:, k], "left") - 1, first, last)
            ranges.append(list(starmap(slice, zip(first, end + 1, strict=True))))
        parts = [self.coefficients[each] for each in zip(*ranges, strict=True)]
        return np.array([p.min() for p in parts]), np.array([p.max() for p in parts])


def spline_through(lines: Sequence[Array], values: Array, degree: int) -> Spline:
    """The spline with these values `(n_1, ..., n_d)` at the grid's points, lines `(n_i,)`."""
    from scipy.interpolate import make_interp_spline

    knots, coefficients = [], values
    for axis, line in enumerate(lines):
        one = make_interp_spline(line, coefficients, k=degree, axis=axis)
        knots.append(one.t)
        coefficients = np.moveaxis(one.c, 0, axis)
    return Spline(tuple(knots), (degree,) * len(knots), np.ascontiguousarray(coefficients))
