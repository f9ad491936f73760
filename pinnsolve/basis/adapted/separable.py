"""Functions of low rank: sums of products of functions of one coordinate each, for many dimensions.

u(x) = sum_r prod_i f_ri(x_i), each f_ri a Legendre series. That is linear in each coordinate's
factors; the basis here is its tangent space, P_k(x_i) prod_(j != i) f_rj(x_j), which holds u
itself, and in which a linear problem is solved like in any other basis. The factors are the hidden
parameters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import torch
from torch import Generator, Tensor, nn

from pinnsolve.basis.basis import DOUBLE, Basis, Domain
from pinnsolve.basis.sums import Sums
from pinnsolve.jets.indices import JetIndex, members


@dataclass(frozen=True)
class LowRank(Sums):
    """Products of Legendre series: `rank` of them, each factor of polynomial degree `degree`.

    Raises ValueError for a rank or degree below 1.

    >>> from pinnsolve import LowRank
    >>> LowRank(rank=3, degree=8).build({c: (0, 1) for c in "xyzpq"}, seed=0).size
    135
    """

    rank: int
    degree: int

    def __post_init__(self) -> None:
        if self.rank < 1 or self.degree < 1:
            raise ValueError(
                f"LowRank wants rank and degree of at least 1: got {self.rank}, {self.degree}"
            )

    def build(self, domain: Domain, seed: int) -> LowRankBasis:
        """The tangent space at random factors, on a domain's box."""
        generator = Generator().manual_seed(seed)
        size = (len(domain), self.rank, self.degree + 1)
        factors = torch.randn(size, generator=generator, dtype=torch.float64)
        factors *= 0.5 ** torch.arange(self.degree + 1)  # a smooth start: high degrees are small
        factors[:, :, 0] = factors[:, :, 0].sign()  # one product must not start as almost nothing
        return LowRankBasis(DOUBLE.new_tensor(list(domain.values())), factors)


class LowRankBasis(Basis):
    """P_k(x_i) prod_(j != i) f_rj(x_j), over i, r, k in this order; `factors (dim, rank, degree +
    1)`.
    """

    box: Tensor

    def __init__(self, box: Tensor, factors: Tensor) -> None:
        super().__init__()
        self.register_buffer("box", box)
        self.factors = nn.Parameter(factors)
        self.size = factors.numel()

    def own_coefficients(self) -> Tensor:
        """Coefficients `(size,)` in this basis of the function that the factors stand for: it is in
        every coordinate's part.
        """
        return self.factors.detach().flatten() / len(self.box)

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        """Derivatives of all functions at points `(n, dim)`: `(n_indices, n, size)`."""
        low, high = self.box.to(x).T
        tables = legendre(
            2 * (x - low) / (high - low) - 1,
            self.factors.shape[2] - 1,
            max(max(m) for i in indices for m in members(i)),
        )
        orders = torch.arange(len(tables), dtype=x.dtype, device=x.device)
        tables = tables * ((2 / (high - low))[:, None] ** orders[:, None, None, None])
        products = torch.einsum("anik,irk->ainr", tables, self.factors)
        return torch.stack([self._tangent(tables, products, members(index)) for index in indices])

    def _tangent(
        self, tables: Tensor, products: Tensor, several: Sequence[Sequence[int]]
    ) -> Tensor:
        """Sum of D^index of all functions over several indices: own polynomials times products of
        the others' factors.

        Products for the same order in a coordinate are added first: of a Laplacian only two blocks
        a coordinate are left.
        """
        dim = len(self.box)
        others: list[dict[int, Tensor]] = [{} for _ in range(dim)]
        for index in several:
            each = [products[order, i] for i, order in enumerate(index)]
            before, after = [torch.ones_like(each[0])], [torch.ones_like(each[0])]
            for left, right in zip(each[:-1], each[:0:-1], strict=True):
                before.append(before[-1] * left)
                after.append(after[-1] * right)
            for i, order in enumerate(index):
                product = before[i] * after[dim - 1 - i]
                others[i][order] = others[i][order] + product if order in others[i] else product
        blocks = [
            reduce(
                torch.add,
                (
                    product[:, :, None] * tables[order, :, i, None, :]
                    for order, product in groups.items()
                ),
            )
            for i, groups in enumerate(others)
        ]
        return torch.stack(blocks, dim=1).flatten(1)


def legendre(z: Tensor, degree: int, orders: int) -> Tensor:
    """Legendre polynomials of [-1, 1] up to a degree, and their derivatives: `(orders + 1,
    *z.shape, degree + 1)`.

    (k + 1) P_(k+1) = (2 k + 1) z P_k - k P_(k-1) and P'_(k+1) = P'_(k-1) + (2 k + 1) P_k, the
    second for all orders. Scaled by sqrt(2 k + 1), so that all have the same norm.
    """
    # One or two operations a polynomial: at some hundred points, calls are what takes time.
    rows = [[torch.ones_like(z), z]]
    for k in range(1, degree):
        before = rows[0][k - 1] * (-k / (k + 1))
        rows[0].append(torch.addcmul(before, z, rows[0][k], value=(2 * k + 1) / (k + 1)))
    for order in range(1, orders + 1):
        rows.append([torch.zeros_like(z), rows[order - 1][0]])
        for k in range(1, degree):
            rows[order].append(torch.add(rows[order][k - 1], rows[order - 1][k], alpha=2 * k + 1))
    norms = torch.tensor(
        [math.sqrt(2 * k + 1) for k in range(degree + 1)], dtype=z.dtype, device=z.device
    )
    return torch.stack([torch.stack(row[: degree + 1], dim=-1) for row in rows]) * norms
