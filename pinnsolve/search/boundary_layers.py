"""Walls along which solutions decay within a small part of the domain, read off the equations.

Two terms of -eps u'' + a u' balance over the length eps / a, on the side to which a blows; those of
-eps u'' + u over eps^(1/2), on both; those of -eps (u_xx + u_yy) + u_x over eps^(1/2) along y
(Roos, Stynes, Tobiska, Robust Numerical Methods for Singularly Perturbed Differential Equations,
2008, section III.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pinnsolve.compile.system import System
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.search.families.layers import LAYERS
from pinnsolve.search.scales import Balance, balances, terms_of


@dataclass(frozen=True)
class BoundaryLayer:
    """Along the side of a domain's box that ends coordinate number `axis`, low or high (0, 1): how
    thick, in the coordinate's own unit.
    """

    axis: int
    end: int
    thickness: float


@lru_cache(maxsize=16)
def boundary_layers(system: System) -> tuple[BoundaryLayer, ...]:
    """The thinnest of each side that is a wall of the domain.

    Coefficients are taken where the unknowns are zero, and their signs on the wall itself.
    """
    found: dict[tuple[int, int], float] = {}
    extent = system.domain.extent
    for balance in balances(system):
        if balance.oscillates:
            continue
        for axis, wavenumber in enumerate(balance.wavenumbers):
            for end in (0, 1) if LAYERS.thin < wavenumber < np.inf else ():
                if _decays_from(balance, axis, end, system):
                    thickness = float(extent[axis] / wavenumber)
                    found[axis, end] = min(thickness, found.get((axis, end), np.inf))
    return tuple(BoundaryLayer(*side, thickness) for side, thickness in sorted(found.items()))


def _decays_from(balance: Balance, axis: int, end: int, system: System) -> bool:
    """Whether what satisfies both terms decays from a wall there into the domain."""
    x = _on_side(system, axis, end)
    if not len(x):
        return False
    if balance.gaps[axis] != 1 or np.abs(balance.gaps).sum() != 1:
        return True
    # Of -eps u'' + a u' alone: on the side to which a blows.
    terms = {(t.unknown, t.orders): t for t in terms_of(balance.residual, system, tensor_of(x))}
    low, high = (terms.get((t.unknown, t.orders)) for t in (balance.low, balance.high))
    if low is None or high is None:
        return False
    rates = low.slopes * high.slopes
    return bool((rates > 0 if end == 0 else rates < 0).any())


def _on_side(system: System, axis: int, end: int) -> Array:
    """Points of a side of the domain's box, `(n, dim)`, where that is a wall of the domain."""
    bounds, rng = system.domain.bounds, np.random.default_rng(0)
    x = bounds[:, 0] + np.ptp(bounds, axis=1) * rng.random((64, len(bounds)))
    x[:, axis] = bounds[axis, end]
    held: Array = x[system.domain.contains(x)]
    return held
