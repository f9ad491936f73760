"""Numbers that move by z' = lambda z + f each, and what they make of coefficients and back.

A motion of second order, u'' = kappa u + d u' + f, is two of these: with the roots l, m of l^2 =
kappa + d l, u' - m u has the rate l, and u' - l u the rate m.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.evolution.modes import Modes
from pinnsolve.evolution.products import Equations


@dataclass(frozen=True)
class Roots:
    """Where two roots are one."""

    # Radians in the whole time, by which they are kept apart: what that changes is its square
    apart: float = 1e-4


ROOTS = Roots()


@dataclass(frozen=True, eq=False)
class Motion:
    """All numbers of some equations: their `rates (n,)`, or those of a first and of a second root
    one after the other. `modes` are those of a matrix (None: products are modes).
    """

    equations: Equations
    modes: Modes | None
    rates: Tensor

    def begun(self, parts: Sequence[Tensor]) -> Tensor:
        """Of q, and where it is of second order q', each `(columns,)`: `(n,)`."""
        if self.modes is not None:
            inverse = self.modes.inverse
            parts = [inverse @ part.to(inverse.dtype) for part in parts]
        if len(parts) == 1:
            return parts[0]
        first, second = self.rates.chunk(2)
        u, v = (part.to(first.dtype) for part in parts)
        return torch.cat([v - second * u, v - first * u])

    def parts(self, z: Tensor) -> list[Tensor]:
        """The same back: each `(columns,)`."""
        if self.equations.order == 1:
            found = [z]
        else:
            (first, second), (a, b) = self.rates.chunk(2), z.chunk(2)
            gap = first - second
            found = [(a - b) / gap, (first * a - second * b) / gap]
        if self.modes is not None:
            vectors = self.modes.vectors
            # Real, where vectors are: then both parts of a number go alike.
            real = not vectors.is_complex()
            found = [vectors @ (part.real if real else part) for part in found]
        return [part.real if part.is_complex() else part for part in found]

    def force(self, t: float, z: Tensor | None) -> Tensor:
        """At a time, of the numbers `(n,)`; None, where forces are data: `(n,)`."""
        given = self.equations.force(t, [] if z is None else self.parts(z))
        if self.modes is not None:
            given = self.modes.into @ given.to(self.modes.into.dtype)
        given = given.to(self.rates.dtype)
        return given if self.equations.order == 1 else torch.cat([given, given])

    def state(self, z: Tensor, force: Tensor, slope: Tensor) -> Tensor:
        """q and its first two derivatives, `(3, columns)`, of the numbers, forces, and the slopes
        of those in time.
        """
        rate = self.rates * z + force
        if self.equations.order == 2:
            (q, v), (_, bent) = self.parts(z), self.parts(rate)
            return torch.stack([q, v, bent])
        bend = self.rates * rate + slope
        return torch.stack([self.parts(part)[0] for part in (z, rate, bend)])


def motion_of(equations: Equations, modes: Modes | None) -> Motion:
    """Of equations; their stiff numbers are those of modes, where there are such."""
    stiff = equations.stiff if modes is None else modes.values
    if equations.order == 1:
        return Motion(equations, modes, stiff)
    half = equations.damping / 2
    inside = (half**2 + stiff).to(torch.complex128)
    least = (ROOTS.apart / (equations.form.end - equations.form.start)) ** 2
    inside = torch.where(inside.abs() < least, torch.full_like(inside, -least), inside)
    root = inside.sqrt()
    return Motion(equations, modes, torch.cat([half + root, half - root]))
