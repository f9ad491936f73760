"""A field: the unknowns of a problem as functions with derivatives, whatever they are made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from pinnsolve.basis.basis import Basis
from pinnsolve.compile.system import Residual
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.blocks import blocks
from pinnsolve.jets.indices import JetIndex


class Field(ABC):
    """Unknown functions u_k, k < n_unknowns, of the domain's coordinates.

    Called with points `(n, dim)` and jet indices, gives derivatives `(n_unknowns, n_indices, n)`.
    """

    @property
    @abstractmethod
    def n_unknowns(self) -> int:
        """How many functions there are."""

    @property
    @abstractmethod
    def functions(self) -> int:
        """How many functions of space (of space and time, where they are not separated) an unknown
        is made of.
        """

    @abstractmethod
    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all unknowns at points `(n, dim)`: `(n_unknowns, n_indices, n)`."""

    @property
    @abstractmethod
    def like(self) -> Tensor:
        """A tensor `(...)` of the dtype, and on the device, of the field's numbers."""

    @property
    def sizes(self) -> dict[str, int]:
        """What it is made of, by name, as many as there are: functions, steps, slabs."""
        return {"functions": self.functions}

    @property
    def bases(self) -> tuple[Basis, ...]:
        """The bases over all coordinates that it is an expansion in; none for others."""
        return ()

    def support(self, x: Array) -> Tensor | None:
        """Which unknowns live at points `(n, dim)`, `(n_unknowns, n)`; None, if all do
        everywhere.
        """
        return None

    @property
    def weak(self) -> bool:
        """Whether it holds its equations in the mean alone: beside kinks, residuals at points say
        nothing.
        """
        return False

    def with_coefficients(self, coefficients: Tensor) -> Field:
        """Another field of the same functions, of all their coefficients `(columns,)`. Raises
        TypeError for fields that are none of such.
        """
        raise TypeError(f"{type(self).__name__} has no coefficients of one space")

    def spread(self, unknown: int, x: Array, factor: Array) -> Array:
        """What columns of coefficients `(columns, rank)` make of an unknown at points `(n, dim)`,
        `(n, rank)`. Raises as `with_coefficients`.
        """
        raise TypeError(f"{type(self).__name__} has no coefficients of one space")

    @abstractmethod
    def state(self) -> dict[str, Tensor]:
        """All the numbers that make it, arrays `(...)` by name, for a file."""

    @property
    def last_time(self) -> tuple[int, float] | None:
        """Coordinate number and value up to which an evolution was followed; None, where there is
        no such end.
        """
        return None

    def term_sizes(self, x: Array) -> Tensor:
        """Root mean squares over points `(n, dim)` of the terms that are added up to the unknowns,
        `(n_terms,)`.
        """
        return self.values(x).square().mean(dim=1).sqrt()

    def slots(self, residual: Residual, x: Tensor) -> Tensor:
        """The numbers `(n_slots, n)` that an equation takes at points `(n, dim)` of its region."""
        values = [x.new_empty(0)] * len(residual.slots)
        for number, trace in enumerate(residual.traces):
            mine = [i for i, slot in enumerate(residual.slots) if slot.trace == number]
            indices = list(dict.fromkeys(residual.slots[i].index for i in mine))
            derivatives = self(trace(x), indices)
            for i in mine:
                slot = residual.slots[i]
                values[i] = trace.summed(x, derivatives[slot.unknown, indices.index(slot.index)])
        return torch.stack(values) if values else x.new_empty(0, len(x))

    def blocks(
        self, x: Array, normals: Array | None, derivatives: int
    ) -> Iterator[tuple[slice, Tensor, Tensor | None]]:
        """Points `(n, dim)` in pieces, as tensors like its own, for so many derivatives a point."""
        return blocks(x, normals, self.functions * derivatives, like=self.like)

    def derivatives(self, x: Array, indices: Sequence[JetIndex]) -> Tensor:
        """The same as a call, of arrays `(n, dim)`, block by block and without a graph."""
        with torch.no_grad():
            parts = [self(part, indices) for _, part, _ in self.blocks(x, None, len(indices))]
        nowhere = self.like.new_empty(self.n_unknowns, len(indices), 0)
        return torch.cat(parts, dim=2) if parts else nowhere

    def derivatives_where(
        self, x: Array, indices: Sequence[JetIndex], where: Tensor | None
    ) -> Tensor:
        """The same at points `(n, dim)`, of which nobody asks what unknowns are where they do not
        live: `where (n_unknowns, n)` is what `support` says.
        """
        return self.derivatives(x, indices)

    def values(self, x: Array) -> Tensor:
        """The unknowns themselves at points `(n, dim)`: `(n_unknowns, n)`."""
        return self.derivatives(x, [(0,) * x.shape[1]])[:, 0]
