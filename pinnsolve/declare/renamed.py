"""Unknowns in the place of others, at whatever points and with whatever derivatives they occur."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Derivative, Expr, Subs

from pinnsolve.symbols.symbols import Unknown

Arguments = tuple[Expr, ...]
# Of an unknown at its arguments: the unknown, or a multiple of one, that takes its place, at its
# own coordinates.
Choice = Callable[[Unknown, Arguments], Expr]


def renamed(expression: Any, choose: Choice) -> Any:
    """The expression with other unknowns; nothing is carried out or simplified."""
    if isinstance(expression, Subs):
        moved = dict(zip(expression.variables, expression.point, strict=True))
        inside = renamed(expression.expr, lambda u, at: choose(u, tuple(a.subs(moved) for a in at)))
        return Subs(inside, expression.variables, expression.point)
    if isinstance(expression, Unknown):
        return _taken(choose(expression, expression.args), lambda v: v.func(*expression.args))
    if expression.is_Derivative and isinstance(expression.expr, Unknown):
        u = expression.expr
        return _taken(
            choose(u, u.args), lambda v: Derivative(v.func(*u.args), *expression.variable_count)
        )
    if not expression.has(Unknown):
        return expression
    parts = [renamed(part, choose) for part in expression.args]
    if expression.is_Equality:
        return expression.func(*parts, evaluate=False)
    return expression.func(*parts)


def _taken(chosen: Expr, at: Callable[[Unknown], Expr]) -> Expr:
    (v,) = chosen.atoms(Unknown)
    return chosen.xreplace({v: at(v)})
