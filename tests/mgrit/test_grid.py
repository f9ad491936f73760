"""Index arithmetic of layers, intervals and ranks, exhaustively."""

from __future__ import annotations

import math
from itertools import product

import pytest

from pinnsolve import MGRIT
from pinnsolve.mgrit.grid import Grid, coarsened


@pytest.mark.parametrize("depth", range(2, 40))
@pytest.mark.parametrize("factors", [(2,), (3,), (8,), (2, 2), (3, 2), (2, 2, 2)], ids=str)
def test_every_step_belongs_to_one_interval_of_one_rank(depth, factors):
    try:
        counts = coarsened(depth, factors)
    except ValueError:
        assert math.ceil(depth / math.prod(factors)) < 2
        return
    assert counts[0] == depth
    grid = Grid(depth, factors)
    for ranks, direction in product(range(1, counts[1] + 1), (1, -1)):
        people = [grid.slabs(rank, ranks, direction) for rank in range(ranks)]
        order = people[::direction]
        for level, count in enumerate(counts):
            slabs = [slabs[level] for slabs in order]
            assert [n for slab in slabs for n in range(count)[slab.steps]] == list(range(count))
            for slab, finer in zip(slabs, order, strict=True):
                assert slab.line.steps == slab.high - slab.low
                if level:
                    assert slab.line.steps == finer[level - 1].line.intervals
        for level, (points, count) in enumerate(zip(grid.c_points, counts, strict=False)):
            cuts = [count - p for p in points] if direction < 0 else points
            for slab in (slabs[level] for slabs in people):
                line = slab.line
                assert [slab.low + p for p in line.c_points] == sorted(
                    p for p in cuts if slab.low <= p <= slab.high
                )
                assert (line.begins, line.ends) == (slab.low in cuts, slab.high in cuts)
                steps = [
                    list(range(line.steps))[r.steps(j)]
                    for r in line.runs()
                    for j in range(r.length)
                ]
                head = list(range(line.head.length)) if line.head else []
                assert sorted([*head, *(n for each in steps for n in each)]) == list(
                    range(line.steps)
                )
                assert level or (line.begins and line.ends)


def test_what_cannot_be_coarsened_is_refused():
    with pytest.raises(ValueError, match="two coarse steps"):
        coarsened(8, (8,))
    with pytest.raises(ValueError, match="3 ranks for 2 intervals of layers"):
        Grid(8, (4,)).slabs(0, 3)
    with pytest.raises(ValueError, match="wants 2 factors"):
        MGRIT(levels=3, coarsening=(4,))
    for wrong in (
        {"coarse": "median"},
        {"relaxation": "CF"},
        {"cycle": "W"},
        {"cycles": -1},
        {"activations": "lost"},
    ):
        with pytest.raises(ValueError, match=r"coarse is|cycle is|cycles|activations"):
            MGRIT(**wrong)
