"""A region at given values of some of its coordinates: a field in space at a time, a plane through
a body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sympy import Symbol

from pinnsolve.geometry.charts import CLOSE, Array, Mask
from pinnsolve.geometry.region import Region
from pinnsolve.symbols.given import Formula, by_key, number_of


@dataclass(frozen=True)
class Slice:
    """The part of a region on which some coordinates have the values `at`, over those that are
    left.
    """

    region: Region
    at: Mapping[Symbol, float]

    @cached_property
    def coordinates(self) -> tuple[Symbol, ...]:
        """The coordinates that are left, in the region's order."""
        return tuple(c for c in self.region.coordinates if c not in self.at)

    @cached_property
    def axes(self) -> list[int]:
        """Which columns of the region's points these are."""
        return [self.region.coordinates.index(c) for c in self.coordinates]

    @property
    def bounds(self) -> Array:
        """The region's box, `(n_left, 2)`."""
        return self.region.bounds[self.axes]

    def lifted(self, x: Array) -> Array:
        """Points `(n, n_left)` as points of the region, `(n, dim)`."""
        columns = [self.at.get(c, 0.0) for c in self.region.coordinates]
        whole = np.tile(np.array(columns, dtype=float), (len(x), 1))
        whole[:, self.axes] = x
        return whole

    def by_name(self, x: Array) -> dict[Symbol, Array]:
        """Points `(n, n_left)` as arrays by coordinate, `(n,)` each, as a solution takes them."""
        return dict(zip(self.region.coordinates, self.lifted(x).T, strict=True))

    def signed_distance(self, x: Array) -> Array:
        """Of points `(n, n_left)`, in units of the region's sides: negative inside, `(n,)`."""
        return self.region.signed_distance(self.lifted(x), self.region.extent)

    def contains(self, x: Array, tolerance: float = CLOSE) -> Mask:
        """Which points `(n, n_left)` lie in the region: `(n,)`."""
        return self.region.contains(self.lifted(x), tolerance)


def slice_of(region: Region, at: Mapping[Symbol | str, Formula] | None) -> Slice:
    """A region at given values, by symbol or name of coordinates, `{t: 0.5}`; the whole region for
    None.

    Raises TypeError for what is no mapping to numbers, ValueError for other coordinates and for
    values outside of the region's box.
    """
    given = {} if at is None else by_key(at)
    if given is None:
        raise TypeError(f"at wants values by coordinate, at={{t: 0.5}}: got {at!r}")
    own = {c.name: c for c in region.coordinates}
    values: dict[Symbol, float] = {}
    for key, value in given.items():
        number, name = number_of(value), str(key)
        if name not in own:
            raise ValueError(f"at={{{name}: ...}}: the coordinates are {', '.join(own)}")
        if number is None:
            raise TypeError(f"at={{{name}: ...}} wants a number: got {value!r}")
        low, high = region.bounds[region.coordinates.index(own[name])]
        if not low - CLOSE * (high - low) <= number <= high + CLOSE * (high - low):
            raise ValueError(
                f"at={{{name}: {number:g}}} lies outside of {region}, where {name} is in"
                f" [{low:g}, {high:g}]"
            )
        values[own[name]] = number
    return Slice(region, values)
