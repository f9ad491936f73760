"""The runs of one evolution: each plan is run once, what has come of it is kept, and two of them
that agree are an estimate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from pinnsolve.coefficients.memory import release
from pinnsolve.compile.system import System
from pinnsolve.discretize.changes import difference
from pinnsolve.discretize.places import quadrature
from pinnsolve.discretize.recognize import Form
from pinnsolve.evolution.foreseen import bytes_held, steps_within
from pinnsolve.evolution.runs import Plan, Run, Runs, functions_of, run
from pinnsolve.evolution.semidiscrete import Semidiscrete
from pinnsolve.running.budget import EARLY, Budget, OutOfTimeError, reached
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import Fit
from pinnsolve.search.task import Keep, Outcome, Record


@dataclass(frozen=True)
class Falling:
    """How errors fall, with more functions."""

    # The power of their number, at least: as beside a jump
    slowest: float = 0.5
    # And at most: they fall faster than any, as where all is smooth
    fastest: float = 50.0
    # Times what a step may leave: by so much two runs may differ for their steps alone
    of_steps: float = 3.0


FALLING = Falling()


@dataclass(frozen=True, eq=False)
class Made:
    """The runs of one evolution, by their plans: those that are made, those that were made before.
    And who is told.
    """

    system: System
    form: Form
    budget: Budget
    record: Record
    keep: Keep
    held: dict[Plan, Run]

    @property
    def space(self) -> tuple[str, ...]:
        """The names of the coordinates of space."""
        coordinates = self.system.domain.coordinates
        return tuple(c.name for i, c in enumerate(coordinates) if i != self.form.axis)

    @property
    def runs(self) -> Runs:
        """As they are now."""
        return Runs(tuple(self.held.values()))

    @property
    def fits(self) -> list[Fit]:
        """Best first: by their residuals, and where they have none, by the time that they
        reached.
        """
        return sorted(
            (each.fit for each in self.held.values()),
            key=lambda found: (found.residual, -_reached(found)),
        )

    def tried(self, stage: str, plan: Plan) -> Fit:
        """The run of a plan."""
        known = self.held.get(plan)
        if known is not None and known.whole:
            return known.fit
        whole = [each.seconds for each in self.held.values() if each.whole]
        if whole and known is None:  # the first one tells what there is, as far as time allows
            self.budget.require(min(whole))
        if not self.has_room(plan):
            raise OutOfTimeError
        try:
            fitted = run(
                self.system,
                self.form,
                plan,
                self.budget,
                known,
                partial(self.told, plan),
                self._most(plan),
            )
        except EARLY as error:
            unfinished = reached(error, Fit)
            if unfinished is not None:
                self.held[plan] = Run.of(plan, unfinished)
            raise
        self.held[plan] = Run.of(plan, fitted)
        release(self.system.n_unknowns * plan.width)
        self.record(stage, fitted, math.nan)
        return fitted

    def misfit(self, plan: Plan) -> float:
        """What the functions of a plan leave of the initial data, relative to their size."""
        _, space = functions_of(self.system, self.form, plan)
        return Semidiscrete(self.system, self.form, space, plan.instants).start()[1]

    def error_by(self, plan: Plan, richer: Plan, change: float) -> float:
        """The error of a run, by its change to one with more functions: that is less, where errors
        fall slowly, as a run with fewer tells. Two runs that differ by no more than their steps
        may, are off by no more than that.
        """
        narrower, of_steps = self._narrower(plan), FALLING.of_steps * plan.rtol
        if narrower is None or not change > 0:
            return change
        fell = difference_of(self.system, narrower.fit, self.held[plan].fit) / change
        before, after = plan.width / narrower.plan.width, richer.width / plan.width
        slower = left_over(fell, before, after) * change
        return slower if change > of_steps else min(slower, of_steps)

    def _narrower(self, plan: Plan) -> Run | None:
        """Of the runs with fewer functions in the same places the one with most of them, and the
        finest steps; None, where none came to its end.
        """
        alike = [
            each
            for each in self.held.values()
            if each.whole
            and each.plan.width < plan.width
            and (each.plan.places, each.plan.seed) == (plan.places, plan.seed)
            and math.isfinite(each.fit.residual)
        ]
        return max(alike, key=lambda each: (each.plan.width, -each.plan.rtol), default=None)

    def has_room(self, plan: Plan, steps: int = 1) -> bool:
        """Whether a run of so many steps fits into memory, beside those that are made."""
        return self._most(plan) >= steps

    def _most(self, plan: Plan) -> float:
        """How many steps fit."""
        free = self.budget.bytes_free() - bytes_of(self.runs)
        return steps_within(self.system, self.form, plan.width, len(plan.places), free)

    def told(self, plan: Plan, offer: Callable[[], Fit]) -> None:
        """A run has made one more step."""

        def so_far() -> Outcome:
            held = {**self.held, plan: Run.of(plan, offer())}
            return replace(self, held=held).so_far(Stop.INTERRUPTED)

        self.keep(so_far)

    def so_far(self, stopped: Stop) -> Outcome:
        """The best of the runs, compared with the best one in other functions of space: two in the
        same functions differ by their steps alone, and tell nothing of what space leaves out.
        """
        best, *others = self.fits
        others = [f for f in others if (f.declared, f.seed) != (best.declared, best.seed)]
        grown = better_of(self.system, others[0] if others else None, best, stopped)
        return replace(grown, unfinished=self.runs)


def _reached(fitted: Fit) -> float:
    last = fitted.field.last_time
    return -math.inf if last is None else last[1]


def bytes_of(runs: Runs) -> float:
    """What runs take in memory."""
    return sum(bytes_held(each.begun.field) for each in runs.held)


def better_of(system: System, before: Fit | None, fitted: Fit, why: Stop) -> Outcome:
    """The better of two runs, their difference as estimate, if both came to the end."""
    if before is None or not math.isfinite(before.residual):
        return Outcome(fitted, math.nan, 0, why)
    if not math.isfinite(fitted.residual):
        return Outcome(before, math.nan, 0, why)
    return Outcome(
        min(before, fitted, key=lambda f: f.residual), difference_of(system, before, fitted), 0, why
    )


def difference_of(system: System, a: Fit, b: Fit) -> float:
    """The relative L2 difference of two runs."""
    return difference(system, a.field, b.field, quadrature(system, 2048, a.seed + 5))


def left_over(fell: float, before: float, after: float) -> float:
    """Times the difference that `after` times as many functions make, the error of what had fewer;
    `before` times as many had made a difference that was `fell` times that.

    Errors that fall like n^-p make (before^p - 1) / (1 - after^-p) of that, and are 1 / (1 -
    after^-p) of the last difference. Where they made less than any power does, they do not fall:
    they are noise, of steps or of round-off, and as large as differences are.

    >>> round(left_over((1.5**2 - 1) / (1 - 1.2**-2), 1.5, 1.2), 6) == round(1 / (1 - 1.2**-2), 6)
    True
    """
    low, high = FALLING.slowest, FALLING.fastest
    if fell <= math.log(before) / math.log(after):
        return 1.0
    for _ in range(60):
        power = (low + high) / 2
        slower = before**power - 1 < fell * (1 - after**-power)
        low, high = (power, high) if slower else (low, power)
    return float(1 / (1 - after**-low))
