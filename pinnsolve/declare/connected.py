"""The connected parts of a region: islands of one material are an unknown each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce, singledispatch
from operator import or_

from pinnsolve.declare.partition import common
from pinnsolve.geometry.combine import Difference, Intersection, Product, Solid, Union
from pinnsolve.geometry.interface import between
from pinnsolve.geometry.solids import Box


def connected(region: Solid) -> tuple[Solid, ...]:
    """The parts of a region that touch nowhere but in points: of unions those of their members, and
    what is left of a box that others cut through. What is in one piece keeps its name.

    >>> from pinnsolve import Interval, coordinates
    >>> (x,) = coordinates("x")
    >>> connected(Interval(x, 0, 3) - Interval(x, 1, 2))
    (Box(x: [0, 1]), Box(x: [2, 3]))
    >>> connected(Interval(x, 0, 1) | Interval(x, 1, 2))
    ((Box(x: [0, 1]) | Box(x: [1, 2])),)
    """
    parts = _parts(region)
    return parts if len(parts) > 1 else (region,)


@singledispatch
def _parts(region: Solid) -> tuple[Solid, ...]:
    return (region,)


@_parts.register
def _(region: Union) -> tuple[Solid, ...]:
    groups = list[list[Solid]]()
    for part in (*connected(region.a), *connected(region.b)):
        near = [group for group in groups if any(_touch(part, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(other for group in near for other in group), part])
    return tuple(reduce(or_, group) for group in groups)


@_parts.register
def _(region: Difference) -> tuple[Solid, ...]:
    parts = connected(region.a)
    for other in connected(region.b):
        parts = tuple(left for part in parts for left in _without(part, other))
    return parts


@_parts.register
def _(region: Intersection) -> tuple[Solid, ...]:
    pairs = [common(a, b) for a in connected(region.a) for b in connected(region.b)]
    return tuple(both for both in pairs if both is not None)


@_parts.register
def _(region: Product) -> tuple[Solid, ...]:
    return tuple(a * b for a in connected(region.a) for b in connected(region.b))


def _touch(a: Solid, b: Solid) -> bool:
    """Whether two solids overlap, or have a surface in common."""
    return bool(between(a, b)) or common(a, b) is not None


def _without(part: Solid, other: Solid) -> Sequence[Solid]:
    """What another solid leaves of a part: of a box that a box cuts through, both ends."""
    if common(part, other) is None:
        return (part,)
    if not (isinstance(part, Box) and isinstance(other, Box)):
        return (part - other,)
    ends = [
        (c, end)
        for c, (low, high) in part.limits.items()
        for end in ((low, other.limits[c][0]), (other.limits[c][1], high))
        if end[0] < end[1]
    ]
    if len({c for c, _ in ends}) > 1:
        return (part - other,)
    return [Box({**part.limits, c: end}) for c, end in ends]
