"""What a solve may cost: seconds and memory, looked at before they are spent."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass, field
from numbers import Real

from pinnsolve.train.collocate import OVERSAMPLING

COPIES = 2.5  # peak memory of assembly and solve, in units of the matrix (measured: 2)
SHARE = 0.6  # of the free memory, that a solve takes without being asked
WIDEST = 4000  # columns, beyond which nothing is tried automatically if no seconds are given


@dataclass(frozen=True)
class Budget:
    """Wall seconds from the start of a solve, gigabytes of memory (0.6 of what is free, if nothing is said), and columns.

    A limit is kept by prediction: a step that would pass it is not begun. Raises ValueError if a limit is not positive.
    """

    seconds: float = math.inf
    gigabytes: float | None = None
    columns: float = math.inf
    start: float = field(default_factory=time.perf_counter, repr=False)

    def __post_init__(self) -> None:
        for name, limit in (("seconds", self.seconds), ("gigabytes", self.gigabytes), ("columns", self.columns)):
            if not isinstance(limit, Real) and not (limit is None and name == "gigabytes"):
                raise TypeError(f"a budget's {name} must be a number, Budget({name}=30): got {limit!r}")
        if not (self.seconds > 0 and self.columns >= 1 and (self.gigabytes is None or self.gigabytes > 0)):
            raise ValueError(
                f"a budget must be positive: got {self.seconds} seconds, {self.gigabytes} gigabytes, {self.columns} columns"
            )

    def allows(self, columns: int, seconds: float) -> bool:
        """Whether a solve of that many columns, expected to take that long, fits."""
        widest = self.widest() if math.isfinite(self.seconds) else min(WIDEST, self.widest())
        return columns <= widest and self.spent() + seconds <= self.seconds

    def spent(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.start

    def widest(self) -> int:
        """The largest number of columns that is allowed and whose solve fits into memory."""
        free = self.gigabytes * 1e9 if self.gigabytes is not None else SHARE * free_memory()
        return math.floor(min(self.columns, math.sqrt(free / bytes_of(1))))


def bytes_of(columns: int) -> float:
    """Predicted peak memory of assembling and solving for so many columns, in bytes."""
    return COPIES * 8.0 * OVERSAMPLING * columns**2


def free_memory() -> float:
    """Memory that is free on this machine, in bytes."""
    return float(os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
