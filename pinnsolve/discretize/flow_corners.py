"""Biharmonic corner functions, read off the equations: of flows and clamped plates, with walls
on both sides of a corner.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import permutations, product

import numpy as np
from numpy.polynomial.polynomial import polyadd, polymul

from pinnsolve.basis.adapted.biharmonic import FlowCorner, Term
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.points import fills_domain
from pinnsolve.discretize.sides import points_on_side
from pinnsolve.geometry.vertices import Vertex, vertices
from pinnsolve.jets.indices import members, order_of


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
    # Directions in which a principal part is compared with that of the squared Laplacian
    directions: int = 7


EDDIES = Eddies()


@lru_cache(maxsize=8)
def known_flow_corners(system: System) -> tuple[FlowCorner, ...]:
    """Corners between two walls, on which the whole velocity is given, of flows in
    velocity and pressure or a stream function.

    A nonlinear equation is taken at u = 0.
    """
    return tuple(_corner(system, vertex, slides) for vertex, slides in walled(system))


@lru_cache(maxsize=8)
def walled(system: System) -> tuple[tuple[Vertex, bool], ...]:
    """The corners of the domain between two such walls, and whether one slides along the other."""
    if len(system.domain.coordinates) != 2 or len(set(system.supports)) > 1:
        return ()
    if not _may_flow(system):
        return ()
    corners = []
    for vertex in vertices(system.domain):
        if is_biharmonic(system, vertex.point):
            ends = (vertex.start, vertex.start + vertex.opening)
            first, second = (_wall(system, vertex, angle) for angle in ends)
            if first is not None and second is not None:
                corners.append((vertex, _slide(system, first, second)))
    return tuple(corners)


def is_biharmonic(system: System, point: Sequence[float]) -> bool:
    """Whether the principal part of the equations' determinant is the squared Laplacian's, of one
    unknown or three: elastic bodies, of two, have powers of their own.
    """
    if not _may_flow(system):
        return False
    inside = [r for r in system.residuals if fills_domain(r.condition.region)]
    n, leading = len(inside), []
    for angle in np.linspace(0.1, math.pi, EDDIES.directions):
        symbol = _symbol(inside, n, point, (math.cos(angle), math.sin(angle)))
        determinant = np.zeros(1)
        for order in permutations(range(n)):
            sign = np.atleast_1d(np.linalg.det(np.eye(n)[list(order)]))
            entries = (symbol[k][unknown] for k, unknown in enumerate(order))
            determinant = polyadd(determinant, reduce(polymul, entries, sign))
        known = np.flatnonzero(np.abs(determinant) > 1e-12 * np.abs(determinant).max())
        if not len(known) or known[-1] != 4:
            return False
        leading.append(determinant[4])
    return bool(np.ptp(leading) < 1e-9 * np.abs(leading).max())


def highest_orders(system: System) -> list[int]:
    """The highest derivative of every unknown that an equation takes in the domain."""
    slots = [s for r in system.residuals if fills_domain(r.condition.region) for s in r.slots]
    unknowns = range(system.n_unknowns)
    return [max((order_of(s.index) for s in slots if s.unknown == k), default=0) for k in unknowns]


def pressure_of(system: System) -> int:
    """The number of the unknown whose highest derivative is the lowest."""
    highest = highest_orders(system)
    return highest.index(min(highest))


def _may_flow(system: System) -> bool:
    """Whether the numbers of equations and unknowns are those of a flow."""
    inside = [r for r in system.residuals if fills_domain(r.condition.region)]
    highest = sorted(highest_orders(system))
    return (len(inside), highest) in ((1, [4]), (3, [1, 2, 2]))


def _symbol(
    inside: Sequence[Residual], n: int, point: Sequence[float], direction: Sequence[float]
) -> list[list[np.ndarray]]:
    """Of each equation in each unknown the coefficients of (d/ds)^k, k = 0 ... 4, along a
    direction.
    """
    x = DOUBLE.new_tensor([list(point)])
    symbol = [[np.zeros(5) for _ in range(n)] for _ in inside]
    for row, residual in zip(symbol, inside, strict=True):
        slopes = residual.coefficients(x, None)[:, 0].tolist()
        for slot, slope in zip(residual.slots, slopes, strict=True):
            for a, b in members(slot.index):
                if a + b < 5:
                    row[slot.unknown][a + b] += slope * direction[0] ** a * direction[1] ** b
    return symbol


def _wall(system: System, vertex: Vertex, angle: float) -> dict[int, float] | None:
    """The data of a wall beside a corner where it begins, by unknown: the velocity, or the slope of
    a stream function. None, where it is no wall: there the value and the slope of one unknown are
    given, or the values of both velocities.
    """
    orders, data = list[tuple[int, int]](), dict[int, float]()
    side = np.array([math.cos(angle), math.sin(angle)])
    alone = system.n_unknowns == 1
    pressure = None if alone else pressure_of(system)
    for residual in system.residuals:
        own = {slot.unknown for slot in residual.slots}
        of_flow = len(own) == 1 and own != {pressure}
        p = points_on_side(system, residual, vertex.point, side) if of_flow else None
        if p is not None and len(p.x):
            order = max(order_of(slot.index) for slot in residual.slots)
            orders.append((min(own), order))
            x, normals = p.taken(np.array([0])).tensors()
            if order == int(alone):
                at = x.new_tensor([list(vertex.point)])
                slope = float(residual.coefficients(at, normals)[0])
                data[min(own)] = float(residual.data(at, normals)) / (slope or 1.0)
    wanted = {(0, 0), (0, 1)} if alone else {(k, 0) for k, order in orders if order == 0}
    return data if len(wanted) == 2 and wanted <= set(orders) else None


def _slide(system: System, first: dict[int, float], second: dict[int, float]) -> bool:
    """Whether a wall slides along the other: velocities differ where they meet; one that both walls
    share is smooth, and has no pressure like 1 / r.
    """
    every = [abs(number) for number in (*first.values(), *second.values())]
    if system.n_unknowns == 1:
        return max(every) > 1e-9
    apart = [abs(first[k] - second[k]) for k in first.keys() & second.keys()]
    return max(apart, default=0.0) > 1e-9 * max(1.0, *every)


def _corner(system: System, vertex: Vertex, slides: bool) -> FlowCorner:
    alone = system.n_unknowns == 1
    # A stream function has a power more than the velocity, a pressure one less.
    more = 1 if alone else 0
    powers = [
        (a.real, eddies)
        for a in velocity_powers(vertex.opening)
        for eddies in dict.fromkeys((a.imag, -a.imag))
    ]
    terms = [t for p, e in powers for t in (Term(p + more, e), Term(p + more - 1, e, 1))]
    pressures = [Term(p - 1, e) for p, e in powers]
    middle = vertex.start + vertex.opening / 2
    if alone:
        terms += _scraped(system.linear) if slides else []
        return FlowCorner(vertex.point, middle, tuple(terms))
    if slides:
        terms, pressures = (
            [*own, *scraped]
            for own, scraped in zip((terms, pressures), _dragged(system.linear), strict=True)
        )
    number = pressure_of(system)
    return FlowCorner(vertex.point, middle, tuple(terms), number, tuple(pressures))


def _scraped(linear: bool) -> list[Term]:
    """Where one wall slides along the other: r th cos th, r th sin th of the stream function; and
    r^2 th^k, r^2 th^k cos 2 th, r^2 th^k sin 2 th, k = 1, 2, which inertia adds.
    """
    added = [Term(p, 0.0, 2 - p, k) for p, k in product((1, 2), (1, 2))]
    return [Term(1, 0.0, 0, 1), *([] if linear else added)]


def _dragged(linear: bool) -> tuple[list[Term], list[Term]]:
    """The same of the velocity, derivatives of these, and of the pressure, of one power less."""
    velocity, pressure = [Term(0, 0.0, 0, 1), Term(1, 0.0, -1)], [Term(-1)]
    if linear:
        return velocity, pressure
    added = [Term(p, 0.0, 1 - p, k) for p, k in product((1, 2), (0, 1, 2)) if (p, k) != (1, 0)]
    turned = [Term(0, 0.0, 0, 2), *(Term(1, 0.0, -1, k) for k in (1, 2))]
    return [*velocity, *added], [*pressure, *velocity, *turned]


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
