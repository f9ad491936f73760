"""Functions of walls: products along coordinates, with their derivatives, up to their start."""

from __future__ import annotations

import json
from itertools import product

import pytest
import torch

from oracles import against_differences
from pinnsolve.basis.adapted.starts import Start, StartFunctions
from pinnsolve.basis.adapted.walls import WallFunctions
from pinnsolve.basis.networks import Dense
from pinnsolve.solution.nodes import packed, unpacked

BOX = {"x": (0.0, 2.0), "t": (-1.0, 1.0), "y": (1.0, 2.0)}
WALLS = (
    Start(0.0, -1.0, 0, 0.7, top=3),
    Start(2.0, -1.0, 0, 0.7, inward=-1, first=1, top=3),
    Start(1.0, -1.0, 2, 0.3, top=2, falling=1),
)
DECLARED = WallFunctions(WALLS, 1, along=2, meeting=2)
SMALL = [index for index in product(range(3), range(2), range(3)) if sum(index) <= 3]


def places(n, seed=0):
    drawn = torch.rand(n, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.tensor([2.0, 2.0, 1.0]).double() * drawn + torch.tensor([0.0, -1.0, 1.0]).double()


def test_derivatives_are_those_of_the_functions():
    basis, x = DECLARED.build(BOX, 0), places(30)
    away = x[x[:, 1].abs() < 0.8]
    assert against_differences(basis, away, SMALL) < 1e-7


def test_those_of_one_wall_are_start_functions_and_products_solve_the_equation():
    alone = WallFunctions(WALLS[:1], 1, along=0).build(BOX, 0)
    line = StartFunctions((Start(0.0, -1.0, 0, 0.7, top=3),)).build(
        {"x": BOX["x"], "t": BOX["t"]}, 0
    )
    x = places(50)
    torch.testing.assert_close(alone(x, [(1, 1, 0)]), line(x[:, :2], [(1, 1)]))
    both = WallFunctions((WALLS[0], Start(1.0, -1.0, 2, 0.3, top=2)), 1, along=0, meeting=0)
    last = both.build(BOX, 0)
    along, across, upward = (v[:, -1] for v in last(x, [(0, 1, 0), (2, 0, 0), (0, 0, 2)]))
    torch.testing.assert_close(along, 0.7 * across + 0.3 * upward)
    x[:, 1] = -1.0
    assert last(x, [(0, 0, 0)]).abs().max() == 0


def test_points_are_gathered_to_walls_and_where_they_meet():
    gathers, x = DECLARED.build(BOX, 0).gathers, places(1000)
    assert len(gathers) == 5
    low, high = torch.tensor(list(BOX.values()), dtype=torch.float64).T
    for gather in gathers:
        moved = gather(x, None)
        assert ((moved >= low) & (moved <= high)).all()
        assert (moved[:, 1] + 1).median() < 0.3


def test_they_add_up_and_want_space_and_time():
    size = len(DECLARED.functions(3))
    assert (Dense(5) + DECLARED).build(BOX, 0).size == 5 + size
    with pytest.raises(ValueError, match="two coordinates of space or more, and time"):
        DECLARED.build({"x": (0, 1), "t": (0, 1)}, 0)


def test_they_are_kept_in_files():
    nodes, arrays = packed(DECLARED)
    kept = json.loads(json.dumps(nodes))
    assert unpacked(kept, arrays, lambda: list(BOX)) == DECLARED
