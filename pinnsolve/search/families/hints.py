"""What a first solution tells of the basis that would suit it better: its gradients, and where it
fails.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from pinnsolve.compile.system import System
from pinnsolve.discretize.changes import beside_peers, deviation
from pinnsolve.discretize.measure import residual_field
from pinnsolve.discretize.points import fills_domain
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.jets.indices import order_of, unit
from pinnsolve.search.fit import Fit


def gradients(system: System, fitted: Fit, x: Array) -> Tensor:
    """Relative slopes `(dim, n_unknowns, n)` at points: on the unit box, each unknown divided by
    its deviation.
    """
    dim = x.shape[1]
    slopes = fitted.field.derivatives(x, [unit(dim, axis) for axis in range(dim)])
    sides = tensor_of(np.ptp(system.domain.bounds, axis=1), slopes)
    own = deviation(system, fitted.field.values(x), fitted.field.support(x))
    deviations = beside_peers(system, own)
    return (slopes * sides[:, None] / deviations[:, None, None]).transpose(0, 1)


def concentrations(system: System, fitted: Fit, x: Array) -> Iterator[tuple[Array, Array]]:
    """Of all that may be concentrated somewhere at points x `(n, dim)`, the worst points and
    their weights, `(k, dim)` and `(k,)`: the largest values, not all zero.

    Squared data and residuals of the equations, and squared slopes of the solution.
    """
    for at, density in _densities(system, fitted, x):
        # A twentieth of the points is weighed.
        worst = np.argsort(density)[-round(0.05 * len(density)) :]
        if density[worst].sum() > 0:
            yield at[worst], density[worst]


def _densities(system: System, fitted: Fit, x: Array) -> Iterator[tuple[Array, Array]]:
    """Each at those of the points where it is defined."""
    for residual in system.residuals:
        if fills_domain(residual.condition.region):
            inside = x[residual.condition.region.contains(x)]
            for field in (
                fitted.expansion.with_coefficients(0 * fitted.coefficients),
                fitted.field,
            ):
                yield inside, array_of(residual_field(residual, field, inside).square())
    yield x, array_of(gradients(system, fitted, x).square().sum(dim=(0, 1)))


def highest_order(system: System) -> int:
    """Of the derivatives in any equation."""
    return max(order_of(slot.index) for residual in system.residuals for slot in residual.slots)
