"""What is open of a solution in cells, what in doubt, and whether it is met."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

from torch import Tensor

from pinnsolve.cells.doubt import off_along
from pinnsolve.cells.judge import Judged
from pinnsolve.cells.solve import Solved
from pinnsolve.compile.system import System
from pinnsolve.discretize.consistency import bare_faces, highest_orders
from pinnsolve.discretize.recognize import order_along
from pinnsolve.fields.cellwise import CellBases
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import SECOND_DRAW, confirmed
from pinnsolve.search.confirm import residual_that_is_enough
from pinnsolve.search.fit import Fit
from pinnsolve.search.task import Outcome, Task


@dataclass(frozen=True)
class Determination:
    """What the tree's singular values, relative to the largest one, say of the solution."""

    # Below it, nothing decides a function: it solves the homogeneous equations
    null: float = 1e-9
    # Times the largest of these, above which all others are: of a null function nothing but
    # round-off is left, 1e-13 beside 1e-2; unresolved, values fell from 1e-11 to 1e-7 in tens
    apart: float = 1e3
    # Below it, a solution may be off along a function by more than its residuals say: how far, is
    # asked of residuals along that function (cells/doubt.py)
    weak: float = 1e-4
    # Times the difference of two draws in the same cells, no more is in doubt along these. On 60
    # random problems beside eigenvalues errors were 0.01 to 2.7 of the difference
    agreed: float = 10.0


DETERMINATION = Determination()


@dataclass(frozen=True)
class Doubt:
    """How far a solution may be off along functions that hardly change the rows, relative, as far
    as residuals tell, and by round-off; and how many digits are lost to these.
    """

    seen: float = 0.0
    rounded: float = 0.0
    lost: float = 0.0

    @property
    def error(self) -> float:
        """Both together; at most one."""
        return min(1.0, math.hypot(self.seen, self.rounded))

    def beside(self, apart: float) -> Doubt:
        """What is left of it, where another draw in the same cells is so far apart."""
        return replace(self, seen=min(self.seen, DETERMINATION.agreed * apart))

    def added(self, best: Outcome) -> Outcome:
        """An outcome whose estimate is no less."""
        estimate, maximum = (max(e, self.error) for e in (best.estimate, best.maximum))
        return replace(best, estimate=estimate, maximum=maximum, lost=self.lost)


def doubt_of(task: Task, found: Solved) -> Doubt:
    """What residuals at fresh points allow; none, where rows see all functions well."""
    if found.condition * DETERMINATION.weak < 1:
        return Doubt()
    decided, largest = found.decided, float(found.decided.singular.max())
    weak = decided.singular < DETERMINATION.weak * largest
    functions = decided.hardly_seen(int(weak[: decided.root].sum()))
    carried, lost = functions[0].shape[1], math.log10(found.condition)
    if not carried:
        return Doubt(1.0, 1.0, lost)
    off = off_along(found.rows, found.field, functions, task.seed + SECOND_DRAW, largest)
    # Those that are not carried down are no weaker than those that are.
    others = math.sqrt(max(1.0, int(weak.sum()) / carried))
    seen, rounded = (others * each for each in off)
    return Doubt(seen, rounded, lost)


def undetermined(found: Solved) -> int:
    """How many functions the rows leave open: solutions of the homogeneous problem."""
    return open_among(found.decided.singular)


def left_open(system: System, found: Solved) -> int:
    """The same. Where the equation is of second order along all coordinates, and no condition holds
    on a part of the boundary, there are more and more of them, and values fall without a gap.
    """
    small = open_among(found.decided.singular, 1.0)
    return small if small and _is_bare(system) else undetermined(found)


def _is_bare(system: System) -> bool:
    axes = range(len(system.domain.coordinates))
    orders = (highest_orders(system, partial(order_along, axis=axis)) for axis in axes)
    return min(orders) >= 2 * system.n_unknowns and bool(bare_faces(system))


def open_among(singular: Tensor, apart: float = DETERMINATION.apart) -> int:
    """How many singular values `(n,)` are those of null functions: none, where they fall without a
    gap of a factor `apart`, as where cells do not resolve something small, an island of another
    material.
    """
    values = singular.sort().values
    many = int((values < DETERMINATION.null * values.max()).sum()) if len(values) else 0
    gap = 0 < many < len(values) and values[many] > apart * values[many - 1]
    return many if gap or many == len(values) else 0


def confirmed_in_cells(task: Task, best: Outcome, report: Judged) -> Outcome:
    """The same, met if the estimate, the jumps, and residuals on many more points allow it."""
    best = replace(best, estimate=max(best.estimate, report.jump))
    if not best.estimate <= task.goal or task.tolerance is None or best.null_space:
        return best
    enough = residual_that_is_enough(task.goal)
    best = confirmed(task.system, best, enough)
    return replace(best, stopped=Stop.MET) if best.estimate <= task.goal else best


def at_least(best: Outcome, fitted: Fit | None) -> Outcome:
    """The outcome with a later fit, if that is better; what was estimated of the one before holds
    for it all the more.
    """
    if fitted is None or fitted.residual >= best.fit.residual:
        return best
    return replace(best, fit=fitted)


def hardly_changed(before: object, now: CellBases) -> bool:
    """Whether cells are the same, and most of them have the same functions: else the difference of
    two fits is the coarser one's error.
    """
    if not isinstance(before, CellBases) or before.cuts != now.cuts:
        return False
    same = [a == b for a, b in zip(before.parts, now.parts, strict=True)]
    return sum(same) > len(same) / 2
