"""How an evolution is begun: how many functions hold its initial data, and where space wants to be
stretched, found with coarse steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pinnsolve.compile.system import System
from pinnsolve.evolution.made import Made
from pinnsolve.evolution.peaks import STRETCHING, distinct, peaks
from pinnsolve.evolution.reflected import vanishing_at_ends
from pinnsolve.evolution.runs import Plan
from pinnsolve.evolution.tolerances import TOLERANCES
from pinnsolve.search.agreement import SECOND_DRAW
from pinnsolve.search.fit import Fit
from pinnsolve.search.scales import periodic_coordinates


@dataclass(frozen=True)
class Widths:
    """How many functions of space an evolution gets, and when more of them are no use."""

    # Functions of the first run, in one, two, three dimensions of space, or more
    first: tuple[int, ...] = (64, 100, 200)
    # Times as many, in the next run
    widening: float = 1.5
    # Times as many, in the run that checks another
    check_widening: float = 1.2
    # Functions times unknowns, at most: a step takes the cube of it
    widest: int = 1600
    # Times the seconds of a run, that have to be left for another one and its check
    seconds_wanted: float = 3.0
    # A residual above which two widths in a row say that this is not the way
    credible: float = 0.3
    # A residual that is not below this part of the last one's does not fall
    stagnant: float = 0.7
    # Times the goal for the values, that the residual may be: it is of higher derivatives
    promising: float = 1e3
    # Of the residual of a space, what its steps may leave
    of_space: float = 1e-3
    # Times the goal, by which two widths may differ before they are worth a check
    worth_checking: float = 100.0


WIDTHS = Widths()


def first_width(system: System) -> int:
    """How many functions of space the first run has."""
    dimension = len(system.domain.coordinates) - 1
    return WIDTHS.first[min(max(dimension, 1), len(WIDTHS.first)) - 1]


def first_plan(made: Made, goal: float, seed: int) -> tuple[Plan, float]:
    """Where space is stretched and how many functions it has, found with coarse steps; now with
    steps for the goal, or for what the space leaves. And what a step may leave, for the goal.
    """
    # Beside what is stiff and turned on and off, as a penalty is, larger steps are refused.
    fine = min(TOLERANCES.fine(goal), TOLERANCES.coarse)
    periodic = tuple(n for n in periodic_coordinates(made.system) if n in made.space)
    coarse = replace(
        Plan(first_width(made.system), (), periodic, TOLERANCES.coarse, seed),
        vanishing=vanishing_at_ends(made.system, made.form),
    )
    plan, first = _planned(made, _begun_by(made, coarse) if made.space else coarse)
    if not made.space:
        return replace(plan, rtol=fine), fine
    most = STRETCHING.patience * STRETCHING.steps(first) * TOLERANCES.more_steps(plan.rtol, fine)
    return replace(plan, rtol=_suited(plan, first, fine), steps=most), fine


def widened(plan: Plan, fitted: Fit, fine: float) -> Plan:
    """More functions, and steps as fine as those of before are good for.

    What a space does not resolve turns in its fastest functions, undamped where waves disperse, and
    steps much finer than that would follow each of their turns.
    """
    return replace(_wider(plan), rtol=_suited(plan, fitted, fine))


def _wider(plan: Plan) -> Plan:
    return replace(plan, width=round(WIDTHS.widening * plan.width))


def _suited(plan: Plan, fitted: Fit, fine: float) -> float:
    """What steps may leave beside what a space does, no more than before."""
    return min(plan.rtol, max(fine, WIDTHS.of_space * fitted.residual))


def richer(plan: Plan, fine: float = math.inf) -> Plan:
    """An independent draw, with more functions and smaller steps."""
    width = round(WIDTHS.check_widening * plan.width)
    rtol = TOLERANCES.finer_than(min(plan.rtol, fine), TOLERANCES.check_finer)
    return replace(plan, width=width, seed=plan.seed + SECOND_DRAW, rtol=rtol)


def _begun_by(made: Made, plan: Plan) -> Plan:
    """With so many functions that they hold the initial data, if more of them soon do."""
    wider, left = plan, made.misfit(plan)
    while left > STRETCHING.unresolved:
        wider, before = _wider(wider), left
        if wider.width * made.system.n_unknowns > WIDTHS.widest or not made.has_room(wider):
            return plan
        left = made.misfit(wider)
        if left > WIDTHS.stagnant * before:  # a jump
            return plan
    return wider


def _planned(made: Made, plan: Plan) -> tuple[Plan, Fit]:
    """A few more functions, if they help; else places to stretch. And the last run."""
    fitted, fall = made.tried("choose", plan), 0.0
    if not made.space:
        return plan, fitted
    few = 2 * first_width(made.system)
    unresolved = STRETCHING.unresolved
    while fitted.residual > unresolved and (fall < STRETCHING.falling or plan.width < few):
        wider = _wider(plan)
        if not made.has_room(richer(wider), fitted.solved.rows):
            break
        after = made.tried("choose", wider)
        fall = after.residual / fitted.residual if math.isfinite(after.residual) else 1.0
        plan, fitted = wider, after
    return _placed(made, plan, fitted) if fitted.residual > unresolved else (plan, fitted)


def _placed(made: Made, plan: Plan, fitted: Fit) -> tuple[Plan, Fit]:
    """Places of stretching, as long as one more makes the residual fall by half. And the run in
    them.
    """
    while len(plan.places) < STRETCHING.most_places:
        narrow = distinct(peaks(made.system, made.form, fitted))
        options = [
            replace(
                plan,
                places=(*plan.places, (name, centre, by * width)),
                steps=STRETCHING.steps(fitted),
            )
            for name, centre, width in narrow
            for by in STRETCHING.thicknesses
        ]
        runs = [(made.tried("choose", option), option) for option in options]
        if not runs:
            break
        better, option = min(runs, key=lambda pair: pair[0].residual)
        if not better.residual < STRETCHING.better * fitted.residual:
            break
        fitted, plan = better, option
    return plan, fitted
