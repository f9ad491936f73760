"""The one loop of a training: steps of a descent, validated on fresh points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from pinnsolve.coefficients.least_squares import Report
from pinnsolve.discretize.resample import Resample
from pinnsolve.fields.field import Field
from pinnsolve.running.budget import EARLY, Budget, why
from pinnsolve.running.stop import Stop
from pinnsolve.symbols.warned import warn
from pinnsolve.training.descents import Descent
from pinnsolve.training.iterate import Iterate, mean_of
from pinnsolve.training.objective import Objective
from pinnsolve.training.weighted_loss import WeightedLoss

# Told after each step how the best so far is had.
Listener = Callable[[Callable[[], Field]], None]


@dataclass(frozen=True)
class Ending:
    """When a training ends, and which iterate it returns."""

    # A loss relative to that of zero: nothing is left to gain.
    nothing_left: float = 1e-28
    # A loss that has fallen by this asks fresh points again.
    validated: float = 0.5
    # A loss that falls by this while that of fresh points does not.
    overfitted: float = 1e-2
    # Iterates whose mean is validated, if each is on points of its own;
    averaged: int = 20
    # And a loss that beats the mean's, relative to it.
    beats_mean: float = 0.1
    # A last loss this many times the best one is worth a warning.
    worse: float = 10.0


ENDING = Ending()


class Training(Protocol):
    """What the loop asks of a method; see `LSGD`."""

    @property
    def steps(self) -> int: ...
    @property
    def descent(self) -> Descent | None: ...
    @property
    def seconds(self) -> float: ...
    @property
    def resample(self) -> Resample | None: ...
    @property
    def goal(self) -> float: ...
    @property
    def listener(self) -> Listener | None: ...
    @property
    def budget(self) -> Budget: ...


def descend(
    method: Training,
    rows: WeightedLoss,
    objective: Objective,
    start: Iterate,
    report: Report,
    before_step: Callable[[int], None] = lambda step: None,
) -> tuple[Iterate, Stop]:
    """The best iterate, and why it ended: trained, stagnated, interrupted, or the budget's seconds.

    The loss decides from step to step; each time that it has halved, fresh points are asked, and
    theirs is the last word.
    """
    validation = Validation(rows, start, rows.judge(start), start.loss)
    course, begun = _Course(validation, start, start), method.budget.clock()
    assert method.descent is not None
    iterates, stopped = method.descent.iterates(objective, start), Stop.TRAINED
    try:
        for step in range(1, method.steps + 1):
            step_begun = method.budget.spent()
            before_step(step)
            iterate = next(iterates, None)
            if iterate is None:
                stopped = Stop.STAGNATED
                break
            kept = iterate is not course.last
            report("descent" if kept else "refused", iterate.solved, math.sqrt(iterate.loss))
            moved = iterate.points is not course.last.points
            course = course.after(iterate)
            if method.listener is not None:
                method.listener(partial(rows.field, course.lowest))
            if iterate.loss < ENDING.validated * course.validation.asked or moved:
                course = course.validated()
            overfits = method.resample is None and course.overfits
            if overfits or _done(method, course) or method.budget.clock() - begun > method.seconds:
                stopped = Stop.STAGNATED if overfits else stopped
                break
            if step < method.steps:
                method.budget.require(method.budget.spent() - step_begun)
    except EARLY as error:
        stopped = why(error)
    # On points of their own each iterate fits its draw: the one with the least loss is a lucky one,
    # the mean is not (docs/decisions/0021).
    best = course.validation.after(course.lowest, course.recent).best
    if method.resample is None:
        _warn(best, course.lowest, course.last)
    return best, stopped


def _done(method: Training, course: _Course) -> bool:
    nothing_left = course.lowest.loss < ENDING.nothing_left
    return nothing_left or course.validation.fresh < method.goal**2


@dataclass(frozen=True)
class _Course:
    """The lowest iterate by the loss, the last one, and the `recent` ones if each is on points of
    its own.
    """

    validation: Validation
    lowest: Iterate
    last: Iterate
    recent: tuple[Iterate, ...] = ()

    def after(self, iterate: Iterate) -> _Course:
        """With another iterate; losses at other points do not compare."""
        moved = iterate.points is not self.last.points
        return replace(
            self,
            lowest=iterate if iterate.loss < self.lowest.loss or moved else self.lowest,
            last=iterate,
            recent=(*self.recent, iterate)[-ENDING.averaged :] if moved else (),
        )

    def validated(self) -> _Course:
        """With the last iterate's loss on fresh points."""
        return replace(self, validation=self.validation.after(self.last, self.recent))

    @property
    def overfits(self) -> bool:
        """Whether the loss fell while that of fresh points did not."""
        return self.last.loss < ENDING.overfitted * self.validation.best.loss


@dataclass(frozen=True)
class Validation:
    """The best iterate by fresh points, its loss there, and the loss at which they were asked
    last.
    """

    rows: WeightedLoss
    best: Iterate
    fresh: float
    asked: float

    def after(self, iterate: Iterate, recent: Sequence[Iterate] = ()) -> Validation:
        """With another iterate; of `recent` ones, each on points of its own, their mean, unless the
        last is far better.
        """
        best, fresh = iterate, self.rows.judge(iterate)
        if len(recent) > 1:
            mean = mean_of(recent)
            mean_fresh = self.rows.judge(mean)
            if not fresh < ENDING.beats_mean * mean_fresh:
                best, fresh = mean, mean_fresh
        return (
            replace(self, asked=iterate.loss)
            if fresh > self.fresh
            else Validation(self.rows, best, fresh, iterate.loss)
        )


def _warn(best: Iterate, lowest: Iterate, last: Iterate) -> None:
    if lowest.loss < ENDING.overfitted * best.loss:
        text = (
            f"overfitted: the loss fell from {best.loss:.1e} to {lowest.loss:.1e} on the"
            " collocation points, but not on fresh ones; the state before is returned: take more"
            " points, fewer neurons, or another descent"
        )
    elif last.loss > ENDING.worse * lowest.loss:
        text = (
            f"the loss rose from {lowest.loss:.1e} to {last.loss:.1e}: the best state is returned;"
            " take a smaller rate"
        )
    else:
        return
    warn(text)
