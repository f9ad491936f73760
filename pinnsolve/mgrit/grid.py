"""Which steps belong together: levels, intervals between C-points, and who owns what. Index arithmetic alone.

The points of a level with n steps are 0 ... n. Every c-th point is a C-point, and so is the last one, so that the last
interval may be short. An interval of a level is a step of the next coarser one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Run:
    """Neighbouring intervals of equal length: `count` of them from interval `first` on, whose first step is `start`."""

    first: int
    count: int
    length: int
    start: int

    def steps(self, j: int) -> slice:
        """Step number j of every interval of the run."""
        return slice(self.start + j, self.start + (self.count - 1) * self.length + j + 1, self.length)

    def split(self, most: int | None) -> list[Run]:
        """Runs of at most so many intervals."""
        size = most or self.count
        return [
            Run(self.first + k, min(size, self.count - k), self.length, self.start + k * self.length)
            for k in range(0, self.count, size)
        ]


@dataclass(frozen=True)
class Line:
    """The steps of one level that one rank owns: `bounds` are its C-points, counted from the first step it owns."""

    bounds: tuple[int, ...]

    @property
    def steps(self) -> int:
        """How many steps."""
        return self.bounds[-1]

    @property
    def intervals(self) -> int:
        """How many intervals."""
        return len(self.bounds) - 1

    def runs(self, most: int | None = None) -> tuple[Run, ...]:
        """The intervals, as runs of equal length: of evenly divided steps there is one, else two. Of at most so many each."""
        found: list[Run] = []
        for k, (start, end) in enumerate(pairwise(self.bounds)):
            if found and found[-1].length == end - start:
                last = found.pop()
                found.append(Run(last.first, last.count + 1, last.length, last.start))
            else:
                found.append(Run(k, 1, end - start, start))
        return tuple(piece for run in found for piece in run.split(most))

    def reversed(self) -> Line:
        """The same steps from last to first."""
        return Line(tuple(self.steps - b for b in self.bounds[::-1]))


def c_points(steps: int, coarsening: int) -> tuple[int, ...]:
    """0, c, 2c, ... and the last point."""
    return (*range(0, steps, coarsening), steps)


def coarsened(depth: int, coarsening: Sequence[int]) -> tuple[int, ...]:
    """Numbers of steps of all levels, finest first. Raises ValueError if a level would have fewer than two steps."""
    counts = [depth]
    for c in coarsening:
        counts.append(-(-counts[-1] // c))
        if c < 2 or counts[-1] < 2:
            raise ValueError(
                f"MGRIT coarsens {depth} steps by {' x '.join(map(str, coarsening))}: every factor is at least 2, and two "
                "coarse steps must be left; take a deeper network, fewer levels or a smaller coarsening"
            )
    return tuple(counts)


def lines(depth: int, coarsening: Sequence[int], rank: int, ranks: int) -> tuple[tuple[Line, ...], slice]:
    """A rank's lines of all levels but the coarsest, finest first, and its slab of the finest steps.

    Steps of the coarsest level are dealt out evenly, each with all that lies below it.
    Raises ValueError for more ranks than coarsest steps.
    """
    counts = coarsened(depth, coarsening)
    if ranks > counts[-1]:
        raise ValueError(f"{ranks} ranks for {counts[-1]} coarse intervals: start at most {counts[-1]}, or coarsen less")
    low, high = (counts[-1] * r // ranks for r in (rank, rank + 1))
    found: list[Line] = []
    for count, c in zip(counts[-2::-1], coarsening[::-1], strict=True):
        points = c_points(count, c)[low : high + 1]
        low, high = points[0], points[-1]
        found.append(Line(tuple(p - low for p in points)))
    return tuple(found[::-1]), slice(low, high)
