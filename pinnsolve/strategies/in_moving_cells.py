"""An evolution in cells of space: where one basis of space is not enough."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.basis.basis import Declaration
from pinnsolve.cells.judge import Judged, at_faces
from pinnsolve.coefficients.solved import by_other_means
from pinnsolve.compile.system import System
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.local import Steps, Trail, run, space_of, unfitted
from pinnsolve.evolution.stages import Stages, stages_of
from pinnsolve.evolution.stepping import begun
from pinnsolve.evolution.tolerances import TOLERANCES
from pinnsolve.evolution.underway import underway_of
from pinnsolve.fields.moving import MovingCells
from pinnsolve.running.budget import EARLY, carrying, ended, reached, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import CAUTION, SECOND_DRAW, compared
from pinnsolve.search.fit import Fit, streams
from pinnsolve.search.task import Outcome, Task, as_asked
from pinnsolve.strategies.determined import confirmed_in_cells
from pinnsolve.strategies.layouts import Layout, first_layout, refined
from pinnsolve.strategies.moving_progress import Progress, begun_before, steps_of, with_path
from pinnsolve.strategies.moving_runs import (
    REFINING,
    promising,
    report_of,
    resolved,
    without_right_corners,
)
from pinnsolve.strategies.wavelengths import REFINEMENT


@dataclass(frozen=True, eq=False)
class InMovingCells:
    """Least squares in cells of space, by implicit steps in time. `counts` are those of cells along
    each coordinate of space (None: they are chosen, and refined where the states ask for it),
    `declared` the basis of every cell (None: waves).
    """

    stages: Stages
    counts: Sequence[int] | None = None
    declared: Declaration | None = None

    def __call__(self, task: Task) -> Outcome:
        """The best of what refinement reaches, with an estimate by another draw and smaller
        steps.
        """
        asked, task = task, replace(task, tolerance=task.tolerance or REFINING.worthwhile)
        before = underway_of(task.begun)
        if before is not None:
            return as_asked(asked, self._from(task, begun_before(task, self.stages, before)))
        layout = first_layout(self.stages.at_rest, self.counts, self.declared, task.goal)
        fine = TOLERANCES.fine(task.goal)
        if self.counts is not None and self.declared is not None:
            fitted, _ = self._fit(task, Progress(layout, fine))
            task.record("cells", fitted, math.nan)
            return Outcome(fitted, math.nan, 0, fitted.stopped)
        layout = self._for_initial_data(task, without_right_corners(layout))
        return as_asked(asked, self._from(task, Progress(layout, REFINING.coarse)))

    def _from(self, task: Task, progress: Progress) -> Outcome:
        """The best of all runs from here on; what does not end "met" can be gone on with."""
        while progress.stopped is None:
            progress = self._solved(task, progress)
        assert progress.best is not None
        best = replace(progress.best, stopped=progress.stopped)
        if progress.stopped is Stop.MET:
            return best
        return replace(best, unfinished=progress.underway(self._time(task)))

    def _time(self, task: Task) -> str:
        return str(task.system.domain.coordinates[self.stages.form.axis])

    def _for_initial_data(self, task: Task, layout: Layout) -> Layout:
        """Cells that resolve the initial data, as far as a few of them can."""
        least = math.inf
        for _ in range(REFINING.layouts):
            parts, seed = layout.declared.parts, streams(task.seed)[0]
            space = space_of(self.stages, layout.tree, parts, seed, task.budget)
            report = unfitted(space, begun(space, self.stages.form.start), task.seed)
            left = float(np.linalg.norm(report.faults))
            if left <= REFINING.initial * task.goal or not left < least / 2:
                break
            layout, least = refined(layout, report), left
            task.budget.require()
        return layout

    def _solved(self, task: Task, progress: Progress) -> Progress:
        """One more run in the cells, judged; and what is to be tried next."""
        begun_at, goal = task.budget.spent(), task.goal
        try:
            fitted, trail = self._fit(task, progress)
            task.record("cells", fitted, math.nan)
            best = _with(task.system, progress, fitted)
            with carrying(best):
                report = report_of(trail, task.seed + SECOND_DRAW)
                if promising(best.fit, report, goal) and _finer(progress, fitted):
                    best = confirmed_in_cells(task, best, report)
        except EARLY as error:
            unfinished = reached(error, Fit)
            known = reached(error, Outcome) or with_path(progress, unfinished).best
            if known is None:
                raise
            stopped = _at_end(why(error), progress.last)
            return replace(with_path(progress, unfinished), best=known, stopped=stopped)
        except MemoryError:
            if progress.best is None:
                raise
            return replace(progress, stopped=Stop.BUDGET)
        if best.stopped is Stop.MET:
            return replace(progress, best=best, stopped=Stop.MET)
        if _agree(progress.last, fitted, self.stages.form.start):
            return replace(progress, best=best, path=None, stopped=Stop.BLOW_UP)
        after = _after(progress, best, fitted, report, goal)
        seconds = (task.budget.spent() - begun_at) * _dearer(progress, after)
        if after.stopped is None and task.budget.spent() + seconds > task.budget.seconds:
            return replace(after, stopped=_at_end(Stop.BUDGET, fitted))
        return after

    def _fit(self, task: Task, progress: Progress) -> tuple[Fit, Trail]:
        """One run; where it ends early, the fit of what it came to is carried along."""
        start, budget, before = task.budget.spent(), task.budget, progress.path
        seed = task.seed + progress.draws * SECOND_DRAW if before is None else before.seed
        declared = MovingCells(progress.layout.declared, self._time(task))
        parts = progress.layout.declared.parts
        space = space_of(self.stages, progress.layout.tree, parts, streams(seed)[0], budget)
        steps = Steps.of(space) if before is None else steps_of(space, before)

        def fit_of(trail: Trail, stopped: Stop) -> Fit:
            field = trail.field
            residuals = (math.inf,) * len(task.system.residuals)
            if trail.complete:
                residuals = relative_residuals(task.system, field, streams(seed)[2])
            facts = by_other_means(float(sum(space.columns)), len(trail.states) - 1)
            seconds = budget.spent() - start
            fitted = Fit(declared, seed, field, residuals, facts, stopped, seconds)
            jump, kink = at_faces(task.system, field, seed)
            return replace(fitted, jump=jump, kink=kink)

        def so_far(stopped: Stop) -> Fit:
            return fit_of(Trail(space, steps, False), stopped)

        def outcome() -> Outcome:
            now = with_path(progress, so_far(Stop.INTERRUPTED))
            assert now.best is not None
            return replace(now.best, unfinished=now.underway(self._time(task)))

        try:
            trail = run(space, progress.rtol, budget, steps, lambda: task.keep(outcome))
        except EARLY as error:
            if not len(steps):
                raise
            raise ended(why(error), so_far(why(error))) from error
        ended_early = Stop.BLOW_UP if trail.grows else Stop.STAGNATED
        return fit_of(trail, Stop.SOLVED if trail.complete else ended_early), trail


def _at_end(stopped: Stop, last: Fit | None) -> Stop:
    """What is said where seconds are used: that the last run's state grew without bound, if so."""
    grew = last is not None and last.stopped is Stop.BLOW_UP
    return Stop.BLOW_UP if stopped is Stop.BUDGET and grew else stopped


def _agree(a: Fit | None, b: Fit, start: float) -> bool:
    """Whether two runs' states grew without bound before the same time."""
    if a is None or {a.stopped, b.stopped} != {Stop.BLOW_UP}:
        return False
    first, second = (fitted.field.last_time or (0, math.nan) for fitted in (a, b))
    return abs(first[1] - second[1]) <= REFINING.same_end * (second[1] - start)


def _finer(progress: Progress, fitted: Fit) -> bool:
    """Whether a fit has enough smaller steps than the last one, to tell what those left."""
    return _ratio(progress, fitted) >= REFINING.ratio


def _ratio(progress: Progress, fitted: Fit) -> float:
    """How many times more steps a fit has than the last one."""
    return 0.0 if progress.last is None else fitted.solved.rows / progress.last.solved.rows


def _with(system: System, progress: Progress, fitted: Fit) -> Outcome:
    """The better of a fit and the last one, with an estimate by their difference.

    Of what the last steps left, so many times smaller ones leave at least that to the power of the
    order, of sides that move: with caution. Cells, as much as residuals say.
    """
    alone, last = Outcome(fitted, math.nan, 0, Stop.STAGNATED), progress.last
    if last is None or not math.isfinite(last.residual):
        return alone
    if not math.isfinite(fitted.residual):
        return progress.best or alone
    ratio = max(_ratio(progress, fitted), 1.0)
    least = CAUTION.factor * math.pow(ratio, -REFINING.order)
    outcome = compared(system, alone, last, max(least, CAUTION.least))
    if _finer(progress, fitted):
        return outcome
    # Two runs of the same steps agree about what those left, each up to `rtol`: their difference
    # says nothing of it.
    left = max(outcome.fit.residual, min(1.0, progress.rtol * fitted.solved.rows))
    estimate, maximum = max(outcome.estimate, left), max(outcome.maximum, left)
    return replace(outcome, estimate=estimate, maximum=maximum)


def _after(progress: Progress, best: Outcome, fitted: Fit, report: Judged, goal: float) -> Progress:
    """Other cells, where those are not good enough; else smaller steps."""
    fault = float(report.faults.max())
    idle = 0 if fault < progress.fault / 2 else progress.idle + 1
    after = replace(progress, best=best, last=fitted, idle=idle, path=None)
    after = replace(after, fault=min(fault, progress.fault), draws=progress.draws + 1)
    given_up = idle >= REFINEMENT.patience
    if not resolved(report, goal) and not given_up:
        # Steps limit faults, too: that functions were no help tells nothing of cells.
        layout = refined(replace(progress.layout, with_fewer=()), report)
        if layout is not progress.layout:
            return replace(after, layout=layout)
    finer = progress.rtol / REFINING.finer
    if given_up or finer < TOLERANCES.finest:
        return replace(after, stopped=Stop.STAGNATED)
    return replace(after, rtol=finer)


def _dearer(before: Progress, after: Progress) -> float:
    """Times the seconds of the last run, that the next one takes."""
    cells = len(after.layout.parts) / len(before.layout.parts)
    return float(cells * (before.rtol / after.rtol) ** 0.2)


def stages_in_cells(system: System) -> Stages | None:
    """The stages of an evolution that can be solved in cells of space; None, if it cannot."""
    form = evolution_form(system)
    space = len(system.domain.coordinates) - 1
    return None if form is None or space not in {1, 2, 3} else stages_of(system, form)


def in_moving_cells(
    system: System, counts: Sequence[int], declared: Declaration | None
) -> InMovingCells:
    """By hand, with so many cells along each coordinate of space. Raises ValueError for what is no
    evolution of first order in time.
    """
    stages = stages_in_cells(system)
    if stages is None:
        raise ValueError(
            "cells of space want an evolution of first order in time: one law for the rate of each"
            " unknown, its values at first, and sides that are the same at all times; give cells"
            " for every coordinate, time as well"
        )
    return InMovingCells(stages, counts, declared)
