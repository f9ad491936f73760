"""What the equations themselves say about the solution's scales."""

from __future__ import annotations

import numpy as np
import torch

from pinnsolve.basis.indices import order_of
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
