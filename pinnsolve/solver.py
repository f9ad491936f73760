"""The whole chain on one page: declare, compile, choose or take a basis, solve, judge."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sympy import Symbol

from pinnsolve.arguments import (
    basis_in,
    budget_in,
    callbacks_in,
    continuation_in,
    guess_in,
    march_in,
    problem_in,
    require_kinds,
    seed_in,
    tolerance_in,
)
from pinnsolve.basis.basis import Declaration
from pinnsolve.coefficients.least_squares import Method
from pinnsolve.coefficients.memory import fitting, size_within
from pinnsolve.compile.functions import Functions
from pinnsolve.compile.system import System, compile_problem
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.consistency import require_consistent
from pinnsolve.discretize.magnitudes import require_representable
from pinnsolve.evolution.march import March, march_through
from pinnsolve.evolution.slab import Solver, automatic_slab, slab_in
from pinnsolve.fields.declared import Bases
from pinnsolve.fields.field import Field
from pinnsolve.jets.indices import order_of
from pinnsolve.running.budget import EARLY, Budget, carrying, ended, why
from pinnsolve.running.history import Callback, History, Step
from pinnsolve.running.interrupts import terminations_as_interrupts
from pinnsolve.running.stop import Stop
from pinnsolve.running.together import together
from pinnsolve.search.confirm import UNRELIABLE
from pinnsolve.search.fit import Fit, Grow, fit
from pinnsolve.search.null_space import UNIQUE, kernel, vanishing_order
from pinnsolve.search.stuck import rests
from pinnsolve.search.task import Outcome, Task
from pinnsolve.search.uniqueness import asked_for_null_space
from pinnsolve.solution.checkpoint import (
    Checkpoint,
    begun,
    field_of,
    going_after,
    going_on,
    growth_of,
    keeping,
    listening,
)
from pinnsolve.solution.journal import Journal
from pinnsolve.solution.solution import Solution
from pinnsolve.solution.task import in_words
from pinnsolve.strategies.automatic import solve_automatically
from pinnsolve.strategies.brief import brief
from pinnsolve.strategies.continuation import Continuation, first_field
from pinnsolve.strategies.worth import worth_more
from pinnsolve.symbols.symbols import Unknown
from pinnsolve.verdict import SMALLEST_TOLERANCE, judged

SLAB_TOLERANCE = 1e-8  # of a march, where none is given


def solve(  # noqa: PLR0913, PLR0917  the front door: everything has a default
    problem: Problem,
    basis: Declaration | Mapping[Unknown, Declaration] | None = None,
    method: Method | None = None,
    tolerance: float | None = None,
    seed: int = 0,
    callbacks: Callback | Sequence[Callback] = (),
    budget: Budget | float | None = None,
    grow: Grow | None = None,
    guess: Mapping[Unknown, Any] | None = None,
    continuation: Continuation | None = None,
    march: March | Symbol | None = None,
    checkpoint: Checkpoint | str | Path | None = None,
    resume: Solution | str | Path | None = None,
) -> Solution:
    """Solve a problem by least-squares collocation in a network's basis: a nonlinear one by Gauss's
    and Newton's method.

    With no basis it is automatic: activation and scales are chosen by residuals on fresh points,
    the width is doubled until residual and estimated error are below `tolerance`, get no better, or
    the `budget` is used. With a basis, one solve in that, or its training by a `method` such as
    `LSGD()`; `grow=Greedy()` chooses its neurons first. `tolerance` is relative (L2). Each callback
    is called with every `Step`; `budget=30` is 30 seconds. Ctrl-C returns the best so far.

    Of several solutions of a nonlinear problem, the one is found that lies near the `guess`,
    expressions by unknown; without one, iteration starts from the linear part of the equations.
    `continuation={nu: geometric(0.1, 1e-3)}` solves for other values of the problem's constants
    first, in turn, each the guess for the next. A nonlinear evolution, explicit in its highest
    derivative in time, is separated: functions of space, coefficients that follow an ordinary
    differential equation. `march=March(t)` goes slab by slab instead, through any problem in time.

    `checkpoint="run.st"` keeps the best so far in a file, at most every minute (`Checkpoint(path,
    seconds)`: as often as you like), and the result at the end. `resume="run.st"`, or a solution,
    goes on from there, also in the midst of a training, a growth, an evolution or a march. With
    both of one name, the first run begins, and the next ones go on.

    Returns a `Solution`; `solution.stopped` says why it ended. Warns if the equations leave
    functions undetermined (with the dimension of the null space), or if the tolerance is out of
    reach of float64. Raises TypeError for arguments of another kind, ValueError for conditions that
    contradict each other, operations that cannot be compiled, a guess that lacks an unknown, data
    that are not finite, a checkpoint in the place of another file, and MemoryError, with the
    largest width that fits, before it is allocated.
    """
    problem, budget, march = problem_in(problem), budget_in(budget), march_in(march)
    tolerance, seed, callbacks = tolerance_in(tolerance), seed_in(seed), callbacks_in(callbacks)
    bases = basis_in(basis, problem)
    require_kinds(bases, method, grow, march, {"checkpoint": checkpoint, "resume": resume})
    guess, continuation = guess_in(guess, problem), continuation_in(continuation, problem)
    saved = Checkpoint(checkpoint) if isinstance(checkpoint, (str, Path)) else checkpoint
    before, keep = begun(resume, saved, problem), keeping(saved, bases, problem)
    require_consistent(system := compile_problem(problem))
    require_representable(system)
    journal = Journal(problem, callbacks, keep, before)
    given = (
        problem,
        bases,
        method,
        grow,
        tolerance,
        budget,
        seed,
        guess,
        continuation,
        march,
        before,
    )
    with together(bases, budget, partial(in_words, given)) as shared, terminations_as_interrupts():
        budget = fitting(shared, system)
        task = _Task(system, bases, method, grow, tolerance, budget, seed, None, before, journal)
        grown = _best(task, partial(_first, problem, guess, continuation), march, guess)
        found = _finished(
            problem, system, grown, journal.with_last(grown.fit, grown.stopped), method, grow
        )
    solution = judged(found, system, tolerance, grown.fit.seconds, budget)
    if saved is not None:
        saved.write(solution)
    return solution


@dataclass(frozen=True, eq=False)
class _Task:
    """What was asked for, the field to start from, and the solution that is gone on with, if there
    is one.
    """

    system: System
    basis: Bases | None
    method: Method | None
    grow: Grow | None
    tolerance: float | None
    budget: Budget
    seed: int
    near: Field | None
    before: Solution | None
    journal: Journal


def _first(
    problem: Problem,
    guess: Mapping[Unknown, Any] | None,
    continuation: Continuation | None,
    task: _Task,
) -> Field | None:
    """The field to start from."""
    if task.before is not None:
        return field_of(task.before)
    return first_field(problem, guess, continuation, task.basis, task.budget, task.seed)


def _best(
    task: _Task,
    first: Callable[[_Task], Field | None],
    march: March | None,
    guess: Mapping[Unknown, Any] | None,
) -> Outcome:
    """What is found; the best so far, where it ends early."""
    try:
        grown = _routed(replace(task, near=first(task)), march)
        with carrying(grown):
            grown = (
                _worth_more(task, grown, guess) if task.basis is None and march is None else grown
            )
            return asked_for_null_space(task.system, grown, task.seed, task.budget, task.tolerance)
    except EARLY as error:
        return _ended_early(error, task)


def _worth_more(task: _Task, grown: Outcome, guess: Mapping[Unknown, Any] | None) -> Outcome:
    """What was found, or what was known before, if that is no worse: a step of its own then."""
    functions = (
        None if guess is None else Functions(*[guess[u] for u in task.system.problem.unknowns])
    )
    found = worth_more(task.system, grown, functions)
    if found is not grown:
        task.journal.record("data" if guess is None else "guess", found.fit, math.nan)
    return found


def _routed(task: _Task, march: March | None) -> Outcome:
    """By slabs, automatically, or in the given basis."""
    if march is not None:
        return _marched(task, march)
    return _automatic(task) if task.basis is None else _in_given(task, task.basis)


def _ended_early(error: BaseException, task: _Task) -> Outcome:
    """The best so far; after Ctrl-C at least a brief solve. Raises KeyboardInterrupt, or
    TimeoutError, if there is none.
    """
    best = getattr(error, "best", None)
    if isinstance(best, Outcome):
        return replace(best, stopped=why(error))
    if best is None and isinstance(error, KeyboardInterrupt):
        best = brief(task.system, task.basis, task.seed)
    if isinstance(best, Fit):
        task.journal.keep_step(why(error), best, math.nan)
        return Outcome(best, math.nan, 0, why(error))
    if isinstance(error, KeyboardInterrupt):
        raise KeyboardInterrupt from error
    words = (
        getattr(error, "words", "")
        or f"nothing was found in {task.budget.seconds:g} s: give the budget more seconds"
    )
    raise TimeoutError(words) from error


def _marched(task: _Task, march: March) -> Outcome:
    journal, basis = task.journal, task.basis
    slab: Solver = partial(
        automatic_slab, tolerance=task.tolerance or SLAB_TOLERANCE, record=journal.record
    )
    if basis is not None:
        slab = partial(slab_in, basis=basis, method=task.method, report=journal.heard(basis, 0))
    march = going_after(march, task.before)
    return march_through(
        task.system, march, slab, task.budget, task.seed, journal.record, journal.keep_grown
    )


def _automatic(task: _Task) -> Outcome:
    tolerance = (
        task.tolerance if task.tolerance is None or task.tolerance >= SMALLEST_TOLERANCE else None
    )
    return solve_automatically(
        Task(
            task.system,
            tolerance,
            task.budget,
            task.seed,
            task.journal.record_whole,
            task.journal.keep_midst,
            task.near,
            None if task.before is None else growth_of(task.before),
        )
    )


def _in_given(task: _Task, basis: Bases) -> Outcome:
    """One solve, or training, in the basis; what was trained before goes on, and its neurons are
    not chosen again.
    """
    report = task.journal.heard(basis, size_within(task.system, basis, task.budget, task.method))
    start, method, grow = basis, task.method, task.grow
    if task.before is not None:
        start, method = going_on(task.before, basis, method)
        grow = None
    method = listening(method, task.journal.keep_field(basis, task.seed, task.method, task.grow))
    try:
        found = fit(
            task.system,
            start,
            task.seed,
            method,
            report,
            grow=grow,
            near=task.near,
            budget=task.budget,
        )
    except EARLY as error:
        held = getattr(error, "best", None)
        if not isinstance(held, Fit):
            raise ended(why(error), None, getattr(error, "words", "")) from error
        found = replace(held, declared=basis)
        with carrying(found):
            task.journal.record("solve", found, math.nan)
        raise ended(why(error), found) from error
    found = replace(found, declared=basis)
    with carrying(found):
        task.journal.record("solve", found, math.nan)
        helpless = rests(task.system, found) or vanishing_order(task.system, found.expansion.space)
        known = UNIQUE if helpless else kernel(task.system, found, task.budget)
        return Outcome(found.light(), math.nan, known.dimension, found.stopped, lost=known.lost)


def _finished(
    problem: Problem,
    system: System,
    grown: Outcome,
    steps: tuple[Step, ...],
    method: Method | None,
    grow: Grow | None,
) -> Solution:
    last, nulls = grown.fit, grown.null_space
    unknown = not max(last.residuals) <= UNRELIABLE and (
        _differential(system) or rests(system, last)
    )
    unresolved = grown.stopped == Stop.SOLVED and unknown
    without = Stop.NO_SOLUTION if grown.missed else Stop.NOT_UNIQUE
    history = History(steps, without if nulls else Stop.UNRESOLVED if unresolved else grown.stopped)
    return Solution(
        problem,
        last.declared,
        last.seed,
        last.field,
        history,
        nulls,
        grown.estimate,
        method,
        grow,
        grown.maximum,
        grown.unfinished,
        grown.lost,
        grown.missed,
    )


def _differential(system: System) -> bool:
    """Whether any equation differentiates: of values alone, the residual is itself the error."""
    return any(order_of(slot.index) for residual in system.residuals for slot in residual.slots)
