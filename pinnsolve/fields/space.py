"""A space: for every unknown the functions that it is sought among. The one place where conditions
meet functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

import torch
from torch import Tensor

from pinnsolve.basis.basis import Basis
from pinnsolve.compile.system import Residual
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.blocks import blocks
from pinnsolve.geometry.region import Region
from pinnsolve.jets.indices import JetIndex, members

# A call of a basis, or what stands for one.
Evaluate = Callable[[Basis, Tensor, Sequence[JetIndex]], Tensor]


def called(basis: Basis, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
    """The basis functions and their derivatives at points `(n, dim)`, as the basis gives them:
    `(n_indices, n, size)`.
    """
    return basis(x, indices)


@dataclass(frozen=True, eq=False)
class Block:
    """The functions of one unknown: a basis over the coordinates number `axes` (None: all of the
    domain's).

    With `axes=()` the unknown is a number. A `region` is where the unknown lives, if not in the
    whole domain.
    """

    basis: Basis
    axes: tuple[int, ...] | None = None
    region: Region | None = None

    @property
    def size(self) -> int:
        """How many functions, and columns, there are."""
        return self.basis.size

    @cached_property
    def like(self) -> Tensor:
        """An empty tensor `(0,)` of the dtype, and on the device, of the functions' numbers."""
        return self.basis.like

    def shares(self, other: Block) -> bool:
        """Whether another block has the same functions."""
        return self.basis is other.basis and self.axes == other.axes

    def __call__(
        self, x: Tensor, indices: Sequence[JetIndex], evaluate: Evaluate = called
    ) -> Tensor:
        """Derivatives at points `(n, dim)` of the domain: `(n_indices, n, size)`; zero along other
        coordinates.
        """
        if self.axes is None:
            return evaluate(self.basis, x, indices)
        own = [_along(index, self.axes) for index in indices]
        wanted = list(dict.fromkeys(index for index in own if index is not None))
        derivatives = (
            evaluate(self.basis, x[:, list(self.axes)], wanted)
            if wanted
            else x.new_empty(0, x.shape[0], self.size)
        )
        nothing = x.new_zeros(x.shape[0], self.size)
        return torch.stack(
            [nothing if index is None else derivatives[wanted.index(index)] for index in own]
        )

    def values(self, x: Array) -> Tensor:
        """The functions themselves at points `(n, dim)`: `(n, size)`."""
        index, values = (0,) * x.shape[1], self.like.new_empty(x.shape[0], self.size)
        with torch.no_grad():
            for rows, part, _ in blocks(x, None, self.size, like=self.like):
                values[rows] = self(part, [index])[0]
        return values


def _along(index: JetIndex, axes: tuple[int, ...]) -> JetIndex | None:
    """The same derivative of a function of these coordinates alone; None, if it vanishes."""
    left = {tuple(m[a] for a in axes) for m in members(index) if sum(m) == sum(m[a] for a in axes)}
    if not left:
        return None
    return frozenset(left) if len(left) > 1 else next(iter(left))


@dataclass(frozen=True, eq=False)
class Space:
    """One block an unknown, in the order of the unknowns. Coefficients are one vector `(columns,)`,
    block after block.

    Unknowns that share a basis have it evaluated once.
    """

    blocks: tuple[Block, ...]

    @classmethod
    def shared(cls, basis: Basis, n_unknowns: int) -> Space:
        """All unknowns among the functions of one basis over the whole domain."""
        return cls((Block(basis),) * n_unknowns)

    @property
    def n_unknowns(self) -> int:
        """How many unknowns there are."""
        return len(self.blocks)

    @property
    def like(self) -> Tensor:
        """An empty tensor `(0,)` of the dtype, and on the device, of the functions' numbers."""
        return self.blocks[0].like

    @cached_property
    def columns(self) -> int:
        """How many coefficients there are, of all unknowns."""
        return sum(block.size for block in self.blocks)

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """Of each unknown, the place of its coefficients."""
        ends = accumulate((block.size for block in self.blocks), initial=0)
        return tuple(slice(a, b) for a, b in pairwise(ends))

    @cached_property
    def groups(self) -> tuple[tuple[Block, tuple[int, ...]], ...]:
        """The different blocks, each with the unknowns that share it."""
        firsts = [
            next(k for k, other in enumerate(self.blocks) if other.shares(block))
            for block in self.blocks
        ]
        return tuple(
            (self.blocks[first], tuple(k for k, f in enumerate(firsts) if f == first))
            for first in dict.fromkeys(firsts)
        )

    @property
    def basis(self) -> Basis:
        """The basis that all unknowns share. Raises ValueError if there are several."""
        (block, _), *others = self.groups
        if others or block.axes is not None:
            raise ValueError(
                "this wants one basis for all unknowns, over all coordinates: these have several"
            )
        return block.basis

    @property
    def divided(self) -> bool:
        """Whether unknowns live in different parts of the domain: then most equations touch few of
        them.
        """
        return any(block.region is not None for block in self.blocks)

    @property
    def whole(self) -> list[Basis]:
        """The different bases over all coordinates of the whole domain."""
        return [
            block.basis for block, _ in self.groups if block.axes is None and block.region is None
        ]

    @property
    def functions(self) -> int:
        """Functions that are evaluated at a point: of every different block once."""
        return sum(block.size for block, _ in self.groups)

    def numbers(self, residual: Residual) -> int:
        """How many numbers a point an equation takes of the functions."""
        return sum(
            self.blocks[slot.unknown].size * residual.traces[slot.trace].count
            for slot in residual.slots
        )

    def zeros(self) -> Tensor:
        """The coefficients of the zero field, `(columns,)`."""
        return self.like.new_zeros(self.columns)

    def slots(self, residual: Residual, x: Tensor, evaluate: Evaluate = called) -> list[Tensor]:
        """For every slot its unknown's functions with the slot's derivative, at the slot's trace:
        each `(n, size)`.
        """
        values = [x] * len(residual.slots)
        for number, trace in enumerate(residual.traces):
            at = trace(x)
            for block, unknowns in self.groups:
                mine = [
                    i
                    for i, s in enumerate(residual.slots)
                    if s.trace == number and s.unknown in unknowns
                ]
                indices = list(dict.fromkeys(residual.slots[i].index for i in mine))
                functions = block(at, indices, evaluate) if mine else at
                for i in mine:
                    taken = functions[indices.index(residual.slots[i].index)]
                    values[i] = trace.summed(x, taken)
        return values

    def values(
        self, residual: Residual, functions: Sequence[Tensor], coefficients: Tensor
    ) -> Tensor:
        """The numbers `(n_slots, n)` that an equation takes, from what `slots` gave and
        coefficients `(columns,)`.
        """
        parts = [
            f @ coefficients[self.slices[s.unknown]]
            for f, s in zip(functions, residual.slots, strict=True)
        ]
        return torch.stack(parts) if parts else coefficients.new_zeros(0, 0)
