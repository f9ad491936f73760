"""Parabolic equations with their initial values, and what sides lack where these are put into them:
in one coordinate of space or several.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.adapted.starts import Start
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual, System
from pinnsolve.declare.checks import difference
from pinnsolve.declare.kinks import Kink, kinks
from pinnsolve.discretize.consistency import gives_values
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.geometry.solids import Box
from pinnsolve.jets.indices import MultiIndex, members, unit


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


@dataclass(frozen=True, eq=False)
class Wall:
    """The start functions of a side of space, if there are such, and what it lacks along it, `(n,)`
    (`Parabolic.gaps`).
    """

    start: Start | None
    lacking: Tensor | None

    @property
    def apart(self) -> float:
        """The largest of what it lacks; zero where that is not known."""
        most = 0.0 if self.lacking is None else float(self.lacking.max())
        return most if math.isfinite(most) else 0.0

    @property
    def disagrees(self) -> bool:
        """Whether it has start functions, and wants them."""
        return self.start is not None and self.apart > DISAGREEMENT.apart


@dataclass(frozen=True)
class Parabolic:
    """One equation of first order in time and of second in space, with its initial values:
    `forward` is 1 where these are at time's lower end, else -1.
    """

    system: System
    equation: Residual
    initial: Residual
    time: int
    forward: int

    @property
    def dim(self) -> int:
        """How many coordinates there are, with time."""
        return len(self.system.domain.coordinates)

    @property
    def space(self) -> list[int]:
        """The axes of space."""
        return [axis for axis in range(self.dim) if axis != self.time]

    @property
    def begin(self) -> float:
        """When it begins."""
        return float(self.system.domain.bounds[self.time][0 if self.forward > 0 else 1])

    @cached_property
    def points(self) -> Tensor:
        """Points of the start of time, `(n, dim)`."""
        return DOUBLE.new_tensor(
            sample_region(self.initial.condition.region, DISAGREEMENT.points, 0).x
        )

    def second(self, x: Tensor) -> dict[MultiIndex, Tensor]:
        """The coefficients of second derivatives in space, `(n,)` each, at points `(n, dim)`, as
        time runs; nothing, where there is none of the derivative in time.
        """
        rows = self.equation.coefficients(x, None).detach()
        found: dict[MultiIndex, Tensor] = {}
        for slot, row in zip(self.equation.slots, rows, strict=True):
            for member in members(slot.index):
                found[member] = found.get(member, torch.zeros_like(row)) + row
        along = found.pop(unit(self.dim, self.time))
        if not bool(along.all()):
            return {}
        return {m: -self.forward * c / along for m, c in found.items() if sum(m) == 2}

    def kinks(self) -> Iterator[Kink]:
        """Where the initial values jump, or have a kink."""
        yield from kinks(difference(self.initial.condition), self.system.domain)

    def walls(self) -> Iterator[Wall]:
        """All sides on the faces of space, with what initial values lack there."""
        for axis in self.space:
            for end, at in enumerate(self.system.domain.bounds[axis].tolist()):
                for side in self.system.residuals:
                    if only_at(side, axis) == at:
                        order = max(i[axis] for s in side.slots for i in members(s.index))
                        start = self.start(axis, at, 1 - 2 * end, order)
                        yield Wall(start, self.gaps(side, axis, end))

    def start(self, axis: int, at: float, inward: int, first: int) -> Start | None:
        """At a place of one coordinate; None without a diffusivity there."""
        across = tuple(2 * k for k in unit(self.dim, axis))
        there = self.points.clone()
        there[:, axis] = at
        known, others = (
            self.second(x).get(across, torch.zeros_like(x[:, 0])) for x in (there, self.points)
        )
        if not bool((known > 0).all()):
            return None
        varies = not torch.allclose(torch.cat([known, others]), known[0], rtol=1e-9)
        # One function has one: where it varies along the wall, what that adds is of higher degree
        middle = float(known.median())
        falling = 2 if varies else 0
        return Start(at, self.begin, axis, middle, inward, self.forward, first, falling=falling)

    def gaps(self, side: Residual, axis: int, end: int) -> Tensor | None:
        """What a side lacks where initial values are put into it, in units of their size, along the
        wall: `(n,)`. None, if it is no condition on values or on slopes across it.
        """
        indices = [member for slot in side.slots for member in members(slot.index)]
        if len(indices) != len(side.slots):
            return None
        orders = [index[axis] for index in indices]
        if any(sum(index) != order for index, order in zip(indices, orders, strict=True)):
            return None
        if max(orders) > 1:
            return None
        low, high = self.system.domain.bounds[axis].tolist()
        inward, step = 1 - 2 * end, DISAGREEMENT.step * (high - low)
        x = self.points.clone()
        at = []
        for k in range(3):
            x[:, axis] = (high if end else low) + k * inward * step
            at.append(self.initial.given(x, None))
        by_order = at[0], inward * (4 * at[1] - 3 * at[0] - at[2]) / (2 * step)
        x[:, axis] = high if end else low
        normals = torch.zeros_like(x)
        normals[:, axis] = -inward
        gaps = side.value(x, normals, torch.stack([by_order[order] for order in orders]))
        size = self.initial.given(self.points, None).abs().max() * (1.0, 1 / step)[max(orders)]
        size = size + side.data(x, normals).abs().max()
        return gaps.abs() / size.clamp(min=1e-300)


def parabolic(system: System) -> Parabolic | None:
    """The problem as one of diffusion in a box of space; None, if it is none."""
    dim = len(system.domain.coordinates)
    # Around holes other functions are needed, and others know how to solve
    if dim < 2 or system.n_unknowns != 1 or not isinstance(system.domain, Box):
        return None
    equations = [r for r in system.residuals if fills_domain(r.condition.region)]
    if len(equations) != 1 or len(equations[0].traces) != 1:
        return None
    orders = np.max([m for s in equations[0].slots for m in members(s.index)], axis=0).tolist()
    if sorted(orders) != [1, *[2] * (dim - 1)]:
        return None
    time = orders.index(1)
    bounds = system.domain.bounds[time]
    for residual in system.residuals:
        at = only_at(residual, time)
        if at in bounds and gives_values(residual):
            return Parabolic(system, equations[0], residual, time, 1 if at == bounds[0] else -1)
    return None


def only_at(residual: Residual, axis: int) -> float | None:
    """Where along an axis a condition holds, if at one place alone."""
    low, high = residual.condition.region.bounds[axis].tolist()
    return low if low == high and len(residual.traces) == 1 else None
