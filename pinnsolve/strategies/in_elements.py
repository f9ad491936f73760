"""A wave in a box on spectral elements, more and more of them: where a medium jumps, a kink
travels, or sides absorb, and smooth functions converge too slowly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pinnsolve.coefficients.solved import by_other_means
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


@dataclass(frozen=True)
class Refined:
    """How many elements there are, and what their differences promise."""

    # Of the polynomials on an element
    degree: int = 4
    # Elements along the side that has most wavelengths at first, in two dimensions of space, three
    first: tuple[int, ...] = (12, 6)
    # Times as many, the next time
    growth: float = 1.5
    # Powers of the elements' length by which errors are believed to fall: where nothing is known
    # yet, and at most
    orders: tuple[float, float] = (1.0, 3.0)
    # And where a medium jumps within elements: the order is two, but depends on where in them
    of_jumps: float = 1.5
    # Falling less than this, differences do not converge
    falling: float = 1.2
    # Times what the last two differences promise, that is claimed
    caution: float = 1.3
    # Points by which paths are compared
    points: int = 20_000
    # A tolerance that is worth its time, where none is given
    worthwhile: float = 1e-4


REFINED = Refined()


@dataclass(frozen=True, eq=False)
class Grown:
    """The best so far, by how much it differs from the one before, and the seconds it took."""

    best: Outcome | None = None
    change: float = math.nan
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class InElements:
    """Three times in a row more elements, or more often, until their differences promise the
    goal.
    """

    wave: Wavelike

    def __call__(self, task: Task) -> Outcome:
        """The finest that is reached. Raises OutOfTimeError where none came to the end."""
        asked, task = task, replace(task, tolerance=task.tolerance or REFINED.worthwhile)
        elements: float = REFINED.first[min(len(self.wave.space), 3) - 2]
        grown, stopped = Grown(), Stop.BUDGET
        dearer = REFINED.growth ** (1 + len(self.wave.space))
        while task.budget.spent() + dearer * grown.seconds <= task.budget.seconds:
            try:
                with carrying(grown.best):
                    after = self._after(task, grown, elements)
            except EARLY as error:
                stopped = why(error)
                break
            except MemoryError:
                break
            if after is None:
                stopped = Stop.STAGNATED
                break
            grown, elements = after, elements * REFINED.growth
            assert grown.best is not None
            if grown.best.estimate <= task.goal:
                stopped = Stop.MET
                break
        if grown.best is None:
            raise OutOfTimeError(None, "no wave on elements came to the end")
        return as_asked(asked, replace(grown.best, stopped=stopped))

    def _after(self, task: Task, grown: Grown, elements: float) -> Grown | None:
        """One more path, compared with the last; None, where it is not finite."""
        start, system = task.budget.spent(), task.system
        vibration = vibration_of(system, self.wave, self._counts(task, elements), REFINED.degree)
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
        change = math.nan
        if grown.best is not None:
            order = REFINED.of_jumps if vibration.jumps else REFINED.orders[1]
            change, best = _compared(task, grown, best, order)
        task.record("elements", fitted, best.estimate)
        task.keep(lambda: replace(best, stopped=Stop.INTERRUPTED))
        return Grown(best, change, task.budget.spent() - start)

    def _counts(self, task: Task, elements: float) -> tuple[int, ...]:
        """As many wavelengths an element along all coordinates."""
        bounds = task.system.domain.bounds[list(self.wave.space)]
        lengths = [
            (high - low) / math.sqrt(ratio)
            for (low, high), ratio in zip(bounds.tolist(), self.wave.ratios, strict=True)
        ]
        return tuple(max(2, round(elements * own / max(lengths))) for own in lengths)

    def _declared(self, task: Task, field: Elements) -> MovingElements:
        names = [task.system.domain.coordinates[i].name for i in self.wave.space]
        counts = tuple((n, own.count) for n, own in zip(names, field.pieces, strict=True))
        time = task.system.domain.coordinates[self.wave.form.axis].name
        return MovingElements(counts, REFINED.degree, time)


def _compared(task: Task, grown: Grown, finer: Outcome, order: float) -> tuple[float, Outcome]:
    """By how much a path differs from a coarser one, and the path with an estimate, of errors that
    fall with an order, at most.
    """
    assert grown.best is not None
    p = quadrature(task.system, REFINED.points, task.seed + SECOND_DRAW)
    before, after = (each.fit.field.values(p.x) for each in (grown.best, finer))
    change = relative_change(task.system, before, after, None, shares_of(p))
    largest = largest_change(task.system, before, after, None)
    left = left_of(change, grown.change, order)
    return change, replace(finer, estimate=left * change, maximum=left * largest)


def left_of(change: float, before: float, order: float) -> float:
    """Times the last difference, the error that is left, by the difference `before`.

    Where errors fall by a factor each time, they are the last difference over that factor less one.
    Beside jumps within elements, one that fell by more than is believed did so by chance.
    """
    slow, fast = (REFINED.growth**each for each in (REFINED.orders[0], order))
    ratio = before / change if change > 0 else fast
    factor = min(ratio, fast) if math.isfinite(ratio) else slow
    left = REFINED.caution / (max(factor, REFINED.falling) - 1)
    return float(left * max(1.0, ratio / fast) if order == REFINED.of_jumps else left)
