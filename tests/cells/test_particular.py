"""A particular solution in a cell: its residual by NumPy's polynomials, its derivatives by
autograd.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.polynomial import legendre
from sympy import Eq, exp, log, sin

from pinnsolve import Box, Problem, coordinates, laplacian, unknown
from pinnsolve.basis.adapted.particular import Particular
from pinnsolve.cells.particular import coefficients, known_to, particular_in
from pinnsolve.compile.system import compile_problem

x, y, z = coordinates("x y z")
w = unknown("w", x, y, z)
CUBE = Box({x: (0, 1), y: (0, 1), z: (0, 1)})
CELL = np.array([[0.25, 0.5], [0.0, 0.2], [0.5, 1.0]])


def system_of(load):
    law = Eq(-2 * laplacian(w) + 128 * w, load)
    return compile_problem(Problem(CUBE, law, Eq(w, 0) @ CUBE.boundary))


@pytest.mark.parametrize("square", [-64.0, 0.0, 30.0])
def test_the_equation_holds_with_numpys_polynomials(square):
    def source(at):
        return np.exp(np.sin(9 * at[:, 1]) + at[:, 0]) * np.cos(3 * at[:, 2])

    shape = (14, 20, 16)
    found = coefficients(source, square, CELL, shape)
    for n, axis in zip(shape, range(3), strict=True):
        found = np.moveaxis(np.moveaxis(found, axis, -1) * np.sqrt(2 * np.arange(n) + 1), -1, axis)
    unit = 2 * np.random.default_rng(0).random((200, 3)) - 1
    at = CELL[:, 0] + np.ptp(CELL, axis=1) * (unit + 1) / 2
    total = square * legendre.legval3d(*unit.T, found)
    for axis, side in enumerate(np.ptp(CELL, axis=1)):
        twice = legendre.legder(found, 2, axis=axis) * (2 / side) ** 2
        total = total + legendre.legval3d(*unit.T, twice)
    assert np.abs(total - source(at)).max() < 1e-4 * np.abs(source(at)).max()


def test_what_is_declared_is_a_function_that_solves_the_problems_equation():
    load = exp(sin(20 * y)) * (1 + x) + z
    system = system_of(load)
    declared = particular_in(system, CELL, -64.0)
    assert declared is not None
    box = {name: tuple(side) for name, side in zip("xyz", CELL.tolist(), strict=True)}
    basis = known_to(declared.build(box, 0), system, CELL)
    unit = torch.rand(40, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    low, high = torch.tensor(CELL).T
    at = (low + (high - low) * unit).requires_grad_(True)
    value = basis(at, [(0, 0, 0)])[0, :, 0]
    (slope,) = torch.autograd.grad(value.sum(), at, create_graph=True)
    assert torch.allclose(basis(at, [(1, 0, 0)])[0, :, 0], slope[:, 0], rtol=1e-9, atol=1e-9)
    curved = sum(
        torch.autograd.grad(slope[:, k].sum(), at, retain_graph=True)[0][:, k] for k in range(3)
    )
    given = torch.exp(torch.sin(20 * at[:, 1])) * (1 + at[:, 0]) + at[:, 2]
    left = -2 * curved + 128 * value - given
    assert float((left.abs().max() / given.abs().max()).detach()) < 1e-3


@pytest.mark.parametrize("load", [0, log(x - 0.3), sin(900 * y)])
def test_there_is_none_where_nothing_is_given_or_nothing_smooth(load):
    assert particular_in(system_of(load), CELL, -64.0) is None


def test_a_degree_a_coordinate_is_wanted():
    with pytest.raises(ValueError, match="coordinates"):
        Particular((3, 3), 0.0).build({"x": (0.0, 1.0)}, 0)
