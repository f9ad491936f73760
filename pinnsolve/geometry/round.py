"""Charts of ellipsoids, balls among them, in any number of dimensions, and distances to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sympy import Expr, Rational, Symbol, cos, gamma, pi, prod, sin, sqrt, sympify

from pinnsolve.geometry.charts import Array, Chart, parameters
from pinnsolve.geometry.gauss import measured

Center = Mapping[Symbol, Expr]


def body_charts(center: Center, axes: Sequence[Expr]) -> tuple[Chart, ...]:
    """Of the inside of an ellipsoid, by its semiaxes: the image of a ball, which keeps measure."""
    d = len(center)
    (r,) = parameters(1)
    s = parameters(d - 1)
    if d == 1:  # an interval
        return (_chart(center, axes, (2 * r - 1,), (r,), float(2 * axes[0]), 1),)
    # The root of r keeps the measure: shells of equal volume get equal shares.
    volume = float(pi ** Rational(d, 2) / gamma(Rational(d, 2) + 1) * prod(axes))
    return tuple(
        _chart(center, axes, tuple(r ** Rational(1, d) * e for e in n), (*s, r), volume, d)
        for n in unit_vectors(d, s)
    )


def rim_charts(center: Center, axes: Sequence[Expr]) -> tuple[Chart, ...]:
    """Of the boundary of an ellipsoid, by its semiaxes."""
    d = len(center)
    s = parameters(d - 1)
    directions = unit_vectors(d, s)
    area = 2 * pi ** Rational(d, 2) / gamma(Rational(d, 2)) / len(directions)
    if len(set(axes)) == 1:
        measure = float(area * axes[0] ** (d - 1))
        return tuple(_chart(center, axes, n, s, measure, d - 1, n) for n in directions)
    return tuple(_stretched(center, axes, n, s, area) for n in directions)


def _stretched(
    center: Center, axes: Sequence[Expr], n: tuple[Expr, ...], s: tuple[Any, ...], area: Expr
) -> Chart:
    """x = D n: by Nanson's formula an element scales by det(D) |D^-1 n|, and D^-1 n is normal."""
    across = [e / a for e, a in zip(n, axes, strict=True)]
    length = sqrt(sum(e**2 for e in across))
    normal = tuple(e / length for e in across)
    element = area * prod(axes) * length
    return measured(_chart(center, axes, n, s, 1.0, len(s), normal, element))


def _chart(
    center: Center,
    axes: Sequence[Expr],
    offset: tuple[Expr, ...],
    s: tuple[Any, ...],
    measure: float,
    dimension: int,
    normal: tuple[Expr, ...] | None = None,
    element: Expr | None = None,
) -> Chart:
    each = zip(center.values(), axes, offset, strict=True)
    point = tuple(c + a * o for c, a, o in each)
    return Chart(tuple(center), s, point, measure, dimension, normal, element=element)


def unit_vectors(d: int, s: Sequence[Expr]) -> list[tuple[Expr, ...]]:
    """Of d dimensions, uniform on the sphere for uniform s `(d - 1,)`, a tuple a chart: angle in
    2D, Archimedes in 3D.

    Beyond, d - 2 components and the two others are each a unit vector, times a length: that of the
    d - 2, to the power d - 2, is uniform in [0, 1] (its square has a beta distribution with the
    second parameter one). Each formula is monotone in each length, so that enclosures are narrow.
    """
    if d == 1:
        return [(sympify(-1),), (sympify(1),)]
    around = (cos(2 * pi * s[0]), sin(2 * pi * s[0]))
    if d == 2:
        return [around]
    if d == 3:
        height = 1 - 2 * s[1]
        flat = sqrt(1 - height**2)
        return [(*(flat * a for a in around), height)]
    length = s[1] ** Rational(1, d - 2)
    rest = sqrt(1 - length**2)
    return [
        (*(rest * a for a in around), *(length * n for n in vector))
        for vector in unit_vectors(d - 2, s[2:])
    ]


def to_ellipsoid(x: Array, axes: Array) -> tuple[Array, Array]:
    """Signed distances `(n,)` of points `(n, d)` to the ellipsoid around the origin with semiaxes
    `(d,)`, and the outward normals `(n, d)` where it is nearest.

    The nearest point is a^2 y / (t + a^2) for the root t of sum (a y / (t + a^2))^2 = 1 right of
    the poles, which Newton's method reaches from the left (Eberly, Distance from a point to an
    ellipse, 2013).
    """
    squares = axes**2
    # On an axis the root may be double: a step aside moves the nearest point along the surface.
    y = np.maximum(np.abs(x), 1e-9 * axes)
    t = (axes * y - squares).max(axis=1)
    for _ in range(12):  # each begins where no term is larger than one
        ratio = axes * y / (t[:, None] + squares)
        slope = (ratio**2 / (t[:, None] + squares)).sum(axis=1)
        t = t + ((ratio**2).sum(axis=1) - 1) / (2 * slope)
    foot = squares * y / (t[:, None] + squares)
    normals = foot / squares
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    distance = ((np.abs(x) - foot) * normals).sum(axis=1)
    return distance, np.where(x < 0, -normals, normals)


def in_units(distance: Array, outward: Array, unit: Array | None) -> Array:
    """Distances `(n,)`, along normals `(n, dim)`, in units `(dim,)`: to first order, and exact
    where all units are equal.
    """
    if unit is None:
        return distance
    scaled: Array = distance / np.linalg.norm(outward * unit, axis=1)
    return scaled
