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
from pinnsolve.evolution.peaks import distinct, peaks
from pinnsolve.evolution.runs import Plan, Runs, runs_of
from pinnsolve.running.budget import EARLY, Budget, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import SECOND_DRAW
from pinnsolve.search.confirm import confirmed_residual, residual_that_is_enough
from pinnsolve.search.fit import Fit
from pinnsolve.search.scales import periodic_coordinates
from pinnsolve.search.task import Keep, Outcome, ignored

Record = Callable[[str, Fit, float], None]
# Functions of the first run, in one, two, three dimensions of space.
FIRST = (64, 100, 200)
# Tolerance of steps while the place of stretching is sought.
COARSE = 1e-5
# Tolerance of steps, relative to the goal; and the least.
FINE, FINEST = 0.03, 1e-12
# Times smaller steps, where two runs differ though more functions do not help: stiff motions.
FINER = 30
# A residual above which two widths in a row say that this is not the way.
CREDIBLE = 0.3
# Tried, in units of a peak's half-width.
THICKNESSES = (0.1, 0.5, 2.0)
# A residual that is below this part of another.
BETTER = 0.5
PLACES = 3  # of stretching, at most
# A stretched space that wants so many times the steps, and more than so few, is given up.
PATIENCE, FEW = 5, 100
GROWTH = 1.5
# In which a path is followed anew, past what it has met.
TURNS = 4
# A residual that falls by this with one widening needs no stretching.
FALLS = 0.4
# And one that falls by less than this does not fall.
STAGNANT = 0.7
# Times as many functions, in the run that checks another.
RICHER = 1.2
# A residual that asks for stretching, if a few more functions do not help.
UNRESOLVED = 1e-3
# The residual, of higher derivatives, may be this many times the goal for the values.
PROMISING = 1e3
# Functions times unknowns: a step takes the cube of it.
WIDEST = 1600


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
    return steps_within(system, form, _first_width(system), 0, budget.bytes_free()) >= 1


def bytes_left_by(found: Outcome) -> float:
    """What the runs take that an evolution leaves, to be gone on with."""
    return bytes_of(runs_of(found.unfinished) or Runs())


def _enough(goal: float) -> float:
    return residual_that_is_enough(goal, PROMISING)


def _first_width(system: System) -> int:
    return FIRST[max(len(system.domain.coordinates) - 2, 0)]


def _evolved(made: Made, goal: float, seed: int) -> Outcome:
    """Runs of more and more functions, until the last two, or one and its check, agree."""
    system, budget = made.system, made.budget
    plan = _first_plan(made, goal, seed)
    before: Fit | None = None
    while True:
        fitted, plan = _looked_at(made, plan)
        if budget.spent() > budget.seconds:
            return better_of(system, before, fitted, Stop.BUDGET)
        wider = replace(plan, width=round(GROWTH * plan.width))
        enough = fitted.residual <= _enough(goal)
        falling = before is None or not fitted.residual > STAGNANT * before.residual
        last = not _affordable(made, wider, fitted) or not (enough or falling)
        hopeless = _hopeless(before, fitted, last)
        if hopeless is not None:
            return better_of(system, before, fitted, hopeless)
        # A check is a run, with more functions: it is made where it may end the solve.
        if last or (
            enough and (before is None or difference_of(system, before, fitted) < 100 * goal)
        ):
            grown, seconds = _checked(made, plan, fitted, goal)
            if grown.estimate <= goal and enough:
                return grown
            # Where no more functions are affordable, or help, what is left may be of the steps.
            finer = replace(plan, rtol=max(plan.rtol / FINER, FINEST))
            if last and finer.rtol < plan.rtol and budget.spent() + 3 * seconds < budget.seconds:
                before, plan = None, finer
                continue
            if last:
                late = (falling and made.space) or budget.spent() > budget.seconds
                return replace(grown, stopped=Stop.BUDGET if late else Stop.STAGNATED)
        before, plan = fitted, wider


def _first_plan(made: Made, goal: float, seed: int) -> Plan:
    """Where space is stretched and how many functions it has, found with coarse steps; now with
    steps for the goal.
    """
    fine = max(FINE * goal, FINEST)
    periodic = tuple(n for n in periodic_coordinates(made.system) if n in made.space)
    coarse = Plan(_first_width(made.system), (), periodic, max(COARSE, fine), seed)
    plan, first = _planned(made, coarse)
    most = max(PATIENCE**2 * first.solved.rows, PATIENCE * FEW) if made.space else math.inf
    return replace(plan, rtol=fine, steps=most)


def _affordable(made: Made, wider: Plan, fitted: Fit) -> bool:
    """Whether a wider run, and one that checks it, fit into time and memory."""
    budget = made.budget
    return (
        bool(made.space)
        and wider.width * made.system.n_unknowns <= WIDEST
        and budget.spent() + 3 * fitted.seconds < budget.seconds
        and made.has_room(_richer(wider), fitted.solved.rows)
    )


def _hopeless(before: Fit | None, fitted: Fit, last: bool) -> Stop | None:
    """Why more functions would not help: the last run blew up, or two in a row are far off."""
    if last and not math.isfinite(fitted.residual):
        return fitted.stopped
    if before is not None and not min(before.residual, fitted.residual) < CREDIBLE:
        return Stop.STAGNATED if fitted.stopped == Stop.SOLVED else fitted.stopped
    return None


def _checked(made: Made, plan: Plan, fitted: Fit, goal: float) -> tuple[Outcome, float]:
    """The better of the run and an independent, richer one, and the seconds that this one took.

    Where both agree to the goal, the residual on many more points has to be small enough too: if it
    is not, the estimate is as far from the goal.
    """
    again = made.tried("check", _richer(plan))
    grown = better_of(made.system, fitted, again, Stop.MET)
    if grown.estimate <= goal and fitted.residual <= _enough(goal):
        residual = confirmed_residual(made.system, grown.fit.field, grown.fit.seed)
        if residual > _enough(goal):
            far = goal * residual / _enough(goal)
            grown = replace(grown, estimate=max(grown.estimate, far))
    return grown, again.seconds


def _planned(made: Made, plan: Plan) -> tuple[Plan, Fit]:
    """A few more functions, if they help; else places to stretch. And the last run."""
    fitted, fall = made.tried("choose", plan), 1.0
    if not made.space:
        return plan, fitted
    few = 2 * FIRST[len(made.space) - 1]
    while fitted.residual > UNRESOLVED and (fall < FALLS or plan.width < few):
        widened = replace(plan, width=round(GROWTH * plan.width))
        if not made.has_room(_richer(widened), fitted.solved.rows):
            break
        wider = made.tried("choose", widened)
        fall = wider.residual / fitted.residual if math.isfinite(wider.residual) else 1.0
        plan, fitted = widened, wider
    return _placed(made, plan, fitted) if fitted.residual > UNRESOLVED else (plan, fitted)


def _looked_at(made: Made, plan: Plan) -> tuple[Fit, Plan]:
    """The run of a plan, and again with steps that see what the equations do in a short time along
    it, as long as there is more of that.
    """
    fitted = made.tried("grow", plan)
    for _ in range(TURNS):
        # What a function of the unknowns does in a moment is seen along a path alone, and only then
        # can steps look out for it.
        more = instants(made.system, fitted.field, made.form.axis, plan.instants)
        if not (more and math.isfinite(fitted.residual)):
            break
        plan = replace(plan, instants=(*plan.instants, *more))
        fitted = made.tried("grow", plan)
    return fitted, plan


def _richer(plan: Plan) -> Plan:
    """An independent draw, with more functions and smaller steps."""
    width = round(RICHER * plan.width)
    return replace(plan, width=width, seed=plan.seed + SECOND_DRAW, rtol=max(plan.rtol / 3, FINEST))


def _placed(made: Made, plan: Plan, fitted: Fit) -> tuple[Plan, Fit]:
    """Places of stretching, as long as one more makes the residual fall by half. And the run in
    them.
    """
    while len(plan.places) < PLACES:
        narrow = distinct(peaks(made.system, made.form, fitted))
        options = [
            replace(
                plan,
                places=(*plan.places, (name, centre, by * width)),
                steps=max(PATIENCE * fitted.solved.rows, FEW),
            )
            for name, centre, width in narrow
            for by in THICKNESSES
        ]
        runs = [(made.tried("choose", option), option) for option in options]
        if not runs:
            break
        better, option = min(runs, key=lambda pair: pair[0].residual)
        if not better.residual < BETTER * fitted.residual:
            break
        fitted, plan = better, option
    return plan, fitted
