"""Rows of a cell, or of a merge, split: directions that they determine, and the rest."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import torch
from scipy.linalg import svd
from torch import Generator, Tensor

from pinnsolve.basis.initialize import normal_numbers
from pinnsolve.fields.arrays import array_of, tensor_of


@dataclass(frozen=True)
class Largest:
    """How the largest singular value is found, by vectors and rounds: of 200 random matrices whose
    values fall slowly, it was 0.95 of it and more.
    """

    block: int = 8
    iterations: int = 6


LARGEST = Largest()


@dataclass(frozen=True, eq=False)
class Split:
    """Rows A z = b as A = Q [[diag(sizes), 0], [0, left]] [first, rest]', of orthogonal matrices
    whose product is Q: z = first a + rest f, where the `sizes` decide a.

    `largest` is about the largest singular value of A, `strongest` that of what is `left`, relative
    to it.
    """

    orthogonal: tuple[Tensor, ...]
    first: Tensor  # (columns, solved)
    sizes: Tensor  # (solved,)
    rest: Tensor  # (columns, free)
    left: Tensor  # (free, free)
    largest: float
    strongest: float

    def turned(self, target: Tensor) -> tuple[Tensor, Tensor]:
        """Of a target `(n,)`, or several `(n, m)`, those of a and of f."""
        for matrix in self.orthogonal:
            target = matrix[: len(target)].T @ target
        return target[: len(self.sizes)], target[len(self.sizes) :]

    def solved(self, target: Tensor) -> Tensor:
        """What a target `(solved,)` or `(solved, m)` of a makes of z."""
        sizes = self.sizes if target.dim() == 1 else self.sizes[:, None]
        return self.first @ (target / sizes)


def split_of(rows: Tensor, cut: float, free: int = 0) -> Split:
    """Directions whose singular values are above a part `cut` of the largest are determined, but
    for the `free` weakest. Of rows `(n, columns)`.
    """
    q, r = torch.linalg.qr(filled(rows))
    columns = r.shape[1]
    if free >= columns:
        largest = largest_value(r)
        nothing, all_of_it = r.new_zeros(columns, 0), torch.eye(columns).to(r)
        return Split((q,), nothing, r.new_zeros(0), all_of_it, r, largest, float(largest > 0))
    u, s, vh = svd_of(r)
    n = min(int((s > cut * s.max()).sum()), columns - free)
    largest = float(s[0])
    strongest = float(s[n]) / largest if n < columns and largest > 0 else 0.0
    first, rest = vh[:n].T, vh[n:].T
    return Split((q, u), first, s[:n], rest, torch.diag(s[n:]), largest, strongest)


def filled(rows: Tensor) -> Tensor:
    """Rows `(n, columns)`, as many as columns at least: where they are fewer, others are zero."""
    missing = max(0, rows.shape[1] - len(rows))
    return torch.cat([rows, rows.new_zeros(missing, rows.shape[1])]) if missing else rows


def svd_of(a: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """All singular vectors and the values of a matrix `(n, m)`; by the QR algorithm where that of
    divide and conquer does not converge, or has vectors that are no numbers, as it may for values
    that are many times the same. Raises ValueError if the matrix is not finite.
    """
    with suppress(RuntimeError):  # torch.linalg.LinAlgError, which torch does not export
        u, s, vh = torch.linalg.svd(a)
        if bool(u.isfinite().all()) and bool(vh.isfinite().all()):
            return u, s, vh
    u, s, vh = map(tensor_of, svd(array_of(a), lapack_driver="gesvd"))
    return u, s, vh


def by_trace(traces: Tensor, least: float) -> tuple[Tensor, Tensor]:
    """Combinations `(n, kept)` of the columns of traces `(m, n)` whose own are orthonormal, and
    those that have less than the `least`, `(n, rest)`.
    """
    r = torch.linalg.qr(traces, mode="r").R
    if len(r) == r.shape[1] and len(r) and bool((r.diagonal() != 0).all()):
        inverse = torch.linalg.solve_triangular(r, torch.eye(len(r)).to(r), upper=True)
        # No singular value is smaller than one over that norm: all are seen.
        if 1 / float(inverse.norm()) > least:
            return inverse, r.new_zeros(len(r), 0)
    # Left singular vectors are not asked for: those of the triangle are fewer.
    _, s, vh = svd_of(r)
    kept = int((s > least).sum())
    return vh[:kept].T / s[:kept], vh[kept:].T


def largest_value(matrix: Tensor) -> float:
    """The largest singular value of a matrix `(n, m)`, to some percent and never more than it is,
    by subspace iteration: what is small beside it is told by orders of magnitude.
    """
    block = normal_numbers(matrix.shape[1], LARGEST.block, generator=Generator().manual_seed(0))
    block = block.to(matrix)
    for _ in range(LARGEST.iterations):
        block = torch.linalg.qr(matrix.T @ (matrix @ block)).Q
    return float(torch.linalg.matrix_norm(matrix @ block, 2)) if matrix.numel() else 0.0
