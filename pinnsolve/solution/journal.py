"""What a solve tells while it goes on: its steps, to callbacks; its best so far, to a
checkpoint.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from logging import INFO

from pinnsolve.coefficients.least_squares import Method, Report
from pinnsolve.coefficients.solved import Solved
from pinnsolve.declare.problem import Problem
from pinnsolve.fields.declared import Bases, Declared
from pinnsolve.fields.field import Field
from pinnsolve.running.history import Callback, History, Step
from pinnsolve.running.latest import Latest
from pinnsolve.running.progress import LOG
from pinnsolve.running.progress import told as step_in_words
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import Fit, Grow
from pinnsolve.search.task import Outcome
from pinnsolve.solution.checkpoint import Keep
from pinnsolve.solution.solution import Solution
from pinnsolve.training.gradient_check import last_cycles
from pinnsolve.training.loop import Listener


@dataclass(frozen=True, eq=False)
class _Best:
    """The best solution so far, and its residual; nan, if there is none."""

    residual: float
    solution: Solution | None


class Journal:
    """The steps so far, those of the solution that is gone on with first, and who is told of
    them.
    """

    def __init__(
        self, problem: Problem, callbacks: Sequence[Callback], keep: Keep, before: Solution | None
    ) -> None:
        self.problem, self.callbacks, self.keep = problem, callbacks, keep
        self.steps: list[Step] = [] if before is None else [*before.history.steps]
        self.start = time.perf_counter() - (self.steps[-1].seconds if self.steps else 0.0)
        best = _Best(math.nan, None) if before is None else _Best(before.residual(), before)
        self.best, self.midst = Latest(best), Latest[Callable[[], Outcome] | None](None)

    @property
    def seconds(self) -> float:
        """Since the start, those of the solution before included."""
        return time.perf_counter() - self.start

    def tell(self, step: Step) -> None:
        """One more step; a callback that returns True ends the solve as Ctrl-C does."""
        self.steps.append(step)
        if LOG.isEnabledFor(INFO):
            LOG.info(step_in_words(step))
        answers = [callback(step) for callback in self.callbacks]
        if True in answers:
            raise KeyboardInterrupt

    def keep_step(self, stage: str, fitted: Fit, change: float) -> None:
        """A fit, as a step that nobody is told of: the solve has been interrupted."""
        self.steps.append(self._step(stage, fitted, change))

    def with_last(self, fitted: Fit, stage: str) -> tuple[Step, ...]:
        """The steps so far; where there is none, as the first one was ended early, what was
        found.
        """
        return tuple(self.steps) or (self._step(stage, fitted, math.nan),)

    def record(self, stage: str, fitted: Fit, change: float) -> None:
        """A fit, as a step."""
        self.tell(self._step(stage, fitted, change))

    def _step(self, stage: str, fitted: Fit, change: float) -> Step:
        s = fitted.solved
        facts = (
            fitted.field.functions,
            s.rows,
            s.rank,
            s.condition,
            fitted.residual,
            change,
            self.seconds,
        )
        return Step(stage, str(fitted.declared), *facts, share=fitted.share)

    def record_whole(self, stage: str, fitted: Fit, change: float) -> None:
        """A fit of the whole problem: it may be the best so far."""
        self.record(stage, fitted, change)
        if not self.best.value.residual <= fitted.residual:
            solution = self._so_far(fitted.declared, fitted.seed, fitted.field)
            self.best.tell(_Best(fitted.residual, solution))
        self.keep(self._best)

    def keep_grown(self, offer: Callable[[], Outcome]) -> None:
        """What a march has come to."""
        self.keep(lambda: self._of(offer()))

    def keep_midst(self, offer: Callable[[], Outcome]) -> None:
        """What an evolution has come to; it stays beside what others find after it."""
        self.midst.tell(offer)
        self.keep(self._best)

    def _best(self) -> Solution:
        offer, best = self.midst.value, self.best.value
        midst = None if offer is None else offer()
        if midst is not None and not math.isfinite(best.residual):
            return self._of(midst)
        assert best.solution is not None
        unfinished = None if midst is None else midst.unfinished
        return replace(best.solution, history=self._history(), unfinished=unfinished)

    def _of(self, grown: Outcome) -> Solution:
        fitted = grown.fit
        made = replace(
            self._so_far(fitted.declared, fitted.seed, fitted.field), unfinished=grown.unfinished
        )
        return replace(
            made, history=History(self.with_last(fitted, Stop.INTERRUPTED), Stop.INTERRUPTED)
        )

    def keep_field(
        self, declared: Bases, seed: int, method: Method | None, grow: Grow | None
    ) -> Listener:
        """What training has come to: to be told after each step."""

        def told(offer: Callable[[], Field]) -> None:
            self.keep(
                lambda: replace(self._so_far(declared, seed, offer()), method=method, grow=grow)
            )

        return told

    def _so_far(self, declared: Declared, seed: int, field: Field) -> Solution:
        return Solution(self.problem, declared, seed, field, self._history())

    def _history(self) -> History:
        """As it would be, if the solve were interrupted now."""
        return History(tuple(self.steps), Stop.INTERRUPTED)

    def heard(self, basis: Bases, size: int) -> Report:
        """What a method reports of its steps, as steps."""

        def report(stage: str, solved: Solved | None, residual: float) -> None:
            facts = (
                (0, math.nan, math.nan)
                if solved is None
                else (solved.rows, solved.rank, solved.condition)
            )
            self.tell(
                Step(
                    stage,
                    str(basis),
                    size,
                    *facts,
                    residual,
                    math.nan,
                    self.seconds,
                    last_cycles(basis),
                )
            )

        return report
