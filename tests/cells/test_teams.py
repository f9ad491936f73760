"""Cells dealt to ranks: whatever their number, the same result."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
import torch

from pinnsolve.cells.carried import split
from pinnsolve.cells.eliminate import Elimination
from pinnsolve.cells.teams import above, dealt, halves
from pinnsolve.fields.tree import grid
from random_cells import chain_of_cells
from rank_threads import on_threads
from under_mpi import ended, started


@pytest.mark.parametrize("counts", [(4, 4), (5, 3), (7, 1)])
@pytest.mark.parametrize("size", [2, 3, 5, 7])
def test_any_number_of_ranks_decides_the_same(counts, size):
    tree, raws, sights, _ = chain_of_cells(counts)
    alone = Elimination(tree, raws.__getitem__, sights).decided()
    asked = defaultdict(list)

    def work(ranks):
        def raw(number):
            asked[ranks.rank].append(number)
            return raws[number]

        return Elimination(tree, raw, sights, ranks=ranks).decided()

    for found in on_threads(size, work):
        assert torch.equal(torch.cat(found.coefficients), torch.cat(alone.coefficients))
        assert torch.equal(found.singular, alone.singular)
        assert found.kept == alone.kept
    # Each cell's rows are made once, by its own rank.
    shares = [range(*share) for share in dealt(tree, size)]
    assert [sorted(asked[rank]) for rank in range(size)] == [list(share) for share in shares]


@pytest.mark.parametrize("counts", [(1, 2), (3, 1), (9, 5), (16, 16)])
def test_every_cell_has_one_rank_and_every_rank_a_cell(counts):
    tree = grid(np.array([[0.0, 1.0], [0.0, 1.0]]), counts)
    for ranks in range(1, min(len(tree.cells), 40) + 1):
        shares = dealt(tree, ranks)
        assert [k for share in shares for k in range(*share)] == list(range(len(tree.cells)))
        assert all(end > first for first, end in shares)
        # Whoever condenses something tells a rank before it: all comes to the first one.
        told = [above(tree, (0, ranks), rank) for rank in range(ranks)]
        assert told[0] is None
        assert all(told[rank] < rank for rank in range(1, ranks))


def test_a_rank_alone_has_both_halves():
    tree = grid(np.array([[0.0, 1.0], [0.0, 1.0]]), (2, 1))
    assert halves(tree, (3, 4)) == ((3, 4), (3, 4))


SOLVES = """
import numpy as np
from sympy import Eq, cos, exp
from pinnsolve import Ball, Box, Dense, Waves, coordinates, laplacian, manufactured, solve, unknown
from pinnsolve.mgrit.communicator import ranks
x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
at = np.random.default_rng(0).random((500, 2))
waves = Dense(120, activation="sin", initialize=Waves(5.0))
exact = cos(7 * x + 3 * y) + exp(x)
linear = manufactured(square, laplacian(u) + 40 * u, u @ square.boundary, exact={u: exact})
nonlinear = manufactured(square, -laplacian(u) + u**3, u @ square.boundary, exact={u: exact})
for problem, given in (
    (linear, {"basis": waves, "cells": 4}),
    (nonlinear, {"basis": waves, "cells": (3, 2)}),
    (linear, {"cells": 3, "tolerance": 1e-6}),
):
    solution = solve(problem, **given)
    assert solution.error() < 1e-5, solution.report()
    if ranks().rank == ranks().size - 1:
        total = float(np.abs(solution(at)).sum())
        print(f"{total:.15e} {solution.estimate:.15e} {solution.stopped}", flush=True)
"""


@pytest.fixture(scope="module")
def one_rank():
    with started(1, SOLVES) as process:
        code, out, err = ended(process, 120)
    assert code == 0, err
    return out.splitlines()


@pytest.mark.slow
def test_ranks_of_a_run_solve_the_same(one_rank):
    with started(3, SOLVES) as process:
        code, out, err = ended(process, 240)
    assert code == 0, err
    found = [line.split() for line in out.splitlines()]
    for here, alone in zip(found, (line.split() for line in one_rank), strict=True):
        assert float(here[0]) == pytest.approx(float(alone[0]), rel=1e-12)
        assert float(here[1]) == pytest.approx(float(alone[1]), rel=1e-2, abs=1e-10)  # round-off
        assert here[2] == alone[2]


@pytest.mark.slow
def test_more_ranks_than_cells_are_refused():
    code = SOLVES.replace('"cells": 4', '"cells": (2, 1)')
    with started(3, code) as process:
        code, _, err = ended(process, 120)
    assert code != 0
    assert "3 ranks for 2 cells" in err


@pytest.mark.slow
def test_an_error_on_one_rank_ends_all():
    code = """
from pinnsolve.cells import eliminate
from pinnsolve.mgrit.communicator import ranks
def failing(*_):
    raise RuntimeError("a rank fails")
if ranks().rank == 1:
    eliminate.send_front = failing
"""
    with started(2, code + SOLVES) as process:
        code, _, err = ended(process, 60)
    assert code != 0
    assert "a rank fails" in err


def test_numbers_of_parts_lie_in_memory_as_they_come_to_other_ranks():
    # Products with views are rounded differently: the field of 8 x 8 cells differed by 3e-9.
    class Of:
        def __init__(self, size):
            self.kept = self
            self.size = size

    whole = torch.arange(7.0)
    first, second = split(whole, [Of(3), Of(4)])
    assert torch.equal(torch.cat([first, second]), whole)
    assert second.storage_offset() == 0
    assert second.data_ptr() != whole[3:].data_ptr()
