"""Who moves which variables, where ranks share a network's layers: each its own, and steps are
exchanged, not gradients.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.utils import parameters_to_vector

from pinnsolve.basis.basis import Basis
from pinnsolve.basis.networks import ResidualBasis
from pinnsolve.training.gradient_check import runs_in_parallel


class Ranks(Protocol):
    """Those that share the layers."""

    @property
    def size(self) -> int: ...

    def total(self, values: Tensor) -> Tensor:
        """The sum of `(...)` over all of them."""
        ...

    def share(self, state: Tensor, root: int) -> Tensor:
        """The tensor `(...)` of one of them."""
        ...

    def gathered(self, own: Tensor, sizes: Sequence[int]) -> Tensor:
        """The vectors of all of them, `(n_own,)`, one behind the other."""
        ...


@dataclass(frozen=True)
class Part:
    """The entries of a variable, and which of them this rank moves."""

    size: int
    own: slice

    @property
    def count(self) -> int:
        """How many this rank moves."""
        return self.own.stop - self.own.start  # type: ignore[no-any-return]

    @property
    def divided(self) -> bool:
        """Whether other ranks move other entries."""
        return self.count < self.size


@dataclass(frozen=True, eq=False)
class Partition:
    """The entries of a flat vector that this rank moves: its layers' parameters, and all that
    belong to no layer.

    The latter every rank moves alike, and in sums over the ranks they have `weight` on the first
    one alone.
    """

    parts: tuple[Part, ...]
    counts: tuple[tuple[int, ...], ...]  # of each variable, how many entries each rank moves
    weight: Tensor  # of the entries that are this rank's, one or zero
    ranks: Ranks

    def of(self, vector: Tensor) -> Tensor:
        """The own part of a vector `(n,)`."""
        return self.flat(torch.split(vector, [part.size for part in self.parts]))

    def flat(self, variables: Sequence[Tensor]) -> Tensor:
        """The own part of a vector that is given by variables `(...)`."""
        pairs = zip(self.parts, variables, strict=True)
        return torch.cat([variable.reshape(-1)[part.own] for part, variable in pairs])

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        """The inner product `()` of two vectors, from the ranks' own parts of them, `(n_own,)`."""
        return self.ranks.total((a * b) @ self.weight)

    def whole(self, own: Tensor) -> Tensor:
        """The vector `(n,)`, from the ranks' own parts."""
        return torch.cat(list(self.wholes(own)))

    def add(self, own: Tensor, variables: Sequence[Tensor]) -> None:
        """Add the own parts `(n_own,)` of a vector to those of variables `(...)` in place.

        Passes ask for no others: what other ranks move stays behind. `wholes` gives it, of what
        variables have become. What all ranks move is the first one's.
        """
        given = torch.split(own, [part.count for part in self.parts])
        for part, mine, variable in zip(self.parts, given, variables, strict=True):
            moved = mine if part.divided else self.ranks.share(mine, 0)
            variable.view(-1)[part.own].add_(moved)

    def wholes(self, own: Tensor) -> Iterator[Tensor]:
        """The vector in pieces `(size,)`, a variable each, from the ranks' own parts `(n_own,)`; of
        what all ranks move, it is the first one's.
        """
        given = torch.split(own, [part.count for part in self.parts])
        for part, mine, counts in zip(self.parts, given, self.counts, strict=True):
            yield self.ranks.gathered(mine, counts) if part.divided else self.ranks.share(mine, 0)


class Everything:
    """Of one process, or where layers are not shared: the whole vector is the own part."""

    def of(self, vector: Tensor) -> Tensor:
        """The vector `(n,)` itself."""
        return vector

    def flat(self, variables: Sequence[Tensor]) -> Tensor:
        """The vector that is given by variables `(...)`."""
        return parameters_to_vector(variables)

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        """The inner product `()` of vectors `(n,)`."""
        return a @ b

    def whole(self, own: Tensor) -> Tensor:
        """The vector `(n,)` itself."""
        return own

    def wholes(self, own: Tensor) -> Iterator[Tensor]:
        """The vector `(n,)` itself, in one piece."""
        yield own

    def add(self, own: Tensor, variables: Sequence[Tensor]) -> None:
        """Add a vector `(n,)` to variables `(...)` in place."""
        parts = torch.split(own, [variable.numel() for variable in variables])
        for variable, part in zip(variables, parts, strict=True):
            variable.add_(part.reshape(variable.shape))


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
    parts, weights = list[Part](), []
    for variable in variables:
        stacked, size = any(variable is p for p in (basis.weights, basis.biases)), variable.numel()
        of_layer = size // len(variable) if stacked else 1
        own = slice(layers.start * of_layer, layers.stop * of_layer) if stacked else slice(0, size)
        parts.append(Part(size, own))
        # What all ranks hold is counted once, on the first of them.
        weights.append(variable.new_full((parts[-1].count,), float(stacked or ranks.rank == 0)))
    counts = torch.zeros(len(parts), ranks.size, dtype=torch.long)
    counts[:, ranks.rank] = torch.tensor([part.count for part in parts])
    of_ranks = tuple(map(tuple, ranks.total(counts).tolist()))
    return Partition(tuple(parts), of_ranks, torch.cat(weights), ranks)
