"""Whether equations are those of a plane flow, in velocity and pressure or a stream function, or of
a clamped plate: by their principal part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from itertools import permutations

import numpy as np
from numpy.polynomial.polynomial import polyadd, polymul

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.points import fills_domain
from pinnsolve.jets.indices import members, order_of

# Directions in which a principal part is compared with that of the squared Laplacian.
DIRECTIONS = 7


def inside_of(system: System) -> list[Residual]:
    """Its equations in the domain."""
    return [r for r in system.residuals if fills_domain(r.condition.region)]


def is_biharmonic(system: System, point: Sequence[float]) -> bool:
    """Whether the principal part of the equations' determinant is the squared Laplacian's, of one
    unknown or three: elastic bodies, of two, have powers of their own.
    """
    if not may_flow(system):
        return False
    inside = inside_of(system)
    n, leading = len(inside), []
    for angle in np.linspace(0.1, math.pi, DIRECTIONS):
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
    slots = [s for r in inside_of(system) for s in r.slots]
    unknowns = range(system.n_unknowns)
    return [max((order_of(s.index) for s in slots if s.unknown == k), default=0) for k in unknowns]


def pressure_of(system: System) -> int:
    """The number of the unknown whose highest derivative is the lowest."""
    highest = highest_orders(system)
    return highest.index(min(highest))


def may_flow(system: System) -> bool:
    """Whether the numbers of equations and unknowns are those of a flow."""
    inside = inside_of(system)
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
