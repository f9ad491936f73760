"""Where a solution is asked for: points as arrays, by name, one array a coordinate, or sampled,
read into one form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Basic, MatrixBase, Symbol
from torch import Tensor

from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.points import Array, Points
from pinnsolve.geometry.cloud import PointCloud
from pinnsolve.geometry.region import Region

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


def read(points: tuple[Any, ...], problem: Problem) -> Inputs:
    """Points as they are given to a solution. Raises TypeError for no numbers, ValueError for wrong
    shapes, names or NaN.
    """
    domain = problem.domain.coordinates
    if not points:
        raise TypeError(
            f"a solution is called with points, (n, {len(domain)}) or one array a coordinate"
        )
    names, columns, normals = _columns(points, problem)
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
    domain, own = problem.domain.coordinates, _orders(problem)[0]
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


def is_expression(item: Any) -> bool:
    """Whether something is a formula, or a tuple, a list, a mapping or a matrix with one."""
    if isinstance(item, Mapping):
        return any(map(is_expression, item.values()))
    if isinstance(item, (tuple, list)):
        return any(map(is_expression, item))
    return isinstance(item, (Basic, MatrixBase))


def _columns(
    points: tuple[Any, ...], problem: Problem
) -> tuple[list[str], list[Array], Array | None]:
    """Names of coordinates, an array for each, and the normals, if they are known."""
    first = points[0]
    _require_no_formula(points, problem)
    if isinstance(first, PointCloud):
        return [c.name for c in first.coordinates], [*first.points.T], None
    if isinstance(first, Points):
        names = [c.name for c in first.coordinates or problem.domain.coordinates]
        known = (
            first.normals
            if first.normals is not None and first.normals.shape[1] == len(names)
            else None
        )
        return _require_all(names, problem), [*first.x.T], known
    if isinstance(first, Mapping) or hasattr(first, "columns"):
        return _by_name(first, problem)
    if isinstance(first, Region):
        raise TypeError(
            "a solution is called with points: those of a region are sample_region(region, 1000,"
            f" seed=0), got {first}"
        )
    named = getattr(first, "coordinates", ())
    if named and len(points) == 1:
        return _require_all([c.name for c in named], problem), [*np.asarray(first).T], None
    names = [c.name for c in _own_order(problem)]
    return names, _arrays(points, names), None


def _require_no_formula(points: tuple[Any, ...], problem: Problem) -> None:
    """Raise TypeError for what stands behind the points as an expression would, and is neither that
    nor a coordinate.
    """
    whole = isinstance(points[0], (PointCloud, Points, Mapping)) or hasattr(points[0], "columns")
    for item in points[1:]:
        if whole or isinstance(item, (str, bytes)) or callable(item):
            raise TypeError(
                "behind the points stands an expression of the problem's symbols, solution(points,"
                f" {problem.unknowns[0]}**2), and no {type(item).__name__}: got {str(item)[:60]}"
            )


def _by_name(given: Any, problem: Problem) -> tuple[list[str], list[Array], None]:
    keys = given.columns if hasattr(given, "columns") else given
    by_name = {key.name if isinstance(key, Symbol) else str(key): key for key in keys}
    names = [c.name for c in problem.domain.coordinates]
    _require_all(list(by_name), problem)
    return names, [_numbers(given[by_name[name]]) for name in names], None


def _require_all(names: list[str], problem: Problem) -> list[str]:
    missing = [c.name for c in problem.domain.coordinates if c.name not in names]
    if missing:
        raise ValueError(
            f"the points lack {', '.join(missing)}: they hold {', '.join(names) or 'nothing'}"
        )
    return names


def _own_order(problem: Problem) -> tuple[Symbol, ...]:
    """The order of the unknowns' arguments, in which the columns of a plain array are."""
    orders = _orders(problem)
    if len(orders) > 1:
        raise ValueError(
            f"the unknowns order their coordinates differently, {orders}: give points by name,"
            " {'x': ..., ...}"
        )
    own: tuple[Symbol, ...] = orders[0]
    return own


def _orders(problem: Problem) -> list[tuple[Symbol, ...]]:
    """The orders in which unknowns of all coordinates have their arguments; the domain's, if there
    is no such unknown.
    """
    domain = problem.domain.coordinates
    whole = [u.func.coordinates for u in problem.unknowns if len(u.args) == len(domain)]
    return list(dict.fromkeys(whole)) or [domain]


def _arrays(points: tuple[Any, ...], names: Sequence[str]) -> list[Array]:
    """One array a coordinate, from these, or from one whose last axis holds the coordinates."""
    dim, last = len(names), points[0]
    each = points if len(points) > 1 else last if _is_one_a_coordinate(last, dim) else None
    if each is not None:
        if len(each) != dim:
            raise ValueError(
                f"points must have shape (n, {dim}), or be {dim} arrays, of {', '.join(names)}: got"
                f" {len(each)} arrays"
            )
        columns = [_numbers(column) for column in each]
        _require_coordinates(each, columns, names)
        return columns
    x = _numbers(last)
    if x.size == 0 and x.ndim < 2:
        return [np.zeros(0)] * dim
    if dim == 1 and (x.ndim < 2 or x.shape[-1] != 1):
        return [x]
    if x.ndim == 1 and len(x) == dim:
        x = x[None]
    if x.ndim < 2 or x.shape[-1] != dim:
        more = "; transpose them, points.T" if x.ndim == 2 and x.shape[0] == dim else ""
        raise ValueError(
            f"points must have shape (n, {dim}), or any whose last axis holds {', '.join(names)}:"
            f" got {x.shape}{more}"
        )
    return [*np.moveaxis(x, -1, 0)]


def _require_coordinates(
    given: Sequence[Any], columns: Sequence[Array], names: Sequence[str]
) -> None:
    """Raise ValueError for rows of points beside a number: were they one coordinate, the number
    would be the other.
    """
    numbers = [c for c in columns if c.ndim == 0]
    for item, column in zip(given, columns, strict=True):
        rows = isinstance(item, (list, tuple)) or column.shape[-1:] == (len(names),)
        if numbers and column.ndim > 1 and rows:
            by_name = ", ".join(f"{name!r}: ..." for name in names)
            raise ValueError(
                f"{numbers[0]:g} beside points of shape {column.shape} is read in two ways: give"
                " the points alone, an expression behind them, or one array a coordinate by name,"
                f" solution({{{by_name}}})"
            )


def _is_one_a_coordinate(given: Any, dim: int) -> bool:
    """Whether this is (X, Y), arrays of the coordinates, not a list of points."""
    if (
        dim == 1
        or not isinstance(given, (tuple, list))
        or not all(isinstance(a, (np.ndarray, Tensor)) for a in given)
    ):
        return False
    return (
        bool(given)
        and (isinstance(given, tuple) or max(a.ndim for a in given) > 1)
        and max(a.ndim for a in given) > 0
    )


def _numbers(given: Any) -> Array:
    held = given.detach().cpu().numpy() if isinstance(given, Tensor) else given
    try:
        found = np.asarray(held)
        if np.iscomplexobj(found) or given is None:
            raise TypeError
        return found.astype(np.float64)
    except (TypeError, ValueError):
        raise TypeError(
            f"points must be real numbers, all rows as long: got {type(given).__name__}"
            f" {str(given)[:60]}"
        ) from None
