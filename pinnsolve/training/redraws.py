"""When a training goes on at other collocation points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from pinnsolve.discretize.resample import Resample


@dataclass(frozen=True, eq=False)
class Redraws:
    """Steps of a training are counted; every so many of them, points are drawn anew, if at all."""

    resample: Resample | None = None
    steps: Iterator[int] = field(default_factory=count)

    def due(self) -> int | None:
        """The number of the step, if it falls due at new points; asked once a step."""
        step = next(self.steps)
        return None if self.resample is None or step % self.resample.every else step

    def hurry(self) -> bool:
        """Let the next step fall due at new points; False, if none are drawn."""
        if self.resample is None:
            return False
        while (next(self.steps) + 1) % self.resample.every:
            pass
        return True
