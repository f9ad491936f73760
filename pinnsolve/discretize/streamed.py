"""The rows of a linear system that are evaluated when they are used, block by block, and thrown
away: the matrix is never held.

What equilibrates them, sizes of conditions and norms of columns, is taken in a first pass.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.assemble import mean_square, pieces, row_scale, squares_of
from pinnsolve.discretize.changes import power_of_two
from pinnsolve.discretize.points import Points, dealt
from pinnsolve.discretize.sizes import units_of
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.space import Space
from pinnsolve.mgrit.communicator import ALONE, Communicator


@dataclass(frozen=True)
class BlockRows:
    """How many rows are held at a time."""

    # Products of them with a matrix of 4,000 columns run at full speed
    cpu: int = 1024
    # A GPU wants more to do at once
    device: int = 8192

    def of(self, like: Tensor) -> int:
        """On the device of a tensor `(...)`."""
        return self.cpu if like.device == DOUBLE.device else self.device


BLOCK_ROWS = BlockRows()


@dataclass(frozen=True, eq=False)
class Streamed:
    """The rows [A, b] of all conditions, as `assemble` makes them, with columns divided by their
    `norms (columns,)` and b by `unit`, a power of two; `size` is |b| / unit.

    Of several ranks each has its own `points`; `rows` is the number of all. In float64.
    """

    system: System
    points: tuple[Points, ...]
    space: Space
    scales: tuple[float, ...]
    norms: Tensor
    unit: float
    size: float
    rows: int

    @classmethod
    def of(
        cls,
        system: System,
        points: Sequence[Points],
        space: Space,
        ranks: Communicator = ALONE,
    ) -> Streamed:
        """The rows at these points of all ranks. Raises NotFiniteError where they are not."""
        own, units = dealt(points, ranks), units_of(system)
        scales, targets = list[float](), list[Tensor]()
        squares = space.zeros().to(DOUBLE.dtype)
        with torch.no_grad():
            for residual, p in zip(system.residuals, own, strict=True):
                entries, columns, target = _measured(residual, p, space, units)
                entries = entries if bool(target.isfinite().all()) else math.nan
                scale = row_scale(residual, mean_square(residual, entries, len(p.x), ranks))
                scales.append(scale)
                targets.append(scale * target)
                squares += scale**2 * columns
        b = torch.cat(targets)
        largest = ranks.gathered(DOUBLE.new_tensor([power_of_two(b)]), [1] * ranks.size)
        unit = float(largest.max())
        size = float(ranks.total((b / unit).square().sum())) ** 0.5
        norms = ranks.total(squares).sqrt() if ranks.size > 1 else squares.sqrt()
        norms[norms == 0] = 1.0
        rows = int(ranks.total(torch.tensor(len(b))))
        return cls(system, own, space, tuple(scales), norms, unit, size, rows)

    @property
    def columns(self) -> int:
        """Of A."""
        return len(self.norms)

    def blocks(self) -> Iterator[Tensor]:
        """This rank's rows [A, b], `(n, columns + 1)` in Fortran order, in an array that the next
        ones are written into.
        """
        most = BLOCK_ROWS.of(self.norms)
        room, filled = self.norms.new_empty(self.columns + 1, most).T, 0
        with torch.no_grad():
            for residual, p, scale in zip(
                self.system.residuals, self.points, self.scales, strict=True
            ):
                for rows, parts, target in pieces(residual, p, self.space, most=most):
                    count = len(target)
                    if filled + count > most:
                        yield room[:filled]
                        filled = 0
                    self._write(room[filled : filled + count], parts, target)
                    room[filled : filled + count] *= scale * _factors(p, rows, self.norms)
                    filled += count
        if filled:
            yield room[:filled]

    def _write(self, room: Tensor, parts: dict[int, Tensor], target: Tensor) -> None:
        room.zero_()
        for unknown, part in parts.items():
            place = self.space.slices[unknown]
            room[:, place] = part
            room[:, place] /= self.norms[place]
        room[:, -1] = target / self.unit


def _measured(
    residual: Residual, p: Points, space: Space, units: Sequence[float]
) -> tuple[float, Tensor, Tensor]:
    """Of one condition's rows: the sum of squares of all entries in units of the unknowns, those of
    the columns `(columns,)` and the target `(n,)` with the points' own factors.
    """
    like = space.zeros().to(DOUBLE.dtype)
    entries, columns, targets = 0.0, like, [DOUBLE.new_empty(0)]
    for rows, parts, target in pieces(residual, p, space):
        factors = _factors(p, rows, like)
        for unknown, part in parts.items():
            entries += squares_of(residual, p, rows, part) * units[unknown] ** 2
            columns[space.slices[unknown]] += (factors * part).square().sum(dim=0)
        targets.append((factors[:, 0] * target).to(DOUBLE))
    return entries, columns, torch.cat(targets)


def _factors(p: Points, rows: slice, like: Tensor) -> Tensor:
    """Of some points, `(n, 1)`, or 1 for all of them `(1, 1)`."""
    if p.factors is None:
        return like.new_ones(1, 1)
    return tensor_of(p.factors[rows], like)[:, None]
