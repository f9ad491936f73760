"""Traces of ranks, replayed as if each rank had a core of its own: what a run would take on a
machine that is not there.

Each rank works for the CPU seconds that it was seen to work between two messages; what it receives
comes when it was sent, plus latency and bytes over bandwidth; a rank's messages leave one after the
other. A share goes along a binomial tree. A sum begins when the last rank asks for it, and takes a
message a round; for long vectors two passages of all bytes. What is gathered passes once.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from pinnsolve.mgrit.traced import Event
from pinnsolve.mgrit.tree import tree

TOGETHER = ("total", "gathered")  # kinds of events that take all of their ranks at once
Place = tuple[int, int]  # a rank, and the number of one of its events


@dataclass(frozen=True)
class Network:
    """Seconds of a message without content, and bytes a second."""

    latency: float
    bandwidth: float

    def slower(self, factor: float) -> Network:
        """With so many times the latency, and so much less bandwidth."""
        return Network(self.latency * factor, self.bandwidth / factor)

    def message(self, size: int) -> float:
        """Seconds of a message of so many bytes."""
        return self.latency + size / self.bandwidth

    def total(self, ranks: int, size: int) -> float:
        """Seconds of a sum over so many ranks."""
        rounds = math.ceil(math.log2(ranks))
        halves = 2 * rounds * self.latency + 2 * size * (1 - 1 / ranks) / self.bandwidth
        return min(rounds * self.message(size), halves)

    def gathered(self, ranks: int, size: int) -> float:
        """Seconds until all of so many ranks have all parts of so many bytes."""
        rounds = math.ceil(math.log2(ranks))
        return rounds * self.latency + size * (1 - 1 / ranks) / self.bandwidth

    def together(self, event: Event) -> float:
        """Seconds of an event that takes all of its ranks at once."""
        seconds = self.total if event.kind == "total" else self.gathered
        return seconds(len(event.among), event.size)


@dataclass(frozen=True)
class Passed:
    """An event in the replay: when it was asked for, when it was over, and the event of another
    rank that ended the wait.
    """

    asked: float
    over: float
    waited: Place | None = None


@dataclass(frozen=True)
class Replay:
    """All events of all ranks, timed."""

    traces: Sequence[Sequence[Event]]
    passed: Sequence[Sequence[Passed]]

    @property
    def seconds(self) -> float:
        """Until the last rank is through."""
        return self.passed[self.last][-1].over

    @property
    def last(self) -> int:
        """The rank that is through last."""
        some = [rank for rank, each in enumerate(self.passed) if each]
        return max(some, key=lambda rank: self.passed[rank][-1].over)

    def longest(self) -> dict[tuple[str, str], float]:
        """Seconds of the longest way, by what they are spent on: work between two events, as the
        pair of their labels, and the way of a message, as (its label, "message"). Their sum is
        `seconds`.
        """
        parts = defaultdict[tuple[str, str], float](float)
        rank = self.last
        number = len(self.passed[rank]) - 1
        while number >= 0:
            event, at = self.traces[rank][number], self.passed[rank][number]
            if at.waited is not None:
                rank, number = at.waited
                parts[_name(event), "message"] += at.over - self.passed[rank][number].over
                continue
            before = self.passed[rank][number - 1].over if number else 0.0
            came = _name(self.traces[rank][number - 1]) if number else "start"
            parts[_name(event), "message"] += at.over - at.asked
            parts[came, _name(event)] += at.asked - before
            number -= 1
        return parts


def _name(event: Event) -> str:
    return event.label if event.kind == "mark" else f"{event.label} {event.kind}"


class _Run:
    """What is on its way while traces are replayed."""

    def __init__(self, traces: Sequence[Sequence[Event]], network: Network) -> None:
        self.traces, self.network = traces, network
        self.passed: list[list[Passed]] = [[] for _ in traces]
        self.free = [0.0] * len(traces)  # when a rank's last message has left
        self.mail: dict[tuple[int, int, str], deque[tuple[float, Place]]] = defaultdict(deque)
        self.meetings: dict[tuple[range, int], list[Place]] = defaultdict(list)
        self.arrived: dict[Place, float] = {}

    def advance(self, rank: int) -> bool:
        """As far as a rank comes without others; whether it came any further."""
        begun = len(self.passed[rank])
        while len(self.passed[rank]) < len(self.traces[rank]):
            place = (rank, len(self.passed[rank]))
            event = self.traces[rank][place[1]]
            asked = (self.passed[rank][-1].over if place[1] else 0.0) + event.seconds
            passed = self._passed(event, place, asked)
            if passed is None:
                break
            self.passed[rank].append(passed)
        return len(self.passed[rank]) > begun

    def _passed(self, event: Event, place: Place, asked: float) -> Passed | None:
        """The event, timed; None, if what it waits for has not happened yet."""
        if event.kind == "send":
            self._leave(place, event.other, event, asked)
        elif event.kind == "receive":
            return self._received((event.other, place[0], "send"), asked)
        elif event.kind == "share":
            return self._shared(event, place, asked)
        elif event.kind in TOGETHER:
            return self._together(event, place, asked)
        return Passed(asked, asked)

    def _leave(self, place: Place, target: int, event: Event, now: float) -> None:
        rank = place[0]
        self.free[rank] = max(now, self.free[rank]) + self.network.message(event.size)
        self.mail[rank, target, event.kind].append((self.free[rank], place))

    def _received(self, key: tuple[int, int, str], asked: float) -> Passed | None:
        if not self.mail[key]:
            return None
        arrived, sender = self.mail[key].popleft()
        return Passed(asked, arrived, sender) if arrived > asked else Passed(asked, asked)

    def _shared(self, event: Event, place: Place, asked: float) -> Passed | None:
        among = event.among
        root, own = among.index(event.other), among.index(place[0])
        parent, children = tree((own - root) % len(among), len(among))
        passed: Passed | None = Passed(asked, asked)
        if parent is not None:
            source = among[(parent + root) % len(among)]
            passed = self._received((source, place[0], "share"), asked)
        if passed is not None:
            for child in children:
                self._leave(place, among[(child + root) % len(among)], event, passed.over)
        return passed

    def _together(self, event: Event, place: Place, asked: float) -> Passed | None:
        before = self.traces[place[0]][: place[1]]
        number = sum(e.kind in TOGETHER and e.among == event.among for e in before)
        there = self.meetings[event.among, number]
        if place not in there:
            there.append(place)
            self.arrived[place] = asked
        if len(there) < len(event.among):
            return None
        last = max(there, key=self.arrived.__getitem__)
        over = self.arrived[last] + self.network.together(event)
        return Passed(asked, over, None if last == place else last)


def replayed(traces: Sequence[Sequence[Event]], network: Network) -> Replay:
    """Run the traces of ranks 0, 1, ... Raises ValueError if a rank waits for a message that no one
    sends.
    """
    run, ranks = _Run(traces, network), range(len(traces))
    while any(run.advance(rank) for rank in ranks):
        pass
    for rank in ranks:
        if len(run.passed[rank]) < len(traces[rank]):
            event = traces[rank][len(run.passed[rank])]
            raise ValueError(f"rank {rank} waits for ever: {event}")
    return Replay(traces, run.passed)


def passes(events: Sequence[Event]) -> list[list[Event]]:
    """What a rank did from each mark "begin" to the next mark "end", both included."""
    begins, ends = (
        [k for k, e in enumerate(events) if (e.kind, e.label) == ("mark", name)]
        for name in ("begin", "end")
    )
    return [
        [replace(events[start], seconds=0.0), *events[start + 1 : end + 1]]
        for start, end in zip(begins, ends, strict=True)
    ]


def typical(passes: Sequence[Sequence[Event]]) -> list[Event]:
    """One pass with the median seconds of each interval over all of them.

    Raises ValueError if two passes consist of different messages.
    """
    shapes = [[(e.kind, e.label, e.other, e.among, e.size) for e in each] for each in passes]
    if any(shape != shapes[0] for shape in shapes):
        raise ValueError("passes consist of different messages")
    return [
        replace(same[0], seconds=median(e.seconds for e in same))
        for same in zip(*passes, strict=True)
    ]
