"""The field that coefficients make of a space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE, Basis
from pinnsolve.compile.system import Residual
from pinnsolve.fields.arrays import Array, array_of
from pinnsolve.fields.field import Field
from pinnsolve.fields.space import Block, Space
from pinnsolve.jets.indices import JetIndex


@dataclass(frozen=True, eq=False)
class Expansion(Field):
    """u_k = sum_j c_kj phi_kj: `coefficients (space.columns,)` times the functions of a space."""

    space: Space
    coefficients: Tensor

    @classmethod
    def of(cls, basis: Basis, coefficients: Tensor) -> Expansion:
        """In one basis for all unknowns, of coefficients `(n_unknowns, size)`."""
        return cls(Space.shared(basis, len(coefficients)), coefficients.flatten())

    @classmethod
    def identity(cls, basis: Basis) -> Expansion:
        """Every unknown one function of a basis, as many as it has."""
        return cls.of(basis, torch.eye(basis.size).to(DOUBLE))

    @property
    def bases(self) -> tuple[Basis, ...]:
        """The different bases over all coordinates."""
        return tuple(self.space.whole)

    @property
    def basis(self) -> Basis:
        """The basis that all unknowns share."""
        return self.space.basis

    @property
    def n_unknowns(self) -> int:
        """How many unknowns there are."""
        return self.space.n_unknowns

    @property
    def functions(self) -> int:
        """Functions that are evaluated at a point."""
        return self.space.functions

    @property
    def like(self) -> Tensor:
        """The coefficients `(columns,)`."""
        return self.coefficients

    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all unknowns at points `(n, dim)`: `(n_unknowns, n_indices, n)`."""
        rows = [x] * self.n_unknowns
        for block, unknowns in self.space.groups:
            functions = block(x, indices)
            for k in unknowns:
                rows[k] = functions @ self.coefficients[self.space.slices[k]]
        return torch.stack(rows)

    def term_sizes(self, x: Array) -> Tensor:
        """Root mean squares over points `(n, dim)` of coefficients times functions,
        `(columns,)`.
        """
        sizes = {
            k: block.values(x).square().mean(dim=0).sqrt()
            for block, own in self.space.groups
            for k in own
        }
        return self.coefficients * torch.cat([sizes[k] for k in range(self.n_unknowns)])

    def slots(self, residual: Residual, x: Tensor) -> Tensor:
        """The numbers `(n_slots, n)` that an equation takes: only its own unknowns are
        evaluated.
        """
        if not residual.slots:
            return x.new_empty(0, len(x))
        return self.space.values(residual, self.space.slots(residual, x), self.coefficients)

    def with_coefficients(self, coefficients: Tensor) -> Expansion:
        """Another field in the same space, of coefficients `(columns,)`."""
        return Expansion(self.space, coefficients)

    def spread(self, unknown: int, x: Array, factor: Array) -> Array:
        """What columns of coefficients `(columns, rank)` make of an unknown at points `(n, dim)`,
        `(n, rank)`.
        """
        values = array_of(self.space.blocks[unknown].values(x))
        return np.asarray(values @ factor[self.space.slices[unknown]])

    def on(self, device: torch.device) -> Expansion:
        """The same on a device, to which the bases are moved."""
        if self.like.device == device:
            return self
        blocks = tuple(
            Block(block.basis.to(device), block.axes, block.region) for block in self.space.blocks
        )
        return Expansion(Space(blocks), self.coefficients.to(device))

    def state(self) -> dict[str, Tensor]:
        """Coefficients `(columns,)`, and the numbers that make the bases; of several ones, by their
        numbers.
        """
        bases = [block.basis for block, _ in self.space.groups]
        parts = (
            [("", bases[0])]
            if len(bases) == 1
            else [(f"{k}.", basis) for k, basis in enumerate(bases)]
        )
        named = {
            f"{prefix}{name}": tensor
            for prefix, basis in parts
            for name, tensor in basis.state_dict().items()
        }
        return {"coefficients": self.coefficients, **named}

    def support(self, x: Array) -> Tensor | None:
        """Which unknowns live at points `(n, dim)`, `(n_unknowns, n)`; None, if all do
        everywhere.
        """
        regions = [block.region for block in self.space.blocks]
        if not any(regions):
            return None
        everywhere = np.ones(len(x), dtype=bool)
        inside = [everywhere if r is None else r.contains(x) for r in regions]
        return torch.from_numpy(np.stack(inside)).to(self.like.device)


def expansion_of(field: Field, declared: object) -> Expansion:
    """The field of a declared problem as an expansion in one space.

    Raises TypeError for cells, and for an evolution that was followed in time.
    """
    expansion = as_expansion(field)
    if expansion is None:
        raise TypeError(f"{declared}: this is no expansion in one space")
    return expansion


def as_expansion(field: Field) -> Expansion | None:
    """The field, if it is an expansion in one space."""
    return field if isinstance(field, Expansion) else None
