"""Harmonic functions in domains with corners by rational functions, whose poles crowd towards
the corners from outside: Gopal and Trefethen, SIAM J. Numer. Anal. 57 (2019). No piece of the
package is in it: it is what `results corners` measures against.

u = Re f, f a polynomial, poles at each corner, and for a hole powers of 1 / (z - c) and log; real
coefficients by least squares on boundary points that crowd towards the corners as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Complex = NDArray[Any]
Real = NDArray[Any]
# Places and their derivatives, of parameters in [0, 1]; the domain is on the left
Curve = Callable[[Real], tuple[Complex, Complex]]


@dataclass(frozen=True)
class Side:
    """A part of the boundary between two corners: value * u + flux * du/dn = data."""

    curve: Curve
    value: float
    flux: float
    data: Callable[[Complex], Real]


@dataclass(frozen=True)
class Shape:
    """The sides of a domain; its corners, each with a step out of the domain, whose length is that
    to the farthest pole; and the middles and radii of its holes.
    """

    sides: Sequence[Side]
    corners: Sequence[tuple[complex, complex]]
    holes: Sequence[tuple[complex, float]] = ()


@dataclass(frozen=True)
class Sizes:
    """How many functions, and points."""

    poles: int = 60
    degree: int = 80
    # Of each side
    points: int = 500
    # Points end at exp(-reach) of a side before a corner
    reach: float = 26.0


def segment(a: complex, b: complex) -> Curve:
    """The straight line from a to b."""
    return lambda t: (a + (b - a) * t, np.full(t.shape, b - a))


def arc(middle: complex, start: float, end: float, a: float, b: float = 0.0) -> Curve:
    """Of an ellipse with half axes a, b (a circle, if b is left out), between two angles."""
    b = b or a

    def at(t: Real) -> tuple[Complex, Complex]:
        angle = start + (end - start) * t
        place = middle + a * np.cos(angle) + 1j * b * np.sin(angle)
        return place, (end - start) * (-a * np.sin(angle) + 1j * b * np.cos(angle))

    return at


def _functions(shape: Shape, sizes: Sizes, z: Complex) -> tuple[Complex, Complex]:
    """f and f' of every function at places (n,): (n, m) each. Of those that are multiplied by i as
    well only one is here; the logarithms of holes are not.
    """
    ends = np.concatenate([side.curve(np.linspace(0, 1, 9))[0] for side in shape.sides])
    middle = ends.mean()
    size = np.abs(ends - middle).max()
    k = np.arange(sizes.degree + 1)
    powers = ((z - middle) / size)[:, None] ** k
    slopes = k / size * ((z - middle) / size)[:, None] ** np.maximum(k - 1, 0)
    values, derivatives = [powers], [slopes]
    steps = np.exp(-4 * (np.sqrt(sizes.poles) - np.sqrt(np.arange(1, sizes.poles + 1))))
    for corner, outward in shape.corners:
        # Measured from the corner: poles and points are 1e-11 from it.
        away = (z - corner)[:, None] - outward * steps
        values.append(np.abs(outward) * steps / away)
        derivatives.append(-np.abs(outward) * steps / away**2)
    for centre, radius in shape.holes:
        inverse = radius / (z - centre)[:, None]
        values.append(inverse ** k[1:])
        derivatives.append(-k[1:] / radius * inverse ** (k[1:] + 1))
    return np.hstack(values), np.hstack(derivatives)


def _columns(shape: Shape, sizes: Sizes, z: Complex, across: Complex) -> tuple[Real, Real]:
    """Values, and derivatives along directions (n,), of all real functions: (n, m)."""
    f, slope = _functions(shape, sizes, z)
    slope *= across[:, None]
    logs = [np.log(np.abs(z - centre)) for centre, _ in shape.holes]
    fluxes = [(across / (z - centre)).real for centre, _ in shape.holes]
    return (
        np.column_stack([f.real, f.imag, *logs]),
        np.column_stack([slope.real, slope.imag, *fluxes]),
    )


def harmonic(shape: Shape, sizes: Sizes | None = None) -> Callable[[Real], Real]:
    """The function, at points (n, 2)."""
    sizes = sizes or Sizes()
    crowded = 1 / (1 + np.exp(-np.linspace(-sizes.reach, sizes.reach, sizes.points)))
    even = (np.arange(sizes.points) + 0.5) / sizes.points
    t = np.sort(np.concatenate([crowded, even]))
    weights = np.sqrt(np.gradient(t))
    rows, targets = [], []
    for side in shape.sides:
        z, tangent = side.curve(t)
        values, fluxes = _columns(shape, sizes, z, -1j * tangent / np.abs(tangent))
        # Slopes have no bound at corners.
        weight = weights * (np.minimum(t, 1 - t) if side.flux else 1.0)
        rows.append(weight[:, None] * (side.value * values + side.flux * fluxes))
        targets.append(weight * side.data(z))
    matrix, target = np.vstack(rows), np.concatenate(targets)
    norms = np.linalg.norm(matrix, axis=0)
    norms[norms == 0] = 1.0
    coefficients = np.linalg.lstsq(matrix / norms, target, rcond=1e-14)[0] / norms

    def at(points: Real) -> Real:
        z = points[:, 0] + 1j * points[:, 1]
        found: Real = _columns(shape, sizes, z, np.ones_like(z))[0] @ coefficients
        return found

    return at
