"""Biharmonic corner functions, read off the equations: of flows and clamped plates, with walls
on both sides of a corner.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

from pinnsolve.basis.adapted.biharmonic import FlowCorner, Term
from pinnsolve.compile.system import System
from pinnsolve.discretize.plane_flows import pressure_of
from pinnsolve.discretize.walls import Walled, walled


@dataclass(frozen=True)
class Eddies:
    """Which powers at a corner are looked for."""

    # Of the velocity: what is smoother, waves resolve
    top: float = 3.5
    # Starts of Newton's method for a root, apart, along the real and the imaginary axis: roots are
    # farther from each other than from the next of them
    apart: tuple[float, float] = (0.1, 0.2)
    # Imaginary parts: of corners of 1 to 360 degrees they are below it up to that power
    steepest: float = 2.0


EDDIES = Eddies()


@dataclass(frozen=True)
class Own:
    """What a stream function has at a corner, a velocity (derivatives of it), and a pressure."""

    stream: tuple[Term, ...]
    velocity: tuple[Term, ...]
    pressure: tuple[Term, ...]


# By the power of what clashes: where one wall slides along the other, r th cos th, r th sin th of
# the stream function; where slopes do, r^2 th.
CLASHING = {
    0: Own((Term(1, turns=1),), (Term(0, turns=1), Term(1, raised=-1)), (Term(-1),)),
    1: Own((Term(1, raised=1, turns=1),), (Term(1, turns=1),), (Term(0, logs=1),)),
}
# Where walls slide it adds r^2 th^k, r^2 th^k cos 2 th, r^2 th^k sin 2 th, k = 1, 2.
INERTIA = Own(
    tuple(Term(p, 0.0, 2 - p, k) for p, k in product((1, 2), (1, 2))),
    tuple(Term(p, 0.0, 1 - p, k) for p, k in product((1, 2), (0, 1, 2)) if (p, k) != (1, 0)),
    (
        *(Term(p, 0.0, -p, k) for p, k in product((0, 1), (0, 1, 2)) if (p, k) != (0, 0)),
        Term(0, logs=1),
    ),
)


@lru_cache(maxsize=8)
def known_flow_corners(system: System) -> tuple[FlowCorner, ...]:
    """Corners between two walls, on which the whole velocity is given, of flows in
    velocity and pressure or a stream function.

    A nonlinear equation is taken at u = 0.
    """
    return tuple(_corner(system, corner) for corner in walled(system))


def _corner(system: System, walls: Walled) -> FlowCorner:
    vertex, alone = walls.vertex, system.n_unknowns == 1
    # A stream function has a power more than the velocity, a pressure one less.
    more = 1 if alone else 0
    powers = [
        (a.real, eddies)
        for a in velocity_powers(vertex.opening)
        for eddies in dict.fromkeys((a.imag, -a.imag))
    ]
    terms = [t for p, e in powers for t in (Term(p + more, e), Term(p + more - 1, e, 1))]
    pressures = [Term(p - 1, e) for p, e in powers]
    inert = 0 in walls.clashes and not system.linear
    for own in (*(CLASHING[power] for power in walls.clashes), *[INERTIA][: int(inert)]):
        terms += own.stream if alone else own.velocity
        pressures += own.pressure
    middle = vertex.start + vertex.opening / 2
    every, pressed = (tuple(dict.fromkeys(each)) for each in (terms, pressures))
    if alone:
        return FlowCorner(vertex.point, middle, every)
    return FlowCorner(vertex.point, middle, every, pressure_of(system), pressed)


def velocity_powers(opening: float) -> list[complex]:
    """Powers of the velocity in a corner between two walls at rest, by their real parts; of two
    conjugate ones, that with a positive imaginary part.

    sin(a w)^2 = a^2 sin(w)^2 (Dean and Montagnon, 1949), of which 0 and 1 are no flows.

    >>> [f"{a:.4f}" for a in velocity_powers(math.pi / 2)]
    ['2.7396+1.1190j']
    """
    found = list[complex]()
    steps = (
        np.arange(0.0, high, step)
        for high, step in zip((EDDIES.top + 1, EDDIES.steepest), EDDIES.apart, strict=True)
    )
    for (real, imaginary), sign in product(product(*steps), (1, -1)):
        a = _root(complex(real, imaginary), opening, sign)
        flows = a is not None and 1e-3 < a.real < EDDIES.top and abs(a - 1) > 1e-6
        if a is not None and flows and all(abs(a - b) > 1e-6 for b in found):
            found.append(a)
    return sorted(found, key=lambda a: (a.real, a.imag))


def _root(a: complex, w: float, sign: int) -> complex | None:
    """Newton's method for sin(a w) = sign a sin(w), from a start; None, where it goes astray."""
    for _ in range(30):
        slope = w * cmath.cos(a * w) - sign * math.sin(w)
        if abs(slope) < 1e-12 or abs(a) > 20:
            return None
        step = (cmath.sin(a * w) - sign * a * math.sin(w)) / slope
        a -= step
        if abs(step) < 1e-13:
            return complex(a.real, 0.0 if abs(a.imag) < 1e-9 else abs(a.imag))
    return None
