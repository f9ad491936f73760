"""A function that is known by its values on a grid, as an expression."""

from __future__ import annotations

from collections.abc import Mapping

from numpy.typing import ArrayLike
from sympy import Expr, Symbol

from pinnsolve.declare.gridded import Called, increasing, numbers_on
from pinnsolve.symbols.given import by_symbol, shown, whole_of
from pinnsolve.symbols.splines import spline_through
from pinnsolve.symbols.tables import tabulated

LARGEST_DEGREE = 9
POINTS = Called("interpolate", "points", "point", "give one value a point")


def interpolate(
    points: Mapping[Symbol, ArrayLike], values: ArrayLike, degree: int = 3, name: str = "data"
) -> Expr:
    """The spline through values on a grid, to be used like a formula: as a coefficient, a load, or
    an initial or boundary value.

    `points` are those of the grid along each coordinate, `(n,)`, and `values` one number a point,
    `(n_x, n_y, ...)`. The spline has degree - 1 continuous derivatives along each coordinate; an
    equation may ask for derivatives up to the degree, and more smoothness is worth accuracy: 5 for
    smooth values, 1 for ones with kinks at the points. Outside of the grid it is not known: the
    domain may not be larger. Raises TypeError for what is no mapping of coordinates, ValueError for
    shapes that do not match, points that do not increase or are too few for the degree, values that
    are not finite.

    >>> import numpy as np
    >>> from sympy import Eq
    >>> from pinnsolve import Interval, Problem, coordinates, interpolate, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u, places = unknown("u", x), np.linspace(0, 1, 41)
    >>> k = interpolate({x: places}, np.exp(-places), degree=5)
    >>> rod = Interval(x, 0, 1)
    >>> heated = Problem(rod, Eq((k * u.diff(x)).diff(x), 0), Eq(u(0), 0), Eq(u(1), 1))
    >>> solution = solve(heated, tolerance=1e-6)
    >>> f"{solution(0.5):.5f}, {np.expm1(0.5) / np.expm1(1):.5f}"
    '0.37754, 0.37754'
    """
    held = by_symbol(points)
    if not held:
        raise TypeError(
            "interpolate wants the points of its grid by coordinate, {x: [0, 1, 2], y: [0, 1]}: got"
            f" {shown(points)}"
        )
    order = whole_of(degree)
    if order is None or not 1 <= order <= LARGEST_DEGREE:
        raise ValueError(
            f"interpolate wants a degree from 1 to {LARGEST_DEGREE}, degree=3: got {shown(degree)}"
        )
    lines = [increasing(POINTS, c, line) for c, line in held.items()]
    numbers = numbers_on(POINTS, values, list(held), [len(line) for line in lines])
    for coordinate, line in zip(held, lines, strict=True):
        if len(line) <= order:
            raise ValueError(
                f"interpolate of degree {order} wants at least {order + 1} points along"
                f" {coordinate}: got {len(line)}; give more of them, or degree={len(line) - 1}"
            )
    function = tabulated(name, spline_through(lines, numbers, order))
    return function(*held)
