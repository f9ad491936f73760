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

from pinnsolve.mgrit.coarse import coarse_layers
from pinnsolve.mgrit.communicator import Communicator
from pinnsolve.mgrit.grid import Grid, Line, Slab, coarsened
from pinnsolve.mgrit.memory import captured
from pinnsolve.mgrit.options import Options
from pinnsolve.mgrit.propagator import Layers, Step

DIVERGED = (
    "MGRIT's {} diverge: their residual grew from {:.1e} to {:.1e}. This pass is done serially;"
    " take a shorter horizon"
)


@dataclass(frozen=True)
class Exactness:
    """What relative residuals of C-points mean, in eps."""

    # One that counts as exact;
    converged: float = 5e3
    # And one that cannot fall any more.
    roundoff: float = 5e2


EXACTNESS = Exactness()


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

    def own(self, layers: Layers) -> Layers:
        """This rank's layers, of all."""
        return tuple(p[self.slab.steps] for p in layers)

    def coarse_layers(self, layers: Layers) -> list[Layers]:
        """All steps of all coarser levels, finest first, from the ranks' own `layers`."""
        return coarse_layers(self.own(layers), self.grid, self.ranks, self.options.coarse)

    def coarser(self, steps: Sequence[Layers], direction: int = 1) -> list[tuple[Layers, Line]]:
        """This rank's steps of the coarser levels, first to last, and their lines, from all."""
        slabs = self.grid.slabs(self.ranks.rank, self.ranks.size, direction)[1:]
        counts = coarsened(self.depth, self.options.factors)[1:]
        levels = []
        for layers, slab, count in zip(steps, slabs, counts, strict=True):
            low, high = (
                (count - slab.high, count - slab.low) if direction < 0 else (slab.low, slab.high)
            )
            levels.append((tuple(p[low:high] for p in layers), slab.line))
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
    return len(residuals) > 1 and not residuals[-1] < max(
        residuals[-2], in_eps(EXACTNESS.roundoff, like)
    )
