"""The automatic solution of an evolution: where space wants to be stretched, how many functions,
how small the steps.

Like the choice and growth for other problems: runs are judged by residuals on fresh points of space
and time, the next is learned from the last, and a second, independent draw with smaller steps gives
the estimate.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from pinnsolve.compile.system import System
from pinnsolve.discretize.own_features import instants
from pinnsolve.discretize.recognize import Form
from pinnsolve.evolution.foreseen import steps_within
from pinnsolve.evolution.made import Made, better_of, bytes_of, difference_of
from pinnsolve.evolution.peaks import distinct, peaks
from pinnsolve.evolution.runs import Plan, Runs
from pinnsolve.running.budget import EARLY, Budget, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import SECOND_DRAW
from pinnsolve.search.confirm import confirmed_residual
from pinnsolve.search.fit import Fit
from pinnsolve.search.scales import periodic_coordinates
from pinnsolve.search.task import Keep, Outcome, ignored

Record = Callable[[str, Fit, float], None]
FIRST = (64, 100, 200)  # functions of the first run, in one, two, three dimensions of space
COARSE = 1e-5  # tolerance of steps while the place of stretching is sought
FINE, FINEST = 0.03, 1e-12  # tolerance of steps, relative to the goal; and the least
# Times smaller steps' errors, where two runs differ though more functions do not help: of stiff
# motions
FINER = 30
CREDIBLE = 0.3  # a residual above which two widths in a row say that this is not the way
THICKNESSES = (0.1, 0.5, 2.0)  # tried, in units of a peak's half-width
BETTER = 0.5  # a residual that is below this part of another
PLACES = 3  # of stretching, at most
PATIENCE, FEW = (
    5,
    100,
)  # a stretched space that wants so many times the steps, and more than so few, is given up
GROWTH = 1.5
TURNS = 4  # in which a path is followed anew, past what it has met
FALLS = 0.4  # a residual that falls by this with one widening needs no stretching
STAGNANT = 0.7  # and one that falls by less than this does not fall
RICHER = 1.2  # times as many functions, in the run that checks another
UNRESOLVED = 1e-3  # a residual that asks for stretching, if a few more functions do not help
PROMISING = (
    1e3  # the residual, of higher derivatives, may be this many times the goal for the values
)
WIDEST = 1600  # functions times unknowns: a step takes the cube of it


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
    made = Made(system, form, budget, record, keep, deque([before or Runs()], maxlen=1))
    try:
        grown = _evolved(made, goal, seed)
    except EARLY as error:
        if not made.fits:
            raise
        return made.so_far(why(error))
    return grown if grown.stopped == Stop.MET else replace(grown, unfinished=made.runs[0])


def begins_within(system: System, form: Form, budget: Budget) -> bool:
    """Whether at least the first run fits into memory."""
    return steps_within(system, form, _first_width(system), 0, budget.bytes_free()) >= 1


def bytes_left_by(found: Outcome) -> float:
    """What the runs take that an evolution leaves, to be gone on with."""
    return bytes_of(found.unfinished) if isinstance(found.unfinished, Runs) else 0.0


def _first_width(system: System) -> int:
    return FIRST[max(len(system.domain.coordinates) - 2, 0)]


def _evolved(made: Made, goal: float, seed: int) -> Outcome:
    system, form, budget, tried = made.system, made.form, made.budget, made.tried
    names = [c.name for i, c in enumerate(system.domain.coordinates) if i != form.axis]
    fine = max(FINE * goal, FINEST)
    periodic = tuple(n for n in periodic_coordinates(system) if n in names)
    coarse = Plan(_first_width(system), (), periodic, max(COARSE, fine), seed)
    plan, first = _planned(made, coarse)
    plan = replace(
        plan,
        rtol=fine,
        steps=max(PATIENCE**2 * first.solved.rows, PATIENCE * FEW) if names else math.inf,
    )
    before: Fit | None = None
    while True:
        found, plan = _looked_at(system, form, plan, tried("grow", plan), tried)
        if budget.spent() > budget.seconds:
            return better_of(system, before, found, Stop.BUDGET)
        enough = found.residual <= PROMISING * goal
        falling = before is None or not found.residual > STAGNANT * before.residual
        wider = round(GROWTH * plan.width)
        affordable = (
            bool(names)
            and wider * system.n_unknowns <= WIDEST
            and budget.spent() + 3 * found.seconds < budget.seconds
        )
        affordable = affordable and made.has_room(
            _richer(replace(plan, width=wider)), found.solved.rows
        )
        last = not affordable or not (enough or falling)
        if last and not math.isfinite(found.residual):
            return better_of(system, before, found, found.stopped)
        if before is not None and not min(before.residual, found.residual) < CREDIBLE:
            return better_of(
                system,
                before,
                found,
                Stop.STAGNATED if found.stopped == Stop.SOLVED else found.stopped,
            )
        if last or (
            enough and (before is None or difference_of(system, before, found) < 100 * goal)
        ):
            again = tried("check", _richer(plan))
            grown = better_of(system, found, again, Stop.MET)
            if grown.estimate <= goal and enough:
                grown = _confirmed(system, grown, goal)
                if grown.estimate <= goal:
                    return grown
            finer = max(plan.rtol / FINER, FINEST)
            if last and finer < plan.rtol and budget.spent() + 3 * again.seconds < budget.seconds:
                before, plan = None, replace(plan, rtol=finer)
                continue
            if last:
                return replace(
                    grown,
                    stopped=(
                        Stop.BUDGET
                        if (falling and names) or budget.spent() > budget.seconds
                        else Stop.STAGNATED
                    ),
                )
        before, plan = found, replace(plan, width=wider)


def _planned(made: Made, plan: Plan) -> tuple[Plan, Fit]:
    """A few more functions, if they help; else places to stretch. And the last run."""
    system, form, tried = made.system, made.form, made.tried
    found, fall = tried("choose", plan), 1.0
    names = len(system.domain.coordinates) - 1
    while (
        names
        and found.residual > UNRESOLVED
        and (fall < FALLS or plan.width < 2 * FIRST[names - 1])
    ):
        widened = replace(plan, width=round(GROWTH * plan.width))
        if not made.has_room(_richer(widened), found.solved.rows):
            break
        plan, wider = widened, tried("choose", widened)
        fall, found = (
            (wider.residual / found.residual if math.isfinite(wider.residual) else 1.0),
            wider,
        )
    return (
        _placed(system, form, plan, found, tried)
        if names and found.residual > UNRESOLVED
        else (plan, found)
    )


def _confirmed(system: System, grown: Outcome, goal: float) -> Outcome:
    """The same; if its residual on many more points is not enough, with an estimate that is as far
    from the goal.
    """
    found = confirmed_residual(system, grown.fit.field, grown.fit.seed)
    return (
        replace(grown, estimate=max(grown.estimate, found / PROMISING))
        if found > PROMISING * goal
        else grown
    )


def _looked_at(
    system: System, form: Form, plan: Plan, found: Fit, tried: Callable[[str, Plan], Fit]
) -> tuple[Fit, Plan]:
    """The run again, with steps that see what the equations do in a short time along it, as long as
    there is more of that.
    """
    for _ in range(TURNS):
        more = instants(system, found.field, form.axis, plan.instants)
        if not (more and math.isfinite(found.residual)):
            break
        plan = replace(plan, instants=(*plan.instants, *more))
        found = tried("grow", plan)
    return found, plan


def _richer(plan: Plan) -> Plan:
    """An independent draw, with more functions and smaller steps."""
    width = round(RICHER * plan.width)
    return replace(plan, width=width, seed=plan.seed + SECOND_DRAW, rtol=max(plan.rtol / 3, FINEST))


def _placed(
    system: System, form: Form, plan: Plan, found: Fit, tried: Callable[[str, Plan], Fit]
) -> tuple[Plan, Fit]:
    """Places of stretching, as long as one more makes the residual fall by half. And the run in
    them.
    """
    while len(plan.places) < PLACES:
        narrow = distinct(peaks(system, form, found))
        options = [
            replace(
                plan,
                places=(*plan.places, (name, centre, by * width)),
                steps=max(PATIENCE * found.solved.rows, FEW),
            )
            for name, centre, width in narrow
            for by in THICKNESSES
        ]
        runs = [(tried("choose", option), option) for option in options]
        if not runs:
            break
        better, option = min(runs, key=lambda pair: pair[0].residual)
        if not better.residual < BETTER * found.residual:
            break
        found, plan = better, option
    return plan, found
