"""How one slab of a march is solved: automatically, in a given basis, or by training; and what is
left of it if it is ended.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from sympy import Symbol

from pinnsolve.basis.basis import Basis
from pinnsolve.basis.trained import Trained
from pinnsolve.coefficients.least_squares import Method, Report
from pinnsolve.compile.system import System
from pinnsolve.evolution.chain import DoneSlab, second_draw, slab_system
from pinnsolve.fields.declared import Bases, of_basis, one_basis
from pinnsolve.fields.expansion import expansion_of
from pinnsolve.fields.field import Field
from pinnsolve.running.budget import Budget
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import SECOND_DRAW
from pinnsolve.search.fit import Fit, fit
from pinnsolve.search.grow import grow_to_tolerance
from pinnsolve.search.resume import Begun
from pinnsolve.search.task import Outcome, Record, Task
from pinnsolve.training.lsgd import trains

Told = Callable[[Callable[[], Begun]], None]


@dataclass(frozen=True, eq=False)
class SlabTask:
    """One slab: its system, a budget and a seed, the basis of the slab before, and where an earlier
    solve of it has come to.

    `told` is told how the best so far is had.
    """

    system: System
    budget: Budget
    seed: int
    before: Basis | None
    begun: Begun | None
    told: Told


Solver = Callable[[SlabTask], Outcome]


def automatic_slab(task: SlabTask, tolerance: float, record: Record) -> Outcome:
    """With nothing given: grown to the tolerance, from where it has come to before."""
    finite: list[Fit] = []

    def heard(stage: str, found: Fit, change: float) -> None:
        if math.isfinite(found.residual):
            finite.append(found.light())
        record(stage, found, change)
        if finite:
            best = min(finite, key=lambda each: each.residual)
            task.told(lambda: Begun.of(best))

    return grow_to_tolerance(
        Task(task.system, tolerance, task.budget, task.seed, heard, begun=task.begun)
    )


def slab_in(task: SlabTask, basis: Bases, method: Method | None, report: Report) -> Outcome:
    """In the given basis, or, with a method, trained on from what the slab before has left of
    it.
    """
    start: Bases = (
        basis if task.before is None or method is None else Trained(one_basis(basis), task.before)
    )
    initial_guess = None if task.begun is None else task.begun.field
    if trains(method):
        start, method = _training(task, basis, start, method)
    fitted = fit(
        task.system,
        start,
        task.seed,
        method,
        report,
        initial_guess=initial_guess,
        budget=task.budget,
    )
    fitted = replace(fitted, declared=basis)
    return Outcome(
        fitted, math.nan, 0, Stop.TRAINED if fitted.stopped == Stop.STAGNATED else fitted.stopped
    )


def _training(task: SlabTask, basis: Bases, start: Bases, method: Any) -> tuple[Bases, Any]:
    """The training that is left of a slab, and tells of its steps."""
    begun = task.begun
    if begun is not None:
        left = max(1, method.steps - begun.steps)
        trained = expansion_of(begun.field, begun.declared)
        start = Trained(one_basis(basis), trained.basis)
        method = replace(method, steps=left, start=trained.coefficients)
    counted = count(1 if begun is None else begun.steps + 1)

    def heard(offer: Callable[[], Field]) -> None:
        steps = next(counted)
        task.told(lambda: Begun(basis, task.seed, offer(), steps))

    return start, replace(method, listener=heard)


def another_draw(
    system: System,
    time: Symbol,
    length: float,
    done: Sequence[DoneSlab],
    last: Outcome,
    budget: Budget,
) -> Field | None:
    """The slab in another draw, after the other draws of those before; None, if it was trained."""
    if last.stopped == Stop.TRAINED:
        return None
    budget.require(last.fit.seconds)
    slab = slab_system(system, time, length, done, second_draw)
    return fit(
        slab,
        of_basis(last.fit.declared),
        last.fit.seed + SECOND_DRAW,
        initial_guess=last.fit.field,
        budget=budget,
    ).field
