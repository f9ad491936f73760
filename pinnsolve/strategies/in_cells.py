"""Solving in cells: where one basis for the whole domain saturates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from pinnsolve.basis.basis import Declaration
from pinnsolve.cells.judge import Judged, judged
from pinnsolve.cells.solve import NEWTON, Solved
from pinnsolve.discretize.changes import difference
from pinnsolve.discretize.places import quadrature
from pinnsolve.fields.field import Field
from pinnsolve.mgrit.communicator import ALONE, Communicator
from pinnsolve.running.budget import EARLY, OutOfTimeError, carrying, reached, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import CAUTION, SECOND_DRAW, by_residual, compared
from pinnsolve.search.confirm import residual_that_is_enough
from pinnsolve.search.fit import Fit
from pinnsolve.search.task import Outcome, Task
from pinnsolve.strategies.cells_before import before_in_cells
from pinnsolve.strategies.determined import (
    Doubt,
    at_least,
    confirmed_in_cells,
    doubt_of,
    hardly_changed,
    left_open,
)
from pinnsolve.strategies.fits_in_cells import fit_in, fit_in_own_units
from pinnsolve.strategies.given_cells import require_given, too_many
from pinnsolve.strategies.layouts import Layout, first_layout, refined
from pinnsolve.strategies.own_cells import with_own_waves
from pinnsolve.strategies.own_waves import OWN
from pinnsolve.strategies.turns import most_cells
from pinnsolve.strategies.wavelengths import REFINEMENT, unknowns_together

# Added to the seed of a fit that is checked: fits after it are multiples of SECOND_DRAW away.
THIRD_DRAW = 500_009


@dataclass(frozen=True, eq=False)
class InCells:
    """Least squares in cells. `counts` are those along each coordinate (None: they are chosen, and
    refined where the solution asks for it); `declared` is the basis of every cell (None: waves).
    Cells are dealt to `ranks`, which all give the same.
    """

    counts: Sequence[int] | None = None
    declared: Declaration | None = None
    ranks: Communicator = ALONE

    def __call__(self, task: Task) -> Outcome:
        """The best of what refinement reaches, with an estimate by other draws; what was begun in
        cells goes on from there. Raises ValueError if there are more ranks than cells, or these are
        too thin, MemoryError for more cells than memory holds.
        """
        require_given(task, self.counts, self.declared, self.ranks.size)
        before = before_in_cells(task) if self.counts is None else None
        if before is None:
            most = most_cells(task)
            waves = first_layout(task.system, self.counts, self.declared, task.goal, most)
            own = waves if self.declared is not None else with_own_waves(waves, task.goal)
            layout = waves if own.shared is None else own
            progress = Progress(layout, ranks=self.ranks, waves=waves)
        else:
            layout, last = before
            # Another draw than that which is gone on from.
            draws = 1 + max(0, (last.seed - task.seed) // SECOND_DRAW)
            progress = Progress(layout, last=last, draws=draws, ranks=self.ranks)
        if self.ranks.size > len(layout.parts):
            raise ValueError(
                f"{self.ranks.size} ranks for {len(layout.parts)} cells: each rank has one;"
                " start fewer ranks, or give more cells"
            )
        try:
            progress = _solved(task, progress)
        except OutOfTimeError as error:
            raise OutOfTimeError(error.best, too_many(task, self.counts)) from error
        # Where all is given, so it is: one solve.
        given = self.counts is not None and self.declared is not None
        if given and progress.best is not None:
            return replace(progress.best, stopped=Stop.SOLVED)
        while progress.stopped is None:
            progress = _solved(task, progress)
        assert progress.best is not None
        return replace(progress.best, stopped=progress.stopped)


@dataclass(frozen=True, eq=False)
class Progress:
    """Cells that are to be solved in next, the best so far, its fit, the seconds that it took,
    its largest fault, and for how many fits that has not fallen. `stopped`: why it is over;
    `waves`: the same cells as at first, not in solutions of their equation.
    """

    layout: Layout
    best: Outcome | None = None
    last: Fit | None = None
    fault: float = math.inf
    idle: int = 0
    draws: int = 0
    stopped: Stop | None = None
    ranks: Communicator = ALONE
    waves: Layout | None = None


def _solved(task: Task, progress: Progress, by: Callable[[Fit], float] = by_residual) -> Progress:
    """One more fit in the cells, judged, that is told `by` a number from the last; and the cells of
    the next one.
    """
    begun, known = task.budget.spent(), progress.best
    try:
        # Every fit is a draw of its own: what two agree about, their functions did not decide.
        seed, ranks = task.seed + progress.draws * SECOND_DRAW, progress.ranks
        # What fewer cells have found says how large the unknowns are; Newton's method goes on from
        # there.
        begun_from = task.guess if progress.last is None else _begun_from(task, progress.last)
        about = replace(task, guess=begun_from)
        fitted, found = fit_in_own_units(about, progress.layout, seed, ranks)
        task.record("cells", fitted, math.nan)
        with carrying(fitted):
            best, doubt = _compared(task, progress, fitted, found, by), doubt_of(task, found)
            # The better one is gone on from, and compared with: a round that went astray tells
            # nothing.
            last = best.fit
            report = judged(found.rows, found.field, task.seed + SECOND_DRAW, ranks)
            known = best = doubt.added(best)
            if _promising(task, fitted, report):
                if _wants_check(task, best, doubt):
                    best, apart = _checked(task, progress, best)
                    doubt = doubt.beside(apart)
                best = confirmed_in_cells(task, doubt.added(best), report)
            else:
                best = known
    except EARLY as error:
        if progress.best is None or known is None:
            raise
        # A fit that was not checked any more has an estimate, by the one before.
        best = at_least(known, reached(error, Fit))
        return replace(progress, best=best, stopped=why(error))
    except MemoryError:
        if progress.best is None:
            raise
        return replace(progress, stopped=Stop.BUDGET)
    layout = refined(progress.layout, report, task.goal, unknowns_together(task.system))
    fault = float(report.faults.max())
    idle = 0 if fault < progress.fault / 2 else progress.idle + 1
    after = replace(progress, layout=layout, best=best, last=last, idle=idle)
    after = replace(after, fault=min(fault, progress.fault), draws=progress.draws + 1)
    if best.stopped is Stop.MET or best.null_space:
        return replace(after, stopped=Stop.NOT_UNIQUE if best.null_space else Stop.MET)
    if idle >= REFINEMENT.patience or layout is progress.layout:
        return replace(after, stopped=Stop.STAGNATED)
    return _in_solutions(task, progress, after, task.budget.spent() - begun)


def _in_solutions(task: Task, progress: Progress, after: Progress, seconds: float) -> Progress:
    """What comes after a first fit of so many seconds: one more in the same cells, in solutions of
    their equation, where these are known and there is time for it. If it is the better one, it is
    gone on from, else from waves as without it. Where solutions came first, waves are next if they
    went astray.
    """
    first, left = after.last, task.budget.left()
    if progress.layout.shared is not None:
        astray = progress.last is None and first is not None and first.jump > OWN.astray
        if not (astray and progress.waves):
            return _in_time(task, progress, after, seconds)
        return _solved(task, replace(after, layout=progress.waves), lambda fitted: fitted.jump)
    known = progress.last is None and OWN.dearer * seconds <= left
    own = with_own_waves(progress.layout, task.goal) if known else progress.layout
    if own is progress.layout:
        return _in_time(task, progress, after, seconds)

    def by_jump(fitted: Fit) -> float:
        return fitted.jump if fitted is first else fitted.jump / OWN.trusted

    tried = _solved(task, replace(after, layout=own), by_jump)
    if tried.last is not first or tried.stopped in (Stop.MET, Stop.INTERRUPTED, Stop.NOT_UNIQUE):
        return tried
    return _in_time(task, progress, replace(tried, layout=after.layout, stopped=None), seconds)


def _in_time(task: Task, progress: Progress, after: Progress, seconds: float) -> Progress:
    """What comes after a fit of so many seconds, if its cells do not take too long; else that was
    the last one. Where it has no estimate yet, the time is for another draw in the same cells.
    """
    left = task.budget.seconds - task.budget.spent()
    if seconds * len(after.layout.parts) / len(progress.layout.parts) <= left:
        return after
    assert after.best is not None
    best = after.best
    if task.system.linear and math.isnan(best.estimate) and seconds <= left:
        with suppress(OutOfTimeError):
            best, _ = _checked(task, progress, best)
    return replace(after, best=best, stopped=Stop.BUDGET)


def _begun_from(task: Task, last: Fit) -> Field | None:
    """The field of the last fit; not one that is far from every solution of nonlinear equations."""
    astray = not (task.system.linear or last.residual <= NEWTON.hopeless[0])
    return task.guess if astray else last.field


def _compared(
    task: Task,
    progress: Progress,
    fitted: Fit,
    found: Solved,
    by: Callable[[Fit], float],
) -> Outcome:
    """The better one of this fit and the last, with an estimate by their difference."""
    outcome = Outcome(fitted, math.nan, left_open(task.system, found), Stop.STAGNATED)
    if progress.last is None:
        return outcome
    outcome = compared(task.system, outcome, progress.last, _least(task), by)
    alike = hardly_changed(progress.last.declared, progress.layout.declared)
    outcome = _cautious(outcome) if alike and not task.system.linear else outcome
    return spared(progress.best, outcome, fitted)


def spared(before: Outcome | None, after: Outcome, fitted: Fit) -> Outcome:
    """An outcome with the estimate that its fit had `before` it was compared with the last one,
    `fitted`, where that went astray: what it is apart by is its own error.
    """
    if before is None or before.fit is not after.fit or not before.estimate < after.estimate:
        return after
    if fitted.residual <= REFINEMENT.astray * after.fit.residual:
        return after
    return replace(after, estimate=before.estimate, maximum=before.maximum)


def _least(task: Task) -> float:
    """The least part of a difference that is claimed of the better one.

    Of nonlinear equations residuals promise nothing: the largest one is that of a spot. Flow past a
    cylinder: of two fits whose errors were 3e-4 and 1e-4, the first had the smaller residual.
    """
    return CAUTION.least if task.system.linear else 1.0


def _promising(task: Task, fitted: Fit, report: Judged) -> bool:
    """Whether residuals and jumps allow the tolerance to be met."""
    enough = residual_that_is_enough(task.goal)
    return fitted.residual <= enough and report.jump <= task.goal


def _wants_check(task: Task, best: Outcome, doubt: Doubt) -> bool:
    """Whether another draw in the same cells is asked for: not, where the last fit has given an
    estimate that is small enough, unless there is doubt, nor where the next one, in better cells,
    tells more.
    """
    if best.estimate <= task.goal:
        return doubt.error > task.goal
    return math.isnan(best.estimate) or task.system.linear


def _checked(task: Task, progress: Progress, best: Outcome) -> tuple[Outcome, float]:
    """With an estimate by another draw of functions and points in the same cells, and the
    difference to it.
    """
    seed = best.fit.seed + THIRD_DRAW
    about = replace(task, guess=best.fit.field)
    second, _ = fit_in(about, progress.layout, seed, progress.ranks)
    outcome = _cautious(compared(task.system, best, second, _least(task)))
    task.record("check", second, outcome.estimate)
    points = quadrature(task.system, CAUTION.points, seed)
    return outcome, difference(task.system, second.field, best.fit.field, points)


def _cautious(outcome: Outcome) -> Outcome:
    """With more claimed of two draws in the same cells: their errors point the same way where the
    problem is ill-conditioned, or the cells are too large.
    """
    more = REFINEMENT.caution
    return replace(outcome, estimate=more * outcome.estimate, maximum=more * outcome.maximum)
