"""Corner functions of equations of second order in the plane: where the boundary turns, or what
holds on it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.basis.adapted.corners import Corner, CornerFunctions
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.basis.sums import summands
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.linearize import linearized
from pinnsolve.discretize.points import fills_domain
from pinnsolve.discretize.sides import Turn, turns
from pinnsolve.jets.indices import order_of
from pinnsolve.search.families.family import Family
from pinnsolve.search.fit import Fit

CORNERS = "corners"


@dataclass(frozen=True)
class Added:
    """What is added to each power of a corner, where a side bends, or where the condition on it has
    a lower order beside.
    """

    shifts: int = 4
    logs: int = 2


ADDED = Added()


def variants(system: System, family: Family, fitted: Fit) -> list[Family]:
    """The family, and the singular functions of the domain's corners."""
    known = () if family.extra is None else summands(family.extra)
    if any(hasattr(part, "corners") for part in known):
        return []
    corners = _everywhere(linearized(system, fitted.field))
    return [family.with_extra(CORNERS, CornerFunctions(corners))] if corners else []


def reentrant(system: System) -> CornerFunctions | None:
    """The corner functions, if one has a power below one, as where the domain is re-entrant, or
    values give way to slopes on a straight wall: then no solution is smooth, whatever the data.
    """
    corners = _everywhere(system)
    return CornerFunctions(corners) if any(c.rough for c in corners) else None


def _everywhere(system: System) -> tuple[Corner, ...]:
    """Those whose functions have no jump in the domain."""
    return tuple(corner for corner in known_corners(system) if corner.reach == np.inf)


def known_corners(system: System) -> tuple[Corner, ...]:
    """Corners at which the singular functions are known: of one equation of second order, elliptic
    there, for one unknown; of several regions, that of the one that the corner is in.

    A nonlinear equation is taken at u = 0, unless it is linearized. The functions jump along a ray
    out of the domain, which may come back to it: `reach` says how far from the corner.
    """
    inside = [r for r in system.residuals if fills_domain(r.condition.region)]
    corners = []
    for unknown in range(system.n_unknowns):
        for turn in turns(system, unknown):
            at = np.array([turn.vertex.point])
            own = [r for r in inside if bool(r.condition.region.contains(at)[0])]
            if len(own) == 1 and {slot.unknown for slot in own[0].slots} == {unknown}:
                corners.append(_corner(system, own[0], turn))
    return tuple(corner for corner in corners if corner is not None)


def _corner(system: System, equation: Residual, turn: Turn) -> Corner | None:
    vertex = turn.vertex
    principal = _principal_part(equation, vertex.point)
    if principal is None or None in turn.orders:
        return None
    # With A = L L', the map x -> L^-1 x makes the principal part the Laplacian.
    to_laplace = np.linalg.inv(np.linalg.cholesky(principal))
    sides = [
        np.array([np.cos(a), np.sin(a)]) for a in (vertex.start, vertex.start + vertex.opening)
    ]
    first, last = (to_laplace @ side for side in sides)
    start = np.arctan2(first[1], first[0])
    opening = (np.arctan2(last[1], last[0]) - start) % (2 * np.pi)
    turned = np.array([[np.cos(start), np.sin(start)], [-np.sin(start), np.cos(start)]])
    (a, b), (c, d) = (turned @ to_laplace).tolist()
    given = turn.orders[0] == 0, turn.orders[1] == 0
    corner = Corner(vertex.point, ((a, b), (c, d)), float(opening), given)
    if not vertex.straight or turn.mixed:
        one_curve = vertex.flat and vertex.bends_on and not turn.mixed
        corner = replace(corner, shifts=ADDED.shifts, logs=0 if one_curve else ADDED.logs)
    return replace(corner, reach=_reach(system, corner))


def _principal_part(equation: Residual, point: Sequence[float]) -> np.ndarray | None:
    """The matrix of the second-order coefficients at a point, with determinant 1; None if it is not
    definite.
    """
    if max(order_of(s.index) for s in equation.slots) != 2:
        return None
    x = DOUBLE.new_tensor([point])
    held = equation.by_derivative(x)
    matrix = np.array([[held[2, 0], held[1, 1] / 2], [held[1, 1] / 2, held[0, 2]]])
    determinant = np.linalg.det(matrix)
    # Hyperbolic or degenerate: such an equation has other singularities at a corner.
    if not determinant > 1e-12 * np.abs(matrix).max() ** 2:
        return None
    definite: np.ndarray = np.sign(matrix[0, 0]) * matrix / np.sqrt(determinant)
    return definite


def _reach(system: System, corner: Corner) -> float:
    """How far from a corner the ray along which its functions jump comes back into the domain."""
    direction = np.array([corner.cut])
    # Evenly, and evenly in the logarithm: a slot nearby may be thin.
    steps = np.union1d(np.linspace(1e-3, 2, 400), np.geomspace(1e-8, 2, 600))
    across = steps[:, None] / np.linalg.norm(direction / system.domain.extent)
    ray = np.array(corner.at) + across * direction
    back = system.domain.signed_distance(ray) < 0
    return float(across[back.argmax(), 0]) if back.any() else np.inf
