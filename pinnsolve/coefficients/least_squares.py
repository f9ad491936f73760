"""Linear least squares for bases that are always nearly dependent.

Random features span a space of far fewer dimensions than there are columns: condition numbers of
1e16 and more are the rule, not the exception. The kernel is Householder QR of the column-scaled
matrix, then a ridge at the level of round-off, lambda = 10 eps |R|_2, which enters as extra rows
(never through the normal equations). Against a truncated SVD it gives errors as small or smaller,
with coefficients as small, at the price of a second, smaller QR. Where the basis does not resolve
the solution, larger ridges compete on rows that the fit has not seen.

All of it runs in torch's BLAS: two thread pools (numpy's and torch's) on the same cores cost more
than they gain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from scipy.linalg import lapack
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.coefficients.factor import NONE, Factor, WholeFactor
from pinnsolve.coefficients.ridges import Ridges, best_ridge, rank_of, rooms_below
from pinnsolve.coefficients.triangles import (
    RIDGE,
    Triangle,
    eliminated,
    grouped,
    left_over,
    spectral_norm,
)
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import LeastSquaresProblem, assemble, assemble_in_blocks
from pinnsolve.discretize.draw import drawn
from pinnsolve.discretize.measure import power_of_two
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.space import Space
from pinnsolve.running.stop import Stop

# Stage, solve and relative loss^(1/2) of a step of training.
Report = Callable[[str, "Solved | None", float], None]
HeldOut = Callable[[], LeastSquaresProblem]
HELD_OUT_SEED = 4_294_967_291  # no collocation seed is as large
# A residual, relative to the right-hand side, so small that the smallest ridge is the best
SMALLEST_RIDGE_BELOW = 1e-8


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


def least_squares(augmented: Array, held_out: HeldOut | None = None) -> Solved:
    """Minimize |A c - b| for `augmented` = [A, b] `(n_rows, n_columns + 1)`.

    In Fortran order, the array is overwritten and no copy of it is made: memory holds it and two
    squares of its width.

    `held_out()` is the same problem on other rows. It is asked for only where the ridge leaves a
    residual above `SMALLEST_RIDGE_BELOW`: then larger ridges compete. Raises ValueError if there
    are fewer rows than columns or an entry is not finite.
    """
    a = tensor_of(augmented)
    rows, columns = a.shape[0], a.shape[1] - 1
    if rows <= columns:
        raise ValueError(
            f"{rows} rows for {columns} columns: sample more points or take fewer neurons"
        )
    norms, size, unit = _equilibrated(a)
    # Never A'A: its condition is the square of 1e12 to 1e17 (docs/decisions/0001).
    torch.geqrf(a, out=(a, a.new_empty(columns + 1)))
    # The last column of the triangle is the rotated target, and its last entry what no coefficients
    # can reach.
    r, d, outside = (
        a[:columns, :columns].triu_(),
        a[:columns, columns],
        abs(float(a[columns, columns])),
    )
    condition = _condition(r)
    solver = Ridges(r, d, rooms_below(a, columns))
    # No rank is cut: the ridge counts each direction by how much it is determined.
    ridge = RIDGE * spectral_norm(r)
    scaled, factor = solver.by_qr(ridge, solver.room())
    rank = rank_of(factor, ridge)

    def left(scaled: Tensor) -> float:
        return math.hypot(float((r @ scaled - d).norm()), outside)

    residual = left(scaled)
    # Between the rows a basis that does not resolve the solution may run wild.
    if held_out is not None and residual > SMALLEST_RIDGE_BELOW * size:
        # A fit leaves too little on its own rows.
        expected = residual / size / math.sqrt(1 - columns / rows)
        other = best_ridge(solver, norms, ridge, scaled, expected, held_out(), unit)
        if other is not None:
            scaled, rank = other
            residual = left(scaled)
    c = array_of(scaled / norms * unit)
    return Solved(
        c, rank, condition, residual * unit, size * unit, rows, WholeFactor(factor), norms
    )


def _equilibrated(a: Tensor) -> tuple[Tensor, float, float]:
    """The norms of the columns, and of the right-hand side in a power of two, its unit: the columns
    are divided by their norms, the right-hand side by its unit, in place.

    Raises ValueError for entries that are not finite.
    """
    unit = power_of_two(a[:, -1])
    a[:, -1] /= unit  # no square of it shall leave the numbers; nothing else changes
    norms = torch.linalg.vector_norm(a, dim=0)
    if not norms.isfinite().all():
        raise ValueError("least squares: the matrix or the right-hand side is not finite")
    norms, size = norms[:-1], float(norms[-1])
    norms[norms == 0] = 1.0
    a[:, :-1] /= norms
    return norms, size, unit


def in_blocks(rows: Sequence[Triangle], sizes: Sequence[int]) -> Solved:
    """The same of rows that know which blocks of columns they touch; larger ridges do not compete.

    Raises ValueError if there are fewer rows than columns or an entry is not finite.
    """
    count, ends = sum(len(r.rows) for r in rows), np.cumsum(sizes)
    places = [slice(int(end) - size, int(end)) for end, size in zip(ends, sizes, strict=True)]
    if count <= ends[-1]:
        raise ValueError(
            f"{count} rows for {ends[-1]} columns: sample more points or take fewer neurons"
        )
    # An unknown stands in several conditions: the squares of its columns add up.
    squares, target = DOUBLE.new_zeros(int(ends[-1])), 0.0
    for part in rows:
        *own, last = torch.split(part.squares(), [*(sizes[k] for k in part.blocks), 1])
        for block, sums in zip(part.blocks, own, strict=True):
            squares[places[block]] += sums
        target += float(last)
    if not (squares.isfinite().all() and math.isfinite(target)):
        raise ValueError("least squares: the matrix or the right-hand side is not finite")
    norms = squares.sqrt()
    norms[norms == 0] = 1.0
    for part in rows:
        part.rows[:, :-1] /= torch.cat([norms[places[k]] for k in part.blocks])
    # One triangle for each set of unknowns: no rows are kept that say nothing more.
    triangles = grouped(rows, sizes)
    factor, ridges = eliminated(triangles, sizes)
    right = torch.zeros_like(norms)
    for pivot in factor.pivots:
        right[pivot.place] = pivot.right
    scaled = factor.backward(right[:, None])[:, 0]
    rank = sum(
        rank_of(pivot.own, ridge) for pivot, ridge in zip(factor.pivots, ridges, strict=True)
    )
    condition = max(_condition(pivot.own) for pivot in factor.pivots)
    left = left_over(triangles, places, scaled)
    return Solved(
        array_of(scaled / norms), rank, condition, left, target**0.5, count, factor, norms
    )


def _condition(r: Tensor) -> float:
    """The condition number of an upper triangle in the 1-norm, as LAPACK's trcon estimates it."""
    return 1.0 / max(float(lapack.dtrcon(array_of(r.T), norm="I", uplo="L")[0]), 1e-300)


@dataclass(frozen=True)
class Found:
    """What a method found: coefficients `(space.columns,)`, the last solve, and why it ended.

    Of a nonlinear problem: the `share` of its nonlinearity to which a homotopy came (1, where none
    was needed), and whether the iteration is `stuck`: the basis holds much of what the tangent asks
    for, but no part of that lowers the residual.
    """

    coefficients: Tensor
    solved: Solved
    stopped: Stop = Stop.SOLVED
    share: float = 1.0
    stuck: bool = False


class Method(Protocol):
    """How coefficients (and the basis, in place) are found."""

    def free_parameters(self, space: Space) -> int:
        """How many numbers the rows must determine."""
        ...

    def __call__(
        self, system: System, points: tuple[Points, ...], space: Space, report: Report
    ) -> Found:
        """Solve or train on the points; `report` is told of every step."""
        ...


@dataclass(frozen=True)
class LeastSquares:
    """The method that solves a linear problem in a frozen basis: assemble once, solve once."""

    def free_parameters(self, space: Space) -> int:
        """The coefficients alone."""
        return space.columns

    def __call__(
        self, system: System, points: tuple[Points, ...], space: Space, report: Report
    ) -> Found:
        """Raises ValueError for a nonlinear equation, which it names."""
        require_linear(system)
        if space.divided:
            rows = [
                Triangle(r.unknowns, tensor_of(r.augmented))
                for r in assemble_in_blocks(system, points, space)
            ]
            solved = in_blocks(rows, [block.size for block in space.blocks])
            return Found(tensor_of(solved.coefficients, space.like), solved)
        problem = assemble(system, points, space)
        solved = least_squares(problem.augmented, lambda: held_out_rows(system, space))
        return Found(tensor_of(solved.coefficients, space.like), solved)


def held_out_rows(
    system: System, space: Space, row_scales: Sequence[float] | None = None
) -> LeastSquaresProblem:
    """The problem on points of their own."""
    n = points_held_out(space.columns)
    return assemble(system, drawn(system, n, HELD_OUT_SEED), space, row_scales=row_scales)


def points_held_out(columns: int) -> int:
    """Points in the domain on which ridges compete: half as many as columns."""
    return max(columns // 2, 128)


def require_linear(system: System) -> None:
    """Raise ValueError that names the first nonlinear equation, if there is one."""
    for residual in system.residuals:
        if not residual.linear:
            raise ValueError(
                f"not linear in the unknowns: {residual.condition}; least squares solves linear"
                " equations"
            )
