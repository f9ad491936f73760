"""Numbers that are positive, by their logarithms: k is exp(ln_k) in every equation, and ln_k is
what is solved for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Eq, Expr, exp, log

from pinnsolve.geometry.region import Condition
from pinnsolve.symbols.assumed import LOGARITHM, POSITIVE
from pinnsolve.symbols.symbols import Unknown


@dataclass(frozen=True, eq=False)
class Logarithms:
    """The logarithm of each positive number, as an unknown, with the conditions that hold for
    these; `own` are all unknowns that are solved for.
    """

    numbers: Mapping[Unknown, Unknown]
    own: tuple[Unknown, ...]
    conditions: tuple[Condition, ...] = ()
    exact: Mapping[Unknown, Expr] | None = None

    @property
    def held(self) -> tuple[Sequence[Condition], Sequence[Unknown], Mapping[Unknown, Expr] | None]:
        """Conditions, unknowns and exact solution."""
        return self.conditions, self.own, self.exact

    @property
    def functions(self) -> dict[Unknown, tuple[Unknown, ...]]:
        """What is solved for, by unknown: its logarithm, or itself."""
        number_of = {q: k for k, q in self.numbers.items()}
        return {number_of.get(v, v): (v,) for v in self.own}

    def of(self, expression: Expr) -> Expr:
        """An expression in what is solved for."""
        return expression.xreplace({k: exp(q) for k, q in self.numbers.items()})

    def formulas(self, given: Mapping[Unknown, Expr]) -> dict[Unknown, Expr]:
        """Formulas of unknowns as those of what is solved for."""
        return {
            self.numbers.get(u, u): log(value) if u in self.numbers else value
            for u, value in given.items()
        }


def in_logarithms(
    conditions: Sequence[Condition],
    unknowns: Sequence[Unknown],
    exact: Mapping[Unknown, Expr] | None,
) -> Logarithms | None:
    """The same for logarithms; None, where no number is positive."""
    taken, numbers = {str(u.func) for u in unknowns}, {}
    for u in unknowns:
        if u.func.values == POSITIVE:
            name = f"ln_{u.func}"
            while name in taken:
                name += "_"
            numbers[u] = u.func.named(name, LOGARITHM, _logarithms_of(u.func.bounds))
    if not numbers:
        return None
    plain = Logarithms(numbers, tuple(numbers.get(u, u) for u in unknowns))
    held = tuple(Condition(_within(c.equation, plain), c.region) for c in conditions)
    known = None if exact is None else plain.formulas(exact)
    return Logarithms(numbers, plain.own, held, known)


def _logarithms_of(bounds: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if bounds is None else (math.log(bounds[0]), math.log(bounds[1]))


def _within(equation: Expr, logarithms: Logarithms) -> Expr:
    """An equation, left as it is written, with logarithms in it."""
    if equation.is_Equality:
        return Eq(logarithms.of(equation.lhs), logarithms.of(equation.rhs), evaluate=False)
    return logarithms.of(equation)
