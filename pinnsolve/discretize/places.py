"""Places of narrow features: read off the trees that enclose the data, before anything is
solved.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from pinnsolve.basis.basis import Tip
from pinnsolve.compile.features import Features
from pinnsolve.compile.system import System
from pinnsolve.compile.trees import Leaves
from pinnsolve.discretize.points import PointRule, Points, sample_region
from pinnsolve.discretize.rough import roughness
from pinnsolve.discretize.sobol import sobol
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.region import Region

Distances = tuple[int, float, float, float]
At = Mapping[str, tuple[float, float]]  # by coordinate, centre and width


@dataclass(frozen=True)
class Narrowness:
    """What counts as narrow, and when two narrow features are one."""

    # Of a side: what is wider than that is not narrow.
    of_side: float = 1 / 16
    # Times the smallest volume: boxes that count as the smallest.
    smallest_boxes: float = 4.0
    # Times a box's side, between two places.
    gap: float = 8.0
    # Widths, within which two places are one,
    near: float = 4.0
    # If their widths are less than this factor apart.
    alike: float = 5.0


@dataclass(frozen=True)
class PointsAround:
    """How points are spread around a place."""

    # For a place, in a sum over the domain.
    count: int = 512
    # Widths from the centre, from which on points lie evenly on a logarithmic scale.
    even_within: float = 0.1
    # Of the domain's sides: near a rough corner of a flow points come ten times nearer than that.
    tip: float = 1e-4
    # In the region of an unknown, if fewer of all points lie there: in a thousandth of
    # the domain, as a rule none.
    in_region: int = 128


NARROWNESS = Narrowness()
POINTS_AROUND = PointsAround()


@dataclass(frozen=True)
class Place:
    """A narrow feature: by coordinate its centre and width, where it is narrow; of a face, the
    coordinates that are fixed.
    """

    at: At
    fixed: Mapping[str, float] = field(default_factory=dict)


def places(system: System) -> list[Place]:
    """All narrow features that are not the same, in the domain and on its faces."""
    distinct: list[Place] = []
    for residual in system.residuals:
        for features in residual.features:
            new = narrow(features, system.domain.bounds)
            distinct += [p for p in new if not any(_same(p, q) for q in distinct)]
    return [p for p in distinct if not any(_trace_of(p, q) for q in distinct)]


def narrow(features: Features, bounds: Array) -> list[Place]:
    """The places of one equation's features, in a domain of the bounds `(dim, 2)`; none is there
    twice.
    """
    distinct: list[Place] = []
    for tree in features.trees:
        new = [p for p in _of_tree(features, tree, bounds) if p.at]
        distinct += [p for p in new if not any(_same(p, q) for q in distinct)]
    return distinct


def _same(a: Place, b: Place) -> bool:
    return a.at.keys() == b.at.keys() and all(
        abs(a.at[n][0] - b.at[n][0]) <= NARROWNESS.near * max(a.at[n][1], b.at[n][1])
        and 1 / NARROWNESS.alike < a.at[n][1] / b.at[n][1] < NARROWNESS.alike
        for n in a.at
    )


def _trace_of(a: Place, b: Place) -> bool:
    """Whether a feature of a face is what another, narrow in more coordinates, leaves on it."""
    centres = {**{n: c for n, (c, _) in a.at.items()}, **a.fixed}
    return len(b.at) > len(a.at) and all(
        n in centres and abs(centres[n] - centre) <= NARROWNESS.near * width
        for n, (centre, width) in b.at.items()
    )


def _of_tree(features: Features, tree: Leaves, bounds: Array) -> Iterator[Place]:
    """The places of a tree: clusters of its smallest boxes, in the coordinates in which they are
    narrow.
    """
    low, high = tree.low.numpy(), tree.high.numpy()
    volumes = (high - low).prod(axis=1)
    rare = tree.rare.numpy()
    smallest = rare & (volumes <= NARROWNESS.smallest_boxes * volumes[rare].min())
    low, high = low[smallest], high[smallest]
    for cluster in _clusters(low, high):
        a, b = _in_space(features, tree, low[cluster], high[cluster])
        sides = np.ptp(bounds, axis=1)
        # Of coordinates that other parameters place: they are nowhere.
        with np.errstate(invalid="ignore"):
            middle, spread = (a + b).mean(axis=0) / 2, np.ptp(np.concatenate([a, b]), axis=0)
            width = (b - a).mean(axis=0)
        is_narrow = (spread < NARROWNESS.of_side * sides) & (width > 0)
        names = [c.name for c in features.chart.coordinates]
        at = {n: (float(middle[i]), float(width[i])) for i, n in enumerate(names) if is_narrow[i]}
        yield Place(at, {n: float(middle[i]) for i, n in enumerate(names) if spread[i] == 0})


def _clusters(low: Array, high: Array) -> list[Any]:
    """Boxes of one coordinate apart from others, each time as rows; in several coordinates, all of
    them together.
    """
    if low.shape[1] > 1:
        return [np.arange(len(low))]
    order = np.argsort(low[:, 0])
    gaps = low[order[1:], 0] - high[order[:-1], 0] > NARROWNESS.gap * (high - low).max()
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
            with np.errstate(invalid="ignore"):  # some corners are at infinity, or nowhere
                points.append(chart.points(s)[0])
            lowest, highest = np.fmin(lowest, points[-1]), np.fmax(highest, points[-1])
        moving |= np.abs(points[0] - points[1]).max(axis=0) > 0
    # Other parameters place this coordinate.
    lowest[:, moving], highest[:, moving] = (-np.inf, np.inf)
    return lowest, highest


def around(system: System, place: Place, n: int, seed: int, reach: float = np.inf) -> Points:
    """About n points in the domain, at distances from a place whose logarithms are uniform; weights
    are volumes.

    All are within so many widths of the place in every coordinate in which it is narrow.
    """
    bounds = system.domain.bounds
    cube = sobol(n, len(bounds), np.random.default_rng(seed))
    x = bounds[:, 0] + np.ptp(bounds, axis=1) * cube
    for axis, centre, near, far in _distances(system, place, reach):
        side = 2 * cube[:, axis] - 1
        distance = near * ((1 + far / near) ** np.abs(side) - 1)
        x[:, axis] = centre + np.sign(side) * distance
    kept = x[system.domain.contains(x, 0.0)]
    return Points(kept, None, 1 / (n * _density(system, place, kept, reach)))


def _distances(system: System, place: Place, reach: float) -> Iterator[Distances]:
    """By axis the centre, the distance from which on points around a place lie evenly on a
    logarithmic scale, and the largest.
    """
    for axis, coordinate in enumerate(system.domain.coordinates):
        if coordinate.name in place.at:
            centre, width = place.at[coordinate.name]
            farthest = float(np.abs(system.domain.bounds[axis] - centre).max())
            yield axis, centre, POINTS_AROUND.even_within * width, min(reach * width, farthest)


def _density(system: System, place: Place, x: Array, reach: float = np.inf) -> Array:
    """Of such points, `(n,)`: how probable they are at points `(n, dim)`, by volume."""
    sides = np.ptp(system.domain.bounds, axis=1)
    density = np.full(len(x), 1 / sides.prod())
    for axis, centre, near, far in _distances(system, place, reach):
        distance = np.abs(x[:, axis] - centre)
        along = 2 * math.log1p(far / near) * (near + distance)
        # Up to the rounding of a distance.
        density *= np.where(distance <= far * (1 + 1e-9), sides[axis] / along, 0.0)
    return density


def quadrature(
    system: System, n: int, seed: int, rule: PointRule = sobol, tips: Sequence[Tip] = ()
) -> Points:
    """Points by which to integrate over the domain, and over the region of each unknown, what may
    be large in a tiny part of it: n uniform ones, others around each narrow feature of the data and
    each rough corner, around `tips`, and in regions that would have hardly any, with weights that
    are volumes.

    A point's weight is one over the density of all these points there (the balance heuristic of
    Veach and Guibas, 1995, equation 14). Without narrow features and small regions the points are
    uniform.
    """
    uniform = sample_region(system.domain, n, seed, rule)
    narrow_places = [*places(system), *_tips(system, tips)]
    small = _in_small_regions(system, uniform.x, seed, rule)
    many = POINTS_AROUND.count
    others = [around(system, place, many, seed + k).x for k, place in enumerate(narrow_places)]
    if not narrow_places and not small:
        return uniform
    x = np.concatenate([uniform.x, *others, *(p.x for p in small.values())])
    # The balance heuristic (Veach and Guibas 1995): points of all sorts count by the density of
    # all.
    density = np.full(len(x), len(uniform.x) / uniform.weights.sum())
    for place in narrow_places:
        density += many * _density(system, place, x)
    for region, p in small.items():
        density += np.where(region.contains(x, 0.0), len(p.x) / p.weights.sum(), 0.0)
    return Points(x, None, 1 / density)


def _tips(system: System, others: Sequence[Tip]) -> Iterator[Place]:
    """Rough corners of a flow: where the pressure is large in a tiny part of the domain; others."""
    names = [c.name for c in system.domain.coordinates]
    widths = (POINTS_AROUND.tip * np.ptp(system.domain.bounds, axis=1)).tolist()
    for at in dict.fromkeys([*(corner.at for corner in roughness(system).corners), *others]):
        yield Place(dict(zip(names, zip(at, widths, strict=True), strict=True)))


def _in_small_regions(system: System, x: Array, seed: int, rule: PointRule) -> dict[Region, Points]:
    """Points of the regions of unknowns in which too few of the points `(n, dim)` lie."""
    many = POINTS_AROUND.in_region
    return {
        region: sample_region(region, many, seed, rule)
        for region in dict.fromkeys(system.supports)
        if region != system.domain and region.contains(x, 0.0).sum() < many
    }
