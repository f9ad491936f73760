"""What a cell knows alone is solved in it, and what its neighbours decide is kept: condensation.

Rows A z = b of a cell and the traces T z + t that its neighbours see are given. Three cuts, each by
singular values, make of them z = p + H y with few y:

1. Directions that the cell's rows determine are solved.
2. Of the others, those that no trace shows are solved, down to where rows tell nothing.
3. Of what is left, in units of its trace, what the rows resist is solved: it is no solution of the
   equations. Its rows remain, for all that is kept: nothing is thrown away.

A merge of two cells condenses in the same way; there the rows are the jumps between the two. No
boundary-value problem of a cell is ever inverted, so no resonance of one hurts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import torch
from scipy.linalg import svd
from torch import Generator, Tensor

from pinnsolve.basis.initialize import normal_numbers
from pinnsolve.fields.arrays import array_of, tensor_of


@dataclass(frozen=True)
class Cuts:
    """Which directions are solved where, by relative singular values; and what is remembered."""

    # Of a cell's rows: what is below is no more than the round-off of what a solution is made of.
    rows: float = 1e-12
    # The same, of the goal, where that is more: what functions leave of a target is about as large
    # as the goal. Along weaker directions it would be 1e5 large, and its traces with it
    of_goal: float = 1e-5
    # Of the jumps where cells are merged, and of rows in units of the traces: half a digit. With
    # smaller ones, what is a solution but for the errors of its functions is solved as if it were
    # none; from 1 on nothing is solved, and round-off piles up (docs/decisions/0027).
    resisted: float = 0.3
    # Of the traces: the same as of the rows.
    traces: float = 1e-12
    # And at least so much of the strongest of the rows that are not solved.
    weaker: float = 1e-4
    # Where rows solve nothing, of what no trace shows that part of the cut of traces: solutions
    # that are small on all sides of a cell have rows of 1e-15 and less, which tell nothing; solved
    # by them, they are 1e9 large.
    dark: float = 1e-7
    # Where rows solve some, the same of a cell's own cut: solved by less, what no trace shows was
    # 1e16 large, and traces of 1e-12 not small
    idle: float = 1e-4
    # Of the last rows, at the root: the least that a function may leave to be determined.
    last: float = 1e-13
    # Directions that the last rows determine least, which are carried down beside the solution.
    weak: int = 4
    # And as many, at most, of each merge, by rows that are smaller than this, in units of traces.
    hidden: float = 1e-3
    # Vectors and rounds by which the largest value is found: of 200 random matrices whose values
    # fall slowly, it was 0.95 of it and more
    block: int = 8
    iterations: int = 6
    # Kinds of cells, and of merges, that are remembered for others that are alike: each takes as
    # much memory as a cell's rows.
    remembered: int = 40

    def asked(self, goal: float) -> Cuts:
        """These, for solutions whose relative error shall be no more than a `goal`."""
        return replace(self, rows=max(self.rows, self.of_goal * min(goal, 1.0)))


CUTS = Cuts()


@dataclass(frozen=True, eq=False)
class Kept:
    """What is left of a cell: `homogeneous (columns, kept)` functions for others to decide, `rows
    (kept, kept)` that they leave of the equations, and what neighbours see of them, `traces`. A
    `number` of its own tells it from all others.
    """

    homogeneous: Tensor
    rows: Tensor
    traces: tuple[Tensor, ...]
    number: int = field(default_factory=count().__next__)

    @property
    def size(self) -> int:
        """How many numbers are left for others to decide."""
        return self.homogeneous.shape[1]


@dataclass(frozen=True, eq=False)
class Condensation:
    """The matrices that condense a cell, whatever its right-hand sides are: alike cells share one.

    `seen_by_others` are the traces of all columns.
    """

    kept: Kept
    onto: Tensor  # (columns, n): a target in the coordinates of `directions`
    directions: Tensor  # (columns, columns), the first ones are solved
    sizes: Tensor  # (solved,)
    turn: Tensor  # (free, free): the rest, first of what no trace shows
    head: tuple[Tensor, Tensor, Tensor]  # factors of (unseen, unseen)
    least: float  # of those factors' values, below which nothing is solved
    across: Tensor  # (unseen, seen)
    seen: Tensor  # (free, seen)
    unseen: Tensor  # (free, unseen)
    resisting: tuple[Tensor, Tensor, Tensor]  # of the rows left, in units of the traces
    seen_by_others: tuple[Tensor, ...]

    @property
    def alone(self) -> Tensor:
        """The singular values of the rows that decide what no trace shows, `(unseen,)`."""
        return self.head[1]

    def hidden(self, cuts: Cuts) -> Tensor:
        """Directions `(columns, n)` that no trace shows, and rows hardly decide."""
        _, sizes, right = self.head
        few = min(cuts.weak, int((sizes < cuts.hidden).sum()))
        return self.directions[:, len(self.sizes) :] @ (self.unseen @ right[len(sizes) - few :].T)

    def applied(self, target: Tensor) -> tuple[Tensor, Tensor]:
        """The particular solution `(columns,)`, and the target `(kept,)` of the rows that
        remain, of a target `(n,)`; or of several, `(n, m)`, side by side.
        """
        turned = self.onto[:, : len(target)] @ target
        solved = len(self.sizes)
        z = self.directions[:, :solved] @ _over(turned[:solved], self.sizes)
        rest = self.turn @ turned[solved:]
        n = len(self.alone)
        u, s, v = self.resisting
        aim = u.T @ rest[n:]
        fixed = len(s)
        y = v[:, :fixed] @ _over(aim[:fixed], s)
        hidden = _of_factors(self.head, rest[:n] - self.across @ y, self.least)
        free = self.directions[:, solved:]
        z = z + free @ (self.seen @ y + self.unseen @ hidden)
        return z, aim[fixed:]


def condensation(
    rows: Tensor, traces: Sequence[Tensor], cut: float, cuts: Cuts = CUTS, free: int = 0
) -> Condensation:
    """Of a cell's rows `(n, columns)` and traces, each `(m, columns)`; `cut` is where rows
    determine a direction, relative to their norm. At least the `free` weakest are not solved:
    where functions are few, solutions of the equations are among them that satisfy them badly.
    """
    columns = rows.shape[1]
    if len(rows) < columns:  # where there are few, the others are zero
        rows = torch.cat([rows, rows.new_zeros(columns - len(rows), columns)])
    q, r = torch.linalg.qr(rows)
    u, s, vh = svd_of(r)
    solved = min(int((s > cut * s.max()).sum()), max(0, columns - free)) if columns else 0
    rest, weak = vh[solved:].T, s[solved:]
    strongest = float(weak[0] / s[0]) if len(weak) and s[0] > 0 else 0.0
    # Rows are divided by traces: those of the strongest shall not drown the others in round-off.
    see = max(cuts.traces, cuts.weaker * strongest)
    seen, unseen = _by_trace(traces, rest, see)
    joint = torch.cat([weak[:, None] * unseen, weak[:, None] * seen], dim=1)
    turn, triangle = torch.linalg.qr(joint, mode="complete")
    n = unseen.shape[1]
    head, across, left = svd_of(triangle[:n, :n]), triangle[:n, n:], triangle[n:, n:]
    left_u, left_s, left_vh = svd_of(left)
    fixed = int((left_s > cuts.resisted).sum())
    others = left_vh[fixed:].T
    least = (cuts.idle * cuts.rows if solved else cuts.dark * see) * float(s[:1].sum())
    hidden = _of_factors(head, -across @ others, least)
    homogeneous = rest @ (seen @ others + unseen @ hidden)
    left_over = torch.diag(left_s[fixed:])
    kept = Kept(homogeneous, left_over, tuple(matrix @ homogeneous for matrix in traces))
    return Condensation(
        kept,
        u.T @ q.T,
        vh.T,
        s[:solved],
        turn.T,
        head,
        least,
        across,
        seen,
        unseen,
        (left_u, left_s[:fixed], left_vh.T),
        tuple(traces),
    )


def svd_of(a: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """All singular vectors and the values of a matrix `(n, m)`; by the QR algorithm where that of
    divide and conquer does not converge, as it may for values that are many times the same.
    """
    try:
        u, s, vh = torch.linalg.svd(a)
    except RuntimeError:  # torch.linalg.LinAlgError, which torch does not export to be checked
        u, s, vh = map(tensor_of, svd(array_of(a), lapack_driver="gesvd"))
    return u, s, vh


def _by_trace(traces: Sequence[Tensor], free: Tensor, cut: float) -> tuple[Tensor, Tensor]:
    """Of the directions `(columns, n)`: combinations `(n, kept)` with orthonormal traces, and those
    that no trace shows, `(n, rest)`.
    """
    together = torch.cat([*traces, free.new_zeros(0, len(free))])
    # Left singular vectors are not asked for: those of the triangle are fewer.
    _, s, vh = svd_of(torch.linalg.qr(together @ free, mode="r").R)
    size = largest_value(together)
    kept = int((s > cut * size).sum())
    return vh[:kept].T / s[:kept], vh[kept:].T


def largest_value(matrix: Tensor) -> float:
    """The largest singular value of a matrix `(n, m)`, to some percent and never more than it is,
    by subspace iteration: what is small beside it is told by orders of magnitude.
    """
    block = normal_numbers(matrix.shape[1], CUTS.block, generator=Generator().manual_seed(0))
    block = block.to(matrix)
    for _ in range(CUTS.iterations):
        block = torch.linalg.qr(matrix.T @ (matrix @ block)).Q
    return float(torch.linalg.matrix_norm(matrix @ block, 2)) if matrix.numel() else 0.0


def _of_factors(factors: tuple[Tensor, Tensor, Tensor], right: Tensor, least: float) -> Tensor:
    """A square system whose singular vectors and values are known, for `(n,)` or `(n, m)`; its rows
    may leave directions undetermined, with values that are round-off or the `least`: those are
    zero.
    """
    u, s, vh = factors
    known = int((s > max(least, 1e-15 * float(s[:1].sum()))).sum())
    return vh[:known].T @ _over(u[:, :known].T @ right, s[:known])


def _over(values: Tensor, sizes: Tensor) -> Tensor:
    """Values `(n,)` or `(n, m)`, divided by sizes `(n,)`."""
    return values / sizes.reshape(len(sizes), *(1,) * (values.dim() - 1))


@dataclass(frozen=True, eq=False)
class Last:
    """The factors of what the root is left with: `singular (n,)` values tell what is undetermined,
    `weak (columns, cuts.weak)` are the directions of the least of them, the least one first, zero
    where there are fewer.
    """

    left: Tensor  # (n, rows)
    singular: Tensor
    right: Tensor  # (columns, n)
    known: int
    weak: Tensor

    def applied(self, target: Tensor) -> Tensor:
        """The least-squares solution `(columns,)` for a target `(rows,)`."""
        n = self.known
        return self.right[:, :n] @ ((self.left[:n] @ target) / self.singular[:n])


def last(rows: Tensor, cuts: Cuts = CUTS) -> Last:
    """Of the rows `(n, columns)` that the root is left with."""
    q, r = torch.linalg.qr(rows)
    u, s, vh = svd_of(r)
    known = int((s > cuts.last * s.amax()).sum()) if len(s) else 0
    weak = rows.new_zeros(rows.shape[1], cuts.weak)
    right = vh[: len(s)]
    least = right.flip(0)[: cuts.weak].T
    weak[:, : least.shape[1]] = least
    return Last(u.T @ q.T, s, right.T, known, weak)
