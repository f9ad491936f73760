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
from torch import Tensor

from pinnsolve.cells.split import Split, by_trace, largest_value, split_of, svd_of


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
    split: Split
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
        return self.split.rest @ (self.unseen @ right[len(sizes) - few :].T)

    def applied(self, target: Tensor) -> tuple[Tensor, Tensor]:
        """The particular solution `(columns,)`, and the target `(kept,)` of the rows that
        remain, of a target `(n,)`; or of several, `(n, m)`, side by side.
        """
        determined, free = self.split.turned(target)
        rest = self.turn @ free
        n = len(self.alone)
        u, s, v = self.resisting
        aim = u.T @ rest[n:]
        fixed = len(s)
        y = v[:, :fixed] @ _over(aim[:fixed], s)
        hidden = _of_factors(self.head, rest[:n] - self.across @ y, self.least)
        z = self.split.rest @ (self.seen @ y + self.unseen @ hidden)
        return self.split.solved(determined) + z, aim[fixed:]


def condensation(
    rows: Tensor, traces: Sequence[Tensor], cut: float, cuts: Cuts = CUTS, free: int = 0
) -> Condensation:
    """Of a cell's rows `(n, columns)` and traces, each `(m, columns)`; `cut` is where rows
    determine a direction, relative to their norm. At least the `free` weakest are not solved:
    where functions are few, solutions of the equations are among them that satisfy them badly.
    """
    split = split_of(rows, cut, free)
    together = torch.cat([*traces, split.rest.new_zeros(0, len(split.rest))])
    # Rows are divided by traces: those of the strongest shall not drown the others in round-off.
    see = max(cuts.traces, cuts.weaker * split.strongest)
    shown = together @ split.rest
    seen, unseen = by_trace(shown, see * largest_value(together))
    joint = split.left @ torch.cat([unseen, seen], dim=1)
    turn, triangle = torch.linalg.qr(joint, mode="complete")
    n = unseen.shape[1]
    head, across, left = svd_of(triangle[:n, :n]), triangle[:n, n:], triangle[n:, n:]
    left_u, left_s, left_vh = svd_of(left)
    fixed = int((left_s > cuts.resisted).sum())
    others = left_vh[fixed:].T
    least = cuts.idle * cuts.rows if len(split.sizes) else cuts.dark * see
    hidden = _of_factors(head, -across @ others, least * split.largest)
    own = seen @ others + unseen @ hidden
    of_each = torch.split(shown @ own, [len(matrix) for matrix in traces]) if traces else ()
    return Condensation(
        Kept(split.rest @ own, torch.diag(left_s[fixed:]), tuple(of_each)),
        split,
        turn.T,
        head,
        least * split.largest,
        across,
        seen,
        unseen,
        (left_u, left_s[:fixed], left_vh.T),
        tuple(traces),
    )


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

    left: tuple[Tensor, Tensor]  # (rows, n), (n, n)
    singular: Tensor
    right: Tensor  # (columns, n)
    known: int
    weak: Tensor

    def applied(self, target: Tensor) -> Tensor:
        """The least-squares solution `(columns,)` for a target `(rows,)`."""
        n = self.known
        q, u = self.left
        return self.right[:, :n] @ ((u[:, :n].T @ (q.T @ target)) / self.singular[:n])


def last(rows: Tensor, cuts: Cuts = CUTS) -> Last:
    """Of the rows `(n, columns)` that the root is left with."""
    q, r = torch.linalg.qr(rows)
    u, s, vh = svd_of(r)
    known = int((s > cuts.last * s.amax()).sum()) if len(s) else 0
    weak = rows.new_zeros(rows.shape[1], cuts.weak)
    right = vh[: len(s)]
    least = right.flip(0)[: cuts.weak].T
    weak[:, : least.shape[1]] = least
    return Last((q, u), s, right.T, known, weak)
