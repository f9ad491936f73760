"""Points to judge by and to solve on, where the data have narrow features: uniform points miss
them.

Rare boxes of the trees that enclose an equation's functions get points of their own, each with the
box's volume as its weight: sums over uniform and rare points are integrals that no needle escapes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from pinnsolve.compile.features import Features
from pinnsolve.compile.system import Residual, System
from pinnsolve.compile.trees import Leaves
from pinnsolve.discretize.points import Points, sample_points, sample_region
from pinnsolve.discretize.streams import STREAMS
from pinnsolve.geometry.solids import Box

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RarePoints:
    """How many points rare boxes get beside those that are spread evenly."""

    # Of these others, for the boxes of each tree; for those of all trees together, of rows in
    # space, where each is dear
    share: float = 1 / 4
    least: int = 64
    most: int = 1024
    # Points of a cell between kinks: where one would have fewer, it is left to rare boxes.
    fewest_in_cell: int = 4


RARE_POINTS = RarePoints()


def drawn(system: System, n: int, seed: int) -> tuple[Points, ...]:
    """Points of every condition: those of `sample_points`, by cells, and with them some in all rare
    boxes.
    """
    plain = in_cells(system.residuals, sample_points(system.problem, n, seed), seed)
    return with_rare(system.residuals, plain, seed)


def in_cells(
    residuals: Sequence[Residual], plain: Sequence[Points], seed: int
) -> tuple[Points, ...]:
    """Points of the conditions; as many, but by cells, where planes across which data jump, or have
    a kink, bound them.

    Each cell has its share by volume, evenly: points that straddle a jump by chance say it is where
    it is not.
    """
    return tuple(
        _by_cell(r, p, seed + 7 * k) if r.kinks else p
        for k, (r, p) in enumerate(zip(residuals, plain, strict=True))
    )


def _by_cell(residual: Residual, plain: Points, seed: int) -> Points:
    region, n = residual.condition.region, len(plain.x)
    cells = _cells(residual)
    whole = np.ptp(region.bounds, axis=1).prod()
    shares = [float(np.ptp(cell.bounds, axis=1).prod() / whole) for cell in cells]
    dense = n * whole / plain.weights.sum()  # as many in the bounding box as leave n in the region
    counts = [round(dense * share) for share in shares]
    if len(cells) == 1 or min(counts) < RARE_POINTS.fewest_in_cell:
        return plain
    parts = [
        sample_region(cell, count, seed + k)
        for k, (cell, count) in enumerate(zip(cells, counts, strict=True))
    ]
    parts = [part.taken(np.flatnonzero(region.contains(part.x, 0.0))) for part in parts]
    x, weights = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("x", "weights")
    )
    return Points(x, None, weights, coordinates=plain.coordinates)


def _cells(residual: Residual) -> list[Box]:
    """Of the bounding box of a condition's region, cut along all planes across one coordinate where
    its data have kinks.
    """
    region = residual.condition.region
    planes = [kink.plane for kink in residual.kinks if kink.plane is not None]
    sides = []
    for c, (low, high) in zip(region.coordinates, region.bounds.tolist(), strict=True):
        ends = sorted(
            {low, high, *(at for across, at in planes if across == c and low < at < high)}
        )
        sides.append([(c, each) for each in pairwise(ends)])
    return [Box(dict(cell)) for cell in product(*sides)]


def rare_judges(residual: Residual, n: int) -> int:
    """How many points the rare boxes of a tree get, beside n that are spread evenly."""
    return _rare(n, 1)


def rare_rows(residual: Residual, n: int) -> int:
    """The same of points that are rows."""
    space = len(residual.condition.region.coordinates) > 2
    return _rare(n, _trees(residual) if space else 1)


def rare_count(residual: Residual, n: int) -> int:
    """How many rows the rare boxes of all trees have, beside n that are spread evenly."""
    return _trees(residual) * rare_rows(residual, n)


def _trees(residual: Residual) -> int:
    return sum(len(features.trees) for features in residual.features)


def _rare(n: int, trees: int) -> int:
    share = int(RARE_POINTS.share * n) // max(trees, 1)
    return min(max(RARE_POINTS.least, share), RARE_POINTS.most)


def with_rare(
    residuals: Sequence[Residual],
    plain: Sequence[Points],
    seed: int,
    beside: Callable[[Residual, int], int] = rare_judges,
) -> tuple[Points, ...]:
    """Points of the conditions, and with them about a quarter more in the rare boxes of each tree,
    or as many as there shall be `beside` those of a condition.
    """
    return tuple(
        joined(p, rare_points(residual, beside(residual, len(p.x)), seed + STREAMS.rare + k))
        for k, (residual, p) in enumerate(zip(residuals, plain, strict=True))
    )


def joined(p: Points, more: Sequence[Points]) -> Points:
    """All of these points together."""
    parts = [p, *more]
    if len(parts) == 1:
        return p
    return Points(
        np.concatenate([q.x for q in parts]),
        (
            None
            if p.normals is None
            else np.concatenate([q.normals for q in parts if q.normals is not None])
        ),
        np.concatenate([q.weights for q in parts]),
        coordinates=p.coordinates,
    )


def rare_points(residual: Residual, n: int, seed: int) -> list[Points]:
    """About n points in the rare boxes of each tree of a condition; none where its data have no
    narrow features.
    """
    pairs = [(f, tree) for f in residual.features for tree in f.trees]
    by_tree = [in_boxes(*pair, n, seed + k) for k, pair in enumerate(pairs)]
    return [p for p in by_tree if len(p.x)]


def in_boxes(features: Features, tree: Leaves, n: int, seed: int) -> Points:
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
    weights = chart.elements(s) * tree.volumes.numpy()[turns] * len(boxes) / n
    kept = chart.keep(x, normals)
    return Points(x[kept], None if normals is None else normals[kept], weights[kept])
