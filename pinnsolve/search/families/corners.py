"""Corner functions, where the domain is a polygon and the equation one of second order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pinnsolve.basis.adapted.corners import Corner, CornerFunctions
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.linearize import linearized
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.geometry.vertices import Vertex, vertices
from pinnsolve.jets.indices import members, order_of
from pinnsolve.search.families.family import Family
from pinnsolve.search.fit import Fit

# Relative to the domain's sides: a point nearer to a side than this lies on it.
ON_A_SIDE = 1e-8
SECOND = ((2, 0), (1, 1), (0, 2))


def variants(system: System, family: Family, fitted: Fit) -> list[Family]:
    """The family, and the singular functions of the domain's corners."""
    if family.extra is not None:
        return []
    corners = known_corners(linearized(system, fitted.field))
    return [with_functions(family, CornerFunctions(corners))] if corners else []


def with_functions(family: Family, functions: CornerFunctions) -> Family:
    """The family, plus the corner functions."""
    return replace(family, kind=f"{family.kind}, corners", extra=functions)


def reentrant(system: System) -> CornerFunctions | None:
    """The corner functions, if a corner is re-entrant: then no solution is smooth, whatever the
    data.
    """
    corners = known_corners(system)
    return CornerFunctions(corners) if any(c.opening > 1.001 * np.pi for c in corners) else None


def known_corners(system: System) -> tuple[Corner, ...]:
    """Corners at which the singular functions are known: of one equation of second order, elliptic
    there, for one unknown.

    A nonlinear equation is taken at u = 0, unless it is linearized.
    """
    inside = [r for r in system.residuals if fills_domain(r.condition.region)]
    if system.n_unknowns > 1 or len(inside) != 1:
        return ()
    corners = [_corner(system, inside[0], vertex) for vertex in vertices(system.domain)]
    return tuple(corner for corner in corners if corner is not None)


def _corner(system: System, equation: Residual, vertex: Vertex) -> Corner | None:
    principal = _principal_part(equation, vertex.point)
    if principal is None:
        return None
    # With A = L L', the map x -> L^-1 x makes the principal part the Laplacian.
    to_laplace = np.linalg.inv(np.linalg.cholesky(principal))
    sides = [
        np.array([np.cos(a), np.sin(a)]) for a in (vertex.start, vertex.start + vertex.opening)
    ]
    first, last = (to_laplace @ side for side in sides)
    start = np.arctan2(first[1], first[0])
    opening = (np.arctan2(last[1], last[0]) - start) % (2 * np.pi)
    turn = np.array([[np.cos(start), np.sin(start)], [-np.sin(start), np.cos(start)]])
    orders = [_order_on_side(system, vertex, side) for side in sides]
    if None in orders or _cut_meets(system, vertex):
        return None
    (a, b), (c, d) = (turn @ to_laplace).tolist()
    return Corner(vertex.point, ((a, b), (c, d)), float(opening), (orders[0] == 0, orders[1] == 0))


def _principal_part(equation: Residual, point: Sequence[float]) -> np.ndarray | None:
    """The matrix of the second-order coefficients at a point, with determinant 1; None if it is not
    definite.
    """
    if max(order_of(s.index) for s in equation.slots) != 2:
        return None
    x = DOUBLE.new_tensor([point])
    slopes = equation.slopes(x, None, x.new_zeros(len(equation.slots), 1))[:, 0].tolist()
    held = dict.fromkeys(SECOND, 0.0)
    for slot, slope in zip(equation.slots, slopes, strict=True):
        for member in members(slot.index):
            if member in held:
                held[member] += slope
    matrix = np.array([[held[2, 0], held[1, 1] / 2], [held[1, 1] / 2, held[0, 2]]])
    determinant = np.linalg.det(matrix)
    # Hyperbolic or degenerate: such an equation has other singularities at a corner.
    if not determinant > 1e-12 * np.abs(matrix).max() ** 2:
        return None
    definite: np.ndarray = np.sign(matrix[0, 0]) * matrix / np.sqrt(determinant)
    return definite


def _order_on_side(system: System, vertex: Vertex, side: np.ndarray) -> int | None:
    """Order of the condition that holds on the side next to the corner: 0 for values; None if none
    is found there.
    """
    nearest, order = np.inf, None
    for residual in system.residuals:
        if fills_domain(residual.condition.region) or len(residual.traces) > 1:
            continue
        # Sampled, not asked: on a side, x > 0 is decided by round-off.
        x = (
            sample_region(residual.condition.region, 512, 0).x - np.array(vertex.point)
        ) / system.domain.extent
        s = side / system.domain.extent
        s /= np.linalg.norm(s)
        along, across = x @ s, np.abs(x @ np.array([-s[1], s[0]]))
        here = along[(across < ON_A_SIDE) & (along > 0)]
        if len(here) and here.min() < nearest:
            nearest, order = here.min(), max(order_of(s.index) for s in residual.slots)
    return order


def _cut_meets(system: System, vertex: Vertex) -> bool:
    """Whether the ray opposite to the sector, where the angle jumps, comes back into the domain."""
    middle = vertex.start + vertex.opening / 2 + np.pi
    direction = np.array([[np.cos(middle), np.sin(middle)]])
    across = np.linspace(1e-3, 2, 400)[:, None] / np.linalg.norm(direction / system.domain.extent)
    ray = np.array(vertex.point) + across * direction
    return bool((system.domain.signed_distance(ray) < 0).any())
