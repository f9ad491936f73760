"""What every region can do, and the lower-dimensional regions: boundary, face, restriction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import numpy as np
from sympy import Eq, Expr, Symbol

from pinnsolve.geometry.charts import CLOSE, Array, Chart, Mask
from pinnsolve.geometry.drawn import Named, axes_for, draw_region, saved
from pinnsolve.geometry.relations import compiled_relation, pinned_values, require_relation
from pinnsolve.symbols.given import Formula
from pinnsolve.symbols.travel import packed, unpacked
from pinnsolve.symbols.written import assignments, hashable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Region:
    """A set of points over named coordinates; subclasses give charts and a signed distance.

    `signed_distance(x, unit)` of points `(n, dim)` is negative inside, positive outside, and exact
    in sign (for combined regions its size is only a bound). Lengths along each coordinate are
    measured in `unit (dim,)`: metres and hours are never compared with each other, but with the
    region's sides in metres and in hours (`extent`).
    """

    coordinates: tuple[Symbol, ...]
    joined: ClassVar[bool] = False  # whether its name wants brackets
    is_solid: ClassVar[bool] = False  # whether it is of full dimension and can be combined
    is_listed: ClassVar[bool] = False  # whether its points are given, one by one
    # Symbols of values that are known at the region's points, besides the normal.
    data: tuple[Symbol, ...] = ()
    measured: int = 0  # at how many points data are known

    def charts(self) -> tuple[Chart, ...]:
        """Maps from unit cubes that together cover the region once."""
        raise NotImplementedError

    def boundary_charts(self) -> tuple[Chart, ...]:
        """The same for the boundary, with outward normals."""
        raise ValueError(f"{self} is itself a boundary or face: it has no boundary here")

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        """Negative inside, positive outside, `(n, dim)` to `(n,)`; by default in own units."""
        raise ValueError(f"{self} has no interior")

    def signs(self, x: Array) -> Array:
        """Those of the distance: -1 inside, 1 outside, `(n, dim)` to `(n,)`."""
        return np.sign(self.signed_distance(x, self.extent))

    @property
    def bounds(self) -> Array:
        """Smallest box that holds the region: `(dim, 2)`."""
        raise NotImplementedError

    def pinned_charts(self, values: Mapping[Symbol, Expr]) -> tuple[Chart, ...]:
        """Charts of the slice on which the named coordinates have the given values."""
        raise ValueError(
            f"{self} has no face {assignments(values)}: take .boundary.where(...), "
            "or a Box (or a product with an Interval), whose faces have names"
        )

    @cached_property
    def extent(self) -> Array:
        """Sides of the bounding box `(dim,)`, 1 where it is flat: what distances along each
        coordinate are compared with.
        """
        sides = np.ptp(self.bounds, axis=1)
        return np.where(sides > 0, sides, 1.0)

    def split(self, fraction: float, seed: int = 0) -> tuple[Region, Region]:
        """Two parts of the points that are given; where none are, the region itself twice."""
        return self, self

    def contains(self, x: Array, tolerance: float = CLOSE) -> Mask:
        """Which points `(n, dim)` are in it, up to `tolerance` times its sides: a mask `(n,)`."""
        return np.asarray(self.signed_distance(x, self.extent) <= tolerance)

    @property
    def boundary(self) -> Boundary:
        """The region's whole boundary, with outward normals (for a product with time: initial and
        final face too).
        """
        return Boundary(self)

    def at(self, *unnamed: object, **values: Formula) -> Region:
        """The face, or slice, on which coordinates have the given values: `square.at(x=0)`."""
        pinned = pinned_values(self, unnamed, values)
        return Face(self, pinned)

    def where(self, relation: object) -> Where:
        """The part on which a sympy relation holds: `square.boundary.where(y > 0.5)`."""
        require_relation(relation)
        return Where(self, relation)

    def plot(self, path: Named = None, ax: Axes | None = None, color: str = "tab:blue") -> Figure:
        """The region: a body filled, a boundary as lines or surfaces, points as dots; on axes of
        its own, or on `ax` (in space, of the projection "3d"); written to `path`, if one is given.

        Raises ValueError for more than three coordinates.

        >>> from pinnsolve import Ball, Box, coordinates
        >>> x, y = coordinates("x y")
        >>> plate = Box({x: (0, 1), y: (0, 1)}) - Ball({x: 0.5, y: 0.5}, 0.2)
        >>> figure = plate.plot()
        """
        on = axes_for([str(c) for c in self.coordinates], self.bounds) if ax is None else ax
        return saved(draw_region(self, on, color), path)

    def __rmatmul__(self, equation: object) -> Condition:
        return Condition(equation, self)

    def __matmul__(self, equation: object) -> NoReturn:
        raise TypeError(f"the equation comes first: Eq(...) @ region, not region @ {equation}")

    def _sympy_(self) -> Expr:
        raise TypeError(
            f"{self} is a region, and stands behind the equation: Eq(left, right) @ region"
        )

    def __repr__(self) -> str:
        return str(self)

    @cached_property
    def _declared(self) -> tuple[Any, ...]:
        given = [f.name for f in fields(self) if f.init]  # type: ignore[arg-type]
        return type(self).__name__, *(hashable(getattr(self, name)) for name in given)

    def __eq__(self, other: object) -> bool:
        """Whether both were declared alike."""
        return self is other or (isinstance(other, Region) and self._declared == other._declared)

    def __hash__(self) -> int:
        return hash(self._declared)


@lru_cache(maxsize=1024)
def charts_of(region: Region) -> tuple[Chart, ...]:
    """A region's charts, made once: checks and samples ask for them again and again."""
    return region.charts()


@dataclass(frozen=True)
class Condition:
    """An equation and the region on which it holds, as made by `Eq(...) @ region`.

    While a solution is being manufactured, `equation` is the left-hand side alone.
    """

    equation: Any
    region: Region

    def _sympy_(self) -> Expr:
        raise TypeError(
            f"the region stands behind the whole equation: Eq(left, {self.equation}) @ region"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _arrived, (packed(self.equation), self.region)

    def __str__(self) -> str:
        equation = self.equation
        text = f"{equation.lhs} = {equation.rhs}" if isinstance(equation, Eq) else str(equation)
        return f"{text} on {self.region}"


def _arrived(equation: Any, region: Region) -> Condition:
    return Condition(unpacked(equation), region)


def bracketed(region: Region) -> str:
    """A region's name, as it is written before a dot."""
    return f"({region})" if region.joined else str(region)


@dataclass(frozen=True, eq=False, repr=False)
class Boundary(Region):
    """The boundary of a solid region."""

    solid: Region

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return self.solid.coordinates

    @property
    def bounds(self) -> Array:
        return self.solid.bounds

    def charts(self) -> tuple[Chart, ...]:
        return self.solid.boundary_charts()

    def at(self, *unnamed: object, **values: Formula) -> Region:
        return self.solid.at(*unnamed, **values)

    def contains(self, x: Array, tolerance: float = CLOSE) -> Mask:
        on: Mask = np.abs(self.solid.signed_distance(x, self.extent)) <= tolerance
        return on

    def __str__(self) -> str:
        return f"{bracketed(self.solid)}.boundary"


@dataclass(frozen=True, eq=False, repr=False)
class Face(Region):
    """The slice of a solid region on which some coordinates are pinned to values."""

    solid: Region
    values: Mapping[Symbol, Expr]

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return self.solid.coordinates

    @property
    def bounds(self) -> Array:
        bounds = self.solid.bounds.copy()
        for coordinate, value in self.values.items():
            bounds[self.coordinates.index(coordinate)] = float(value)
        return bounds

    @property
    def extent(self) -> Array:  # a face has no length of its own across itself
        return self.solid.extent

    def charts(self) -> tuple[Chart, ...]:
        if len(self.values) == len(self.coordinates):
            point = tuple(self.values[c] for c in self.coordinates)
            normals = (
                [c.normal for c in self._pinned() if c.normal] if len(self.coordinates) == 1 else []
            )
            return (Chart(self.coordinates, (), point, 1.0, 0, normals[0] if normals else None),)
        return self._pinned()

    def contains(self, x: Array, tolerance: float = CLOSE) -> Mask:
        axes = [self.coordinates.index(c) for c in self.values]
        apart = (
            np.abs(x[:, axes] - np.array([float(v) for v in self.values.values()]))
            / self.solid.extent[axes]
        )
        on: Mask = self.solid.contains(x, tolerance) & (apart.max(axis=1) <= tolerance)
        return on

    def _pinned(self) -> tuple[Chart, ...]:
        return self.solid.pinned_charts(self.values)

    def __str__(self) -> str:
        return f"{bracketed(self.solid)}.at({assignments(self.values)})"


@dataclass(frozen=True, eq=False, repr=False)
class Where(Region):
    """The part of a region on which a relation between the coordinates holds."""

    whole: Region
    relation: Any

    def __post_init__(self) -> None:
        unknown = sorted(map(str, self.relation.free_symbols - set(self.coordinates)))
        if unknown:
            raise ValueError(
                f"where({self.relation}) names {', '.join(unknown)}, which {self.whole} does not"
                " have"
            )

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        return self.whole.coordinates

    @property
    def bounds(self) -> Array:
        return self.whole.bounds

    @property
    def extent(self) -> Array:
        return self.whole.extent

    def charts(self) -> tuple[Chart, ...]:
        return tuple(chart.filtered(self._accepts) for chart in self.whole.charts())

    def _accepts(self, x: Array, n: Array | None = None) -> Mask:
        holds = compiled_relation(self.relation, self.coordinates, tuple(self.extent.tolist()))
        return np.broadcast_to(np.asarray(holds(*x.T), dtype=bool), (len(x),))

    def contains(self, x: Array, tolerance: float = CLOSE) -> Mask:
        return np.asarray(self._accepts(x) & self.whole.contains(x, tolerance))

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        """Sign only: the whole's distance where the relation holds, else positive."""
        return np.where(self._accepts(x), self.whole.signed_distance(x, unit), np.inf)

    def __str__(self) -> str:
        return f"{bracketed(self.whole)}.where({self.relation})"
