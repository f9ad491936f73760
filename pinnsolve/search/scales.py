"""What the equations themselves say about the solution's scales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.changes import rms
from pinnsolve.discretize.lines import degree_of, lines_along
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.jets.indices import members


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


def natural_wavenumbers(system: System) -> NDArray[np.float64]:
    """For each coordinate the largest wavenumber, in radians a side of the domain, at which terms
    balance; 0 if none do: `(dim,)`.

    Of two terms of an equation, one of higher order than the other, that of the larger order k + m
    in some coordinates (against k) balances it at (|a| / |b|)^(1 / m), with both slopes taken where
    the domain's sides are 1: a number without a unit. For Helmholtz's equation it is k times the
    side; for -eps u'' + u' the side over the layer's width eps; for the heat equation u_t = a u_xx
    the side over the depth (a T)^(1/2) to which heat comes in the time T.
    """
    return _largest(system, balances(system))


def oscillating_wavenumbers(system: System) -> NDArray[np.float64]:
    """Those of `natural_wavenumbers` with which solutions oscillate, `(dim,)`: Helmholtz's k times
    the side. Where they decay instead, as those of -eps u'' + u, there are layers.
    """
    return _largest(system, [b for b in balances(system) if b.oscillates])


def _largest(system: System, found: Sequence[Balance]) -> NDArray[np.float64]:
    none = np.zeros(len(system.domain.coordinates))
    largest = np.max([none, *(b.wavenumbers for b in found)], axis=0)
    return np.where(np.isfinite(largest), largest, 0.0)


def data_wavenumbers(system: System) -> NDArray[np.float64]:
    """For each coordinate the wavenumber, in radians a side of the domain, up to which what the
    equations are given varies: `(dim,)`. Above it are less than a hundredth of a right-hand side's
    Chebyshev coefficients, in the mean over lines along that coordinate: degree n follows waves of
    2n radians. What this leaves, differential equations of second order smooth.
    """
    bounds, dim = system.domain.bounds, len(system.domain.coordinates)
    largest = np.zeros(dim)
    for residual in system.residuals:
        for axis in range(dim) if fills_domain(residual.condition.region) else ():
            x = lines_along(bounds, axis, LINES.lines, LINES.points)
            values = array_of(residual.data(tensor_of(x), None)).reshape(LINES.lines, -1)
            finite = values[np.isfinite(values).all(axis=1)]
            largest[axis] = max(largest[axis], 2.0 * degree_of(finite, LINES.left))
    return largest


@dataclass(frozen=True, eq=False)
class Term:
    """A derivative of an unknown in an equation: its orders, and the slope `(n,)` at points, where
    the sides are 1.
    """

    unknown: int
    orders: tuple[int, ...]
    slopes: Tensor


@dataclass(frozen=True, eq=False)
class Balance:
    """Two terms of an equation on the domain, of which one is of higher order, and those `between`
    them.
    """

    residual: Residual
    low: Term
    high: Term
    between: tuple[Term, ...]

    @property
    def gaps(self) -> NDArray[np.int64]:
        """By how much the order in each coordinate is higher: `(dim,)`."""
        return _gaps(self.low, self.high)

    @property
    def wavenumbers(self) -> NDArray[np.float64]:
        """At which they are as large, along each coordinate: `(dim,)`."""
        ratio = float(rms(self.low.slopes)) / float(rms(self.high.slopes))
        more = int(np.maximum(self.gaps, 0).sum())
        return np.where(self.gaps > 0, ratio ** (1 / more), 0.0)

    @property
    def oscillates(self) -> bool:
        """Whether a wave satisfies both somewhere: a + b i^m = 0, m by how much the order is
        higher; and no term between them damps it, as c u' does in b u'' + c u' + a u where its size
        at that wavenumber is more than twice that of a u.
        """
        higher = int(self.gaps.sum())
        sign = (-1) ** (higher // 2)
        if higher % 2 or not bool((sign * self.low.slopes * self.high.slopes < 0).any()):
            return False
        wave, least = self.wavenumbers.max(), float(rms(self.low.slopes))
        sizes = [
            float(rms(t.slopes)) * wave ** sum(_gaps(self.low, t).tolist()) for t in self.between
        ]
        return max(sizes, default=0.0) <= 2 * least


def balances(system: System) -> list[Balance]:
    """All pairs of terms of one unknown of which one is of higher order."""
    found = []
    for residual in system.residuals:
        if fills_domain(residual.condition.region):
            terms = terms_of(residual, system, None)
            for low, high in permutations(terms, 2):
                if low.unknown == high.unknown and _gaps(low, high).sum() > 0:
                    between = tuple(t for t in terms if _is_between(low, t, high))
                    found.append(Balance(residual, low, high, between))
    return found


def _gaps(low: Term, high: Term) -> NDArray[np.int64]:
    gaps: NDArray[np.int64] = np.array(high.orders) - np.array(low.orders)
    return gaps


def _is_between(low: Term, term: Term, high: Term) -> bool:
    gaps = [_gaps(low, term), _gaps(term, high)]
    return low.unknown == term.unknown and all(g.min() >= 0 and g.max() > 0 for g in gaps)


def terms_of(residual: Residual, system: System, x: Tensor | None) -> list[Term]:
    """Those that do not vanish at points `(n, dim)` (None: some of the equation's region)."""
    at = tensor_of(sample_region(residual.condition.region, 256, 0).x) if x is None else x
    with torch.no_grad():
        slopes = residual.coefficients(at, None)
    sides = system.domain.extent
    each = [
        Term(slot.unknown, m, a * float(np.prod(sides ** -np.array(m, dtype=float))))
        for slot, a in zip(residual.slots, slopes, strict=True)
        for m in members(slot.index)
    ]
    return [term for term in each if rms(term.slopes) > 0]


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
