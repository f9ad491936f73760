"""A solve that ranks run together: one task, one clock, one interruption.

Ranks decide alike, since they compute alike. But a clock that each reads for itself, or Ctrl-C that
reaches one of them sooner than another, would part them, and each would wait for the others for
ever. So the time is the first rank's; and with it goes round whether one was interrupted: then all
are, at the same place.
"""

from __future__ import annotations

import hashlib
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from pinnsolve.mgrit.propagator import Propagator
from pinnsolve.running.budget import Budget
from pinnsolve.symbols.given import held_in

USUAL_HANDLERS: Mapping[int, Any] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}


@dataclass(frozen=True)
class Signals:
    """How far apart in seconds signals come that mean the same."""

    # On one rank: a terminal sends them to ranks and to mpiexec, which sends them on.
    one: float = 1.0
    # On another rank.
    late: float = 0.5


SIGNALS = Signals()


class Ranks(Protocol):
    """All ranks of a run."""

    @property
    def rank(self) -> int: ...

    @property
    def size(self) -> int: ...

    def share(self, state: Tensor, root: int) -> Tensor:
        """The tensor `(...)` of one rank, on all of them."""
        ...

    def total(self, values: Tensor) -> Tensor:
        """The sum over all ranks, entry by entry of `(...)`."""
        ...


@contextmanager
def together(
    ranks: Ranks | None, budget: Budget, task: Callable[[], Mapping[str, str]]
) -> Iterator[Budget]:
    """The budget, by the clock of the first of those ranks that share the work; as it is, where
    none do.

    `task` says, by name of its parts, what is asked for. Raises ValueError, on every rank, that
    names the parts that differ.
    """
    if ranks is None or ranks.size == 1:
        yield budget
        return
    require_same(ranks, task())
    clock = _Clock(ranks, budget.clock)
    start = ranks.share(torch.tensor(budget.start, dtype=torch.float64), 0)
    with clock.hearing():
        yield replace(budget, clock=clock, start=float(start))


def sharing(basis: object) -> Ranks | None:
    """The ranks that share the layers of a declared basis; None, where none do."""
    ways = [part for part in held_in(basis) if isinstance(part, Propagator) and part.parallel]
    return ways[0].ranks() if ways else None


def require_same(ranks: Ranks, task: Mapping[str, str]) -> None:
    """Raise ValueError, on every rank, unless all of them say the same of each part of the task."""
    own = torch.tensor(
        [list(hashlib.sha256(said.encode()).digest()) for said in task.values()], dtype=torch.uint8
    )
    unlike = ranks.total((own != ranks.share(own, 0)).any(1).double()).tolist()
    if any(unlike):
        parts = [name for name, count in zip(task, unlike, strict=True) if count]
        said = "; ".join(f"its {name}: {task[name][:200]}" for name in parts)
        raise ValueError(
            f"the ranks declare different tasks: {', '.join(parts)} differ. Rank {ranks.rank}:"
            f" {said}. Ranks that solve together solve the same; where each has its own, start"
            " several programs, without mpiexec"
        )


@dataclass(frozen=True)
class _Clock:
    """The first rank's time, in seconds; asking for it raises KeyboardInterrupt on all ranks, if
    one was interrupted.
    """

    ranks: Ranks
    own: Callable[[], float]
    caught: list[float] = field(default_factory=list)  # when this rank heard a signal
    raised: list[float] = field(default_factory=list)  # when all were interrupted

    def __call__(self) -> float:
        told = torch.zeros(1 + self.ranks.size, dtype=torch.float64)
        told[0] = self.own() if self.ranks.rank == 0 else 0.0
        told[1 + self.ranks.rank] = len(self.caught)
        seconds, *caught = self.ranks.total(told).tolist()
        if max(caught) > len(self.raised):
            self.raised.append(seconds)
            raise KeyboardInterrupt
        return float(seconds)

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Inside, Ctrl-C and SIGTERM wait until all ranks ask for the time; only where nobody else
        has handlers for them.
        """
        ours = threading.current_thread() is threading.main_thread()
        numbers = [
            n for n, usual in USUAL_HANDLERS.items() if ours and signal.getsignal(n) is usual
        ]

        def note(number: int, frame: Any) -> None:
            now = time.monotonic()
            if not self.caught or now > self.caught[-1] + SIGNALS.one:
                self.caught.append(now)

        before = {number: signal.signal(number, note) for number in numbers}
        try:
            yield
        finally:
            last = time.monotonic() + SIGNALS.late
            while len(self.caught) < len(self.raised) and time.monotonic() < last:
                time.sleep(0.01)
            for number, handler in before.items():
                signal.signal(number, handler)
