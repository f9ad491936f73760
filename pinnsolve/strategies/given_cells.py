"""Whether a problem can be solved in cells; of those that are given, whether there is room and time
for them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from pinnsolve.basis.basis import Declaration
from pinnsolve.cells.memory import require_room_for, require_stout
from pinnsolve.compile.system import System
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.search.task import Task
from pinnsolve.strategies.wavelengths import first_functions

Counts = Sequence[int] | None


def require_given(task: Task, counts: Counts, declared: Declaration | None, ranks: int = 1) -> None:
    """Raise ValueError for cells that are too thin, MemoryError for more than memory of these
    ranks holds: a tree of a million takes minutes before it is refused. Of cells that are not
    given, nothing.
    """
    if counts is None:
        return
    system = task.system
    require_stout(system, counts)
    of_each = first_functions(system, task.goal)
    if declared is not None:
        of_each = declared.build(bounds_by_name(system.problem), task.seed).size
    columns, count = of_each * system.n_unknowns, math.prod(counts)
    require_room_for(count, columns, len(counts), task.budget, ranks)


def too_many(task: Task, counts: Counts) -> str:
    """Why not even one solve in the cells that are given came to its end, and the remedy; empty
    where none are given.
    """
    if counts is None:
        return ""
    sides = task.system.domain.extent / np.array(counts)
    side = float(sides.prod() ** (1 / len(sides)))
    square = tuple(max(1, round(extent / side / 2)) for extent in task.system.domain.extent)
    return (
        f"nothing was found in {task.budget.seconds:g} s in the {math.prod(counts)} cells that are"
        f" given: give fewer, such as cells={square}, about as long along each coordinate, or no"
        " cells, or more seconds"
    )


def suit_cells(system: System) -> bool:
    """Whether a problem can be solved in cells: unknowns of all coordinates, of which there are no
    more than three, values and derivatives at points, no measured data.
    """
    regions = [r.condition.region for r in system.residuals]
    whole = all(len(u.args) == len(system.domain.coordinates) for u in system.problem.unknowns)
    return (
        whole
        and not system.integrates
        and len(system.domain.coordinates) in (1, 2, 3)
        and not any(region.is_listed for region in regions)
    )
