"""Functions of one side of a surface, for solutions whose derivatives jump there: max(z, 0)^p times
a basis, z zero on it.

Where data jump, u = a(x) + max(z, 0)^p b(x) with smooth a and b, p the order of the first
derivative of u that jumps. All derivatives up to the order p are functions, without a Dirac part,
so that an equation of that order may be asked of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from pinnsolve.basis.adapted.lifted import Level
from pinnsolve.basis.basis import DOUBLE, Basis, Declaration, Domain
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.activations import relu_power
from pinnsolve.jets.indices import JetIndex, below, closure, leibniz, members
from pinnsolve.jets.propagation import activate, combined


@dataclass(frozen=True)
class OneSided(Sums):
    """`within`, times max(`level`(x), 0)^`power`. Raises ValueError for a power below 1."""

    within: Declaration
    level: Level
    power: int

    def __post_init__(self) -> None:
        if not self.power >= 1:
            raise ValueError(
                "OneSided wants a power of at least 1, with which its functions are continuous:"
                f" got {self.power}"
            )

    def build(self, domain: Domain, seed: int) -> OneSidedBasis:
        """The basis for a domain's box."""
        box = DOUBLE.new_tensor(list(domain.values()))
        # By so many points the level's size is known.
        share = torch.rand(
            256, len(box), generator=torch.Generator().manual_seed(0), dtype=torch.float64
        )
        x = box[:, 0] + share * (box[:, 1] - box[:, 0])
        size = float(self.level(x, (0,) * len(box)).abs().max())
        return OneSidedBasis(self.within.build(domain, seed), self.level, self.power, size)


class OneSidedBasis(Basis):
    """Functions phi(x) max(z(x), 0)^p with z of size one in the box; derivatives by Leibniz's
    rule.
    """

    def __init__(self, inner: Basis, level: Level, power: int, unit: float) -> None:
        super().__init__()
        self.inner, self.level, self.unit, self.size = inner, level, unit, inner.size
        self.ramp = partial(relu_power, power=power)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`."""
        needed = list(dict.fromkeys(b for i in indices for a in members(i) for b in below(a)))
        inner = dict(zip(needed, self.inner(x, needed), strict=True))
        rows = closure(needed, x.shape[1])
        z = torch.stack([self.level(x, i) for i in rows]) / self.unit  # type: ignore[arg-type]
        factor = dict(zip(rows, activate(z[:, :, None], rows, self.ramp), strict=True))

        def terms(index: JetIndex) -> Iterator[tuple[Tensor, Tensor]]:
            for member in members(index):
                for count, own, outer in leibniz(member):
                    yield count * factor[outer], inner[own]

        return torch.stack([combined(terms(index)) for index in indices])
