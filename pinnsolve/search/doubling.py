"""The growth of a basis as a frozen value, and the steps that lead from one to the next.

Each round fits a width, compares where that promises the goal, and goes on to the next width or
family. All that a round knows of the ones before is in the value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pinnsolve.basis.basis import Declaration
from pinnsolve.running.budget import Budget
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import CAUTION, checked, compared, confirmed, doubted
from pinnsolve.search.choose import first_width
from pinnsolve.search.confirm import DOUBT, residual_that_is_enough
from pinnsolve.search.families.family import Family
from pinnsolve.search.fit import Fit
from pinnsolve.search.null_space import UNIQUE, Kernel, kernel, smooth_kernel
from pinnsolve.search.standing import Chosen, fall_of, foreseen
from pinnsolve.search.stuck import rests
from pinnsolve.search.task import Outcome, Task


@dataclass(frozen=True)
class Patience:
    """When a width is enough, when it is not worth widening, and how far to widen."""

    # Factors of width: the larger one, unless only the smaller can be afforded, or will do
    long: float = 2.0
    short: float = 1.4
    # Factors by which checks are narrower. Of the last fit, the least that the seconds afford: the
    # wider the check, the nearer to the error is its difference. None is as wide as the fit: what
    # functions of one width leave out may be the same
    checks: tuple[float, ...] = (1.1, 1.2, 1.4)
    # Of the residual that is enough: where one predicted is below, a short step will do
    surely: float = 0.2
    # At least of first order: less than half the residual for twice the functions, and even a
    # small gain of functions must gain this much
    gain: float = 0.9
    # Times the first width, up to which a residual that does not fall says nothing yet
    early: float = 4.0
    # Of a basis that sees null functions, if there are any: wider ones need not be asked again
    unique: float = 1e-4
    # Of the columns: an effective rank below it is limited by round-off, not by the width
    saturated: float = 0.8
    # Factor by which such functions are made steeper, and times that this is done at one width
    steeper: float = 1.5
    steeper_tries: int = 3


PATIENCE = Patience()


@dataclass(frozen=True, eq=False)
class Growth:
    """Where the growth of a basis stands.

    `families` are those to come, the one that grows first; `prepared` is the next fit, where the
    search has made it; `step` the factor that led to this width, and `fall` that of the residual
    at the last doubling. `best` is the best outcome, `narrower` what may check it, widest first,
    `last` the last two fits, and `improved` says that the very last one was worth its functions.
    `saturated` is the share of its columns to which a fit's rank must fall before steeper functions
    are tried: less, once they were tried in vain.
    `unique` says that nobody need ask for null functions any more. `stopped` is None while it
    goes on; else `best` is the outcome.
    """

    families: tuple[Family, ...]
    width: int
    prepared: Fit | None
    fall: float
    step: float = PATIENCE.long
    best: Outcome | None = None
    narrower: tuple[Declaration, ...] = ()
    last: tuple[Fit, ...] = ()
    improved: bool = True
    known: Kernel = UNIQUE
    saturated: float = PATIENCE.saturated
    unique: bool = False
    stopped: Stop | None = None


@dataclass(frozen=True)
class Outlook:
    """What can follow a fit: the factors of width that the budget affords, larger ones first, and
    another fit of this width; `stagnant` says that widening does not help.
    """

    steps: tuple[float, ...]
    again: bool
    stagnant: bool

    def ends(self, growth: Growth) -> bool:
        """Whether nothing can follow."""
        if self.stagnant:
            return not (growth.families[1:] and self.again)
        return not self.steps


def doubled(task: Task, chosen: Chosen) -> Outcome:
    """The width is doubled until two solutions agree, or nothing gets better; where it stagnates,
    the other families are tried at that width.
    """
    shared, growth = task, Growth(chosen.families, chosen.width, chosen.fitted, chosen.fall)
    while not growth.stopped:
        growth = _with_next_fit(task, growth)
        if not growth.stopped:
            task = replace(shared, budget=_budget(shared, growth))
            outlook = _outlook(task, growth)
            growth = _compared(task, growth, outlook)
            growth = growth if growth.stopped else _next(task, growth, outlook)
    assert growth.best is not None
    return replace(growth.best, stopped=growth.stopped)


def _enough(task: Task) -> float:
    """The residual that is enough; of data that were held out, it is itself the error."""
    if task.system.validation and not task.system.integrates:
        return task.goal
    return residual_that_is_enough(task.goal)


def _with_next_fit(task: Task, growth: Growth) -> Growth:
    """One fit further; stopped, if the equations have null functions."""
    growth, fitted = _steep_enough(task, growth, _next_fit(task, growth))
    growth = replace(growth, prepared=None)
    if not growth.unique:
        growth = replace(growth, known=_kernel(task, fitted, growth))
    fitted = fitted.light()  # before the next is begun
    known = growth.known
    outcome = Outcome(fitted, math.nan, known.dimension, Stop.INTERRUPTED, lost=known.lost)
    if known.dimension:
        stopped = Stop.NO_SOLUTION if rests(task.system, fitted) else Stop.NOT_UNIQUE
        return replace(growth, best=outcome, stopped=stopped)
    unique = growth.unique or fitted.residual < PATIENCE.unique or known.lost > 0
    return _with(task, replace(growth, unique=unique), outcome)


def _next_fit(task: Task, growth: Growth) -> Fit:
    """The fit of this width, from the best field before."""
    if growth.prepared is not None:
        task.record("grow", growth.prepared, math.nan)
        return growth.prepared
    declared = growth.families[0].of_width(growth.width)
    # Newton's method wants values alone of its start, so that the field of any family will do.
    guess = growth.best.fit.field if growth.best else None
    # Drawn anew at each width, not added to: fits can be repeated, and narrower ones cost a seventh
    # of the last (docs/decisions/0009).
    return task.fit("grow", declared, task.seed + growth.width, guess)


def _with(task: Task, growth: Growth, outcome: Outcome) -> Growth:
    """One outcome more: whether and how fast the residual falls, and which is the best."""
    fitted, best = outcome.fit, growth.best
    growth = replace(
        growth,
        improved=best is None or _worth_its_width(best.fit, fitted),
        fall=fall_of(growth.last[-1], fitted, growth.fall) if growth.last else growth.fall,
        last=(*growth.last[-1:], fitted),
    )
    if best is not None and not fitted.residual <= best.fit.residual:
        return growth
    # A narrower second draw costs a third of an equal one, and the estimates are as true
    # (docs/decisions/0009). Flat functions of all draws share an error: steeper ones tell (0063).
    flat = fitted.effective < PATIENCE.saturated and fitted.residual > task.goal
    # Draws in the directions of an earlier solution are off alike where these are.
    family = growth.families[0].relearned(task.system, fitted)
    check = family.steeper(PATIENCE.steeper if flat else 1.0)
    narrower = tuple(check.checking(growth.width, by) for by in PATIENCE.checks)
    families = (family, *growth.families[1:])
    return replace(growth, families=families, best=outcome, narrower=narrower)


def _worth_its_width(before: Fit, fitted: Fit) -> bool:
    """Whether the residual fell at least by first order: to half of it by twice the functions."""
    order = before.field.functions / fitted.field.functions
    return fitted.residual < before.residual * min(PATIENCE.gain, order)


def _outlook(task: Task, growth: Growth) -> Outlook:
    """What can follow the last fit. A short step may have had an unlucky draw: it is not
    stagnation.
    """
    system, fitted, width = task.system, growth.last[-1], growth.width
    grown = width > PATIENCE.early * first_width(system) and growth.step == PATIENCE.long
    steps = [
        step
        for step in (PATIENCE.long, PATIENCE.short)
        if task.affords(round(step * width) * system.n_unknowns, fitted)
    ]
    return Outlook(tuple(steps), task.affords_again(fitted), grown and not growth.improved)


def _budget(task: Task, growth: Growth) -> Budget:
    """The task's share of the budget; the whole one as long as the widest basis that it affords
    promises the goal.
    """
    fitted, whole = growth.last[-1], task.whole
    if whole is None or not growth.improved or whole.left() <= 0:
        return task.budget
    residual = foreseen(task.system, fitted, growth.fall, whole.left())
    return whole if residual <= _enough(task) else task.budget


def _compared(task: Task, growth: Growth, outlook: Outlook) -> Growth:
    """With a second solution to the best, where its residual promises the goal or nothing can
    follow; stopped, if they agree, and where nothing can follow.
    """
    best, enough, ends = growth.best, _enough(task), outlook.ends(growth)
    assert best is not None
    promised = best.fit.residual <= enough
    if not (ends or promised):
        return growth
    # Seconds that nothing else can use make the check wider.
    widths = PATIENCE.checks if promised and not outlook.steps else (PATIENCE.short,)
    best = _checked(task, growth, widths)
    # Draws that agree are not enough: both may have overlooked the same narrow thing
    # (docs/decisions/0011).
    if best.estimate <= task.goal and best.fit.residual <= enough:
        best = confirmed(task.system, best, enough)
        if best.estimate <= task.goal and best.fit.residual <= enough:
            return replace(growth, best=best, stopped=Stop.MET)
    if not ends:
        return replace(growth, best=best)
    failed = best.fit.stopped if best.fit.stopped != Stop.SOLVED else ""
    stopped = failed or (Stop.STAGNATED if outlook.stagnant else Stop.BUDGET)
    return replace(growth, best=doubted(task.system, best), stopped=stopped)


def _checked(task: Task, growth: Growth, widths: Sequence[float]) -> Outcome:
    """The best with its estimate: by a second draw, narrower by the first of some factors that is
    affordable, or, where none is any more, by the width before.
    """
    best = growth.best
    assert best is not None
    rivals = [fitted for fitted in growth.last if fitted is not best.fit]
    columns = best.fit.expansion.space.columns
    affordable = [by for by in widths if task.affords(round(columns / by), best.fit)]
    if affordable or not rivals or math.isfinite(best.estimate):
        by = affordable[0] if affordable else PATIENCE.short
        return checked(task, best, growth.narrower[PATIENCE.checks.index(by)])
    return compared(task.system, best, rivals[-1], CAUTION.least)


def _next(task: Task, growth: Growth, outlook: Outlook) -> Growth:
    """The next family at this width, where this one is stagnant; else the next width."""
    if outlook.stagnant:
        others = growth.families[1:]
        return replace(growth, families=others, step=PATIENCE.long, saturated=PATIENCE.saturated)
    step = _step(task, growth, outlook)
    return replace(growth, width=round(step * growth.width), step=step)


def _step(task: Task, growth: Growth, outlook: Outlook) -> float:
    """The shortest step that will surely do, if one does; else the longest."""
    residual, enough = growth.last[-1].residual, PATIENCE.surely * _enough(task)
    will_do = [s for s in outlook.steps if residual * growth.fall ** math.log2(s) < enough]
    return will_do[-1] if will_do and growth.improved else outlook.steps[0]


def _kernel(task: Task, fitted: Fit, growth: Growth) -> Kernel:
    """The fit's kernel. Smooth waves are asked too, if it has one that they may tell better from
    what is nearly null, and of a first fit that holds no solution: it may lack null functions as
    well.
    """
    known = kernel(task.system, fitted, task.budget)
    unresolved = growth.best is None and known == UNIQUE and fitted.residual > DOUBT.unreliable
    if not task.system.linear or not (known.dimension or unresolved):
        return known
    other = smooth_kernel(task.system, task.seed, task.budget)
    return other if unresolved or (other.lost and not other.dimension) else known


def _steep_enough(task: Task, growth: Growth, fitted: Fit) -> tuple[Growth, Fit]:
    """The fit of a width, made steeper as long as round-off limits it and that helps; and the
    growth with its family.

    Of functions that are too flat only some can be told apart in float64, however many there are:
    the effective rank, far below the number of columns, shows it.
    """
    width, others = growth.width, growth.families[1:]
    for _ in range(PATIENCE.steeper_tries):
        family = growth.families[0]
        steeper = family.steeper(PATIENCE.steeper)
        saturated = fitted.effective < growth.saturated and steeper.shape != family.shape
        # A wider basis is worth more than a steeper one, where there is no time for both.
        again = task.affords_again(fitted, PATIENCE.short)
        if not saturated or fitted.residual <= task.goal or not again:
            break
        other = task.fit("grow", steeper.of_width(width), task.seed + width, fitted.field)
        if other.residual >= fitted.residual:
            return replace(growth, saturated=PATIENCE.saturated * fitted.effective), fitted
        fitted, growth = other, replace(growth, families=(steeper, *others))
    return growth, fitted
