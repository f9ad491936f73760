"""What a first solution tells of the basis that would suit it better: its gradients."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.indices import unit
from pinnsolve.compile.system import System
from pinnsolve.sample.points import Array, sample_region
from pinnsolve.train.fit import Fit
from pinnsolve.train.measure import evaluate, not_negligible, values_at

SAMPLES = 2048


def gradients(system: System, found: Fit) -> tuple[Array, Tensor]:
    """Points `(n, dim)` and relative slopes `(dim, n_unknowns, n)`: on the unit box, each unknown divided by its deviation."""
    x = sample_region(system.domain, SAMPLES, found.seed).x
    dim = x.shape[1]
    slopes = evaluate(found.basis, found.coefficients, x, [unit(dim, axis) for axis in range(dim)])
    sides = torch.from_numpy(np.ptp(system.domain.bounds, axis=1))
    deviations = not_negligible(values_at(found.basis, found.coefficients, x).std(dim=1))
    return x, (slopes * sides[:, None] / deviations[:, None, None]).transpose(0, 1)
