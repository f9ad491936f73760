"""About how large each unknown is, read off the equations: what unknowns of unlike units are
compared by.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.jets.indices import members


def units_of(system: System, unlike: float = 1e3) -> list[float]:
    """What each unknown is measured in, where rows are weighed: 1, unless natural sizes are that
    factor apart, as of unknowns in unlike units; or those of the system, where it knows them.
    """
    if system.units is not None:
        return list(system.units)
    sizes = natural_sizes(system)
    apart = float(sizes.max()) > unlike * float(sizes.min())
    return sizes.tolist() if apart else [1.0] * system.n_unknowns


@lru_cache(maxsize=8)
def natural_sizes(system: System) -> Tensor:
    """About how large each unknown is, by the equations alone: `(n_unknowns,)`, in the unknowns'
    own units.

    Where the sides are 1, the slopes of an equation in all of its unknowns, each times its size,
    are alike, by least squares of logarithms (a matrix is equilibrated so); and the largest data of
    unknowns that meet are as large. Unknowns of other units are compared by their parts of it:
    pressure in pascal beside velocity in metres a second.
    """
    n = system.n_unknowns
    if n == 1:
        return DOUBLE.new_ones(1)  # it has no peers
    held = [coefficients_of(r, system) for r in system.residuals]
    slopes = np.array([[largest.get(k, 0.0) for k in range(n)] for largest, _ in held])
    data = np.array([size for _, size in held])
    rows, columns = np.nonzero(slopes)
    matrix = np.zeros((len(rows), len(held) + n))
    matrix[np.arange(len(rows)), rows] = matrix[np.arange(len(rows)), len(held) + columns] = 1.0
    # Logarithms, so that factors between units of any size weigh alike.
    sizes = np.exp(
        -np.linalg.lstsq(matrix, np.log(slopes[rows, columns]), rcond=None)[0][len(held) :]
    )
    parts = (slopes * sizes).max(axis=1)
    # Unknowns that no equation joins, however indirectly, say nothing about each other.
    meet = np.linalg.matrix_power((slopes > 0).T.astype(float) @ (slopes > 0) + np.eye(n), n) > 0
    for k in range(n):
        own = (slopes[:, meet[k]] > 0).any(axis=1)
        largest = (data[own] / parts[own]).max(initial=0.0)
        sizes[k] *= largest if largest > 0 else 1.0
    return tensor_of(sizes)


def coefficients_of(residual: Residual, system: System) -> tuple[dict[int, float], float]:
    """The largest slope in each unknown, where the sides are 1, and the size of the data."""
    p = sample_region(residual.condition.region, 256, 0)
    x, normals = p.tensors()
    with torch.no_grad():  # a tangent holds a basis with its parameters
        slopes = (residual.coefficients(x, normals).norm(dim=1) / len(x) ** 0.5).tolist()
        data = float(residual.data(x, normals).norm()) / len(x) ** 0.5
    largest: dict[int, float] = {}
    for slot, slope in zip(residual.slots, slopes, strict=True):
        for m in members(slot.index):
            size = slope * float(np.prod(system.domain.extent ** -np.array(m, dtype=float)))
            largest[slot.unknown] = max(largest.get(slot.unknown, 0.0), size)
    return {k: size for k, size in largest.items() if 0 < size < np.inf}, (
        data if np.isfinite(data) else 0.0
    )
