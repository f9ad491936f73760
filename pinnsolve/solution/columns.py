"""Points as they are given, one array a coordinate: by name, sampled, or in the unknown's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import singledispatch
from typing import Any

import numpy as np
from sympy import Symbol
from torch import Tensor

from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.cloud import PointCloud
from pinnsolve.geometry.region import Region
from pinnsolve.symbols.given import parts_of

# Names of coordinates, an array for each, and the normals, if they are known.
Columns = tuple[list[str], list[Array], Array | None]


@singledispatch
def columns_of(first: Any, rest: tuple[Any, ...], problem: Problem) -> Columns:
    """The columns of points that are given as the first argument, or as that and the rest."""
    if hasattr(first, "columns"):  # a data frame
        return _by_name(first, first.columns, rest, problem)
    named = getattr(first, "coordinates", ())
    if named and not rest:
        return _require_all([c.name for c in named], problem), [*np.asarray(first).T], None
    _require_no_formula([e for e in rest if _is_text(e) or callable(e)], problem)
    names = [c.name for c in _own_order(problem)]
    return names, _arrays((first, *rest), names), None


@columns_of.register
def _(first: PointCloud, rest: tuple[Any, ...], problem: Problem) -> Columns:
    _require_no_formula(rest, problem)
    return [c.name for c in first.coordinates], [*first.points.T], None


@columns_of.register
def _(first: Points, rest: tuple[Any, ...], problem: Problem) -> Columns:
    _require_no_formula(rest, problem)
    names = [c.name for c in first.coordinates or problem.domain.coordinates]
    known = first.normals is not None and first.normals.shape[1] == len(names)
    return _require_all(names, problem), [*first.x.T], first.normals if known else None


@columns_of.register(Mapping)
def _(first: Mapping[Any, Any], rest: tuple[Any, ...], problem: Problem) -> Columns:
    return _by_name(first, first, rest, problem)


@columns_of.register
def _(first: Region, rest: tuple[Any, ...], problem: Problem) -> Columns:
    raise TypeError(
        "a solution is called with points: those of a region are sample_region(region, 1000,"
        f" seed=0), got {first}"
    )


def _is_text(item: object) -> bool:
    return isinstance(item, (str, bytes))


def _require_no_formula(items: Sequence[object], problem: Problem) -> None:
    """Raise TypeError for what stands behind the points as an expression would, and is neither that
    nor a coordinate.
    """
    if items:
        raise TypeError(
            "behind the points stands an expression of the problem's symbols, solution(points,"
            f" {problem.unknowns[0]}**2), and no {type(items[0]).__name__}: got"
            f" {str(items[0])[:60]}"
        )


def _by_name(
    given: Any, keys: Iterable[object], rest: tuple[Any, ...], problem: Problem
) -> Columns:
    _require_no_formula(rest, problem)
    by_name = {str(key): key for key in keys}
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
    found = orders(problem)
    if len(found) > 1:
        raise ValueError(
            f"the unknowns order their coordinates differently, {found}: give points by name,"
            " {'x': ..., ...}"
        )
    own: tuple[Symbol, ...] = found[0]
    return own


def orders(problem: Problem) -> list[tuple[Symbol, ...]]:
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
        rows = parts_of(item) is not None or column.shape[-1:] == (len(names),)
        if numbers and column.ndim > 1 and rows:
            by_name = ", ".join(f"{name!r}: ..." for name in names)
            raise ValueError(
                f"{numbers[0]:g} beside points of shape {column.shape} is read in two ways: give"
                " the points alone, an expression behind them, or one array a coordinate by name,"
                f" solution({{{by_name}}})"
            )


def _is_one_a_coordinate(given: Any, dim: int) -> bool:
    """Whether this is (X, Y), arrays of the coordinates, not a list of points."""
    arrays = parts_of(given)
    if dim == 1 or not arrays or not all(isinstance(a, (np.ndarray, Tensor)) for a in arrays):
        return False
    most = max(a.ndim for a in arrays)
    return most > 1 or (most > 0 and isinstance(given, tuple))


def _numbers(given: Any) -> Array:
    held = given.detach().cpu().numpy() if isinstance(given, Tensor) else given
    try:
        array = np.asarray(held)
        if np.iscomplexobj(array) or given is None:
            raise TypeError
        return array.astype(np.float64)
    except (TypeError, ValueError):
        raise TypeError(
            f"points must be real numbers, all rows as long: got {type(given).__name__}"
            f" {str(given)[:60]}"
        ) from None
