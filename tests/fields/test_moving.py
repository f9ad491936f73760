"""Cells of space that move: derivatives against nested autograd, and the path between steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq

from oracles import assert_field_by_autograd
from pinnsolve import Box, Dense, Problem, Waves, coordinates, laplacian, unknown
from pinnsolve.cells.spaces import cells_of
from pinnsolve.compile.system import compile_problem
from pinnsolve.fields.moving import Moving
from pinnsolve.fields.tree import grid

X, Y = coordinates("x y")
U, V = (unknown(name, X, Y) for name in "uv")


@pytest.fixture
def field():
    box = Box({X: (0, 2), Y: (0, 1)})
    problem = Problem(box, Eq(laplacian(U), V), Eq(laplacian(V), U))
    waves = Dense(12, activation="sin", initialize=Waves(3.0))
    cells = cells_of(compile_problem(problem), grid(box.bounds, (3, 2)), [waves] * 6, 0)
    columns = sum(space.columns for space in cells.spaces)
    torch.manual_seed(0)
    times = torch.tensor([0.5, 0.7, 1.0, 1.6], dtype=torch.float64)
    return Moving(cells, 1, times, torch.randn(3, 4, columns, dtype=torch.float64))


@pytest.mark.parametrize("index", [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 2, 1), (2, 1, 0)])
def test_derivatives_are_those_of_autograd(field, index):
    generator = np.random.default_rng(0)
    x = torch.from_numpy(generator.random((40, 3)) * [2.0, 1.1, 1.0] + [0.0, 0.5, 0.0])
    assert_field_by_autograd(field, x, index)


def test_sums_of_derivatives_may_be_of_different_orders_in_time(field):
    x = torch.tensor([[0.3, 0.9, 0.2], [1.5, 1.2, 0.8]], dtype=torch.float64)
    single = field(x, [(2, 0, 0), (0, 0, 2), (0, 1, 0)])
    for members in ({(2, 0, 0), (0, 0, 2)}, {(2, 0, 0), (0, 1, 0)}):
        picked = [i for i, m in enumerate([(2, 0, 0), (0, 0, 2), (0, 1, 0)]) if m in members]
        assert torch.allclose(field(x, [frozenset(members)])[:, 0], single[:, picked].sum(dim=1))


def test_at_a_step_it_is_the_state_of_that_step(field):
    x = np.random.default_rng(0).random((20, 2)) * [2.0, 1.0]
    whole = np.insert(x, 1, 1.0, axis=1)
    assert torch.allclose(field.at(1.0).values(x), field.values(whole))
    for order in range(3):
        ends = [
            field.derivatives(np.insert(x, 1, 1.0 + e, axis=1), [(0, order, 0)]) for e in (0, 1e-9)
        ]
        assert torch.allclose(*ends, atol=1e-4)
    assert field.last_time == (1, 1.6)
