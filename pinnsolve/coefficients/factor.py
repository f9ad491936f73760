"""Triangular factors R of least-squares matrices: whole, or in blocks of columns that were
eliminated one after the other.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


class Factor(ABC):
    """R with R'R = A'A; columns as A has them."""

    @property
    @abstractmethod
    def columns(self) -> int:
        """How many there are; none, of a factor that was let go."""

    @abstractmethod
    def backward(self, right: Tensor) -> Tensor:
        """The solution of R c = right, `(columns, k)`, rows of `right` in the order of the
        columns.
        """

    @abstractmethod
    def forward(self, right: Tensor) -> Tensor:
        """The solution of R' c = right, `(columns, k)`."""


@dataclass(frozen=True, eq=False)
class WholeFactor(Factor):
    """One upper triangle `(columns, columns)`."""

    triangle: Tensor

    @property
    def columns(self) -> int:
        """Of the triangle."""
        return len(self.triangle)

    def backward(self, right: Tensor) -> Tensor:
        """Back substitution."""
        solution: Tensor = torch.linalg.solve_triangular(self.triangle, right, upper=True)
        return solution

    def forward(self, right: Tensor) -> Tensor:
        """Forward substitution."""
        solution: Tensor = torch.linalg.solve_triangular(self.triangle.T, right, upper=False)
        return solution


NONE = WholeFactor(torch.empty(0, 0))  # one that was let go


@dataclass(frozen=True, eq=False)
class Pivot:
    """The rows that the elimination of one block left: `own (n, n)` upper triangular, `others (n,
    m)` and `right (n,)`.

    `place` is the block's columns, `beside (m,)` the numbers of the columns of `others`.
    """

    place: slice
    own: Tensor
    others: Tensor
    beside: Tensor
    right: Tensor


@dataclass(frozen=True, eq=False)
class BlockFactor(Factor):
    """Pivots in the order of elimination."""

    pivots: Sequence[Pivot]

    @property
    def columns(self) -> int:
        """Of all blocks."""
        return sum(len(pivot.own) for pivot in self.pivots)

    def backward(self, right: Tensor) -> Tensor:
        """The last block that was eliminated comes first."""
        solution = torch.zeros_like(right)
        for pivot in reversed(self.pivots):
            rest = right[pivot.place] - pivot.others @ solution[pivot.beside]
            solution[pivot.place] = torch.linalg.solve_triangular(pivot.own, rest, upper=True)
        return solution

    def forward(self, right: Tensor) -> Tensor:
        """The first block that was eliminated comes first."""
        solution, rest = torch.zeros_like(right), right.clone()
        for pivot in self.pivots:
            solution[pivot.place] = torch.linalg.solve_triangular(
                pivot.own.T, rest[pivot.place], upper=False
            )
            rest[pivot.beside] -= pivot.others.T @ solution[pivot.place]
        return solution
