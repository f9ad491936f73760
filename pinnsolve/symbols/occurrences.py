"""Where unknowns occur in an expression, with which derivative, and at which point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Derivative, Dummy, Expr, Lambda, Subs, sympify

from pinnsolve.symbols.given import Formula
from pinnsolve.symbols.symbols import Unknown, UnknownFunction


@dataclass(frozen=True)
class Occurrence:
    """D^index u at the point `arguments`; both in the order of u's own coordinates."""

    function: UnknownFunction
    index: tuple[int, ...]
    arguments: tuple[Expr, ...]

    def __str__(self) -> str:
        """As the user writes it: `u`, `u(x, 0)`, `u.diff(x, 2)`, `u.diff(y).subs({y: 1})`."""
        name, own = self.function.__name__, self.function.coordinates
        orders = [
            str(c) if order == 1 else f"{c}, {order}"
            for c, order in zip(own, self.index, strict=True)
            if order
        ]
        if not orders:
            return (
                name if self.arguments == own else f"{name}({', '.join(map(str, self.arguments))})"
            )
        moved = [f"{c}: {a}" for c, a in zip(own, self.arguments, strict=True) if a != c]
        return f"{name}.diff({', '.join(orders)})" + (
            f".subs({{{', '.join(moved)}}})" if moved else ""
        )


class Value(Dummy):
    """A number a point that an equation takes of an unknown; it prints as the user wrote it."""

    def _sympystr(self, printer: Any) -> str:
        return str(self.name)


def separate(expression: Formula) -> tuple[Expr, dict[Dummy, Occurrence]]:
    """Replace every occurrence of an unknown by a symbol, one for each distinct occurrence, in
    order of appearance.
    """
    symbols: dict[Occurrence, Dummy] = {}

    def symbol(occurrence: Occurrence) -> Dummy:
        return symbols.setdefault(occurrence, Value(str(occurrence), real=True))

    def walk(e: Any) -> Any:
        if isinstance(e, Subs):
            # Subs(f(u, Du), x, 0): the unknowns inside are taken at x = 0, and so is everything
            # else.
            moved = dict(zip(e.variables, e.point, strict=True))
            inside, occurrences = separate(e.expr)
            at_point = {
                d: symbol(
                    Occurrence(o.function, o.index, tuple(a.subs(moved) for a in o.arguments))
                )
                for d, o in occurrences.items()
            }
            return inside.subs(moved).xreplace(at_point)
        if e.is_Derivative and isinstance(e.expr, Unknown):
            return symbol(Occurrence(e.expr.func, _index(e), e.expr.args))
        if isinstance(e, Unknown):
            return symbol(Occurrence(e.func, (0,) * len(e.args), e.args))
        if e.has(Unknown):
            return e.func(*[walk(a) for a in e.args])
        return e

    separated = walk(sympify(expression).doit())
    return separated, {d: o for o, d in symbols.items()}


def fully_nonlinear(expression: Formula) -> bool:
    """Whether an expression is nonlinear in its highest derivatives, as |u'| = 1 or det D^2 u = 1
    are: an equation of it may have solutions with kinks alone.
    """
    rest, occurrences = separate(expression)
    top = max((sum(o.index) for o in occurrences.values()), default=0)
    highest = [symbol for symbol, o in occurrences.items() if sum(o.index) == top > 0]
    return any(rest.diff(a, b) != 0 for a in highest for b in highest)


def _index(derivative: Derivative) -> tuple[int, ...]:
    orders = dict(derivative.variable_count)
    arguments = derivative.expr.args
    if not set(orders) <= set(arguments):
        raise ValueError(f"cannot read {derivative}: differentiate by the unknown's own arguments")
    return tuple(int(orders.get(a, 0)) for a in arguments)


def substitute(expression: Formula, fields: Mapping[Unknown, Expr]) -> Expr:
    """Put given functions in the place of unknowns, wherever and however they occur, and carry out
    the derivatives.
    """
    lambdas = {u.func: Lambda(u.coordinates, value) for u, value in fields.items()}
    return sympify(expression).subs(lambdas).doit()
