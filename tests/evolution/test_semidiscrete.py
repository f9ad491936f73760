"""Rates, functions of space and separated fields, against autograd and the sides' own data."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq, cos, exp

from pinnsolve import Box, Dense, Problem, Waves, coordinates, unknown
from pinnsolve.evolution.integrate import integrate
from pinnsolve.fields.separated import Modes, Separated
from pinnsolve.problems import CATALOGUE
from small_problems import semidiscrete_of

x, y, t = coordinates("x y t")
u = unknown("u", x, t)
box = Box({x: (0, 1), t: (0, 1)})


@pytest.mark.parametrize("name", ["burgers", "klein_gordon", "schroedinger"])
def test_jacobian_is_the_derivative_of_the_rate(name):
    semidiscrete = semidiscrete_of(
        CATALOGUE[name](), Dense(24, activation="sin", initialize=Waves(8))
    )
    y_, _ = semidiscrete.start()
    at = torch.tensor(0.3, dtype=torch.float64)
    oracle = torch.autograd.functional.jacobian(lambda z: semidiscrete.rate(at, z), y_)
    assert torch.allclose(
        semidiscrete.jacobian(at, y_), oracle, rtol=1e-10, atol=1e-10 * float(oracle.abs().max())
    )


def test_functions_of_space_are_orthonormal_and_satisfy_the_sides():
    problem = CATALOGUE["burgers"]()
    semidiscrete = semidiscrete_of(problem, Dense(40, activation="sin", initialize=Waves(20)))
    functions = semidiscrete.space.values()
    gram = functions.T @ (semidiscrete.space.weights[:, None] * functions)
    assert torch.allclose(gram, torch.eye(semidiscrete.space.rank, dtype=gram.dtype), atol=1e-6)
    ends = torch.tensor([[-1.0, 0.0], [1.0, 0.0]], dtype=torch.float64)
    with torch.no_grad():
        values = (
            semidiscrete.space.modes(ends, [(0, 0)])[0]
            @ semidiscrete.space.transform
            @ semidiscrete.space.free
        )
    assert float(values.abs().max()) < 1e-7


@pytest.mark.slow
def test_side_data_that_move_are_followed():
    """u_t = u_xx with u = exp(-t) cos(x) on the sides: a given spatial basis holds the exact
    solution.
    """
    value = exp(-t) * cos(x)
    problem = Problem(
        box,
        Eq(u.diff(t), u.diff(x, 2)),
        Eq(u(x, 0), cos(x)),
        Eq(u(0, t), value.subs(x, 0)),
        Eq(u(1, t), value.subs(x, 1)),
    )
    path = integrate(
        semidiscrete_of(problem, Dense(30, activation="sin", initialize=Waves(6))), 1e-11
    )
    points = np.random.default_rng(0).random((500, 2))
    found = path.field.values(points)[0].numpy()
    assert np.abs(found - np.exp(-points[:, 1]) * np.cos(points[:, 0])).max() < 1e-9


def test_derivatives_of_a_separated_field():
    """Quintic Hermite polynomials, exact for a motion of fifth degree, and their derivatives."""
    times = torch.tensor([0.0, 0.3, 1.0], dtype=torch.float64)
    powers = torch.stack([times**5, 5 * times**4, 20 * times**3])[:, :, None, None]
    modes = Modes(None, "t").build({"t": (0.0, 1.0)}, 0)
    field = Separated(modes, 0, torch.eye(1, dtype=torch.float64), times, powers)
    at = torch.linspace(0, 1, 50, dtype=torch.float64)[:, None]
    value, slope, third = field(at, [(0,), (1,), (3,)])[0]
    assert torch.allclose(value, at[:, 0] ** 5, atol=1e-14)
    assert torch.allclose(slope, 5 * at[:, 0] ** 4, atol=1e-13)
    assert torch.allclose(third, 60 * at[:, 0] ** 2, atol=1e-10)
