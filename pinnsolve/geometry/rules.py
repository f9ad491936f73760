"""Nodes and weights for integrals over any region: bodies, boundaries, faces, parts of these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Symbol

from pinnsolve.geometry.charts import Array, Chart, Mask
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.cubature import cubature, own_nodes
from pinnsolve.geometry.gauss import Rule
from pinnsolve.geometry.graphs import nodes_on_part
from pinnsolve.geometry.on_charts import rule_on_charts
from pinnsolve.geometry.region import Region, charts_of
from pinnsolve.geometry.solids import Box


def rule_of(region: Region, finer: float = 1.0) -> Rule:
    """Gauss's rule on a region, with `finer` times as many nodes along each parameter.

    Raises ValueError for points, for more than three parameters, and for solids for which no rules
    agree (`cubature`).
    """
    if region.is_listed:
        raise ValueError(f"an integral wants a length, area or volume: {region} is points")
    if region.is_solid and any(chart.filters for chart in charts_of(region)):
        x, weights = cubature(region, finer)
        return Rule(x, None, weights)
    return rule_on_charts(region, finer)


@dataclass(frozen=True, eq=False, repr=False)
class Kept(Solid):
    """The parameters, with some names, of the part of a surface's chart that its filters keep: of a
    region's charts that of some number.
    """

    region: Region
    number: int
    coordinates: tuple[Symbol, ...]

    @property
    def bounds(self) -> Array:
        return np.tile([0.0, 1.0], (len(self.coordinates), 1))

    def charts(self) -> tuple[Chart, ...]:
        (square,) = Box(dict.fromkeys(self.coordinates, (0, 1))).charts()
        return (square.filtered(_OnChart(charts_of(self.region)[self.number])),)

    def __str__(self) -> str:
        return f"part {self.number} of {self.region}"


@dataclass(frozen=True)
class _OnChart:
    """The filters of a chart, asked of its parameters."""

    chart: Chart

    def __call__(self, x: Array, n: Array | None) -> Mask:
        return self.chart.keep(*self.chart.points(x))


@own_nodes.register
def _(region: Kept, finer: float) -> tuple[Array, Array]:
    return nodes_on_part(charts_of(region.region)[region.number], region.region, finer)
