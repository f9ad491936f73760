"""Start functions, where a parabolic equation's initial values do not agree with its sides, or have
jumps and kinks of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from pinnsolve.basis.adapted.starts import Start, StartFunctions
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.basis.sums import summands
from pinnsolve.compile.system import Residual, System
from pinnsolve.declare.checks import difference
from pinnsolve.declare.kinks import kinks
from pinnsolve.discretize.consistency import gives_values
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.jets.indices import members, order_of, unit
from pinnsolve.search.families.family import Family
from pinnsolve.search.fit import Fit

STARTS = "starts"


@dataclass(frozen=True)
class Disagreement:
    """What counts as one."""

    # Of the data's size: what initial values and a side say of the same
    apart: float = 1e-6
    # Of space: steps of the differences that say what a side says of initial values
    step: float = 1e-4
    # Points at which data are sized
    points: int = 64
    # A pattern is no start
    most: int = 8


DISAGREEMENT = Disagreement()


@dataclass(frozen=True)
class Parabolic:
    """One equation of first order in time and of second in space, with what is given at the start
    of time: `forward` is 1 where that is time's lower end, else -1.
    """

    system: System
    equation: Residual
    initial: Residual
    space: int
    forward: int

    @property
    def time(self) -> int:
        """The axis of time."""
        return 1 - self.space

    @property
    def begin(self) -> float:
        """When it begins."""
        return float(self.system.domain.bounds[self.time][0 if self.forward > 0 else 1])

    def point(self, place: float) -> Tensor:
        """At the start, `(1, 2)`."""
        x = DOUBLE.new_empty(1, 2)
        x[0, self.space], x[0, self.time] = place, self.begin
        return x

    def diffusivity(self, place: float) -> float:
        """At the start, along time as it runs; not positive, where the equation is no diffusion."""
        held, along = self.equation.by_derivative(self.point(place)), unit(2, self.time)
        across = tuple(2 * k for k in unit(2, self.space))
        return -self.forward * held[across] / held[along] if held[along] else 0.0

    def value(self, place: float) -> float:
        """The initial value."""
        return float(self.initial.given(self.point(place), None))


def disagreeing(system: System) -> StartFunctions | None:
    """The functions of all places where data do not agree; None, if they do, or the equation is
    another.
    """
    found = parabolic(system)
    if found is None:
        return None
    starts = (*_kinks(found), *(start for start, agrees in _ends(found) if not agrees))
    return StartFunctions(starts) if 0 < len(starts) <= DISAGREEMENT.most else None


def variants(system: System, family: Family, fitted: Fit) -> list[Family]:
    """The family, and the functions of both ends: higher derivatives of the data may disagree."""
    known = () if family.extra is None else summands(family.extra)
    found = parabolic(system)
    if found is None or any(isinstance(part, StartFunctions) for part in known):
        return []
    ends = tuple(start for start, _ in _ends(found))
    return [family.with_extra(STARTS, StartFunctions(ends))] if ends else []


def parabolic(system: System) -> Parabolic | None:
    """The problem as one of diffusion in one coordinate of space; None, if it is none."""
    if len(system.domain.coordinates) != 2 or system.n_unknowns != 1:
        return None
    equations = [r for r in system.residuals if fills_domain(r.condition.region)]
    if len(equations) != 1 or len(equations[0].traces) != 1:
        return None
    orders = np.max([m for s in equations[0].slots for m in members(s.index)], axis=0).tolist()
    if sorted(orders) != [1, 2]:
        return None
    space = orders.index(2)
    bounds = system.domain.bounds[1 - space]
    for residual in system.residuals:
        at = only_at(residual, 1 - space)
        if at in bounds and gives_values(residual):
            return Parabolic(system, equations[0], residual, space, 1 if at == bounds[0] else -1)
    return None


def only_at(residual: Residual, axis: int) -> float | None:
    """Where along an axis a condition holds, if at one place alone."""
    low, high = residual.condition.region.bounds[axis].tolist()
    return low if low == high and len(residual.traces) == 1 else None


def _kinks(found: Parabolic) -> Iterator[Start]:
    """Where the initial values jump, or have a kink."""
    symbol = found.system.domain.coordinates[found.space]
    low, high = found.system.domain.bounds[found.space]
    for kink in kinks(difference(found.initial.condition), found.system.domain):
        across, place = kink.plane or (None, math.nan)
        if across == symbol and low < place < high:
            diffusivity = found.diffusivity(place)
            if diffusivity > 0:
                yield _start(found, place, diffusivity, 1, kink.order)


def _ends(found: Parabolic) -> Iterator[tuple[Start, bool]]:
    """Those of space where a side is given, and whether the initial values agree with it."""
    for end, inward in zip(found.system.domain.bounds[found.space].tolist(), (1, -1), strict=True):
        diffusivity = found.diffusivity(end)
        for side in found.system.residuals:
            if only_at(side, found.space) == end and diffusivity > 0:
                order = max(order_of(slot.index) for slot in side.slots)
                yield _start(found, end, diffusivity, inward, order), _agrees(found, side, inward)


def _start(found: Parabolic, at: float, diffusivity: float, inward: int, first: int) -> Start:
    low, high = found.system.domain.bounds[found.space]
    others = [found.diffusivity(float(place)) for place in np.linspace(low, high, 9)]
    varies = not np.allclose(others, diffusivity, rtol=1e-9)
    return Start(
        at,
        found.begin,
        found.space,
        diffusivity,
        inward,
        found.forward,
        first,
        falling=2 if varies else 0,
    )


def _agrees(found: Parabolic, side: Residual, inward: int) -> bool:
    """Whether the initial values do what a side says: value and slope, by differences."""
    indices = [member for slot in side.slots for member in members(slot.index)]
    if len(indices) != len(side.slots) or any(index[found.time] for index in indices):
        return True
    low, high = found.system.domain.bounds[found.space].tolist()
    end, step = (low if inward > 0 else high), DISAGREEMENT.step * (high - low)
    first, second, third = (found.value(end + k * inward * step) for k in range(3))
    by_order = first, inward * (4 * second - 3 * first - third) / (2 * step)
    orders = [index[found.space] for index in indices]
    if max(orders) > 1:
        return True
    x = found.point(end)
    normals = x.new_zeros(1, 2)
    normals[0, found.space] = -inward
    values = x.new_tensor([[by_order[order]] for order in orders])
    gap = float(side.value(x, normals, values).abs())
    places = sample_region(found.initial.condition.region, DISAGREEMENT.points, 0).x
    sizes = [abs(found.value(place)) for place in places[:, found.space].tolist()]
    slopes = [1.0, 1 / step]
    size = max(*sizes, 1e-300) * slopes[max(orders)] + float(side.data(x, normals).abs())
    return gap <= DISAGREEMENT.apart * size or not math.isfinite(gap)
