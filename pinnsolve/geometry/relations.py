"""Relations between coordinates: what `where` takes, and where they hold."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import Abs, Add, Eq, Expr, Symbol, lambdify
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean

from pinnsolve.geometry.charts import CLOSE, Mask


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
