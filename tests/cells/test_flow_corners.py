"""Cells at a corner where a wall slides: rows that count less there, and more that is left free."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pinnsolve import compile_problem
from pinnsolve.cells.places import rows_of
from pinnsolve.cells.points import DENSITY
from pinnsolve.cells.spaces import cells_of
from pinnsolve.discretize.points import fills_domain
from pinnsolve.problems import CATALOGUE
from pinnsolve.strategies.layouts import first_layout
from pinnsolve.strategies.wavelengths import waves_of


def test_rows_near_a_sliding_corner_count_less_and_its_cell_leaves_more_free():
    system = compile_problem(CATALOGUE["cavity_100"]())
    layout = first_layout(system, None, None, 1e-3)
    layout = replace(layout, parts=(waves_of(36, 7.0),) * len(layout.parts))
    rows = rows_of(system, cells_of(system, layout.tree, layout.declared.parts, 0), 0)
    (corner,) = (k for k, box in enumerate(layout.tree.cells) if box[0, 0] == 0 and box[1, 1] == 1)
    (middle,) = (
        k for k, box in enumerate(layout.tree.cells) if np.allclose(box, [[0.25, 0.5]] * 2)
    )
    ((law, p),) = (each for each in rows.local[corner] if fills_domain(each[0].condition.region))
    half = np.ptp(layout.tree.cells[corner], axis=1).min() / 2
    distance = np.linalg.norm(p.x - [0, 1], axis=1)
    assert p.factors == pytest.approx(np.minimum(1.0, distance / half) ** 4)
    assert p.factors.min() < 1e-2
    (others,) = (q for r, q in rows.local[middle] if r is law)
    assert others.factors.min() == 1
    assert rows.free(middle) == DENSITY.free * 6
    columns = rows.cells.spaces[corner].columns
    assert rows.free(corner) == np.ceil(2 * DENSITY.free * columns**0.5)
