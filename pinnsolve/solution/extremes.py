"""Where a function of points is largest, and where it vanishes: a look at many points, then descent
from the best of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from pinnsolve.discretize.sobol import sobol
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.charts import Chart
from pinnsolve.geometry.region import Region, charts_of

Function = Callable[[Array], Array]  # of points (n, dim) in the region's order: (n,)
OUT = 1e300  # where a chart leaves its region


@dataclass(frozen=True)
class Looking:
    """How many points are looked at, and how many of them are followed."""

    # On a region, and on its boundary: a peak a fiftieth of the sides wide is seen in the plane
    points: int = 8_192
    followed: int = 6
    # Of those of one chart, how many may begin
    kept: int = 256
    # Of the sides: nearer ones lie on one peak
    apart: float = 0.05
    # Along a line: zeros nearer than a 4000th of it are one
    along: int = 4_001
    # Of a chart's parameters: what differences of values find the slope by
    step: float = 1e-5
    steps: int = 100
    # Of a chart's parameters: its very ends belong to its neighbours
    ends: tuple[float, float] = (1e-14, 1 - 1e-14)


LOOKING = Looking()


class Extremum(float):
    """A largest or smallest value, and the `point` where it is taken, by name of coordinate. It
    prints as `0.0737 at x=0.5, y=0.5`.
    """

    point: dict[str, float]

    def __new__(cls, value: float, point: Mapping[str, float]) -> Extremum:
        made = super().__new__(cls, value)
        made.point = dict(point)
        return made

    def __str__(self) -> str:
        place = ", ".join(f"{name}={value:.6g}" for name, value in self.point.items())
        return f"{float(self):.10g} at {place}"

    __repr__ = __str__


@dataclass(frozen=True)
class _Start:
    """Parameters of a chart, the place `(dim,)` in a region of sides 1, and what is to be small
    there.
    """

    chart: Chart
    s: Array
    place: Array
    value: float


def maximum_of(function: Function, region: Region, seed: int) -> Extremum:
    """The largest value on a region, its boundary included.

    Where functions have many peaks, the largest of those that a look at 8,192 points a chart has
    seen. Raises ValueError where the function is nowhere finite.
    """
    parts = [region, region.boundary] if region.is_solid else [region]
    charts = [chart for part in parts for chart in charts_of(part)]
    seen = [start for chart in charts for start in _seen(function, chart, region.extent, seed)]
    if not seen:
        raise ValueError(f"the values on {region} are not finite: they have no maximum")
    followed = _apart(sorted(seen, key=lambda start: start.value))
    found = [_followed(function, start) for start in followed]
    best, x = max(found, key=lambda each: each[0])
    return Extremum(best, {c.name: float(v) for c, v in zip(region.coordinates, x, strict=True)})


def _seen(function: Function, chart: Chart, sides: Array, seed: int) -> list[_Start]:
    """The best of many points of a chart."""
    s = _parameters(len(chart.parameters), seed)
    values = _values(function, chart, s)
    best = [k for k in np.argsort(values)[: LOOKING.kept] if values[k] < OUT]
    places = chart.points(s[best])[0] / sides
    return [_Start(chart, s[k], p, values[k]) for k, p in zip(best, places, strict=True)]


def _apart(starts: list[_Start]) -> list[_Start]:
    """The first few, of which none is close to another: on one peak one is enough, and one on the
    boundary beneath it.
    """
    taken: list[_Start] = []
    for start in starts:
        near = [t for t in taken if len(t.s) == len(start.s)]
        if all(np.linalg.norm(start.place - t.place) > LOOKING.apart for t in near):
            taken.append(start)
        if len(taken) == LOOKING.followed:
            break
    return taken


def _followed(function: Function, start: _Start) -> tuple[float, Array]:
    """The largest value near a start, and where `(dim,)`."""
    end = _descended(function, start.chart, start.s) if len(start.s) else start.s
    at = end if _values(function, start.chart, end[None])[0] < start.value else start.s
    x = start.chart.points(at[None])[0]
    return float(function(x)[0]), x[0]


def _parameters(count: int, seed: int) -> Array:
    """Parameters `(n, count)` in the unit cube, its corners among them; of a point, none."""
    if not count:
        return np.zeros((1, 0))
    inside = sobol(LOOKING.points, count, np.random.default_rng(seed))
    corners = np.stack(np.meshgrid(*[LOOKING.ends] * count, indexing="ij"), -1).reshape(-1, count)
    return np.concatenate([inside, corners])


def _values(function: Function, chart: Chart, s: Array) -> Array:
    """What is to be small, at parameters `(n, k)`: `(n,)`."""
    x, normals = chart.points(s)
    kept = chart.keep(x, normals)
    values = np.full(len(s), OUT)
    values[kept] = -function(x[kept])
    return np.where(np.isfinite(values), values, OUT)


def _descended(function: Function, chart: Chart, start: Array) -> Array:
    """Parameters `(k,)` of a value that is least nearby."""
    from scipy.optimize import minimize

    k = len(start)
    step = LOOKING.step * np.concatenate([np.eye(k), -np.eye(k)])

    def sloped(s: Array) -> tuple[float, Array]:
        around = np.clip(s + step, *LOOKING.ends)
        values = _values(function, chart, np.concatenate([s[None], around]))
        ahead, behind = values[1 : k + 1], values[k + 1 :]
        apart = (around[:k] - around[k:]).diagonal()
        slopes = np.where(np.maximum(ahead, behind) < OUT, (ahead - behind) / apart, 0.0)
        return float(values[0]), slopes

    options = {"maxiter": LOOKING.steps, "ftol": 1e-15, "gtol": 1e-12}
    limits = [LOOKING.ends] * k
    found = minimize(sloped, start, jac=True, method="L-BFGS-B", bounds=limits, options=options)
    end: Array = found.x
    return end


def zeros_of(function: Callable[[Array], Array], low: float, high: float) -> Array:
    """The points `(n,)` of an interval at which a function of `(m,)` changes its sign, to
    round-off.

    A zero without a change of sign is not seen, nor are two within a 4000th of the interval.
    """
    from scipy.optimize import brentq

    x = np.linspace(low, high, LOOKING.along)
    values = function(x)
    signs = np.sign(values)
    exact = x[signs == 0]
    changes = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    between = [
        brentq(lambda at: function(np.array([at]))[0], x[k], x[k + 1], xtol=1e-14 * (high - low))
        for k in changes
    ]
    return np.sort(np.concatenate([exact, np.array(between)]))
