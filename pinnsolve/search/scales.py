"""What the equations themselves say about the solution's scales."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.measure import rms
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.jets.indices import MultiIndex, members


def natural_wavenumber(system: System) -> float:
    """The largest of `natural_wavenumbers`, 0 if there is none."""
    return float(natural_wavenumbers(system).max())


def natural_wavenumbers(system: System) -> NDArray[np.float64]:
    """For each coordinate the largest wavenumber, in radians a side of the domain, at which terms
    balance; 0 if none do: `(dim,)`.

    Of two terms of an equation, one of higher order than the other, that of the larger order k + m
    in a coordinate (against k) balances it at (|a| / |b|)^(1 / m), with both slopes taken where the
    domain's sides are 1: a number without a unit. For Helmholtz's equation it is k times the side;
    for -eps u'' + u' the side over the layer's width eps; for the heat equation u_t = a u_xx the
    side over the depth (a T)^(1/2) to which heat comes in the time T.
    """
    largest = np.zeros(len(system.domain.coordinates))
    for residual in system.residuals:
        if fills_domain(residual.condition.region):
            for low, high in permutations(_terms(residual, system), 2):
                largest = np.maximum(largest, _balance(low, high))
    return np.where(np.isfinite(largest), largest, 0.0)


# The unknown's number, its derivative, and the slope where the sides are 1.
Term = tuple[int, MultiIndex, float]


def _terms(residual: Residual, system: System) -> list[Term]:
    x = tensor_of(sample_region(residual.condition.region, 256, 0).x)
    slopes = rms(residual.slopes(x, None, x.new_zeros(len(residual.slots), len(x)))).tolist()
    each = [
        (slot.unknown, m, a)
        for slot, a in zip(residual.slots, slopes, strict=True)
        for m in members(slot.index)
    ]
    sides = system.domain.extent
    return [
        (k, m, a * float(np.prod(sides ** -np.array(m, dtype=float)))) for k, m, a in each if a > 0
    ]


def _balance(low: Term, high: Term) -> NDArray[np.float64]:
    """The wavenumber along each coordinate at which two terms are as large, `(dim,)`."""
    (unknown, k, a), (other, n, b) = low, high
    gaps = np.array(n) - np.array(k)
    if unknown != other or gaps.sum() <= 0:
        return np.zeros(len(gaps))
    return np.where(gaps > 0, (a / b) ** (1 / np.maximum(gaps, 1)), 0.0)


def periodic_coordinates(system: System) -> tuple[str, ...]:
    """Coordinates in which an unknown is periodic: its values, and derivatives as the equations
    want, agree at both ends.
    """
    periodic = []
    for axis, bounds in enumerate(system.domain.bounds.tolist()):
        wanted = max(
            max(m[axis] for m in members(s.index)) for r in system.residuals for s in r.slots
        )
        conditions = sum(_joins_ends(r, axis, bounds) for r in system.residuals)
        if conditions and conditions >= wanted * system.n_unknowns:
            periodic.append(system.domain.coordinates[axis].name)
    return tuple(periodic)


def _joins_ends(residual: Residual, axis: int, bounds: list[float]) -> bool:
    """Whether a condition compares the two ends of a coordinate, all others being equal."""
    if len(residual.traces) != 2:
        return False
    pairs = list(zip(*(trace.arguments for trace in residual.traces), strict=True))
    here = sorted(float(e) for e in pairs[axis] if e.is_number)
    return here == bounds and all(a == b for i, (a, b) in enumerate(pairs) if i != axis)
