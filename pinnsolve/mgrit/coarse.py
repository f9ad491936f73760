"""Coarse layers: one in the place of each interval of layers."""

from __future__ import annotations

import torch
from torch import Tensor

from pinnsolve.mgrit.grid import Grid, Line
from pinnsolve.mgrit.propagator import Layers


def layers_of(layers: Layers, grid: Grid, level: int, low: int, high: int, how: str) -> Layers:
    """Steps `low` to `high` of a level: each has the mean (or the first) of the parameters below
    it, and their sizes' sum.
    """
    if level == 0 or low == high:
        return tuple(p[low:high] for p in layers)
    points = grid.c_points[level - 1][low : high + 1]
    line = Line(tuple(p - points[0] for p in points))
    fine = layers_of(layers, grid, level - 1, points[0], points[-1], how)
    # Means gain a factor of 72 a cycle, the first layers alone one of 10 (256 layers as they are
    # drawn, results/layer_parallel.md).
    return (*(_coarse(p, line, how) for p in fine[:-1]), _coarse(fine[-1], line, "sum"))


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
