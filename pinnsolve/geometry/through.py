"""Closed curves through points: periodic cubic splines, with corners where they are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from sympy import Float, Integer, Symbol

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.curve import Enclosed
from pinnsolve.geometry.path import Path
from pinnsolve.symbols.given import by_symbol, shown, whole_of
from pinnsolve.symbols.splines import Spline as Table
from pinnsolve.symbols.tables import tabulated
from pinnsolve.symbols.written import digest, numbers_in

WRITTEN = "Spline({x: xs, y: ys})"


@dataclass(frozen=True, eq=False, repr=False)
class Spline(Enclosed):
    """`Spline({x: xs, y: ys})`: the region inside of the closed cubic spline through points, arrays
    `(n,)` in their order, either way round; the last may repeat the first.

    The curve has two continuous derivatives by its parameter, the length of the chords so far;
    `corners` are the numbers of points where it turns, at the trailing edge of an airfoil for
    instance. Raises TypeError for what is no mapping of coordinates, ValueError for arrays that are
    too short, of several lengths or not finite, for a point that repeats the one before, and for
    curves that cross themselves.

    >>> import numpy as np
    >>> from pinnsolve import Spline, coordinates
    >>> x, y = coordinates("x y")
    >>> angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    >>> disk = Spline({x: np.cos(angles), y: np.sin(angles)})
    >>> disk.contains([[0.99, 0.0], [0.0, 1.01]]).tolist()
    [True, False]
    """

    points: Mapping[Symbol, Any]
    corners: Sequence[int] = ()

    def __post_init__(self) -> None:
        names, x = _points(self.points)
        object.__setattr__(self, "points", dict(zip(names, x.T, strict=True)))
        object.__setattr__(self, "corners", _corners(self.corners, len(x)))
        self.require_region()

    @cached_property
    def path(self) -> Path:
        """The curve as it is followed, by the length of the chords so far."""
        x, turning = np.stack([*self.points.values()], axis=1), self.corners
        start = turning[0] if turning else 0
        ring = np.roll(x, -start, axis=0)
        ring = np.vstack([ring, ring[:1]])
        s = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(ring, axis=0), axis=1)))
        between = [*(k - start for k in turning), len(x)]
        knots, coefficients = _between(s, ring, between) if turning else _periodic(s, ring)
        parameter = Symbol("s", real=True)
        tables = [Table((knots,), (3,), np.ascontiguousarray(c)) for c in coefficients.T]
        formulas = {
            c: tabulated(f"spline_{c}", table)(parameter)
            for c, table in zip(self.points, tables, strict=True)
        }
        return Path(formulas, parameter, Integer(0), Float(s[-1]))

    def __str__(self) -> str:
        x = np.stack([*self.points.values()], axis=1)
        turns = f"; corners {', '.join(map(str, self.corners))}" if self.corners else ""
        names = ", ".join(map(str, self.points))
        return f"Spline({names}; {len(x)} points, {digest(x)}{turns})"


def _points(points: Any) -> tuple[list[Symbol], Array]:
    """Coordinates, and distinct points `(n, 2)`."""
    held = by_symbol(points)
    if held is None or len(held) != 2:
        raise TypeError(f"a Spline wants two arrays by coordinate, {WRITTEN}: got {shown(points)}")
    try:
        columns = [numbers_in(column) for column in held.values()]
    except (TypeError, ValueError) as error:
        raise TypeError(f"a Spline wants numbers, {WRITTEN}: got {shown(points)}") from error
    if len({c.shape for c in columns}) != 1 or columns[0].ndim != 1:
        shapes = ", ".join(str(c.shape) for c in columns)
        raise ValueError(f"a Spline wants arrays (n,) that are as long, {WRITTEN}: got {shapes}")
    x = np.stack(columns, axis=1)
    if not np.isfinite(x).all():
        k = int(np.flatnonzero(~np.isfinite(x).all(axis=1))[0])
        raise ValueError(f"a Spline wants finite numbers: point {k} is {x[k].tolist()}")
    near = 1e-12 * np.ptp(x, axis=0) if len(x) else np.zeros(2)
    if len(x) > 1 and (np.abs(x[0] - x[-1]) <= near).all():
        x = x[:-1]
    if len(x) < 4:
        raise ValueError(f"a Spline wants at least four different points: got {len(x)}")
    same = (np.abs(np.diff(x, axis=0)) <= near).all(axis=1)
    if same.any():
        k = int(same.argmax())
        raise ValueError(f"points {k} and {k + 1} of a Spline are the same: leave one of them out")
    return list(held), x


def _corners(corners: Any, count: int) -> tuple[int, ...]:
    """The numbers of the points, in order."""
    wholes = [whole_of(k) for k in corners] if np.iterable(corners) else [None]
    found = sorted({k % count for k in wholes if k is not None and -count <= k < count})
    if None in wholes or len(found) != len(wholes):
        raise ValueError(
            f"corners of a Spline are numbers of its {count} points, corners=[0]: got"
            f" {shown(corners)}"
        )
    return tuple(found)


def _periodic(s: Array, ring: Array) -> tuple[Array, Array]:
    from scipy.interpolate import make_interp_spline

    spline = make_interp_spline(s, ring, k=3, bc_type="periodic")
    return spline.t, spline.c


def _between(s: Array, ring: Array, corners: Sequence[int]) -> tuple[Array, Array]:
    """Splines from corner to corner, as one with threefold knots there."""
    from scipy.interpolate import make_interp_spline

    knots, coefficients = [np.full(1, s[0])], [ring[:1]]
    for a, b in pairwise(corners):
        degree = min(3, b - a)
        line = np.linspace(s[a], s[b], 4) if degree < 3 else s[a : b + 1]
        on = make_interp_spline(s[a : b + 1], ring[a : b + 1], k=degree)
        spline = make_interp_spline(line, on(line), k=3)
        knots.append(spline.t[1:-1] if not knots[1:] else spline.t[4:-1])
        coefficients.append(spline.c[1:])
    knots.append(np.full(1, s[-1]))
    return np.concatenate(knots), np.concatenate(coefficients)
