"""Where an earlier solve in cells has come to: its cells, and its field as a fit."""

from __future__ import annotations

import math
from dataclasses import replace

from pinnsolve.basis.sums import summands
from pinnsolve.coefficients.solved import by_other_means
from pinnsolve.compile.system import System
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.fields.cellwise import CellBases
from pinnsolve.fields.tree import tree_of
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import Fit, streams
from pinnsolve.search.resume import Begun
from pinnsolve.search.task import Task
from pinnsolve.strategies.layouts import Layout, first_layout


def before_in_cells(task: Task) -> tuple[Layout, Fit] | None:
    """The cells and the field of an earlier solve; None, if there was none, or not in cells."""
    begun = task.begun
    if not isinstance(begun, Begun) or not isinstance(begun.declared, CellBases):
        return None
    return layout_of(task.system, begun.declared), fit_before(task.system, begun)


def fit_before(system: System, begun: Begun, steps: int = 0) -> Fit:
    """The field of an earlier solve as a fit, of so many steps in time: files hold no residuals."""
    residuals = relative_residuals(system, begun.field, streams(begun.seed)[2])
    facts = by_other_means(math.nan, steps)
    return Fit(begun.declared, begun.seed, begun.field, residuals, facts, Stop.SOLVED, 0.0)


def layout_of(system: System, declared: CellBases) -> Layout:
    """The layout that cells were declared by.

    What stands first in the declaration of a cell is its own; functions of corners, holes and
    meetings are found again.
    """
    tree = tree_of(system.domain.bounds, declared.cuts)
    own = tuple(summands(part)[0] for part in declared.parts)
    return replace(first_layout(system, None, None, math.inf), tree=tree, parts=own)
