"""The automatic solution of an evolution: where space wants to be stretched, how many functions,
how small the steps.

Like the choice and growth for other problems: runs are judged by residuals on fresh points of space
and time, the next is learned from the last, and a second, independent draw with smaller steps gives
the estimate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from pinnsolve.compile.system import System
from pinnsolve.discretize.own_features import instants
from pinnsolve.discretize.recognize import Form
from pinnsolve.evolution.foreseen import steps_within
from pinnsolve.evolution.made import Made, better_of, bytes_of, difference_of
from pinnsolve.evolution.planned import WIDTHS, first_plan, first_width, richer, widened
from pinnsolve.evolution.runs import Plan, Runs, runs_of
from pinnsolve.evolution.tolerances import TOLERANCES
from pinnsolve.running.budget import EARLY, Budget, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import as_shown
from pinnsolve.search.confirm import confirmed_residual, residual_that_is_enough
from pinnsolve.search.fit import Fit
from pinnsolve.search.task import Keep, Outcome, ignored

Record = Callable[[str, Fit, float], None]


def evolve(
    system: System,
    form: Form,
    goal: float,
    budget: Budget,
    seed: int,
    record: Record,
    before: Runs | None = None,
    keep: Keep = ignored,
) -> Outcome:
    """Find where to stretch, then widen until two independent runs agree to the goal, or the budget
    is used.

    Runs that were made `before` are not made again, and one that was ended early is gone on with.
    At every step `keep` is told how the best so far is had. What does not end "met" has all runs
    with it, to go on from.
    """
    held = {each.plan: each for each in (before or Runs()).held}
    made = Made(system, form, budget, record, keep, held)
    try:
        grown = _evolved(made, goal, seed)
    except EARLY as error:
        if not made.fits:
            raise
        return made.so_far(why(error))
    return grown if grown.stopped == Stop.MET else replace(grown, unfinished=made.runs)


def begins_within(system: System, form: Form, budget: Budget) -> bool:
    """Whether at least the first run fits into memory."""
    return steps_within(system, form, first_width(system), 0, budget.bytes_free()) >= 1


def bytes_left_by(found: Outcome) -> float:
    """What the runs take that an evolution leaves, to be gone on with."""
    return bytes_of(runs_of(found.unfinished) or Runs())


def _enough(goal: float) -> float:
    return residual_that_is_enough(goal, WIDTHS.promising)


def _evolved(made: Made, goal: float, seed: int) -> Outcome:
    """Runs of more and more functions, until the last two, or one and its check, agree."""
    system, budget = made.system, made.budget
    plan, fine = first_plan(made, goal, seed)
    before: Fit | None = None
    coarser: Fit | None = None  # the run of as many functions, and larger steps
    while True:
        fitted, plan = _looked_at(made, plan)
        if budget.spent() > budget.seconds:
            return better_of(system, before, fitted, Stop.BUDGET)
        wider = widened(plan, fitted, fine)
        enough = fitted.residual <= _enough(goal)
        falling = _falls(fitted, before) and _falls(fitted, coarser)
        last = not _affordable(made, wider, fitted) or not (enough or falling)
        hopeless = _hopeless(before, fitted, last)
        if hopeless is not None:
            return better_of(system, before, fitted, hopeless)
        known = before is not None or plan.rtol <= fine
        if last and plan.rtol > fine and not (enough and known):  # it may be of the steps
            before, coarser, plan = None, fitted, replace(plan, rtol=fine)
            continue
        # A check is a run, with more functions: it is made where it may end the solve.
        if last or (enough and known and _close(system, before, fitted, goal)):
            grown, seconds = _checked(made, plan, richer(plan, fine), fitted, goal)
            if grown.estimate <= goal and enough:
                return grown
            # Where no more functions are affordable, or help, what is left may be of the steps.
            finer, of_steps = TOLERANCES.finer_than(fine, TOLERANCES.finer), _falls(fitted, coarser)
            if last and of_steps and finer < fine and _is_time(budget, seconds):
                before, coarser, plan, fine = None, fitted, replace(plan, rtol=finer), finer
                continue
            if last:
                late = (falling and made.space) or budget.spent() > budget.seconds
                return replace(grown, stopped=Stop.BUDGET if late else Stop.STAGNATED)
        before, coarser, plan = fitted, None, wider


def _falls(fitted: Fit, before: Fit | None) -> bool:
    """Whether a run leaves less than the one before; True, where there is none."""
    return before is None or not fitted.residual > WIDTHS.stagnant * before.residual


def _affordable(made: Made, wider: Plan, fitted: Fit) -> bool:
    """Whether a wider run, and one that checks it, fit into time and memory."""
    budget = made.budget
    return (
        bool(made.space)
        and wider.width * made.system.n_unknowns <= WIDTHS.widest
        and _is_time(budget, fitted.seconds)
        and made.has_room(richer(wider), fitted.solved.rows)
    )


def _is_time(budget: Budget, seconds: float) -> bool:
    """Whether another run, and its check, are affordable after one that took so many seconds."""
    return budget.spent() + WIDTHS.seconds_wanted * seconds < budget.seconds


def _close(system: System, before: Fit | None, fitted: Fit, goal: float) -> bool:
    """Whether a run is near enough to the one before that a check may end the solve."""
    most = WIDTHS.worth_checking * goal
    return before is None or difference_of(system, before, fitted) < most


def _hopeless(before: Fit | None, fitted: Fit, last: bool) -> Stop | None:
    """Why more functions would not help: the last run blew up, or two in a row are far off."""
    if last and not math.isfinite(fitted.residual):
        return fitted.stopped
    if before is not None and not min(before.residual, fitted.residual) < WIDTHS.credible:
        return Stop.STAGNATED if fitted.stopped == Stop.SOLVED else fitted.stopped
    return None


def _checked(
    made: Made, plan: Plan, richer: Plan, fitted: Fit, goal: float
) -> tuple[Outcome, float]:
    """The better of the run and an independent, richer one, and the seconds that this one took.

    Where errors fall slowly, they are more than two runs differ by. Where both agree to the goal,
    the residual on many more points has to be small enough too: if it is not, the estimate is as
    far from the goal.
    """
    again = made.tried("check", richer)
    grown = better_of(made.system, fitted, again, Stop.MET)
    grown = replace(grown, estimate=made.error_by(plan, richer, grown.estimate))
    if grown.estimate <= goal and fitted.residual <= _enough(goal):
        residual = confirmed_residual(made.system, grown.fit.field, grown.fit.seed)
        if residual > _enough(goal):
            far = goal * residual / _enough(goal)
            grown = replace(grown, estimate=max(grown.estimate, far))
        grown = as_shown(made.system, grown)
    return grown, again.seconds


def _looked_at(made: Made, plan: Plan) -> tuple[Fit, Plan]:
    """The run of a plan, and again with steps that see what the equations do in a short time along
    it, as long as there is more of that.
    """
    fitted = made.tried("grow", plan)
    for _ in range(TOLERANCES.turns):
        # What a function of the unknowns does in a moment is seen along a path alone, and only then
        # can steps look out for it.
        more = instants(made.system, fitted.field, made.form.axis, plan.instants)
        if not (more and math.isfinite(fitted.residual)):
            break
        plan = replace(plan, instants=(*plan.instants, *more))
        fitted = made.tried("grow", plan)
    return fitted, plan
