"""Nodes and weights on regions by their charts, where each covers a part of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pinnsolve.geometry.charts import Chart
from pinnsolve.geometry.gauss import Rule, on_chart, on_whole
from pinnsolve.geometry.graphs import nodes_on_part
from pinnsolve.geometry.kept import kept_parts
from pinnsolve.geometry.region import Region, charts_of
from pinnsolve.geometry.smooth import Function


def rule_on_charts(region: Region, finer: float, more: Sequence[Function] = ()) -> Rule:
    """Gauss's rule on a region, or on the parts of its charts that filters keep, where what is
    integrated is not smooth at zeros of `more` functions. Raises ValueError where that is nothing.
    """
    rules = [rule for chart in charts_of(region) for rule in _rules(chart, region, finer, more)]
    if not rules:
        raise ValueError(f"{region} has zero measure: no point was found on it")
    normals = [r.normals for r in rules if r.normals is not None]
    return Rule(
        np.concatenate([r.x for r in rules]),
        np.concatenate(normals) if len(normals) == len(rules) else None,
        np.concatenate([r.weights for r in rules]),
    )


def _rules(chart: Chart, region: Region, finer: float, more: Sequence[Function]) -> list[Rule]:
    if not chart.filters:
        return [on_whole(chart, finer)]
    if len(chart.parameters) == 1:
        return [on_chart(chart, part, finer) for part in kept_parts(chart, region)]
    s, weights = nodes_on_part(chart, region, finer, more)
    return [Rule(*chart.points(s), chart.elements(s) * weights)] if len(s) else []
