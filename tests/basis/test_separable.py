"""Legendre's polynomials, products of them of low rank, and what they are worth in five dimensions."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sympy import cos, exp

from oracles import against_autograd
from pinnsolve import Box, Budget, coordinates, laplacian, manufactured, solve, unknown
from pinnsolve.basis.adapted.separable import LowRank, legendre

x, y, t = coordinates("x y t")


def test_legendre_against_numpy():
    z = torch.linspace(-1, 1, 7, dtype=torch.float64)
    table = legendre(z, 6, 2)
    for k in range(7):
        oracle = np.polynomial.Legendre.basis(k)
        for order in range(3):
            expected = oracle.deriv(order)(z.numpy()) if order else oracle(z.numpy())
            assert table[order, :, k].numpy() == pytest.approx(
                math.sqrt(2 * k + 1) * expected, abs=1e-11
            )


def test_low_rank_functions_against_autograd_and_their_own_product():
    basis = LowRank(2, 3).build({"x": (0, 2), "y": (-1, 1), "z": (0, 1)}, 0)
    points = torch.rand(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert basis.size == 3 * 2 * 4
    basis.requires_grad_(False)
    assert against_autograd(basis, points, [(1, 0, 0), (0, 0, 2), (1, 1, 0)]) < 1e-10
    tables = [
        legendre(2 * (points[:, i] - low) / (high - low) - 1, 3, 0)[0]
        for i, (low, high) in enumerate(basis.box)
    ]
    product = torch.stack([tables[i] @ basis.factors[i].T for i in range(3)]).prod(dim=0).sum(dim=1)
    assert basis(points, [(0, 0, 0)])[0] @ basis.own_coefficients() == pytest.approx(
        product.numpy(), rel=1e-12
    )
    sum_of_two = basis(points, [frozenset([(2, 0, 0), (0, 2, 0)])])[0]
    assert torch.allclose(
        sum_of_two,
        basis(points, [(0, 2, 0)])[0] + basis(points, [(2, 0, 0)])[0],
        rtol=1e-13,
        atol=1e-13,
    )


def dense_in_five():
    five = coordinates("x1:6")
    v = unknown("v", *five)
    box = Box(dict.fromkeys(five, (0, 1)))
    return manufactured(
        box,
        -laplacian(v),
        v @ box.boundary,
        exact={v: exp(-sum(c**2 for c in five)) * cos(sum(five))},
    )


@pytest.mark.slow
def test_dense_solution_in_five_dimensions_blind():
    solution = solve(dense_in_five(), tolerance=1e-6, budget=Budget(columns=3000))
    assert solution.stopped == "met"
    assert solution.error() < 1e-6
