"""One function that is known beforehand: a polynomial of a box, by its coefficients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.basis.adapted.separable import legendre
from pinnsolve.basis.basis import DOUBLE, Basis, Domain
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, MultiIndex, check_index, members
from pinnsolve.jets.propagation import summed


@dataclass(frozen=True)
class Particular(Sums):
    """One polynomial of so many `degrees`, one a coordinate: a particular solution of lap u +
    `square` u = f in a cell, which its equation says there (`cells/particular.py`). Zero at first.
    Where cells have the `shared` one (`cells/shared.py`), which sides of the domain's box it is
    zero on, first and last along each coordinate.
    """

    degrees: tuple[int, ...]
    square: float
    shared: tuple[tuple[bool, bool], ...] | None = None

    def build(self, domain: Domain, seed: int) -> ParticularBasis:
        """The same for every seed. Raises ValueError unless there is a degree a coordinate."""
        if len(self.degrees) != len(domain):
            raise ValueError(f"{self} wants {len(self.degrees)} coordinates: got {len(domain)}")
        return ParticularBasis(DOUBLE.new_tensor(list(domain.values())), self.degrees, self.square)


class ParticularBasis(Basis):
    """Legendre's polynomials on a `box (dim, 2)`, summed with `coefficients`, one side a coordinate
    and one longer than its degree.
    """

    box: Tensor
    coefficients: Tensor

    def __init__(self, box: Tensor, degrees: Sequence[int], square: float) -> None:
        super().__init__()
        self.size, self.square = 1, square
        self.register_buffer("box", box)
        self.register_buffer("coefficients", box.new_zeros([n + 1 for n in degrees]))

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives at points `(n, dim)`: `(n_indices, n, 1)`."""
        for index in indices:
            check_index(index, x.shape[1])
        low, high = self.box.to(x).T
        unit, slopes = 2 * (x - low) / (high - low) - 1, 2 / (high - low)
        highest = max(max(m) for i in indices for m in members(i))
        most = max(1, *self.coefficients.shape) - 1
        tables = legendre(unit, max(1, most), highest)

        def single(index: MultiIndex) -> Tensor:
            along = [
                tables[order, :, axis, :n]
                for axis, (order, n) in enumerate(zip(index, self.coefficients.shape, strict=True))
            ]
            values = torch.tensordot(along[-1], self.coefficients.to(x), ([1], [x.shape[1] - 1]))
            for each in reversed(along[:-1]):
                values = torch.einsum("p...k,pk->p...", values, each)
            inner: Tensor = math.prod((slopes ** slopes.new_tensor(index)).tolist()) * values
            return inner[:, None]

        return summed(indices, single)
