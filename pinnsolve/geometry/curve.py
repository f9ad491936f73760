"""Regions that a closed curve bounds, and open curves, by formulas of a parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from sympy import Float, Symbol, sqrt

from pinnsolve.geometry.along import charts_along
from pinnsolve.geometry.charts import CLOSE, Array, Chart, Mask, cross, parameters
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.filters import Inside
from pinnsolve.geometry.gauss import measured
from pinnsolve.geometry.given_curves import path_of, require_closed, require_simple, written_path
from pinnsolve.geometry.path import TRACING, Numbers, Path
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.round import in_units
from pinnsolve.geometry.solids import Box

WRITTEN = "Curve({x: 2*cos(s), y: sin(s)}, (s, 0, 2*pi))"


@dataclass(frozen=True, eq=False, repr=False)
class Arc(Region):
    """`Arc({x: s, y: s**2}, (s, 0, 1))`: a curve by formulas of a parameter, in any number of
    dimensions, on which equations hold: a wall, a line of measurements.

    In the plane it has normals, to the right of its direction. Raises TypeError for what are no
    formulas or no interval, ValueError for formulas of another symbol, or that are not finite, and
    for a curve without length.

    >>> from pinnsolve import Arc, coordinates, sample_region
    >>> x, y, s = coordinates("x y s")
    >>> parabola = Arc({x: s, y: s**2}, (s, 0, 1))
    >>> f"{sample_region(parabola, 100, seed=0).weights.sum():.6f}"
    '1.478943'
    """

    formulas: Mapping[Symbol, Any]
    parameter: tuple[Any, Any, Any]

    def __post_init__(self) -> None:
        path = path_of("an Arc", "Arc({x: s, y: s**2}, (s, 0, 1))", self.formulas, self.parameter)
        object.__setattr__(self, "formulas", dict(path.formulas))
        object.__setattr__(self, "parameter", (path.symbol, path.low, path.high))

    @cached_property
    def path(self) -> Path:
        """The curve as it is followed."""
        return Path(self.formulas, *self.parameter)

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return tuple(self.formulas)

    @property
    def bounds(self) -> Array:
        return self.path.bounds

    def charts(self) -> tuple[Chart, ...]:
        return charts_along(self.path, 1)

    def contains(self, x: Array, tolerance: float = CLOSE) -> Mask:
        x = np.asarray(x, dtype=float)
        near = self.path.nearest(x)
        on: Mask = np.all(np.abs(near.x - x) <= tolerance * self.extent, axis=1)
        return on

    def __str__(self) -> str:
        return f"Arc({written_path(self.path)})"


class Enclosed(Solid):
    """A plane region inside of a closed curve."""

    @property
    def path(self) -> Path:
        """The curve as it is followed."""
        raise NotImplementedError

    def require_region(self) -> None:
        """Raise ValueError for a curve that is not closed, or crosses itself."""
        require_closed(self.path)
        require_simple(self.path)

    @property
    def coordinates(self) -> tuple[Symbol, Symbol]:  # type: ignore[override]
        return tuple(self.path.formulas)

    @property
    def bounds(self) -> Array:
        return self.path.bounds

    @cached_property
    def polygon(self) -> shapely.Polygon:
        """The curve by some thousand points."""
        return shapely.Polygon(self.path.places)

    @cached_property
    def side(self) -> int:
        """On which side of its direction the outside lies: 1 for the right, -1 for the left."""
        return 1 if self.polygon.exterior.is_ccw else -1

    def charts(self) -> tuple[Chart, ...]:
        center = shapely.get_coordinates(self.polygon.centroid)[0]
        if self._is_star(center):
            return self._sectors(center)
        limits = zip(self.coordinates, self.bounds.tolist(), strict=True)
        (box,) = Box({c: tuple(map(Float, ends)) for c, ends in limits}).charts()
        return (box.filtered(Inside(self)),)

    def _is_star(self, center: Array) -> bool:
        """Whether all of the curve is seen from a point `(2,)`."""
        x, slope, _ = self.path(self.path.samples)
        swept = self.side * cross(x - center, slope)
        return bool((swept[~np.isin(self.path.samples, self.path.joints)] > 0).all())

    def _sectors(self, center: Array) -> tuple[Chart, ...]:
        """Between a point `(2,)` and each smooth piece: the root keeps measure along a ray."""
        charts, middle = [], tuple(map(Float, center.tolist()))
        for k, (u, place, slope) in enumerate(self.path.on_pieces()):
            (r,) = parameters(1)
            out = [p - c for p, c in zip(place, middle, strict=True)]
            point = tuple(c + sqrt(r) * o for c, o in zip(middle, out, strict=True))
            element = self.side * (out[0] * slope[1] - out[1] * slope[0]) / 2
            along = Chart(self.coordinates, (u,), place, 1.0, 1, element=element)
            fan = Chart(self.coordinates, (u, r), point, 1.0, 2, element=element)
            if (parts := self.path.pieces_of(k)) is not None:
                each = np.stack([parts, np.tile([0.0, 1.0], (len(parts), 1))], axis=1)
                few = TRACING.nodes
                along = replace(along, pieces=parts[:, None], nodes=(few,))
                fan = replace(fan, pieces=each, nodes=(few, 4 * few))
            charts.append(replace(fan, measure=measured(along).measure))
        return tuple(charts)

    def boundary_charts(self) -> tuple[Chart, ...]:
        return charts_along(self.path, self.side)

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        x = np.asarray(x, dtype=float)
        near = self.path.nearest(x)
        outward = self.side * np.stack([near.tangents[:, 1], -near.tangents[:, 0]], axis=1)
        away = x - near.x
        sign = np.where((away * outward).sum(axis=1) >= 0, 1, -1)
        # Nearest to a corner that bulges lie points outside, to one that cuts in, points inside.
        turns = np.where(near.corners >= 0, self._turns[near.corners], 0)
        sign = np.where(turns == 0, sign, turns)
        apart = (turns != 0) & (near.distances > 0)
        outward[apart] = away[apart] / near.distances[apart, None]
        return in_units(sign * near.distances, outward, unit)

    @cached_property
    def _turns(self) -> Numbers:
        """Of each joint of the smooth pieces: 1 for a corner that bulges, -1 for one that cuts in,
        0 for none.
        """
        x, joints = self.path.places, self.path.joints
        k = np.searchsorted(self.path.samples, joints)
        k[-1] = 0
        chords = x[k + 1] - x[k], x[k] - np.where(k[:, None] > 0, x[k - 1], x[-2])
        bulges = np.where(self.side * cross(chords[1], chords[0]) > 0, 1, -1)
        if not self.path.ends_in_a_corner:
            bulges[[0, -1]] = 0
        return bulges


@dataclass(frozen=True, eq=False, repr=False)
class Curve(Enclosed):
    """`Curve({x: 2*cos(s), y: sin(s)}, (s, 0, 2*pi))`: the plane region inside of a closed curve,
    by formulas of a parameter, either way round; it may have corners.

    Raises TypeError for what are no formulas or no interval, ValueError for a curve that is not
    closed (`Arc` is for those), that crosses itself, or that has formulas of another symbol.

    >>> from sympy import cos, pi, sin
    >>> from pinnsolve import Curve, coordinates
    >>> x, y, s = coordinates("x y s")
    >>> r = 1 + cos(5 * s) / 4
    >>> star = Curve({x: r * cos(s), y: r * sin(s)}, (s, 0, 2 * pi))
    >>> star.contains([[1.2, 0.0], [-1.2, 0.0]]).tolist()
    [True, False]
    """

    formulas: Mapping[Symbol, Any]
    parameter: tuple[Any, Any, Any]

    def __post_init__(self) -> None:
        path = path_of("a Curve", WRITTEN, self.formulas, self.parameter)
        object.__setattr__(self, "formulas", dict(path.formulas))
        object.__setattr__(self, "parameter", (path.symbol, path.low, path.high))
        if len(self.formulas) != 2:
            raise ValueError(
                f"a Curve bounds a region of the plane, {WRITTEN}: got"
                f" {', '.join(map(str, self.formulas))}; Arc(...) is a curve of any dimension"
            )
        self.require_region()

    @cached_property
    def path(self) -> Path:
        """The curve as it is followed."""
        return Path(self.formulas, *self.parameter)

    def __str__(self) -> str:
        return f"Curve({written_path(self.path)})"
