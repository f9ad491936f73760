"""Do two independent solutions agree? Their difference, in L2, is the error of the worse one.

Scaled by their residuals it estimates that of the better one, as far as residuals are believed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pinnsolve.basis.basis import Declaration
from pinnsolve.compile.system import System
from pinnsolve.discretize.changes import largest_change, relative_change, shares_of
from pinnsolve.discretize.measure import gap
from pinnsolve.discretize.own_features import own_residual
from pinnsolve.discretize.places import quadrature
from pinnsolve.discretize.tips import tips_of
from pinnsolve.search.confirm import confirmed_residual, least_error, shown_residuals
from pinnsolve.search.fit import Fit, fit, is_descended
from pinnsolve.search.task import Outcome, Task

# Added to the seed: other neurons, other points.
SECOND_DRAW = 1_000_003


@dataclass(frozen=True)
class Caution:
    """How far the promise of residuals is believed."""

    # A residual is that of some points: times the error that it promises, so much is claimed
    factor: float = 3.0
    # Nor is less claimed than this part of a difference, however small the residual is
    least: float = 0.03
    # For one condition's residual, or a gap between materials, so many times it is claimed at most
    across: float = 10.0
    # Points by which fields are compared: their L2 difference to some percent
    points: int = 2048
    # Draws of functions that are trained, until one's residual is at most so many times the first's
    draws: int = 3
    astray: float = 100.0


CAUTION = Caution()


def checked(task: Task, best: Outcome, narrower: Declaration) -> Outcome:
    """The better of the fit and an independent, narrower draw, with the estimate that their
    difference gives.
    """
    if math.isfinite(best.estimate):
        return best
    second = _drawn_again(task, best, narrower, 1)
    # What trains its functions ends in a bad minimum now and then. Such a draw tells of itself.
    for number in range(2, 1 + CAUTION.draws if is_descended(second) else 0):
        astray = second.residual > CAUTION.astray * best.fit.residual
        if not (astray and task.affords_again(second)):
            break
        other = _drawn_again(task, best, narrower, number)
        second = min(second, other, key=by_residual)
    outcome = compared(task.system, best, second, CAUTION.least)
    task.record("check", second, outcome.estimate)
    return outcome


def _drawn_again(task: Task, best: Outcome, narrower: Declaration, number: int) -> Fit:
    return fit(
        task.system,
        narrower,
        best.fit.seed + number * SECOND_DRAW,
        goal=task.goal,
        initial_guess=best.fit.field,
        budget=task.budget,
        like=task.like,
    )


def doubted(system: System, best: Outcome) -> Outcome:
    """The same, with an estimate that is no less than the residual where functions of the unknowns
    vary fast.
    """
    own = own_residual(system, best.fit.field, CAUTION.points, best.fit.seed)
    return replace(best, estimate=max(best.estimate, own))


def confirmed(system: System, best: Outcome, enough: float) -> Outcome:
    """The same, with the residual on many more points; if that is not `enough`, the estimate is no
    less, nor is it than the solution will say.
    """
    residual = confirmed_residual(system, best.fit.field, best.fit.seed)
    if residual <= enough:
        return as_shown(system, best)
    first, *others = best.fit.residuals
    fitted = replace(best.fit, residuals=(*others, max(residual, first)))
    return replace(best, fit=fitted, estimate=max(best.estimate, residual))


def as_shown(system: System, best: Outcome) -> Outcome:
    """The same, with an estimate that is no less than the solution's own: else a search would end
    with what is not met.
    """
    fitted = best.fit
    judged = system, fitted.field, fitted.seed
    shown = max(*shown_residuals(*judged), fitted.jump, fitted.kink)
    return replace(best, estimate=max(best.estimate, least_error(*judged, best.estimate, shown)))


def by_residual(fitted: Fit) -> float:
    """By what the better of two fits is told, if nothing else is said."""
    return fitted.residual


def compared(
    system: System,
    best: Outcome,
    other: Fit,
    least: float = 0.0,
    by: Callable[[Fit], float] = by_residual,
) -> Outcome:
    """The better of two fits, `by` a number that is smaller, with an estimate of its error.

    The difference is about the error of the worse one; that of the better is smaller as its
    residual is, and its jump between cells, or so we hope: `CAUTION.factor` times as much is
    claimed, and never less than `least` of the difference, nor than the better one's jump. Of waves
    around a disk residuals fell to a fifteenth, jumps and errors to 0.4 (docs/decisions/0040).
    The largest residual may be that of a spot beside a corner, and an error come from another
    condition, or from the values where materials meet: so each has a ratio of its own, but no more
    is claimed for it than `CAUTION.across` times what is left of it (docs/decisions/0063).
    """
    tips = tips_of((*best.fit.field.bases, *other.field.bases))
    points = quadrature(system, CAUTION.points, best.fit.seed + SECOND_DRAW, tips=tips)
    better, worse = sorted((best.fit, other), key=by)
    hoped = CAUTION.factor * max(
        _ratio(better.residual, worse.residual), _ratio(better.jump, worse.jump)
    )
    values, after = (fitted.field.values(points.x) for fitted in (worse, better))
    where = better.field.support(points.x)
    change = relative_change(system, values, after, where, shares_of(points))
    largest = largest_change(system, values, after, where)
    left, before = (
        (*fitted.residuals, gap(system, fitted.field, fitted.seed)) for fitted in (better, worse)
    )
    promised = min(1.0, max(least, hoped, _by_each(left, before, change)))
    estimate, largest = max(promised * change, better.jump), max(promised * largest, better.jump)
    return replace(best, fit=better, estimate=estimate, maximum=largest)


def _by_each(left: Sequence[float], before: Sequence[float], change: float) -> float:
    """The part of a change that is claimed for the condition that gains least of it: as much as its
    residual fell by, and `CAUTION.across` times what is left of that at most.
    """
    return max(
        min(CAUTION.factor * _ratio(now, then), CAUTION.across * _ratio(now, change))
        for now, then in zip(left, before, strict=True)
    )


def _ratio(part: float, whole: float) -> float:
    return part / max(whole, 1e-300)
