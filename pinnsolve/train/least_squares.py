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
from functools import partial
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import lapack
from torch import Tensor

from pinnsolve.basis.networks import Basis
from pinnsolve.compile.system import System
from pinnsolve.sample.points import Points
from pinnsolve.train.assemble import LeastSquaresProblem, assemble
from pinnsolve.train.draw import drawn
from pinnsolve.train.measure import power_of_two

Array = NDArray[np.float64]
Report = Callable[[str, "Solved | None", float], None]  # stage, solve and relative loss^(1/2) of a step of training
HeldOut = Callable[[], LeastSquaresProblem]
_Way = Callable[[float, Tensor], tuple[Tensor, Tensor]]  # a ridge, and a room, to coefficients and factor
RIDGE = 10 * float(np.finfo(np.float64).eps)
NEARLY = 1.1  # a residual this many times the smallest is as good, if the ridge is larger
BETWEEN, LARGE = (1e3, 1e6), (1e8, 1e10, 1e12)  # multiples of it; squares of the large ones are no round-off
HELD_OUT_SEED = 4_294_967_291  # no collocation seed is as large
RESOLVED = 1e-8  # a residual, relative to the right-hand side, so small that the smallest ridge is the best
TAMED = 2.0  # a held-out residual this many times that of the rows is as good as can be expected
NEGLIGIBLE = 1e-4  # coefficients this small against others, that do as well, make those suspect
PANEL = 128  # columns that are factored at once
WIDE = 1024  # and columns behind them that are transformed at once: copies of all would take memory
REFINED = 4  # solves with Cholesky's factor


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

    In Fortran order, the array is overwritten and no copy of it is made: memory holds it and two squares of its width.

    `held_out()` is the same problem on other rows. It is asked for only where the ridge leaves a residual above `RESOLVED`:
    then larger ridges compete.
    Raises ValueError if there are fewer rows than columns or an entry is not finite.
    """
    a = torch.from_numpy(augmented)
    rows, columns = a.shape[0], a.shape[1] - 1
    if rows <= columns:
        raise ValueError(f"{rows} rows for {columns} columns: sample more points or take fewer neurons")
    unit = power_of_two(a[:, -1])
    a[:, -1] /= unit  # no square of it shall leave the numbers; nothing else changes
    norms = torch.linalg.vector_norm(a, dim=0)
    if not norms.isfinite().all():
        raise ValueError("least squares: the matrix or the right-hand side is not finite")
    norms, size = norms[:-1], float(norms[-1])
    norms[norms == 0] = 1.0
    a[:, :-1] /= norms
    torch.geqrf(a, out=(a, a.new_empty(columns + 1)))
    # The last column of the triangle is the rotated target, and its last entry what no coefficients can reach.
    r, d, outside = a[:columns, :columns].triu_(), a[:columns, columns], abs(float(a[columns, columns]))
    solver = _Ridges(r, d, _rooms(a, columns))
    ridge = RIDGE * _spectral_norm(r)
    scaled, factor = solver.by_qr(ridge, solver.room())
    rank = _rank(factor, ridge)

    def left(scaled: Tensor) -> float:
        return math.hypot(float((r @ scaled - d).norm()), outside)

    residual = left(scaled)
    if held_out is not None and residual > RESOLVED * size:
        expected = residual / size / math.sqrt(1 - columns / rows)  # a fit leaves too little on its own rows
        other = _best_ridge(solver, norms, ridge, scaled, expected, held_out(), unit)
        if other is not None:
            scaled, rank = other
            residual = left(scaled)
    condition = 1.0 / max(float(lapack.dtrcon(r.T.numpy(), norm="I", uplo="L")[0]), 1e-300)
    found = (scaled / norms * unit).numpy()
    return Solved(found, rank, condition, residual * unit, size * unit, rows, factor, norms)


def _rooms(a: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """Two arrays `(n, n + 1)` to work in: the rows below the triangle, which nobody reads any more, if there are enough."""
    below = [a[n + 1 :][k * n : (k + 1) * n] for k in (0, 1)]
    first, second = (room if len(room) == n else a.new_empty(n, n + 1) for room in below)
    return first, second


def _rank(factor: Tensor, ridge: float) -> float:
    """sum s^2 / (s^2 + ridge^2), over the singular values s of the matrix whose factor, ridge included, this is.

    By the norm of the factor's inverse, a block of its columns at a time.
    """
    n, squares = len(factor), 0.0
    for start in range(0, n, PANEL):
        end = min(start + PANEL, n)
        unit = factor.new_zeros(end, end - start)
        unit[start:].fill_diagonal_(1.0)
        squares += float(torch.linalg.solve_triangular(factor[:end, :end], unit, upper=True).square().sum())
    return n - ridge**2 * squares


@dataclass(frozen=True)
class _Ridges:
    """min |R c - d|^2 + |ridge c|^2 for any ridge: coefficients, and the upper triangular factor with the ridge in it.

    The `rooms`, `(n, n + 1)` each, are worked in: the first for a QR, the second holds R'R. Factors are written into a
    `room()`: one that is used again and again, since memory that is freed and asked for again is scattered, and grows.
    """

    r: Tensor
    d: Tensor
    rooms: tuple[Tensor, Tensor]

    def gram(self) -> Tensor:
        """R'R, in the second room."""
        return torch.mm(self.r.T, self.r, out=self.rooms[1][:, :-1])

    def room(self) -> Tensor:
        """For a factor and a right-hand side, `(n, n + 1)`, in Fortran order, as LAPACK wants them."""
        return self.r.new_empty(len(self.r) + 1, len(self.r)).T

    def by_qr(self, ridge: float, room: Tensor) -> tuple[Tensor, Tensor]:
        """For ridges of any size."""
        factor, right = _with_ridge(self.r, self.d, ridge, self.rooms[0], room)
        return torch.linalg.solve_triangular(factor, right[:, None], upper=True)[:, 0], factor

    def by_cholesky(self, ridge: float, room: Tensor, gram: Tensor) -> tuple[Tensor, Tensor]:
        """For a ridge whose square float64 can tell from zero beside R'R: normal equations, refined to its accuracy."""
        r, d = self.r, self.d
        factor, failed = room[:, :-1].copy_(gram), torch.empty((), dtype=torch.int32)
        factor.diagonal().add_(ridge**2)
        torch.linalg.cholesky_ex(factor, upper=True, out=(factor, failed))
        if failed:
            return self.by_qr(ridge, room)
        c = torch.zeros_like(d)
        for _ in range(REFINED):
            rest = r.T @ (d - r @ c) - ridge**2 * c
            half = torch.linalg.solve_triangular(factor.T, rest[:, None], upper=False)
            c = c + torch.linalg.solve_triangular(factor, half, upper=True)[:, 0]
        return c, factor


def _best_ridge(
    solver: _Ridges, norms: Tensor, ridge: float, smallest: Tensor, expected: float, other: LeastSquaresProblem, unit: float
) -> tuple[Tensor, float] | None:
    """The largest ridge whose residual on the held-out rows, their target divided by `unit`, is nearly smallest.

    Its scaled coefficients and rank; None, if it is the smallest, whose coefficients are given.
    Where functions are rough between the points (ReLU's kinks), the smallest ridge fits the rows and runs wild elsewhere.
    Large ridges are cheap, by Cholesky; those between are tried only where that leaves a doubt: no ridge meets other rows as
    well as is `expected`, or a large one does nearly as well as the smallest with far smaller coefficients.
    """
    matrix, target = torch.from_numpy(other.matrix), torch.from_numpy(other.target) / unit

    def residual(scaled: Tensor) -> float:
        return float((matrix @ (scaled / norms) - target).norm())

    room, by_cholesky = solver.room(), partial(solver.by_cholesky, gram=solver.gram())
    ways: list[tuple[float, _Way]] = [(1.0, solver.by_qr), *((by, by_cholesky) for by in LARGE)]
    tried = [smallest, *(way(by * ridge, room)[0] for by, way in ways[1:])]
    left = [residual(c) for c in tried]
    size = float(smallest.norm())
    suspect = any(e < TAMED * left[0] and float(c.norm()) < NEGLIGIBLE * size for c, e in zip(tried, left, strict=True))
    if suspect or min(left) > TAMED * expected * float(target.norm()):
        between = [solver.by_qr(by * ridge, room)[0] for by in BETWEEN]
        tried[1:1], left[1:1] = between, [residual(c) for c in between]
        ways[1:1] = [(by, solver.by_qr) for by in BETWEEN]
    best = max(k for k, e in enumerate(left) if e <= NEARLY * min(left))
    by, way = ways[best]
    return (tried[best], _rank(way(by * ridge, room)[1], by * ridge)) if best else None  # to keep all factors takes memory


def _with_ridge(r: Tensor, d: Tensor, ridge: float, below: Tensor, top: Tensor) -> tuple[Tensor, Tensor]:
    """QR of [R, d] stacked on [ridge * I, 0], written into `top` and `below`: the new triangular factor and right-hand side.

    Block by block: below a block column only as many rows are not zero as there are columns up to it, so that this takes half
    of the time of a QR that does not know.
    """
    n = len(r)
    top[:, :n], top[:, n] = r, d
    below.zero_().fill_diagonal_(ridge)
    for start in range(0, n, PANEL):
        end = min(start + PANEL, n)
        reflectors, scales = torch.geqrf(_stacked(top[start:end, start:end], below[:end, start:end]))
        top[start:end, start:end] = reflectors[: end - start].triu()
        for low in range(end, n + 1, WIDE):
            columns = slice(low, min(low + WIDE, n + 1))
            rest = torch.ormqr(reflectors, scales, _stacked(top[start:end, columns], below[:end, columns]), transpose=True)
            top[start:end, columns], below[:end, columns] = rest[: end - start], rest[end - start :]
    return top[:, :n], top[:, n]


def _stacked(above: Tensor, below: Tensor) -> Tensor:
    """One upon the other, in Fortran order."""
    return torch.cat([above.T, below.T], dim=1).T


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
    """What a method found: coefficients `(n_unknowns, basis.size)`, the last solve, and why it ended.

    Of a nonlinear problem: the `share` of its nonlinearity to which a homotopy came (1, where none was needed), and whether
    the iteration is `stuck`: the basis holds much of what the tangent asks for, but no part of that lowers the residual.
    """

    coefficients: Tensor
    solved: Solved
    stopped: str = "solved"
    share: float = 1.0
    stuck: bool = False


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
        solved = least_squares(problem.augmented, lambda: held_out_rows(system, basis))
        return Found(torch.from_numpy(solved.coefficients.reshape(system.n_unknowns, basis.size)), solved)


def held_out_rows(system: System, basis: Basis, row_scales: Sequence[float] | None = None) -> LeastSquaresProblem:
    """The problem on points of their own, half as many as columns."""
    n = max(basis.size * system.n_unknowns // 2, 128)
    return assemble(system, drawn(system, n, HELD_OUT_SEED), basis, row_scales=row_scales)


def require_linear(system: System) -> None:
    """Raise ValueError that names the first nonlinear equation, if there is one."""
    for residual in system.residuals:
        if not residual.linear:
            raise ValueError(f"not linear in the unknowns: {residual.condition}; least squares solves linear equations")
