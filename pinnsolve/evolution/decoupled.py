"""Least squares that fall apart: columns that share no row with others are solved for alone.

Even and odd polynomials of a coordinate do, where equations know no direction along it: of laws,
tested by polynomials, each row sees one kind alone. Rows on opposite sides see both, in sizes that
are the same: they are turned into their sum and their difference, which see one kind each.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor


@dataclass(frozen=True)
class Decoupling:
    """What counts as nothing."""

    # Of a column's norm: an entry of no more is round-off, of derivatives of products
    nothing: float = 1e-13
    # Of the largest entry of two blocks of rows: sizes that differ by no more are the same
    same: float = 1e-12


DECOUPLING = Decoupling()


@dataclass(frozen=True, eq=False)
class Group:
    """Columns, by number, that share rows: these, of all that are heard, times `inverse (columns,
    rows)` give their coefficients.
    """

    rows: Tensor
    columns: Tensor
    inverse: Tensor


@dataclass(frozen=True, eq=False)
class Decoupled:
    """The solution of all rows, for right sides of those blocks of rows that are `heard`, each of
    so many rows; pairs of them, by their place in `heard`, are `mirrored`.
    """

    heard: tuple[int, ...]
    mirrored: tuple[tuple[int, int], ...]
    columns: int
    groups: tuple[Group, ...]

    @cached_property
    def share(self) -> float:
        """Of the numbers that a matrix of all columns holds, the root of what theirs do."""
        return math.hypot(*(len(group.columns) for group in self.groups)) / self.columns

    def in_units(self, units: Tensor) -> Decoupled:
        """The same for columns that are so many times as large, `(columns,)`."""
        each = (replace(g, inverse=units[g.columns, None] * g.inverse) for g in self.groups)
        return replace(self, groups=tuple(each))

    def solved(self, right: Sequence[Tensor]) -> Tensor:
        """Coefficients `(columns, ..)`, by right sides `(rows, ..)` of each block that is heard."""
        held = list(right)
        for i, j in self.mirrored:
            held[i], held[j] = _turned(held[i], held[j])
        whole = torch.cat(held)
        found = whole.new_zeros(self.columns, *whole.shape[1:])
        for group in self.groups:
            found[group.columns] = group.inverse @ whole[group.rows]
        return found


def decoupled(
    blocks: Sequence[Tensor], heard: Collection[int], determined: float
) -> Decoupled | None:
    """Least squares of blocks of rows `(rows, columns)`, of which some numbers may have right sides
    that are not zero. None, where a factor's diagonal falls below so much of its largest.
    """
    turned, pairs = list(blocks), list(_mirrored(blocks))
    for i, j in pairs:
        turned[i], turned[j] = _turned(blocks[i], blocks[j])
    mates = {i for pair in pairs for i in pair if set(pair) & set(heard)}
    kept = tuple(sorted({*heard, *mates}))
    matrix = torch.cat(turned)
    norms = matrix.norm(dim=0)
    matrix /= norms
    numbers = torch.cat([torch.full((len(b),), k) for k, b in enumerate(blocks)])
    is_heard = torch.isin(numbers, torch.tensor(kept))
    places = is_heard.cumsum(0) - 1
    groups, diagonals = [], []
    for rows, columns in _groups(matrix.abs() > DECOUPLING.nothing):
        if len(rows) < len(columns):
            return None
        q, r = torch.linalg.qr(matrix[rows[:, None], columns])
        diagonals.append(r.diagonal().abs())
        own = is_heard[rows]
        inverse = torch.linalg.solve_triangular(r, q[own].T, upper=True) / norms[columns, None]
        groups.append(Group(places[rows[own]], columns, inverse))
    diagonal = torch.cat(diagonals)
    if not float(diagonal.min()) > determined * float(diagonal.max()):
        return None
    mirrored = tuple((kept.index(i), kept.index(j)) for i, j in pairs if i in kept)
    return Decoupled(kept, mirrored, matrix.shape[1], tuple(groups))


def _turned(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """By a half of a right angle, which leaves all sums of squares."""
    return (a + b) / math.sqrt(2), (a - b) / math.sqrt(2)


def _mirrored(blocks: Sequence[Tensor]) -> Iterator[tuple[int, int]]:
    """Pairs of blocks whose entries differ in signs alone; none is in two pairs."""
    sizes, left = [block.abs() for block in blocks], list(range(len(blocks)))
    while left:
        i = left.pop(0)
        limit = DECOUPLING.same * float(sizes[i].max())
        alike = (j for j in left if sizes[j].shape == sizes[i].shape)
        mate = next((j for j in alike if float((sizes[i] - sizes[j]).abs().max()) <= limit), None)
        if mate is not None and not torch.equal(blocks[i], blocks[mate]):
            left.remove(mate)
            yield i, mate


def _groups(touched: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Rows and columns, by number, that hang together by entries `(rows, columns)`."""
    left = torch.ones(touched.shape[1], dtype=torch.bool)
    while bool(left.any()):
        columns, before = torch.zeros_like(left), 0
        columns[int(left.nonzero()[0])] = True
        while (count := int(columns.sum())) > before:
            rows, before = touched[:, columns].any(dim=1), count
            columns = columns | touched[rows].any(dim=0)
        yield rows.nonzero()[:, 0], columns.nonzero()[:, 0]
        left &= ~columns
