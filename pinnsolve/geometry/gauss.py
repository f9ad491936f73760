"""Gauss's nodes and weights on charts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from pinnsolve.geometry.charts import Array, Chart, powers

Interval = tuple[float, float]


@dataclass(frozen=True)
class Nodes:
    """How many nodes a chart has along each parameter, by how many of these there are."""

    # A wave of 60 radians along a curve to round-off; 30 along sides, 20 in space
    counts: tuple[int, ...] = (64, 32, 20)
    # Along each parameter of a piece of a chart that says no other number, at most
    in_piece: int = 8
    # Nodes of all pieces together, where these are so many that each has two along a parameter
    in_pieces: int = 40_000
    # Times as many, one after the other, for the measure of a chart
    measuring: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0)
    # How many of these where a chart is integrated over, by the number of its parameters; and of
    # the measure, what is no change
    more: tuple[int, ...] = (5, 4, 2)
    close: float = 1e-13


NODES = Nodes()


@dataclass(frozen=True)
class Rule:
    """Nodes `x (n, dim)`, outward normals `(n, dim)` or None, and weights `(n,)`, which add up to
    the region's length, area or volume.
    """

    x: Array
    normals: Array | None
    weights: Array

    def taken(self, rows: NDArray[np.int64]) -> Rule:
        """Some of the nodes, by their rows `(n_taken,)`."""
        normals = None if self.normals is None else self.normals[rows]
        return Rule(self.x[rows], normals, self.weights[rows])


def whole(chart: Chart) -> list[Interval]:
    """All of a chart, as an interval for each parameter."""
    return [(0.0, 1.0)] * len(chart.parameters)


def on_chart(chart: Chart, part: list[Interval], finer: float) -> Rule:
    """Gauss's rule on a part of a chart, with `finer` times as many nodes along each parameter.

    Raises ValueError for more than three parameters.
    """
    count = len(chart.parameters)
    if count > len(NODES.counts):
        raise ValueError(
            f"an integral over {count} parameters takes too many nodes: at most"
            f" {len(NODES.counts)} are known"
        )
    if not count:
        x, normals = chart.points(np.zeros((1, 0)))
        return Rule(x, normals, np.full(1, chart.measure))
    if chart.pieces is not None:
        return _in_pieces(chart, part, finer)
    node, weight = np.polynomial.legendre.leggauss(round(finer * NODES.counts[count - 1]))
    lines, factors = [], []
    for m, (a, b) in zip(powers(chart), part, strict=True):
        low, high = a ** (1 / m), b ** (1 / m)
        z = low + (high - low) * (1 + node) / 2
        lines.append(z**m)
        factors.append(weight / 2 * (high - low) * m * z ** (m - 1))
    return _at(chart, np.array(list(product(*lines))), np.array(list(product(*factors))))


def _at(chart: Chart, s: Array, factors: Array) -> Rule:
    """At parameters `(n, k)`, with a factor for each, `(n, k)`."""
    x, normals = chart.points(s)
    return Rule(x, normals, chart.elements(s) * factors.prod(axis=1))


def nodes_of(chart: Chart) -> tuple[int, ...]:
    """How many nodes a chart, or each of its pieces, has along each parameter."""
    k = len(chart.parameters)
    if chart.nodes or chart.pieces is None:
        return chart.nodes or (NODES.counts[k - 1],) * k
    each = (NODES.in_pieces / max(1, len(chart.pieces))) ** (1 / k)
    return (min(max(2, round(each)), NODES.in_piece),) * k


def _in_pieces(chart: Chart, part: list[Interval], finer: float) -> Rule:
    """Piece by piece of the parameters, in each of which the map is smooth in roots from its
    beginning; of those at the ends of the part what lies in it.
    """
    assert chart.pieces is not None
    ends = np.array(part)
    low, high = (chart.pieces[:, :, k] for k in (0, 1))
    inner, outer = np.maximum(low, ends[:, 0]), np.minimum(high, ends[:, 1])
    some = (inner < outer).all(axis=1)
    low, high, inner, outer = (v[some, None] for v in (low, high, inner, outer))
    k = len(part)
    gauss = [np.polynomial.legendre.leggauss(max(1, round(finer * n))) for n in nodes_of(chart)]
    nodes = np.array(list(product(*[(1 + node) / 2 for node, _ in gauss])))
    factors = np.array(list(product(*[weight / 2 for _, weight in gauss])))
    m = np.array(powers(chart))
    z, end = (((v - low) / (high - low)) ** (1 / m) for v in (inner, outer))
    z, side = z + (end - z) * nodes, end - z
    s = (low + (high - low) * z**m).reshape(-1, k)
    return _at(chart, s, ((high - low) * side * factors * m * z ** (m - 1)).reshape(-1, k))


def on_whole(chart: Chart, finer: float) -> Rule:
    """The rule on all of a chart, `resolved`."""
    return resolved(chart, finer)[0]


def resolved(chart: Chart, finer: float) -> tuple[Rule, float]:
    """The rule on all of a chart; where its elements vary, with twice as many nodes, and again,
    until integrals of 1 and of two waves do not change; and how many times as many these are.
    """
    rule, times = on_chart(chart, whole(chart), finer), 1.0
    if not chart.varies or chart.pieces is not None:
        return rule, times
    low, sides = rule.x.min(axis=0), np.ptp(rule.x, axis=0) + 1e-300
    known = waves_over((rule.x - low) / sides, rule.weights)
    for more in NODES.measuring[1 : NODES.more[len(chart.parameters) - 1]]:
        rule, before, times = on_chart(chart, whole(chart), finer * more), known, more
        known = waves_over((rule.x - low) / sides, rule.weights)
        if np.abs(known - before).max() <= NODES.close * chart.measure:
            break
    return rule, times


def waves_over(unit: Array, weights: Array) -> Array:
    """Integrals of 1 and of two waves, by nodes `(n, dim)` in a unit box and weights `(n,)`:
    `(3,)`.
    """
    phase = 3.0 * unit @ np.arange(1, 1 + unit.shape[1])
    return np.array([weights.sum(), weights @ np.cos(phase), weights @ np.sin(phase)])


def measured(chart: Chart) -> Chart:
    """The chart with the measure that its elements have: by its pieces, or by more and more nodes
    until nothing changes.
    """
    totals = [0.0]
    for finer in NODES.measuring if chart.pieces is None else (1.0,):
        totals.append(float(on_chart(chart, whole(chart), finer).weights.sum()))
        if abs(totals[-1] - totals[-2]) <= NODES.close / 10 * totals[-1]:
            break
    return replace(chart, measure=totals[-1])
