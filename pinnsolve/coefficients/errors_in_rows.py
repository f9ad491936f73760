"""Numbers from rows whose entries have errors, since they hold what was measured.

Rows B a + N p = b hold for the true coefficients a of fields, of which data say that they are c + L
z, z independent and normal. At c they miss by N p - (b - B c) = B L z: errors of covariance
(B L)(B L)', by which numbers p have the best least squares (generalized ones: Aitken, 1936), and by
which the fields are corrected, too. It is the limit of hard rows, of as many as there are; weights
that hold what is sought are found by iteration (Bortz, Messenger and Dukic, Bull. Math. Biol. 85,
2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from pinnsolve.coefficients.hard_rows import chosen
from pinnsolve.fields.arrays import Array


@dataclass(frozen=True, eq=False)
class Known:
    """Numbers `(n_numbers,)` and coefficients `(columns,)`, with the factors of their covariance,
    `(n_numbers, rank)` and `(columns, rank)`, of errors that they share.

    `misfit` is the sum of squares that rows leave, each divided by its deviation, for each row that
    is not used up, and `free` how many these are; `blind` is a direction `(n_numbers,)` of which
    they say nothing, if there is one.
    """

    numbers: Array
    coefficients: Array
    of_numbers: Array
    of_coefficients: Array
    misfit: float
    free: int
    blind: Array | None

    @property
    def deviations(self) -> Array:
        """Of the numbers, `(n_numbers,)`."""
        return np.asarray(np.linalg.norm(self.of_numbers, axis=1))


def without(rows: Array, hidden: Array, cut: float = 1e-9) -> Array:
    """Those combinations of rows `(n, k)` that say nothing of hidden unknowns, whose columns are
    `(n, m)`: none of their singular directions above a part of the largest.
    """
    if not hidden.size or not hidden.any():
        return rows
    norms = np.linalg.norm(hidden, axis=0)
    left, singular, _ = np.linalg.svd(hidden[:, norms > 0] / norms[norms > 0])
    rank = int((singular > cut * singular[0]).sum())
    return np.asarray(left[:, rank:].T @ rows)


def through_errors(
    rows: tuple[Array, Array, Array],
    mean: Array,
    factor: Array,
    small: float,
    near: Array | float = 0.0,
    within: tuple[Array, Array] | None = None,
) -> Known:
    """From rows of fields `(n, columns)`, of numbers `(n, n_numbers)` and their target `(n,)`;
    coefficients `(columns,)` as data say them, with a factor `(columns, rank)` of their covariance.

    Errors below a part `small` of the largest are not believed: beside them squares of errors
    count, which these rows do not know. Numbers are `near` others, and `within` bounds, as in
    `through_equations`.
    """
    by_fields, by_numbers, target = rows
    spread = by_fields @ factor
    least = small * float(np.linalg.norm(spread, 2)) * np.eye(len(target))
    errors = np.hstack([spread, least])
    triangle = np.asarray(np.linalg.qr(errors.T, mode="r"))
    white = solve_triangular(
        triangle, np.column_stack([by_numbers, target - by_fields @ mean, errors]), trans="T"
    )
    count = by_numbers.shape[1]
    seen, rest, own = white[:, :count], white[:, count], white[:, count + 1 :]
    found = chosen(seen, rest, near, within)
    of_numbers = -found.inverse @ own
    left = np.column_stack([rest - seen @ found.numbers, -own - seen @ of_numbers])
    pull = factor @ (spread.T @ solve_triangular(triangle, left))
    alone = np.hstack([factor, np.zeros((len(mean), len(target)))])
    free = max(1, len(target) - count)
    return Known(
        found.numbers,
        mean + pull[:, 0],
        of_numbers,
        alone + pull[:, 1:],
        float(left[:, 0] @ left[:, 0]) / free,
        free,
        found.blind,
    )
