"""Integrals of unknowns in an equation: taken apart into what is linear in the unknowns, each part
an occurrence with a measure, and sums over nodes for what is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from operator import add
from typing import Any

import numpy as np
from sympy import Dummy, Expr, Float, Integral, S, Symbol, expand

# A variable, and the limits between which it runs; they may depend on variables before it.
Limits = tuple[Symbol, Expr, Expr]
DEFINITE = "give both limits of every variable, Integral(f, (s, 0, x))"


@dataclass(frozen=True)
class Nodes:
    """Of Gauss's rule along each variable, where an integrand is not linear in the unknowns: each
    node is a place of its own then, so that they are few.
    """

    counts: tuple[int, ...] = (32, 12)


NODES = Nodes()


@dataclass(frozen=True)
class Measure:
    """Integration over variables, the outermost first, with a weight: of the coordinates, where the
    equation holds, and of the variables.
    """

    limits: tuple[Limits, ...]
    weight: Expr

    @property
    def variables(self) -> tuple[Symbol, ...]:
        """What is integrated over."""
        return tuple(variable for variable, _, _ in self.limits)

    @property
    def free_symbols(self) -> set[Symbol]:
        """What limits and weight mention besides the variables."""
        parts = [self.weight, *(end for _, *ends in self.limits for end in ends)]
        return set().union(*(part.free_symbols for part in parts)) - set(self.variables)

    def ends(self) -> list[dict[Symbol, Expr]]:
        """The variables at every combination of their limits."""
        corners: list[dict[Symbol, Expr]] = [{}]
        for own, *ends in self.limits:
            corners = [{**c, own: end.subs(c)} for c in corners for end in ends]
        return corners

    def moved(self, values: Mapping[Any, Expr]) -> Measure:
        """The same with values in the place of symbols."""
        limits = tuple((v, low.subs(values), high.subs(values)) for v, low, high in self.limits)
        return Measure(limits, self.weight.subs(values))

    def within(self, outer: Measure) -> Measure:
        """This one as the integrand of another."""
        return Measure(outer.limits + self.limits, outer.weight * self.weight)


@dataclass(frozen=True)
class Separated:
    """An integrand with a symbol in the place of each unknown: how the symbols' own occurrences
    are made is the caller's.
    """

    integrand: Expr
    symbols: tuple[Dummy, ...]

    def linear(self) -> dict[Dummy, Expr] | None:
        """The factor of each symbol; None, if the integrand is not linear in them."""
        factors = {d: self.integrand.diff(d) for d in self.symbols}
        held = set(self.symbols)
        if any(held & f.free_symbols for f in factors.values()):
            factors = {d: expand(f) for d, f in factors.items()}
        if any(held & f.free_symbols for f in factors.values()):
            return None
        return factors

    def rest(self) -> Expr:
        """The integrand where all unknowns are zero."""
        return self.integrand.xreplace(dict.fromkeys(self.symbols, S.Zero))


class Within(Expr):
    """1 inside of a region, whose place comes first, and 0 outside: a factor of what is integrated
    over a box that holds it. It has nodes of its own, and is never evaluated.
    """

    is_commutative = True
    is_real = True

    @property
    def region(self) -> Any:
        """What is integrated over."""
        return self.args[0].region

    @property
    def variables(self) -> tuple[Expr, ...]:
        """The variables of integration, in the order of the region's coordinates."""
        variables: tuple[Expr, ...] = self.args[1:]
        return variables

    def _sympystr(self, printer: Any) -> str:
        return f"inside({self.region})"


def within_of(weight: Expr) -> Within | None:
    """The region over which an integral with this weight goes; None for that of its limits."""
    found: set[Within] = weight.atoms(Within)
    return next(iter(found), None)


@cache
def variable(depth: int) -> Dummy:
    """The variable of an integral within so many others: always the same, so that equal integrals
    are equal.
    """
    return Dummy(f"s{depth + 1}", real=True)


def opened(integral: Integral, depth: int) -> tuple[Expr, tuple[Limits, ...]]:
    """The integrand and the limits, the outermost first, in variables of our own.

    Raises ValueError for an integral without limits.
    """
    integrand, limits = integral.function, list(integral.limits)
    renamed: list[Limits] = []
    while limits:
        own, *ends = limits.pop()
        if len(ends) != 2:
            raise ValueError(f"{integral} has no limits: {DEFINITE}")
        fresh = {own: variable(depth + len(renamed))}
        renamed.append((fresh[own], *ends))
        integrand = integrand.xreplace(fresh)
        # The inner limits, and integrals of the same letter, see the outer variable.
        limits = [_under(inner, fresh) for inner in limits]
    return integrand, tuple(renamed)


def _under(limit: Any, fresh: Mapping[Symbol, Dummy]) -> Any:
    own, *ends = limit
    return (own, *(end.xreplace(fresh) for end in ends))


def over_nodes(
    limits: tuple[Limits, ...], summand: Callable[[Mapping[Symbol, Expr]], Expr]
) -> Expr:
    """The sum, by Gauss's rule along each variable, of what a function gives for their values.

    Raises ValueError for more variables than there are rules for.
    """
    if len(limits) > len(NODES.counts):
        raise ValueError(
            f"an integral over {len(limits)} variables that is not linear in the unknowns takes too"
            " many nodes: declare one more unknown w, Eq(w, u**2), and integrate that"
        )
    return _summed(limits, {}, S.One, _rule(NODES.counts[len(limits) - 1]), summand)


def _summed(
    limits: tuple[Limits, ...],
    known: dict[Symbol, Expr],
    weight: Expr,
    rule: tuple[tuple[Expr, Expr], ...],
    summand: Callable[[Mapping[Symbol, Expr]], Expr],
) -> Expr:
    if not limits:
        return weight * summand(known)
    (own, *ends), *inner = limits
    low, high = (end.xreplace(known) for end in ends)
    parts = [
        _summed(tuple(inner), {**known, own: low + (high - low) * node}, weight * w, rule, summand)
        for node, w in rule
    ]
    return (high - low) * reduce(add, parts)


@cache
def _rule(count: int) -> tuple[tuple[Expr, Expr], ...]:
    """Nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    halves = zip((1 + nodes) / 2, weights / 2, strict=True)
    return tuple((Float(x), Float(w)) for x, w in halves)
