"""Where conditions evaluate unknowns, and what they take there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from sympy import Expr
from torch import Tensor

from pinnsolve.compile.lower import Lowered
from pinnsolve.jets.indices import JetIndex


@dataclass(frozen=True)
class Rule:
    """A quadrature rule of `count` nodes for every row: an integral, in place of a value.

    `nodes` maps points `(n, dim)` to the nodes of their integrals, `(n, count, dim)`, and `weights`
    to the weights, `(n, count)`: both may depend on the point, as limits and kernels do. If they
    are the `same` for all, so is the integral, and is taken once.
    """

    nodes: Callable[[Tensor], Tensor]
    weights: Callable[[Tensor], Tensor]
    count: int
    same: bool = False


@dataclass(frozen=True)
class Trace:
    """A place where a condition evaluates unknowns: a map of the region's points into the domain.

    `points` is None for the region's own; a periodic condition has a second trace, on the opposite
    face. With a `rule` rows take weighted sums over its nodes: the one seam for integrals.
    """

    arguments: tuple[Expr, ...]
    points: Lowered | None
    rule: Rule | None = None

    @property
    def count(self) -> int:
        """At how many points a row takes the unknowns."""
        return 1 if self.rule is None else self.rule.count

    def __call__(self, x: Tensor) -> Tensor:
        """Points `(n, dim)` of the region to those where the unknowns are taken, `(n, dim)`; with a
        rule to all nodes, `(n * count, dim)`, row by row, or `(count, dim)` if all rows have the
        same.
        """
        at = self._at(x)
        return at if self.rule is None else self.rule.nodes(at).flatten(0, 1)

    def summed(self, x: Tensor, values: Tensor) -> Tensor:
        """What rows at points `(n, dim)` take of values `(n * count, ...)` at `self(x)`: `(n,
        ...)`.
        """
        if self.rule is None:
            return values
        weights = self.rule.weights(self._at(x))
        by_row = values.reshape(*weights.shape, *values.shape[1:])
        taken = torch.einsum("nq,nq...->n...", weights, by_row)
        return taken.expand(len(x), *taken.shape[1:])

    def mass(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What rows at points `(n, dim)` take of the constant 1, and of 1 with the weights' signs:
        each `(n,)`.
        """
        if self.rule is None:
            return x.new_ones(len(x)), x.new_ones(len(x))
        weights = self.rule.weights(self._at(x))
        sums = weights.sum(dim=1), weights.abs().sum(dim=1)
        return sums[0].expand(len(x)), sums[1].expand(len(x))

    def _at(self, x: Tensor) -> Tensor:
        """Where rows at points `(n, dim)` are, `(n, dim)`; of those that have the same rule, the
        first.
        """
        if self.rule is not None and self.rule.same:
            return x[:1]
        return x if self.points is None else self.points(x.T, len(x)).T


@dataclass(frozen=True)
class Slot:
    """One number a point that the equation takes: derivative `index` of unknown number `unknown` at
    trace number `trace`.
    """

    unknown: int
    trace: int
    index: JetIndex
