"""Problems of `results corners`: domains with corners between curves, or where a condition changes
its kind, each as a problem's parts and as the same sides for `results/lightning.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from sympy import Eq, Rational, sqrt

from pinnsolve import Ball, Box, Ellipse, coordinates, normal_derivative, unknown
from pinnsolve.geometry.region import Region
from results.lightning import Curve, Shape, Side, arc, segment

x, y = coordinates("x y")
u = unknown("u", x, y)
HALF, PI = Rational(1, 2), np.pi
DISK = Ball({x: 0, y: 0}, 1)
UPPER = Box({x: (-2, 2), y: (0, 2)})


def values(part: Region) -> Eq:
    """x^2 is given."""
    return Eq(u, x**2) @ part


def no_flux(part: Region) -> Eq:
    """Nothing leaves."""
    return Eq(normal_derivative(u), 0) @ part


def robin(part: Region) -> Eq:
    """What leaves is the value, with the other sign."""
    return Eq(normal_derivative(u) + u, 0) @ part


def given(curve: Curve) -> Side:
    """A side with x^2."""
    return Side(curve, 1, 0, lambda z: z.real**2)


def free(curve: Curve, value: float = 0.0) -> Side:
    """A side without flux, or Robin's."""
    return Side(curve, value, 1, lambda z: np.zeros(z.shape))


Case = tuple[Any, list[Eq], Shape]
Corner = tuple[complex, complex]


def _rim(domain: Ellipse | Ball, height: float, bent: Eq, side: float) -> Case:
    """Values on the right half of a rim, another condition on the left one."""
    right, left = (arc(0, a * PI, b * PI, 1.0, height) for a, b in ((-0.5, 0.5), (0.5, 1.5)))
    ends = [(sign * height * 1j, sign * height * 0.5j) for sign in (1, -1)]
    return (
        domain,
        [values(domain.boundary.where(x > 0)), bent],
        Shape((given(right), free(left, side)), ends),
    )


def half_rim() -> Case:
    """Values give way to no flux on a circle."""
    return _rim(DISK, 1.0, no_flux(DISK.boundary.where(x < 0)), 0.0)


def robin_rim() -> Case:
    """Values give way to Robin's condition on a circle."""
    return _rim(DISK, 1.0, robin(DISK.boundary.where(x < 0)), 1.0)


def ellipse_rim() -> Case:
    """Values give way to no flux on an ellipse."""
    ellipse = Ellipse({x: 0, y: 0}, {x: 1, y: HALF})
    return _rim(ellipse, 0.5, no_flux(ellipse.boundary.where(x < 0)), 0.0)


def _flat(condition: Callable[[Region], Eq], side: float) -> Case:
    """Half of a disk, whose flat side has values on its left half and a condition on the other."""
    domain, flat = UPPER & DISK, (UPPER & DISK).at(y=0)
    sides = (given(arc(0, 0, PI, 1.0)), given(segment(-1, 0)), free(segment(0, 1), side))
    corners = [(1, 0.4 - 0.4j), (-1, -0.4 - 0.4j), (0, -0.5j)]
    conditions = [values(domain.boundary.where(y > 0)), values(flat.where(x < 0))]
    return domain, [*conditions, condition(flat.where(x > 0))], Shape(sides, corners)


def half_flat() -> Case:
    """Values give way to no flux on a straight side."""
    return _flat(no_flux, 0.0)


def robin_flat() -> Case:
    """Values give way to Robin's condition on a straight side."""
    return _flat(robin, 1.0)


def _all_given(domain: Region, curves: Sequence[Curve], corners: Sequence[Corner]) -> Case:
    """Values everywhere."""
    return domain, [values(domain.boundary)], Shape([given(curve) for curve in curves], corners)


def half_disk() -> Case:
    """Right angles between an arc and its diameter."""
    corners = [(1, 0.4 - 0.4j), (-1, -0.4 - 0.4j)]
    return _all_given(UPPER & DISK, [arc(0, 0, PI, 1.0), segment(-1, 1)], corners)


def half_ellipse() -> Case:
    """The same of an ellipse."""
    domain = UPPER & Ellipse({x: 0, y: 0}, {x: 1, y: HALF})
    corners = [(1, 0.4 - 0.4j), (-1, -0.4 - 0.4j)]
    return _all_given(domain, [arc(0, 0, PI, 1.0, 0.5), segment(-1, 1)], corners)


def chord() -> Case:
    """The larger part of a disk, cut by a chord: 3 pi / 4."""
    domain = DISK & Box({x: (-2, 2), y: (-sqrt(2) / 2, 2)})
    a, b = (np.exp(1j * k * PI / 4) for k in (-1, -3))
    out = [(a, 0.5 * np.exp(-1j * PI * 3 / 8)), (b, 0.5 * np.exp(-1j * PI * 5 / 8))]
    return _all_given(domain, [arc(0, -PI / 4, PI * 5 / 4, 1.0), segment(b, a)], out)


def _two(domain: Region, left: tuple[float, float], right: tuple[float, float], out: float) -> Case:
    """Between two circles around -1/2 and 1/2, of radius one, with their angles."""
    curves = [arc(-0.5, *left, 1.0), arc(0.5, *right, 1.0)]
    tip = np.sqrt(3) / 2 * 1j
    return _all_given(domain, curves, [(tip, out * 1j), (-tip, -out * 1j)])


LEFT, RIGHT = (Ball({x: sign * HALF, y: 0}, 1) for sign in (-1, 1))


def lens() -> Case:
    """What two disks share: 2 pi / 3."""
    return _two(LEFT & RIGHT, (-PI / 3, PI / 3), (PI * 2 / 3, PI * 4 / 3), 0.5)


def two_disks() -> Case:
    """Two disks that overlap: 4 pi / 3."""
    return _two(LEFT | RIGHT, (PI / 3, PI * 5 / 3), (-PI * 2 / 3, PI * 2 / 3), 0.3)


def crescent() -> Case:
    """A disk without another: horns of 0.16 pi."""
    angle = np.arccos(0.25)
    tip = np.exp(1j * angle)
    inner = PI - angle
    curves = [arc(0, angle, 2 * PI - angle, 1.0), arc(0.5, 2 * PI - inner, inner, 1.0)]
    domain = DISK - Ball({x: HALF, y: 0}, 1)
    # A horn points away from the middle of the crescent.
    out = 0.3 * np.exp(1j * (angle - PI / 2 + (inner - angle) / 2))
    return _all_given(domain, curves, [(tip, out), (tip.conjugate(), out.conjugate())])


def stadium() -> Case:
    """Values on straight sides, no flux on the arc that goes on from them."""
    domain = Box({x: (-1, 0), y: (-HALF, HALF)}) | Ball({x: 0, y: 0}, HALF)
    places = [0.5j, -1 + 0.5j, -1 - 0.5j, -0.5j]
    straight = [given(segment(a, b)) for a, b in pairwise(places)]
    steps = (0.4j, -0.3 + 0.3j, -0.3 - 0.3j, -0.4j)
    shape = Shape(
        [free(arc(0, -PI / 2, PI / 2, 0.5)), *straight], list(zip(places, steps, strict=True))
    )
    walls = domain.boundary
    return domain, [values(walls.where(x < 0)), no_flux(walls.where(x > 0))], shape


def hole_rim() -> Case:
    """Values give way to no flux on the rim of a hole."""
    hole, middle, radius = Ball({x: Rational(1, 5), y: 0}, Rational(1, 3)), 0.2, 1 / 3
    rim = hole.boundary
    sides = [
        given(arc(0, 0, 2 * PI, 1.0)),
        given(arc(middle, PI, 0, radius)),
        free(arc(middle, 0, -PI, radius)),
    ]
    corners = [(middle + sign * radius, -sign * 0.15) for sign in (1, -1)]
    conditions = [values(DISK.boundary), values(rim.where(y > 0)), no_flux(rim.where(y < 0))]
    return DISK - hole, conditions, Shape(sides, corners, [(middle, radius)])


CASES: dict[str, Callable[[], Case]] = {
    case.__name__: case
    for case in (
        half_rim,
        robin_rim,
        ellipse_rim,
        half_flat,
        robin_flat,
        half_disk,
        half_ellipse,
        chord,
        lens,
        two_disks,
        stadium,
        hole_rim,
        crescent,
    )
}
