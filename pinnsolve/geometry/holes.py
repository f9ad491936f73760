"""Holes: balls and ellipses that are cut out of a region, or balls in the boxes that are; slots:
thin ones; and bores: cylinders.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import singledispatch

import numpy as np
from sympy import Float, Symbol

from pinnsolve.geometry.combine import Difference, Intersection, Product, Relisted, Union
from pinnsolve.geometry.curve import Enclosed
from pinnsolve.geometry.ellipse import Ellipse
from pinnsolve.geometry.filters import Inside, Outside
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.solids import Ball, Box

Round = Ball | Ellipse
Drilled = tuple[Round, Symbol, Sequence[float]]

# Times its shortest side, the longest side of a box that is cut out: beyond, it is a slot. A ball
# in its middle holds nothing of its tips, and what lies to either side of it has little in common.
SLOT = 4.0


def round_holes(region: Region) -> tuple[Round, ...]:
    """The balls and ellipses that are cut out of a region, each once, in the order in which they
    are named; of a box that is cut out the largest ball around its middle, unless it is a slot.
    """
    return tuple(dict.fromkeys(ball for part in _cut_out(region) for ball in _round(part)))


def convex_holes(filtered: object) -> tuple[Region, ...]:
    """The balls, ellipses and boxes that a filter of points leaves out: a box whose corners lie in
    one lies in it.
    """
    parts: tuple[Region, ...] = ()
    if isinstance(filtered, Inside):
        parts = _cut_out(filtered.region)
    if isinstance(filtered, Outside):
        parts = _parts(filtered.region)
    return tuple(part for part in parts if isinstance(part, Ball | Ellipse | Box))


def inner_radius(hole: Round) -> float:
    """That of the largest ball around its middle."""
    axes = hole.semiaxes.values() if isinstance(hole, Ellipse) else (hole.radius,)
    return float(min(axes))


def focus(hole: Round) -> dict[Symbol, float]:
    """How far from the middle a focus of a hole in the plane lies, along each coordinate."""
    if not isinstance(hole, Ellipse):
        return dict.fromkeys(hole.coordinates, 0.0)
    b = inner_radius(hole)
    return {c: math.sqrt(max(float(a) ** 2 - b**2, 0.0)) for c, a in hole.semiaxes.items()}


def bores(region: Region) -> tuple[tuple[Round, Symbol], ...]:
    """The disks of the cylinders that are cut out of a region in space from end to end, each with
    the coordinate along it; each once.
    """
    ends = dict(zip(region.coordinates, region.bounds.tolist(), strict=True))
    return tuple(
        dict.fromkeys(
            (disk, c)
            for disk, c, (low, high) in _through(region)
            if low <= ends[c][0] and ends[c][1] <= high
        )
    )


@singledispatch
def _through(region: Region) -> tuple[Drilled, ...]:
    """Cylinders that are cut out of a region: disks, with the coordinate and the ends along it."""
    return ()


@_through.register
def _(region: Difference) -> tuple[Drilled, ...]:
    drilled = (each for part in _parts(region.b) for each in _drilled(part))
    return (*_through(region.a), *drilled)


@_through.register(Union)
@_through.register(Intersection)
def _(region: Union | Intersection) -> tuple[Drilled, ...]:
    return (*_through(region.a), *_through(region.b))


@_through.register
def _(region: Relisted) -> tuple[Drilled, ...]:
    return _through(region.region)


@_through.register
def _(region: Product) -> tuple[Drilled, ...]:
    return tuple(
        (disk, line.coordinates[0], line.bounds[0].tolist())
        for plane, line in _factors(region)
        for disk in round_holes(plane)
    )


@singledispatch
def _drilled(part: Region) -> tuple[Drilled, ...]:
    """The same of what is cut out."""
    return ()


@_drilled.register
def _(part: Relisted) -> tuple[Drilled, ...]:
    return _drilled(part.region)


@_drilled.register
def _(part: Product) -> tuple[Drilled, ...]:
    return tuple(
        (disk, line.coordinates[0], line.bounds[0].tolist())
        for plane, line in _factors(part)
        for disk in _round(plane)
    )


def _factors(product: Product) -> Iterator[tuple[Region, Region]]:
    """Its factor in the plane, and that on a line, if it has these."""
    for plane, line in ((product.a, product.b), (product.b, product.a)):
        if len(plane.coordinates) == 2 and len(line.coordinates) == 1:
            yield plane, line


def circles(region: Region) -> tuple[tuple[Ball, bool], ...]:
    """The disks whose rims bound a region in the plane, each with whether that lies outside of it;
    each once. All of the region is on that side: of what a union puts together there are none.
    """
    return tuple(dict.fromkeys(_circles(region)))


@singledispatch
def _circles(region: Region) -> tuple[tuple[Ball, bool], ...]:
    """Those of a region of a kind."""
    return ()


@_circles.register
def _(region: Ball) -> tuple[tuple[Ball, bool], ...]:
    return ((region, False),)


@_circles.register
def _(region: Difference) -> tuple[tuple[Ball, bool], ...]:
    cut = tuple((part, True) for part in _parts(region.b) if isinstance(part, Ball))
    return (*_circles(region.a), *cut)


@_circles.register
def _(region: Intersection) -> tuple[tuple[Ball, bool], ...]:
    return (*_circles(region.a), *_circles(region.b))


def slots(region: Region) -> tuple[tuple[Symbol, float], ...]:
    """Of each thin box that is cut out of a region, the coordinate across it and its middle there;
    each once.
    """
    return tuple(dict.fromkeys(slot for part in _cut_out(region) for slot in _slot(part)))


@singledispatch
def _cut_out(region: Region) -> tuple[Region, ...]:
    """What differences leave out."""
    return ()


@_cut_out.register
def _(region: Difference) -> tuple[Region, ...]:
    return (*_cut_out(region.a), *_parts(region.b))


@_cut_out.register(Union)
@_cut_out.register(Intersection)
def _(region: Union | Intersection) -> tuple[Region, ...]:
    return (*_cut_out(region.a), *_cut_out(region.b))


@singledispatch
def _parts(region: Region) -> tuple[Region, ...]:
    return (region,)


@_parts.register
def _(region: Union) -> tuple[Region, ...]:
    return (*_parts(region.a), *_parts(region.b))


@singledispatch
def _round(region: Region) -> tuple[Round, ...]:
    return ()


@_round.register(Ball)
@_round.register(Ellipse)
def _(region: Round) -> tuple[Round, ...]:
    return (region,)


@_round.register
def _(region: Box) -> tuple[Round, ...]:
    if _slot(region):
        return ()
    middle = {c: (low + high) / 2 for c, (low, high) in region.limits.items()}
    return (Ball(middle, min(high - low for low, high in region.limits.values()) / 2),)


@_round.register
def _(region: Enclosed) -> tuple[Round, ...]:
    """The largest around the middle of what the curve encloses, where that lies inside."""
    middle = np.array(region.polygon.centroid.coords)
    reach = -float(region.signed_distance(middle)[0])
    if reach <= 0:
        return ()
    at = dict(zip(region.coordinates, map(Float, middle[0].tolist()), strict=True))
    return (Ball(at, Float(reach)),)


@singledispatch
def _slot(region: Region) -> tuple[tuple[Symbol, float], ...]:
    return ()


@_slot.register
def _(region: Box) -> tuple[tuple[Symbol, float], ...]:
    sides = np.ptp(region.bounds, axis=1)
    if sides.max() <= SLOT * sides.min():
        return ()
    axis = int(sides.argmin())
    return ((region.coordinates[axis], float(region.bounds[axis].mean())),)
