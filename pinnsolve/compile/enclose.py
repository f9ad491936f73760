"""The values of an expression on boxes, by the table of interval operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
import torch

from pinnsolve.compile.intervals import ENCLOSURES, Enclosure, widened
from pinnsolve.compile.lower import operands


def enclosure(expression: sympy.Expr, boxes: Mapping[sympy.Basic, Enclosure]) -> Enclosure:
    """The values of an expression on n boxes, one enclosure `(n,)` a symbol.

    Equal parts are enclosed once. Raises KeyError for an operation that the table lacks.
    """
    known: dict[sympy.Basic, Enclosure] = dict(boxes)

    def of(e: Any) -> Enclosure:
        if e not in known:
            known[e] = (
                _constant(e) if _is_constant(e) else ENCLOSURES[e.func](*map(of, operands(e)))
            )
        return known[e]

    return of(sympy.sympify(expression))


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
