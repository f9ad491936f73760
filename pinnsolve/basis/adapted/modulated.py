"""Carriers times smooth functions: for solutions that oscillate with known wave vectors, and whose
amplitudes vary slowly.

A carrier is the real or the imaginary part of exp(kappa . x), kappa complex: a wave that may grow
or decay. Where data say kappa, a hundred products c_j(x) w_j(x) do for what plain waves of every
direction need thousands for (geometric optics' ansatz; in finite elements the partition of unity
method of Babuska and Melenk, Int. J. Numer. Meth. Engng. 40 (1997), with plane waves).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE, Basis, Declaration, Domain
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, MultiIndex, check_index, leibniz
from pinnsolve.jets.propagation import combined, summed


@dataclass(frozen=True)
class Carrier:
    """exp(growth . (x - p)) cos(wave . (x - low) - phase): growth and wave in one number a
    coordinate, per unit; low the box's first corner, p the corner where it grows to 1.
    """

    growth: tuple[float, ...]
    wave: tuple[float, ...]
    phase: float = 0.0


@dataclass(frozen=True)
class Modulated(Sums):
    """Every carrier, alone and times every function of `within`; the functions' index runs fastest.

    Raises ValueError without carriers, or, when built, for one that does not fit the coordinates.
    """

    within: Declaration
    carriers: tuple[Carrier, ...]

    def __post_init__(self) -> None:
        if not self.carriers:
            raise ValueError("Modulated wants at least one carrier: Carrier((0.0,), (20.0,))")

    def build(self, domain: Domain, seed: int) -> ModulatedBasis:
        """The basis for a domain's box."""
        for carrier in self.carriers:
            if not len(carrier.growth) == len(carrier.wave) == len(domain):
                raise ValueError(
                    f"a carrier has one number for each of {', '.join(domain)}: got {carrier}"
                )
        return ModulatedBasis(self.within.build(domain, seed), self.carriers, domain)


class ModulatedBasis(Basis):
    """c_j and c_j w_i, `size` = carriers times one more than the inner functions; derivatives by
    Leibniz's rule.
    """

    def __init__(self, inner: Basis, carriers: Sequence[Carrier], domain: Domain) -> None:
        super().__init__()
        self.inner, self.carriers = inner, tuple(carriers)
        self.size = len(self.carriers) * (1 + inner.size)
        ends = list(domain.values())
        growth = [c.growth for c in carriers]
        peaks = [[b if g > 0 else a for g, (a, b) in zip(row, ends, strict=True)] for row in growth]
        # What the declaration says is no state: a file holds the declaration.
        for name, values in (
            ("growth", growth),
            ("wave", [c.wave for c in carriers]),
            ("phase", [c.phase for c in carriers]),
            ("peaks", peaks),
            ("low", [a for a, _ in ends]),
        ):
            self.register_buffer(name, DOUBLE.new_tensor(values), persistent=False)

    growth: Tensor
    wave: Tensor
    phase: Tensor
    peaks: Tensor
    low: Tensor

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`."""
        for index in indices:
            check_index(index, x.shape[1])
        wave = self._waves(x)
        inner: dict[MultiIndex, Tensor] = {}

        def of_inner(index: MultiIndex) -> Tensor:
            if index not in inner:
                one = x.new_full((x.shape[0], 1), float(not any(index)))
                inner[index] = torch.cat([one, self.inner(x, [index])[0]], dim=1)
            return inner[index]

        def single(index: MultiIndex) -> Tensor:
            return combined(
                (count * self._carriers(wave, own)[:, :, None], of_inner(rest)[:, None, :])
                for count, own, rest in leibniz(index)
            ).flatten(1)

        return summed(indices, single)

    def _waves(self, x: Tensor) -> Tensor:
        """exp(kappa . x - i phase) of every carrier, at most 1 in the box, `(n, n_carriers)`."""
        size = (x[:, None, :] - self.peaks) * self.growth
        angle = (x - self.low) @ self.wave.T - self.phase
        return torch.polar(size.sum(dim=2).exp(), angle)

    def _carriers(self, waves: Tensor, index: MultiIndex) -> Tensor:
        """D^index of the carriers, `(n, n_carriers)`."""
        kappa = torch.complex(self.growth, self.wave)
        for axis, order in enumerate(index):
            # By multiplication: a complex 0 to the power of 0 is not a number everywhere.
            for _ in range(order):
                waves = waves * kappa[:, axis]
        return waves.real
