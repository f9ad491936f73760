"""Where a solution is asked for: points as arrays, by name, one array a coordinate, or sampled,
read into one form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np
from sympy import Basic, MatrixBase

from pinnsolve.declare.problem import Problem
from pinnsolve.fields.arrays import Array
from pinnsolve.solution.columns import columns_of, orders

CALLED = {
    "eval",
    "evaluate",
    "predict",
    "values",
    "value",
    "sol",
    "u",
    "y",
    "interpolate",
    "at",
    "subs",
    "forward",
    "diff",
}


@dataclass(frozen=True)
class Inputs:
    """Points `x (n, dim)` in the domain's order, normals alike or None, and the shape that values
    shall have.
    """

    x: Array
    normals: Array | None
    shape: tuple[int, ...]

    def taken(self, rows: Array) -> Inputs:
        """Some of the points, by their rows `(n_taken,)`."""
        normals = None if self.normals is None else self.normals[rows]
        return Inputs(self.x[rows], normals, (len(rows),))


def read(points: tuple[Any, ...], problem: Problem) -> Inputs:
    """Points as they are given to a solution. Raises TypeError for no numbers, ValueError for wrong
    shapes, names or NaN.
    """
    domain = problem.domain.coordinates
    if not points:
        raise TypeError(
            f"a solution is called with points, (n, {len(domain)}) or one array a coordinate"
        )
    names, columns, normals = columns_of(points[0], points[1:], problem)
    try:
        spread = np.broadcast_arrays(*columns)
    except ValueError:
        raise ValueError(
            f"one array a coordinate: shapes {[c.shape for c in columns]} do not broadcast"
        ) from None
    order = [names.index(c.name) for c in domain]
    shape = spread[0].shape
    x = np.stack([spread[k].reshape(-1) for k in order], axis=1)
    bad = np.flatnonzero(~np.isfinite(x).all(axis=1))
    if len(bad):
        place = ", ".join(f"{c}={v}" for c, v in zip(domain, x[bad[0]].tolist(), strict=True))
        raise ValueError(f"points must be finite numbers: point {bad[0]} is {place}")
    return Inputs(
        np.ascontiguousarray(x),
        None if normals is None else np.ascontiguousarray(normals[:, order]),
        shape,
    )


def outside(x: Array, problem: Problem) -> str:
    """How many of the points `(n, dim)` lie outside of the domain, and the first of them; empty if
    none does.
    """
    domain = problem.domain
    beyond = np.flatnonzero(~domain.contains(x)) if len(x) else np.zeros(0, dtype=int)
    if not len(beyond):
        return ""
    first = ", ".join(f"{c}={v:.6g}" for c, v in zip(domain.coordinates, x[beyond[0]], strict=True))
    return (
        f"{len(beyond)} of {len(x)} points lie outside of the domain {domain}, where no equation"
        f" holds: the first is {first}{_in_the_other_order(x, problem)}"
    )


def _in_the_other_order(x: Array, problem: Problem) -> str:
    """Whether the points lie inside if their columns are in the domain's order: they were sampled
    there, and a copy has lost their names.
    """
    domain, own = problem.domain.coordinates, orders(problem)[0]
    if own == domain or not problem.domain.contains(x[:, [domain.index(c) for c in own]]).all():
        return ""
    by_name = ", ".join(f"'{c}': ..." for c in own)
    return (
        f"; plain arrays are read in the order of the unknown's arguments, {own}, and all of these"
        f" lie inside if they are in the domain's, {domain}: give points by name, {{{by_name}}}"
    )


def no_attribute(name: str, unknowns: Sequence[str]) -> str:
    """What to write for `solution.predict`, or `solution.u`."""
    said = f"a Solution has no attribute {name}"
    if name in unknowns:
        return f"{said}: its values are those of solution(points, {name})"
    if name in CALLED:
        return (
            f"{said}: call it, solution(points) for values, solution(points, u.diff(x)) for any"
            " expression of them"
        )
    return said


def split(given: tuple[Any, ...]) -> tuple[tuple[Any, ...], Any]:
    """The points, and the expression that may stand behind them (None, if there is none)."""
    if len(given) > 1 and is_expression(given[0]):
        raise TypeError(
            f"points come first, and the expression behind them, solution(points, {given[0]}): got"
            " them swapped"
        )
    if len(given) > 1 and (given[-1] is None or is_expression(given[-1])):
        return given[:-1], given[-1]
    return given, None


@singledispatch
def is_expression(item: object) -> bool:
    """Whether something is a formula, or a tuple, a list, a mapping or a matrix with one."""
    return False


@is_expression.register(Basic)
@is_expression.register(MatrixBase)
def _(item: object) -> bool:
    return True


@is_expression.register(tuple)
@is_expression.register(list)
def _(item: Sequence[object]) -> bool:
    return any(map(is_expression, item))


@is_expression.register(Mapping)
def _(item: Mapping[object, object]) -> bool:
    return any(map(is_expression, item.values()))
