"""What the equations themselves say about the solution's scales."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.basis.indices import members
from pinnsolve.compile.jets import MultiIndex
from pinnsolve.compile.system import Residual, System
from pinnsolve.sample.points import fills_domain, sample_region
from pinnsolve.train.measure import rms


def natural_wavenumber(system: System) -> float:
    """The largest of `natural_wavenumbers`, 0 if there is none."""
    return float(natural_wavenumbers(system).max())


def natural_wavenumbers(system: System) -> NDArray[np.float64]:
    """For each coordinate the largest wavenumber, in radians a side of the domain, at which terms balance; 0 if none do.

    Of two terms of an equation, one of higher order than the other, that of the larger order k + m in a coordinate
    (against k) balances it at (|a| / |b|)^(1 / m), with both slopes taken where the domain's sides are 1: a number
    without a unit. For Helmholtz's equation it is k times the side; for -eps u'' + u' the side over the layer's width eps;
    for the heat equation u_t = a u_xx the side over the depth (a T)^(1/2) to which heat comes in the time T.
    """
    found = np.zeros(len(system.domain.coordinates))
    for residual in system.residuals:
        if fills_domain(residual.condition.region):
            for low, high in permutations(_terms(residual, system), 2):
                found = np.maximum(found, _balance(low, high))
    return np.where(np.isfinite(found), found, 0.0)


Term = tuple[int, MultiIndex, float]  # the unknown's number, its derivative, and the slope where the sides are 1


def _terms(residual: Residual, system: System) -> list[Term]:
    x = torch.from_numpy(sample_region(residual.condition.region, 256, 0).x)
    slopes = rms(residual.slopes(x, None, x.new_zeros(len(residual.slots), len(x)))).tolist()
    each = [(slot.unknown, m, a) for slot, a in zip(residual.slots, slopes, strict=True) for m in members(slot.index)]
    sides = system.domain.extent
    return [(k, m, a * float(np.prod(sides ** -np.array(m, dtype=float)))) for k, m, a in each if a > 0]


def _balance(low: Term, high: Term) -> NDArray[np.float64]:
    """The wavenumber along each coordinate at which two terms are as large, `(dim,)`."""
    (unknown, k, a), (other, n, b) = low, high
    gaps = np.array(n) - np.array(k)
    if unknown != other or gaps.sum() <= 0:
        return np.zeros(len(gaps))
    return np.where(gaps > 0, (a / b) ** (1 / np.maximum(gaps, 1)), 0.0)


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


def natural_sizes(system: System) -> Tensor:
    """About how large each unknown is, by the equations alone: `(n_unknowns,)`, in the unknowns' own units.

    Where the sides are 1, the slopes of an equation in all of its unknowns, each times its size, are alike, by least squares
    of logarithms (a matrix is equilibrated so); and the largest data of unknowns that meet are as large. Unknowns of other
    units are compared by their parts of it: pressure in pascal beside velocity in metres a second.
    """
    n = system.n_unknowns
    held = [_coefficients(r, system) for r in system.residuals]
    slopes = np.array([[found.get(k, 0.0) for k in range(n)] for found, _ in held])
    data = np.array([size for _, size in held])
    rows, columns = np.nonzero(slopes)
    matrix = np.zeros((len(rows), len(held) + n))
    matrix[np.arange(len(rows)), rows] = matrix[np.arange(len(rows)), len(held) + columns] = 1.0
    sizes = np.exp(-np.linalg.lstsq(matrix, np.log(slopes[rows, columns]), rcond=None)[0][len(held) :])
    parts = (slopes * sizes).max(axis=1)
    meet = np.linalg.matrix_power((slopes > 0).T.astype(float) @ (slopes > 0) + np.eye(n), n) > 0
    for k in range(n):
        own = (slopes[:, meet[k]] > 0).any(axis=1)
        largest = (data[own] / parts[own]).max(initial=0.0)
        sizes[k] *= largest if largest > 0 else 1.0
    return torch.from_numpy(sizes)


def _coefficients(residual: Residual, system: System) -> tuple[dict[int, float], float]:
    """The largest slope in each unknown, where the sides are 1, and the size of the data."""
    p = sample_region(residual.condition.region, 256, 0)
    x, normals = torch.from_numpy(p.x), None if p.normals is None else torch.from_numpy(p.normals)
    slopes = rms(residual.slopes(x, normals, x.new_zeros(len(residual.slots), len(x)))).tolist()
    largest: dict[int, float] = {}
    for slot, slope in zip(residual.slots, slopes, strict=True):
        for m in members(slot.index):
            size = slope * float(np.prod(system.domain.extent ** -np.array(m, dtype=float)))
            largest[slot.unknown] = max(largest.get(slot.unknown, 0.0), size)
    data = float(rms(residual.data(x, normals)))
    return {k: size for k, size in largest.items() if 0 < size < np.inf}, data if np.isfinite(data) else 0.0
