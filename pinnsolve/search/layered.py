"""Functions with layers, in which null functions on a line are looked for: exponentials stand at
its ends, and where a coefficient changes its sign.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from pinnsolve.basis.adapted.stretch import Stretched
from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.basis.sums import Sum
from pinnsolve.compile.system import System
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.search.scales import natural_wavenumbers


@dataclass(frozen=True)
class Layered:
    """In which functions with layers null functions on a line are looked for."""

    # Functions a place
    functions: int = 80
    # Turning points inside, around which layers are looked for, beside the ends
    turning_points: int = 4
    # Radians a unit of the stretched coordinate, and its unit, in layers' own thickness
    wavenumber: float = 3.0
    thickness: float = 3.0
    # The residual that confirms a null function with layers
    confirmed: float = 1e-3


LAYERED = Layered()


def layered(system: System, scale: float, width: int) -> Sum:
    """Smooth waves of a scale, and `width` functions around each end and each turning point that
    have layers of every width there.
    """
    (coordinate,), ((low, high),) = system.domain.coordinates, system.domain.bounds.tolist()
    thickness = LAYERED.thickness * (high - low) / float(natural_wavenumbers(system)[0])
    parts: list[Declaration] = [Dense(width, 1, "sin", Waves(scale))]
    for place in (low, high, *_turning_points(system)[: LAYERED.turning_points]):
        span = float(np.arcsinh(np.array([place - low, high - place]) / thickness).sum())
        waves = Dense(width, 1, "sin", Waves(LAYERED.wavenumber * span))
        parts.append(Stretched(waves, thickness, {coordinate.name: place}))
    return Sum(tuple(parts))


def _turning_points(system: System) -> list[float]:
    """Where a coefficient of an equation on a line changes its sign."""
    places = list[float]()
    for residual in system.residuals:
        if fills_domain(residual.condition.region):
            x = np.sort(sample_region(residual.condition.region, 1024, 0).x, axis=0)
            at = tensor_of(x)
            with torch.no_grad():
                slopes = array_of(residual.coefficients(at, None))
            for slope in slopes:
                k = np.flatnonzero(slope[1:] * slope[:-1] < 0)
                places += (
                    x[k, 0] - slope[k] * (x[k + 1, 0] - x[k, 0]) / (slope[k + 1] - slope[k])
                ).tolist()
    return sorted(set(places))
