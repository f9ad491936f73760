"""Charts of curves that are known by formulas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import sqrt

from pinnsolve.geometry.charts import Array, Chart
from pinnsolve.geometry.gauss import measured
from pinnsolve.geometry.path import TRACING, Path


def charts_along(path: Path, side: int) -> tuple[Chart, ...]:
    """One a smooth piece; in the plane with the normal to the right of the curve's direction,
    or to the left for -1.
    """
    charts = []
    for k, (u, place, slope) in enumerate(path.on_pieces()):
        low, high = path.joints[k : k + 2]
        speed = sqrt(sum(f**2 for f in slope))
        flat = len(place) == 2
        normal = (side * slope[1] / speed, -side * slope[0] / speed) if flat else None
        pieces = path.pieces_of(k)
        chart = Chart(
            tuple(path.formulas),
            (u,),
            place,
            1.0,
            1,
            normal,
            element=speed,
            place=Along(path, low, high, side if flat else 0),
            stretch=Speed(path, low, high),
            pieces=None if pieces is None else pieces[:, None],
            nodes=None if pieces is None else (TRACING.nodes,),
        )
        charts.append(measured(chart))
    return tuple(charts)


@dataclass(frozen=True, eq=False)
class Along:
    """A smooth piece of a curve by a parameter from 0 to 1, and in the plane its normals, on a side
    of 1 or -1; at its ends, where the curve may stand still, those of close by.
    """

    path: Path
    low: float
    high: float
    side: int

    def __call__(self, s: Array) -> tuple[Array, Array | None]:
        at = self.low + (self.high - self.low) * s[:, 0]
        if not self.side:
            return self.path(at)[0], None
        inner = TRACING.inner * (self.high - self.low)
        tangents = self.path.directions(np.clip(at, self.low + inner, self.high - inner))
        return self.path(at)[0], self.side * np.stack([tangents[:, 1], -tangents[:, 0]], axis=1)


@dataclass(frozen=True, eq=False)
class Speed:
    """The length of a smooth piece a unit of a parameter from 0 to 1."""

    path: Path
    low: float
    high: float

    def __call__(self, s: Array) -> Array:
        length = self.high - self.low
        slopes = self.path(self.low + length * s[:, 0])[1]
        speed: Array = length * np.linalg.norm(slopes, axis=1)
        return speed
