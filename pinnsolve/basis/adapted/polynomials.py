"""Polynomials of a box: smooth functions at no particular scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import torch
from torch import Tensor

from pinnsolve.basis.adapted.separable import legendre
from pinnsolve.basis.basis import DOUBLE, Basis, Domain, Gather
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, MultiIndex, check_index, members
from pinnsolve.jets.propagation import columns_of, summed


@dataclass(frozen=True)
class Polynomials(Sums):
    """Products of Legendre's polynomials on the domain's box, of degrees k_i with sum k_i / n_i <=
    1: `degrees` n_i are one a coordinate. With the same for all these are the polynomials of that
    total degree.

    Raises ValueError for a degree below 1.
    """

    degrees: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.degrees or min(self.degrees) < 1:
            raise ValueError(f"Polynomials wants degrees of at least 1: got {self.degrees}")

    def build(self, domain: Domain, seed: int) -> PolynomialBasis:
        """The same for every seed. Raises ValueError unless there is a degree a coordinate."""
        if len(self.degrees) != len(domain):
            raise ValueError(f"{self} wants {len(self.degrees)} coordinates: got {len(domain)}")
        return PolynomialBasis(DOUBLE.new_tensor(list(domain.values())), powers_of(self.degrees))

    @classmethod
    def of_size(cls, size: float, shares: Sequence[float]) -> Polynomials:
        """At least so many, the degrees about as these shares `(dim,)`, the largest of which is
        1.
        """
        scale = 2
        while True:
            degrees = tuple(max(1, math.ceil(scale * s - 1e-9)) for s in shares)
            if len(powers_of(degrees)) >= size:
                return cls(degrees)
            scale += 1


def powers_of(degrees: Sequence[int]) -> list[tuple[int, ...]]:
    """All k with sum k_i / n_i <= 1."""
    every = product(*(range(n + 1) for n in degrees))
    return [k for k in every if sum(a / n for a, n in zip(k, degrees, strict=True)) <= 1 + 1e-9]


class PolynomialBasis(Basis):
    """prod_i P_(k_i)(x_i) over the given powers k, each of mean square 1 on the `box (dim, 2)`."""

    box: Tensor

    def __init__(self, box: Tensor, powers: Sequence[tuple[int, ...]]) -> None:
        super().__init__()
        self.register_buffer("box", box)
        self.powers = torch.tensor(powers)
        self.size = len(powers)

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """Points as dense near the faces as Chebyshev's: evenly spread ones leave polynomials of
        high degree free there.
        """
        return (partial(_towards_faces, self.box),)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`."""
        for index in indices:
            check_index(index, x.shape[1])
        low, high = self.box.to(x).T
        unit, most = 2 * (x - low) / (high - low) - 1, max(1, int(self.powers.max()))
        # Of all coordinates at once: at the few points of a piece, calls are what takes time.
        tables = legendre(unit, most, max(max(m) for i in indices for m in members(i)))
        slopes = 2 / (high - low)
        held: dict[tuple[int, int], Tensor] = {}

        def factor(axis: int, order: int) -> Tensor:
            if (axis, order) not in held:
                table = slopes[axis] ** order * tables[order, :, axis]
                held[axis, order] = columns_of(table, self.powers[:, axis])
            return held[axis, order]

        def single(index: MultiIndex) -> Tensor:
            values = factor(0, index[0])
            for axis, order in enumerate(index[1:], 1):
                values = values * factor(axis, order)
            return values

        return summed(indices, single)

    def reach(self, coefficients: Tensor, part: float) -> list[int]:
        """Along each coordinate, the degree from which on coefficients `(size,)` have no more than
        a part of the whole, in the root of the sum of squares.
        """
        squares = coefficients.square()
        left = [
            [float(squares[self.powers[:, axis] >= k].sum()) for k in range(int(powers.max()) + 2)]
            for axis, powers in enumerate(self.powers.T)
        ]
        enough = part**2 * float(squares.sum())
        return [next(k for k, rest in enumerate(each) if rest <= enough) for each in left]


def _towards_faces(box: Tensor, x: Tensor, normals: Tensor | None) -> Tensor:
    """Points `(n, dim)` that are uniform in the box, as the cosines of uniform angles."""
    low, high = box.to(x).T
    angle = torch.pi * ((x - low) / (high - low)).clamp(0, 1)
    moved: Tensor = low + (high - low) * (1 - torch.cos(angle)) / 2
    return moved
