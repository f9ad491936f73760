"""The blind choice of a basis, by residuals on fresh points: which kind, and which shape.

The seam of automatic solving: `choose(task)` gives families, the width from which they grow, and
how fast. A kind of basis says what it proposes from the equations (`KINDS`) and what from a first
solution (`VARIANTS`); all are searched alike, by one measure and one clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from pinnsolve.compile.system import System
from pinnsolve.fields.holes import BORES, POLES, along_bores, in_holes
from pinnsolve.search.confirm import residual_that_is_enough
from pinnsolve.search.families import (
    carried,
    characteristic,
    corners,
    curved,
    kinked,
    layers,
    localized,
    located,
    oriented,
    powers,
    rims,
    separable,
    smooth,
    spreading,
    starts,
    walls,
)
from pinnsolve.search.families.family import Family
from pinnsolve.search.fit import Fit
from pinnsolve.search.glance import worth_scanning
from pinnsolve.search.standing import Chosen, Standing, foreseen, one_of_each_kind, promising
from pinnsolve.search.task import Task
from pinnsolve.search.trials import SEARCHING, Scored, Trials, by_residual

KINDS: tuple[Callable[[System], list[Family]], ...] = (
    carried.candidates,
    kinked.candidates,
    located.candidates,
    characteristic.candidates,
    smooth.candidates,
    layers.candidates,
)
Variants = Callable[[System, Family, Fit], list[Family]]
VARIANTS: tuple[Variants, ...] = (
    corners.variants,
    starts.variants,
    oriented.variants,
    localized.variants,
    curved.variants,
    separable.variants,
)


@dataclass(frozen=True)
class Curiosity:
    """How far the search goes: what ends it, and what is worth trying."""

    # A relative residual at small width that ends the search, unless the goal is lower still
    resolved: float = 1e-9
    # Of the goal: a residual below it ends the search at once, whatever other candidates would give
    surely: float = 1e-3
    # A relative residual above which a small basis says little about a large one
    unresolved: float = 1e-4
    # A variant replaces the incumbent below this part of the incumbent's residual
    clear_gain: float = 0.7
    # Of the last survivors, so many are tried with scales a little smaller and larger
    moved: int = 2
    factors: tuple[float, ...] = (0.7, 1.4)
    # Rounds of variants of one kind
    rounds: int = 8
    # Of Nelder and Mead's search, for each shape parameter; and its first step, a factor of 1.5
    evaluations: int = 3
    first_step: float = 0.4


CURIOSITY = Curiosity()


Stage = Callable[[Trials, Standing], Standing]


def choose(task: Task) -> Chosen:
    """The best family of each kind that came far, best first, and the width from which they are
    worth growing.

    Glance at all, scan at small width, keep survivors while the width doubles, learn from the
    winner, refine its shape.

    A small basis that does not resolve the solution yet says little, hence the survivors, and the
    last round between the kinds where nothing resolves it. The exact solution is never looked at.
    Ends where a residual is below the goal (or `CURIOSITY.resolved`), or when a share of the
    budget's seconds is spent: then the best so far is taken. Each fit of a nonlinear problem starts
    from the best field so far, the first from the task's guess.
    """
    system, trials = task.system, Trials(task)
    width = _allowed(task, first_width(system))
    pool = worth_scanning(system, _candidates(system), width, task.seed)
    standing = Standing(tuple(pool), width)
    for stage in STAGES:
        standing = stage(trials, standing)
        if standing.decided:
            break
    return standing.chosen()


def first_width(system: System) -> int:
    """Neurons of the first scan; unknowns share them, so that a system of many is not scanned at
    many times the cost.
    """
    return round(SEARCHING.first_width / math.sqrt(system.n_unknowns))


def _allowed(task: Task, width: int) -> int:
    """That width, or the widest that the budget allows."""
    return min(width, max(1, task.budget.widest() // task.system.n_unknowns))


def _enough(task: Task) -> float:
    return max(task.goal, CURIOSITY.resolved)


def _candidates(system: System) -> list[Family]:
    """What every kind proposes from the equations; where a corner or a term is singular, or there
    are holes, with their functions.
    """
    heated = walls.disagreeing(system)
    # Functions of walls are many: few candidates beside them are worth a scan
    pool = spreading.candidates(system) if heated is None else walls.beside(system, heated)
    pool = pool or [family for kind in KINDS for family in kind(system)]
    for named, extra in (
        (corners.CORNERS, corners.reentrant(system)),
        (POLES, in_holes(system)),
        (BORES, along_bores(system)),
        (rims.RIMS, rims.along_rims(system)),
        (starts.STARTS, starts.disagreeing(system)),
        (walls.WALLS, heated),
        (powers.POWERS, powers.singular(system)),
    ):
        pool = pool if extra is None else [family.with_extra(named, extra) for family in pool]
    return pool


def _scanned(trials: Trials, standing: Standing, times: int, survivors: int) -> Standing:
    """The candidates at so many times the first width; the survivors are those of the next scan."""
    standing = replace(
        standing, width=_allowed(trials.task, times * first_width(trials.task.system))
    )
    return _ranked(trials, standing, _scan(trials, standing.pool, standing.width), survivors)


def _scanned_last(trials: Trials, standing: Standing, times: int) -> Standing:
    """The survivors at the largest width of the search, and the best of them with other scales."""
    standing = replace(
        standing, width=_allowed(trials.task, times * first_width(trials.task.system))
    )
    ranked = _scan(trials, standing.pool, standing.width)
    moved = [
        family.moved(math.log(factor))
        for _, family in ranked[: CURIOSITY.moved]
        for factor in CURIOSITY.factors
    ]
    both = by_residual([*ranked, *_scan(trials, moved, standing.width)])
    return _ranked(trials, standing, tuple(both), 0)


def _scan(trials: Trials, families: Sequence[Family], width: int) -> tuple[Scored, ...]:
    return trials.ranked(families, width, CURIOSITY.surely * trials.task.goal)


def _ranked(
    trials: Trials, standing: Standing, ranked: tuple[Scored, ...], survivors: int
) -> Standing:
    """The standing after a scan: decided, if nothing has a fit, or one is good enough."""
    if not ranked:
        return replace(standing, best=None, others=(), decided=True)
    if ranked[0][0].residual < _enough(trials.task):
        return replace(standing, best=ranked[0], others=(), decided=True)
    standing = replace(standing, best=ranked[0], others=ranked)
    if not survivors:
        return standing
    pool = tuple(family for _, family in ranked[:survivors])
    return replace(standing, pool=pool, before=ranked[0][0].residual)


def _learned(trials: Trials, standing: Standing) -> Standing:
    """With variants of the winner; decided, if doubling it will do."""
    assert standing.best is not None
    best = _with_variants(trials, standing.best, standing.width)
    # What takes long may have been tried narrower, and grows from there.
    narrow = best[1].cost > 1
    width = min(standing.width, best[0].field.functions) if narrow else standing.width
    standing = replace(standing, best=best, width=width)
    return replace(standing, decided=promising(standing, trials.task.goal))


def _with_variants(
    trials: Trials, best: Scored, width: int, kinds: Sequence[Variants] = VARIANTS
) -> Scored:
    """Variants that the best solution so far suggests, kind by kind, each as long as it is clearly
    better.
    """
    for variants in kinds:
        for _ in range(CURIOSITY.rounds):
            fitted, family = best
            if fitted.residual < _enough(trials.task):
                return best
            ranked = trials.ranked(variants(trials.task.system, family, fitted), width)
            if not ranked or not ranked[0][0].residual < CURIOSITY.clear_gain * fitted.residual:
                break
            best = ranked[0]
    return best


def _widened(trials: Trials, standing: Standing) -> Standing:
    """Where nothing resolves the solution yet: the winner and the next kind, and unless these
    promise the goal one of each other kind, at twice the width; decided, if doubling will do.
    """
    winner = standing.best
    assert winner is not None
    fitted, family = winner
    if not (fitted.residual > CURIOSITY.unresolved and family.cost == 1):
        return standing
    # Where nothing resolves yet the ranking says little: for Helmholtz with 9 pi tanh led at first,
    # and sines won from 600 functions on.
    kinds = one_of_each_kind([winner, *standing.others])
    width = _allowed(trials.task, 2 * standing.width)
    standing = replace(standing, width=width, before=fitted.residual)
    wider = trials.ranked(kinds[:2], width)
    if wider:
        promised = replace(standing, best=wider[0])
        if promising(promised, trials.task.goal) or _promised(trials, promised):
            return replace(promised, decided=True)
    wider += trials.ranked(kinds[2:], width)
    best = by_residual(wider)[0] if wider else winner
    if best[1].relearn is not None:
        # In space growth wants the seconds that fronts and spots would take
        in_space = len(trials.task.system.domain.coordinates) == smooth.IN_SPACE
        best = _with_variants(trials, best, width, (oriented.variants,) if in_space else VARIANTS)
    return replace(standing, best=best)


def _refined(trials: Trials, standing: Standing) -> Standing:
    """Nelder and Mead's search over the shape parameters of the best; not where the seconds that
    are left promise the goal without: they are worth more to growth.
    """
    from scipy.optimize import minimize

    assert standing.best is not None
    fitted, family = standing.best
    if fitted.residual < _enough(trials.task) or family.cost > 1 or _promised(trials, standing):
        return standing
    better = [standing.best]

    def objective(steps: np.ndarray) -> float:
        if not steps.any():
            return math.log(max(fitted.residual, 1e-300))
        moved = family.moved(steps.tolist())
        trial = trials.fit(moved, standing.width)
        if trial is None:
            return math.inf
        if trial.residual < better[-1][0].residual:
            better.append((trial, moved))
        return math.log(max(trial.residual, 1e-300))

    n = len(family.shape)
    start = np.vstack([np.zeros(n), CURIOSITY.first_step * np.eye(n)])
    options = {"initial_simplex": start, "maxfev": CURIOSITY.evaluations * n + 1}
    minimize(objective, start[0], method="Nelder-Mead", options=options)
    return replace(standing, best=better[-1])


def _promised(trials: Trials, standing: Standing) -> bool:
    """Whether the widest basis that the seconds afford, if they have a limit, promises the goal."""
    assert standing.best is not None
    task = trials.task
    left = (task.whole or task.budget).left()
    enough = residual_that_is_enough(task.goal)
    if not math.isfinite(left):
        return False
    return foreseen(task.system, standing.best[0], standing.fall, left) <= enough


STAGES: tuple[Stage, ...] = (
    partial(_scanned, times=1, survivors=10),
    partial(_scanned, times=2, survivors=4),
    partial(_scanned_last, times=4),
    _learned,
    _widened,
    _refined,
)
