"""Least squares in blocks of columns, one an unknown: each condition's rows become a triangle,
triangles are merged.

Rows know the blocks that they touch. Blocks are eliminated one after the other, the one with the
fewest neighbours first (multifrontal QR: Davis, "Direct Methods for Sparse Linear Systems", SIAM
2006, chapter 7): the rows that touch a block are merged, as many of the triangle's rows as it has
columns are its own, the others are rows of its neighbours. So unknowns in subdomains that touch
their neighbours alone cost in proportion to their number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.coefficients.factor import BlockFactor, Pivot

RIDGE = 10 * torch.finfo(torch.float64).eps


@dataclass(frozen=True, eq=False)
class Triangle:
    """Rows [A, b] over some blocks: `rows (m, columns + 1)`, columns of the blocks in their order,
    then the target.

    What matters of them is kept by an orthogonal change of rows, |A c - b| for every c.
    """

    blocks: tuple[int, ...]
    rows: Tensor

    def reduced(self) -> Triangle:
        """The same, upper triangular: no more rows than columns are left."""
        return Triangle(self.blocks, torch.geqrf(self.rows)[0][: self.rows.shape[1]].triu_())

    def squares(self) -> Tensor:
        """Sums of squares of all columns, `(columns + 1,)`."""
        return self.rows.square().sum(dim=0)


def merge(
    triangles: Sequence[Triangle], sizes: Sequence[int], first: Sequence[int] = ()
) -> Triangle:
    """The triangle of all rows together, over all blocks that any of them touches, those named
    `first` before the others.
    """
    touched = {block for triangle in triangles for block in triangle.blocks}
    blocks = (*first, *sorted(touched - set(first)))
    starts, width = _starts(blocks, sizes)
    stacked = triangles[0].rows.new_zeros(sum(len(t.rows) for t in triangles), width + 1)
    low = 0
    for triangle in triangles:
        rows, column = stacked[low : low + len(triangle.rows)], 0
        for block in triangle.blocks:
            rows[:, starts[block] : starts[block] + sizes[block]] = triangle.rows[
                :, column : column + sizes[block]
            ]
            column += sizes[block]
        rows[:, -1] = triangle.rows[:, -1]
        low += len(triangle.rows)
    return Triangle(blocks, stacked).reduced()


def _starts(blocks: Sequence[int], sizes: Sequence[int]) -> tuple[dict[int, int], int]:
    starts, width = {}, 0
    for block in blocks:
        starts[block], width = width, width + sizes[block]
    return starts, width


def eliminated(
    triangles: Sequence[Triangle], sizes: Sequence[int]
) -> tuple[BlockFactor, list[float]]:
    """The factor, with a ridge at round-off in it, and each block's ridge in the order of
    elimination.

    A ridge is `RIDGE` times the spectral norm of the rows that touch the block, as in
    `least_squares`.
    """
    waiting = list(triangles)
    places = [slice(sum(sizes[:k]), sum(sizes[: k + 1])) for k in range(len(sizes))]
    left, pivots, ridges = set(range(len(sizes))), list[Pivot](), list[float]()
    while left:
        # The fewest neighbours first (minimum degree): fronts, and what they fill in, stay small.
        block = min(left, key=lambda k: (_degree(k, waiting, sizes), k))
        mine = [t for t in waiting if block in t.blocks]
        own = torch.cat([_columns(t, block, sizes) for t in mine])
        ridges.append(RIDGE * spectral_norm(own))
        n = sizes[block]
        ridge = torch.cat([ridges[-1] * torch.eye(n, dtype=own.dtype), own.new_zeros(n, 1)], dim=1)
        front = merge([*mine, Triangle((block,), ridge)], sizes, (block,))
        beside = torch.cat(
            [torch.arange(places[k].start, places[k].stop) for k in front.blocks[1:]]
            or [torch.arange(0)]
        )
        rows = front.rows
        pivots.append(Pivot(places[block], rows[:n, :n], rows[:n, n:-1], beside, rows[:n, -1]))
        waiting = [t for t in waiting if block not in t.blocks]
        if len(front.blocks) > 1 and len(rows) > n:
            waiting.append(Triangle(front.blocks[1:], rows[n:, n:]))
        left.remove(block)
    return BlockFactor(pivots), ridges


def grouped(triangles: Sequence[Triangle], sizes: Sequence[int]) -> list[Triangle]:
    """One triangle for each set of blocks."""
    groups: dict[tuple[int, ...], list[Triangle]] = {}
    for triangle in triangles:
        groups.setdefault(triangle.blocks, []).append(triangle)
    return [merge(group, sizes, blocks) for blocks, group in groups.items()]


def left_over(
    triangles: Sequence[Triangle], places: Sequence[slice], coefficients: Tensor
) -> float:
    """|A c - b| over all rows, for coefficients c `(columns,)`."""
    total = 0.0
    for triangle in triangles:
        own = torch.cat([coefficients[places[k]] for k in triangle.blocks])
        total += float((triangle.rows[:, :-1] @ own - triangle.rows[:, -1]).square().sum())
    return math.sqrt(total)


def _degree(block: int, waiting: Sequence[Triangle], sizes: Sequence[int]) -> int:
    """Columns of the blocks that share rows with this one."""
    return sum(sizes[k] for k in {k for t in waiting if block in t.blocks for k in t.blocks})


def _columns(triangle: Triangle, block: int, sizes: Sequence[int]) -> Tensor:
    starts, _ = _starts(triangle.blocks, sizes)
    return triangle.rows[:, starts[block] : starts[block] + sizes[block]]


def spectral_norm(a: Tensor, iterations: int = 12) -> float:
    """|A|_2 of A `(m, n)` by power iteration, from a fixed start; within a few per cent, which is
    all that a ridge needs.
    """
    v = torch.full((a.shape[1],), a.shape[1] ** -0.5, dtype=a.dtype)
    norm = 1.0
    for _ in range(iterations):
        w = a.T @ (a @ v)
        norm = float(w.norm())
        if norm == 0:
            return 1.0
        v = w / norm
    return float(norm**0.5)
