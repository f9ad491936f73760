"""A basis in units of its own: distances that mix coordinates, metres and seconds, have a sense
only there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE, Basis, Declaration, Domain, Gather
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, members
from pinnsolve.jets.propagation import combined


@dataclass(frozen=True)
class Scaled(Sums):
    """`within`, as a basis over y_i = x_i / `units`_i, y_i named like x_i. Raises ValueError if a
    unit is not positive.
    """

    within: Declaration
    units: tuple[float, ...]

    def __post_init__(self) -> None:
        if not all(unit > 0 for unit in self.units):
            raise ValueError(f"Scaled wants positive units: got {self.units}")

    def build(self, domain: Domain, seed: int) -> ScaledBasis:
        """The inner basis on the domain's box in these units. Raises ValueError if there is not one
        a coordinate.
        """
        if len(self.units) != len(domain):
            raise ValueError(
                f"Scaled wants a unit for each of {', '.join(domain)}: got {len(self.units)}"
            )
        box = {
            name: (low / u, high / u)
            for (name, (low, high)), u in zip(domain.items(), self.units, strict=True)
        }
        return ScaledBasis(self.within.build(box, seed), self.units)


class ScaledBasis(Basis):
    """Functions phi(x / units)."""

    units: Tensor

    def __init__(self, inner: Basis, units: Sequence[float]) -> None:
        super().__init__()
        self.inner, self.size = inner, inner.size
        self.register_buffer("units", DOUBLE.new_tensor(units))

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`."""
        needed = list(dict.fromkeys(m for i in indices for m in members(i)))
        inner = dict(zip(needed, self.inner(x / self.units, needed), strict=True))
        powers = {m: float((self.units ** -self.units.new_tensor(m)).prod()) for m in needed}
        return torch.stack([combined((powers[m], inner[m]) for m in members(i)) for i in indices])

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """Those of the inner basis."""
        return tuple(partial(self._gathered, gather) for gather in self.inner.gathers)

    def _gathered(self, gather: Gather, x: Tensor, normals: Tensor | None = None) -> Tensor:
        moved = gather(x / self.units, None if normals is None else _turned(normals * self.units))
        return moved * self.units


def _turned(normals: Tensor) -> Tensor:
    """Normals of unit length: they go as gradients do."""
    length: Tensor = normals.norm(dim=1, keepdim=True)
    return normals / length
