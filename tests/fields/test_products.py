"""Products of functions of one coordinate: derivatives against nested autograd, functions against
what is asked of them.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from oracles import assert_field_by_autograd
from pinnsolve.fields.lines import (
    End,
    of_harmonics,
    periodic_line,
    polynomial_line,
    to_harmonics,
)
from pinnsolve.fields.products import Products

NOTHING, SLOPE = (1.0,), (0.3, 1.0)
WALL = (End(0, NOTHING), End(1, SLOPE))


@pytest.fixture
def field():
    lines = tuple((periodic_line(0.0, 2.0, 5), polynomial_line(-1.0, 0.5, n, WALL)) for n in (6, 7))
    columns = 5 * 4 + 5 * 5
    torch.manual_seed(0)
    times = torch.tensor([0.5, 0.7, 1.0, 1.6], dtype=torch.float64)
    return Products(lines, 1, times, torch.randn(3, 4, columns, dtype=torch.float64))


@pytest.mark.parametrize("index", [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 2, 1), (2, 1, 2)])
def test_derivatives_are_those_of_autograd(field, index):
    unit = np.random.default_rng(0).random((40, 3))
    x = torch.from_numpy(unit * [2.0, 1.1, 1.5] + [0.0, 0.5, -1.0])
    assert_field_by_autograd(field, x, index)


def test_sums_of_derivatives_are_sums(field):
    x = torch.tensor([[0.3, 0.9, 0.2], [1.5, 1.2, -0.8]], dtype=torch.float64)
    single = field(x, [(2, 0, 0), (0, 0, 2)])
    assert torch.allclose(field(x, [frozenset({(2, 0, 0), (0, 0, 2)})])[:, 0], single.sum(dim=1))


def test_at_a_step_it_is_the_state_of_that_step(field):
    x = torch.tensor([[0.3, 1.0, 0.2]], dtype=torch.float64)
    own = [line.table(x[:, i], 0)[0, 0] for line, i in zip(field.lines[1], (0, 2), strict=True)]
    for order in range(3):
        q = field.states[order, 2, field.places[1]].reshape(5, 5)
        assert torch.allclose(field(x, [(0, order, 0)])[1, 0, 0], own[0] @ q @ own[1])


def test_points_are_as_good_in_pieces_of_which_every_step_has_a_share(field):
    x = np.random.default_rng(1).random((3000, 3)) * [2.0, 1.1, 1.5] + [0.0, 0.5, -1.0]
    indices = [(0, 0, 0), (1, 0, 2), (0, 1, 1)]
    each = torch.cat([field(torch.from_numpy(part), indices) for part in np.split(x, 300)], dim=2)
    torch.testing.assert_close(field.derivatives(x, indices), each, rtol=1e-12, atol=1e-12)
    many = Products(
        field.lines, 1, torch.linspace(0.5, 1.6, 65), field.states[:, :1].repeat(1, 65, 1)
    )
    few, more = (len(list(f.blocks(np.repeat(x, 9, axis=0), None, 40))) for f in (field, many))
    assert few > 4 * more


@pytest.mark.parametrize("line", [periodic_line(1.0, 3.0, 9), polynomial_line(1.0, 3.0, 9, WALL)])
def test_functions_of_a_line_are_orthonormal_and_modes_of_the_second_derivative(line):
    x, weights = line.rule(20)
    table = line.table(x, 2)
    mean = table[0].T @ (weights[:, None] * table[0])
    assert torch.allclose(mean, torch.eye(line.count, dtype=torch.float64), atol=1e-12)
    bent = table[0].T @ (weights[:, None] * table[2])
    assert float((bent - bent.diagonal().diag()).abs().max()) < 1e-10 * float(bent.abs().max())


def test_polynomials_satisfy_the_conditions_at_their_ends_and_miss_nothing_else():
    line = polynomial_line(-1.0, 0.5, 9, WALL)
    assert line.count == 7
    assert all(float(end.of(line).abs().max()) < 1e-11 for end in WALL)
    # Walls at zero: the slowest modes are sines.
    walls = polynomial_line(0.0, 1.0, 20, (End(0, NOTHING), End(1, NOTHING)))
    x = torch.linspace(0, 1, 11, dtype=torch.float64)
    for k in range(3):
        sine = math.sqrt(2) * torch.sin((k + 1) * math.pi * x)
        found = walls.table(x, 0)[0, :, k]
        assert min(float((found - s * sine).abs().max()) for s in (-1, 1)) < 1e-9


def test_fast_transforms_are_the_matrices_of_harmonics():
    line = periodic_line(1.0, 4.0, 11)
    x, weights = line.rule(17)
    table, generator = line.table(x, 3), torch.Generator().manual_seed(0)
    q = torch.randn(3, 11, generator=generator, dtype=torch.float64)
    for order in range(4):
        found = of_harmonics(q, 17, order, 3.0)
        assert torch.allclose(found, q @ table[order].T, rtol=1e-12, atol=1e-9)
    values = torch.randn(3, 17, generator=generator, dtype=torch.float64)
    assert torch.allclose(to_harmonics(values, 11), values @ (weights[:, None] * table[0]))
