"""The blind choice of a basis, by residuals on fresh points: which kind, and which shape.

The seam of automatic solving: `choose(system, goal, budget, seed, record)` gives families, the
width from which they grow, and how fast. A kind of basis says what it proposes from the equations
(`KINDS`) and what from a first solution (`VARIANTS`); all are searched alike, by one measure and
one clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import NotFiniteError
from pinnsolve.fields.field import Field
from pinnsolve.running.budget import Budget
from pinnsolve.search.families import (
    characteristic,
    corners,
    curved,
    kinked,
    layers,
    localized,
    located,
    oriented,
    separable,
    smooth,
)
from pinnsolve.search.families.family import Family
from pinnsolve.search.fit import Fit, fit
from pinnsolve.search.glance import worth_scanning

Record = Callable[[str, Fit, float], None]
Score = Callable[[Family, int], Fit | None]
Scored = tuple[Fit, Family]

KINDS: tuple[Callable[[System], list[Family]], ...] = (
    kinked.candidates,
    located.candidates,
    characteristic.candidates,
    smooth.candidates,
    layers.candidates,
)
VARIANTS: tuple[Callable[[System, Family, Fit], list[Family]], ...] = (
    corners.variants,
    oriented.variants,
    localized.variants,
    curved.variants,
    separable.variants,
)
FIRST_WIDTH = 120
RESOLVED = (
    1e-9  # a relative residual at small width that ends the search, unless the goal is lower still
)
# Of the goal: a residual below it ends the search at once, whatever the other candidates would give
SURELY = 1e-3
UNRESOLVED = 1e-4  # a relative residual above which a small basis says little about a large one
CREDIBLE = 0.3  # a relative residual above which a field is no start for another
CLEAR_GAIN = (
    0.7  # a variant replaces the incumbent if its residual is below this part of the incumbent's
)
PROMISED = (
    10.0  # the residual, of higher derivatives, may be this many times the goal for the values
)
MOVED = 2  # of the last survivors, whose scales are tried a little smaller and larger
ROUNDS = 8  # of variants of one kind
EVALUATIONS = 3  # of Nelder and Mead's search, for each shape parameter
SHARE = 0.4  # of the budget's seconds, that the search may take


@dataclass(frozen=True)
class Chosen:
    """Families, best first, the width from which they are worth growing, and the first one's fit of
    that width.

    `fall` is the factor by which the residual fell with the last doubling (1, where that is not
    known).
    """

    families: tuple[Family, ...]
    width: int
    found: Fit | None = None
    fall: float = 1.0


def choose(  # noqa: C901  being divided
    system: System,
    goal: float,
    budget: Budget,
    seed: int,
    record: Record,
    guess: Field | None = None,
) -> Chosen:
    """The best family of each kind that came far, best first, and the width from which they are
    worth growing.

    Glance at all, scan at small width, keep survivors while the width doubles, learn from the
    winner, refine its shape.

    A small basis that does not resolve the solution yet says little, hence the survivors, and the
    last round between the kinds where nothing resolves it. The exact solution is never looked at.
    Ends where a residual is below the goal (or `RESOLVED`), or when `SHARE` of the budget's seconds
    is spent: then the best so far is taken. Each fit of a nonlinear problem starts from the best
    field so far, the first from the `guess`.
    """
    seconds_a_cube = 0.0
    near, nearest = guess, CREDIBLE

    def score(family: Family, width: int) -> Fit | None:
        nonlocal seconds_a_cube, near, nearest
        cube = family.cost * (width * system.n_unknowns) ** 3
        if budget.spent() + cube * seconds_a_cube > SHARE * budget.seconds:
            return None
        found = fit(system, family.of_width(width), seed, goal=goal, near=near, budget=budget)
        if found.residual < nearest:
            near, nearest = found.field, found.residual
        if (
            width * system.n_unknowns > 2 * FIRST_WIDTH
        ):  # smaller fits are not ruled by linear algebra
            seconds_a_cube = found.seconds / cube
        record("choose", found, math.nan)
        return found if math.isfinite(found.residual) else None

    def ranked_at(width: int, families: Sequence[Family]) -> list[Scored]:
        return _ranked(families, width, score, SURELY * goal)

    enough = max(goal, RESOLVED)
    widest = max(1, budget.widest() // system.n_unknowns)
    first = width = first_width(system)
    before = math.nan
    pool = worth_scanning(system, _candidates(system), min(first, widest), seed)
    for times, keep in ((1, 10), (2, 4), (4, 4)):
        width = min(times * first, widest)
        ranked = ranked_at(width, pool)
        if times == 4:
            moved = [
                family.moved(math.log(by)) for _, family in ranked[:MOVED] for by in (0.7, 1.4)
            ]
            ranked = sorted([*ranked, *ranked_at(width, moved)], key=lambda pair: pair[0].residual)
        if not ranked:
            return Chosen(tuple(pool[:1]), width)
        if ranked[0][0].residual < enough:
            return _chosen(ranked[:1], width, before)
        if times < 4:
            before, pool = ranked[0][0].residual, [family for _, family in ranked[:keep]]
    best = _learned(system, ranked[0], width, enough, score)
    if _promising(best[0].residual, before, goal):
        return _chosen([best, *ranked], width, before)
    if best[0].residual > UNRESOLVED and best[1].cost == 1:
        width, before = min(2 * width, widest), best[0].residual
        wider = _ranked([best[1]], width, score)
        if wider and _promising(wider[0][0].residual, before, goal):
            return _chosen([*wider, *ranked], width, before)
        wider += _ranked(_one_of_each_kind([best, *ranked])[1:], width, score)
        best = min(wider, key=lambda pair: pair[0].residual) if wider else best
        best = _learned(system, best, width, enough, score) if best[1].relearn is not None else best
    best = _refined(best, width, enough, score)
    return _chosen([best, *ranked], width, before)


def _candidates(system: System) -> list[Family]:
    """What every kind proposes from the equations; where a corner is singular, with its
    functions.
    """
    extra = corners.reentrant(system)
    pool = [family for kind in KINDS for family in kind(system)]
    return pool if extra is None else [corners.with_functions(family, extra) for family in pool]


def _chosen(ranked: Sequence[Scored], width: int, before: float) -> Chosen:
    """The first of these, and one family of each other kind; `before` is the residual at half the
    width.
    """
    found, family = ranked[0]
    others = [f for f in _one_of_each_kind(ranked) if f.kind != family.kind]
    fall = found.residual / before if found.residual < before else 1.0
    return Chosen((family, *others), width, found, fall)


def _promising(residual: float, before: float, goal: float) -> bool:
    """Whether the next doubling reaches the goal, if it does as well as the last one: then growing
    beats searching.
    """
    return residual < before and residual * (residual / before) < PROMISED * goal


def first_width(system: System) -> int:
    """Neurons of the first scan; unknowns share them, so that a system of many is not scanned at
    many times the cost.
    """
    return round(FIRST_WIDTH / math.sqrt(system.n_unknowns))


def _ranked(
    families: Sequence[Family], width: int, score: Score, surely: float = 0.0
) -> list[Scored]:
    """Best first, of those for which there was time; none is tried after one whose residual is
    below `surely`.
    """
    found: list[Scored] = []
    for family in families:
        fitted = _tried(score, family, width)
        if fitted is not None:
            found = sorted([*found, (fitted, family)], key=lambda pair: pair[0].residual)
            found[1:] = [(f.light(), other) for f, other in found[1:]]
        if fitted is not None and fitted.residual < surely:
            break
    return found


def _tried(score: Score, family: Family, width: int) -> Fit | None:
    """The family's fit, if there is one: where Newton's method cannot start in any, growth says
    so.
    """
    try:
        return score(family, width)
    except NotFiniteError:
        return None


def _one_of_each_kind(ranked: Sequence[Scored]) -> list[Family]:
    best: dict[str, Family] = {}
    for _, family in ranked:
        best.setdefault(family.kind, family)
    return list(best.values())


def _learned(system: System, best: Scored, width: int, enough: float, score: Score) -> Scored:
    """Variants that the best solution so far suggests, kind by kind, each as long as it is clearly
    better.
    """
    for variants in VARIANTS:
        for _ in range(ROUNDS):
            fitted, family = best
            ranked = (
                _ranked(variants(system, family, fitted), width, score)
                if fitted.residual >= enough
                else []
            )
            if not ranked or not ranked[0][0].residual < CLEAR_GAIN * fitted.residual:
                break
            best = ranked[0]
    return best


def _refined(best: Scored, width: int, enough: float, score: Score) -> Scored:
    """Nelder and Mead's search over the shape parameters, from steps of a factor 1.5."""
    from scipy.optimize import minimize

    fitted, family = best
    if fitted.residual < enough or family.cost > 1:
        return best

    def objective(steps: np.ndarray) -> float:
        nonlocal best
        moved = family.moved(steps.tolist())
        found = _tried(score, moved, width)
        if found is None:
            return math.inf
        if found.residual < best[0].residual:
            best = found, moved
        return math.log(max(found.residual, 1e-300))

    n = len(family.shape)
    start = np.vstack([np.zeros(n), 0.4 * np.eye(n)])
    minimize(
        objective,
        start[0],
        method="Nelder-Mead",
        options={"initial_simplex": start, "maxfev": EVALUATIONS * n + 1},
    )
    return best
