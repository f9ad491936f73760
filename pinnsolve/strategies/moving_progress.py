"""How far an evolution in cells of space has come: what was tried, and what is next."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pinnsolve.evolution.collocated import Collocated
from pinnsolve.evolution.local import Steps
from pinnsolve.evolution.stages import Stages
from pinnsolve.evolution.underway import Underway
from pinnsolve.fields.moving import Moving, MovingCells
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import Fit
from pinnsolve.search.resume import Begun
from pinnsolve.search.task import Outcome, Task
from pinnsolve.strategies.cells_before import fit_before, layout_of
from pinnsolve.strategies.layouts import Layout
from pinnsolve.strategies.moving_runs import without_right_corners


@dataclass(frozen=True, eq=False)
class Progress:
    """Cells and the error of a step that are to be tried next, the best so far, the last fit, its
    largest fault in a cell, for how many fits that has not fallen, and how many there were; and
    the run that was ended early. `stopped`: why it is over.
    """

    layout: Layout
    rtol: float
    best: Outcome | None = None
    last: Fit | None = None
    fault: float = math.inf
    idle: int = 0
    draws: int = 0
    path: Begun | None = None
    stopped: Stop | None = None

    def underway(self, time: str) -> Underway:
        """What is gone on with, if time ends here."""
        last = None if self.last is None else Begun.of(self.last)
        declared = MovingCells(self.layout.declared, time)
        return Underway(declared, self.rtol, self.draws, self.path, last)


def with_path(progress: Progress, unfinished: Fit | None) -> Progress:
    """With a run that was ended early, which is the best as long as there is no other."""
    if unfinished is None:
        return progress
    best = progress.best or Outcome(unfinished, math.nan, 0, unfinished.stopped)
    return replace(progress, best=best, path=Begun.of(unfinished))


def begun_before(task: Task, stages: Stages, before: Underway) -> Progress:
    """Where an earlier solve has come to."""
    layout = layout_of(stages.at_rest, before.declared.cells)
    now = Progress(without_right_corners(layout), before.rtol, draws=before.draws, path=before.path)
    if before.last is None:
        return now
    moving = before.last.field
    assert isinstance(moving, Moving)
    fitted = fit_before(task.system, before.last, moving.steps)
    return replace(now, last=fitted, best=Outcome(fitted, math.nan, 0, Stop.STAGNATED))


def steps_of(space: Collocated, before: Begun) -> Steps:
    """The steps of a run that was ended early."""
    assert isinstance(before.field, Moving)
    return Steps.after(space, before.field)
