"""How far the search for a basis has come, and what it chooses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pinnsolve.compile.system import System
from pinnsolve.search.families.family import Family
from pinnsolve.search.families.smooth import IN_SPACE
from pinnsolve.search.fit import Fit
from pinnsolve.search.task import LIMITS
from pinnsolve.search.trials import Scored

# Times the seconds of the widest fit, those before it and its check included
BESIDES = 1.5
# Power of the width by which seconds grow in space from fits of a search on: measured 2.2 to 2.4
BY_WIDTH = 2.4


@dataclass(frozen=True)
class Chosen:
    """Families, best first, the width from which they are worth growing, and the first one's fit of
    that width.

    `fall` is the factor by which the residual fell with the last doubling (1, where that is not
    known).
    """

    families: tuple[Family, ...]
    width: int
    fitted: Fit | None = None
    fall: float = 1.0


@dataclass(frozen=True, eq=False)
class Standing:
    """Where the search stands: candidates to scan, the best one so far, others in their order.

    `before` is the best residual at half the width; `decided` says that nothing more need be
    tried.
    """

    pool: tuple[Family, ...]
    width: int
    best: Scored | None = None
    others: tuple[Scored, ...] = ()
    before: float = math.nan
    decided: bool = False

    def chosen(self) -> Chosen:
        """The best family, and one of each other kind; the first candidate, where none has a
        fit.
        """
        if self.best is None:
            return Chosen(self.pool[:1], self.width)
        fitted, family = self.best
        kinds = one_of_each_kind([self.best, *self.others])
        rivals = [other for other in kinds if other.kind != family.kind]
        return Chosen((family, *rivals), self.width, fitted, self.fall)

    @property
    def fall(self) -> float:
        """The factor by which the residual fell with the last doubling; 1, where that is not
        known.
        """
        assert self.best is not None
        residual = self.best[0].residual
        return residual / self.before if residual < self.before else 1.0


def one_of_each_kind(ranked: Sequence[Scored]) -> list[Family]:
    """The first family of every kind, in order."""
    best: dict[str, Family] = {}
    for _, family in ranked:
        best.setdefault(family.kind, family)
    return list(best.values())


def promising(standing: Standing, goal: float) -> bool:
    """Whether the next doubling reaches the goal, if it does as well as the last one: then growing
    beats searching.
    """
    assert standing.best is not None
    residual, before = standing.best[0].residual, standing.before
    # The residual, of higher derivatives, may be ten times the goal for the values.
    return residual < before and residual * (residual / before) < 10 * goal


def fall_of(before: Fit, fitted: Fit, known: float) -> float:
    """The factor of the residual at one doubling, by two fits; the one that is known, if these say
    nothing.
    """
    doublings = math.log2(fitted.field.functions / before.field.functions)
    if not (fitted.residual < before.residual and doublings > 0):
        return known
    return math.pow(fitted.residual / before.residual, 1 / doublings)


def foreseen(system: System, fitted: Fit, fall: float, seconds: float) -> float:
    """The residual of the widest basis that so many seconds afford, after a `fall` by that factor
    at the last doubling.
    """
    times = seconds / (BESIDES * max(fitted.seconds, 1e-3))
    return fitted.residual * math.pow(fall, _doublings(system, math.log2(max(times, 1.0))))


def _doublings(system: System, of_seconds: float) -> float:
    """The doublings of the width that so many `of_seconds` afford, as many as are worth the last
    one.

    In space residuals fall as exp(-c width^(1/3)), as of smooth solutions (docs/decisions/0078):
    each doubling is worth more than the one before. Elsewhere seconds are seldom short.
    """
    if len(system.domain.coordinates) != IN_SPACE:
        return of_seconds / LIMITS.by_width
    side: float = 2 ** (1 / IN_SPACE)
    return float((side ** (of_seconds / BY_WIDTH) - 1) / (1 - 1 / side))
