"""Layers along round walls, where terms of an equation balance on a scale far below the domain's
sides, alike in all directions, and solutions decay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.basis.adapted.rim_layers import Rim, RimLayers
from pinnsolve.compile.system import System
from pinnsolve.geometry.holes import circles
from pinnsolve.search.families.layers import LAYERS
from pinnsolve.search.scales import balances

RIMS = "rims"


@dataclass(frozen=True)
class AlongRims:
    """Which rims have layers, and how many functions."""

    # Thicknesses along both coordinates that are one, relative
    alike: float = 1e-3
    # Radii in thicknesses, from which on powers across hold what the bend adds
    round: float = 15.0
    # Waves along a rim at most, and functions of all of them about
    order: int = 10
    most: int = 600


ALONG_RIMS = AlongRims()


def along_rims(system: System) -> RimLayers | None:
    """The layers of all circles that bound a domain in the plane, where there are some."""
    domain, thin = system.domain, _thickness(system)
    if thin is None:
        return None
    rims = []
    for disk, outside in circles(domain):
        at = tuple(float(disk.center[c]) for c in domain.coordinates)
        if float(disk.radius) > ALONG_RIMS.round * thin:
            rims.append(Rim((at[0], at[1]), float(disk.radius), thin, outside))
    if not rims:
        return None
    order = (ALONG_RIMS.most // (len(rims) * (rims[0].depth + 1)) - 1) // 2
    order = min(ALONG_RIMS.order, max(1, order))
    return RimLayers(tuple(replace(rim, order=order) for rim in rims))


def _thickness(system: System) -> float | None:
    """Over which solutions decay, the same along both coordinates; None, where it is not, or not
    thin.
    """
    if len(system.domain.coordinates) != 2:
        return None
    decaying = [balance.wavenumbers for balance in balances(system) if not balance.oscillates]
    wavenumbers = np.max([np.zeros(2), *decaying], axis=0)
    if not (LAYERS.thin < wavenumbers.min() and wavenumbers.max() < np.inf):
        return None
    lengths = system.domain.extent / wavenumbers
    return float(lengths.min()) if np.ptp(lengths) <= ALONG_RIMS.alike * lengths.max() else None
