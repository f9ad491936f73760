"""A matrix in the singular directions that float64 tells apart, for many right-hand sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pinnsolve.fields.arrays import Array


@dataclass(frozen=True, eq=False)
class Truncated:
    """A matrix by its singular vectors, in its columns' own sizes: `left (n, rank)`, `singular
    (rank,)`, and `back (columns, rank)`, which leads from the directions to coefficients.
    """

    left: Array
    singular: Array
    back: Array

    @classmethod
    def of(cls, rows: Array, cut: float) -> Truncated:
        """A matrix `(n, columns)`, without directions below a part of the largest."""
        norms = np.linalg.norm(rows, axis=0)
        norms[norms == 0] = 1.0
        left, singular, right = np.linalg.svd(rows / norms, full_matrices=False)
        kept = singular > cut * singular[0]
        return cls(left[:, kept], singular[kept], right[kept].T.conj() / norms[:, None])

    def directions(self, targets: Array) -> Array:
        """How much of each direction least squares take for `targets (n, k)`: `(rank, k)`."""
        return (self.left.T.conj() @ targets) / self.singular[:, None]

    def coefficients(self, targets: Array) -> Array:
        """Those of least squares for `targets (n, k)`: `(columns, k)`."""
        return self.back @ self.directions(targets)
