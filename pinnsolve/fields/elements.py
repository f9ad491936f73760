"""Elements of space, equal boxes with polynomials through their nodes; values move in time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.fields.arrays import Array
from pinnsolve.fields.blocks import blocks
from pinnsolve.fields.motion import Motion
from pinnsolve.fields.pieces import Pieces, nodes_of
from pinnsolve.fields.separated import between
from pinnsolve.jets.indices import JetIndex, MultiIndex, members


@dataclass(frozen=True)
class MovingElements:
    """So many elements along each coordinate of space, by name, with polynomials of a `degree`,
    whose values at nodes move with the coordinate `time`. Made by `solve`.
    """

    counts: tuple[tuple[str, int], ...]
    degree: int
    time: str

    def __str__(self) -> str:
        each = " x ".join(f"{count} of {name}" for name, count in self.counts)
        return f"elements of degree {self.degree}, {each}, moving with {self.time}"


@dataclass(frozen=True, eq=False)
class Elements(Motion):
    """One unknown: a product of `pieces`, one for each coordinate of space; coordinate number
    `axis` is time.

    `times (m,)` and `states (3, m, nodes)`, which may have fewer digits: the values at all nodes,
    the last coordinate's fastest, and their first two derivatives in time; between times they are
    quintic polynomials.
    """

    pieces: tuple[Pieces, ...]
    axis: int
    times: Tensor
    states: Tensor

    @property
    def n_unknowns(self) -> int:
        """One."""
        return 1

    @property
    def like(self) -> Tensor:
        """Times: of a long path states have fewer digits."""
        return self.times

    @property
    def functions(self) -> int:
        """One a node."""
        return math.prod(own.nodes for own in self.pieces)

    @property
    def weak(self) -> bool:
        """Its second derivatives jump between elements."""
        return True

    def state(self) -> dict[str, Tensor]:
        """The motion."""
        return {"times": self.times, "states": self.states}

    def blocks(
        self, x: Array, normals: Array | None, derivatives: int
    ) -> Iterator[tuple[slice, Tensor, Tensor | None]]:
        """Points `(n, dim)` in pieces: of each, only its own element and step are looked at."""
        own = math.prod(each.degree + 1 for each in self.pieces)
        return blocks(x, normals, (6 + derivatives) * own, like=self.like)

    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives at points `(n, dim)`: `(1, n_indices, n)`."""
        space = [i for i in range(x.shape[1]) if i != self.axis]
        wanted = sorted({m for index in indices for m in members(index)})
        held = zip(self.pieces, space, strict=True)
        local = [own.at(x[:, i].contiguous(), max(m[i] for m in wanted)) for own, i in held]
        moved = self._moved(x, [first for first, _ in local], {m[self.axis] for m in wanted})
        found: dict[MultiIndex, Tensor] = {}
        for m in wanted:
            product = x.new_ones(len(x), 1)
            for (_, tables), i in zip(local, space, strict=True):
                product = (product[:, :, None] * tables[m[i]][:, None, :]).flatten(1)
            found[m] = (moved[m[self.axis]] * product).sum(dim=1)
        each = [torch.stack([found[m] for m in members(index)]).sum(dim=0) for index in indices]
        return torch.stack(each)[None]

    def _moved(self, x: Tensor, firsts: Sequence[Tensor], orders: set[int]) -> dict[int, Tensor]:
        """The values at the nodes of every point's element, or their derivatives in time of some
        orders: `(n, nodes of an element)` each.
        """
        columns = nodes_of(self.pieces, firsts)
        t = x[:, self.axis].contiguous()
        step = (torch.searchsorted(self.times, t) - 1).clamp(0, len(self.times) - 2)
        ends = torch.stack([step, step + 1], dim=1)
        held = self.states[:, ends[:, :, None], columns[:, None, :]].to(x.dtype)
        held = held.permute(0, 2, 1, 3).flatten(0, 1)
        both = self.times[ends].T
        return {
            order: torch.einsum("sn,snl->nl", between(both, t, order), held) for order in orders
        }
