"""Expressions on their way to another process, as they are written: sympy, left alone, evaluates
them anew on arrival.

2*(x + y) would arrive as 2*x + 2*y, and an equation that was not evaluated perhaps as False.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from sympy import Add, Basic, Eq, Mul, Pow

from pinnsolve.symbols.symbols import Unknown


@dataclass(frozen=True)
class Written:
    """A node of an expression: its class and its parts."""

    kind: Any
    parts: tuple[Any, ...]


@singledispatch
def packed(held: Any) -> Any:
    """Expressions, also those in a tuple or a mapping, as nodes; anything else as it is."""
    return held


@packed.register
def _(held: Basic) -> Any:
    return Written(held.func, packed(held.args)) if held.args else held


@packed.register
def _(held: Unknown) -> Any:
    return held


@packed.register
def _(held: tuple) -> Any:  # type: ignore[type-arg]
    return tuple(map(packed, held))


@packed.register(Mapping)
def _(held: Mapping[Any, Any]) -> Any:
    return {key: packed(value) for key, value in held.items()}


@singledispatch
def unpacked(held: Any) -> Any:
    """The expressions again, nothing evaluated."""
    return held


@unpacked.register
def _(held: Written) -> Any:
    return _built(held.kind, unpacked(held.parts))


@unpacked.register
def _(held: tuple) -> Any:  # type: ignore[type-arg]
    return tuple(map(unpacked, held))


@unpacked.register(Mapping)
def _(held: Mapping[Any, Any]) -> Any:
    return {key: unpacked(value) for key, value in held.items()}


def _built(kind: Any, parts: tuple[Any, ...]) -> Any:
    if kind in (Add, Mul):
        return kind._from_args(parts)
    return kind(*parts, evaluate=False) if kind in (Pow, Eq) else kind(*parts)
