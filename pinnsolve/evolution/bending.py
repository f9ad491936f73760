"""Minus second derivatives at the nodes of equal pieces, in the weak form, as products of one small
matrix with windows of nodes: nothing is copied, and what is found is written once.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from pinnsolve.fields.pieces import Pieces


@dataclass(frozen=True)
class Windows:
    """How wide they are."""

    # Rows of a matrix, at least: fewer are many small products, more are mostly zeros
    rows: int = 20


WINDOWS = Windows()


@dataclass(frozen=True, eq=False)
class Bending:
    """Along one coordinate: rows of the `ends`, with the columns that they see and the matrix; and
    between them `groups` that are alike, of the rows of `window`, from row `start` on.
    """

    ends: tuple[tuple[slice, slice, Tensor], ...]
    window: Tensor
    start: int
    groups: int

    def onto(self, found: Tensor, u: Tensor, place: int, factor: float, kept: float) -> None:
        """found = kept found + factor (minus the second derivative along coordinate number `place`
        of u), both in the shape of the grid `(n_1, n_2, ..)`.
        """
        if 0 < place < u.dim() - 1:
            for own, each in zip(found, u, strict=True):
                self.onto(own, each, place - 1, factor, kept)
            return
        if place == 0:
            self._down(found.flatten(1), u.flatten(1), factor, kept)
        else:
            self._along(found.flatten(0, -2), u.flatten(0, -2), factor, kept)

    def _down(self, found: Tensor, u: Tensor, factor: float, kept: float) -> None:
        """Of columns: both `(n, m)`."""
        for rows, columns, matrix in self.ends:
            found[rows].addmm_(matrix, u[columns], alpha=factor, beta=kept)
        if self.groups:
            n, (own, seen), m = self.groups, tuple(self.window.shape), u.shape[1]
            before = self.start - (seen - own) // 2
            held = u.as_strided((n, seen, m), (own * m, m, 1), u.storage_offset() + before * m)
            into = found[self.start :][: n * own].view(n, own, m)
            into.baddbmm_(self.window[None].expand(n, own, seen), held, alpha=factor, beta=kept)

    def _along(self, found: Tensor, u: Tensor, factor: float, kept: float) -> None:
        """Of rows: both `(m, n)`."""
        for rows, columns, matrix in self.ends:
            found[:, rows].addmm_(u[:, columns], matrix.T, alpha=factor, beta=kept)
        if self.groups:
            (own, seen), (m, n) = tuple(self.window.shape), tuple(u.shape)
            before = self.start - (seen - own) // 2
            held, into = (
                each.as_strided((self.groups, m, size), (own, n, 1), each.storage_offset() + first)
                for each, size, first in ((u, seen, before), (found, own, self.start))
            )
            into.baddbmm_(
                held, self.window.T[None].expand(self.groups, seen, own), alpha=factor, beta=kept
            )


def bending(own: Pieces) -> Bending:
    """Of a coordinate in pieces."""
    p, g = own.degree, -(-WINDOWS.rows // own.degree)
    if own.count < 4 * g:
        every = slice(0, own.nodes)
        whole = _matrix(own, own.count)
        return Bending(((every, every, whole),), whole[:0], 0, 0)
    # Some pieces stand for all: their matrix has all rows that there are.
    few, size, last = _matrix(own, 4 * g), g * p, (g + own.count % g) * p + 1
    ends = (
        (slice(0, size), slice(0, size + p), few[:size, : size + p].clone()),
        (
            slice(own.nodes - last, own.nodes),
            slice(own.nodes - last - p, own.nodes),
            few[-last:, -last - p :].clone(),
        ),
    )
    window = few[size : 2 * size, size - p : 2 * size + p].clone()
    return Bending(ends, window, size, own.count // g - 2)


def _matrix(own: Pieces, count: int) -> Tensor:
    """Of so many pieces of that kind: `(nodes, nodes)`."""
    n, p = count * own.degree + 1, own.degree
    pulled, weights = own.weights.new_zeros(n, n), own.weights.new_zeros(n)
    for k in range(count):
        here = slice(k * p, k * p + p + 1)
        pulled[here, here] += own.stiffness
        weights[here] += own.weights
    return pulled / weights[:, None]
