"""Which part of a side belongs to a region: intervals of its parameter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from pinnsolve.geometry.bisection import sign_change
from pinnsolve.geometry.charts import CLOSE, Array, Chart, Mask
from pinnsolve.geometry.gauss import Interval
from pinnsolve.geometry.levels import combined, known_levels
from pinnsolve.geometry.region import Region


@dataclass(frozen=True)
class Keeping:
    """What is a part of a side."""

    # Of its parameter: where two boundaries touch, the place is known to half of its digits
    least: float = 1e-7


KEEPING = Keeping()


def kept_parts(chart: Chart, region: Region, points: int = 1025) -> list[list[Interval]]:
    """The parts of a chart of one parameter that its filters keep, each with its interval. Between
    two of so many points along a side it is cut once at most.

    Cuts are where the boundaries of the region's solid are.
    """
    return [[each] for each in _intervals(chart, _levels(region), points)]


def _levels(region: Region) -> list[Callable[[Array], Array]]:
    """Functions of points `(n, dim)` that change their signs where a side is cut: of boundaries
    that are no zeros of quadratic polynomials the distances of the solids that are combined.
    """
    levels = known_levels(region)
    return [solid.signed_distance for solid in combined(region)] if levels is None else [*levels]


def _kept(chart: Chart, s: Array) -> Mask:
    x, n = chart.points(s)
    return chart.keep(x, n)


def _intervals(chart: Chart, levels: list[Callable[[Array], Array]], points: int) -> list[Interval]:
    grid = np.linspace(0.0, 1.0, points)
    x = chart.points(grid[:, None])[0]
    cuts = {0.0, 1.0}
    for level in levels:
        values = level(x)
        if np.abs(values).max() <= CLOSE:
            continue  # a side lies on its own level
        # Where it touches another one, halving finds half of the digits
        cuts |= set(grid[values == 0].tolist())
        for k in np.flatnonzero(values[1:] * values[:-1] < 0):
            sign = partial(_sign, chart, level)
            cuts.add(sign_change(sign, *grid[k : k + 2].tolist()))
    middles = (grid[1:] + grid[:-1]) / 2
    kept = _kept(chart, middles[:, None])
    # A relation, as of boundary.where(x > 0), has no level
    for k in np.flatnonzero(kept[1:] != kept[:-1]):
        a, b = middles[k : k + 2].tolist()
        if not any(a <= cut <= b for cut in cuts):
            cuts.add(sign_change(partial(_keeps, chart), a, b))
    return [
        (a, b)
        for a, b in pairwise(sorted(cuts))
        if b - a > KEEPING.least and _keeps(chart, (a + b) / 2) > 0
    ]


def _sign(chart: Chart, level: Callable[[Array], Array], s: float) -> float:
    return float(level(chart.points(np.array([[s]]))[0])[0])


def _keeps(chart: Chart, s: float) -> float:
    return 1.0 if _kept(chart, np.array([[s]]))[0] else -1.0
