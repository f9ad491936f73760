"""Coarse layers: one in the place of each interval of layers."""

from __future__ import annotations

import torch
from torch import Tensor

from pinnsolve.mgrit.communicator import Communicator
from pinnsolve.mgrit.grid import Grid, Line
from pinnsolve.mgrit.propagator import Layers


def coarse_layers(own: Layers, grid: Grid, ranks: Communicator, how: str) -> list[Layers]:
    """All steps of all coarser levels, finest first: each has the mean (or the first) of the
    parameters below it, and their sizes' sum.

    A rank gives its own layers' part, whole intervals, and knows no other layers than its own.
    """
    slabs = [grid.slabs(rank, ranks.size)[0] for rank in range(ranks.size)]
    line = slabs[ranks.rank].line
    mine = [part.flatten(1) for part in _coarse_each(own, line, how)]
    widths = [part.shape[1] for part in mine]
    gathered = ranks.gathered(
        torch.cat(mine, dim=1).flatten(), [slab.line.intervals * sum(widths) for slab in slabs]
    )
    parts = torch.split(gathered.reshape(-1, sum(widths)), widths, dim=1)
    levels = [tuple(part.reshape(-1, *p.shape[1:]) for part, p in zip(parts, own, strict=True))]
    for points in grid.c_points[1:]:
        levels.append(_coarse_each(levels[-1], Line(points), how))
    return levels


def _coarse_each(layers: Layers, line: Line, how: str) -> Layers:
    # Means gain a factor of 72 a cycle, the first layers alone one of 10 (256 layers as they are
    # drawn, results/layer_parallel.md).
    return (*(_coarse(p, line, how) for p in layers[:-1]), _coarse(layers[-1], line, "sum"))


def _coarse(p: Tensor, line: Line, how: str) -> Tensor:
    """One layer an interval: the mean, the first or the sum of its layers' parameters."""
    parts = []
    for run in line.runs():
        each = (
            p[run.start : run.start + run.count * run.length]
            .detach()
            .reshape(run.count, run.length, *p.shape[1:])
        )
        parts.append(
            each[:, 0] if how == "first" else each.sum(dim=1) if how == "sum" else each.mean(dim=1)
        )
    return torch.cat(parts)
