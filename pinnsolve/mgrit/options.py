"""What a pass is told, and what it watches to know when to stop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from pinnsolve.mgrit.memory import Memory
from pinnsolve.mgrit.propagator import Watch


@dataclass(frozen=True)
class Worth:
    """Which cycles are worth their time."""

    # A relative change of what is watched: for less, no cycle more.
    change: float = 0.05
    # More cycles cost more than the serial pass.
    most_cycles: int = 6
    # Ranks, with which cycles to round-off are quicker than one serial pass.
    ranks_to_roundoff: int = 8


WORTH = Worth()


class Options(Protocol):
    """What a pass is told; see `MGRIT`."""

    @property
    def factors(self) -> tuple[int, ...]: ...
    @property
    def cycles(self) -> int: ...
    @property
    def adjoint_cycles(self) -> int | None: ...
    @property
    def coarse(self) -> str: ...
    @property
    def relaxation(self) -> str: ...
    @property
    def cycle(self) -> str: ...
    @property
    def tolerance(self) -> float | None: ...
    @property
    def at_once(self) -> int | None: ...
    @property
    def activations(self) -> str: ...
    @property
    def watch(self) -> Watch | None: ...
    @property
    def gradients(self) -> str: ...
    @property
    def memory(self) -> Memory: ...
    def to_roundoff(self) -> Options: ...
    def watching(self, residual: Watch | None) -> Options: ...


@dataclass(frozen=True, eq=False)
class Watched:
    """A function of the last state, what it was when last asked, and by how much another cycle
    would probably change it.
    """

    of: Watch
    last: Tensor
    ahead: float = math.inf

    @property
    def settled(self) -> bool:
        """Whether nothing of importance is to come."""
        return self.ahead <= WORTH.change

    def after(self, state: Tensor, residuals: Sequence[float], memory: Memory) -> Watched:
        """The next cycle changes the state `(rows, points, width)` by what this one did, times the
        factor by which cycles converged when last seen.
        """
        if len(residuals) > 1:
            memory.factor = min(1.0, residuals[-1] / max(residuals[-2], 1e-300))
        watched = self.of(state)
        change = float((watched - self.last).norm()) / max(float(watched.norm()), 1e-300)
        return Watched(self.of, watched, memory.factor * change)
