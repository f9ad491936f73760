"""Evolutions in one basis of space and time, and separated: which comes first, and for how long."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pinnsolve.coefficients.flat import flattest_field
from pinnsolve.compile.system import with_held_out_data
from pinnsolve.discretize.collocate import most_columns
from pinnsolve.discretize.consistency import jump_at_corners
from pinnsolve.discretize.recognize import Form
from pinnsolve.evolution.evolve import bytes_left_by, evolve
from pinnsolve.evolution.foreseen import beside
from pinnsolve.evolution.runs import runs_of
from pinnsolve.running.budget import Budget
from pinnsolve.running.stop import Stop
from pinnsolve.search.grow import grow_to_tolerance
from pinnsolve.search.task import Outcome, Strategy, Task, as_asked
from pinnsolve.strategies.order import ORDER
from pinnsolve.strategies.two import DETERMINED, FINAL, both, enough, settles, until
from pinnsolve.strategies.worth import known_residual
from pinnsolve.symbols.warned import warn


def at_once(task: Task) -> Outcome:
    """In one basis of all coordinates, space and time alike; data that are held out judge it."""
    split = with_held_out_data(task.system)
    most = most_columns(split)

    def narrower(budget: Budget) -> Budget:
        return replace(budget, columns=min(budget.columns, most))

    whole = None if task.whole is None else narrower(task.whole)
    return grow_to_tolerance(replace(task, system=split, budget=narrower(task.budget), whole=whole))


@dataclass(frozen=True, eq=False)
class Separated:
    """Functions of space, with coefficients that follow an ordinary differential equation."""

    form: Form

    def __call__(self, task: Task) -> Outcome:
        """To the tolerance, or as far as is worth it; runs that were begun go on."""
        jump = jump_at_corners(task.system, self.form)
        # A millionth is worth a word; a linear equation was solved before, and its report says what
        # does not agree.
        if jump > 1e-6 and not task.system.linear:
            warn(
                f"initial and side values differ by {jump:.1e} of the initial values' size (of the"
                " side values', where those vanish) where they meet: the solution is rough there,"
                " and converges slowly; make the data agree, if they should"
            )
        goal = ORDER.separated if task.tolerance is None else task.tolerance
        begun = runs_of(task.begun)
        outcome = evolve(
            task.system, self.form, goal, task.budget, task.seed, task.record, begun, task.keep
        )
        return as_asked(task, outcome)


def at_once_first(task: Task, separated: Strategy) -> Outcome:
    """One basis of space and time first, the most accurate; then their separation. Where there is
    one dimension of space, both have a short turn: one of them is seldom quick.
    """
    linear = task.system.linear
    if linear and _both_are_near(task):
        return _by_turns(task, separated)
    share, seconds = (
        (ORDER.linear_share, math.inf) if linear else (ORDER.first_share, ORDER.seconds)
    )
    outcome = at_once(task.within(until(task.budget, share, seconds)))
    return outcome if _is_known(task, outcome) else _or_separated(task, outcome, separated)


def _both_are_near(task: Task) -> bool:
    """Whether the tolerance is one that the separation may reach, which costs little on a line."""
    asked = task.tolerance is not None and task.tolerance >= ORDER.separated
    return asked and len(task.system.domain.coordinates) == 2


def _by_turns(task: Task, separated: Strategy) -> Outcome:
    """One basis, the separation, and one basis again with what is left of the seconds."""
    budget = task.budget
    short, longer = (until(budget, 1.0, s) for s in (ORDER.first_turn, ORDER.second_turn))
    # What promises the goal within the longer turn goes on.
    first = at_once(replace(task, budget=short, whole=longer))
    if _is_known(task, first) or budget.left() <= 0:
        return first
    found = _or_separated(task.within(until(budget, 1.0, ORDER.second_turn)), first, separated)
    if settles(task, found) or budget.left() <= 0:
        return found
    return both(found, at_once, task)


def _is_known(task: Task, outcome: Outcome) -> bool:
    """Whether nothing is to be added to what one basis of space and time has found."""
    if outcome.stopped in FINAL or enough(task, outcome):
        return True
    ordinary = len(task.system.domain.coordinates) == 1
    return outcome.stopped in DETERMINED and not ordinary


def _or_separated(task: Task, outcome: Outcome, separated: Strategy) -> Outcome:
    try:
        return both(outcome, separated, task)
    except ValueError:  # data that are not smooth in time, or not finite at its start
        return outcome


def separated_first(task: Task, separated: Strategy) -> Outcome:
    """The separation first, where equations are not linear, or have no space; then one basis."""
    budget, ordinary = task.budget, len(task.system.domain.coordinates) == 1
    # There is no other way for an ordinary equation: it has the whole budget.
    share = 1.0 if ordinary else ORDER.separated_share
    outcome = separated(replace(task, budget=replace(budget, seconds=share * budget.seconds)))
    final = outcome.stopped in FINAL or enough(task, outcome)
    # An ordinary equation's path is not in doubt.
    if final or ordinary or budget.spent() > budget.seconds:
        return outcome
    ends = _ends(task, outcome)
    patience = min(ORDER.seconds, max(ORDER.brief, budget.spent())) if ends else _rest(budget)
    rest = beside(until(budget, 1.0, patience), task.system, bytes_left_by(outcome))
    if rest is None:
        return outcome
    other = replace(task, budget=rest, guess=flattest_field(task.system))
    return both(outcome, at_once, other, outcome.stopped if ends else "")


def _rest(budget: Budget) -> float:
    """The seconds of the last way: all that are left, where they have a limit."""
    return math.inf if math.isfinite(budget.seconds) else ORDER.seconds


def _ends(task: Task, outcome: Outcome) -> bool:
    """Whether it is believed that the solution ends before its time."""
    ends = outcome.stopped in (Stop.BLOW_UP, Stop.NOT_FINITE)
    return ends and known_residual(task.system, outcome.fit) < ORDER.end_believed
