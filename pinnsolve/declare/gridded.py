"""Arrays on a grid, as users give them: lines that increase, and values that fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Symbol

from pinnsolve.geometry.charts import Array
from pinnsolve.symbols.given import shown
from pinnsolve.symbols.written import numbers_in


@dataclass(frozen=True)
class Called:
    """Who asks for the arrays, what its lines and the places of values are called, and what a wrong
    shape is told.
    """

    function: str
    lines: str
    place: str
    wanted: str


def increasing(by: Called, coordinate: Symbol, line: Any) -> Array:
    """A line of the grid, `(n,)`. Raises ValueError for fewer than two numbers, or if they do not
    increase.
    """
    try:
        numbers = numbers_in(line)
    except (TypeError, ValueError):
        numbers = np.full(0, np.nan)
    if numbers.ndim != 1 or len(numbers) < 2 or not np.isfinite(numbers).all():
        raise ValueError(
            f"{by.function} wants a row of at least two finite numbers as the {by.lines} along"
            f" {coordinate}, {coordinate}: [0, 1, 2]: got {shown(line)}"
        )
    if not (np.diff(numbers) > 0).all():
        k = int((np.diff(numbers) <= 0).argmax())
        raise ValueError(
            f"{by.function}: the {by.lines} along {coordinate} do not increase, {numbers[k]:.6g} is"
            f" followed by {numbers[k + 1]:.6g}: sort them, and the values with them"
        )
    return numbers


def numbers_on(by: Called, values: Any, names: Sequence[Symbol], sizes: Sequence[int]) -> Array:
    """The values as floats, `(n_1, ..., n_d)` by the sizes. Raises ValueError for other shapes, or
    for what is not finite.
    """
    try:
        numbers = numbers_in(values)
    except (TypeError, ValueError):
        raise ValueError(
            f"{by.function} wants an array of real numbers as its values: got {shown(values)}"
        ) from None
    wanted = tuple(sizes)
    if numbers.shape != wanted:
        turned = numbers.ndim > 1 and numbers.shape == wanted[::-1]
        raise ValueError(
            f"{by.function}: values of shape {numbers.shape} do not fit the {by.lines} along"
            f" {', '.join(map(str, names))}, which are those of {wanted} {by.place}s: {by.wanted}"
            + (", values.T here" if turned else "")
        )
    if not np.isfinite(numbers).all():
        at = tuple(int(k) for k in np.argwhere(~np.isfinite(numbers))[0])
        raise ValueError(
            f"{by.function}: the value of {by.place} {at} is {numbers[at]}: give a finite number"
            f" for every {by.place}"
        )
    return numbers
