"""Fields in slabs of time, one after the other: what a march leaves behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from pinnsolve.basis.basis import Declaration
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.fields.field import Field
from pinnsolve.jets.indices import JetIndex


@dataclass(frozen=True)
class SlabBases:
    """One basis a slab of `time`, `parts`; each starts a clock of its own at the slab's first
    instant. Made by `solve`.

    `seeds` are those of the parts.
    """

    time: str
    lengths: tuple[float, ...]
    parts: tuple[Declaration, ...]
    seeds: tuple[int, ...]
    unknowns: int


@dataclass(frozen=True, eq=False)
class Slabs(Field):
    """In slab k the field `parts[k]`, at times counted from the slab's start; slabs follow one
    another from `start` on.

    At a slab's first instant it is the slab before that speaks; beyond the last one, the last is
    continued.
    """

    parts: tuple[Field, ...]
    lengths: tuple[float, ...]
    axis: int
    start: float

    @property
    def n_unknowns(self) -> int:
        """How many unknowns there are."""
        return self.parts[0].n_unknowns

    @property
    def functions(self) -> int:
        """Functions of the largest slab: at a point, only one slab's are evaluated."""
        return max(part.functions for part in self.parts)

    @property
    def like(self) -> Tensor:
        """The numbers of the first part."""
        return self.parts[0].like

    @property
    def sizes(self) -> dict[str, int]:
        """Slabs, and the functions of them all."""
        return {"slabs": len(self.parts), "functions": sum(part.functions for part in self.parts)}

    @cached_property
    def ends(self) -> Tensor:
        """Where the slabs end, `(n_slabs,)`."""
        return self.start + self.like.new_tensor(self.lengths).cumsum(0)

    @property
    def last_time(self) -> tuple[int, float]:
        """Time's coordinate number, and the end of the last slab."""
        return self.axis, float(self.ends[-1])

    def state(self) -> dict[str, Tensor]:
        """The numbers of all parts."""
        numbers = {}
        for k, part in enumerate(self.parts):
            held = part.state()
            numbers[f"coefficients_{k}"] = held.pop("coefficients")
            numbers |= {f"parts.{k}.{name}": tensor for name, tensor in held.items()}
        return numbers

    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all unknowns at points `(n, dim)`: `(n_unknowns, n_indices, n)`."""
        out = x.new_zeros(self.n_unknowns, len(indices), len(x))
        for rows, part in self._shares(x):
            out[:, :, rows] = part(x[rows], indices)
        return out

    def support(self, x: Array) -> Tensor | None:
        """Which unknowns live at points `(n, dim)`, `(n_unknowns, n)`; None, if all do
        everywhere.
        """
        out = torch.ones(self.n_unknowns, len(x), dtype=torch.bool, device=self.like.device)
        for rows, part in self._shares(tensor_of(x, self.like)):
            own = part.support(x[rows.tolist()])
            if own is None:
                return None
            out[:, rows] = own
        return out

    def _shares(self, x: Tensor) -> Iterator[tuple[Tensor, Later]]:
        """The rows of points `(n, dim)` that lie in each slab, and its field; of slabs that have
        some.
        """
        slab = torch.searchsorted(self.ends, x[:, self.axis].contiguous()).clamp(
            max=len(self.ends) - 1
        )
        for k, part in enumerate(self.parts):
            rows = torch.nonzero(slab == k)[:, 0]
            if len(rows):
                since = self.start - (float(self.ends[k - 1]) if k else self.start)
                yield rows, Later(part, self.axis, since)


@dataclass(frozen=True, eq=False)
class Later(Field):
    """A field at other times, on coordinate number `axis`: u(x, t + by)."""

    field: Field
    axis: int
    by: float

    @property
    def n_unknowns(self) -> int:
        """How many unknowns there are."""
        return self.field.n_unknowns

    @property
    def functions(self) -> int:
        """Those of the field."""
        return self.field.functions

    @property
    def like(self) -> Tensor:
        """The numbers of the field."""
        return self.field.like

    def state(self) -> dict[str, Tensor]:
        """The numbers of the field."""
        return self.field.state()

    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all unknowns at points `(n, dim)`: `(n_unknowns, n_indices, n)`."""
        later = x.clone()
        later[:, self.axis] += self.by
        return self.field(later, indices)

    def support(self, x: Array) -> Tensor | None:
        """Which unknowns live at points `(n, dim)`, `(n_unknowns, n)`; None, if all do
        everywhere.
        """
        later = x.copy()
        later[:, self.axis] += self.by
        return self.field.support(later)
