"""Two ways of solving, one after the other: what each may take, and which of them is better."""

from __future__ import annotations

import math
from dataclasses import replace

from pinnsolve.running.budget import EARLY, Budget, OutOfTimeError, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.task import Outcome, Strategy, Task
from pinnsolve.strategies.order import ORDER

# No other way is tried after these.
FINAL = (Stop.MET, Stop.INTERRUPTED)
# Nor after these, of partial differential equations: least squares see what is undetermined.
DETERMINED = (Stop.NOT_UNIQUE, Stop.NO_SOLUTION)


def both(outcome: Outcome, way: Strategy, task: Task, end: str = "") -> Outcome:
    """What was found, or what another way finds; an `end` before its time is left only for what
    meets the tolerance.
    """
    try:
        other = way(task)
    except EARLY as error:
        return replace(outcome, stopped=why(error))
    except MemoryError:
        return replace(outcome, stopped=Stop.BUDGET)
    if other.null_space:  # whatever another way makes of it
        return other
    kept = outcome if end and other.stopped != Stop.MET else better(outcome, other)
    return replace(kept, stopped=Stop.INTERRUPTED) if other.stopped == Stop.INTERRUPTED else kept


def until(budget: Budget, share: float, seconds: float = ORDER.seconds) -> Budget:
    """A share of the budget; no more than so many seconds from now, where there is another way."""
    return replace(budget, seconds=min(share * budget.seconds, budget.spent() + seconds))


def better(a: Outcome, b: Outcome) -> Outcome:
    """The one that met the tolerance, or has the smaller estimate, or the smaller residual: also
    where time did not allow both to be estimated.
    """
    known = all(math.isfinite(each.estimate) for each in (a, b))

    def rank(outcome: Outcome) -> tuple[float, ...]:
        numbers = (outcome.estimate, outcome.fit.residual) if known else (outcome.fit.residual,)
        return (
            outcome.stopped != Stop.MET,
            *(x if math.isfinite(x) else math.inf for x in numbers),
        )

    return min(b, a, key=rank)


def is_last(task: Task, outcome: Outcome) -> bool:
    """Whether no other way is tried after one, or there is no time for it."""
    return settles(task, outcome) or task.budget.left() <= ORDER.brief


def settles(task: Task, outcome: Outcome) -> bool:
    """Whether other ways would find nothing better."""
    return outcome.stopped in (*FINAL, *DETERMINED) or enough(task, outcome)


def enough(task: Task, outcome: Outcome) -> bool:
    """Whether no other way is tried, where no tolerance is given."""
    return task.tolerance is None and outcome.fit.residual < ORDER.credible


def in_turn(task: Task, share: float, first: Strategy, then: Strategy) -> Outcome:
    """One way for a share of the seconds, and another where that was not enough."""
    try:
        outcome = first(task.within(until(task.budget, share, math.inf)))
    except (OutOfTimeError, MemoryError):
        if task.budget.left() <= ORDER.brief:
            raise
        return then(task)
    return outcome if is_last(task, outcome) else both(outcome, then, task)
