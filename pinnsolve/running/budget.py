"""What a solve may cost: seconds and memory, looked at before they are spent; and how it ends
early.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import TypeVar

import psutil

from pinnsolve.running.stop import Stop

T = TypeVar("T")


@dataclass(frozen=True)
class Restraint:
    """What a solve takes that was given no limits."""

    # Of the free memory.
    memory_share: float = 0.6
    # Beyond so many, nothing is tried automatically if no seconds are given.
    columns: int = 4000


RESTRAINT = Restraint()


def now() -> float:
    """Wall seconds, of a clock that never goes back."""
    return time.perf_counter()


class Interrupted(KeyboardInterrupt):
    """Ctrl-C inside of a fit; `best` is what was found until then: a `Found` of a method, a `Fit`
    of a fit.
    """

    def __init__(self, best: object) -> None:
        super().__init__()
        self.best = best


class OutOfTimeError(Exception):
    """The budget's seconds are used; `best` as of `Interrupted`. Caught where the best so far is
    known, as Ctrl-C is.

    `words` say why nothing was begun, where that is not plain.
    """

    def __init__(self, best: object = None, words: str = "") -> None:
        super().__init__(words or "the budget's seconds are used")
        self.best, self.words = best, words


EARLY = (KeyboardInterrupt, OutOfTimeError)


def why(error: BaseException) -> Stop:
    """The stop reason of a solve that this ended."""
    return Stop.INTERRUPTED if isinstance(error, KeyboardInterrupt) else Stop.BUDGET


def reached(error: BaseException, kind: type[T]) -> T | None:
    """What a solve had come to when this ended it, if it is of this kind."""
    best = getattr(error, "best", None)
    return best if isinstance(best, kind) else None


def ended(reason: Stop, best: object, words: str = "") -> KeyboardInterrupt | OutOfTimeError:
    """What to raise where a solve ends early for this reason, with the best so far."""
    return Interrupted(best) if reason == Stop.INTERRUPTED else OutOfTimeError(best, words)


@contextmanager
def carrying(best: object) -> Iterator[None]:
    """What ends a solve early in here carries the best so far along, unless it has its own."""
    try:
        yield
    except EARLY as error:
        raise ended(
            why(error), getattr(error, "best", None) or best, getattr(error, "words", "")
        ) from error


@dataclass(frozen=True)
class Budget:
    """Wall seconds from the start of a solve, gigabytes of memory (0.6 of what is free, if nothing
    is said), and columns.

    A limit is kept by prediction: a step that would pass it is not begun; loops inside of a step
    ask for the time that is left. `clock` tells the time in seconds, and `start` when it begins:
    now, if nothing is said. Raises ValueError if a limit is not positive.

    >>> from sympy import Eq
    >>> from pinnsolve import Budget, Interval, Problem, coordinates, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> problem = Problem(Interval(x, 0, 1), Eq(u.diff(x), u), Eq(u(0), 1))
    >>> solution = solve(problem, budget=Budget(seconds=60, columns=200))
    >>> f"{solution(1.0):.4f}"
    '2.7183'
    """

    seconds: float = math.inf
    gigabytes: float | None = None
    columns: float = math.inf
    start: float = field(default=math.nan, repr=False)
    clock: Callable[[], float] = field(default=now, repr=False, compare=False)

    def __post_init__(self) -> None:
        if math.isnan(self.start):
            object.__setattr__(self, "start", self.clock())
        for name, limit in (
            ("seconds", self.seconds),
            ("gigabytes", self.gigabytes),
            ("columns", self.columns),
        ):
            if not isinstance(limit, Real) and not (limit is None and name == "gigabytes"):
                raise TypeError(
                    f"a budget's {name} must be a number, Budget({name}=30): got {limit!r}"
                )
        if not (
            self.seconds > 0
            and self.columns >= 1
            and (self.gigabytes is None or self.gigabytes > 0)
        ):
            raise ValueError(
                f"a budget must be positive: got {self.seconds} seconds, {self.gigabytes}"
                f" gigabytes, {self.columns} columns"
            )

    def allows(self, columns: int, seconds: float) -> bool:
        """Whether a solve of that many columns, expected to take that long, fits."""
        limited = math.isfinite(self.seconds)
        widest = self.widest() if limited else min(RESTRAINT.columns, self.widest())
        return columns <= widest and self.spent() + seconds <= self.seconds

    def spent(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.start

    def left(self) -> float:
        """Seconds that are left; below zero, if more were spent."""
        return self.seconds - self.spent()

    def require(self, seconds: float = 0.0) -> None:
        """Raise OutOfTimeError unless more than so many seconds are left."""
        if self.left() <= seconds:
            raise OutOfTimeError

    def started(self) -> Budget:
        """The same limits, from now on."""
        return replace(self, start=self.clock())

    def share(self, part: float) -> Budget:
        """A part of the seconds that are left, from now on."""
        rest = self.started()
        # Never nothing: a budget is positive.
        return replace(rest, seconds=part * max(self.seconds - (rest.start - self.start), 1e-3))

    def widest(self) -> int:
        """The largest number of columns that is allowed; what fits into memory is among them
        (`memory.fitting`).
        """
        return math.floor(min(self.columns, 1_000_000))  # more than any machine's memory holds

    def bytes_free(self) -> float:
        """Memory that a solve may take, in bytes."""
        given = self.gigabytes
        return RESTRAINT.memory_share * free_memory() if given is None else given * 1e9


FOREVER = Budget()


def free_memory() -> float:
    """Memory that is free on this machine, in bytes."""
    return float(psutil.virtual_memory().available)
