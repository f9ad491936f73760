"""Where the iteration for a nonlinear problem starts: a guess, or the solution of an easier
problem.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import Symbol

from pinnsolve.compile.functions import Functions
from pinnsolve.compile.system import System, compile_problem
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.fields.declared import Bases
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.field import Field
from pinnsolve.running.budget import EARLY, Budget, ended, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import Fit, fit
from pinnsolve.search.task import Outcome, Strategy, Task
from pinnsolve.search.trials import SEARCHING
from pinnsolve.strategies.automatic import solve_automatically
from pinnsolve.symbols.given import Formula, number_of, whole_of
from pinnsolve.symbols.symbols import Unknown

Continuation = Mapping[Symbol, Sequence[float]]


@dataclass(frozen=True, eq=False)
class Continued:
    """A strategy that begins from the solution for other values of the problem's constants.

    `continuation` gives these values, those of the first solution first; the ones on the way are
    solved for in the `basis`, or automatically.
    """

    strategy: Strategy
    problem: Problem
    continuation: Continuation
    basis: Bases | None

    def __call__(self, task: Task) -> Outcome:
        """From the task's guess along the continuation. Raises ValueError for a constant that the
        problem does not have, or continuations of different lengths.
        """
        guess = _continued(
            self.problem, self.continuation, self.basis, task.guess, task.budget, task.seed
        )
        return self.strategy(replace(task, guess=guess))


def guessed_field(problem: Problem, guess: Mapping[Unknown, Formula]) -> Field:
    """The guess as a field: its own expressions are the basis. Raises ValueError for one that does
    not give every unknown.
    """
    if set(guess) != set(problem.unknowns):
        wanted, got = (", ".join(sorted(map(str, names))) for names in (problem.unknowns, guess))
        raise ValueError(f"guess must give every unknown, {wanted}: got {got}")
    functions = Functions(*[guess[u] for u in problem.unknowns])
    basis = functions.build(bounds_by_name(problem), 0)
    return Expansion.identity(basis)


def geometric(first: float, last: float, steps: int = 5) -> tuple[float, ...]:
    """Values from the first towards the last, each the same multiple of the one before; the last
    itself is left to the problem.

    Raises ValueError unless both are of one sign and not zero, and there is at least one step.

    >>> from pinnsolve import geometric
    >>> [f"{value:.3g}" for value in geometric(0.1, 0.001, steps=2)]
    ['0.1', '0.01']
    """
    if number_of(first) is None or number_of(last) is None or whole_of(steps) is None:
        raise TypeError(
            f"geometric(first, last, steps) wants numbers, steps a whole one: got {first!r},"
            f" {last!r}, {steps!r}"
        )
    if not (first * last > 0 and steps >= 1):
        raise ValueError(
            f"geometric({first}, {last}, {steps}) wants two values of one sign, and at least one"
            " step"
        )
    return tuple(first * (last / first) ** (k / steps) for k in range(steps))


def _continued(
    problem: Problem,
    continuation: Continuation,
    basis: Bases | None,
    initial_guess: Field | None,
    budget: Budget,
    seed: int,
) -> Field | None:
    """The field at the end of a continuation; steps that fail are passed over.

    Where it is ended early, the last good fit is raised: it is the best that there is of the
    problem itself.
    """
    lengths = {len(values) for values in continuation.values()}
    if len(lengths) != 1:
        raise ValueError("a continuation in several constants wants as many values of each")
    steps, last = lengths.pop(), list[Fit]()
    fitted: Any
    for k in range(steps):
        system = compile_problem(
            problem.with_constants({s: values[k] for s, values in continuation.items()})
        )
        # Equal shares of what is left, the last one for the problem itself.
        share = budget.share(1 / (steps + 1 - k)) if math.isfinite(budget.seconds) else budget
        try:
            fitted = _one(system, basis, initial_guess, share, seed)
        except EARLY as error:
            fitted = getattr(error, "best", None)
            if fitted is None or why(error) == Stop.INTERRUPTED or budget.left() <= 0:
                best = [f for f in (*last, fitted) if f is not None and math.isfinite(f.residual)]
                if not best:
                    raise
                raise ended(
                    why(error), _judged_by(problem, min(best, key=lambda f: f.residual))
                ) from error
        if fitted.residual < SEARCHING.credible:
            initial_guess, last = fitted.field, [fitted]
    return initial_guess


def _one(
    system: System, basis: Bases | None, initial_guess: Field | None, budget: Budget, seed: int
) -> Fit:
    """A solution on the way. Raises what ended it early."""
    if basis is not None:
        return fit(system, basis, seed, initial_guess=initial_guess, budget=budget)
    # No better than this: it is where the next solution starts.
    outcome = solve_automatically(Task(system, 1e-3, budget, seed, guess=initial_guess))
    if outcome.stopped == Stop.INTERRUPTED:
        raise ended(outcome.stopped, outcome.fit)
    return outcome.fit


def _judged_by(problem: Problem, fitted: Fit) -> Fit:
    """A fit for other values of the constants, with its residuals in the problem itself."""
    residuals = relative_residuals(compile_problem(problem), fitted.field, fitted.seed)
    return replace(fitted, residuals=residuals)
