"""Steps of waves on elements, of order four: by the modified equation where u_tt is one linear
function of u (Shubin and Bell, SIAM J. Sci. Stat. Comput. 8 (1987) 135; Dablain, Geophysics 51
(1986) 54), by Runge and Kutta's method elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from pinnsolve.evolution.vibration import Vibration


@dataclass(frozen=True)
class Lengths:
    """How long steps are."""

    # Radians of the fastest wave in a step of Runge and Kutta's method: it is stable up to 2.8
    runge: float = 2.6
    # Of the modified equation's: it is up to sqrt(12)
    modified: float = 3.3


LENGTHS = Lengths()

# u, u_t and u_tt.
State = tuple[Tensor, Tensor, Tensor]


class Strides(Protocol):
    """Through one part of the time after the other, all as long, in so many steps each, in a state
    of its own.
    """

    @property
    def steps(self) -> int:
        """Of a part."""

    def begun(self) -> State:
        """At first."""

    def after(self, t: float, state: State) -> State:
        """A part later, from a time."""

    def shown(self, state: State) -> State:
        """u, u_t and u_tt."""


def strides_of(vibration: Vibration, length: float) -> Strides:
    """Through parts of a length."""
    steady = vibration.is_steady
    radians = LENGTHS.modified if steady else LENGTHS.runge
    steps = max(1, math.ceil(length * vibration.fastest / radians))
    return (Modified if steady else Runge)(vibration, steps, length / steps)


@dataclass(frozen=True, eq=False)
class Runge:
    """So many `steps` of length `h` a part."""

    vibration: Vibration
    steps: int
    h: float

    def begun(self) -> State:
        """By the initial data."""
        u, v = self.vibration.begun()
        return u, v, self.vibration.bent(self.vibration.wave.form.start, u, v)

    def after(self, t: float, state: State) -> State:
        """Four evaluations a step."""
        bent, h = self.vibration.bent, self.h
        u, v, a = state
        for k in range(self.steps):
            middle, end = t + (k + 0.5) * h, t + (k + 1) * h
            v2 = v + h / 2 * a
            a2 = bent(middle, u + h / 2 * v, v2)
            v3 = v + h / 2 * a2
            a3 = bent(middle, u + h / 2 * v2, v3)
            v4 = v + h * a3
            a4 = bent(end, u + h * v3, v4)
            u = u + h / 6 * (v + 2 * v2 + 2 * v3 + v4)
            v = v + h / 6 * (a + 2 * a2 + 2 * a3 + a4)
            a = bent(end, u, v)
        return u, v, a

    def shown(self, state: State) -> State:
        """As it is."""
        return state


@dataclass(frozen=True, eq=False)
class Modified:
    """u_tt = A u + f: the mean rate over two steps w obeys w' = a + h^2 / 12 A a, a = A u + f, but
    for terms of order four, where steps of order two know no more of it than w and a.

    A state is u, w = u_t + h^2 / 6 A u_t, and a.
    """

    vibration: Vibration
    steps: int
    h: float

    def begun(self) -> State:
        """By the initial data."""
        u, v = self.vibration.begun()
        return u, v + self.h**2 / 6 * self._turned(v), self._bent(u)

    def after(self, t: float, state: State) -> State:
        """Two evaluations a step."""
        u, w, a = state
        u, w, h = u.clone(), w.clone(), self.h
        pulled = self._pulled(a)
        for _ in range(self.steps):
            w.add_(pulled, alpha=h / 2)
            u.add_(w, alpha=h)
            a = self._bent(u)
            pulled = self._pulled(a)
            w.add_(pulled, alpha=h / 2)
        return u, w, a

    def shown(self, state: State) -> State:
        """With u_t, to order four."""
        u, w, a = state
        return u, w - self.h**2 / 6 * self._turned(w), a

    def _pulled(self, a: Tensor) -> Tensor:
        return torch.add(a, self._turned(a), alpha=self.h**2 / 12)

    def _bent(self, u: Tensor) -> Tensor:
        """A u + f."""
        return self.vibration.bent(self.vibration.wave.form.start, u, u)

    def _turned(self, u: Tensor) -> Tensor:
        """A u."""
        found = self._bent(u)
        return found if self._load is None else found - self._load

    @cached_property
    def _load(self) -> Tensor | None:
        """f; None, where it vanishes."""
        found = self._bent(self.vibration.speeds.new_zeros(self.vibration.shape))
        return found if bool(found.any()) else None
