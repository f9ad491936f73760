"""What is open of a solution in cells, what in doubt, and whether it is met."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from pinnsolve.cells.doubt import off_along
from pinnsolve.cells.judge import Judged
from pinnsolve.cells.solve import Solved
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
    # What rows leave at least: two cells that differ by no more than this are condensed as one
    round_off: float = 1e-11


DETERMINATION = Determination()


def doubted_in_cells(task: Task, best: Outcome, found: Solved, report: Judged) -> Outcome:
    """With an estimate that is no less than what the rows allow the solution to be off along the
    functions that hardly change them, where there are such.
    """
    weakest = 1 / found.condition
    if weakest > DETERMINATION.weak:
        return best
    # No less than what alike cells differ by: of an eigenvalue itself, and no data, zero is a
    # solution whose residual is zero, beside others.
    error = min(1.0, max(_off(task, found, report), DETERMINATION.round_off / weakest))
    largest = max(best.maximum, error)
    digits = -math.log10(weakest)
    return replace(best, estimate=max(best.estimate, error), maximum=largest, lost=digits)


def _off(task: Task, found: Solved, report: Judged) -> float:
    """How far a solution may be off along all of these functions, relative. Of those that no last
    rows see, which are not carried down: all that the rows leave may be along them.
    """
    decided = found.decided
    least = DETERMINATION.weak * decided.singular.max()
    beyond = decided.singular[decided.root :]
    if len(beyond) and beyond.min() < least:
        return float(np.linalg.norm(report.faults)) * found.condition
    many = int((decided.singular[: decided.root] < least).sum())
    weak = [w[:, :many] for w in decided.weak]
    off = off_along(found.rows, found.field, weak, task.seed + SECOND_DRAW)
    # Those that are not carried down are no weaker than those that are.
    return off * math.sqrt(many / weak[0].shape[1])


def undetermined(found: Solved) -> int:
    """How many functions the rows leave open: solutions of the homogeneous problem."""
    return open_among(found.decided.singular)


def open_among(singular: Tensor) -> int:
    """How many singular values `(n,)` are those of null functions: none, where they fall without a
    gap, as where cells do not resolve something small, an island of another material.
    """
    values = singular.sort().values
    many = int((values < DETERMINATION.null * values.max()).sum()) if len(values) else 0
    gap = 0 < many < len(values) and values[many] > DETERMINATION.apart * values[many - 1]
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
