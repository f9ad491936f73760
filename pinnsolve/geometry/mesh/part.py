"""Parts of the boundary of a mesh: by their names in a file, or between sharp edges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Symbol

from pinnsolve.geometry.charts import CLOSE, Array, Chart, Mask
from pinnsolve.geometry.mesh.nearest import Nearest
from pinnsolve.geometry.mesh.simplices import Numbers
from pinnsolve.geometry.region import Region


@dataclass(frozen=True, eq=False, repr=False)
class MeshPart(Region):
    """Some facets of a mesh, by their numbers `(m,)`: what `mesh.part("inlet")` and
    `mesh.patches()` give.
    """

    mesh: Any
    facets: Numbers
    name: str

    @property
    def coordinates(self) -> tuple[Symbol, ...]:  # type: ignore[override]
        own: tuple[Symbol, ...] = self.mesh.coordinates
        return own

    @property
    def bounds(self) -> Array:
        corners = self.mesh.simplices.corners[self.facets].reshape(-1, len(self.coordinates))
        return np.stack([corners.min(axis=0), corners.max(axis=0)], axis=1)

    @property
    def extent(self) -> Array:  # a flat part has no length of its own across itself
        sides: Array = self.mesh.extent
        return sides

    @cached_property
    def _held(self) -> tuple[Chart, ...]:
        return (self.mesh.bundle(self.facets).chart(self.coordinates),)

    def charts(self) -> tuple[Chart, ...]:
        return self._held

    def contains(self, x: Array, tolerance: float = CLOSE) -> Mask:
        return self._nearest.near(np.asarray(x, dtype=float) / self.extent, tolerance)

    @cached_property
    def _nearest(self) -> Nearest:
        return Nearest.of(self.mesh.simplices.corners[self.facets] / self.extent)

    def __str__(self) -> str:
        return f"{self.mesh}, {self.name}"
