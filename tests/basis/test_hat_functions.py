"""Finite elements as networks, and tensor products."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq, cos, exp, pi, sin, tanh

from pinnsolve import (
    LSGD,
    Box,
    Dense,
    FiniteElements,
    Problem,
    TensorProduct,
    Waves,
    coordinates,
    load,
    solve,
    unknown,
)

x, y, k = coordinates("x y k")
line = Box({x: (0, 1)})
square = Box({x: (0, 1), y: (0, 1)})
u1, u2 = unknown("u", x), unknown("u", x, y)


def equal(n):
    return FiniteElements([[i / n] for i in range(n + 1)], [(i, i + 1) for i in range(n)])


def triangulation(n):
    """A tensor grid of unequal spacing, every rectangle cut along the same diagonal: all patches
    are convex.
    """
    lines = [np.sort(np.r_[0, np.random.default_rng(k).random(n - 1), 1]) for k in (1, 2)]
    grid = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 2)
    corners = [(i * (n + 1) + j) for i in range(n) for j in range(n)]
    halves = [((c, c + n + 1, c + n + 2), (c, c + n + 2, c + 1)) for c in corners]
    return FiniteElements(grid, [triangle for pair in halves for triangle in pair])


def test_hat_functions_of_the_line():
    knots = np.sort(np.random.default_rng(1).random(9))
    knots[[0, -1]] = 0, 1
    basis = FiniteElements(knots[:, None], [(i, i + 1) for i in range(8)]).build({"x": (0, 1)}, 0)
    at = np.linspace(0, 1, 1001)
    hats = basis(torch.from_numpy(at[:, None]), [(0,)])[0].detach().numpy()
    np.testing.assert_allclose(
        hats, np.stack([np.interp(at, knots, e) for e in np.eye(9)], axis=1), atol=1e-14
    )


def test_hat_functions_of_a_triangulation():
    """Oracle: barycentric coordinates of the triangle that a point lies in (scipy)."""
    mesh = triangulation(6)
    vertices, elements = np.array(mesh.vertices), np.array(mesh.elements)
    basis = mesh.build({"x": (0, 1), "y": (0, 1)}, 0)
    at = np.random.default_rng(2).random((2000, 2))
    hats = basis(torch.from_numpy(at), [(0, 0)])[0].detach().numpy()
    np.testing.assert_allclose(hats.sum(axis=1), 1, atol=1e-13)
    np.testing.assert_allclose(hats @ vertices, at, atol=1e-13)
    assert ((hats > 1e-12).sum(axis=1) <= 3).all()
    corners = [{*np.flatnonzero(row > 1e-9)} for row in hats]
    triangles = [set(e) for e in elements.tolist()]
    assert all(any(c <= t for t in triangles) for c in corners)


def test_derivatives_of_hat_functions():
    basis = triangulation(4).build({"x": (0, 1), "y": (0, 1)}, 0)
    at = torch.rand(
        50, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    ).requires_grad_()
    value, dx, dxx = basis(at, [(0, 0), (1, 0), (2, 0)])
    expected = torch.stack(
        [
            torch.autograd.grad(value[:, j].sum(), at, retain_graph=True)[0][:, 0]
            for j in range(basis.size)
        ],
        1,
    )
    torch.testing.assert_close(dx, expected)
    assert not dxx.any()


@pytest.mark.slow
def test_a_trained_mesh_is_ten_times_better_than_its_start():
    target = tanh(30 * (x - 0.4))
    problem = Problem(line, Eq(u1, target), exact={u1: target})
    start = solve(problem, equal(20)).error()
    knots = np.linspace(0, 1, 21)
    values = np.tanh(30 * (knots - 0.4))
    at = np.linspace(0, 1, 10_001)
    exact = np.tanh(30 * (at - 0.4))
    interpolation = np.linalg.norm(np.interp(at, knots, values) - exact) / np.linalg.norm(exact)
    assert interpolation / 10 < start < 1.5 * interpolation  # the finite element error
    assert solve(problem, equal(20), LSGD(300)).error() < start / 10


def test_products_are_products():
    built = TensorProduct(
        {(x, y): Dense(7, 2), k: Dense(5, activation="sin", initialize=Waves(3.0))}
    ).build({"k": (1, 2), "x": (0, 1), "y": (0, 2)}, 3)
    at = torch.rand(20, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    space, parameter = built.parts
    found = built(at, [(1, 2, 0), frozenset({(0, 2, 0), (0, 0, 2)})])
    expected = (
        space(at[:, [1, 2]], [(2, 0)])[0][:, :, None] * parameter(at[:, [0]], [(1,)])[0][:, None]
    )
    torch.testing.assert_close(found[0], expected.flatten(1))
    laplacian = (
        space(at[:, [1, 2]], [frozenset({(2, 0), (0, 2)})])[0][:, :, None]
        * parameter(at[:, [0]], [(0,)])[0][:, None]
    )
    torch.testing.assert_close(found[1], laplacian.flatten(1))
    assert built.size == 35


@pytest.mark.slow
def test_a_parametric_equation_is_solved_for_all_parameters(tmp_path):
    """-k u'' + u = f with k from 1 to 10 as a coordinate: one solve gives u(x; k)."""
    domain = Box({x: (0, 1), k: (1, 10)})
    u = unknown("u", x, k)
    exact = sin(pi * x) / (1 + k) + x * exp(-k / 5)
    problem = Problem(
        domain,
        Eq(-k * u.diff(x, 2) + u, -k * exact.diff(x, 2) + exact),
        Eq(u(0, k), exact.subs(x, 0)),
        Eq(u(1, k), exact.subs(x, 1)),
        exact={u: exact},
    )
    solution = solve(
        problem,
        TensorProduct(
            {
                x: Dense(24, activation="sin", initialize=Waves(5.0)),
                k: Dense(24, activation="sin", initialize=Waves(3.0)),
            }
        ),
    )
    assert solution.error() < 1e-5
    solution.save(tmp_path / "s")
    at = np.random.default_rng(0).random((9, 2)) + np.array([0, 1])
    np.testing.assert_array_equal(load(tmp_path / "s", problem)(at), solution(at))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TensorProduct({(x, y): Dense(3), y: Dense(3)}), "each coordinate in one factor"),
        (
            lambda: solve(Problem(square, Eq(u2, cos(x))), TensorProduct({x: Dense(3)})),
            "the coordinates are x, y",
        ),
        (lambda: solve(Problem(square, Eq(u2, cos(x))), equal(3)), "for 2 coordinates"),
        (lambda: FiniteElements([[0.0], [0.0]], [(0, 1)]).build({"x": (0, 1)}, 0), "no volume"),
        (
            lambda: FiniteElements([[0.0], [1.0], [2.0]], [(0, 1)]).build({"x": (0, 1)}, 0),
            "no element",
        ),
        (
            lambda: FiniteElements(
                [[0, 0], [4, 0], [0.1, 0.1], [0, 4], [0.5, 0.5]],
                [(0, 1, 2), (0, 2, 3), (1, 4, 2), (2, 4, 3)],
            ).build({"x": (0, 4), "y": (0, 4)}, 0),
            "no convex patch",
        ),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()
