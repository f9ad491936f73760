"""Boundaries of solids as zeros of quadratic polynomials, and where these turn or meet along a
coordinate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch
from itertools import combinations

import numpy as np
from numpy.polynomial import Polynomial

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.combine import (
    Difference,
    Intersection,
    Product,
    Relisted,
    Solid,
    Union,
)
from pinnsolve.geometry.ellipse import Ellipse
from pinnsolve.geometry.polygon import Polygon
from pinnsolve.geometry.region import Boundary, Face, Region, Where
from pinnsolve.geometry.solids import Ball, Box


@dataclass(frozen=True)
class Telling:
    """What is told from what, of coefficients and of roots in a unit box."""

    # Of the largest coefficient: smaller ones are round-off
    coefficient: float = 1e-13
    # Two roots that are nearer are a double one, which is known to half of its digits
    root: float = 1e-6


TELLING = Telling()


@dataclass(frozen=True)
class Level:
    """x'Qx + b.x + c in some coordinates: `q (dim, dim)`, `b (dim,)`."""

    q: Array
    b: Array
    c: float

    @classmethod
    def of(cls, q: Array, b: Array, c: float) -> Level:
        """`q (dim, dim)`, `b (dim,)`, divided by the largest, and none that is round-off."""
        largest = max(*np.abs([*q.flat, *b, c]).tolist()) or 1.0
        q, b = (np.where(np.abs(v) < TELLING.coefficient * largest, 0, v) / largest for v in (q, b))
        return cls(q, b, float(c / largest))

    def within(self, bounds: Array) -> Level:
        """In coordinates that run from 0 to 1 between bounds `(dim, 2)`."""
        low, side = bounds[:, 0], np.ptp(bounds, axis=1)
        b = self.b + 2 * self.q @ low
        return Level.of(
            self.q * np.outer(side, side),
            b * side,
            float(self.c + self.b @ low + low @ self.q @ low),
        )

    def __call__(self, x: Array) -> Array:
        """At points `(n, dim)`: `(n,)`."""
        values: Array = np.einsum("nk,kl,nl->n", x, self.q, x) + x @ self.b + self.c
        return values

    def at(self, first: float) -> Level:
        """With a number in the place of the first coordinate."""
        b = self.b[1:] + 2 * self.q[0, 1:] * first
        return Level(self.q[1:, 1:], b, self.c + self.b[0] * first + self.q[0, 0] * first**2)

    def in_last(self) -> tuple[Polynomial, Polynomial, Polynomial]:
        """Of two coordinates: coefficients of powers 2, 1, 0 of the last, as polynomials of the
        first.
        """
        return (
            Polynomial([self.q[1, 1]]),
            Polynomial([self.b[1], 2 * self.q[0, 1]]),
            Polynomial([self.c, self.b[0], self.q[0, 0]]),
        )

    @property
    def knows_last(self) -> bool:
        """Whether it depends on the last coordinate."""
        return bool(self.b[-1]) or bool(self.q[-1].any())

    def shadow(self) -> Level | None:
        """Where it turns along the last coordinate, in the others."""
        if not self.knows_last:
            return Level(self.q[:-1, :-1], self.b[:-1], self.c)
        a, cross, slope = self.q[-1, -1], self.q[-1, :-1], self.b[-1]
        if not a:
            return None
        q = self.q[:-1, :-1] - np.outer(cross, cross) / a
        return Level.of(q, self.b[:-1] - slope * cross / a, self.c - slope**2 / (4 * a))


def shadows(levels: Sequence[Level]) -> list[Level]:
    """Where levels turn along the last coordinate, and meet each other, in the other coordinates:
    of meetings those in which the last coordinate is linear, which is all that is known of levels
    of the same second powers.
    """
    own = [s for level in levels if (s := level.shadow()) is not None]
    meeting = [s for a, b in combinations(levels, 2) if (s := _meeting(a, b)) is not None]
    return [level for level in (*own, *meeting) if level.b.any() or level.q.any()]


def _meeting(one: Level, other: Level) -> Level | None:
    if not (one.knows_last and other.knows_last):
        return None
    a, b = one.q[-1, -1], other.q[-1, -1]
    if a and b:
        plane = Level.of(b * one.q - a * other.q, b * one.b - a * other.b, b * one.c - a * other.c)
    else:
        one, plane = (other, one) if b else (one, other)
    if plane.q.any():
        return None
    if not plane.b[-1]:
        return Level(plane.q[:-1, :-1], plane.b[:-1], plane.c)
    # The last coordinate on the plane, put into the level
    along, offset = -plane.b[:-1] / plane.b[-1], -plane.c / plane.b[-1]
    a, cross, slope = one.q[-1, -1], one.q[-1, :-1], one.b[-1]
    q = one.q[:-1, :-1] + np.outer(cross, along) + np.outer(along, cross)
    q += a * np.outer(along, along)
    linear = one.b[:-1] + 2 * offset * cross + (slope + 2 * a * offset) * along
    return Level.of(q, linear, one.c + slope * offset + a * offset**2)


def turns(levels: Sequence[Level]) -> Iterator[float]:
    """The first of two coordinates, wherever levels turn along the last or meet."""
    held = [level.in_last() for level in levels]
    for a, b, c in held:
        yield from _roots(b**2 - 4 * a * c if a.coef[0] else b)
        if not a.coef[0] and not b.coef.any():
            yield from _roots(c)
    for (a, b, c), (d, e, f) in combinations(held, 2):
        linear = not a.coef[0] and not d.coef[0]
        resultant = (
            b * f - e * c if linear else (a * f - d * c) ** 2 - (a * e - d * b) * (b * f - e * c)
        )
        yield from _roots(resultant)


def zeros(levels: Iterable[Level]) -> Iterator[float]:
    """The places of levels of one coordinate."""
    for level in levels:
        yield from _roots(Polynomial([level.c, level.b[0], level.q[0, 0]]))


def _roots(p: Polynomial) -> Iterator[float]:
    coefficients = p.coef
    largest = np.abs(coefficients).max(initial=0.0)
    if not largest:
        return
    trimmed = p.trim(TELLING.coefficient * largest)
    if trimmed.degree() > 0:
        found = _real(trimmed)
        # A double root, where levels touch, is known to half of its digits: the slope's has all
        double = [r for r in _real(trimmed.deriv()) if _is_near(r, found)]
        yield from double
        yield from (r for r in found if not _is_near(r, double))


def _real(p: Polynomial) -> list[float]:
    """The roots that are real but for round-off."""
    return [float(r.real) for r in p.roots() if abs(r.imag) <= TELLING.root]


def _is_near(place: float, others: list[float]) -> bool:
    return any(abs(place - other) <= TELLING.root for other in others)


@singledispatch
def levels_of(region: Region) -> list[Level]:
    """Polynomials whose zeros hold the boundary of a solid, or of the one that a region is a part
    of. Raises ValueError for others.
    """
    raise ValueError(f"no rule for integrals over {region} is known")


def known_levels(region: Region) -> list[Level] | None:
    """The same, and None for others."""
    try:
        return levels_of(region)
    except ValueError:
        return None


@levels_of.register
def _(region: Box) -> list[Level]:
    dim, planes = len(region.coordinates), np.eye(len(region.coordinates))
    return [
        Level(np.zeros((dim, dim)), planes[k], -float(end))
        for k, ends in enumerate(region.bounds)
        for end in ends
    ]


@levels_of.register
def _(region: Ball) -> list[Level]:
    middle = region.bounds.mean(axis=1)
    radius = np.ptp(region.bounds[0]) / 2
    return [Level(np.eye(len(middle)), -2 * middle, float(middle @ middle - radius**2))]


@levels_of.register
def _(region: Ellipse) -> list[Level]:
    middle, axes = region.floats
    q = np.diag(1 / axes**2)
    return [Level(q, -2 * q @ middle, float(middle @ q @ middle - 1))]


@levels_of.register
def _(region: Polygon) -> list[Level]:
    corners = np.array(region.vertices, dtype=float)
    along = np.roll(corners, -1, axis=0) - corners
    across = np.stack([along[:, 1], -along[:, 0]], axis=1)
    return [Level(np.zeros((2, 2)), n, -float(n @ p)) for n, p in zip(across, corners, strict=True)]


@levels_of.register(Boundary)
@levels_of.register(Face)
def _(region: Boundary | Face) -> list[Level]:
    return levels_of(region.solid)


@levels_of.register
def _(region: Where) -> list[Level]:
    return levels_of(region.whole)


@levels_of.register
def _(region: Product) -> list[Level]:
    split, dim = len(region.a.coordinates), len(region.coordinates)
    parts = ((region.a, range(split)), (region.b, range(split, dim)))
    return [_among(level, own, dim) for part, own in parts for level in levels_of(part)]


@levels_of.register
def _(region: Relisted) -> list[Level]:
    own = [region.coordinates.index(c) for c in region.region.coordinates]
    return [_among(level, own, len(own)) for level in levels_of(region.region)]


def _among(level: Level, own: Sequence[int], dim: int) -> Level:
    """A level of some coordinates, in all of them."""
    q, b = np.zeros((dim, dim)), np.zeros(dim)
    q[np.ix_(own, own)], b[list(own)] = level.q, level.b
    return Level(q, b, level.c)


@levels_of.register(Union)
@levels_of.register(Intersection)
@levels_of.register(Difference)
def _(region: Union | Intersection | Difference) -> list[Level]:
    return levels_of(region.a) + levels_of(region.b)


@singledispatch
def combined(region: Region) -> list[Solid]:
    """The solids that one is combined of, or that a region is a part of; none of what is no part of
    a solid.
    """
    return [region] if isinstance(region, Solid) else []


@combined.register(Boundary)
@combined.register(Face)
def _(region: Boundary | Face) -> list[Solid]:
    return combined(region.solid)


@combined.register
def _(region: Relisted) -> list[Solid]:
    return [each.relisted(region.coordinates) for each in combined(region.region)]


@combined.register
def _(region: Where) -> list[Solid]:
    return combined(region.whole)


@combined.register(Union)
@combined.register(Intersection)
@combined.register(Difference)
def _(region: Union | Intersection | Difference) -> list[Solid]:
    return combined(region.a) + combined(region.b)
