"""Where unknowns occur in an expression, with which derivative, and at which point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import Derivative, Dummy, Expr, Integral, Lambda, S, Subs, sympify

from pinnsolve.symbols.given import Formula
from pinnsolve.symbols.integrals import Measure, Separated, opened, over_nodes, within_of
from pinnsolve.symbols.symbols import Unknown, UnknownFunction


@dataclass(frozen=True)
class Occurrence:
    """D^index u at the point `arguments`; both in the order of u's own coordinates. With a
    `measure` its integral, over variables that the arguments mention.
    """

    function: UnknownFunction
    index: tuple[int, ...]
    arguments: tuple[Expr, ...]
    measure: Measure | None = None

    @property
    def place(self) -> tuple[object, ...]:
        """Where it is taken, and over what it is integrated."""
        return self.function, self.arguments, self.measure

    @property
    def free_symbols(self) -> set[Any]:
        """What its place depends on, variables of integration aside."""
        own = set().union(*(a.free_symbols for a in self.arguments))
        if self.measure is None:
            return own
        return own - set(self.measure.variables) | self.measure.free_symbols

    def moved(self, values: Mapping[Any, Expr]) -> Occurrence:
        """The same with values in the place of symbols that the arguments mention."""
        measure = None if self.measure is None else self.measure.moved(values)
        arguments = tuple(a.subs(values) for a in self.arguments)
        return replace(self, arguments=arguments, measure=measure)

    def __str__(self) -> str:
        """As the user writes it: `u`, `u(x, 0)`, `u.diff(x, 2)`, `u.diff(y).subs({y: 1})`."""
        if self.measure is not None:
            return _written(self.measure, str(replace(self, measure=None)))
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


def _written(measure: Measure, value: str) -> str:
    """As an integral over a region, or between limits."""
    within = within_of(measure.weight)
    weight = measure.weight if within is None else measure.weight.xreplace({within: S.One})
    integrand = weight * Dummy(value)
    if within is not None:
        return f"integral({integrand}, {within.region})".replace("_", "")
    return str(Integral(integrand, *measure.limits[::-1])).replace("_", "")


class Value(Dummy):
    """A number a point that an equation takes of an unknown; it prints as the user wrote it."""

    def _sympystr(self, printer: Any) -> str:
        return str(self.name)


def separate(expression: Formula, depth: int = 0) -> tuple[Expr, dict[Dummy, Occurrence]]:
    """Replace every occurrence of an unknown by a symbol, one for each distinct occurrence, in
    order of appearance.

    Integrals of unknowns are occurrences with a measure, where they are linear in them, and sums
    over nodes where they are not; `depth` says within how many others the expression stands.
    """
    symbols: dict[Occurrence, Dummy] = {}

    def symbol(occurrence: Occurrence) -> Dummy:
        kind = occurrence.function.values
        return symbols.setdefault(occurrence, Value(str(occurrence), **{kind: True}))

    def walk(e: Any) -> Any:
        if isinstance(e, Subs):
            # Subs(f(u, Du), x, 0): the unknowns inside are taken at x = 0, and so is everything
            # else.
            moved = dict(zip(e.variables, e.point, strict=True))
            inside, occurrences = separate(e.expr, depth)
            at_point = {d: symbol(o.moved(moved)) for d, o in occurrences.items()}
            return inside.subs(moved).xreplace(at_point)
        if isinstance(e, Integral):
            return _integrated(e, depth, symbol) if e.has(Unknown) else e
        if e.is_Derivative and isinstance(e.expr, Unknown):
            return symbol(Occurrence(e.expr.func, _index(e), e.expr.args))
        if isinstance(e, Unknown):
            return symbol(Occurrence(e.func, (0,) * len(e.args), e.args))
        if e.has(Unknown):
            return e.func(*[walk(a) for a in e.args])
        return e

    separated = walk(_carried_out(sympify(expression)))
    return separated, {d: o for o, d in symbols.items()}


def _carried_out(expression: Expr) -> Expr:
    """Derivatives, and integrals of known functions, carried out: those of unknowns stay."""
    if not expression.has(Integral):
        return expression.doit()
    kept = {e: Dummy() for e in expression.atoms(Integral) if e.has(Unknown)}
    back = {d: e for e, d in kept.items()}
    return expression.doit(integrals=False).xreplace(kept).doit().xreplace(back)


def _integrated(integral: Integral, depth: int, symbol: Callable[[Occurrence], Dummy]) -> Expr:
    """An integral of unknowns: a symbol for each occurrence that it is linear in."""
    integrand, limits = opened(integral, depth)
    inside, occurrences = separate(integrand, depth + len(limits))
    separated = Separated(inside, tuple(occurrences))
    factors = separated.linear()
    if factors is None and within_of(integrand) is not None:
        raise ValueError(
            f"{integral} is not linear in the unknowns, and over regions that are cut out"
            " of others such an integral takes too many nodes: declare one more unknown w, Eq(w,"
            " u**2), and integrate that"
        )
    if factors is None:
        return over_nodes(limits, lambda at: _at_nodes(separated, occurrences, at, symbol))
    parts = []
    for d, o in occurrences.items():
        outside, weight = factors[d].as_independent(*(v for v, _, _ in limits), as_Add=False)
        measure = Measure(limits, weight)
        measure = measure if o.measure is None else o.measure.within(measure)
        parts.append(outside * symbol(replace(o, measure=measure)))
    rest = separated.rest().expand()
    known = S.Zero if rest == 0 else over_nodes(limits, rest.subs)
    return sum(parts, known)


def _at_nodes(
    separated: Separated,
    occurrences: Mapping[Dummy, Occurrence],
    at: Mapping[Any, Expr],
    symbol: Callable[[Occurrence], Dummy],
) -> Expr:
    """An integrand at a node. Raises ValueError for an integral in it."""
    if any(o.measure is not None for o in occurrences.values()):
        raise ValueError(
            "an integral of an unknown stands in another that is not linear in it: declare one more"
            " unknown for the inner one"
        )
    here = {d: symbol(o.moved(at)) for d, o in occurrences.items()}
    return separated.integrand.subs(at).xreplace(here)


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
    the derivatives; integrals of unknowns stay integrals.
    """
    lambdas = {u.func: Lambda(u.coordinates, value) for u, value in fields.items()}
    whole = sympify(expression)
    if not whole.has(Integral):
        return whole.subs(lambdas).doit()
    known = {e: lambdas[e.func](*e.args) for e in whole.atoms(Unknown) if e.func in lambdas}
    return whole.xreplace(known).replace(Integral, _with_derivatives).doit(integrals=False)


def _with_derivatives(integrand: Expr, *limits: Any) -> Expr:
    """An integral, whose integrand's derivatives are carried out."""
    return Integral(integrand.doit(integrals=False), *limits)
