"""What a pass and its way back have in common: options, the step, this rank's share; and when a
residual is small enough, or grows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from pinnsolve.mgrit.coarse import layers_of
from pinnsolve.mgrit.communicator import Communicator
from pinnsolve.mgrit.grid import Grid, Line, Slab, coarsened
from pinnsolve.mgrit.memory import captured
from pinnsolve.mgrit.options import Options
from pinnsolve.mgrit.propagator import Layers, Step

# In eps: a relative residual of C-points that counts as exact.
CONVERGED = 5e3
# In eps: one that cannot fall any more.
ROUNDOFF = 5e2

DIVERGED = (
    "MGRIT's {} diverge: their residual grew from {:.1e} to {:.1e}. This pass is done serially;"
    " take a shorter horizon"
)


@dataclass(frozen=True)
class Call:
    """One call: the options, the step, and this rank's share of so many layers."""

    options: Options
    step: Step
    ranks: Communicator
    depth: int

    @cached_property
    def grid(self) -> Grid:
        """Levels and C-points."""
        return Grid(self.depth, self.options.factors)

    @cached_property
    def slab(self) -> Slab:
        """This rank's share of the layers."""
        return self.grid.slabs(self.ranks.rank, self.ranks.size)[0]

    def hierarchy(self, layers: Layers, direction: int = 1) -> list[tuple[Layers, Line]]:
        """This rank's layers, first to last, and lines of all levels, finest first, from all
        `layers`.
        """
        levels = []
        for level, slab in enumerate(self.grid.slabs(self.ranks.rank, self.ranks.size, direction)):
            count = coarsened(self.depth, self.options.factors)[level]
            low, high = (
                (count - slab.high, count - slab.low) if direction < 0 else (slab.low, slab.high)
            )
            levels.append(
                (layers_of(layers, self.grid, level, low, high, self.options.coarse), slab.line)
            )
        return levels

    def relative(self, defect: Tensor, values: Tensor, before: Sequence[float]) -> float:
        """The norm of a defect relative to that of the values, both `(...)` and of all ranks."""
        if captured(values):
            # No number can be asked: cycles are counted, and taken to converge.
            return 0.5 ** (len(before) + 1)
        sums = self.ranks.total(torch.stack([defect.square().sum(), values.square().sum()]))
        return math.sqrt(float(sums[0]) / max(float(sums[1]), 1e-300))


def in_eps(number: float, like: Tensor) -> float:
    """So many roundings of the type of a tensor `(...)`."""
    return number * torch.finfo(like.dtype).eps


def grows(residuals: Sequence[float], like: Tensor) -> bool:
    """Whether the last cycle made the residual larger, above the round-off of the type of a tensor
    `(...)`.
    """
    return len(residuals) > 1 and not residuals[-1] < max(residuals[-2], in_eps(ROUNDOFF, like))
