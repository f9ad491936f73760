"""An evolution in a box, in products of functions of one coordinate each: as many along every
coordinate as the solution's own coefficients ask for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pinnsolve.evolution.suited import Followed, Suited, followed, numbers_of_start
from pinnsolve.evolution.tolerances import TOLERANCES
from pinnsolve.running.budget import EARLY, OutOfTimeError, carrying, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import CAUTION, compared, confirmed
from pinnsolve.search.confirm import residual_that_is_enough
from pinnsolve.search.fit import Fit
from pinnsolve.search.task import Outcome, Task, as_asked


@dataclass(frozen=True)
class Growing:
    """How many functions of each coordinate there are."""

    # At first, in one dimension of space, two, three, or more
    first: tuple[int, ...] = (24, 16, 10)
    # Times as many, at least, where they are not enough; at most, where a path came to its end, and
    # where it was given up, or last coefficients are already as small as `resolved`: from there on
    # they fall as they did, or faster
    growth: tuple[float, float, float] = (1.2, 1.5, 2.0)
    resolved: float = 3e-3
    # Of what the values may leave, so much may the last coefficients
    tail: float = 0.3
    # Last coefficients beyond which a state is not followed further: times the goal, and at least
    lost: tuple[float, float] = (300.0, 1e-3)
    # A tolerance that is worth its time, where none is given
    worthwhile: float = 1e-8


GROWING = Growing()


@dataclass(frozen=True, eq=False)
class Progress:
    """Functions along each coordinate and the error of a step that are to be tried next, the best
    so far, the last fit that came to the end, and why it is over.
    """

    numbers: tuple[int, ...]
    rtol: float
    best: Outcome | None = None
    last: Fit | None = None
    stopped: Stop | None = None


@dataclass(frozen=True, eq=False)
class InProducts:
    """Exponential steps in products, more of them along the coordinates whose last coefficients are
    not small.
    """

    suited: Suited

    def __call__(self, task: Task) -> Outcome:
        """The best that is reached, with an estimate by more functions and smaller steps. Raises
        OutOfTimeError where no path came to the end.
        """
        asked, task = task, replace(task, tolerance=task.tolerance or GROWING.worthwhile)
        fewest = GROWING.first[min(len(self.suited.ends.space), len(GROWING.first)) - 1]
        tail = GROWING.tail * task.goal
        numbers = numbers_of_start(task.system, self.suited, fewest, tail)
        progress = Progress(numbers, TOLERANCES.fine(task.goal))
        while progress.stopped is None:
            progress = self._tried(task, progress)
        if progress.best is None:
            raise OutOfTimeError(None, "no path in products of functions came to the end")
        return as_asked(asked, replace(progress.best, stopped=progress.stopped))

    def _tried(self, task: Task, progress: Progress) -> Progress:
        """One more path, judged, and what is to be tried next."""
        best, numbers, rtol = progress.best, progress.numbers, progress.rtol
        lost = max(GROWING.lost[0] * task.goal, GROWING.lost[1])
        try:
            task.budget.require()
            with carrying(best):
                path = followed(
                    task.system, self.suited, numbers, rtol, lost, task.seed, task.budget
                )
                if path is None:
                    return replace(progress, stopped=Stop.BUDGET)
                if path.ended == "not finite":
                    return replace(progress, stopped=Stop.STAGNATED)
                after = self._judged(task, progress, path)
        except EARLY as error:
            return replace(progress, stopped=why(error))
        except MemoryError:
            return replace(progress, stopped=Stop.BUDGET)
        if after.stopped is not None:
            return after
        sure = path.ended == "stopped" or max(path.tails) <= GROWING.resolved
        most = GROWING.growth[2 if sure else 1]
        limit = GROWING.tail * task.goal
        more = tuple(more_of(n, t, limit, most) for n, t in zip(numbers, path.tails, strict=True))
        if more == numbers:
            more = tuple(math.ceil(GROWING.growth[0] * n) for n in numbers)
        finer = TOLERANCES.finer_than(rtol, TOLERANCES.check_finer)
        return replace(after, numbers=more, rtol=rtol if path.ended == "stopped" else finer)

    def _judged(self, task: Task, progress: Progress, path: Followed) -> Progress:
        """Met, if the estimate and residuals on many more points allow it."""
        fitted, last = path.fit, progress.last
        if not math.isfinite(fitted.residual):
            return progress
        task.record("grow", fitted, math.nan)
        best = Outcome(fitted, math.nan, 0, Stop.STAGNATED)
        if last is not None:
            best = compared(task.system, best, last, CAUTION.least)
            # Both may have had the same steps: no less than one may leave.
            best = replace(best, estimate=max(best.estimate, progress.rtol))
        task.keep(lambda: replace(best, stopped=Stop.INTERRUPTED))
        enough = residual_that_is_enough(task.goal)
        stopped: Stop | None = None
        if best.estimate <= task.goal and best.fit.residual <= enough:
            best = confirmed(task.system, best, enough)
            stopped = Stop.MET if best.estimate <= task.goal else None
        return replace(progress, best=best, last=fitted, stopped=stopped)


def more_of(count: int, tail: float, limit: float, most: float) -> int:
    """How many functions bring the last ones below a limit, as far as these tell."""
    if tail <= limit:
        return count
    # From one to the tail, coefficients have fallen over all of them, or nearly.
    fallen = max(-math.log(min(tail, 0.5)), 0.5)
    wanted = 1 + math.log(tail / limit) / fallen
    return math.ceil(count * min(max(GROWING.growth[0], wanted), most))
