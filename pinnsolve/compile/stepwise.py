"""Expressions in small steps, each with a name, and their derivatives as more of these: linear in
how deep they nest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Add, Basic, Dummy, Expr, S, Symbol


@dataclass(frozen=True)
class Stepwise:
    """Definitions, each of symbols defined before it; what is shared is defined, and
    differentiated, once.

    A recurrence such as that of the powers of z doubles its tree with every level, while its steps
    grow by one.
    """

    coordinates: tuple[Symbol, ...]
    definitions: dict[Symbol, Expr] = field(default_factory=dict)
    names: dict[Any, Any] = field(default_factory=dict)
    slopes: dict[tuple[Expr, Symbol], Expr] = field(default_factory=dict)

    def named(self, e: Basic) -> Basic:
        """The symbol that stands for an expression; numbers and coordinates stand for
        themselves.
        """
        if not e.args or e.is_number:
            return e
        if e not in self.names:
            made = e.func(*[self.named(a) for a in e.args])
            self.names[e] = self._defined(made) if isinstance(e, Expr) else made
        return self.names[e]

    def derivative(self, e: Expr, orders: Sequence[int]) -> Expr:
        """D^orders of a symbol that `named` gave."""
        for c, order in zip(self.coordinates, orders, strict=True):
            for _ in range(order):
                e = self._slope(e, c)
        return e

    def _slope(self, e: Expr, c: Symbol) -> Expr:
        if e not in self.definitions:
            return S.One if e == c else S.Zero
        if (e, c) not in self.slopes:
            step = self.definitions[e]
            inner = {s: self._slope(s, c) for s in sorted(step.free_symbols, key=str)}
            self.slopes[e, c] = self._defined(
                Add(*[step.diff(s) * slope for s, slope in inner.items() if slope != 0])
            )
        return self.slopes[e, c]

    def _defined(self, e: Expr) -> Expr:
        if not e.args or e.is_number:
            return e
        symbol = Dummy(real=True)
        self.definitions[symbol] = e
        return symbol
