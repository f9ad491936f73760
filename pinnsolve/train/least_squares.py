"""Linear least squares for bases that are always nearly dependent.

Random features span a space of far fewer dimensions than there are columns: condition numbers of 1e16 and more are the
rule, not the exception. The kernel is Householder QR of the column-scaled matrix, then a ridge at the level of
round-off, lambda = 10 eps |R|_2, which enters as extra rows (never through the normal equations). Against a truncated
SVD it gives errors as small or smaller, with coefficients as small, at the price of a triangular QR.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import lapack
from torch import Tensor

from pinnsolve.basis.networks import Basis
from pinnsolve.compile.system import System
from pinnsolve.sample.points import Points
from pinnsolve.train.assemble import assemble

Array = NDArray[np.float64]
RIDGE = 10 * np.finfo(np.float64).eps
PANEL = 64  # columns a panel of the blocked triangular QR


@dataclass(frozen=True)
class Solved:
    """Coefficients `(n_columns,)` of a least-squares problem, and what is known of it.

    `rank` is the number of effective degrees of freedom, sum s^2 / (s^2 + lambda^2) over the singular values s of the
    column-scaled matrix: those above the ridge count, the others do not. `condition` estimates its condition number
    (1-norm, LAPACK trcon). `residual` is |A c - b| without the ridge's rows, of `target` = |b|.
    `factor` is the triangular factor, ridge included, of the matrix with columns divided by `norms`.
    """

    coefficients: Array
    rank: float
    condition: float
    residual: float
    target: float
    rows: int
    factor: Array
    norms: Array


def least_squares(matrix: Array, target: Array) -> Solved:
    """Minimize |matrix c - target|; the matrix (Fortran order is best) is overwritten.

    Raises ValueError if there are fewer rows than columns or an entry is not finite.
    """
    rows, columns = matrix.shape
    if rows < columns:
        raise ValueError(f"{rows} rows for {columns} columns: sample more points or take fewer neurons")
    norms = np.linalg.norm(matrix, axis=0)
    if not (np.isfinite(norms).all() and np.isfinite(target).all()):
        raise ValueError("least squares: the matrix or the right-hand side is not finite")
    norms[norms == 0] = 1.0
    matrix /= norms
    factored, tau, _, _ = lapack.dgeqrf(matrix, lwork=PANEL * columns, overwrite_a=1)
    rotated = lapack.dormqr("L", "T", factored, tau, target[:, None].copy(), PANEL * 8)[0][:, 0]
    r = np.triu(factored[:columns])
    size = _spectral_norm(r)
    ridge = RIDGE * size
    condition = 1.0 / max(float(lapack.dtrcon(r)[0]), 1e-300)
    regular, right = _with_ridge(r, rotated[:columns], ridge)
    scaled = lapack.dtrtrs(regular, right)[0]
    inverse = lapack.dtrtri(regular)[0]
    rank = columns - ridge**2 * float((inverse**2).sum())
    inside = r @ scaled - rotated[:columns]
    residual = float(np.hypot(np.linalg.norm(inside), np.linalg.norm(rotated[columns:])))
    return Solved(scaled / norms, rank, condition, residual, float(np.linalg.norm(target)), rows, regular, norms)


def _with_ridge(r: Array, d: Array, ridge: float) -> tuple[Array, Array]:
    """QR of R stacked on ridge * I, which keeps the triangles (LAPACK tpqrt): the new R and right-hand side."""
    n = len(r)
    panel = min(PANEL, n)
    regular, v, t, _ = lapack.dtpqrt(n, panel, r, ridge * np.eye(n, order="F"))
    right = lapack.dtpmqrt(n, v, t, d[:, None], np.zeros((n, 1), order="F"), side="L", trans="T")[0]
    return np.asfortranarray(np.triu(regular)), right[:, 0]


def _spectral_norm(r: Array, iterations: int = 12) -> float:
    """|R|_2 by power iteration, from a fixed start; within a few per cent, which is all that the ridge needs."""
    v = np.ones(r.shape[1]) / np.sqrt(r.shape[1])
    norm = 0.0
    for _ in range(iterations):
        w = r.T @ (r @ v)
        norm = float(np.linalg.norm(w))
        if norm == 0:
            return 1.0
        v = w / norm
    return float(np.sqrt(norm))


@dataclass(frozen=True)
class LeastSquares:
    """The method that solves a linear problem in a frozen basis: assemble once, solve once."""

    def __call__(self, system: System, points: tuple[Points, ...], basis: Basis) -> tuple[Tensor, Solved]:
        """Coefficients `(n_unknowns, basis.size)`. Raises ValueError for a nonlinear equation, which it names."""
        require_linear(system)
        problem = assemble(system, points, basis)
        solved = least_squares(problem.matrix, problem.target)
        return torch.from_numpy(solved.coefficients.reshape(system.n_unknowns, basis.size)), solved


def require_linear(system: System) -> None:
    """Raise ValueError that names the first nonlinear equation, if there is one."""
    for residual in system.residuals:
        if not residual.linear:
            raise ValueError(f"not linear in the unknowns: {residual.condition}; least squares solves linear equations")
