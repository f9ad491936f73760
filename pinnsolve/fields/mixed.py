"""Fields of cells of space, mixed with weights that move: what steps of several sizes leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.fields.arrays import Array, array_of
from pinnsolve.fields.blocks import blocks
from pinnsolve.fields.cellwise import CellBases, Cellwise
from pinnsolve.fields.motion import Motion, terms_of
from pinnsolve.fields.separated import along
from pinnsolve.jets.indices import JetIndex


@dataclass(frozen=True)
class MixedCells:
    """Cells of space, several times, and the coordinate `time`, with which they are mixed. Made by
    `solve`.
    """

    parts: tuple[CellBases, ...]
    time: str

    def __str__(self) -> str:
        return f"{self.parts[0]} and {len(self.parts) - 1} others, mixed by {self.time}"


@dataclass(frozen=True, eq=False)
class Mixed(Motion):
    """u = sum_j c_j(t) phi_j(x): phi_j are the fields of space `parts`, t coordinate number `axis`.

    `times (m,)` and `states (3, m, n_parts)`: c and its first two derivatives in time, joined by
    quintic polynomials.
    """

    parts: tuple[Cellwise, ...]
    axis: int
    times: Tensor
    states: Tensor

    @property
    def n_unknowns(self) -> int:
        """How many unknowns there are."""
        return self.parts[0].n_unknowns

    @property
    def functions(self) -> int:
        """Functions of all cells of all fields."""
        return sum(part.functions for part in self.parts)

    @property
    def sizes(self) -> dict[str, int]:
        """Fields of space, and the functions of them all."""
        return {"fields of space": len(self.parts), "functions of space": self.functions}

    @property
    def weak(self) -> bool:
        """At the start, where data disagree, weights are a ramp that no equation has made."""
        return True

    def state(self) -> dict[str, Tensor]:
        """The motion, and the numbers of every field of space."""
        numbers = {"times": self.times, "states": self.states}
        for k, part in enumerate(self.parts):
            numbers |= {f"fields.{k}.{name}": tensor for name, tensor in part.state().items()}
        return numbers

    def blocks(
        self, x: Array, normals: Array | None, derivatives: int
    ) -> Iterator[tuple[slice, Tensor, Tensor | None]]:
        """Points `(n, dim)` in large pieces: places that come again at other times are evaluated
        once.
        """
        return blocks(x, normals, len(self.parts) * derivatives, like=self.like)

    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all unknowns at points `(n, dim)`: `(n_unknowns, n_indices, n)`."""
        t = x[:, self.axis]
        at = torch.cat([x[:, : self.axis], x[:, self.axis + 1 :]], dim=1)
        at, back = torch.unique(at, dim=0, return_inverse=True)
        terms = [terms_of(index, self.axis) for index in indices]
        places = list(dict.fromkeys(place for own in terms for place, _ in own))
        fields = torch.stack([_of_space(part, at, places) for part in self.parts])
        orders = dict.fromkeys(order for own in terms for _, order in own)
        weights = {order: along(self.times, self.states, t, order) for order in orders}
        out = x.new_zeros(self.n_unknowns, len(indices), len(x))
        for row, own in enumerate(terms):
            for place, order in own:
                moved = fields[:, :, places.index(place)][:, :, back]
                out[:, row] += torch.einsum("nj,jun->un", weights[order], moved)
        return out


def _of_space(part: Cellwise, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
    """Derivatives of one field at points of space `(n, dim)`, in its own pieces: `(n_unknowns,
    n_indices, n)`.
    """
    pieces = part.blocks(array_of(x), None, len(indices))
    return torch.cat([part(piece, indices) for _, piece, _ in pieces], dim=2)
