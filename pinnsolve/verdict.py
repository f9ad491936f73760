"""What a solve says in the end: whether the tolerance is met, and warnings of what the user must
know.
"""

from __future__ import annotations

from dataclasses import replace

from pinnsolve.compile.system import System
from pinnsolve.evolution.followed import apart, doubt
from pinnsolve.fields.arrays import array_of
from pinnsolve.jets.indices import order_of
from pinnsolve.running.budget import EARLY, Budget, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.confirm import DOUBT, residual_that_is_enough
from pinnsolve.search.stuck import rests
from pinnsolve.search.task import LIMITS, Outcome
from pinnsolve.solution.diagnosis import UNSOLVED
from pinnsolve.solution.doubts import disagreeing, without_solution
from pinnsolve.solution.solution import Solution
from pinnsolve.strategies.measured_rows import bounds_of, data_of, numbers_of
from pinnsolve.symbols.warned import warn


def judged(
    solution: Solution, system: System, tolerance: float | None, seconds: float, budget: Budget
) -> Solution:
    """Warn of what the user must know, and settle `stopped` where a tolerance was given with a
    basis.

    That takes a second draw: as many `seconds` again.
    """
    if said := _failure(solution, system):
        warn(said)
    if tolerance is not None and solution.stopped == Stop.UNRESOLVED:
        solution = replace(solution, history=replace(solution.history, stopped=Stop.STAGNATED))
    elif tolerance is not None and solution.stopped in (Stop.SOLVED, Stop.TRAINED):
        stopped = _settled(solution, tolerance, seconds, budget)
        solution = replace(solution, history=replace(solution.history, stopped=stopped))
    solution = _as_estimated(_followed(solution, system, budget), tolerance)
    if tolerance is not None and tolerance < LIMITS.tolerance and solution.stopped != Stop.MET:
        warn(
            f"tolerance {tolerance:g} is below what float64 can give; reached about"
            f" {solution.estimate:.1e}"
        )
    return solution


def _failure(solution: Solution, system: System) -> str:
    """What failed, in words; empty, if nothing did."""
    if solution.null_space or solution.doubts:
        return solution.diagnosis()[0].replace("not unique:", "not uniquely solvable:")
    said = list(solution.diagnosis()[:1]) if solution.history.final.stage in UNSOLVED else []
    if failure := solution.stopped.failure:
        without = without_solution(solution.history, solution.residual())
        said.append(failure.format(end=_last_time(solution), without=without))
    return "; ".join(said) or _no_solution_yet(solution, system) or "; ".join(solution.at_bounds)


def _no_solution_yet(solution: Solution, system: System) -> str:
    """That an automatic solve ended where its equations do not hold, or hold for two functions, and
    what stands in the way; nor do data count that are said to be exact: they may have errors.
    """
    if solution.stopped not in (Stop.BUDGET, Stop.STAGNATED) or solution.field.weak:
        return ""
    pairs = zip(system.problem.conditions, solution.of_equations, strict=True)
    left = max((r for c, r in pairs if not data_of(c)), default=0.0)
    left = max(left, solution.jump, solution.kink)
    apart = disagreeing(system, solution.change, left)
    if left <= DOUBT.unreliable and not apart:
        return ""
    why = "".join(f"; {sentence}" for sentence in (apart or solution.diagnosis())[:1])
    return f"the basis leaves a residual of {left:.0e}: this is no solution yet{why}"


def _as_estimated(solution: Solution, tolerance: float | None) -> Solution:
    """What is met, unless the estimate that the solution gives is larger: what is said of it is one
    judgement, of all residuals at the points that it shows.
    """
    met = solution.stopped == Stop.MET
    if not met or tolerance is None or solution.estimate <= tolerance:
        return solution
    return replace(solution, history=replace(solution.history, stopped=Stop.STAGNATED))


def _settled(solution: Solution, tolerance: float, seconds: float, budget: Budget) -> Stop:
    try:
        budget.require(seconds)
        enough = residual_that_is_enough(tolerance)
        met = solution.estimate <= tolerance and solution.confirmed() <= enough
    except EARLY as error:
        return why(error)
    return Stop.MET if met else Stop.STAGNATED


def _followed(solution: Solution, system: System, budget: Budget) -> Solution:
    """What is met, unless an integrator of ordinary differential equations comes to something
    else.
    """
    if (
        solution.stopped != Stop.MET
        or len(solution.problem.domain.coordinates) > 1
        or solution.field.last_time is not None
    ):
        return solution
    change = apart(system, solution.field, budget, solution.seed)
    if not change:
        return solution
    warn(doubt(change))
    doubted = replace(
        solution,
        history=replace(solution.history, stopped=Stop.STAGNATED),
        change=max(solution.change, change),
    )
    return replace(doubted, largest_error=max(solution.largest_error, change))


def _last_time(solution: Solution) -> str:
    found = solution.field.last_time
    return (
        "" if found is None else f"{solution.problem.domain.coordinates[found[0]]} = {found[1]:.4g}"
    )


def stop_of(system: System, outcome: Outcome) -> Stop:
    """Why it ended: null functions, and a residual that is no solution's, say more than the way."""
    if outcome.null_space:
        return Stop.NO_SOLUTION if outcome.missed else Stop.NOT_UNIQUE
    if outcome.stopped == Stop.MET and _beyond_bounds(system, outcome):
        return Stop.STAGNATED
    large = not max(outcome.fit.residuals) <= DOUBT.unreliable
    unresolved = large and (_differential(system) or rests(system, outcome.fit))
    solved = outcome.stopped == Stop.SOLVED
    return Stop.UNRESOLVED if solved and unresolved else outcome.stopped


def _beyond_bounds(system: System, outcome: Outcome) -> bool:
    """Whether a number is where it was said not to be."""
    bounds = bounds_of(system)
    if bounds is None:
        return False
    middle = system.domain.bounds.mean(axis=1)[None]
    values = array_of(outcome.fit.field.values(middle))[numbers_of(system), 0]
    return not bool(((bounds[0] <= values) & (values <= bounds[1])).all())


def _differential(system: System) -> bool:
    """Whether any equation differentiates: of values alone, the residual is itself the error."""
    return any(order_of(slot.index) for residual in system.residuals for slot in residual.slots)
