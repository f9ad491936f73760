"""Householder's QR of tall matrices in pieces: rows are turned onto a triangle, and triangles that
ranks have made of their own rows are merged.

Each rank factors its rows; of these only the triangle travels, along a binary tree (TSQR: Demmel,
Grigori, Hoemmen, Langou, "Communication-optimal parallel and sequential QR and LU factorizations",
SIAM J. Sci. Comput. 34, 2012). Every step is orthogonal, so that it is as accurate as one QR of all
rows, in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.mgrit.communicator import Communicator
from pinnsolve.mgrit.tree import tree


@dataclass(frozen=True)
class Panels:
    """How many columns are factored at once."""

    columns: int = 128
    # Rows of a ridge at a time: with fewer, columns are worth less each
    rows: int = 1024


PANELS = Panels()


def turned_onto(top: Tensor, below: Tensor, full: int = 0) -> None:
    """QR of `top (n, width)`, upper triangular, stacked on `below (m, width)`, in place: the new
    triangle is in `top`; what is left of the columns behind the n-th is in `below`.

    Row i of `below` begins in column i - full: it is upper triangular with `full` = 0, and has no
    zeros with `full` = m. Of a triangle only as many rows are touched as are not zero yet, which
    takes a third of the work.
    """
    n, width = top.shape
    for start in range(0, n, PANELS.columns):
        end = min(start + PANELS.columns, n)
        filled, panel = min(len(below), end + full), slice(start, end)
        reflectors, scales = torch.geqrf(_stacked(top[panel, panel], below[:filled, panel]))
        top[panel, panel] = reflectors[: end - start].triu()
        # What stands above is triangular, and reflectors are unit vectors there: I - V T V' with V
        # = [I, v] (compact WY form), where T^-1 is the upper triangle of v'v with 1 / scales on its
        # diagonal. Three products, in place, take a third of the time of LAPACK's ormqr.
        v, behind = reflectors[end - start :], slice(end, width)
        inverse = (v.T @ v).triu(1) + torch.diag(1 / scales)
        seen = torch.addmm(top[panel, behind], v.T, below[:filled, behind])
        moved = torch.linalg.solve_triangular(inverse.T, seen, upper=False)
        top[panel, behind] -= moved
        below[:filled, behind].addmm_(v, moved, alpha=-1)


def turned_onto_ridge(top: Tensor, ridge: float) -> None:
    """The same of `top (n, width)` and ridge times the first rows of the identity, some at a time:
    what they fill begins where they begin.
    """
    n, width = top.shape
    for start in range(0, n, PANELS.rows):
        below = top.new_zeros(width - start, min(PANELS.rows, n - start)).T
        turned_onto(top[start:, start:], below.fill_diagonal_(ridge))


def merged(rows: Tensor, ranks: Communicator) -> Tensor:
    """The triangle of all ranks' rows together, on every rank, in the upper `(n, n)` of what is
    returned: of an own matrix `(m, n)` after QR, R above its diagonal. That is worked in.
    """
    m, n = rows.shape
    top = rows if m >= n else torch.cat([rows, rows.new_zeros(n - m, n)])
    top[:n].triu_()
    if ranks.size == 1:
        return top
    triangle = top[:n]
    below = rows[n : 2 * n] if m >= 2 * n else rows.new_empty(n, n)
    parent, children = tree(ranks.rank, ranks.size)
    for child in reversed(children):
        for panel in _panels(below):
            panel.copy_(ranks.receive(panel, child))
        turned_onto(triangle, below)
    if parent is not None:
        for panel in _panels(triangle):
            ranks.send(panel, parent)
    # One rank's triangle for all: the last digits of what follows are alike on all of them.
    for panel in _panels(triangle):
        panel.copy_(ranks.share(panel, 0))
    return top


def _panels(triangle: Tensor) -> Iterator[Tensor]:
    """Some rows at a time, from the diagonal on."""
    for start in range(0, len(triangle), PANELS.columns):
        yield triangle[start : start + PANELS.columns, start:]


def _stacked(above: Tensor, below: Tensor) -> Tensor:
    """One upon the other, in Fortran order."""
    return torch.cat([above.T, below.T], dim=1).T


def triangle_of(blocks: Iterable[Tensor], width: int) -> Tensor:
    """The triangle `(width, width)` of rows that come in blocks `(m, width)`, which are used up."""
    top, filled = DOUBLE.new_empty(width, width).T, 0
    for block in blocks:
        taken = min(width - filled, len(block))
        top[filled : filled + taken] = block[:taken]
        if taken and filled + taken == width:
            _factored(top)
        filled += taken
        if taken < len(block):
            turned_onto(top, block[taken:], len(block) - taken)
    if filled < width:
        _factored(top[:filled])
        top[filled:] = 0.0
    return top


def _factored(rows: Tensor) -> None:
    """R of the QR of rows `(m, n)`, upper triangular, in their place."""
    torch.geqrf(rows, out=(rows, rows.new_empty(min(rows.shape))))
    rows.triu_()
