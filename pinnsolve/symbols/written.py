"""Numbers and arrays of the user's own: checked, written out, and told apart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from pinnsolve.symbols.given import are_symbols, by_key, formula_of, is_text, parts_of


def number(value: object, what: str) -> Expr:
    """A finite real number as sympy sees it (exact where the user was); strings are refused, never
    parsed.
    """
    if is_text(value):
        raise TypeError(f"{what} must be a number, not the string {value!r}")
    formula = formula_of(value)
    if formula is None:
        raise TypeError(f"{what} must be a finite real number: got {value!r}")
    if not (formula.is_number and formula.is_finite and formula.is_real):
        raise ValueError(f"{what} must be a finite real number: got {value}")
    return formula


def numbers_in(values: object) -> NDArray[np.float64]:
    """An array of numbers `(...)` as floats. Raises TypeError or ValueError for anything else, for
    texts of numbers and complex ones too.
    """
    array = np.asarray(values)
    texts = map(is_text, array.flat) if array.dtype.kind == "O" else ()
    if array.dtype.kind in "USMm" or any(texts):
        raise TypeError("texts are no numbers")
    if array.dtype.kind == "c":
        raise TypeError("complex numbers are not real")
    return array.astype(float)


def require_ring(coordinates: object, vertices: object) -> None:
    """Raise TypeError or ValueError unless these are two coordinates, and vertices in them."""
    written = "Polygon((x, y), [(0, 0), (1, 0), (0, 1)])"
    named = parts_of(coordinates)
    if named is None or not are_symbols(named):
        raise TypeError(
            f"a Polygon wants two coordinates, from coordinates(...), {written}: got"
            f" {coordinates!r}"
        )
    if len(named) != 2 or named[0] == named[1]:
        raise ValueError(f"a Polygon wants two coordinates: got {coordinates}")
    if is_text(vertices) or by_key(vertices) is not None or not np.iterable(vertices):
        raise TypeError(f"a Polygon wants its vertices in order, {written}: got {vertices!r}")
    for vertex in vertices:
        if is_text(vertex) or not np.iterable(vertex) or len(tuple(vertex)) != 2:
            raise ValueError(f"a Polygon's vertices are pairs of numbers: got {vertex}")


def hashable(value: Any) -> Any:
    """What was declared, as tuples all the way down."""
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    held, parts = by_key(value), parts_of(value)
    if held is not None:
        return tuple((key, hashable(part)) for key, part in held.items())
    return value if parts is None else tuple(map(hashable, parts))


def written(value: Expr) -> str:
    """A number as a user writes it, with all its digits."""
    return repr(float(value)) if value.is_Float else str(value)


def assignments(values: Mapping[Symbol, Expr]) -> str:
    """`x=0, y=1`."""
    return ", ".join(f"{c}={written(v)}" for c, v in values.items())


def digest(*arrays: NDArray[np.float64]) -> str:
    """Eight characters that tell these arrays `(...)` from others."""
    held = hashlib.sha256()
    for array in arrays:
        held.update(repr(array.shape).encode() + np.ascontiguousarray(array).view("<f8").tobytes())
    return held.hexdigest()[:8]
