"""What the equations themselves say about the solution's scales."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.changes import rms
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.jets.indices import MultiIndex, members


@dataclass(frozen=True)
class Lines:
    """Where data are looked at, to see how they vary, and what may be left over."""

    # Chebyshev's points of a line: 60 wavelengths
    points: int = 256
    lines: int = 64
    # Radians a side below which their coefficients are seen to fall
    resolved: float = 400.0
    left: float = 0.01


LINES = Lines()


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


def data_wavenumbers(system: System) -> NDArray[np.float64]:
    """For each coordinate the wavenumber, in radians a side of the domain, up to which what the
    equations are given varies: `(dim,)`. Above it are less than a hundredth of a right-hand side's
    Chebyshev coefficients, in the mean over lines along that coordinate: degree n follows waves of
    2n radians. What this leaves, differential equations of second order smooth.
    """
    bounds, dim = system.domain.bounds, len(system.domain.coordinates)
    largest = np.zeros(dim)
    n, lines = LINES.points, LINES.lines
    nodes = np.cos((np.arange(n) + 0.5) * np.pi / n)
    transform = np.cos(np.outer(np.arange(n), (np.arange(n) + 0.5) * np.pi / n))
    across = np.random.default_rng(0).random((lines, dim))
    for residual in system.residuals:
        for axis in range(dim) if fills_domain(residual.condition.region) else ():
            unit = np.repeat(across[:, None], n, axis=1)
            unit[:, :, axis] = (1 + nodes) / 2
            x = tensor_of((bounds[:, 0] + np.ptp(bounds, axis=1) * unit).reshape(-1, dim))
            values = array_of(residual.data(x, None)).reshape(lines, n)
            finite = values[np.isfinite(values).all(axis=1)]
            # In their own size: squares of large numbers are none.
            size = np.abs(finite).max(initial=0.0) or 1.0
            energy = np.square((finite / size) @ transform.T).sum(axis=0)
            above = np.sqrt(np.cumsum(energy[::-1])[::-1])
            for degree in np.flatnonzero(above > LINES.left * above[0])[-1:].tolist():
                largest[axis] = max(largest[axis], 2.0 * degree)
    return largest


# The unknown's number, its derivative, and the slope where the sides are 1.
Term = tuple[int, MultiIndex, float]


def _terms(residual: Residual, system: System) -> list[Term]:
    x = tensor_of(sample_region(residual.condition.region, 256, 0).x)
    slopes = rms(residual.coefficients(x, None)).tolist()
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
