"""The method of manufactured solutions: choose the solution, derive the data."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Eq, Symbol, sympify

from pinnsolve.declare.checks import by_symbol
from pinnsolve.declare.placing import placed
from pinnsolve.declare.problem import Problem
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.region import Condition
from pinnsolve.symbols.given import Formula
from pinnsolve.symbols.occurrences import substitute
from pinnsolve.symbols.symbols import Unknown


def manufactured(
    domain: Solid,
    *left_sides: Condition | Formula,
    exact: Mapping[Unknown, Formula],
    constants: Mapping[Symbol, Formula] | None = None,
) -> Problem:
    """A problem whose solution is known: each left side is set equal to its value at the exact
    solution.

    `manufactured(disk, -laplacian(u), u @ disk.boundary, exact={u: exp(x)*y})`; left sides are
    expressions, placed on regions like equations. See Roache, "Code verification by the method of
    manufactured solutions" (2002). Raises TypeError for equations, and as `Problem`.

    >>> from sympy import exp
    >>> from pinnsolve import Ball, Dense, coordinates, laplacian, manufactured, solve, unknown
    >>> x, y = coordinates("x y")
    >>> u, disk = unknown("u", x, y), Ball({x: 0, y: 0}, 1)
    >>> problem = manufactured(disk, -laplacian(u), u @ disk.boundary, exact={u: y * exp(x)})
    >>> solve(problem, Dense(150, activation="sin")).error() < 1e-8
    True
    """
    given = by_symbol("exact", exact, Unknown, "{u: sin(x)}")
    fields = {u: sympify(value, strict=True) for u, value in given.items()}
    conditions = []
    for left in left_sides:
        condition = placed(left, domain)
        if condition.equation.is_Equality:
            raise TypeError(
                f"manufactured(...) wants left-hand sides, not equations: got {condition.equation}"
            )
        data = substitute(condition.equation, fields)
        conditions.append(Eq(condition.equation, data, evaluate=False) @ condition.region)
    return Problem(domain, *conditions, exact=fields, constants=constants)
