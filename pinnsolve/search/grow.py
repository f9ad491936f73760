"""Growth: the width is doubled until two independent solutions agree to the tolerance, or nothing
gets better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import NotFiniteError
from pinnsolve.running.budget import EARLY, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import compared
from pinnsolve.search.choose import choose
from pinnsolve.search.confirm import residual_that_is_enough
from pinnsolve.search.doubling import doubled
from pinnsolve.search.fit import Fit
from pinnsolve.search.resume import Begun, chosen_before
from pinnsolve.search.standing import Chosen
from pinnsolve.search.stuck import NoSolutionError, require_progress
from pinnsolve.search.task import Outcome, Task, as_asked


class Remembered:
    """The best fits so far, and those that failed, each recorded: what is left, if growth ends
    early.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.best: list[Fit] = []
        self.failed: list[Fit] = []

    def __call__(self, stage: str, fitted: Fit, estimate: float) -> None:
        """One fit more. Raises NoSolutionError where all end at one residual."""
        # The best one, and others to compare it with, in case that growth ends early.
        self.best[:] = sorted([*self.best, fitted.light()], key=_rank)[:8]
        # A callback may be interrupted: by now the fit is known.
        self.task.record(stage, fitted, estimate)
        enough = residual_that_is_enough(self.task.goal)
        if stage != "check" and fitted.residual > enough:
            # The last one is asked for null functions, and wants its factor.
            self.failed[:] = [*(each.light() for each in self.failed), fitted]
            require_progress(self.task.system, self.failed)


def grow_to_tolerance(task: Task) -> Outcome:
    """Choose families, then double the width of the first; where it stagnates, others are tried at
    its width.

    Where the residual promises the tolerance, a second, narrower basis is drawn: the difference of
    the two, relative in L2, is the error of that one, and scaled by their residuals the estimate.
    Ends "met" (estimate and residual), "stagnated" (the residual falls by less than half), "budget"
    (the next width would pass it), "not unique", "no solution" (Newton's method is stuck at the
    same residual in several bases), or "interrupted" (Ctrl-C, with the best so far). A nonlinear
    problem is begun from the task's guess; every later fit from the best before it. What was begun
    before goes on, without the search.
    """
    remembered = Remembered(task)
    recorded = replace(task, record=remembered)
    try:
        outcome = doubled(recorded, _chosen(recorded))
    except EARLY as error:
        return _best_of(task.system, remembered.best, why(error), error)
    except NotFiniteError as error:
        return _best_of(task.system, remembered.best, Stop.NOT_CONVERGED, error)
    except NoSolutionError as error:
        return _best_of(task.system, remembered.best, Stop.NO_SOLUTION, error)
    return as_asked(task, outcome)


def _chosen(task: Task) -> Chosen:
    """The families that grow; one alone, where no tolerance says when the others are worth it."""
    chosen = (
        chosen_before(task.system, task.begun, task.goal)
        if isinstance(task.begun, Begun)
        else choose(task)
    )
    return replace(chosen, families=chosen.families[:1]) if task.tolerance is None else chosen


def _rank(fitted: Fit) -> float:
    return fitted.residual if math.isfinite(fitted.residual) else math.inf


def _best_of(system: System, seen: Sequence[Fit], stopped: Stop, error: BaseException) -> Outcome:
    """The best of the fits so far, the one that `error` ended among them; with an estimate, where
    there is another one.

    Raises the error again, if there is none.
    """
    unfinished = getattr(error, "best", None)
    fits = sorted([*seen, *([] if unfinished is None else [unfinished])], key=_rank)
    if not fits:
        raise error
    best = Outcome(fits[0], math.nan, 0, stopped)
    # One that the search has prepared was told of twice, and would agree with itself.
    others = [fitted for fitted in fits if fitted.field is not best.fit.field]
    rivals = [fitted for fitted in others if math.isfinite(fitted.residual)]
    return replace(compared(system, best, rivals[0]), stopped=stopped) if rivals else best
