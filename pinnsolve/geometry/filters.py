"""Which points of a chart are kept where regions are combined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pinnsolve.geometry.charts import Array, Mask
from pinnsolve.geometry.region import Region


@dataclass(frozen=True)
class Inside:
    """Points that a region contains."""

    region: Region

    def __call__(self, x: Array, n: Array | None) -> Mask:
        return self.region.contains(x)


@dataclass(frozen=True)
class Outside:
    """Points that a region does not contain."""

    region: Region

    def __call__(self, x: Array, n: Array | None) -> Mask:
        return ~self.region.contains(x)


@dataclass(frozen=True)
class Adjoins:
    """Points of a face that the solid reaches; where a face only touches what was cut away, it is
    not one of the rest.
    """

    solid: Region

    def __call__(self, x: Array, n: Array | None) -> Mask:
        return self.solid.contains(x) if n is None else _sides(self.solid, x, n)[0] < 0


def _sides(solid: Region, x: Array, n: Array | None) -> tuple[Array, Array]:
    """Signs of the distance just inside and just outside of surface points."""
    assert n is not None, "a boundary chart has normals"
    unit = solid.extent
    across = n * unit  # the normal's direction, where the bounding box is a unit cube
    # Relative to the region's sides: so far from its surface inside and outside are told apart.
    step = 1e-7 * unit * across / np.linalg.norm(across, axis=1, keepdims=True)
    return solid.signs(x - step), solid.signs(x + step)


@dataclass(frozen=True)
class Separates:
    """Surface points with the solid on one side and not on the other."""

    solid: Region

    def __call__(self, x: Array, n: Array | None) -> Mask:
        within, beyond = _sides(self.solid, x, n)
        kept: Mask = (within < 0) & (beyond > 0)
        return kept


@dataclass(frozen=True)
class Beyond:
    """Surface points, behind which another solid begins."""

    solid: Region

    def __call__(self, x: Array, n: Array | None) -> Mask:
        within, beyond = _sides(self.solid, x, n)
        kept: Mask = (within > 0) & (beyond < 0)
        return kept


@dataclass(frozen=True)
class Apart:
    """Surface points that are not on the solid's own surface."""

    solid: Region

    def __call__(self, x: Array, n: Array | None) -> Mask:
        within, beyond = _sides(self.solid, x, n)
        kept: Mask = (within < 0) == (beyond < 0)
        return kept
