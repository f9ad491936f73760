"""What of a domain a picture shows: which slices, over which coordinates, at which points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

from pinnsolve.exports.meshes import mesh_of
from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.slices import Slice, slice_of
from pinnsolve.symbols.given import by_key, parts_of

# Of a quadratic triangle: the four between its corners and its middles
QUARTERS = ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5))


@dataclass(frozen=True)
class Viewing:
    """How finely a picture is drawn."""

    line: int = 601
    # A side of a rectangle
    grid: int = 201
    # The longest side of any other region
    mesh: int = 96
    # Of an evolution of the plane: shares of its time
    shares: tuple[float, ...] = (0.0, 0.5, 1.0)
    # Coordinates, of more of which it is said where they are cut
    silent: int = 3


VIEWING = Viewing()


@dataclass(frozen=True)
class View:
    """A slice of one or two dimensions, with time along the first axis of its picture."""

    part: Slice
    time: Symbol | None

    @property
    def axes(self) -> tuple[Symbol, ...]:
        """The coordinates of the picture: to the right, and upwards."""
        return tuple(sorted(self.part.coordinates, key=lambda c: c != self.time))

    @cached_property
    def bounds(self) -> Array:
        """Along these, `(dim, 2)`."""
        own = self.part.coordinates
        return self.part.bounds[[own.index(c) for c in self.axes]]

    @property
    def in_space(self) -> bool:
        """Whether both axes are lengths."""
        return self.time not in self.axes

    @property
    def note(self) -> str:
        """Where the slice is, in words; of many coordinates the first and the last."""
        places = [f"{c}={v:.3g}" for c, v in self.part.at.items()]
        return ", ".join(places if len(places) < 4 else [places[0], "...", places[-1]])

    @cached_property
    def lines(self) -> list[Array]:
        """Values `(n,)` along each axis, of the rectangle that holds it."""
        count = VIEWING.line if len(self.axes) == 1 else VIEWING.grid
        return [np.linspace(a, b, count) for a, b in self.bounds]

    @cached_property
    def _grid(self) -> Array:
        mesh = np.meshgrid(*self.lines, indexing="ij")
        return np.stack([m.ravel() for m in mesh], axis=1)

    @cached_property
    def is_rectangle(self) -> bool:
        """Whether all of that lies in the domain."""
        return bool(self.part.contains(self._own(self._grid)).all())

    def _own(self, x: Array) -> Array:
        """Points in the order of the slice, of those in the order of the picture."""
        return x[:, [self.axes.index(c) for c in self.part.coordinates]]

    @cached_property
    def nodes(self) -> Array:
        """The points `(n, dim)` of the picture, in the order of its axes."""
        if len(self.axes) == 1 or self.is_rectangle:
            return self._grid
        nodes = self._mesh.nodes
        ordered: Array = nodes[:, [self.part.coordinates.index(c) for c in self.axes]]
        return ordered

    @cached_property
    def _mesh(self) -> Any:
        return mesh_of(self.part, VIEWING.mesh)

    @cached_property
    def triangles(self) -> NDArray[np.int64]:
        """Of nodes that are no grid, `(m, 3)`."""
        cells = self._mesh.cells
        return np.concatenate([cells[:, list(quarter)] for quarter in QUARTERS])

    @cached_property
    def points(self) -> dict[Symbol, Array]:
        """The same as a solution takes them: `(n,)` each."""
        return self.part.by_name(self._own(self.nodes))

    def values(self, found: Array) -> Array:
        """Values `(n,)` at the points, NaN on a line where the domain is not."""
        if len(self.axes) > 1:
            return found
        return np.where(self.part.contains(self._own(self.nodes)), found, np.nan)


def views_of(region: Region, time: Symbol | None, at: Mapping[Any, Any] | None) -> list[View]:
    """The slices of a picture: as `at` says, where a coordinate may have several values; of what is
    left, where that is more than two, a space at several times, and planes through the middle.

    Raises ValueError and TypeError as `slice_of`, and ValueError where nothing is left.
    """
    given = {} if at is None else by_key(at)
    if given is None:
        raise TypeError(f"at wants values by coordinate, at={{t: 0.5}}: got {at!r}")
    named = {c.name: c for c in region.coordinates}
    values = {named.get(str(key), key): _several(value) for key, value in given.items()}
    left = [c for c in region.coordinates if c not in values]
    if not left:
        raise ValueError("at gives every coordinate a value: solution(points) has values at points")
    bounds = dict(zip(region.coordinates, region.bounds, strict=True))
    if len(left) > 2 and time in left:
        low, high = bounds[time]
        values[time] = [low + share * (high - low) for share in VIEWING.shares]
        left.remove(time)
    for coordinate in left[2:]:
        values[coordinate] = [float(bounds[coordinate].mean())]
    combined = product(*values.values())
    return [
        View(slice_of(region, dict(zip(values, chosen, strict=True))), time) for chosen in combined
    ]


def slices_told(views: Sequence[View]) -> str:
    """Where the slices of a picture are that nobody has asked for, and how others are."""
    names = [c.name for c in views[0].part.at]
    places = "; ".join(view.note for view in views)
    values = ", ".join(f"{c}: {views[0].part.at[c]:.3g}" for c in views[0].part.at)
    return (
        f"{', '.join(names)} are coordinates that a picture has no axes for, and it is drawn at"
        f" {places}: plot(at={{{values}}}) draws a slice of your own"
    )


def _several(value: Any) -> Sequence[Any]:
    parts = parts_of(value.tolist() if isinstance(value, np.ndarray) else value)
    return [value] if parts is None else list(parts)
