"""What cells take of memory, foreseen: of one process, and of each of several ranks."""

from __future__ import annotations

import re

import pytest

from pinnsolve import Budget, Dense
from pinnsolve.cells.memory import bytes_of_cells, require_room, require_room_for
from pinnsolve.cells.spaces import cells_of
from pinnsolve.compile.system import compile_problem
from pinnsolve.fields.tree import grid
from pinnsolve.problems.catalogue import CATALOGUE

SYSTEM = compile_problem(CATALOGUE["poisson_2d"]())
NAMED = r"or (\d+) ranks with as much each \(mpiexec -n \1\)"


def made(counts, width):
    tree = grid(SYSTEM.domain.bounds, (counts, counts))
    return cells_of(SYSTEM, tree, [Dense(width)] * len(tree.cells), 0)


@pytest.mark.parametrize("share", [0.9, 0.5, 0.1])
def test_as_many_ranks_as_are_named_have_room_and_no_fewer(share):
    cells = made(6, 250)
    alone, least = bytes_of_cells(cells), bytes_of_cells(cells, ranks=36)
    budget = Budget(gigabytes=(least + share * (alone - least)) / 1e9)
    with pytest.raises(MemoryError, match=rf"no more than \d+ cells.*{NAMED}") as refused:
        require_room(cells, budget)
    ranks = int(re.search(NAMED, str(refused.value))[1])
    require_room(cells, budget, ranks=ranks)
    if ranks > 2:
        with pytest.raises(MemoryError, match=f"on each of {ranks - 1} ranks"):
            require_room(cells, budget, ranks=ranks - 1)


def test_no_ranks_are_named_where_the_last_merge_alone_does_not_fit():
    cells = made(2, 250)
    budget = Budget(gigabytes=0.99 * bytes_of_cells(cells, ranks=4) / 1e9)
    with pytest.raises(MemoryError, match="no more than") as refused:
        require_room(cells, budget)
    assert "ranks" not in str(refused.value)


def test_before_cells_are_made_as_many_ranks_have_room_as_are_named():
    asked, budget = (10_000, 400, 2), Budget(gigabytes=0.1)
    with pytest.raises(MemoryError, match=NAMED) as refused:
        require_room_for(*asked, budget)
    ranks = int(re.search(NAMED, str(refused.value))[1])
    assert ranks > 2
    require_room_for(*asked, budget, ranks)
    with pytest.raises(MemoryError, match=f"on each of {ranks - 1} ranks"):
        require_room_for(*asked, budget, ranks - 1)
