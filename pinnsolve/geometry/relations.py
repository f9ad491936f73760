"""Relations between coordinates, and values of these: what `where` and `at` take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sympy import Abs, Add, Eq, Expr, Symbol, lambdify
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean

from pinnsolve.geometry.charts import CLOSE, Mask
from pinnsolve.symbols.given import Formula
from pinnsolve.symbols.written import number


def require_relation(relation: object) -> None:
    """Raise TypeError for what is no relation between coordinates, with what to write."""
    if relation is True or relation is False:
        raise TypeError(
            f"where({relation}): `==` compares in Python; write Eq(y, 0.5), or an inequality"
        )
    if not isinstance(relation, Boolean) or relation.is_Symbol or relation.atoms(AppliedUndef):
        raise TypeError(
            "where(...) wants a relation, where(y > 0.5) or where(And(x > 0, y > 0)): got"
            f" {relation!r}"
        )


@lru_cache(maxsize=1024)
def compiled_relation(
    relation: Boolean, coordinates: tuple[Symbol, ...], sides: tuple[float, ...]
) -> Callable[..., Mask]:
    """The relation as a function of arrays, one a coordinate.

    An equation holds nowhere in floating point, so it gets some width: as much as its sides differ
    over `CLOSE` times the region's sides.
    """

    def near(left: Expr, right: Expr) -> Any:
        gap = left - right
        steps = [(c, CLOSE * side) for c, side in zip(coordinates, sides, strict=True)]
        width = Add(*[Abs(gap.subs(c, c + h) - gap.subs(c, c - h)) for c, h in steps])
        return Abs(gap) <= width / 2

    function: Callable[..., Mask] = lambdify(
        coordinates, relation.replace(Eq, near), modules="numpy"
    )
    return function


def pinned_values(
    region: Any, unnamed: tuple[object, ...], values: Mapping[str, Formula]
) -> dict[Symbol, Expr]:
    """Values of coordinates by symbol, given by name as in `region.at(x=0)`.

    Raises ValueError for values without a name, other coordinates, and places outside of the
    region's box.
    """
    by_name = {c.name: c for c in region.coordinates}
    if unnamed or not values:
        raise ValueError(
            f"at() wants the value of a coordinate by its name, at({next(iter(by_name))}=0)"
        )
    for name in values:
        if name not in by_name:
            raise ValueError(
                f"at({name}=...): {region} has no coordinate {name}; it has {', '.join(by_name)}"
            )
    pinned = {by_name[name]: number(value, f"at({name}=...)") for name, value in values.items()}
    for coordinate, value in pinned.items():
        axis = region.coordinates.index(coordinate)
        (low, high), close = region.bounds[axis], CLOSE * region.extent[axis]
        if not low - close <= float(value) <= high + close:
            raise ValueError(
                f"{coordinate}={value} lies outside of {region}, where {coordinate} is in"
                f" [{low:g}, {high:g}]"
            )
    return pinned
