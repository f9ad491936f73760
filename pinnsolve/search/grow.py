"""Growth: the width is doubled until two independent solutions agree to the tolerance, or nothing
gets better.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pinnsolve.basis.basis import Declaration
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import NotFiniteError
from pinnsolve.discretize.measure import difference, largest_change
from pinnsolve.discretize.own_features import own_residual
from pinnsolve.discretize.places import around_places
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.field import Field
from pinnsolve.running.budget import EARLY, Budget, why
from pinnsolve.search.choose import Chosen, choose, first_width
from pinnsolve.search.confirm import UNRELIABLE, confirmed_residual
from pinnsolve.search.families.family import Family
from pinnsolve.search.fit import Fit, fit
from pinnsolve.search.null_space import UNIQUE, Kernel, kernel, smooth_kernel
from pinnsolve.search.resume import Begun, chosen_before
from pinnsolve.search.stuck import NoSolutionError, require_progress, rests

Record = Callable[[str, Fit, float], None]
BEST = 1e-13  # a relative residual that float64 hardly passes
PROMISING = (
    30.0  # the residual, of higher derivatives, may be this many times the goal for the values
)
STEPS = (
    2.0,
    1.4,
)  # factors of width: the larger one, unless only the smaller can be afforded, or will do
SURELY = 0.2  # of the residual that is enough: where one predicted is below, it will do
SATURATED = 0.8  # of the columns: an effective rank below it is limited by round-off
STEEPER, STEEPER_TRIES = 1.5, 3  # factor, and times that it is applied at one width
CAUTIOUS, LEAST = (
    3.0,
    0.03,
)  # times the error that residuals promise; but no less than this part of a difference
KEPT = 8  # of the best fits, in case that growth ends early
# A residual of a basis that sees null functions, if there are any: wider ones need not be asked
# again
RESOLVED = 1e-4
JUDGED = 2048  # points by which fields are compared
SECOND_DRAW = 1_000_003  # added to the seed: other neurons, other points


@dataclass(frozen=True)
class Grown:
    """The last good fit, its estimated relative L2 error, its null space, and why growth stopped.

    `maximum` estimates the largest error, relative to the largest deviation from the mean.
    `unfinished` is what an evolution, or a march, was in the midst of when it was ended: it can be
    gone on with. `lost` is how many digits of the data's the solution loses, where that is known;
    `missed` the part of the data that no function satisfies.
    """

    fit: Fit
    estimate: float
    null_space: int
    stopped: str
    maximum: float = math.nan
    unfinished: Any = None
    lost: float = 0.0
    missed: float = 0.0


Keep = Callable[
    [Callable[[], Grown]], None
]  # told how the best so far is had: it may be written to a file


def ignored(offer: Callable[[], Grown]) -> None:
    """Nobody keeps the best so far."""


@dataclass(frozen=True, eq=False)
class _Task:
    """What all fits of one growth have in common."""

    system: System
    goal: float
    budget: Budget
    seed: int
    record: Record

    def fit(self, stage: str, declared: Declaration, seed: int, near: Field | None) -> Fit:
        """One fit, recorded."""
        found = fit(self.system, declared, seed, goal=self.goal, near=near, budget=self.budget)
        self.record(stage, found, math.nan)
        return found

    def columns(self, found: Fit) -> int:
        """Of the fit's least-squares problem."""
        return found.expansion.space.columns

    def affords(self, columns: int, found: Fit) -> bool:
        """Whether the budget allows a fit of so many columns; its seconds are foreseen by what
        another fit took.
        """
        return self.budget.allows(columns, (columns / self.columns(found)) ** 3 * found.seconds)

    def affords_again(self, found: Fit) -> bool:
        """Whether the budget allows another fit of that width."""
        return self.affords(self.columns(found), found)


def grow_to_tolerance(
    system: System,
    tolerance: float | None,
    budget: Budget,
    seed: int,
    record: Record,
    guess: Field | None = None,
    begun: Begun | None = None,
) -> Grown:
    """Choose families, then double the width of the first; where it stagnates, others are tried at
    its width.

    Where the residual promises the tolerance, a second, narrower basis is drawn: the difference of
    the two, relative in L2, is the error of that one, and scaled by their residuals the estimate.
    Ends "met" (estimate and residual), "stagnated" (the residual falls by less than half), "budget"
    (the next width would pass it), "not unique", "no solution" (Newton's method is stuck at the
    same residual in several bases), or "interrupted" (Ctrl-C, with the best so far). A nonlinear
    problem is begun from the field `guess`; every later fit from the best before it. With `begun`,
    growth goes on from there, without the search.
    """
    seen: list[Fit] = []
    failed: list[Fit] = []
    goal = tolerance if tolerance is not None else BEST

    def remember(stage: str, found: Fit, estimate: float = math.nan) -> None:
        seen[:] = sorted([*seen, found.light()], key=_rank)[:KEPT]
        record(stage, found, estimate)  # a callback may be interrupted: by now the fit is known
        if stage != "check" and found.residual > PROMISING * goal:
            failed[:] = [
                *(f.light() for f in failed),
                found,
            ]  # the last one is asked for null functions
            require_progress(system, failed)

    try:
        chosen = (
            chosen_before(system, begun, goal)
            if begun
            else choose(system, goal, budget, seed, remember, guess)
        )
        if tolerance is None:
            chosen = replace(chosen, families=chosen.families[:1])
        grown = _double(_Task(system, goal, budget, seed, remember), chosen)
    except EARLY as error:
        return _best_of(system, seen, why(error), error)
    except NotFiniteError as error:
        return _best_of(system, seen, "not converged", error)
    except NoSolutionError as error:
        return _best_of(system, seen, "no solution", error)
    return (
        grown
        if tolerance is not None or grown.stopped != "met"
        else replace(grown, stopped="stagnated")
    )


def _rank(found: Fit) -> float:
    return found.residual if math.isfinite(found.residual) else math.inf


def _best_of(system: System, seen: Sequence[Fit], stopped: str, error: BaseException) -> Grown:
    """The best of the fits so far, the one that `error` ended among them; with an estimate, where
    there is another one.

    Raises the error again, if there is none.
    """
    unfinished = getattr(error, "best", None)
    fits = sorted([*seen, *([] if unfinished is None else [unfinished])], key=_rank)
    if not fits:
        raise error
    best = Grown(fits[0], math.nan, 0, stopped)
    rivals = [f for f in fits[1:] if math.isfinite(f.residual)]
    return replace(_compared(system, best, rivals[0]), stopped=stopped) if rivals else best


def _double(task: _Task, chosen: Chosen) -> Grown:
    system, goal = task.system, task.goal
    first, width, fall, step = first_width(system), chosen.width, chosen.fall, STEPS[0]
    enough = (
        goal if system.judged else PROMISING * goal
    )  # of data that were held out, the residual is itself the error
    family, *others = chosen.families
    given = chosen.found
    best: Grown | None = None
    known, unique = UNIQUE, False
    seen: list[Fit] = []
    while True:
        if given is None:
            given = task.fit(
                "grow", family.of_width(width), task.seed + width, best.fit.field if best else None
            )
        else:
            task.record("grow", given, math.nan)
        (found, family), given = _steep_enough(task, family, width, given), None
        known = known if unique else _kernel(task, found, first=best is None)
        found = found.light()  # before the next is begun
        here = Grown(found, math.nan, known.dimension, "interrupted", lost=known.lost)
        if here.null_space:
            return replace(here, stopped="no solution" if rests(system, found) else "not unique")
        unique = unique or found.residual < RESOLVED or known.lost > 0
        # At least of first order: half the residual for twice the functions.
        size = found.field.functions
        improved = best is None or found.residual < best.fit.residual * min(
            0.9, best.fit.field.functions / size
        )
        if best is None or found.residual <= best.fit.residual:
            best, narrower = here, family.of_width(round(width / STEPS[1]))
        if seen and found.residual < seen[-1].residual:
            doublings = math.log2(size / seen[-1].field.functions)
            fall = (
                (found.residual / seen[-1].residual) ** (1 / doublings) if doublings > 0 else fall
            )
        seen = [*seen[-1:], found]
        stagnant = (
            not improved and width > 4 * first and step == STEPS[0]
        )  # a short step may have had an unlucky draw
        affordable = [g for g in STEPS if task.affords(round(g * width) * system.n_unknowns, found)]
        again = task.affords_again(found)
        ending = not (others and again) if stagnant else not affordable
        if ending or best.fit.residual <= enough:
            rivals = [other for other in seen if other is not best.fit]
            checks = again or not rivals or math.isfinite(best.estimate)
            best = (
                _checked(task, best, narrower)
                if checks
                else _compared(system, best, rivals[-1], LEAST)
            )
            if best.estimate <= goal and best.fit.residual <= enough:
                best = _confirmed(system, best, goal, enough)
                if best.fit.residual <= enough:
                    return replace(best, stopped="met")
            if ending:
                failed = best.fit.stopped if best.fit.stopped != "solved" else ""
                return replace(
                    _doubted(system, best),
                    stopped=failed or ("stagnated" if stagnant else "budget"),
                )
        if stagnant:
            family, step = others.pop(0), STEPS[0]
            continue
        least = [g for g in affordable if found.residual * fall ** math.log2(g) < SURELY * enough]
        step = least[-1] if least and improved else affordable[0]
        width = round(step * width)
        if family.relearn is not None and best.fit is found:
            family = family.relearn(system, found, family)


def _kernel(task: _Task, found: Fit, first: bool) -> Kernel:
    """The fit's kernel. Smooth waves are asked too, if it has one that they may tell better from
    what is nearly null, and of a first fit that holds no solution: it may lack null functions as
    well.
    """
    known = kernel(task.system, found, task.budget)
    unresolved = first and known == UNIQUE and found.residual > UNRELIABLE
    if not task.system.linear or not (known.dimension or unresolved):
        return known
    other = smooth_kernel(task.system, task.seed, task.budget)
    return other if unresolved or (other.lost and not other.dimension) else known


def _steep_enough(task: _Task, family: Family, width: int, found: Fit) -> tuple[Fit, Family]:
    """The fit of a width, made steeper as long as round-off limits it and that helps; and its
    family.

    Of functions that are too flat only some can be told apart in float64, however many there are:
    the effective rank, far below the number of columns, shows it.
    """
    for _ in range(STEEPER_TRIES):
        steeper = family.steeper(STEEPER)
        saturated = steeper.shape != family.shape and found.solved.rank < SATURATED * task.columns(
            found
        )
        if not saturated or found.residual <= task.goal or not task.affords_again(found):
            break
        other = task.fit("grow", steeper.of_width(width), task.seed + width, found.field)
        if other.residual >= found.residual:
            break
        found, family = other, steeper
    return found, family


def _checked(task: _Task, best: Grown, narrower: Declaration) -> Grown:
    """The better of the fit and an independent, narrower draw, with the estimate that their
    difference gives.
    """
    if math.isfinite(best.estimate):
        return best
    seed = best.fit.seed + SECOND_DRAW
    second = fit(
        task.system, narrower, seed, goal=task.goal, near=best.fit.field, budget=task.budget
    )
    compared = _compared(task.system, best, second, LEAST)
    task.record("check", second, compared.estimate)
    return compared


def _doubted(system: System, best: Grown) -> Grown:
    """The same, with an estimate that is no less than the residual where functions of the unknowns
    vary fast.
    """
    own = own_residual(system, best.fit.field, JUDGED, best.fit.seed)
    return replace(best, estimate=max(best.estimate, own))


def _confirmed(system: System, best: Grown, goal: float, enough: float) -> Grown:
    """The same, with the residual on many more points; if that is not `enough`, the estimate is no
    less.
    """
    found = confirmed_residual(system, best.fit.field, best.fit.seed)
    if found <= enough:
        return best
    doubted = replace(
        best.fit, residuals=(*best.fit.residuals[1:], max(found, best.fit.residuals[0]))
    )
    return replace(best, fit=doubted, estimate=max(best.estimate, found))


def _compared(system: System, best: Grown, other: Fit, least: float = 0.0) -> Grown:
    """The better of two fits, with an estimate of its error.

    The difference is about the error of the worse one; that of the better is smaller as its
    residual is, or so we hope: `CAUTIOUS` times as much is claimed, and never less than `least` of
    the difference: residuals are those of some points.
    """
    x = sample_region(system.domain, JUDGED, best.fit.seed + SECOND_DRAW).x
    better, worse = sorted((best.fit, other), key=lambda found: found.residual)
    promised = min(1.0, max(least, CAUTIOUS * better.residual / max(worse.residual, 1e-300)))
    change = difference(system, worse.field, better.field, x)
    everywhere = np.concatenate([x, *around_places(system)])
    there, here = (found.field.values(everywhere) for found in (worse, better))
    largest = largest_change(system, there, here, better.field.support(everywhere))
    return replace(best, fit=better, estimate=promised * change, maximum=promised * largest)
