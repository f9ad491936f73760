"""Linear least squares for bases that are always nearly dependent.

Random features span a space of far fewer dimensions than there are columns: condition numbers of 1e16 and more are the
rule, not the exception. The kernel is Householder QR of the column-scaled matrix, then a ridge at the level of
round-off, lambda = 10 eps |R|_2, which enters as extra rows (never through the normal equations). Against a truncated
SVD it gives errors as small or smaller, with coefficients as small, at the price of a second, smaller QR. Where the basis
does not resolve the solution, larger ridges compete on rows that the fit has not seen.

All of it runs in torch's BLAS: two thread pools (numpy's and torch's) on the same cores cost more than they gain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import lapack
from torch import Tensor

from pinnsolve.basis.networks import Basis
from pinnsolve.compile.system import System
from pinnsolve.sample.points import Points, sample_points
from pinnsolve.train.assemble import assemble

Array = NDArray[np.float64]
Report = Callable[[str, "Solved | None", float], None]  # stage, solve and relative loss^(1/2) of a step of training
HeldOut = Callable[[Tensor], Tensor]
RIDGE = 10 * float(np.finfo(np.float64).eps)
NEARLY = 1.1  # a residual this many times the smallest is as good, if the ridge is larger
LADDER = (1.0, 1e2, 1e4, 1e6, 1e8, 1e10, 1e12)  # multiples of it
HELD_OUT_SEED = 4_294_967_291  # no collocation seed is as large
RESOLVED = 1e-8  # a residual, relative to the right-hand side, so small that the smallest ridge is the best


@dataclass(frozen=True)
class Solved:
    """Coefficients `(n_columns,)` of a least-squares problem with `rows` rows, and what is known of it.

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
    factor: Tensor
    norms: Tensor


def least_squares(augmented: Array, held_out: HeldOut | None = None) -> Solved:
    """Minimize |A c - b| for `augmented` = [A, b] `(n_rows, n_columns + 1)`.

    In Fortran order, the array is overwritten and no copy of it is made: memory holds it and a few squares of its width.

    `held_out(c)` is the residual of coefficients `(n_columns, n)` on other rows, `(n,)`. It is asked only where the ridge
    leaves a residual above `RESOLVED`: then larger ridges compete (by the SVD of R).
    Raises ValueError if there are fewer rows than columns or an entry is not finite.
    """
    a = torch.from_numpy(augmented)
    rows, columns = a.shape[0], a.shape[1] - 1
    if rows <= columns:
        raise ValueError(f"{rows} rows for {columns} columns: sample more points or take fewer neurons")
    norms = torch.linalg.vector_norm(a, dim=0)
    if not norms.isfinite().all():
        raise ValueError("least squares: the matrix or the right-hand side is not finite")
    norms, size = norms[:-1], float(norms[-1])
    norms[norms == 0] = 1.0
    a[:, :-1] /= norms
    torch.geqrf(a, out=(a, a.new_empty(columns + 1)))
    # The last column of the triangle is the rotated target, and its last entry what no coefficients can reach.
    r, d, outside = a[:columns, :columns].triu(), a[:columns, columns].clone(), abs(float(a[columns, columns]))
    ridge = RIDGE * _spectral_norm(r)
    factor, right = _with_ridge(r, d, ridge)
    scaled = torch.linalg.solve_triangular(factor, right[:, None], upper=True)[:, 0]
    if held_out is not None and math.hypot(float((r @ scaled - d).norm()), outside) > RESOLVED * size:
        scaled, rank = _best_ridge(r, d, norms, held_out)
    else:
        inverse = torch.linalg.solve_triangular(factor, torch.eye(columns, dtype=a.dtype), upper=True)
        rank = columns - (ridge * float(inverse.norm())) ** 2
    condition = 1.0 / max(float(lapack.dtrcon(r.T.numpy(), norm="I", uplo="L")[0]), 1e-300)
    residual = math.hypot(float((r @ scaled - d).norm()), outside)
    return Solved((scaled / norms).numpy(), rank, condition, residual, size, rows, factor, norms)


def _best_ridge(r: Tensor, d: Tensor, norms: Tensor, held_out: HeldOut) -> tuple[Tensor, float]:
    """Coefficients (of scaled columns) and rank for the largest ridge whose residual on the held-out rows is nearly smallest.

    Where functions are rough between the points (ReLU's kinks), the smallest ridge fits the rows and runs wild elsewhere.
    """
    u, s, vt = torch.linalg.svd(r)
    ridges = s[0] * RIDGE * s.new_tensor(LADDER)
    damped = s[:, None] / (s[:, None] ** 2 + ridges**2)
    candidates = vt.T @ (damped * (u.T @ d)[:, None])
    residuals = held_out(candidates / norms[:, None])
    best = int((residuals <= NEARLY * residuals.min()).nonzero().max())
    return candidates[:, best], float((s * damped[:, best]).sum())


def _with_ridge(r: Tensor, d: Tensor, ridge: float) -> tuple[Tensor, Tensor]:
    """QR of [R, d] stacked on [ridge * I, 0], in place: the new triangular factor and right-hand side."""
    n = len(r)
    stacked = r.new_zeros(n + 1, 2 * n).T  # columns contiguous, as LAPACK wants them
    stacked[:n, :n], stacked[:n, n] = r, d
    stacked[n:, :n].fill_diagonal_(ridge)
    torch.geqrf(stacked, out=(stacked, r.new_empty(n + 1)))
    return stacked[:n, :n].triu(), stacked[:n, n].clone()


def _spectral_norm(r: Tensor, iterations: int = 12) -> float:
    """|R|_2 by power iteration, from a fixed start; within a few per cent, which is all that the ridge needs."""
    v = torch.full((r.shape[1],), r.shape[1] ** -0.5, dtype=r.dtype)
    norm = 1.0
    for _ in range(iterations):
        w = r.T @ (r @ v)
        norm = float(w.norm())
        if norm == 0:
            return 1.0
        v = w / norm
    return float(norm**0.5)


@dataclass(frozen=True)
class Found:
    """What a method found: coefficients `(n_unknowns, basis.size)`, the last solve, and why it ended."""

    coefficients: Tensor
    solved: Solved
    stopped: str = "solved"


class Method(Protocol):
    """How coefficients (and the basis, in place) are found."""

    def free_parameters(self, system: System, basis: Basis) -> int:
        """How many numbers the rows must determine."""
        ...

    def __call__(self, system: System, points: tuple[Points, ...], basis: Basis, report: Report) -> Found:
        """Solve or train on the points; `report` is told of every step."""
        ...


@dataclass(frozen=True)
class LeastSquares:
    """The method that solves a linear problem in a frozen basis: assemble once, solve once."""

    def free_parameters(self, system: System, basis: Basis) -> int:
        """The coefficients alone."""
        return basis.size * system.n_unknowns

    def __call__(self, system: System, points: tuple[Points, ...], basis: Basis, report: Report) -> Found:
        """Raises ValueError for a nonlinear equation, which it names."""
        require_linear(system)
        problem = assemble(system, points, basis)
        solved = least_squares(problem.augmented, lambda c: held_out_residuals(system, basis, c))
        return Found(torch.from_numpy(solved.coefficients.reshape(system.n_unknowns, basis.size)), solved)


def held_out_residuals(system: System, basis: Basis, coefficients: Tensor, row_scales: Sequence[float] | None = None) -> Tensor:
    """Residual norms `(n,)` of candidate coefficients `(n_columns, n)` on rows of their own, half as many as columns."""
    n = max(basis.size * system.n_unknowns // 2, 128)
    other = assemble(system, sample_points(system.problem, n, HELD_OUT_SEED), basis, row_scales=row_scales)
    misfit = torch.from_numpy(other.matrix) @ coefficients - torch.from_numpy(other.target)[:, None]
    norms: Tensor = torch.linalg.vector_norm(misfit, dim=0)
    return norms


def require_linear(system: System) -> None:
    """Raise ValueError that names the first nonlinear equation, if there is one."""
    for residual in system.residuals:
        if not residual.linear:
            raise ValueError(f"not linear in the unknowns: {residual.condition}; least squares solves linear equations")
