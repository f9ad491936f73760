"""Fields in cells: what is evaluated where."""

from __future__ import annotations

import pytest
import torch
from sympy import Eq

from pinnsolve import Box, Dense, Problem, Waves, coordinates, laplacian, sample_region, unknown
from pinnsolve.cells.spaces import cells_of
from pinnsolve.compile.system import compile_problem
from pinnsolve.fields.cellwise import Cellwise
from pinnsolve.fields.field import Field
from pinnsolve.fields.space import Block
from pinnsolve.fields.tree import grid

X, Y = coordinates("x y")
U, V = (unknown(name, X, Y) for name in "uv")
WHOLE = Box({X: (0, 2), Y: (0, 1)})
LEFT, RIGHT = Box({X: (0, 1), Y: (0, 1)}), Box({X: (1, 2), Y: (0, 1)})


@pytest.fixture
def halves():
    """An unknown in each half, which meet, in 2 x 2 cells with random coefficients."""
    problem = Problem(
        WHOLE,
        Eq(laplacian(U) + U, X) @ LEFT,
        Eq(laplacian(V) + V.diff(X, Y), Y) @ RIGHT,
        Eq(U, V) @ LEFT.at(x=1),
        Eq(U, 1) @ LEFT.at(x=0),
    )
    system = compile_problem(problem)
    tree = grid(WHOLE.bounds, (4, 2))
    waves = Dense(20, activation="sin", initialize=Waves(3.0))
    cells = cells_of(system, tree, [waves] * len(tree.cells), 0)
    torch.manual_seed(0)
    own = [torch.randn(space.columns, dtype=torch.float64) for space in cells.spaces]
    return system, Cellwise.of(cells, own)


def test_an_equation_takes_of_cells_what_it_takes_of_any_field(halves):
    system, field = halves
    for k, residual in enumerate(system.residuals):
        x = torch.from_numpy(sample_region(residual.condition.region, 60, k).x)
        assert torch.allclose(field.slots(residual, x), Field.slots(field, residual, x), 1e-13)


def test_of_cells_only_what_an_equation_names_is_evaluated(halves, monkeypatch):
    system, field = halves
    evaluated = []
    before = Block.__call__

    def counted(block, x, *rest):
        evaluated.append(len(x))
        return before(block, x, *rest)

    monkeypatch.setattr(Block, "__call__", counted)
    residual = system.residuals[0]
    x = sample_region(LEFT, 60, 0).x
    field.slots(residual, torch.from_numpy(x))
    assert sum(evaluated) == len(x)


def test_unknowns_are_evaluated_where_they_live(halves):
    _, field = halves
    x = sample_region(WHOLE, 100, 0).x
    where, indices = field.support(x), [(0, 0), (1, 0)]
    whole, own = field.derivatives(x, indices), field.derivatives_where(x, indices, where)
    for k in range(2):
        assert torch.allclose(own[k][:, where[k]], whole[k][:, where[k]], 1e-13)
        assert (own[k][:, ~where[k]] == 0).all()
