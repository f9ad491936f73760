"""What is known of a least-squares problem once it is solved; and how it is solved, when its rows
have become a triangle.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from scipy.linalg import lapack
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.coefficients.factor import NONE, Factor, WholeFactor
from pinnsolve.coefficients.ridges import COMPETITION, Ridges, best_ridge, rank_of
from pinnsolve.coefficients.triangles import RIDGE, spectral_norm
from pinnsolve.discretize.assemble import LeastSquaresProblem
from pinnsolve.fields.arrays import Array, array_of

HeldOut = Callable[[], LeastSquaresProblem]


@dataclass(frozen=True)
class Solved:
    """Coefficients `(n_columns,)` of a least-squares problem with `rows` rows, and what is known of
    it.

    `rank` is the number of effective degrees of freedom, sum s^2 / (s^2 + lambda^2) over the
    singular values s of the column-scaled matrix: those above the ridge count, the others do not.
    `condition` estimates its condition number (1-norm, LAPACK trcon). `residual` is |A c - b|
    without the ridge's rows, of `target` = |b|. `factor` is the triangular factor, ridge included,
    of the matrix with columns divided by `norms`.
    """

    coefficients: Array
    rank: float
    condition: float
    residual: float
    target: float
    rows: int
    factor: Factor
    norms: Tensor

    def light(self) -> Solved:
        """Without the factor, which takes a third of the matrix' memory."""
        return replace(self, factor=NONE)


def by_other_means(rank: float, rows: int, condition: float = math.nan) -> Solved:
    """What is known of coefficients that no triangle has given: so many numbers, determined by so
    many rows, or steps.
    """
    nothing = DOUBLE.new_empty(0)
    return Solved(array_of(nothing), rank, condition, math.nan, math.nan, rows, NONE, nothing)


@dataclass(frozen=True, eq=False)
class Scaling:
    """A matrix of so many `rows` had columns of these `norms (columns,)`, and a target of `size`
    times `unit`, a power of two: columns and target are divided by norms and unit.
    """

    rows: int
    norms: Tensor
    unit: float
    size: float


@dataclass(frozen=True, eq=False)
class Ridged:
    """The minimizer with the smallest ridge: coefficients `(columns,)`, and the factor with the
    ridge in it.
    """

    ridge: float
    coefficients: Tensor
    factor: Tensor


def with_smallest_ridge(solver: Ridges) -> Ridged:
    """No rank is cut: a ridge at round-off counts each direction by how much it is determined."""
    ridge = RIDGE * spectral_norm(solver.r)
    return Ridged(ridge, *solver.by_qr(ridge, solver.room()))


def solved_by(
    solver: Ridges,
    found: Ridged,
    outside: float,
    condition: float,
    scaling: Scaling,
    held_out: HeldOut | None,
) -> Solved:
    """The coefficients of A c = b where |A c - b|^2 = |R c - d|^2 + outside^2: those of the
    smallest ridge, or of a larger one that does better on rows that are held out.
    """
    scaled, rank = found.coefficients, rank_of(found.factor, found.ridge)
    rows, size, unit, norms = scaling.rows, scaling.size, scaling.unit, scaling.norms

    def left(scaled: Tensor) -> float:
        return math.hypot(float((solver.r @ scaled - solver.d).norm()), outside)

    residual = left(scaled)
    # Between the rows a basis that does not resolve the solution may run wild.
    if held_out is not None and residual > COMPETITION.not_below * size:
        # On its own rows a fit leaves too little; elsewhere the error of the coefficients comes on
        # top: as much as where each row is left out in its turn (Golub, Heath, Wahba, 1979).
        expected = residual / size / (1 - len(norms) / rows)
        other = best_ridge(solver, norms, found.ridge, scaled, expected, held_out(), unit)
        if other is not None:
            scaled, rank = other
            residual = left(scaled)
    c = array_of(scaled / norms * unit)
    factor = WholeFactor(found.factor)
    return Solved(c, rank, condition, residual * unit, size * unit, rows, factor, norms)


def condition_of(r: Tensor) -> float:
    """The condition number of an upper triangle `(n, n)` in the 1-norm, as LAPACK's trcon estimates
    it.
    """
    return 1.0 / max(float(lapack.dtrcon(array_of(r.T), norm="I", uplo="L")[0]), 1e-300)


def require_rows(rows: int, columns: int) -> None:
    """Raise ValueError unless there are more rows than columns."""
    if rows <= columns:
        raise ValueError(
            f"{rows} rows for {columns} columns: sample more points or take fewer neurons"
        )


def blank(like: Tensor, n: int) -> Tensor:
    """A room `(n, n + 1)`, which takes no memory before it is written into."""
    return torch.empty(n, n + 1, dtype=like.dtype, device=like.device)
