"""What a solution's cells are, and where they are not good enough."""

from __future__ import annotations

import numpy as np

from pinnsolve.cells.judge import judged
from pinnsolve.cells.places import rows_of
from pinnsolve.compile.system import System
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.cellwise import Cellwise
from pinnsolve.fields.field import Field

Table = dict[str, Array]  # columns, `(n_cells,)`


def table_of(system: System, field: Field, seed: int) -> Table:
    """A row a cell. Raises TypeError for a field that is not made of cells of the whole domain."""
    if not isinstance(field, Cellwise):
        raise TypeError(
            f"this solution has no cells of the whole domain, but {field.sizes}:"
            " solve(problem, cells=(4, 4)) seeks one in cells"
        )
    rows = rows_of(system, field.cells, seed)
    report = judged(rows, field, seed)
    boxes = np.array(field.cells.tree.cells)
    table: Table = {}
    for axis, c in enumerate(system.domain.coordinates):
        table[f"{c}_low"], table[f"{c}_high"] = boxes[:, axis, 0], boxes[:, axis, 1]
    table["functions"] = np.array([part.functions for part in field.parts])
    return {**table, "residual": report.residuals, "jump": report.jumps, "fault": report.faults}
