"""The values of an expression on boxes, by the table of interval operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import sympy
import torch
from numpy.typing import NDArray

from pinnsolve.compile.intervals import ENCLOSURES, Enclosure, widened
from pinnsolve.compile.lower import operands
from pinnsolve.geometry.mesh.bundle import OnSimplices
from pinnsolve.symbols.tables import Tabulated

Array = NDArray[np.float64]
Hull = Callable[[Array, Array], tuple[Array, Array]]


def enclosure(expression: sympy.Expr, boxes: Mapping[sympy.Basic, Enclosure]) -> Enclosure:
    """The values of an expression on n boxes, one enclosure `(n,)` a symbol.

    Equal parts are enclosed once. Raises KeyError for an operation that the table lacks.
    """
    known: dict[sympy.Basic, Enclosure] = dict(boxes)

    def of(e: Any) -> Enclosure:
        if e not in known:
            known[e] = _constant(e) if _is_constant(e) else operation(e)(*map(of, operands(e)))
        return known[e]

    return of(sympy.sympify(expression))


def is_enclosed(e: sympy.Basic) -> bool:
    """Whether an operation has an enclosure."""
    return _hull(e) is not None or e.func in ENCLOSURES


def operation(e: sympy.Basic) -> Callable[..., Enclosure]:
    """The operation on enclosures. Raises KeyError, where the table lacks it."""
    hull = _hull(e)
    return partial(_of_table, hull) if hull is not None else ENCLOSURES[e.func]


def _hull(e: sympy.Basic) -> Hull | None:
    """Of what is known by numbers: bounds `(n,)` in boxes, low and high `(n, k)`."""
    if isinstance(e, Tabulated):
        return e.spline.hull
    return e.held.hull if isinstance(e, OnSimplices) else None


def _of_table(hull: Hull, *arguments: Enclosure) -> Enclosure:
    ends = torch.broadcast_tensors(*(end for pair in arguments for end in pair))  # type: ignore[no-untyped-call]
    flat = [end.reshape(-1).numpy() for end in ends]
    bounds = hull(np.stack(flat[::2], axis=1), np.stack(flat[1::2], axis=1))
    low, high = (torch.from_numpy(b).reshape(ends[0].shape) for b in bounds)
    return widened(low, high)


def _is_constant(e: Any) -> bool:
    return (e is sympy.true or e is sympy.false) or bool(getattr(e, "is_number", False))


def _constant(e: Any) -> Enclosure:
    """A number, as the doubles around it; exactly, if it is one."""
    value = float(bool(e)) if (e is sympy.true or e is sympy.false) else float(e)
    point = torch.tensor(value, dtype=torch.float64)
    exact = (
        (e is sympy.true or e is sympy.false)
        or bool(getattr(e, "is_Integer", False))
        or e == sympy.Rational(value)
    )
    return (point, point) if exact else widened(point, point)
