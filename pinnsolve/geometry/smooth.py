"""Smooth functions whose zeros hold the boundary of a solid, or of the one that a region is a part
of: a cone's are those of its side and of its base.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, singledispatch

import numpy as np
from sympy.core.relational import Relational

from pinnsolve.geometry.charts import CLOSE, Array
from pinnsolve.geometry.combine import Difference, Intersection, Product, Relisted, Union
from pinnsolve.geometry.ellipse import Ellipse
from pinnsolve.geometry.implicit import Implicit, Level
from pinnsolve.geometry.levels import levels_of
from pinnsolve.geometry.polygon import Polygon
from pinnsolve.geometry.region import Boundary, Face, Region, Where
from pinnsolve.geometry.revolved import Revolved, meridian
from pinnsolve.geometry.solids import Ball, Box

# Of points (n, dim): (n,)
Function = Callable[[Array], Array]


@dataclass(frozen=True)
class Of:
    """A function of what is seen of points: of some of their coordinates, of distances."""

    function: Function
    seen: Callable[[Array], Array]

    def __call__(self, x: Array) -> Array:
        """At points `(n, dim)`: `(n,)`."""
        return self.function(self.seen(x))


@singledispatch
def smooth_functions(region: Region) -> list[Function]:
    """Functions of points `(n, dim)`, of one sign on each side of their zeros. Of other solids the
    distance, which may have edges.
    """
    return [region.signed_distance] if region.is_solid else []


@smooth_functions.register(Box)
@smooth_functions.register(Ball)
@smooth_functions.register(Ellipse)
@smooth_functions.register(Polygon)
def _(region: Box | Ball | Ellipse | Polygon) -> list[Function]:
    return list(levels_of(region))


@smooth_functions.register
def _(region: Implicit) -> list[Function]:
    """Of a greatest or a least one, each."""
    return [part.values for part in region.parts]


@smooth_functions.register
def _(region: Revolved) -> list[Function]:
    """Those of the profile, but for the axis."""
    profile, near = region.profile, CLOSE * region.profile.extent[0]
    functions = smooth_functions(profile)
    if isinstance(profile, Polygon):
        radius = np.array(profile.vertices, dtype=float)[:, 0]
        off = (radius > near) | (np.roll(radius, -1) > near)
        functions = [f for f, kept in zip(functions, off, strict=True) if kept]
    return [Of(f, partial(meridian, middle=region.middle)) for f in functions]


@smooth_functions.register
def _(region: Product) -> list[Function]:
    split = len(region.a.coordinates)
    first = [Of(f, partial(_columns, own=slice(split))) for f in smooth_functions(region.a)]
    last = [Of(f, partial(_columns, own=slice(split, None))) for f in smooth_functions(region.b)]
    return [*first, *last]


@smooth_functions.register
def _(region: Relisted) -> list[Function]:
    own = [region.coordinates.index(c) for c in region.region.coordinates]
    return [Of(f, partial(_columns, own=own)) for f in smooth_functions(region.region)]


def _columns(x: Array, own: slice | list[int]) -> Array:
    return x[:, own]


@smooth_functions.register
def _(region: Where) -> list[Function]:
    """Those of the whole, and of what is compared."""
    compared = sorted(region.relation.atoms(Relational), key=str)
    own = [Level(each.lhs - each.rhs, region.coordinates).values for each in compared]
    return [*smooth_functions(region.whole), *own]


@smooth_functions.register(Boundary)
@smooth_functions.register(Face)
def _(region: Boundary | Face) -> list[Function]:
    return smooth_functions(region.solid)


@smooth_functions.register(Union)
@smooth_functions.register(Intersection)
@smooth_functions.register(Difference)
def _(region: Union | Intersection | Difference) -> list[Function]:
    return [*smooth_functions(region.a), *smooth_functions(region.b)]
