"""The whole chain on one page: declare, compile, choose or take a basis, solve, judge."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace

from pinnsolve.basis.networks import Declaration
from pinnsolve.compile.system import System, compile_problem, with_held_out_data
from pinnsolve.declare.problem import Problem
from pinnsolve.solution.solution import Solution
from pinnsolve.train.budget import Budget, bytes_of
from pinnsolve.train.collocate import bounds_by_name, most_columns
from pinnsolve.train.conditions import require_consistent
from pinnsolve.train.diagnose import null_space_dimension, resonance
from pinnsolve.train.fit import Fit, Grow, fit
from pinnsolve.train.grow import PROMISING, Grown, grow_to_tolerance
from pinnsolve.train.history import Callback, History, Step
from pinnsolve.train.least_squares import Method, Solved, require_linear

SMALLEST_TOLERANCE = 1e-14  # float64, after the digits that a second derivative costs


def solve(
    problem: Problem,
    basis: Declaration | None = None,
    method: Method | None = None,
    tolerance: float | None = None,
    seed: int = 0,
    callbacks: Sequence[Callback] = (),
    budget: Budget | None = None,
    grow: Grow | None = None,
) -> Solution:
    """Solve a linear problem by least-squares collocation in a network's basis.

    With no basis it is automatic: activation and scales are chosen by residuals on fresh points, the width is doubled
    until residual and estimated error are below `tolerance`, get no better, or the `budget` is used. With a basis, one
    solve in that, or its training by a `method` such as `LSGD()`; `grow=Greedy()` chooses its neurons first. `tolerance` is
    relative (L2). Each callback is called with every `Step`. Ctrl-C returns the best so far.

    Returns a `Solution`; `solution.stopped` says why it ended. Warns if the equations leave functions undetermined
    (with the dimension of the null space), or if the tolerance is out of reach of float64.
    Raises ValueError for nonlinear equations, conditions that contradict each other, operations that cannot be compiled,
    data that are not finite, and MemoryError, with the largest width that fits, before anything too large is allocated.
    """
    budget = Budget() if budget is None else replace(budget, start=time.perf_counter())
    if tolerance is not None and not (math.isfinite(tolerance) and tolerance > 0):
        raise ValueError(f"tolerance must be a positive number: got {tolerance}")
    if basis is None and (method is not None or grow is not None):
        raise ValueError("a method, or grow, works on a given basis: solve(problem, Dense(50), LSGD())")
    system = compile_problem(problem)
    require_linear(system)
    require_consistent(system)
    steps: list[Step] = []
    start = time.perf_counter()

    def tell(step: Step) -> None:
        steps.append(step)
        for callback in callbacks:
            callback(step)

    def record(stage: str, found: Fit, change: float) -> None:
        tell(_step(stage, found, change, time.perf_counter() - start))

    if basis is None:
        reachable = tolerance if tolerance is None or tolerance >= SMALLEST_TOLERANCE else None
        split = with_held_out_data(system)
        budget = replace(budget, columns=min(budget.columns, most_columns(split)))
        grown = grow_to_tolerance(split, reachable, budget, seed, record)
    else:
        size = _size_within(system, basis, budget)
        grown = _in_given_basis(system, basis, size, method, grow, seed, tell, start)
        record("solve", grown.fit, math.nan)
    nulls = max(grown.null_space, resonance(system, seed))
    last = grown.fit
    history = History(tuple(steps), "not unique" if nulls else grown.stopped)
    solution = Solution(
        problem, last.declared, last.seed, last.basis, last.coefficients, history, nulls, grown.estimate, method, grow
    )
    return _judged(solution, tolerance)


def _in_given_basis(
    system: System,
    basis: Declaration,
    size: int,
    method: Method | None,
    grow: Grow | None,
    seed: int,
    tell: Callback,
    start: float,
) -> Grown:
    name = str(basis)

    def report(stage: str, solved: Solved | None, residual: float) -> None:
        facts = (0, math.nan, math.nan) if solved is None else (solved.rows, solved.rank, solved.condition)
        tell(Step(stage, name, size, *facts, residual, math.nan, time.perf_counter() - start))

    found = fit(system, basis, seed, method, report, grow=grow)
    return Grown(found, math.nan, null_space_dimension(system, found), found.stopped)


def _judged(solution: Solution, tolerance: float | None) -> Solution:
    """Warn of what the user must know, and settle `stopped` where a tolerance was given with a basis."""
    if solution.null_space:
        warnings.warn(_not_unique(solution.null_space), UserWarning, stacklevel=3)
    elif tolerance is not None and solution.stopped in ("solved", "trained"):
        met = solution.estimate <= tolerance and solution.residual() <= PROMISING * tolerance
        solution = replace(solution, history=replace(solution.history, stopped="met" if met else "stagnated"))
    if tolerance is not None and tolerance < SMALLEST_TOLERANCE and solution.stopped != "met":
        warnings.warn(
            f"tolerance {tolerance:g} is below what float64 can give; reached about {solution.estimate:.1e}",
            UserWarning,
            stacklevel=3,
        )
    return solution


def _size_within(system: System, basis: Declaration, budget: Budget) -> int:
    """How many functions a basis has. Raises MemoryError if their solve does not fit."""
    size = basis.build(bounds_by_name(system.problem), 0).size
    needed, widest = bytes_of(size * system.n_unknowns), budget.widest()
    if size * system.n_unknowns > widest:
        raise MemoryError(
            f"a basis of {size} functions for {system.n_unknowns} unknowns would take {needed / 1e9:.1f} GB: "
            f"at most {widest // system.n_unknowns} functions fit"
        )
    return size


def _not_unique(dimension: int) -> str:
    count = f"at least {dimension}" if dimension >= 8 else str(dimension)
    return (
        f"not uniquely solvable: the homogeneous equations have a null space of dimension {count}; "
        "a boundary or initial condition is missing, or the equation is at an eigenvalue"
    )


def _step(stage: str, found: Fit, change: float, seconds: float) -> Step:
    solved = found.solved
    return Step(
        stage,
        str(found.declared),
        found.basis.size,
        solved.rows,
        solved.rank,
        solved.condition,
        found.residual,
        change,
        seconds,
    )
