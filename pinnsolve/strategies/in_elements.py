"""A wave in a box on spectral elements, more and more of them: where a medium jumps, a kink
travels, or sides absorb, and smooth functions converge too slowly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from pinnsolve.coefficients.solved import by_other_means
from pinnsolve.compile.system import System
from pinnsolve.discretize.changes import largest_change, relative_change, shares_of
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.places import quadrature
from pinnsolve.evolution.vibrated import vibrated
from pinnsolve.evolution.vibration import vibration_of
from pinnsolve.evolution.wavelike import Wavelike
from pinnsolve.fields.elements import Elements, MovingElements
from pinnsolve.running.budget import EARLY, OutOfTimeError, carrying, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import SECOND_DRAW
from pinnsolve.search.fit import Fit, streams
from pinnsolve.search.task import Outcome, Task, as_asked
from pinnsolve.strategies.element_levels import LEVELS, Level, growing, on_a_grid


@dataclass(frozen=True)
class Refined:
    """What the differences of paths promise."""

    # Powers of the number of nodes along a coordinate by which errors are believed to fall: where
    # nothing is known yet, and at most
    orders: tuple[float, float] = (1.0, 3.0)
    # And where a medium jumps within elements: the order is two, but depends on where in them
    of_jumps: float = 1.5
    # And where it did, before edges of elements were on all lines of its data: waves carry kinks
    of_lines: float = 2.0
    # With less than this, differences do not converge
    falling: float = 0.45
    # Times what the last two differences promise, that is claimed
    caution: float = 1.3
    # Points by which paths are compared
    points: int = 20_000
    # A tolerance that is worth its time, where none is given
    worthwhile: float = 1e-4

    def order(self, rough: bool, jumps: bool) -> float:
        """What is believed at most of a medium that was rough, and one that jumps."""
        if jumps:
            return self.of_jumps
        return self.of_lines if rough else self.orders[1]


REFINED = Refined()


@dataclass(frozen=True, eq=False)
class Grown:
    """The best so far, by how much it differs from the one before, how many times as many nodes a
    coordinate has, and the seconds it took; and whether the medium jumped within any elements yet.
    """

    best: Outcome
    level: Level
    change: float
    growth: float
    seconds: float
    rough: bool


@dataclass(frozen=True, eq=False)
class InElements:
    """Three times in a row more elements, or more often, until their differences promise the
    goal.
    """

    wave: Wavelike

    def is_rough(self, system: System) -> bool:
        """Whether the medium jumps within the first elements, or has features that are narrower."""
        level = next(growing(system, self.wave))
        return vibration_of(system, self.wave, level.counts, level.degree).jumps

    def __call__(self, task: Task) -> Outcome:
        """The finest that is reached. Raises OutOfTimeError where none came to the end."""
        asked, task = task, replace(task, tolerance=task.tolerance or REFINED.worthwhile)
        levels = growing(task.system, self.wave)
        grown, stopped = None, Stop.BUDGET
        level = next(levels)
        while grown is None or _fits(task, grown, level):
            try:
                with carrying(None if grown is None else grown.best):
                    after = self._after(task, grown, level)
            except EARLY as error:
                stopped = why(error)
                break
            except MemoryError:
                break
            if after is None:
                stopped = Stop.STAGNATED
                break
            if grown is None and after.rough:
                levels = on_a_grid(task.system, self.wave) or levels
            grown, level = after, next(levels)
            if grown.best.estimate <= task.goal:
                stopped = Stop.MET
                break
        if grown is None:
            raise OutOfTimeError(None, "no wave on elements came to the end")
        return as_asked(asked, replace(grown.best, stopped=stopped))

    def _after(self, task: Task, grown: Grown | None, level: Level) -> Grown | None:
        """One more path, compared with the last; None, where it is not finite."""
        start, system = task.budget.spent(), task.system
        vibration = vibration_of(system, self.wave, level.counts, level.degree)
        free = task.budget.bytes_free()
        field = vibrated(vibration, task.goal, task.budget.require, free)
        if field is None:
            return None
        residuals = relative_residuals(system, field, streams(task.seed)[2])
        facts = by_other_means(float(field.functions), len(field.times) - 1)
        seconds = task.budget.spent() - start
        declared = self._declared(task, field)
        fitted = Fit(declared, task.seed, field, residuals, facts, Stop.SOLVED, seconds)
        best = Outcome(fitted, math.nan, 0, Stop.STAGNATED)
        change, growth, rough = math.nan, 1.0, vibration.jumps
        if grown is not None:
            rough = rough or grown.rough
            growth = level.nodes / grown.level.nodes
            order = REFINED.order(grown.rough, vibration.jumps)
            change, best = _compared(task, grown, best, order, growth)
        task.record("elements", fitted, best.estimate)
        task.keep(lambda: replace(best, stopped=Stop.INTERRUPTED))
        return Grown(best, level, change, growth, task.budget.spent() - start, rough)

    def _declared(self, task: Task, field: Elements) -> MovingElements:
        names = [task.system.domain.coordinates[i].name for i in self.wave.space]
        time = task.system.domain.coordinates[self.wave.form.axis].name
        counts = tuple((n, own.count) for n, own in zip(names, field.pieces, strict=True))
        return MovingElements(counts, field.pieces[0].degree, time)


def _fits(task: Task, grown: Grown, level: Level) -> bool:
    """Whether one more path will be there in time, by the work that it is."""
    foreseen = level.work / grown.level.work * grown.seconds
    return task.budget.spent() + foreseen <= task.budget.seconds


def _compared(
    task: Task, grown: Grown, finer: Outcome, order: float, growth: float
) -> tuple[float, Outcome]:
    """By how much a path differs from a coarser one, and the path with an estimate, of errors that
    fall with an order, at most, of so many times as many nodes.
    """
    p = quadrature(task.system, REFINED.points, task.seed + SECOND_DRAW)
    before, after = (each.fit.field.values(p.x) for each in (grown.best, finer))
    change = relative_change(task.system, before, after, None, shares_of(p))
    largest = largest_change(task.system, before, after, None)
    left = left_of(change, grown.change, order, (grown.growth, growth))
    return change, replace(finer, estimate=left * change, maximum=left * largest)


def left_of(
    change: float,
    before: float,
    order: float,
    growths: tuple[float, float] = (LEVELS.growth, LEVELS.growth),
) -> float:
    """Times the last difference, the error that is left, by the difference `before`, where a
    coordinate had so many times as many nodes each time.

    Errors that fall with the power p of that are the last difference over growth^p - 1. Beside
    jumps within elements, one that fell by more than is believed did so by chance.
    """
    first, last = growths

    def ratio(power: float) -> float:
        return float((first**power - 1) / (1 - last**-power))

    fell = before / change if change > 0 else math.inf
    if math.isfinite(before):
        power = bisected_power(ratio, fell, order)
    else:
        # Of many times as many nodes not more is believed than of some.
        power, last = REFINED.orders[0], min(last, LEVELS.growth)
    left = REFINED.caution / (last**power - 1)
    chance = order == REFINED.of_jumps and math.isfinite(fell)
    return float(left * max(1.0, fell / ratio(order)) if chance else left)


def bisected_power(ratio: Callable[[float], float], fell: float, order: float) -> float:
    """The power with this ratio of differences, between the least and an order."""
    low, high = REFINED.falling, order
    if ratio(high) <= fell:
        return high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if ratio(middle) < fell else (low, middle)
    return low
