"""Differential operators on scalar and vector expressions (vectors are tuples or column matrices)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Add, Expr, Symbol, diff, sympify

from pinnsolve.declare.symbols import TIMES, Unknown, normal


def _coordinates(operator: str, expressions: Sequence[Any], named: tuple[Symbol, ...]) -> tuple[Symbol, ...]:
    """The coordinates named, else those of the unknowns that occur, which must be of space."""
    if named:
        stray = [c for c in named if not isinstance(c, Symbol)]
        if stray:
            raise TypeError(f"{operator}(f, x, y) wants coordinates, from coordinates(...): got {stray[0]!r}")
        return named
    found: dict[Symbol, None] = {}
    for expression in expressions:
        for u in sorted(sympify(expression).atoms(Unknown), key=str):
            found.update(dict.fromkeys(u.coordinates))
    if not found:
        raise ValueError(f"no unknown in {tuple(expressions)}: name the coordinates, as in {operator}(f, x, y)")
    times = [c.name for c in found if c.name.lower() in TIMES]
    if times and len(found) > 1:
        space = ", ".join(c.name for c in found if c.name.lower() not in TIMES)
        name = next(iter(sympify(expressions[0]).atoms(Unknown)), "f") if len(expressions) == 1 else "v"
        name = getattr(getattr(name, "func", None), "__name__", name)
        raise ValueError(
            f"{operator}({name}) of an unknown with time would differentiate by {times[0]} too: name the coordinates of space, "
            f"{operator}({name}, {space}), or all, if all are meant"
        )
    return tuple(found)


def _diff(expression: Any, *variables: Symbol) -> Expr:
    return expression.diff(*variables) if isinstance(expression, Unknown) else diff(expression, *variables)


def gradient(expression: Any, *coordinates: Symbol) -> tuple[Expr, ...]:
    """grad f: the first derivatives over all coordinates of the unknowns in f, or over those named."""
    return tuple(_diff(expression, c) for c in _coordinates("gradient", [expression], coordinates))


def divergence(vector: Sequence[Any], *coordinates: Symbol) -> Expr:
    """div v = sum_i d v_i / d x_i. Raises ValueError if the numbers of components and coordinates differ."""
    components = list(vector)
    over = _coordinates("divergence", components, coordinates)
    if len(over) != len(components):
        raise ValueError(f"divergence of {len(components)} components over {over}: name as many coordinates")
    return Add(*[_diff(v, c) for v, c in zip(components, over, strict=True)])


def laplacian(expression: Any, *coordinates: Symbol) -> Expr:
    """Laplace operator: sum_i d^2 f / d x_i^2 over all coordinates of the unknown, or those named: `laplacian(u, x, y)`.

    Raises ValueError where one is called t or time, and none is named.
    """
    return Add(*[_diff(expression, c, c) for c in _coordinates("laplacian", [expression], coordinates)])


def curl(vector: Sequence[Any], *coordinates: Symbol) -> Any:
    """curl v: three components in 3D (a tuple), the scalar d v_2/dx_1 - d v_1/dx_2 in 2D."""
    v = list(vector)
    over = _coordinates("curl", v, coordinates)
    if len(v) == len(over) == 2:
        return _diff(v[1], over[0]) - _diff(v[0], over[1])
    if len(v) == len(over) == 3:
        pairs = ((1, 2), (2, 0), (0, 1))
        return tuple(_diff(v[j], over[i]) - _diff(v[i], over[j]) for i, j in pairs)
    raise ValueError(f"curl is defined for 2 or 3 components over as many coordinates: got {len(v)} over {over}")


def normal_derivative(expression: Any, *coordinates: Symbol) -> Expr:
    """n . grad f on a boundary, with n the outward unit normal of the region on which the equation holds."""
    over = _coordinates("normal_derivative", [expression], coordinates)
    return Add(*[n * _diff(expression, c) for n, c in zip(normal(*over), over, strict=True)])
