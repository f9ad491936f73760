"""Places of narrow features: read off the trees that enclose the data, before anything is
solved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from pinnsolve.compile.features import Features, Leaves
from pinnsolve.compile.system import System
from pinnsolve.discretize.points import Array, Points

NARROW = 1 / 16  # of a side: what is wider than that is not narrow
SAME = 4.0  # times the smallest volume: boxes that count as the smallest
GAP = 8.0  # times a box's side, between two places
NEAR = 4.0  # widths, within which two places are one
CLOSE = 0.1  # widths from the centre, from which on points lie evenly on a logarithmic scale

At = Mapping[str, tuple[float, float]]  # by coordinate, centre and width


@dataclass(frozen=True)
class Place:
    """A narrow feature: by coordinate its centre and width, where it is narrow; of a face, the
    coordinates that are fixed.
    """

    at: At
    fixed: Mapping[str, float] = field(default_factory=dict)


def places(system: System) -> list[Place]:
    """All narrow features that are not the same, in the domain and on its faces."""
    found: list[Place] = []
    for residual in system.residuals:
        for features in residual.features:
            new = narrow(features, system.domain.bounds)
            found += [p for p in new if not any(_same(p, q) for q in found)]
    return [p for p in found if not any(_trace_of(p, q) for q in found)]


def narrow(features: Features, bounds: Array) -> list[Place]:
    """The places of one equation's features, in a domain of these bounds; none is there twice."""
    found: list[Place] = []
    for tree in features.trees:
        new = [p for p in _of_tree(features, tree, bounds) if p.at]
        found += [p for p in new if not any(_same(p, q) for q in found)]
    return found


def _same(a: Place, b: Place) -> bool:
    return a.at.keys() == b.at.keys() and all(
        abs(a.at[n][0] - b.at[n][0]) <= NEAR * max(a.at[n][1], b.at[n][1])
        and 0.2 < a.at[n][1] / b.at[n][1] < 5
        for n in a.at
    )


def _trace_of(a: Place, b: Place) -> bool:
    """Whether a feature of a face is what another, narrow in more coordinates, leaves on it."""
    centres = {**{n: c for n, (c, _) in a.at.items()}, **a.fixed}
    return len(b.at) > len(a.at) and all(
        n in centres and abs(centres[n] - centre) <= NEAR * width
        for n, (centre, width) in b.at.items()
    )


def _of_tree(features: Features, tree: Leaves, bounds: Array) -> Iterator[Place]:
    """The places of a tree: clusters of its smallest boxes, in the coordinates in which they are
    narrow.
    """
    low, high = tree.low.numpy(), tree.high.numpy()
    volumes = (high - low).prod(axis=1)
    smallest = tree.rare.numpy() & (volumes <= SAME * volumes[tree.rare.numpy()].min())
    low, high = low[smallest], high[smallest]
    for cluster in _clusters(low, high):
        a, b = _in_space(features, tree, low[cluster], high[cluster])
        sides = np.ptp(bounds, axis=1)
        with np.errstate(
            invalid="ignore"
        ):  # of coordinates that other parameters place: they are nowhere
            middle, spread = (a + b).mean(axis=0) / 2, np.ptp(np.concatenate([a, b]), axis=0)
            width = (b - a).mean(axis=0)
        narrow = (spread < NARROW * sides) & (width > 0)
        names = [c.name for c in features.chart.coordinates]
        at = {n: (float(middle[i]), float(width[i])) for i, n in enumerate(names) if narrow[i]}
        yield Place(at, {n: float(middle[i]) for i, n in enumerate(names) if spread[i] == 0})


def _clusters(low: Array, high: Array) -> list[Any]:
    """Boxes of one coordinate apart from others, each time as rows; in several coordinates, all of
    them together.
    """
    if low.shape[1] > 1:
        return [np.arange(len(low))]
    order = np.argsort(low[:, 0])
    gaps = low[order[1:], 0] - high[order[:-1], 0] > GAP * (high - low).max()
    return np.split(order, np.flatnonzero(gaps) + 1)


def _in_space(features: Features, tree: Leaves, low: Array, high: Array) -> tuple[Array, Array]:
    """Boxes of a chart as boxes of space, `(n, dim)` each: what their corners span, other
    parameters at 1/4 and 3/4.
    """
    chart, n = features.chart, len(low)
    axes = list(tree.axes)
    lowest, highest = (
        np.full((n, len(chart.coordinates)), np.inf),
        np.full((n, len(chart.coordinates)), -np.inf),
    )
    moving = np.zeros(len(chart.coordinates), dtype=bool)
    for corner in product((0.0, 1.0), repeat=len(axes)):
        points = []
        for rest in (0.25, 0.75):
            s = np.full((n, len(chart.parameters)), rest)
            s[:, axes] = low + np.array(corner) * (high - low)
            points.append(chart.points(s)[0])
            lowest, highest = np.minimum(lowest, points[-1]), np.maximum(highest, points[-1])
        moving |= np.abs(points[0] - points[1]).max(axis=0) > 0
    lowest[:, moving], highest[:, moving] = (
        -np.inf,
        np.inf,
    )  # other parameters place this coordinate
    return lowest, highest


def around(system: System, place: Place, n: int, seed: int, reach: float = np.inf) -> Points:
    """About n points in the domain, at distances from a place whose logarithms are uniform; weights
    are volumes.

    All are within so many widths of the place in every coordinate in which it is narrow.
    """
    generator = np.random.default_rng(seed)
    bounds = system.domain.bounds
    x = bounds[:, 0] + np.ptp(bounds, axis=1) * generator.random((n, len(bounds)))
    weights = np.full(n, np.ptp(bounds, axis=1).prod() / n)
    for axis, coordinate in enumerate(system.domain.coordinates):
        if coordinate.name in place.at:
            centre, width = place.at[coordinate.name]
            near, far = (
                CLOSE * width,
                min(reach * width, float(np.abs(bounds[axis] - centre).max())),
            )
            distance = near * (far / near) ** generator.random(n)
            sign = generator.choice([-1.0, 1.0], n)
            x[:, axis] = centre + sign * distance
            weights *= 2 * np.log(far / near) * distance / np.ptp(bounds[axis])
    kept = system.domain.contains(x, 0.0)
    return Points(x[kept], None, weights[kept])


def around_places(system: System, n: int = 512, seed: int = 0) -> list[Array]:
    """Such points around every place, `(n, dim)` each."""
    return [p.x for p in (around(system, place, n, seed) for place in places(system)) if len(p.x)]
