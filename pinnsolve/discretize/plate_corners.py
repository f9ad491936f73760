"""Corners of plates, whose sides may be clamped, hinged, free, or held in any other way: powers are
read off the conditions.

Biharmonic functions of one power p are r^p times cosines and sines of p th and (p - 2) th. Two
conditions on each side, by their highest derivatives alone, are four equations for the four
numbers; p is a power where their determinant vanishes (Williams, J. Appl. Mech. 19 (1952) 526), and
the combination is what it leaves open. Left to the least squares, which see no point close to the
corner, the shear of a free side was off there, and eigenvalues by 1e-5.
"""

from __future__ import annotations

import cmath
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.basis.adapted.biharmonic import FlowCorner, Term
from pinnsolve.basis.adapted.corners import wirtinger
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.plane_flows import is_biharmonic
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.discretize.sides import points_on_side
from pinnsolve.geometry.charts import CLOSE
from pinnsolve.geometry.vertices import Vertex, vertices

# Factors of d^j dbar^k
Operator = dict[tuple[int, int], complex]
Sides = Sequence[Sequence[Operator]]
Powered = NDArray[np.complex128]


@dataclass(frozen=True)
class Powers:
    """Which powers at a corner are looked for."""

    # Of finite energy, above 1; what is smoother, waves resolve
    low: float = 1.0
    top: float = 7.5
    # Starts of Newton's method, apart, along the real and the imaginary axis, and how far along
    # the latter
    apart: tuple[float, float] = (0.1, 0.3)
    steepest: float = 3.0
    # Powers are one within it; whole ones are polynomials
    same: float = 1e-6
    # Of a difference, by which the determinant's slope is taken; a move at which a root is found
    step: float = 1e-5
    near: float = 1e-11
    # Moves at most, and beyond it no root is near
    steps: int = 30
    far: float = 30.0
    # Factors of derivatives are round-off below it, relative
    tiny: float = 1e-12


POWERS = Powers()


@lru_cache(maxsize=8)
def known_plate_corners(system: System) -> tuple[FlowCorner, ...]:
    """Those of `_corners` that have powers which are not whole."""
    corners = [_corner(vertex, sides) for vertex, sides in _corners(system)]
    return tuple(corner for corner in corners if corner.terms)


@lru_cache(maxsize=8)
def corners_without_force(system: System) -> tuple[tuple[float, float], ...]:
    """Where a corner of a plate can move, and nothing says which force acts there: a twist holds
    all conditions of both sides, and pulls at the corner with any force.
    """
    return tuple(
        vertex.point
        for vertex, sides in _corners(system)
        if _may_twist(vertex.opening, sides) and not _has_condition(system, vertex.point)
    )


def force_is_missing(system: System) -> str:
    """What to say of these corners; empty, where there are none.

    >>> from sympy import Eq
    >>> from pinnsolve import Box, Problem, compile_problem, coordinates, laplacian, unknown
    >>> x, y = coordinates("x y")
    >>> v, square = unknown("v", x, y), Box({x: (0, 1), y: (0, 1)})
    >>> clamped = Eq(v, 0) @ square.boundary, Eq(v.diff(x) + v.diff(y), 0) @ square.boundary
    >>> force_is_missing(compile_problem(Problem(square, Eq(laplacian(laplacian(v)), 1), *clamped)))
    ''
    """
    corners = corners_without_force(system)
    if not corners:
        return ""
    where = " and ".join(f"({a:.6g}, {b:.6g})" for a, b in corners)
    return (
        f"nothing says which force acts in the free corners {where}: declare that none does, for"
        " sides along axes Eq(u.diff(x, y), 0) @ domain.at(x=0, y=0)"
    )


def _corners(system: System) -> Iterator[tuple[Vertex, Sides]]:
    """Corners between straight sides of a biharmonic equation for one unknown in the plane, with
    two conditions on both, and these.
    """
    plane = len(system.domain.coordinates) == 2 and len(set(system.supports)) == 1
    if not plane or system.n_unknowns > 1:
        return
    for vertex in vertices(system.domain):
        if vertex.straight and is_biharmonic(system, vertex.point):
            angles = (vertex.start, vertex.start + vertex.opening)
            sides = [_conditions(system, vertex, angle) for angle in angles]
            if all(len(side) == 2 for side in sides):
                yield vertex, sides


def _may_twist(opening: float, sides: Sides) -> bool:
    """Whether the sides hold no value, and leave a polynomial of second degree open whose twisting
    moment jumps in the corner: of a z^2 + b |z|^2 + c conj(z)^2 by a multiple of a + c.
    """
    if any(operator.keys() == {(0, 0)} for side in sides for operator in side):
        return False
    rows = _equations(np.array([2.0 + 0j]), opening, sides)[0, :, :3]
    sizes = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = rows / np.where(sizes > 0, sizes, 1.0)
    force = np.sin(opening) * np.array([[1.0, 0.0, 1.0]])
    ranks = [np.linalg.matrix_rank(r, tol=POWERS.same) for r in (rows, np.vstack([rows, force]))]
    return bool(ranks[0] < ranks[1])


def _has_condition(system: System, point: Sequence[float]) -> bool:
    """Whether a condition holds at the very point of a corner."""
    for residual in system.residuals:
        region = residual.condition.region
        if not fills_domain(region):
            away = (sample_region(region, 512, 0).x - np.array(point)) / system.domain.extent
            if np.linalg.norm(away, axis=1).min() < CLOSE:
                return True
    return False


def _corner(vertex: Vertex, sides: Sides) -> FlowCorner:
    powers = plate_powers(vertex.opening, sides)
    functions = [f for p in powers for f in _functions(p, vertex.opening, sides)]
    terms = tuple(dict.fromkeys(term for f in functions for term in f))
    mixes = tuple(tuple(c for t in terms for c in _of_parts(f.get(t, 0j))) for f in functions)
    return FlowCorner(vertex.point, _middle(vertex), terms, mixes=mixes)


def _functions(p: complex, opening: float, sides: Sides) -> list[dict[Term, complex]]:
    """Terms of which the real parts together are a solution of this power: of a complex power two,
    the real and the imaginary part of one.
    """
    a, b, c, d = np.linalg.svd(_equations(np.array([p]), opening, sides)[0])[2][-1].conj().tolist()
    here = Term(p.real, p.imag), Term(p.real - 1, p.imag, 1)
    # Of conj(z)^p the real part is that of z^conj(p)
    terms = (*here, *(replace(term, eddies=-p.imag) for term in here))
    found = []
    for turn in (1, -1j):
        function: dict[Term, complex] = defaultdict(complex)
        factors = turn * a, turn * b, (turn * c).conjugate(), (turn * d).conjugate()
        for term, factor in zip(terms, factors, strict=True):
            function[term] += factor
        found.append(dict(function))
    # Of a real power one of them may be zero
    return found if p.imag else [max(found, key=lambda f: sum(map(abs, f.values())))]


def _of_parts(factor: complex) -> tuple[float, float]:
    """What its real and imaginary part have of the real part of a product."""
    return factor.real, -factor.imag


def _middle(vertex: Vertex) -> float:
    return vertex.start + vertex.opening / 2


def _conditions(system: System, vertex: Vertex, angle: float) -> list[Operator]:
    """Those on the side of a corner in a direction, by their highest derivatives."""
    side = np.array([np.cos(angle), np.sin(angle)])
    found = []
    for residual in system.residuals:
        p = points_on_side(system, residual, vertex.point, side)
        if p is not None and len(p.x):
            normals = p.taken(np.array([0])).tensors()[1]
            found.append(_highest(residual, vertex, normals))
    return found


def _highest(residual: Residual, vertex: Vertex, normals: Tensor | None) -> Operator:
    """Its derivatives of the highest order, by d and dbar of z, whose real axis is the middle of
    the corner.
    """
    at, turn = DOUBLE.new_tensor([list(vertex.point)]), cmath.exp(-1j * _middle(vertex))
    held = residual.by_derivative(at, normals)
    size = max(map(abs, held.values()))
    known = [sum(index) for index, c in held.items() if abs(c) > POWERS.tiny * size]
    order = max(known, default=0)  # a factor may vanish in the corner
    total: Operator = defaultdict(complex)
    for index, factor in held.items():
        if sum(index) == order:
            for both, c in wirtinger(index, [turn, 1j * turn]).items():
                total[both] += factor * c
    return dict(total)


def plate_powers(opening: float, sides: Sides) -> list[complex]:
    """Powers of plates in a corner by the conditions on its first side and its last, by their real
    parts; of two conjugate ones, that with a positive imaginary part.

    >>> slope = [{(1, 0): w, (0, 1): w.conjugate()} for w in (1 + 1j, 1 - 1j)]
    >>> clamped = [[{(0, 0): 1}, own] for own in slope]
    >>> [f"{p:.4f}" for p in plate_powers(math.pi / 2, clamped)]
    ['3.7396+1.1190j', '5.8083+1.4639j']
    """
    axes = (
        np.arange(low, high, step)
        for low, high, step in zip(
            (POWERS.low, 0.0), (POWERS.top, POWERS.steepest), POWERS.apart, strict=True
        )
    )
    real, imaginary = np.meshgrid(*axes)
    found = list[complex]()
    for p in _roots(real.ravel() + 1j * imaginary.ravel(), opening, sides).tolist():
        own = complex(p.real, abs(p.imag) if abs(p.imag) > POWERS.same else 0.0)
        polynomial = own.imag == 0 and abs(own.real - round(own.real)) < POWERS.same
        energetic = POWERS.low < own.real < POWERS.top
        if energetic and not polynomial and all(abs(own - b) > POWERS.same for b in found):
            found.append(own)
    return sorted(found, key=lambda p: (p.real, p.imag))


def _roots(starts: Powered, opening: float, sides: Sides) -> Powered:
    """Newton's method for the determinant from all starts `(n,)`: where it ends at a root."""
    p, near, h = starts, np.zeros(len(starts), bool), POWERS.step
    with np.errstate(all="ignore"):  # what goes astray
        for _ in range(POWERS.steps):
            here, before, after = (_determinant(p + d, opening, sides) for d in (0, -h, h))
            move = here * 2 * h / (after - before)
            p = np.where(near, p, p - move)
            near |= np.abs(move) < POWERS.near
            p = np.where(np.abs(p) < POWERS.far, p, np.nan)
    return p[near]


def _determinant(p: Powered, opening: float, sides: Sides) -> Powered:
    """Of the equations of powers `(n,)`."""
    return np.asarray(np.linalg.det(_equations(p, opening, sides)))


def _equations(p: Powered, opening: float, sides: Sides) -> Powered:
    """What the four conditions have of z^p, z^(p - 1) conj(z), and their mirrors, on a circle of
    radius one: `(n, 4, 4)`, of powers `(n,)`.
    """
    zero, one = np.zeros_like(p), np.ones_like(p)
    columns = ((p, zero), (p - 1, one), (zero, p), (one, p - 1))
    rows = [
        [
            sum(
                c * _falling(a, j) * _falling(b, k) * np.exp(1j * angle * (a - j - b + k))
                for (j, k), c in operator.items()
            )
            for a, b in columns
        ]
        for angle, side in zip((-opening / 2, opening / 2), sides, strict=True)
        for operator in side
    ]
    return np.moveaxis(np.array(rows), 2, 0)


def _falling(powers: Powered, count: int) -> Powered:
    """p (p - 1) ... of so many factors, for each `(n,)`."""
    found: Powered = np.prod([powers - step for step in range(count)], axis=0)
    return found
