"""What a rank does and says, recorded where its messages pass: CPU seconds of its thread between
them, sizes and partners.

A trace of all ranks can be replayed as if each had a core of its own, however few there were. What
a rank burns while it waits for a message counts as nothing.
"""

from __future__ import annotations

import csv
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from torch import Tensor

from pinnsolve.mgrit import communicator
from pinnsolve.mgrit.communicator import Communicator

# Frames of these are no callers: who asked for a message stands above them.
_PASSING = (__name__, communicator.__name__)


@dataclass(frozen=True)
class Event:
    """A message, or a mark: what a rank said to whom, and what it had computed before."""

    kind: str  # "send", "receive", "share", "total", "gathered" or "mark"
    label: str  # of a mark; of a message, the function that asked for it
    other: int  # the rank in the world it goes to or comes from; of a share, its root
    among: range  # the ranks of the world that communicate
    size: int  # bytes; of what is gathered, in all
    seconds: float  # of the thread's CPU since the event before
    wall: float  # of the clock, when the event was over


class Trace:
    """The events of one rank, in order."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        # Of the thread's CPU: when the rank began, and when each event was over.
        self.over = [time.thread_time()]

    def asked(self, kind: str, label: str, other: int, among: range, size: int) -> Event:
        """A message that begins now: what came before it was work."""
        seconds = time.thread_time() - self.over[-1]
        return Event(kind, label, other, among, size, seconds, math.nan)

    def done(self, event: Event, own: float = 0.0) -> None:
        """The message is over, of which so many seconds were work too."""
        self.events.append(replace(event, seconds=event.seconds + own, wall=time.perf_counter()))
        self.over.append(time.thread_time())

    def mark(self, label: str) -> None:
        """Record where something begins."""
        self.done(self.asked("mark", label, -1, range(0), 0))

    def write(self, path: Path) -> None:
        """As CSV, an event a line."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(Event.__dataclass_fields__)
            for event in self.events:
                row = asdict(event)
                ranks = event.among
                writer.writerow(
                    {**row, "among": f"{ranks.start}:{ranks.stop}:{ranks.step}"}.values()
                )


def read(path: Path) -> list[Event]:
    """The events that a trace has written."""
    with path.open(encoding="utf-8") as file:
        return [
            Event(
                row["kind"],
                row["label"],
                int(row["other"]),
                range(*map(int, row["among"].split(":"))),
                int(row["size"]),
                float(row["seconds"]),
                float(row["wall"]),
            )
            for row in csv.DictReader(file)
        ]


class Traced:
    """Ranks whose messages are recorded: a communicator around another one."""

    def __init__(self, ranks: Communicator, trace: Trace, among: range | None = None) -> None:
        self.ranks, self.trace = ranks, trace
        self.rank, self.size = ranks.rank, ranks.size
        self.among = range(ranks.size) if among is None else among

    def receive(self, like: Tensor, source: int) -> Tensor:
        """A tensor of another rank, with the shape `(...)` and type of `like`."""
        event = self._asked("receive", source, like)
        received = self.ranks.receive(like, source)
        self.trace.done(event)
        return received

    def send(self, state: Tensor, target: int) -> None:
        """Start to send a tensor `(...)`; does not wait."""
        event, begun = self._asked("send", target, state), time.thread_time()
        self.ranks.send(state, target)
        self.trace.done(event, time.thread_time() - begun)  # packing is work, no one is waited for

    def share(self, state: Tensor, root: int) -> Tensor:
        """The tensor `(...)` of one rank, on all of them."""
        event = self._asked("share", root, state)
        shared = self.ranks.share(state, root)
        self.trace.done(event)
        return shared

    def total(self, values: Tensor) -> Tensor:
        """The sum over all ranks, entry by entry of `(...)`."""
        event = self._asked("total", self.rank, values)
        sums = self.ranks.total(values)
        self.trace.done(event)
        return sums

    def gathered(self, own: Tensor, sizes: Sequence[int]) -> Tensor:
        """The vectors of all ranks, `(n_own,)`, one behind the other."""
        event = self._asked("gathered", self.rank, own)
        whole = self.ranks.gathered(own, sizes)
        size = sum(sizes) * own.element_size()
        self.trace.done(replace(event, size=size))
        return whole

    def divided(self, size: int) -> tuple[Communicator, Communicator]:
        """This rank's group of `size` neighbours, and those with the same place in all groups."""
        near, far = self.ranks.divided(size)
        group, place = divmod(self.rank, size)
        return (
            Traced(near, self.trace, self.among[group * size : (group + 1) * size]),
            Traced(far, self.trace, self.among[place::size]),
        )

    def _asked(self, kind: str, other: int, message: Tensor) -> Event:
        size = message.numel() * message.element_size()
        return self.trace.asked(kind, _caller(), self.among[other], self.among, size)


def _caller() -> str:
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals["__name__"] in _PASSING:
        frame = frame.f_back
    return frame.f_code.co_name
