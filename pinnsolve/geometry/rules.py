"""Nodes and weights for integrals over any region: bodies, boundaries, faces, parts of these."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from sympy import Dummy, Pow

from pinnsolve.geometry.charts import Array, Chart
from pinnsolve.geometry.cubature import cubature
from pinnsolve.geometry.kept import Interval, kept_parts
from pinnsolve.geometry.region import Region, charts_of


@dataclass(frozen=True)
class Nodes:
    """How many nodes a chart has along each parameter, by how many of these there are."""

    # A wave of 60 radians along a curve to round-off; 30 along sides, 20 in space
    counts: tuple[int, ...] = (64, 32, 20)


NODES = Nodes()


@dataclass(frozen=True)
class Rule:
    """Nodes `x (n, dim)`, outward normals `(n, dim)` or None, and weights `(n,)`, which add up to
    the region's length, area or volume.
    """

    x: Array
    normals: Array | None
    weights: Array


def rule_of(region: Region, finer: float = 1.0) -> Rule:
    """Gauss's rule on a region, with `finer` times as many nodes along each parameter.

    Raises ValueError for points, for more than three parameters, and for regions that no rule is
    known for (`cubature`, `kept_parts`).
    """
    if region.is_listed:
        raise ValueError(f"an integral wants a length, area or volume: {region} is points")
    charts = charts_of(region)
    if region.is_solid and any(chart.filters for chart in charts):
        x, weights = cubature(region, finer)
        return Rule(x, None, weights)
    rules = [
        _on_chart(chart, part, finer)
        for chart in charts
        for part in (kept_parts(chart, region) if chart.filters else [_whole(chart)])
    ]
    if not rules:
        raise ValueError(f"{region} has zero measure: no point was found on it")
    normals = [r.normals for r in rules if r.normals is not None]
    return Rule(
        np.concatenate([r.x for r in rules]),
        np.concatenate(normals) if len(normals) == len(rules) else None,
        np.concatenate([r.weights for r in rules]),
    )


def _whole(chart: Chart) -> list[Interval]:
    return [(0.0, 1.0)] * len(chart.parameters)


def powers(chart: Chart) -> dict[Dummy, int]:
    """For each parameter s the power m with which a chart is smooth in z, s = z^m: the radius in a
    ball is the cube root of a parameter.
    """
    roots = [e for p in chart.point for e in p.atoms(Pow) if e.exp.is_Rational]
    return {s: max([e.exp.q for e in roots if e.base == s], default=1) for s in chart.parameters}


def _on_chart(chart: Chart, part: list[Interval], finer: float) -> Rule:
    count = len(chart.parameters)
    if count > len(NODES.counts):
        raise ValueError(
            f"an integral over {count} parameters takes too many nodes: at most"
            f" {len(NODES.counts)} are known"
        )
    if not count:
        x, normals = chart.points(np.zeros((1, 0)))
        return Rule(x, normals, np.full(1, chart.measure))
    node, weight = np.polynomial.legendre.leggauss(round(finer * NODES.counts[count - 1]))
    lines, factors = [], []
    for m, (a, b) in zip(powers(chart).values(), part, strict=True):
        low, high = a ** (1 / m), b ** (1 / m)
        z = low + (high - low) * (1 + node) / 2
        lines.append(z**m)
        factors.append(weight / 2 * (high - low) * m * z ** (m - 1))
    x, normals = chart.points(np.array(list(product(*lines))))
    weights = chart.measure * np.array(list(product(*factors))).prod(axis=1)
    return Rule(x, normals, weights)
