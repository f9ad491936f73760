"""Measured values, as dots on what is drawn of their name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Expr, Symbol

from pinnsolve.geometry.charts import Array, Mask
from pinnsolve.geometry.region import Condition
from pinnsolve.pictures.views import View

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Marking:
    """How measured values are drawn."""

    # A share of a coordinate's length: values so far from a slice are drawn on it
    near: float = 0.005
    # Half the length of a bar, in deviations: bands hold as much
    bars: float = 1.96
    # Of a dot, in square points: at most, and of all together
    dot: float = 25.0
    dots: float = 6000.0


MARKING = Marking()
# Behind the title of what has dots
SAID = ", dots: measured"


@dataclass(frozen=True)
class Measured:
    """Values `(n,)` of what has a name, at points by coordinate, `(n,)` each, with their deviations
    `(n,)`, if these are known.
    """

    name: str
    points: Mapping[Symbol, Array]
    values: Array
    deviations: Array | None

    def near(self, view: View) -> Mask:
        """The values that are on a slice, or nearly so."""
        lengths = dict(zip(view.part.region.coordinates, view.part.region.extent, strict=True))
        rows: Mask = np.full(len(self.values), set(view.axes) <= self.points.keys())
        for c, value in view.part.at.items():
            if c in self.points:
                rows &= np.abs(self.points[c] - value) <= MARKING.near * lengths[c]
        return rows


def measured_in(
    conditions: Sequence[Condition], wanted: Mapping[str, Expr | None]
) -> Iterator[Measured]:
    """What was measured of these, by name: `Eq(u, Data(...)) @ cloud` of u. Of complex values the
    real part.
    """
    for condition in conditions:
        cloud: Any = condition.region
        for data, values in zip(cloud.data, cloud.known if cloud.data else (), strict=True):
            for name, expression in wanted.items():
                if set(condition.equation.args) != {expression, data}:
                    continue
                told = f"Re {name}" if np.iscomplexobj(values) else name
                points = dict(zip(cloud.coordinates, cloud.points.T, strict=True))
                yield Measured(told, points, values.real, cloud.deviations(data))


def mark(ax: Axes, view: View, drawn: Any, measured: Measured) -> None:
    """Dots on a line, with bars of 95 % where deviations are known, or on a map, in its colours."""
    rows = measured.near(view)
    if not rows.any():
        return
    x, values = [measured.points[c][rows] for c in view.axes], measured.values[rows]
    size = min(MARKING.dot, MARKING.dots / rows.sum())
    if len(x) == 1:
        bars = None if measured.deviations is None else MARKING.bars * measured.deviations[rows]
        style: dict[str, Any] = {"fmt": ".", "markersize": size**0.5, "linewidth": 0.8}
        ax.errorbar(x[0], values, bars, color=drawn.get_color(), alpha=0.7, **style)
    else:
        own = {"c": values, "norm": drawn.norm, "cmap": drawn.cmap}
        # Two rims: one of them is seen on any colour
        ax.scatter(x[0], x[1], 1.9 * size, color="black", linewidths=0)
        ax.scatter(x[0], x[1], size, edgecolors="white", linewidths=0.5, **own)
    ax.set_title(f"{ax.get_title().removesuffix(SAID)}{SAID}")
