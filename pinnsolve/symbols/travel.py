"""Expressions on their way to another process, as they are written: sympy, left alone, evaluates
them anew on arrival.

2*(x + y) would arrive as 2*x + 2*y, and an equation that was not evaluated perhaps as False.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Add, Basic, Eq, Mul, Pow

from pinnsolve.symbols.symbols import Unknown


@dataclass(frozen=True)
class Written:
    """A node of an expression: its class and its parts."""

    kind: Any
    parts: tuple[Any, ...]


def packed(held: Any) -> Any:
    """Expressions, also those in a tuple or a mapping, as nodes."""
    if isinstance(held, Mapping):
        return {key: packed(value) for key, value in held.items()}
    if isinstance(held, tuple):
        return tuple(map(packed, held))
    if isinstance(held, Basic) and held.args and not isinstance(held, Unknown):
        return Written(held.func, packed(held.args))
    return held


def unpacked(held: Any) -> Any:
    """The expressions again, nothing evaluated."""
    if isinstance(held, Mapping):
        return {key: unpacked(value) for key, value in held.items()}
    if isinstance(held, tuple):
        return tuple(map(unpacked, held))
    return _built(held.kind, unpacked(held.parts)) if isinstance(held, Written) else held


def _built(kind: Any, parts: tuple[Any, ...]) -> Any:
    if kind in (Add, Mul):
        return kind._from_args(parts)
    return kind(*parts, evaluate=False) if kind in (Pow, Eq) else kind(*parts)
