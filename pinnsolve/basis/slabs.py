"""Fields in slabs of time, one after the other: what a march leaves behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from pinnsolve.basis.indices import JetIndex
from pinnsolve.basis.networks import Basis, Declaration, Domain


@dataclass(frozen=True)
class Slabs:
    """One basis a slab of `time`, `parts`; each starts a clock of its own at the slab's first instant. Made by `solve`.

    Built, it is zero; a file, or a march, gives it its coefficients. `seeds` are those of the parts.
    """

    time: str
    lengths: tuple[float, ...]
    parts: tuple[Declaration, ...]
    seeds: tuple[int, ...]
    unknowns: int

    def build(self, domain: Domain, seed: int) -> SlabsBasis:
        """Every part on a box of its slab's length."""
        start = domain[self.time][0]
        parts = [
            part.build({**domain, self.time: (start, start + length)}, s)
            for part, length, s in zip(self.parts, self.lengths, self.seeds, strict=True)
        ]
        zeros = [torch.zeros(self.unknowns, part.size, dtype=torch.float64) for part in parts]
        return SlabsBasis(parts, zeros, self.lengths, list(domain).index(self.time), start)


class SlabsBasis(nn.Module):
    """One function an unknown: in slab k the field of part k, at times counted from the slab's start.

    At a slab's first instant it is the slab before that speaks; beyond the last one, the last is continued.
    """

    def __init__(
        self, parts: Sequence[Any], coefficients: Sequence[Tensor], lengths: Sequence[float], axis: int, start: float
    ) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.axis, self.start = axis, start
        self.ends = start + torch.tensor(lengths, dtype=torch.float64).cumsum(0)
        self.names = [f"coefficients_{k}" for k in range(len(coefficients))]
        for name, c in zip(self.names, coefficients, strict=True):
            self.register_buffer(name, c.contiguous())
        self.size = len(coefficients[0])

    @property
    def fields(self) -> list[tuple[Basis, Tensor]]:
        """Basis and coefficients `(n_unknowns, size)` of every slab."""
        return [(part, getattr(self, name)) for part, name in zip(self.parts, self.names, strict=True)]  # type: ignore[misc]

    def load_state_dict(self, state_dict: Mapping[str, Any], *modes: Any) -> Any:
        """As torch does; but every part loads its own."""
        for k, part in enumerate(self.parts):
            prefix = f"parts.{k}."
            part.load_state_dict({n.removeprefix(prefix): v for n, v in state_dict.items() if n.startswith(prefix)})
        return super().load_state_dict({**self.state_dict(), **{n: state_dict[n] for n in self.names}}, *modes)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all unknowns at points `(n, dim)`: `(n_indices, n, n_unknowns)`."""
        out = x.new_zeros(len(indices), len(x), self.size)
        slab = torch.searchsorted(self.ends, x[:, self.axis].contiguous()).clamp(max=len(self.ends) - 1)
        for k, (part, coefficients) in enumerate(self.fields):
            here = torch.nonzero(slab == k)[:, 0]
            if len(here):
                since = self.start - (float(self.ends[k - 1]) if k else self.start)
                out[:, here] = part(moved(x[here], self.axis, since), indices) @ coefficients.T
        return out


def moved(x: Tensor, axis: int, by: float) -> Tensor:
    """Points `(n, dim)`, later by so much."""
    there = x.clone()
    there[:, axis] += by
    return there
