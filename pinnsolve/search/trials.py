"""Fits of families, as long as there is time for a search, and what each teaches for the next."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial

from pinnsolve.discretize.assemble import NotFiniteError
from pinnsolve.fields.field import Field
from pinnsolve.search.cluster import NOTHING, Ordered, Wanted, ordered
from pinnsolve.search.families.family import Family
from pinnsolve.search.fit import Fit
from pinnsolve.search.task import Task


@dataclass(frozen=True)
class Searching:
    """How wide the first fits of a search are, what they teach, and how long they may take."""

    # Columns of the first fits: smaller ones are not ruled by linear algebra
    first_width: int = 120
    # A relative residual above which a field is no start for another
    credible: float = 0.3
    # Of the seconds that are left to it, that the search may take
    share: float = 0.4


SEARCHING = Searching()


Scored = tuple[Fit, Family]
Score = Callable[[Family, int], Fit | None]


@dataclass(frozen=True, eq=False)
class Learned:
    """What trials have taught: the best field so far, its residual, and how long a fit takes a
    cube of its columns.
    """

    guess: Field | None
    residual: float = SEARCHING.credible
    seconds_a_cube: float = 0.0

    def after(self, fitted: Fit, columns: int, cost: float) -> Learned:
        """With one fit more, which took `cost` plain solves."""
        nearer = fitted.residual < self.residual
        learned = replace(self, guess=fitted.field, residual=fitted.residual) if nearer else self
        if columns <= 2 * SEARCHING.first_width:
            return learned
        return replace(learned, seconds_a_cube=fitted.seconds / (cost * columns**3))


class Trials:
    """Fits of families, each begun from the best field before; `learned` grows with every one."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.learned = [Learned(task.guess)]
        # Of what is left: seconds that went before are not the search's.
        spent = task.budget.spent()
        self.until = spent + SEARCHING.share * (task.budget.seconds - spent)

    def fit(self, family: Family, width: int, elsewhere: Ordered = NOTHING) -> Fit | None:
        """The family's fit, if there is time for it, and if it is finite: where Newton's method
        cannot start in any, growth says so.

        One that takes many plain solves is tried at the width where it takes as long as one, if
        there is no time for more: a kind that comes late is seen all the same. One that is made
        `elsewhere` is waited for.
        """
        task, learned = self.task, self.learned[-1]
        if family not in elsewhere and not self._affords(family, width):
            width = round(width / family.cost ** (1 / 3))
            if family.cost == 1 or not self._affords(family, width):
                return None
        columns = width * task.system.n_unknowns
        try:
            if family in elsewhere:
                fitted = task.told("choose", elsewhere.taken(family, task.budget))
            else:
                fitted = task.fit("choose", family.of_width(width), task.seed, learned.guess)
        except NotFiniteError:
            return None
        self.learned.append(learned.after(fitted, columns, family.cost))
        return fitted if math.isfinite(fitted.residual) else None

    def _affords(self, family: Family, width: int) -> bool:
        """Whether the search has time for the family's fit."""
        task, columns = self.task, width * self.task.system.n_unknowns
        seconds = family.cost * columns**3 * self.learned[-1].seconds_a_cube
        return task.budget.spent() + seconds <= self.until

    def ranked(
        self, families: Sequence[Family], width: int, surely: float = 0.0
    ) -> tuple[Scored, ...]:
        """Best first, of those that have a fit; none is tried after one whose residual is below
        `surely`.
        """
        with self._ordered(families, width) as elsewhere:
            return best_first(families, width, partial(self.fit, elsewhere=elsewhere), surely)

    def _ordered(self, families: Sequence[Family], width: int) -> AbstractContextManager[Ordered]:
        """Those of several that there is time for are begun on the task's cluster, if it has one:
        each from the best field so far, not from each other's.
        """
        task, cluster = self.task, self.task.cluster
        if cluster is None or len(families) < 2:
            return nullcontext(NOTHING)
        wanted = Wanted(task.system, task.seed, task.goal, self.learned[-1].guess, task.like)
        declared = {id(f): f.of_width(width) for f in families if self._affords(f, width)}
        return ordered(cluster, wanted, declared, task.budget)


def best_first(
    families: Sequence[Family], width: int, score: Score, surely: float = 0.0
) -> tuple[Scored, ...]:
    """Families with their fits, of which only the best keeps its factor; none is asked for after
    one whose residual is below `surely`.
    """
    ranked: list[Scored] = []
    for family in families:
        fitted = score(family, width)
        if fitted is None:
            continue
        best, *others = by_residual([*ranked, (fitted, family)])
        ranked = [best, *((other.light(), its) for other, its in others)]
        if fitted.residual < surely:
            break
    return tuple(ranked)


def by_residual(scored: Sequence[Scored]) -> list[Scored]:
    """The smallest residual first."""
    return sorted(scored, key=lambda pair: pair[0].residual)
