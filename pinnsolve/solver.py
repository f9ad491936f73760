"""The whole chain on one page: declare, compile, choose or take a basis, solve, judge."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from sympy import Symbol

from pinnsolve.arguments import (
    budget_in,
    callbacks_in,
    continuation_in,
    guess_in,
    march_in,
    prior_in,
    problem_in,
    seed_in,
    tolerance_in,
)
from pinnsolve.basis.basis import DOUBLE, Declaration
from pinnsolve.coefficients.balance import balanced
from pinnsolve.coefficients.least_squares import Method
from pinnsolve.coefficients.memory import fitting, size_within
from pinnsolve.compile.functions import Functions
from pinnsolve.compile.system import System, compile_problem
from pinnsolve.declare.problem import Problem
from pinnsolve.devices import cluster_in, device_in, require_solvable
from pinnsolve.discretize.consistency import require_consistent
from pinnsolve.discretize.magnitudes import require_representable
from pinnsolve.evolution.breaking import require_unbroken
from pinnsolve.evolution.march import March
from pinnsolve.fields.building import build_space
from pinnsolve.fields.declared import Bases, one_basis
from pinnsolve.fields.field import Field
from pinnsolve.geometry.mesh.floor import warn_of_facets
from pinnsolve.kinds import basis_in, cells_in, require_kinds
from pinnsolve.mgrit.communicator import ALONE
from pinnsolve.mgrit.communicator import ranks as ranks_of_run
from pinnsolve.mgrit.exits import several
from pinnsolve.running.budget import EARLY, Budget, carrying, reached, why
from pinnsolve.running.history import Callback, History
from pinnsolve.running.interrupts import terminations_as_interrupts
from pinnsolve.running.progress import shown
from pinnsolve.running.stop import Stop
from pinnsolve.running.together import together
from pinnsolve.search.cluster import Cluster
from pinnsolve.search.fit import Fit, Grow, unheard
from pinnsolve.search.task import Outcome, Strategy, Task
from pinnsolve.search.uniqueness import asked_for_null_space
from pinnsolve.solution.checkpoint import (
    Checkpoint,
    begun,
    checkpoint_in,
    field_of,
    going_after,
    going_on,
    growth_of,
    keeping,
    listening,
)
from pinnsolve.solution.journal import Journal
from pinnsolve.solution.solution import Solution
from pinnsolve.solution.task import Asked, in_words, ranks_of, shares_rows
from pinnsolve.strategies.automatic import solve_automatically
from pinnsolve.strategies.brief import brief
from pinnsolve.strategies.continuation import Continuation, Continued, guessed_field
from pinnsolve.strategies.in_basis import InBasis
from pinnsolve.strategies.in_cells import InCells
from pinnsolve.strategies.in_moving_cells import in_moving_cells
from pinnsolve.strategies.in_slabs import InSlabs
from pinnsolve.strategies.worth import worth_more
from pinnsolve.symbols.given import Formula
from pinnsolve.symbols.priors import Smooth
from pinnsolve.symbols.symbols import Unknown
from pinnsolve.verdict import judged, stop_of


def solve(  # noqa: PLR0913, PLR0917  the front door: everything has a default
    problem: Problem,
    basis: Declaration | Mapping[Unknown, Declaration] | None = None,
    method: Method | None = None,
    tolerance: float | None = None,
    seed: int = 0,
    callbacks: Callback | Sequence[Callback] = (),
    budget: Budget | float | None = None,
    grow: Grow | None = None,
    guess: Mapping[Unknown, Formula] | None = None,
    continuation: Continuation | None = None,
    march: March | Symbol | None = None,
    cells: int | Sequence[int] | None = None,
    checkpoint: Checkpoint | str | Path | None = None,
    resume: Solution | str | Path | None = None,
    device: str | None = None,
    cluster: Cluster | None = None,
    prior: Mapping[Unknown, Smooth] | None = None,
    progress: bool | None = None,
) -> Solution:
    """Solve a problem by least-squares collocation in a network's basis.

    With no basis it is automatic: wider until residual and estimated error are below `tolerance`
    (relative, L2), or the `budget` is used. With a basis, one solve; `LSGD()` trains it,
    `grow=Greedy()` chooses its neurons. `guess={u: ...}` begins a nonlinear problem,
    `continuation={nu: values}` solves for others first, `prior={a: Smooth(2)}` says what noisy data
    are to find. `march=March(t)` goes slab by slab, `cells=(8, 8)` gives parts of the domain a
    basis each. `checkpoint="run.st"` keeps the best so far; `resume` goes on from there, or from a
    solution. `device="cuda"` evaluates a given basis there; `cluster` fits candidates.
    `progress=True` shows a bar; callbacks get every `Step`: True ends with the best so far, as
    Ctrl-C does. Raises TypeError, ValueError, MemoryError before any work.

    >>> from sympy import Eq
    >>> from pinnsolve import Interval, Problem, coordinates, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> rod = Problem(Interval(x, 0, 1), Eq(u.diff(x, 2), u), Eq(u(0), 0), Eq(u(1), 1))
    >>> f"{solve(rod, tolerance=1e-6)(0.5):.5f}"
    '0.44341'
    """
    problem, budget, march = problem_in(problem), budget_in(budget), march_in(march)
    tolerance, callbacks = tolerance_in(tolerance), callbacks_in(callbacks, progress, budget)
    bases, saved = basis_in(basis, problem, method, grow), checkpoint_in(checkpoint)
    require_kinds(bases, method, grow, march, {"checkpoint": checkpoint, "resume": resume})
    counts = cells_in(cells, problem, bases, (method, grow, march, continuation))
    where = device_in(device, bases, (method, grow, march, counts, continuation, resume))
    guess, continuation = guess_in(guess, problem), continuation_in(continuation, problem)
    given = bases, method, grow, tolerance, budget, seed_in(seed), guess, continuation, march
    how = counts, begun(resume, saved, problem), where, cluster_in(cluster, (bases, march, counts))
    return _solved(Asked(problem, *given, *how, prior_in(prior, problem)), callbacks, saved)


def _solved(asked: Asked, callbacks: Sequence[Callback], saved: Checkpoint | None) -> Solution:
    """The solution, judged and saved; ranks that share a basis solve together."""
    warn_of_facets(asked.problem.domain, asked.tolerance)
    keep = keeping(saved, asked.basis, asked.problem)
    journal = Journal(asked.problem, callbacks, keep, asked.resume)
    system = balanced(compile_problem(asked.problem))
    require_consistent(system)
    require_representable(system)
    if not system.linear:
        require_unbroken(system)
    if asked.basis is not None and asked.device != DOUBLE.device:
        divided = build_space(system, asked.basis, 0).divided
        require_solvable(asked.device, system, divided, 2 if several() else 1)
    words = partial(in_words, asked)
    with (
        together(ranks_of(asked, system), asked.budget, words) as shared,
        terminations_as_interrupts(),
        shown(callbacks),
    ):
        budget = fitting(shared, system)
        outcome = _outcome(asked, _task(asked, system, budget, journal), journal)
        solution = _solution(asked, system, outcome, journal)
    solution = judged(solution, system, asked.tolerance, outcome.fit.seconds, budget)
    if saved is not None:
        saved.write(solution)
    return solution


def _task(asked: Asked, system: System, budget: Budget, journal: Journal) -> Task:
    """What is to be solved, and who is told: fits of the whole problem may be the best so far."""
    record = journal.record_whole if asked.automatic else journal.record
    keep = journal.keep_midst if asked.march is None else journal.keep_grown
    before = None
    if asked.basis is None and asked.resume is not None:
        before = growth_of(asked.resume)
    asks = (asked.tolerance, budget, asked.seed, record, keep)
    where = asked.device, asked.cluster, asked.prior
    return Task(system, *asks, None, before, None, DOUBLE.dtype, *where)


def _outcome(asked: Asked, task: Task, journal: Journal) -> Outcome:
    """What is found; the best so far, where it ends early: here alone Ctrl-C ends."""
    try:
        outcome = _strategy(asked, task, journal)(replace(task, guess=_initial_guess(asked)))
        if outcome.posterior is not None:
            return outcome
        with carrying(outcome):
            outcome = _worth_more(asked, task, outcome, journal) if asked.automatic else outcome
            return asked_for_null_space(
                task.system, outcome, task.seed, task.budget, task.tolerance
            )
    except EARLY as error:
        return _ended_early(error, asked, task, journal)


def _initial_guess(asked: Asked) -> Field | None:
    """The field to start from, if there is one."""
    if asked.resume is not None:
        return field_of(asked.resume)
    return None if asked.guess is None else guessed_field(asked.solved, asked.guess)


def _strategy(asked: Asked, task: Task, journal: Journal) -> Strategy:
    """By slabs, in cells, in the given basis, or automatically; along a continuation, if there is
    one.
    """
    strategy: Strategy = solve_automatically
    if asked.cells is not None:
        declared = None if asked.basis is None else one_basis(asked.basis)
        if len(asked.cells) < len(task.system.domain.coordinates):
            return in_moving_cells(task.system, asked.cells, declared)
        return InCells(asked.cells, declared, ranks_of_run())
    if asked.march is not None:
        report = journal.heard(asked.basis, 0) if asked.basis is not None else unheard
        march = going_after(asked.march, asked.resume)
        strategy = InSlabs(march, asked.basis, asked.method, report)
    elif asked.basis is not None:
        strategy = _in_basis(asked, asked.basis, task, journal)
    if asked.continuation is None or asked.resume is not None:
        return strategy
    return Continued(strategy, asked.problem, asked.continuation, asked.basis)


def _in_basis(asked: Asked, basis: Bases, task: Task, journal: Journal) -> InBasis:
    """In the basis; what was trained before goes on, and its neurons are not chosen again."""
    report = journal.heard(basis, size_within(task.system, basis, task.budget, asked.method))
    start, method, grow = basis, asked.method, asked.grow
    if asked.resume is not None:
        start, method = going_on(asked.resume, basis, method)
        grow = None
    told = journal.keep_field(basis, asked.seed, asked.method, asked.grow)
    ranks = ranks_of_run() if shares_rows(asked, task.system) else ALONE
    return InBasis(basis, start, listening(method, told), grow, report, ranks)


def _worth_more(asked: Asked, task: Task, outcome: Outcome, journal: Journal) -> Outcome:
    """What was found, or what was known before, if that is no worse: a step of its own then."""
    guess = asked.guess
    functions = None if guess is None else Functions(*[guess[u] for u in asked.solved.unknowns])
    better = worth_more(task.system, outcome, functions)
    if better is not outcome:
        journal.record("data" if guess is None else "guess", better.fit, math.nan)
    return better


def _ended_early(error: BaseException, asked: Asked, task: Task, journal: Journal) -> Outcome:
    """The best so far; after Ctrl-C at least a brief solve. Else what ended it, or TimeoutError."""
    stopped, outcome, best = why(error), reached(error, Outcome), reached(error, Fit)
    if outcome is not None:
        return replace(outcome, stopped=stopped)
    if best is None and stopped == Stop.INTERRUPTED:
        best = brief(task.system, asked.basis, task.seed)
    if best is not None:
        journal.keep_step(stopped, best, math.nan)
        return Outcome(best, math.nan, 0, stopped)
    if stopped == Stop.INTERRUPTED:
        raise KeyboardInterrupt from error
    nothing = f"nothing was found in {task.budget.seconds:g} s: give the budget more seconds"
    raise TimeoutError(getattr(error, "words", "") or nothing) from error


def _solution(asked: Asked, system: System, outcome: Outcome, journal: Journal) -> Solution:
    """The outcome with what was asked, and with the steps that led to it."""
    fitted, steps = outcome.fit, journal.with_last(outcome.fit, outcome.stopped)
    return Solution(
        asked.problem,
        fitted.declared,
        fitted.seed,
        fitted.field,
        History(steps, stop_of(system, outcome)),
        outcome.null_space,
        outcome.estimate,
        asked.method,
        asked.grow,
        outcome.maximum,
        outcome.unfinished,
        outcome.lost,
        outcome.missed,
        outcome.posterior,
    )
