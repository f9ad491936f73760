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
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.coefficients.ridges import Ridges, rank_of, room_below
from pinnsolve.coefficients.sketch import sketched_least_squares
from pinnsolve.coefficients.solved import (
    HeldOut,
    Scaling,
    Solved,
    condition_of,
    require_rows,
    solved_by,
    with_smallest_ridge,
)
from pinnsolve.coefficients.tall import merged, triangle_of
from pinnsolve.coefficients.triangles import (
    Triangle,
    eliminated,
    grouped,
    left_over,
)
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import LeastSquaresProblem, assemble, assemble_in_blocks
from pinnsolve.discretize.changes import power_of_two
from pinnsolve.discretize.draw import drawn
from pinnsolve.discretize.points import Points, dealt
from pinnsolve.discretize.streamed import Streamed
from pinnsolve.discretize.streams import STREAMS
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.space import Space
from pinnsolve.mgrit.communicator import ALONE, Communicator
from pinnsolve.running.stop import Stop

# Stage, solve and relative loss^(1/2) of a step of training.
Report = Callable[[str, "Solved | None", float], None]


def least_squares(
    augmented: Array, held_out: HeldOut | None = None, ranks: Communicator = ALONE
) -> Solved:
    """Minimize |A c - b| for `augmented` = [A, b] `(n_rows, n_columns + 1)`.

    In Fortran order, the array is overwritten and no copy of it is made: memory holds it and two
    squares of its width.

    `held_out()` is the same problem on other rows. It is asked for only where the ridge leaves a
    residual that is not small: then larger ridges compete. Each of several `ranks` has some of the
    rows, and gets the same. Raises ValueError if there are fewer rows than columns or an entry is
    not finite.
    """
    a = tensor_of(augmented)
    rows, columns = int(ranks.total(torch.tensor(len(a)))), a.shape[1] - 1
    require_rows(rows, columns)
    scaling = Scaling(rows, *_equilibrated(a, ranks))
    # Never A'A: its condition is the square of 1e12 to 1e17 (docs/decisions/0001).
    torch.geqrf(a, out=(a, a.new_empty(min(a.shape))))
    return _shared(_of_triangle(merged(a, ranks), scaling, held_out), ranks)


def streamed_least_squares(
    rows: Streamed, held_out: HeldOut | None = None, ranks: Communicator = ALONE
) -> Solved:
    """The same of rows that are evaluated block by block, and turned onto a triangle."""
    require_rows(rows.rows, rows.columns)
    scaling = Scaling(rows.rows, rows.norms, rows.unit, rows.size)
    triangle = merged(triangle_of(rows.blocks(), rows.columns + 1), ranks)
    return _shared(_of_triangle(triangle, scaling, held_out), ranks)


def _shared(solved: Solved, ranks: Communicator) -> Solved:
    """With the first rank's coefficients: of one triangle, in memory that is aligned otherwise,
    some processors find others in null directions.
    """
    if ranks.size == 1:
        return solved
    own = tensor_of(solved.coefficients)
    return replace(solved, coefficients=array_of(ranks.share(own, 0)))


def _of_triangle(a: Tensor, scaling: Scaling, held_out: HeldOut | None) -> Solved:
    """Of [A, b] that is an upper triangle by now: the last column is the rotated target, and its
    last entry what no coefficients can reach. What stands below is worked in.
    """
    columns = len(scaling.norms)
    r, d = a[:columns, :columns], a[:columns, columns]
    outside, condition = abs(float(a[columns, columns])), condition_of(r)
    solver = Ridges(r, d, room_below(a, columns))
    return solved_by(solver, with_smallest_ridge(solver), outside, condition, scaling, held_out)


def _equilibrated(a: Tensor, ranks: Communicator) -> tuple[Tensor, float, float]:
    """The norms of the columns, a power of two, the unit of the right-hand side, and its norm in
    that: the columns are divided by their norms, the right-hand side by its unit, in place.

    Raises ValueError for entries that are not finite.
    """
    largest = [power_of_two(a[:, -1])]
    unit = float(ranks.gathered(DOUBLE.new_tensor(largest), [1] * ranks.size).max())
    a[:, -1] /= unit  # no square of it shall leave the numbers; nothing else changes
    norms = torch.linalg.vector_norm(a, dim=0)
    norms = norms if ranks.size == 1 else ranks.total(norms.square()).sqrt()
    if not norms.isfinite().all():
        raise ValueError("least squares: the matrix or the right-hand side is not finite")
    norms, size = norms[:-1], float(norms[-1])
    norms[norms == 0] = 1.0
    a[:, :-1] /= norms
    return norms, unit, size


def in_blocks(rows: Sequence[Triangle], sizes: Sequence[int]) -> Solved:
    """The same of rows that know which blocks of columns they touch; larger ridges do not compete.

    Raises ValueError if there are fewer rows than columns or an entry is not finite.
    """
    count, ends = sum(len(r.rows) for r in rows), np.cumsum(sizes)
    places = [slice(int(end) - size, int(end)) for end, size in zip(ends, sizes, strict=True)]
    require_rows(count, int(ends[-1]))
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
    condition = max(condition_of(pivot.own) for pivot in factor.pivots)
    left = left_over(triangles, places, scaled)
    return Solved(
        array_of(scaled / norms), rank, condition, left, target**0.5, count, factor, norms
    )


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

    @property
    def left_over(self) -> float:
        """The residual of the last solve, relative to its right side."""
        return self.solved.residual / max(self.solved.target, 1e-300)


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
class Streaming:
    """From where on the matrix of a linear problem is not held."""

    # Columns: from here on a solve in memory takes more than a gigabyte. Rows in blocks never win
    # time (results/wide.md)
    columns: int = 6000
    # Times the seconds of a QR in memory (measured 1.3 to 1.5)
    slower: float = 1.5

    def seconds(self, rows: int, columns: int) -> int:
        """As many rows as, in memory, would take the time of these."""
        return math.ceil(self.slower * rows) if columns > self.columns else rows


STREAMING = Streaming()


@dataclass(frozen=True)
class LeastSquares:
    """The method that solves a linear problem in a frozen basis: assemble once, solve once.

    Several `ranks` have some of the rows each.

    >>> from sympy import Eq
    >>> from pinnsolve import Dense, Interval, LeastSquares, Problem, coordinates, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> growth = Problem(Interval(x, 0, 1), Eq(u.diff(x), u), Eq(u(0), 1))
    >>> f"{solve(growth, Dense(40), LeastSquares())(1.0):.4f}"
    '2.7183'
    """

    ranks: Communicator = field(default=ALONE, repr=False, compare=False)

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
        solved = self._solved(system, points, space, lambda: held_out_rows(system, space))
        return Found(tensor_of(solved.coefficients, space.like), solved)

    def _solved(
        self, system: System, points: tuple[Points, ...], space: Space, held_out: HeldOut
    ) -> Solved:
        """By the rows in memory, by rows that are evaluated in blocks, or on another device."""
        if elsewhere(space.like):
            return sketched_least_squares(Streamed.of(system, points, space), held_out)
        if space.columns > STREAMING.columns:
            rows = Streamed.of(system, points, space, self.ranks)
            return streamed_least_squares(rows, held_out, self.ranks)
        problem = assemble(system, dealt(points, self.ranks), space, ranks=self.ranks)
        return least_squares(problem.augmented, held_out, self.ranks)


def elsewhere(like: Tensor) -> bool:
    """Whether a tensor `(...)` is on another device than the CPU."""
    return like.device != DOUBLE.device


def held_out_rows(
    system: System, space: Space, row_scales: Sequence[float] | None = None
) -> LeastSquaresProblem:
    """The problem on points of their own."""
    n = points_held_out(space.columns)
    return assemble(system, drawn(system, n, STREAMS.held_out), space, row_scales=row_scales)


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
