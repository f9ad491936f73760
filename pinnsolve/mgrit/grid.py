"""Which steps belong together: levels, intervals between C-points, and who owns what. Index
arithmetic alone.

The points of a level with n steps are 0 ... n. Every c-th point is a C-point, and so is the last
one, so that the last interval may be short. An interval of a level is a step of the next coarser
one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Run:
    """Neighbouring intervals of equal length: `count` of them from interval `first` on, whose first
    step is `start`.
    """

    first: int
    count: int
    length: int
    start: int

    def steps(self, j: int) -> slice:
        """Step number j of every interval of the run."""
        return slice(
            self.start + j, self.start + (self.count - 1) * self.length + j + 1, self.length
        )

    def split(self, most: int | None) -> list[Run]:
        """Runs of at most so many intervals."""
        size = most or self.count
        return [
            Run(
                self.first + k, min(size, self.count - k), self.length, self.start + k * self.length
            )
            for k in range(0, self.count, size)
        ]


@dataclass(frozen=True)
class Line:
    """The steps of one level that one rank owns: `bounds` are its C-points and its ends, counted
    from the first step it owns.

    Its first interval may have begun on a rank before (`begins` is False: the first bound is no
    C-point), its last one may go on behind it (not `ends`). Of those that end here the rank owns
    the coarse step.
    """

    bounds: tuple[int, ...]
    begins: bool = True
    ends: bool = True

    @property
    def steps(self) -> int:
        """How many steps."""
        return self.bounds[-1]

    @property
    def intervals(self) -> int:
        """How many intervals end here: the steps of the next coarser level."""
        return len(self.c_points) - self.begins

    @property
    def c_points(self) -> tuple[int, ...]:
        """C-points among the bounds."""
        inner = self.bounds[1:-1]
        first = self.bounds[:1] if self.begins else ()
        last = self.bounds[-1:] if self.ends and self.steps else ()
        return (*first, *inner, *last)

    @property
    def head(self) -> Run | None:
        """What is here of an interval that began before: possibly no step of it."""
        return None if self.begins else Run(0, 1, self.bounds[min(1, len(self.bounds) - 1)], 0)

    def runs(self, most: int | None = None) -> tuple[Run, ...]:
        """The intervals that begin here, as runs of equal length: of evenly divided steps there is
        one. Of at most so many.
        """
        runs: list[Run] = []
        for k, (start, end) in enumerate(pairwise(self.bounds[not self.begins :])):
            if runs and runs[-1].length == end - start:
                last = runs.pop()
                runs.append(Run(last.first, last.count + 1, last.length, last.start))
            else:
                runs.append(Run(k, 1, end - start, start))
        return tuple(piece for run in runs for piece in run.split(most))


@dataclass(frozen=True)
class Slab:
    """What a rank owns of a level: steps `low` to `high`, counted over all ranks, and how they lie
    between C-points.
    """

    low: int
    high: int
    line: Line

    @property
    def steps(self) -> slice:
        """The steps, in the order of all ranks' steps."""
        return slice(self.low, self.high)


def c_points(steps: int, coarsening: int) -> tuple[int, ...]:
    """0, c, 2c, ... and the last point."""
    return (*range(0, steps, coarsening), steps)


def coarsened(depth: int, coarsening: Sequence[int]) -> tuple[int, ...]:
    """Numbers of steps of all levels, finest first. Raises ValueError if a level would have fewer
    than two steps.
    """
    counts = [depth]
    for c in coarsening:
        counts.append(-(-counts[-1] // c))
        if c < 2 or counts[-1] < 2:
            raise ValueError(
                f"MGRIT coarsens {depth} steps by {' x '.join(map(str, coarsening))}: every factor"
                " is at least 2, and two coarse steps must be left; take a deeper network, fewer"
                " levels or a smaller coarsening"
            )
    return tuple(counts)


@dataclass(frozen=True)
class Grid:
    """All levels of `depth` steps: C-points of every level but the coarsest, finest first."""

    depth: int
    coarsening: tuple[int, ...]

    @property
    def c_points(self) -> tuple[tuple[int, ...], ...]:
        """Of every level but the coarsest."""
        return tuple(
            c_points(n, c)
            for n, c in zip(coarsened(self.depth, self.coarsening), self.coarsening, strict=False)
        )

    def slabs(self, rank: int, ranks: int, direction: int = 1) -> tuple[Slab, ...]:
        """A rank's share of all levels, finest first; of the line of steps from last to first, if
        `direction` is -1.

        Intervals of the finest level are dealt out evenly; a coarse step belongs to the rank where
        its interval ends, so that a rank may own none on coarser levels. Raises ValueError for more
        ranks than finest intervals.
        """
        counts = coarsened(self.depth, self.coarsening)
        if ranks > counts[1]:
            raise ValueError(
                f"{ranks} ranks for {counts[1]} intervals of layers: start at most {counts[1]}, or"
                " coarsen less"
            )
        low, high = (self.c_points[0][counts[1] * r // ranks] for r in (rank, rank + 1))
        if direction < 0:
            low, high = self.depth - high, self.depth - low
        slabs = []
        for count, points in zip(counts, self.c_points, strict=False):
            cuts = tuple(count - p for p in points[::-1]) if direction < 0 else points
            inner = (low, *(p for p in cuts if low < p < high), *((high,) if high > low else ()))
            line = Line(tuple(p - low for p in inner), low in cuts, high in cuts)
            slabs.append(Slab(low, high, line))
            low, high = (bisect_right(cuts, edge) - 1 for edge in (low, high))
        return (*slabs, Slab(low, high, Line(tuple(range(high - low + 1)))))
