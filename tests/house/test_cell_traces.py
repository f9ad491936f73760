"""The model of cells on many ranks, against trees, counting, and a run."""

from __future__ import annotations

import numpy as np
import pytest

from pinnsolve.fields.tree import grid
from results import cell_traces
from results.cell_model import Costs, Model, Part
from results.cell_traces import Case
from results.replay import Network
from results.writing import read_csv

FREE = Network(0.0, 1e300)


def costs(setup=0.0, cell=1.0, merge=(0.0, 0.0, 0.0), carried=0.0):
    return Costs(300, setup, cell, merge, carried, 11.0, 42.0)


def parts_of(part):
    """All parts of a part, in the order of the tree."""
    if part.cells == 1:
        return [part]
    return [part, *(below for half in part.halves for below in parts_of(half))]


def trees_of(tree):
    return [tree, *(below for part in tree.parts for below in trees_of(part))]


@pytest.mark.parametrize("counts", [(4, 4), (8, 4), (3, 5)])
def test_parts_are_those_of_the_tree_and_have_its_sides(counts):
    bounds = np.array([[0.0, n] for n in counts], dtype=float)
    pairs = zip(parts_of(Part(counts)), trees_of(grid(bounds, counts)), strict=True)
    for part, tree in pairs:
        assert part.counts == tuple(np.round(np.ptp(tree.bounds, axis=1)).astype(int))
        inner = [
            part.counts[1 - axis]
            for axis in (0, 1)
            for end in (0, 1)
            if tree.bounds[axis, end] not in bounds[axis]
        ]
        assert part.sides == sum(inner)


def test_cells_without_merges_are_shared_evenly_and_what_all_do_is_not():
    assert Model(costs(), FREE).seconds((8, 8)) == 64.0
    assert Model(costs(), FREE).seconds((8, 8), 16) == 4.0
    assert Model(costs(setup=0.25), FREE).seconds((8, 8), 16) == 4.0 + 16.0


def test_ranks_wait_for_the_merges_above_them():
    # Of n numbers in n seconds: 2 x 2 cells have two merges of two cells, with 8 sides less 2, and
    # one of both pairs.
    model = Model(costs(cell=0.0, merge=(1.0, 0.0, 0.0)), FREE)
    pair, last = 11.0 * 4, 11.0 * 4
    assert model.seconds((2, 2)) == pytest.approx(2 * pair + last)
    assert model.seconds((2, 2), 2) == pytest.approx(pair + last)
    slow = Model(costs(cell=0.0), Network(1.0, 1e300))
    # One front up and one decision down, and what all coefficients take on two ranks.
    assert slow.seconds((2, 2), 2) == pytest.approx(2.0 + 1.0)


def test_costs_are_those_of_every_node_of_a_solve():
    found = cell_traces.costs_of((2, 2))
    assert found.cell > found.setup > 0
    assert found.kept * 2 == pytest.approx(25, abs=5)  # two sides of each cell
    assert all(c >= 0 for c in found.merge)
    assert sum(found.merge) > 0


@pytest.mark.slow
def test_ranks_find_what_one_finds_and_their_messages_can_be_replayed():
    row = cell_traces.row_of(Case((4, 2), False, 2))
    assert row.error < 1e-12
    assert 0 < row.replay <= row.slower


def test_the_table_has_all_cases_and_the_model_holds():
    rows = read_csv("cell_traces.csv", cell_traces.Row)
    assert {Case(r.counts, r.alike, r.ranks) for r in rows} == set(cell_traces.cases())
    assert all(r.error < 1e-12 for r in rows)
    (sixteen,) = (r for r in rows if (r.counts, r.alike, r.ranks) == ((16, 16), False, 16))
    (one,) = (r for r in rows if (r.counts, r.alike, r.ranks) == ((16, 16), False, 1))
    assert one.replay / sixteen.replay >= 9
