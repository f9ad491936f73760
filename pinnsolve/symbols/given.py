"""What kind of thing a user has given: asked here once, for all front doors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from inspect import isclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from sympy import Expr, MatrixBase, Symbol, SympifyError, Tuple, sympify

# What a user writes for a function of the coordinates, or for a number.
Formula = Expr | float


def is_text(value: object) -> bool:
    """Whether it is a string."""
    return isinstance(value, str)


def number_of(value: object) -> float | None:
    """A real number of Python, numpy or sympy as a float; None for anything else, True and "1"
    too.
    """
    if isinstance(value, (bool, np.bool_)):
        return None
    if isinstance(value, Expr):
        return float(value) if value.is_number and value.is_real else None
    if isinstance(value, np.ndarray):
        return float(value) if value.ndim == 0 and value.dtype.kind in "iuf" else None
    return float(value) if isinstance(value, Real) else None


def whole_of(value: object) -> int | None:
    """A whole number of Python, numpy or sympy as an int; None for anything else, True and 1.0
    too.
    """
    if number_of(value) is None or not isinstance(value, Integral):
        return None
    return int(value)


def formula_of(value: object) -> Expr | None:
    """A number or a formula, as sympy sees it; None for anything else. Texts are never parsed."""
    if isinstance(value, (str, bytes)):
        return None
    try:
        formula = sympify(value)
    except SympifyError:
        return None
    return formula if isinstance(formula, Expr) and not formula.is_Matrix else None


def parts_of(value: object) -> tuple[Any, ...] | None:
    """What a list or tuple holds, or a vector or matrix of sympy; None for anything else."""
    return tuple(value) if isinstance(value, (list, tuple, Tuple, MatrixBase)) else None


def held_in(value: object) -> Iterator[object]:
    """A value, and all that its fields and sequences hold."""
    yield value
    inner = value if isinstance(value, (list, tuple)) else ()
    if is_dataclass(value) and not isclass(value):
        inner = [getattr(value, f.name) for f in fields(value)]
    for each in inner:
        yield from held_in(each)


def are_symbols(values: Iterable[object]) -> bool:
    """Whether all of them are symbols, as `coordinates` makes them."""
    return all(isinstance(value, Symbol) for value in values)


def by_key(value: object) -> dict[Any, Any] | None:
    """What a mapping holds; None for anything else."""
    return dict(value) if isinstance(value, Mapping) else None


def by_symbol(value: object) -> dict[Symbol, Any] | None:
    """What a mapping with symbols as its keys holds; None for anything else."""
    held = by_key(value)
    return held if held is not None and are_symbols(held) else None


def to_call(value: object) -> str:
    """A hint for who gave a class in the place of one of its instances; empty for anything else."""
    return f": write {value.__name__}()" if isclass(value) else ""


def called(value: object) -> str:
    """The name of a function or class, or the text of anything else."""
    return str(getattr(value, "__name__", value))


def shown(value: object) -> str:
    """A value in words for a message, no longer than a line."""
    if isclass(value):
        return f"the class {value.__name__}"
    text = repr(value)
    return text if len(text) < 100 else f"{text[:90]} ... ({type(value).__name__})"
