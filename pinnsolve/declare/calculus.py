"""Differential operators on scalar and vector expressions (vectors are tuples or column
matrices).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from sympy import Add, Expr, Symbol, sympify

from pinnsolve.declare.by_region import ByRegion, divergence_of
from pinnsolve.symbols.given import Formula, are_symbols, formula_of, parts_of
from pinnsolve.symbols.symbols import TIMES, Unknown, normal


def _coordinates(
    operator: str, expressions: Sequence[Any], named: tuple[Symbol, ...]
) -> tuple[Symbol, ...]:
    """The coordinates named, else those of the unknowns that occur, which must be of space."""
    if named:
        stray = [c for c in named if not are_symbols([c])]
        if stray:
            raise TypeError(
                f"{operator}(f, x, y) wants coordinates, from coordinates(...): got {stray[0]!r}"
            )
        return named
    coordinates: dict[Symbol, None] = {}
    for expression in expressions:
        for u in sorted(sympify(expression).atoms(Unknown), key=str):
            coordinates.update(dict.fromkeys(u.coordinates))
    if not coordinates:
        raise ValueError(
            f"no unknown in {tuple(expressions)}: name the coordinates, as in {operator}(f, x, y)"
        )
    times = [c.name for c in coordinates if c.name.lower() in TIMES]
    if times and len(coordinates) > 1:
        space = ", ".join(c.name for c in coordinates if c.name.lower() not in TIMES)
        name = (
            next(iter(sympify(expressions[0]).atoms(Unknown)), "f")
            if len(expressions) == 1
            else "v"
        )
        name = getattr(getattr(name, "func", None), "__name__", name)
        raise ValueError(
            f"{operator}({name}) of an unknown with time would differentiate by {times[0]} too:"
            f" name the coordinates of space, {operator}({name}, {space}), or all, if all are meant"
        )
    return tuple(coordinates)


TWO_VECTORS = (
    "the product of two vectors is written sum(a*b for a, b in zip(p, q)), a square sum(a**2 for a"
    " in gradient(u)), and that of the normal with a gradient normal_derivative(u)"
)


class Vector(tuple[Expr, ...]):
    """Components, which are multiplied and added one by one, and are a tuple otherwise."""

    __slots__ = ()

    def __mul__(self, factor: Formula) -> Vector:
        if parts_of(factor) is not None:
            raise TypeError(TWO_VECTORS)
        return Vector(component * factor for component in self)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Formula) -> Vector:
        return Vector(component / divisor for component in self)

    def __neg__(self) -> Vector:
        return self * -1

    def __add__(self, other: Sequence[Formula]) -> Vector:
        return Vector(a + b for a, b in zip(self, other, strict=True))

    __radd__ = __add__

    def __sub__(self, other: Sequence[Formula]) -> Vector:
        return Vector(a - b for a, b in zip(self, other, strict=True))

    def __matmul__(self, other: object) -> NoReturn:
        raise TypeError(TWO_VECTORS)

    def __getattr__(self, name: str) -> NoReturn:
        hint = f": {TWO_VECTORS}" if name in ("dot", "norm", "cross") else ""
        raise AttributeError(f"a vector has no attribute {name}{hint}")


def _scalar(operator: str, expression: Any) -> Expr:
    formula = formula_of(expression)
    if formula is None:
        raise TypeError(
            f"{operator}(f) wants one expression: got {expression!r}; for a vector, take it of each"
            " component"
        )
    return formula


def _vector(operator: str, vector: Any) -> list[Expr]:
    components = parts_of(vector)
    if components is None:
        raise TypeError(f"{operator}(v) wants a vector, {operator}((v_x, v_y)): got {vector!r}")
    return [_scalar(operator, component) for component in components]


def _diff(expression: Expr, *variables: Symbol) -> Expr:
    return expression.diff(*variables)


def gradient(expression: Formula, *coordinates: Symbol) -> Vector:
    """grad f: the first derivatives over all coordinates of the unknowns in f, or over those named.

    A tuple that can be multiplied and added: `divergence(k * gradient(u))`. Raises TypeError for
    what is no expression.

    >>> from pinnsolve import coordinates, divergence, gradient, unknown
    >>> x, y = coordinates("x y")
    >>> u = unknown("u", x, y)
    >>> gradient(u)
    (Derivative(u(x, y), x), Derivative(u(x, y), y))
    >>> divergence(x * gradient(u))
    x*Derivative(u(x, y), (x, 2)) + x*Derivative(u(x, y), (y, 2)) + Derivative(u(x, y), x)
    """
    f = _scalar("gradient", expression)
    return Vector(_diff(f, c) for c in _coordinates("gradient", [f], coordinates))


def divergence(vector: Sequence[Formula], *coordinates: Symbol) -> Expr:
    """div v = sum_i d v_i / d x_i. Raises ValueError if the numbers of components and coordinates
    differ.

    Where a coefficient in v is given `by_region`, it stays as it is written: the normal part of v
    is continuous between the regions.

    >>> from pinnsolve import coordinates, divergence
    >>> x, y = coordinates("x y")
    >>> divergence((x**2, x * y), x, y)
    3*x
    """
    components = _vector("divergence", vector)
    over = _coordinates("divergence", components, coordinates)
    if len(over) != len(components):
        raise ValueError(
            f"divergence of {len(components)} components over {over}: name as many coordinates"
        )
    if any(v.has(ByRegion) for v in components):
        return divergence_of(components, over)
    return Add(*[_diff(v, c) for v, c in zip(components, over, strict=True)])


def laplacian(expression: Formula, *coordinates: Symbol) -> Expr:
    """Laplace operator: sum_i d^2 f / d x_i^2 over all coordinates of the unknown, or those named:
    `laplacian(u, x, y)`.

    Raises ValueError where one is called t or time, and none is named.

    >>> from pinnsolve import coordinates, laplacian, unknown
    >>> x, y = coordinates("x y")
    >>> laplacian(unknown("u", x, y))
    Derivative(u(x, y), (x, 2)) + Derivative(u(x, y), (y, 2))
    """
    f = _scalar("laplacian", expression)
    return Add(*[_diff(f, c, c) for c in _coordinates("laplacian", [f], coordinates)])


def curl(vector: Sequence[Formula], *coordinates: Symbol) -> Expr | tuple[Expr, ...]:
    """curl v: three components in 3D (a tuple), the scalar d v_2/dx_1 - d v_1/dx_2 in 2D.

    Raises ValueError for other numbers of components or coordinates.

    >>> from pinnsolve import coordinates, curl
    >>> x, y = coordinates("x y")
    >>> curl((-y, x), x, y)
    2
    """
    v = _vector("curl", vector)
    over = _coordinates("curl", v, coordinates)
    if len(v) == len(over) == 2:
        return _diff(v[1], over[0]) - _diff(v[0], over[1])
    if len(v) == len(over) == 3:
        pairs = ((1, 2), (2, 0), (0, 1))
        return tuple(_diff(v[j], over[i]) - _diff(v[i], over[j]) for i, j in pairs)
    raise ValueError(
        f"curl is defined for 2 or 3 components over as many coordinates: got {len(v)} over {over}"
    )


def normal_derivative(expression: Formula, *coordinates: Symbol) -> Expr:
    """n . grad f on a boundary, with n the outward unit normal of the region on which the equation
    holds.

    >>> from sympy import Eq
    >>> from pinnsolve import Ball, coordinates, normal_derivative, unknown
    >>> x, y = coordinates("x y")
    >>> u, disk = unknown("u", x, y), Ball({x: 0, y: 0}, 1)
    >>> normal_derivative(u)
    n_x*Derivative(u(x, y), x) + n_y*Derivative(u(x, y), y)
    >>> insulated = Eq(normal_derivative(u), 0) @ disk.boundary
    """
    f = _scalar("normal_derivative", expression)
    over = _coordinates("normal_derivative", [f], coordinates)
    return Add(*[n * _diff(f, c) for n, c in zip(normal(*over), over, strict=True)])
