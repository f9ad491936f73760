"""Values on surfaces in space, as colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.drawn import axes_for
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.sheets import triangles_of
from pinnsolve.geometry.slices import slice_of
from pinnsolve.pictures.fields import Shown, real
from pinnsolve.pictures.panels import limits_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_surface(
    shown: Shown, on: Region, domain: Region, at: Mapping[Any, Any] | None, ax: Axes | None
) -> Figure:
    """The first of the values by name, on the triangles of a surface, on axes of its own or on
    those given; `at` fixes the domain's other coordinates.

    Raises ValueError for what is no surface, and where the domain has other coordinates that are
    not fixed.
    """
    triangles, part = halved(triangles_of(on)), slice_of(domain, at)
    if set(part.coordinates) != set(on.coordinates):
        left = [str(c) for c in part.coordinates if c not in on.coordinates]
        raise ValueError(
            f"a picture on {on} wants a value of {', '.join(left) or 'nothing else'}: give"
            f" at={{{left[0] if left else 't'}: ...}}"
        )
    order = [on.coordinates.index(c) for c in part.coordinates]
    values = real(shown.values_at(part.by_name(triangles.mean(axis=1)[:, order])))
    name, found = next(iter(values.items()))
    low, high, colours = limits_of(found)
    names = [str(c) for c in on.coordinates]
    space: Any = axes_for(names, on.bounds) if ax is None else ax
    corners = triangles.reshape(-1, 3)
    numbers = np.arange(len(corners)).reshape(-1, 3)
    sheet = space.plot_trisurf(*corners.T, triangles=numbers, cmap=colours, linewidth=0)
    sheet.set_array(np.asarray(found))
    sheet.set_clim(low, high)
    space.set_title(name)
    space.figure.colorbar(sheet, ax=space, shrink=0.6, pad=0.1)
    figure: Any = space.figure
    return figure  # type: ignore[no-any-return]


def halved(triangles: Array, most: int = 20_000) -> Array:
    """The same surface, triangles `(m, 3, 3)`, in such as are about as small: each has one
    colour.
    """
    whole = np.ptp(triangles.reshape(-1, 3), axis=0).max()
    while True:
        sides = np.linalg.norm(triangles - np.roll(triangles, -1, axis=1), axis=2)
        long = sides.max(axis=1) > whole / 40
        if not long.any() or len(triangles) + long.sum() > most:
            return triangles
        # The longest side runs from the first corner to the second.
        first = sides[long].argmax(axis=1)[:, None] + np.arange(3)
        a, b, c = np.take_along_axis(triangles[long], (first % 3)[:, :, None], 1).swapaxes(0, 1)
        middle = (a + b) / 2
        halves = [np.stack(half, axis=1) for half in ((a, middle, c), (middle, b, c))]
        triangles = np.concatenate([triangles[~long], *halves])
