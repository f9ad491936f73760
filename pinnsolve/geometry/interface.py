"""Where regions meet: the surface between two solids, and what two regions share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sympy import Symbol

from pinnsolve.geometry.charts import CLOSE, Array, Chart, Mask
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.filters import Beyond, Inside
from pinnsolve.geometry.region import Region

# Points of a chart, by which it is told whether anything of it is kept.
PROBES = 512


@dataclass(frozen=True, eq=False, repr=False)
class Interface(Region):
    """The surface between two solid regions that touch, with the normal out of the first.

    It is made of the first region's boundary, or of the second's seen from the other side, if that
    has fewer points elsewhere. Raises TypeError for what is no solid, ValueError for regions of
    other coordinates, or that have no surface in common.

    >>> from pinnsolve import Ball, Box, Interface, coordinates, sample_region
    >>> x, y = coordinates("x y")
    >>> disk = Ball({x: 0, y: 0}, 1)
    >>> rim = Interface(disk, Box({x: (-2, 2), y: (-2, 2)}) - disk)
    >>> f"{sample_region(rim, 100, seed=0).weights.sum():.4f}"
    '6.2832'
    """

    a: Solid
    b: Solid

    def __post_init__(self) -> None:
        for side in (self.a, self.b):
            if not (isinstance(side, Region) and side.is_solid):
                raise TypeError(f"an Interface is between two solid regions: got {side!r}")
        if self.a.coordinates != self.b.coordinates:
            raise ValueError(
                f"{self.a} and {self.b} have different coordinates, {self.a.coordinates} and"
                f" {self.b.coordinates}"
            )
        if not self.charts():
            raise ValueError(f"{self.a} and {self.b} have no surface in common")

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return self.a.coordinates

    @property
    def bounds(self) -> Array:
        a, b = self.a.bounds, self.b.bounds
        low, high = np.maximum(a[:, 0], b[:, 0]), np.minimum(a[:, 1], b[:, 1])
        return np.stack([np.minimum(low, high), np.maximum(low, high)], axis=1)

    @property
    def extent(self) -> Array:  # an interface has no length of its own across itself
        return np.minimum(self.a.extent, self.b.extent)

    def charts(self) -> tuple[Chart, ...]:
        return between(self.a, self.b)

    def contains(self, x: Array, tolerance: float = CLOSE) -> Mask:
        on: Mask = self.a.boundary.contains(x, tolerance) & self.b.boundary.contains(x, tolerance)
        return on

    def __str__(self) -> str:
        return f"Interface({self.a}, {self.b})"


def between(a: Solid, b: Solid) -> tuple[Chart, ...]:
    """Charts of the surface between two solids, normals out of the first; none, where they do not
    touch.
    """
    if (np.minimum(a.bounds[:, 1], b.bounds[:, 1]) < _low(a, b) - CLOSE * a.extent).any():
        return ()
    ours = [(share, c.filtered(Beyond(b))) for c in a.boundary_charts() if (share := kept(c, b))]
    theirs = [
        (share, c.filtered(Beyond(a)).flipped())
        for c in b.boundary_charts()
        if (share := kept(c, a))
    ]
    # Of the two boundaries that of which more is kept: fewer points are drawn in vain.
    least = [min((share for share, _ in side), default=0.0) for side in (ours, theirs)]
    return tuple(chart for _, chart in (ours if least[0] >= least[1] else theirs))


def _low(a: Region, b: Region) -> Array:
    return np.maximum(a.bounds[:, 0], b.bounds[:, 0])


def kept(chart: Chart, beyond: Region) -> float:
    """The share of a boundary's chart behind which another region begins."""
    x, n = _probes(chart)
    return float(chart.filtered(Beyond(beyond)).keep(x, n).mean())


def _probes(chart: Chart) -> tuple[Array, Array | None]:
    many = PROBES if chart.parameters else 1
    return chart.points(np.random.default_rng(0).random((many, len(chart.parameters))))


def _least_share(charts: Sequence[Chart]) -> float:
    return min((float(c.keep(*_probes(c)).mean()) for c in charts), default=0.0)


@dataclass(frozen=True, eq=False, repr=False)
class Shared(Region):
    """The points of one region that another contains."""

    whole: Region
    other: Region

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return self.whole.coordinates

    @property
    def bounds(self) -> Array:
        return self.whole.bounds

    def charts(self) -> tuple[Chart, ...]:
        return tuple(chart.filtered(Inside(self.other)) for chart in self.whole.charts())

    def contains(self, x: Array, tolerance: float = CLOSE) -> Mask:
        on: Mask = self.whole.contains(x, tolerance) & self.other.contains(x, tolerance)
        return on

    def __str__(self) -> str:
        return str(self.other)


class Part(Shared):
    """The part of a boundary, or of a part of it, that a solid region touches."""

    joined: ClassVar[bool] = True

    @property
    def extent(self) -> Array:
        """Sides of the whole, `(dim,)`."""
        return self.whole.extent

    def charts(self) -> tuple[Chart, ...]:
        held = [c for c in super().charts() if c.keep(*_probes(c)).any()]
        # A long side of which little is kept: the other's own boundary may be no longer than that.
        probes = [(x, n, c.keep(x, n)) for c in held for x, n in [_probes(c)]]
        on_rim = all(self.other.boundary.contains(x[kept]).all() for x, _, kept in probes)
        if not on_rim or (held and not any(c.normal for c in held)):
            return tuple(held)
        own = [c.filtered(Inside(self.whole)) for c in self.other.boundary_charts()]
        own = [c for c in own if c.keep(*_probes(c)).any()]
        # Or sides of which none is seen to be kept, where the other's own boundary has more.
        shares = [(_least_share(each), len(each)) for each in (held, own)]
        return tuple(own if shares[1] > shares[0] else held)

    def __str__(self) -> str:
        return f"{self.whole} & {self.other}"
