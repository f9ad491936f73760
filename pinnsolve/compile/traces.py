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
    to the weights, `(n, count)`: both may depend on the point, as limits and kernels do.
    """

    nodes: Callable[[Tensor], Tensor]
    weights: Callable[[Tensor], Tensor]
    count: int


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
        rule to all nodes, `(n * count, dim)`, row by row.
        """
        at = x if self.points is None else self.points(x.T, len(x)).T
        return at if self.rule is None else self.rule.nodes(at).flatten(0, 1)

    def summed(self, x: Tensor, values: Tensor) -> Tensor:
        """What rows at points `(n, dim)` take of values `(n * count, ...)` there: `(n, ...)`."""
        if self.rule is None:
            return values
        weights = self.rule.weights(x if self.points is None else self.points(x.T, len(x)).T)
        by_row = values.reshape(*weights.shape, *values.shape[1:])
        return torch.einsum("nq,nq...->n...", weights, by_row)


@dataclass(frozen=True)
class Slot:
    """One number a point that the equation takes: derivative `index` of unknown number `unknown` at
    trace number `trace`.
    """

    unknown: int
    trace: int
    index: JetIndex
