"""Functions of the user's own as a basis: corner singularities, known profiles, polynomials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from sympy import Add, Expr, Symbol, sympify
from sympy.core.function import AppliedUndef
from torch import Tensor

from pinnsolve.basis.basis import Basis
from pinnsolve.compile.lower import Lowered, lower, nodes
from pinnsolve.compile.stepwise import Stepwise
from pinnsolve.jets.indices import JetIndex, members
from pinnsolve.symbols.given import Formula, formula_of


@dataclass(frozen=True, init=False)
class Functions:
    """Given expressions of the coordinates, to be added to a network's basis: `Dense(400) +
    Functions(r**(2/3)*sin(...))`.

    Derivatives are symbolic. Raises ValueError for a symbol that the domain lacks.

    >>> from sympy import Eq, sqrt
    >>> from pinnsolve import Dense, Functions, Interval, Problem, coordinates, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> root = Problem(Interval(x, 0, 1), Eq(2 * x * u.diff(x), u), Eq(u(1), 1))
    >>> f"{solve(root, Dense(20) + Functions(sqrt(x)))(0.25):.4f}"
    '0.5000'
    """

    expressions: tuple[Expr, ...]

    def __init__(self, *expressions: Formula) -> None:
        if not expressions:
            raise ValueError("Functions(...) wants at least one expression")
        for e in expressions:
            formula = formula_of(e)
            if formula is None or any(isinstance(node, AppliedUndef) for node in nodes([formula])):
                raise TypeError(
                    f"Functions wants expressions of coordinates, Functions(x, sin(x)): got {e!r}"
                )
        object.__setattr__(self, "expressions", tuple(map(sympify, expressions)))

    def build(self, domain: Mapping[str, tuple[float, float]], seed: int) -> FunctionBasis:
        """The basis over the domain's coordinates; nothing is random."""
        by_name = {s.name: s for s in nodes(self.expressions) if s.is_Symbol}
        stray = sorted(set(by_name) - set(domain))
        if stray:
            raise ValueError(
                f"Functions mention {', '.join(stray)}: the domain's coordinates are"
                f" {', '.join(domain)}"
            )
        return FunctionBasis(
            self.expressions, tuple(by_name.get(name, Symbol(name, real=True)) for name in domain)
        )


class FunctionBasis(Basis):
    """The functions and their derivatives, lowered when they are first asked for."""

    def __init__(self, expressions: tuple[Expr, ...], coordinates: tuple[Symbol, ...]) -> None:
        super().__init__()
        self.coordinates = coordinates
        self.size = len(expressions)
        self.steps = Stepwise(coordinates)
        self.values = [self.steps.named(e) for e in expressions]
        self.lowered: dict[JetIndex, Lowered] = {}

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, n_functions)`."""
        return torch.stack([self._derivative(index)(x.T, x.shape[0]).T for index in indices])

    def __getstate__(self) -> dict[str, Any]:
        """Without what was lowered: another process lowers it again."""
        return {**self.__dict__, "lowered": {}}

    def _derivative(self, index: JetIndex) -> Lowered:
        if index not in self.lowered:
            derivatives = [
                Add(*[self.steps.derivative(v, m) for m in members(index)]) for v in self.values
            ]
            self.lowered[index] = lower(derivatives, self.coordinates, self.steps.definitions)
        return self.lowered[index]
