"""Nodes and weights for integrals over any region: bodies, boundaries, faces, parts of these."""

from __future__ import annotations

import numpy as np

from pinnsolve.geometry.charts import Chart
from pinnsolve.geometry.cubature import cubature
from pinnsolve.geometry.gauss import Rule, on_chart, on_whole
from pinnsolve.geometry.kept import kept_parts
from pinnsolve.geometry.region import Region, charts_of


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
    rules = [rule for chart in charts for rule in _on(chart, region, finer)]
    if not rules:
        raise ValueError(f"{region} has zero measure: no point was found on it")
    normals = [r.normals for r in rules if r.normals is not None]
    return Rule(
        np.concatenate([r.x for r in rules]),
        np.concatenate(normals) if len(normals) == len(rules) else None,
        np.concatenate([r.weights for r in rules]),
    )


def _on(chart: Chart, region: Region, finer: float) -> list[Rule]:
    if not chart.filters:
        return [on_whole(chart, finer)]
    if chart.pieces is not None and len(chart.parameters) > 1:
        # Of many facets each node is asked: what a cut facet has is known to its size
        rule = on_whole(chart, finer)
        kept = np.flatnonzero(chart.keep(rule.x, rule.normals))
        return [rule.taken(kept)] if len(kept) else []
    return [on_chart(chart, part, finer) for part in kept_parts(chart, region)]
