"""What is assumed of an unknown's values: that they are complex, or positive, or lie in bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pinnsolve.symbols.given import number_of, parts_of, shown

# Kinds of values, as sympy assumes them; a logarithm is what is solved for in the place of a number
# that is positive.
REAL, COMPLEX, POSITIVE, LOGARITHM = "real", "complex", "positive", "logarithm"
SYMPY = {REAL: "real", COMPLEX: "complex", POSITIVE: "positive", LOGARITHM: "real"}
Bounds = tuple[float, float]


def kind_of(name: str, coordinates: tuple[Any, ...], assumptions: Mapping[str, object]) -> str:
    """A kind of values. Raises TypeError for what cannot be assumed, ValueError for a field that is
    to be positive.
    """
    for told, value in assumptions.items():
        if told not in {COMPLEX, POSITIVE} or value not in (True, False):
            raise TypeError(
                f"unknown({name!r}, ...) is real without being told, or complex=True: got"
                f" {told}={value!r}; a number may be positive=True"
            )
    given = [told for told, value in assumptions.items() if value]
    if len(given) > 1:
        raise ValueError(f"unknown({name!r}, ...) is complex or positive, not both")
    kind = given[0] if given else REAL
    if kind == POSITIVE and coordinates:
        raise ValueError(
            f"positive=True is for numbers, and {name} is a field: write exp({name}) in its place,"
            " its logarithm is the unknown then"
        )
    return kind


def bounds_in(name: str, coordinates: tuple[Any, ...], bounds: Any, kind: str) -> Bounds | None:
    """Where a number lies. Raises TypeError for what is no pair of numbers, ValueError for pairs
    that are no interval, for fields, and for numbers that are complex.
    """
    if bounds is None:
        return None
    given = parts_of(bounds) or ()
    each = [v for v in map(number_of, given) if v is not None]
    if len(given) != 2 or len(each) != 2:
        raise TypeError(
            f"bounds are two numbers, unknown({name!r}, bounds=(0.1, 10)): got {shown(bounds)}"
        )
    low, high = each
    if coordinates or kind == COMPLEX:
        what = "a field" if coordinates else "complex"
        raise ValueError(f"bounds are for real numbers, and {name} is {what}")
    if not -math.inf < low < high < math.inf:
        raise ValueError(
            f"bounds of {name} are two finite numbers, the lower one first: got {shown(bounds)}"
        )
    if kind == POSITIVE and low <= 0:
        raise ValueError(
            f"{name} is positive, and looked for by its logarithm: its lower bound must be above"
            f" zero, got {low:g}"
        )
    return low, high


def require_allowed(what: str, number: Any, value: Any) -> None:
    """Raise ValueError for the value of a number that its bounds, or its sign, do not allow."""
    given, bounds = number_of(value), number.func.bounds
    if given is None:
        return
    if bounds is not None and not bounds[0] <= given <= bounds[1]:
        raise ValueError(
            f"{what} of {number} is {given:g}, outside of its bounds {bounds[0]:g} to"
            f" {bounds[1]:g}: {what} wants a value inside"
        )
    if number.func.values == POSITIVE and given <= 0:
        raise ValueError(f"{what} of {number} is {given:g}, and {number} is declared positive")
