"""Surfaces in space as triangles, to be drawn and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np

from pinnsolve.geometry.charts import Array, Chart, Flipped


@dataclass(frozen=True)
class Tiling:
    """How finely surfaces are cut."""

    # Along each parameter of a chart that is smooth
    along: int = 32
    # Of a piece of a chart: corners lie so far inside, where they are no others' too
    within: float = 1e-11
    # Of the other half of a tile: a half with less is none, where a side is a point
    flat: float = 1e-4


TILING = Tiling()


def triangles_of(region: Any) -> Array:
    """Of a surface, or of the boundary of a body in space: `(m, 3, 3)`, triangle, corner,
    coordinate. Raises ValueError for what is no surface in space.
    """
    surface = region.boundary if region.is_solid else region
    charts = surface.charts()
    if len(region.coordinates) != 3 or any(c.dimension != 2 or c.listed for c in charts):
        raise ValueError(
            f"{region} is no surface in space: give a body of three coordinates, its boundary, or a"
            " part of one"
        )
    return np.concatenate([tiles(chart) for chart in charts])


@singledispatch
def exact_tiles(place: object) -> tuple[Array, Array | None] | None:
    """Of a map that is made of triangles, their corners and normals there, `(m, 3, dim)`."""
    return None


@exact_tiles.register
def _(place: Flipped) -> tuple[Array, Array | None] | None:
    found = exact_tiles(place.place)
    return None if found is None else (found[0], None if found[1] is None else -found[1])


def tiles(chart: Chart) -> Array:
    """The triangles of a chart of two parameters whose middles its filters keep, `(m, 3, dim)`."""
    found = exact_tiles(chart.place)
    if found is not None:
        x, normals = found
        middle = None if normals is None else normals.mean(axis=1)
        return x[chart.keep(x.mean(axis=1), middle)]
    low, high = (side[..., None] for side in np.moveaxis(_pieces(chart), 2, 0))
    inner = TILING.within * (high - low)
    ends = np.concatenate([low + inner, high - inner], axis=2)
    corners = [np.stack([ends[:, 0, a], ends[:, 1, b]], axis=1) for a, b in _ROUND]
    x = np.stack([chart.points(s)[0] for s in corners], axis=1)
    x = x[chart.keep(*chart.points(np.mean(corners, axis=0)))]
    halves = np.stack([x[:, [0, 1, 2]], x[:, [0, 2, 3]]], axis=1)
    along = halves[:, :, 1:] - halves[:, :, :1]
    area = np.sqrt(np.maximum(np.linalg.det(along @ np.swapaxes(along, 2, 3)), 0.0))
    triangles: Array = halves[area > TILING.flat * area.max(axis=1, keepdims=True)]
    return triangles


# Around a piece
_ROUND: Sequence[tuple[int, int]] = ((0, 0), (1, 0), (1, 1), (0, 1))


def _pieces(chart: Chart) -> Array:
    """Boxes of parameters, `(m, 2, 2)`."""
    if chart.pieces is not None:
        return chart.pieces
    line = np.linspace(0.0, 1.0, TILING.along + 1)
    side = np.stack([line[:-1], line[1:]], axis=1)
    one, other = np.meshgrid(np.arange(TILING.along), np.arange(TILING.along), indexing="ij")
    return np.stack([side[one.ravel()], side[other.ravel()]], axis=1)
