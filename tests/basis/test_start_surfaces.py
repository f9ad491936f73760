"""Functions of surfaces across which initial values jump: derivatives, equations, points."""

from __future__ import annotations

import json
import math
from itertools import product

import pytest
import torch
from scipy.special import erfc

from oracles import against_differences
from pinnsolve.basis.adapted.lifted import Level
from pinnsolve.basis.adapted.start_surfaces import Surface, SurfaceFunctions
from pinnsolve.basis.networks import Dense
from pinnsolve.solution.nodes import packed, unpacked

BOX = {"x": (-1.0, 1.0), "y": (0.0, 2.0), "t": (0.0, 1.0)}
CURVE = Level((((1, 0, 0), 1.0), ((0, 1, 0), 2.0), ((2, 0, 0), 0.3), ((0, 0, 0), -0.2)))
CURVED = Surface(CURVE, (1.0, 0.1, 0.05, 0.02, 0.01, 0.03), 2, 0.3, 1, 4)
LINE = Surface(Level((((1, 0, 0), 1.0), ((0, 1, 0), -1.0))), (1.0,), 0, 2.0, 0, 3)
DECLARED = SurfaceFunctions((CURVED, LINE), 2, 0.0)
SMALL = [index for index in product(range(3), range(3), range(2)) if sum(index) <= 3]


def places(n, seed=0):
    drawn = torch.rand(n, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.tensor([2.0, 2.0, 1.0]).double() * drawn + torch.tensor([-1.0, 0.0, 0.0]).double()


def test_derivatives_are_those_of_the_functions():
    basis, x = DECLARED.build(BOX, 0), places(40)
    away = x[(x[:, 2] > 0.1) & (x[:, 2] < 0.9)]
    assert against_differences(basis, away, SMALL) < 1e-7


def test_across_a_line_they_solve_the_heat_equation_from_a_jump():
    basis, x = SurfaceFunctions((LINE,), 2, 0.0).build(BOX, 0), places(50)
    first = [v[:, 0] for v in basis(x, [(0, 0, 1), (2, 0, 0), (0, 2, 0), (0, 0, 0)])]
    torch.testing.assert_close(first[0], first[1] + first[2])
    wanted = erfc(((x[:, 0] - x[:, 1]) / (8 * x[:, 2]).sqrt()).numpy())
    torch.testing.assert_close(first[3], torch.from_numpy(wanted))


def test_points_are_gathered_to_surfaces_and_stay_on_sides():
    gather, _ = DECLARED.build(BOX, 0).gathers
    x = places(1000)
    low, high = torch.tensor(list(BOX.values()), dtype=torch.float64).T
    moved = gather(x, None)
    assert ((moved >= low) & (moved <= high)).all()
    assert moved[:, 2].median() < 0.2
    zero = (0, 0, 0)
    assert CURVE(moved, zero).abs().median() < 0.7 * CURVE(x, zero).abs().median()
    x[:, 0] = -1.0
    normals = torch.zeros_like(x)
    normals[:, 0] = -1.0
    assert (gather(x, normals)[:, 0] == -1.0).all()
    # Of the start there are points on either side: none is on the jump itself
    x[:, 2] = 0.0
    torch.testing.assert_close(gather(x, None), x)


def test_as_many_as_are_asked_for():
    for size in (40, 100, 400):
        functions = DECLARED.of_size(size, 2)
        built = functions.build(BOX, 0).size
        assert built == sum(surface.functions(2) for surface in functions.surfaces) <= size
        higher = [surface.functions(2) * (surface.top + 4) for surface in functions.surfaces]
        assert sum(higher) > size
    assert LINE.functions(2) == sum(math.comb(k + 2, 2) for k in range(4))


def test_they_add_up_and_want_space_and_time():
    size = DECLARED.build(BOX, 0).size
    assert (Dense(5) + DECLARED).build(BOX, 0).size == 5 + size
    with pytest.raises(ValueError, match="two coordinates of space or more, and time"):
        DECLARED.build({"x": (0, 1), "t": (0, 1)}, 0)


def test_they_are_kept_in_files():
    nodes, arrays = packed(DECLARED)
    kept = json.loads(json.dumps(nodes))
    assert unpacked(kept, arrays, lambda: list(BOX)) == DECLARED
