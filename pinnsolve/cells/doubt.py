"""How far a solution in cells may be off along the functions that hardly change the rows.

Of such a function w the residual of an error c w is -c A w: so residuals r at fresh points say
c = -(A w, r) / (A w, A w). What other errors leave is in r, too, a sum of many parts of either
sign: its deviation is known by these parts themselves. That it were all in the direction of A w is
too much to fear: there are as many directions as functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.cells.places import rows_of
from pinnsolve.cells.points import as_drawn
from pinnsolve.cells.rows import Rows
from pinnsolve.cells.sizes import sizes_of
from pinnsolve.cells.teams import Key
from pinnsolve.discretize.places import quadrature
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.cellwise import Cellwise


@dataclass(frozen=True)
class Doubted:
    """How what rows say of a weak direction is believed."""

    # Deviations of what residuals say: on 60 random problems beside eigenvalues, with errors from
    # 1e-6 to one, the estimate was 1.5 to 96 times the error so
    deviations: float = 5.0
    # What rows leave at least, relative to the largest: two cells that differ by no more than this
    # are condensed as one. Of an eigenvalue itself, and no data, zero is a solution whose residual
    # is zero, beside others
    round_off: float = 1e-11
    # Parts of a cell's rows: every so-many-th is in one
    parts: int = 4


DOUBTED = Doubted()


def off_along(
    rows: Rows, field: Cellwise, weak: Sequence[Tensor], seed: int, largest: float = 1.0
) -> tuple[float, float]:
    """The relative L2 error of a field along weak directions, `(columns, n)` of each cell: of the
    worst unknown, as far as residuals at fresh points allow it; and what round-off beside rows of
    the `largest` size makes of it.
    """
    slopes, products = map(torch.stack, zip(*_pairs(rows, field, weak, seed), strict=True))
    inverse = torch.linalg.pinv(slopes.sum(dim=0), hermitian=True)
    mean = inverse @ products.sum(dim=0)
    spread = inverse @ (products.T @ products) @ inverse
    squares = torch.stack([torch.outer(mean, mean) + spread, inverse])
    p = quadrature(rows.system, 1024, seed)
    each = [Cellwise.of(rows.cells, [w[:, j] for w in weak]).values(p.x) for j in range(len(mean))]
    where, values = field.support(p.x), torch.stack(each)
    errors = torch.einsum("ikn,sij,jkn->skn", values, squares, values).clamp(min=0.0)
    lives = torch.ones_like(errors[0]) if where is None else where.to(errors)
    lives = lives * tensor_of(p.weights, errors)
    means = ((errors * lives).sum(dim=2) / lives.sum(dim=1)).sqrt()
    # All in units of the rows: of a field that is zero no square of a size is left.
    sizes = sizes_of(rows.system, field, seed) / rows.units
    least = DOUBTED.round_off * largest * (sizes.max() / sizes)
    relative = torch.stack([means[0] / sizes, means[1] * least])
    seen, rounded = (DOUBTED.deviations * relative.amax(dim=1)).tolist()
    return seen, rounded


def _pairs(
    rows: Rows, field: Cellwise, weak: Sequence[Tensor], seed: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Of parts of all rows, at fresh points: products of what weak directions and the field leave
    of them, `(n, n)` and `(n,)`.
    """
    fresh = rows_of(rows.system, rows.cells, seed, rows.units, as_drawn)
    about = None if rows.system.linear else field
    shared: dict[Key, list[tuple[Tensor, Tensor]]] = {}
    for number, directions in enumerate(weak):
        cell = fresh.raw(number, about)
        own = field.parts[number].coefficients / fresh.units_of(number)
        changed, left = cell.rows @ directions, cell.rows @ own - cell.target
        for k in range(DOUBTED.parts):
            a, b = changed[k :: DOUBTED.parts], left[k :: DOUBTED.parts]
            yield a.T @ a, a.T @ b
        for key, trace in cell.traces.items():
            seen = trace.matrix @ directions, trace.matrix @ own + trace.offset
            shared.setdefault(key, []).append(seen)
    for parts in shared.values():
        a, b = (torch.stack(each).sum(dim=0) for each in zip(*parts, strict=True))
        yield a.T @ a, a.T @ b
