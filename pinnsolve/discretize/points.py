"""Collocation points on regions: Sobol, uniform or tensor grid, by area, reproducible by seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.named import named
from pinnsolve.discretize.sobol import sobol
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.geometry.charts import CLOSE, Chart
from pinnsolve.geometry.region import Region, charts_of
from pinnsolve.mgrit.communicator import Communicator
from pinnsolve.symbols.given import whole_of

# Points, of which one at least falls on a part that is not of measure zero.
MANY = 4096

PointRule = Callable[[int, int, np.random.Generator], Array]


@dataclass(frozen=True)
class Points:
    """Points of one region: `x (n, dim)`, outward unit normals `(n, dim)` or None, quadrature
    weights `(n,)`.

    The weights sum to the region's length, area or volume (estimated, where points were rejected).
    `factors (n,)` multiply the equations at the points, where they shall count more or less than
    others. `coordinates` say what the columns are: `solution(points)` reads them by name.
    """

    x: Array
    normals: Array | None
    weights: Array
    factors: Array | None = None
    coordinates: tuple[Any, ...] = ()

    def tensors(self, like: Tensor = DOUBLE) -> tuple[Tensor, Tensor | None]:
        """The points and their normals `(n, dim)`, as tensors like another one."""
        normals = None if self.normals is None else tensor_of(self.normals, like)
        return tensor_of(self.x, like), normals

    def taken(self, rows: NDArray[np.int64]) -> Points:
        """Some of the points, by their rows `(n_taken,)`."""
        given = {name: getattr(self, name) for name in ("x", "normals", "weights", "factors")}
        return replace(
            self, **{name: each[rows] for name, each in given.items() if each is not None}
        )


def dealt(points: Sequence[Points], ranks: Communicator) -> tuple[Points, ...]:
    """This rank's part of the points of every condition: each rank has as many, or one less."""
    if ranks.size == 1:
        return tuple(points)
    return tuple(p.taken(np.arange(ranks.rank, len(p.x), ranks.size)) for p in points)


def uniform(n: int, dimension: int, generator: np.random.Generator) -> Array:
    """Independent uniform points in the unit cube, `(n, dimension)`.

    >>> import numpy as np
    >>> from pinnsolve import uniform
    >>> uniform(100, 3, np.random.default_rng(0)).shape
    (100, 3)
    """
    return generator.random((n, dimension))


def grid(n: int, dimension: int, generator: np.random.Generator) -> Array:
    """Midpoints of a tensor grid of the unit cube, `(n, dimension)`, about n of them:
    ceil(n^(1/dimension)) a side.

    >>> import numpy as np
    >>> from pinnsolve import grid
    >>> grid(4, 2, np.random.default_rng(0)).tolist()
    [[0.25, 0.25], [0.25, 0.75], [0.75, 0.25], [0.75, 0.75]]
    """
    side = math.ceil(round(n ** (1 / dimension), 9))
    line = (np.arange(side) + 0.5) / side
    return np.stack(
        [axis.ravel() for axis in np.meshgrid(*[line] * dimension, indexing="ij")], axis=1
    )


def sample_region(region: Region, n: int, seed: int, rule: PointRule = sobol) -> Points:
    """About n points of a region (a grid rounds up), at least one a chart, by their shares of the
    region in its unit box.

    Raises ValueError if rejection leaves no point: the region has zero measure.

    >>> from pinnsolve import Ball, coordinates, sample_region
    >>> x, y = coordinates("x y")
    >>> circle = sample_region(Ball({x: 0, y: 0}, 1).boundary, 100, seed=0)
    >>> circle.x.shape, circle.normals.shape, f"{circle.weights.sum():.4f}"
    ((100, 2), (100, 2), '6.2832')
    """
    if not isinstance(region, Region) or (whole_of(n) or 0) < 1:
        raise TypeError(
            "sample_region(region, n, seed) wants a region and a positive number of points: got"
            f" {region!r}, {n!r}"
        )
    stream = whole_of(seed)
    if stream is None or stream < 0:
        raise TypeError(
            f"sample_region(region, n, seed) wants a whole number from 0 as seed: got {seed!r}"
        )
    # Sets of so few coordinates are kept: some 40 MB in all, with normals and weights.
    small = n * len(region.coordinates) <= 8192
    if rule is not sobol or dimension(region) == 0 or not small:
        return _drawn(region, n, seed, rule)
    points = _remembered(region, n, seed)
    return points.taken(np.arange(len(points.x)))  # a copy: whoever asks may write into it


@lru_cache(maxsize=256)
def _remembered(region: Region, n: int, seed: int) -> Points:
    """Sobol points, drawn once: candidates of one width are compared on the same points, which cost
    as much as a fit.
    """
    return _drawn(region, n, seed, sobol)


def _drawn(region: Region, n: int, seed: int, rule: PointRule) -> Points:
    charts = charts_of(region)
    points, drawn = _sample(region, n, seed, rule), n
    filtered = any(chart.filters for chart in charts)
    while not len(points.x) and filtered and drawn < MANY:
        drawn *= 4  # few points may all have missed a small part
        points = _sample(region, drawn, seed, rule)
    accepted = len(points.x)
    if accepted == 0:
        raise ValueError(f"{region} has zero measure: no point was found on it")
    if accepted < n and rule is not grid and filtered:
        points = _sample(region, math.ceil(n * drawn / accepted), seed, rule)
    return points


def _sample(region: Region, n: int, seed: int, rule: PointRule) -> Points:
    charts = charts_of(region)
    streams = np.random.default_rng(seed).spawn(len(charts))
    sizes = _sizes(charts, region.extent)
    shares = [max(1, round(n * size / sum(sizes))) for size in sizes]
    parts = [_sample_chart(*each, rule) for each in zip(charts, shares, streams, strict=True)]
    normals = [p.normals for p in parts if p.normals is not None]
    return Points(
        named(np.concatenate([p.x for p in parts]), region.coordinates),
        np.concatenate(normals) if len(normals) == len(parts) else None,
        np.concatenate([p.weights for p in parts]),
        coordinates=region.coordinates,
    )


def _sizes(charts: Sequence[Chart], sides: Array) -> list[float]:
    """What the charts have of each other's points: by measure where all sides are 1, since metres
    and hours do not add up.
    """
    if (
        len(charts) == 1
        or np.ptp(sides) == 0
        or all(chart.dimension == len(sides) for chart in charts)
    ):
        return [chart.measure for chart in charts]
    s = np.random.default_rng(0).random((64, len(charts[0].coordinates) + 1))
    places = [chart.points(chart.spread(s[:, : len(chart.parameters)])[0]) for chart in charts]
    return [
        c.measure * _shrinkage(x, n, c.dimension, sides)
        for c, (x, n) in zip(charts, places, strict=True)
    ]


def _shrinkage(x: Array, normals: Array | None, dimension: int, sides: Array) -> float:
    """What a measure of such a dimension is multiplied by, where the sides become 1: a mean over
    points.
    """
    # Nanson's formula: an area element scales by |D n| / det(D) under x -> D^-1 x.
    if normals is not None:
        return float(np.linalg.norm(normals * sides, axis=1).mean() / sides.prod())
    free = np.ptp(x, axis=0) > CLOSE * sides
    return float(sides[free].prod() ** (-dimension / max(1, free.sum())))


def _sample_chart(chart: Chart, n: int, generator: np.random.Generator, rule: PointRule) -> Points:
    k = len(chart.parameters)
    s, weights = chart.spread(rule(n, k, generator) if k else np.zeros((1, 0)))
    x, normals = chart.points(s)
    kept = chart.keep(x, normals)
    return Points(x[kept], None if normals is None else normals[kept], weights[kept])


def sample_points(
    problem: Problem, n: int, seed: int, rule: PointRule = sobol, varying: int | None = None
) -> tuple[Points, ...]:
    """Points for every condition: about n on the domain, and on its faces up to twice as densely,
    but no more than n in all.

    Reproducible: the same seed gives the same points, another one fresh points. `varying`: see
    `points_wanted`.
    """
    counts = points_per_condition(problem, n, varying)
    seeds = np.random.SeedSequence(seed).generate_state(len(counts))
    each = zip(problem.conditions, counts, seeds, strict=True)
    return tuple(sample_region(c.region, k, int(s), rule) for c, k, s in each)


def points_per_condition(problem: Problem, n: int, varying: int | None = None) -> list[int]:
    """How many points each condition gets, if the domain gets n. `varying`: see `points_wanted`."""
    regions = [c.region for c in problem.conditions]
    wanted = [points_wanted(region, problem.domain, n, varying) for region in regions]
    on_faces = sum(w for w, r in zip(wanted, regions, strict=True) if not fills_domain(r))
    shrink = min(1.0, n / on_faces) if on_faces else 1.0
    return [
        w if fills_domain(r) else math.ceil(w * shrink)
        for w, r in zip(wanted, regions, strict=True)
    ]


def points_wanted(region: Region, domain: Region, n: int, varying: int | None = None) -> int:
    """How many points a region gets, if the domain gets n.

    In the unit box, to which the domain's bounding box is mapped, the domain's points have the
    spacing h = (V / n)^(1/d). A face of area A and dimension m gets `1.5 A / h^m`, in the plane `2
    A / h^m`; measured there, a thin domain's faces are treated fairly. Functions that vary in fewer
    directions, `varying` of them, have all their variety on a face: d is that number, then.
    """
    m, d = dimension(region), len(domain.coordinates)
    if region is domain or m == 0:
        return n if m else 1
    # In space faces had half of a box's rows: of three quarters of them errors are 0.97 times as
    # large, of half 0.8 to 1.4 times (docs/decisions/0049).
    oversampling = 1.0 if m == d else 2.0 if d < 3 else 1.5
    varying = varying or d
    density = n / _scaled_area(domain, domain)
    wanted: float = (
        oversampling * _scaled_area(region, domain) * density ** (min(m, varying) / varying)
    )
    return max(8, round(wanted))


@lru_cache(maxsize=1024)
def _scaled_area(region: Region, domain: Region) -> float:
    """Length, area or volume of a region in the unit box that the domain's bounding box is mapped
    to.
    """
    probe = sample_region(region, 1024, 0)
    if probe.normals is None:
        return float(probe.weights.sum()) * _shrinkage(
            probe.x, None, dimension(region), domain.extent
        )
    # Weights differ from chart to chart.
    each = probe.weights * np.linalg.norm(probe.normals * domain.extent, axis=1)
    return float(each.sum() / domain.extent.prod())


def dimension(region: Region) -> int:
    """Dimension of a region as a set of points: 1 for a side of a square."""
    return max(chart.dimension for chart in charts_of(region))


def fills_domain(region: Region) -> bool:
    """Whether a region is of full dimension: the domain or a part of it, not a face."""
    return dimension(region) == len(region.coordinates)
