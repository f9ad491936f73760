"""What the equations themselves say about the solution's scales."""

from __future__ import annotations

import numpy as np
import torch

from pinnsolve.basis.indices import members, order_of
from pinnsolve.compile.system import Residual, System
from pinnsolve.sample.points import fills_domain, sample_region
from pinnsolve.train.measure import rms


def natural_wavenumber(system: System) -> float:
    """The largest wavenumber at which terms of different order balance, 0 if there is none.

    From the slopes of each equation in the domain: (|a_low| / |a_high|)^(1 / (high - low)). For Helmholtz's equation it
    is k; for -eps u'' + u' it is 1 / eps, the inverse width of a layer.
    """
    inside = [r for r in system.residuals if fills_domain(r.condition.region)]
    return max((_balance(r) for r in inside), default=0.0)


def _balance(residual: Residual) -> float:
    points = sample_region(residual.condition.region, 256, 0)
    x = torch.from_numpy(points.x)
    slopes = rms(residual.slopes(x, None, x.new_zeros(len(residual.slots), len(x)))).tolist()
    found = 0.0
    for low, a in zip(residual.slots, slopes, strict=True):
        for high, b in zip(residual.slots, slopes, strict=True):
            gap = order_of(high.index) - order_of(low.index)
            if low.unknown == high.unknown and gap > 0 and a > 0 and b > 0:
                found = max(found, float((a / b) ** (1 / gap)))
    return found if np.isfinite(found) else 0.0


def periodic_coordinates(system: System) -> tuple[str, ...]:
    """Coordinates in which an unknown is periodic: its values, and derivatives as the equations want, agree at both ends."""
    found = []
    for axis, bounds in enumerate(system.domain.bounds.tolist()):
        wanted = max(max(m[axis] for m in members(s.index)) for r in system.residuals for s in r.slots)
        conditions = sum(_joins_ends(r, axis, bounds) for r in system.residuals)
        if conditions and conditions >= wanted * system.n_unknowns:
            found.append(system.domain.coordinates[axis].name)
    return tuple(found)


def _joins_ends(residual: Residual, axis: int, bounds: list[float]) -> bool:
    """Whether a condition compares the two ends of a coordinate, all others being equal."""
    if len(residual.traces) != 2:
        return False
    pairs = list(zip(*(trace.arguments for trace in residual.traces), strict=True))
    here = sorted(float(e) for e in pairs[axis] if e.is_number)
    return here == bounds and all(a == b for i, (a, b) in enumerate(pairs) if i != axis)
