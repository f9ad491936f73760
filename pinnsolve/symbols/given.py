"""What kind of thing a user has given: asked here once, for all front doors."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from sympy import Expr, MatrixBase, Symbol, SympifyError, Tuple, sympify


def is_text(value: Any) -> bool:
    """Whether it is a string."""
    return isinstance(value, str)


def number_of(value: Any) -> float | None:
    """A real number of Python, numpy or sympy as a float; None for anything else, True and "1"
    too.
    """
    if isinstance(value, (bool, np.bool_)):
        return None
    real = isinstance(value, Real) or (
        isinstance(value, Expr) and value.is_number and value.is_real
    )
    if real or (isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iuf"):
        return float(value)
    return None


def whole_of(value: Any) -> int | None:
    """A whole number of Python, numpy or sympy as an int; None for anything else, True and 1.0
    too.
    """
    whole = isinstance(value, Integral) and number_of(value) is not None
    return int(value) if whole else None


def formula_of(value: Any) -> Expr | None:
    """A number or a formula, as sympy sees it; None for anything else. Texts are never parsed."""
    if isinstance(value, (str, bytes)):
        return None
    try:
        found = sympify(value)
    except SympifyError:
        return None
    return found if isinstance(found, Expr) and not found.is_Matrix else None


def parts_of(value: Any) -> tuple[Any, ...] | None:
    """What a list or tuple holds, or a vector or matrix of sympy; None for anything else."""
    return tuple(value) if isinstance(value, (list, tuple, Tuple, MatrixBase)) else None


def are_symbols(values: Any) -> bool:
    """Whether all of them are symbols, as `coordinates` makes them."""
    return all(isinstance(value, Symbol) for value in values)


def by_key(value: Any) -> dict[Any, Any] | None:
    """What a mapping holds; None for anything else."""
    return dict(value) if isinstance(value, Mapping) else None


def by_symbol(value: Any) -> dict[Symbol, Any] | None:
    """What a mapping with symbols as its keys holds; None for anything else."""
    held = by_key(value)
    return held if held is not None and are_symbols(held) else None


def to_call(value: Any) -> str:
    """A hint for who gave a class in the place of one of its instances; empty for anything else."""
    return f": write {value.__name__}()" if isclass(value) else ""


def called(value: Any) -> str:
    """The name of a function or class, or the text of anything else."""
    return str(getattr(value, "__name__", value))


def shown(value: Any) -> str:
    """A value in words for a message, no longer than a line."""
    if isclass(value):
        return f"the class {value.__name__}"
    text = repr(value)
    return text if len(text) < 100 else f"{text[:90]} ... ({type(value).__name__})"
