"""Corners of a flow near which its equations have no bound though the flow is right, and what
residuals count there.

Where a wall slides along another, the terms of a flow's equations grow like r^-3 (of a stream
function), and their squares have no integral: whatever is found, its residual is as large as one
looks closely. But near a corner a residual f of order m makes an error of r^m f, at a distance r
from it. So it is r^m f that counts, and of the terms r^k D^k u (Kondratiev, Trans. Moscow Math.
Soc. 16 (1967) 227); where the corner's own functions grow faster away from it, as r^-a, no more
than r^(a + 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import pi

import numpy as np
from torch import Tensor

from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.flow_corners import velocity_powers
from pinnsolve.discretize.plane_flows import highest_orders
from pinnsolve.discretize.points import fills_domain
from pinnsolve.discretize.walls import walled
from pinnsolve.jets.indices import JetIndex, order_of


@dataclass(frozen=True)
class Rough:
    """A corner at `at`, and the highest power of the distance that counts."""

    at: tuple[float, float]
    power: float


@dataclass(frozen=True)
class Roughness:
    """The rough corners of a system, the distance from which on all counts alike, and of every
    unknown by how many orders its highest derivative is below that of others.
    """

    corners: tuple[Rough, ...]
    reach: float
    lower: tuple[int, ...]

    def of_derivatives(self, x: Tensor, orders: Sequence[float]) -> Tensor:
        """What derivatives of these orders count at points `(n, dim)`: `(n_orders, n)`."""
        counted = x.new_ones(len(orders), len(x))
        for corner in self.corners:
            r = ((x - x.new_tensor(corner.at)).norm(dim=1) / self.reach).clamp(max=1.0)
            powers = [min(order, corner.power) for order in orders]
            counted = counted * r ** x.new_tensor(powers)[:, None]
        return counted

    def of_equation(self, residual: Residual, x: Tensor) -> Tensor:
        """What an equation counts at points `(n, dim)`, `(n,)`; a condition on faces counts alike
        at all.
        """
        return self.of_derivatives(x, [self._order(residual)])[0]

    def of_slopes(self, residual: Residual, x: Tensor) -> Tensor:
        """What the coefficients of its derivatives count, `(n_slots, n)`: with what those count, as
        much as the equation does.
        """
        if not self.corners or not fills_domain(residual.condition.region):
            return x.new_ones(len(residual.slots), len(x))
        own = self.of_derivatives(x, [self.order(s.unknown, s.index) for s in residual.slots])
        return self.of_equation(residual, x) / own

    def order(self, unknown: int, index: JetIndex) -> int:
        """The order that a derivative of an unknown stands for: a pressure is like a slope."""
        return order_of(index) + self.lower[unknown]

    def _order(self, residual: Residual) -> int:
        if not fills_domain(residual.condition.region):
            return 0
        return max((self.order(s.unknown, s.index) for s in residual.slots), default=0)


@lru_cache(maxsize=8)
def roughness(system: System) -> Roughness:
    """That of a system of flow; without corners, where all is smooth enough."""
    highest = highest_orders(system)
    lower = tuple(max(highest, default=0) - own for own in highest)
    more = 2 if system.n_unknowns == 1 else 1
    corners = tuple(
        Rough(walls.vertex.point, more + velocity_powers(walls.vertex.opening)[0].real)
        for walls in walled(system)
        if walls.clashes or walls.vertex.opening > pi
    )
    return Roughness(corners, float(np.ptp(system.domain.bounds, axis=1).min()) / 2, lower)
