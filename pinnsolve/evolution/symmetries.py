"""Symmetries of an evolution in a box: no function says anew what a solution repeats or mirrors.

A solution that is zero at both ends of a coordinate, of laws and data that are odd about them, is
one of sines; where slopes are zero, and laws are even, of cosines. If there are mirrors in between,
or turns shorter than the box, harmonics between these are none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.places import places
from pinnsolve.discretize.recognize import Form
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.lines import End
from pinnsolve.jets.indices import members


@dataclass(frozen=True)
class Symmetries:
    """How it is seen that an equation is the same elsewhere."""

    # Random points and states
    points: int = 64
    # Of an equation's size: what differs by no more is the same
    same: float = 1e-11
    # Into how many parts a coordinate may fall, each of these into others again
    parts: tuple[int, ...] = (2, 3, 5, 7)
    # Of a length: what comes again after that does not vary at all, and has no parts
    odd: float = 0.5 * (5**0.5 - 1)


SYMMETRIES = Symmetries()


@dataclass(frozen=True)
class Moved:
    """Coordinate number `axis` becomes `sign` times itself plus `shift`; every unknown is what it
    was, times its parity.
    """

    axis: int
    sign: int
    shift: float
    parities: tuple[int, ...]

    def keeps(self, residual: Residual, x: Tensor, u: Tensor) -> bool:
        """Whether an equation at points `(n, dim)` and states `(n_slots, n)` says the same, or the
        same with another sign.
        """
        elsewhere, moved = x.clone(), u.clone()
        elsewhere[:, self.axis] = self.sign * x[:, self.axis] + self.shift
        for number, slot in enumerate(residual.slots):
            signs = {self.sign ** m[self.axis] for m in members(slot.index)}
            if len(signs) > 1:
                return False
            moved[number] *= signs.pop() * self.parities[slot.unknown]
        here, there = residual.value(x, None, u), residual.value(elsewhere, None, moved)
        small = SYMMETRIES.same * float(here.abs().max())
        return any(bool(((here - sign * there).abs() <= small).all()) for sign in (1, -1))


def parity_of(rows: Sequence[End]) -> int:
    """-1 where both ends are at zero, 1 where both have no slope; 0 for other conditions."""
    held = [(row.end, [weight != 0 for weight in row.weights]) for row in rows]
    for parity, kind in ((-1, [True]), (1, [False, True])):
        if sorted(held) == [(0, kind), (1, kind)]:
            return parity
    return 0


def turns_of(
    system: System, form: Form, space: Sequence[int], rows: Sequence[Sequence[Sequence[End]]]
) -> tuple[float | None, ...]:
    """Of every coordinate of space, after how long the solution comes again, mirrored in the middle
    where it has conditions at its ends; None, where it does not.
    """
    found = list[float | None]()
    for i, axis in enumerate(space):
        parities = tuple(parity_of(own[i]) for own in rows)
        found.append(_turn(system, form, axis, parities, any(own[i] for own in rows)))
    return tuple(found)


def _turn(
    system: System, form: Form, axis: int, parities: tuple[int, ...], walls: bool
) -> float | None:
    low, high = system.domain.bounds[axis].tolist()
    # What data do in narrow places, a few points do not see.
    hidden = bool(places(system))
    if not walls:
        ones = (1,) * len(parities)

        def holds(part: float) -> bool:
            return _same(system, form, Moved(axis, 1, part, ones))

        return high - low if hidden else _divided(high - low, holds)
    if hidden or not all(parities):
        return None

    def mirrored(part: float) -> bool:
        ends = (2 * low, 2 * (low + part))
        return all(_same(system, form, Moved(axis, -1, end, parities)) for end in ends)

    return 2 * _divided(high - low, mirrored) if mirrored(high - low) else None


def _divided(length: float, holds: Callable[[float], bool]) -> float:
    """The smallest part of a length, of whole numbers of parts, for which something holds."""
    if holds(SYMMETRIES.odd * length):
        return length
    for parts in SYMMETRIES.parts:
        while holds(length / parts):
            length /= parts
    return length


def _same(system: System, form: Form, moved: Moved) -> bool:
    """Whether laws and initial data are kept, at random points and states."""
    generator = torch.Generator().manual_seed(0)
    bounds = tensor_of(system.domain.bounds)
    n = SYMMETRIES.points
    x = torch.rand(n, len(bounds), generator=generator, dtype=bounds.dtype)
    x = bounds[:, 0] + x * (bounds[:, 1] - bounds[:, 0])
    begun = x.clone()
    begun[:, form.axis] = form.start
    pairs = [(law.residual, x) for law in form.laws]
    pairs += [(residual, begun) for residual in form.initial]
    for residual, at in pairs:
        u = torch.rand(len(residual.slots), n, generator=generator, dtype=bounds.dtype)
        if not moved.keeps(residual, at, 0.1 + u):
            return False
    return True
