"""Points to judge by and to solve on, where the data have narrow features: uniform points miss them.

Rare boxes of the trees that enclose an equation's functions get points of their own, each with the box's volume as its
weight: sums over uniform and rare points are integrals that no needle escapes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pinnsolve.compile.features import Features, Leaves
from pinnsolve.compile.system import Residual, System
from pinnsolve.sample.points import Points, sample_points

LEAST, MOST = 64, 1024  # points in the rare boxes of one tree
STREAM = 104_729  # of the seeds of these points

Array = NDArray[np.float64]


def drawn(system: System, n: int, seed: int) -> tuple[Points, ...]:
    """Points of every condition: those of `sample_points`, and with them some in all rare boxes."""
    plain = sample_points(system.problem, n, seed)
    return with_rare(system.residuals, plain, seed)


def with_rare(residuals: Sequence[Residual], plain: Sequence[Points], seed: int) -> tuple[Points, ...]:
    """Points of the conditions, and with them as many as a quarter more, at least `LEAST`, in the rare boxes of each tree."""
    return tuple(
        joined(p, rare_points(residual, max(LEAST, len(p.x) // 4), seed + STREAM + k))
        for k, (residual, p) in enumerate(zip(residuals, plain, strict=True))
    )


def joined(p: Points, more: Sequence[Points]) -> Points:
    """All of these points together."""
    parts = [p, *more]
    if len(parts) == 1:
        return p
    return Points(
        np.concatenate([q.x for q in parts]),
        None if p.normals is None else np.concatenate([q.normals for q in parts if q.normals is not None]),
        np.concatenate([q.weights for q in parts]),
        coordinates=p.coordinates,
    )


def rare_points(residual: Residual, n: int, seed: int) -> list[Points]:
    """About n points in the rare boxes of each tree of a condition; none where its data have no narrow features."""
    pairs = [(f, tree) for f in residual.features for tree in f.trees]
    found = [_in_leaves(*pair, min(n, MOST), seed + k) for k, pair in enumerate(pairs)]
    return [p for p in found if len(p.x)]


def _in_leaves(features: Features, tree: Leaves, n: int, seed: int) -> Points:
    """Uniform in each of the rare boxes, as many in one as in another; weights are volumes."""
    generator = np.random.default_rng(seed)
    chart = features.chart
    boxes = np.flatnonzero(tree.rare.numpy())
    order = generator.permutation(boxes)
    turns = np.resize(order, n)
    low, high = tree.low.numpy()[turns], tree.high.numpy()[turns]
    s = generator.random((n, len(chart.parameters)))
    s[:, list(tree.axes)] = low + (high - low) * s[:, list(tree.axes)]
    x, normals = chart.points(s)
    weights = chart.measure * tree.volumes.numpy()[turns] * len(boxes) / n
    kept = chart.keep(x, normals)
    return Points(x[kept], None if normals is None else normals[kept], weights[kept])
