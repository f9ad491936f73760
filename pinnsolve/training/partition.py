"""Who moves which variables, where ranks share a network's layers: each its own, and steps are
exchanged, not gradients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from pinnsolve.basis.basis import Basis
from pinnsolve.basis.networks import ResidualBasis
from pinnsolve.training.gradient_check import runs_in_parallel


class Ranks(Protocol):
    """Those that share the layers."""

    def total(self, values: Tensor) -> Tensor:
        """The sum of `(...)` over all of them."""
        ...


@dataclass(frozen=True, eq=False)
class Partition:
    """The entries of a flat vector that this rank moves: its layers' parameters, and all that
    belong to no layer.

    The latter every rank moves alike, and in sums over the ranks they have `weight` on the first
    one alone.
    """

    mine: Tensor  # (n,), whether an entry is this rank's
    weight: Tensor  # of the entries that are, one or zero
    ranks: Ranks

    def of(self, vector: Tensor) -> Tensor:
        """The own part of a vector `(n,)`."""
        return vector[self.mine]

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        """The inner product `()` of two vectors, from the ranks' own parts of them, `(n_own,)`."""
        return self.ranks.total((a * b) @ self.weight)

    def whole(self, own: Tensor) -> Tensor:
        """The vector `(n,)`, from the ranks' own parts."""
        whole = own.new_zeros(len(self.mine))
        whole[self.mine] = self.weight * own
        return self.ranks.total(whole)


class Everything:
    """Of one process, or where layers are not shared: the whole vector is the own part."""

    def of(self, vector: Tensor) -> Tensor:
        """The vector `(n,)` itself."""
        return vector

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        """The inner product `()` of vectors `(n,)`."""
        return a @ b

    def whole(self, own: Tensor) -> Tensor:
        """The vector `(n,)` itself."""
        return own


Own = Partition | Everything


def partition(basis: Basis, variables: Sequence[Tensor]) -> Own:
    """What this rank moves of a basis's parameters and other variables `(...)`, in the order in
    which they are flattened.
    """
    if not (runs_in_parallel(basis) and isinstance(basis, ResidualBasis)):
        return Everything()
    layers, ranks = basis.propagate.partition(len(basis.weights))
    if ranks.size == 1:
        return Everything()
    mine, weights = [], []
    for variable in variables:
        stacked = any(variable is p for p in (basis.weights, basis.biases))
        each = torch.full(variable.shape, not stacked)
        if stacked:
            each[layers] = True
        mine.append(each.flatten())
        # What all ranks hold is counted once, on the first of them.
        weights.append(variable.new_full((int(each.sum()),), float(stacked or ranks.rank == 0)))
    return Partition(torch.cat(mine), torch.cat(weights), ranks)
