"""Polynomials of a box: their values and derivatives are numpy's, and there are as many as said."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.polynomial import legendre

from pinnsolve.basis.adapted.polynomials import Polynomials, powers_of

BOX = {"x": (-1.0, 3.0), "y": (0.0, 0.5)}


@pytest.mark.parametrize("order", [(0, 0), (1, 0), (0, 2), (2, 1)])
def test_derivatives_are_those_of_numpy(order):
    basis = Polynomials((4, 4)).build(BOX, 0)
    at = np.random.default_rng(0).random((7, 2)) * [4.0, 0.5] + [-1.0, 0.0]
    found = basis(torch.from_numpy(at), [order])[0].numpy()
    for k, powers in enumerate(basis.powers.tolist()):
        expected = np.ones(len(at))
        for axis, (low, high) in enumerate(BOX.values()):
            series = math.sqrt(2 * powers[axis] + 1) * np.eye(5)[powers[axis]]
            unit = 2 * (at[:, axis] - low) / (high - low) - 1
            slope = (2 / (high - low)) ** order[axis]
            values = legendre.legval(unit, legendre.legder(series, order[axis]))
            expected = expected * slope * values
        np.testing.assert_allclose(found[:, k], expected, rtol=1e-12, atol=1e-10)


def test_there_are_as_many_as_a_total_degree_has():
    assert len(powers_of((6, 6, 6))) == math.comb(9, 3)
    assert len(powers_of((4, 2))) == 9  # 5 with k_y = 0, 3 with 1, 1 with 2
    assert Polynomials.of_size(40, [1.0, 1.0]) == Polynomials((8, 8))
    flat = Polynomials.of_size(40, [1.0, 0.25])
    assert flat.degrees[0] == pytest.approx(4 * flat.degrees[1], abs=3)


def test_degrees_that_are_not_needed_are_seen():
    basis = Polynomials((6, 6)).build(BOX, 0)
    powers = basis.powers
    coefficients = torch.where((powers[:, 0] <= 4) & (powers[:, 1] <= 1), 1.0, 1e-9).double()
    assert basis.reach(coefficients, 1e-3) == [5, 2]


@pytest.mark.parametrize("degrees", [(), (0, 3), (-1,)])
def test_degrees_are_positive(degrees):
    with pytest.raises(ValueError, match="degrees of at least 1"):
        Polynomials(degrees)


def test_there_is_a_degree_a_coordinate():
    with pytest.raises(ValueError, match="coordinates"):
        Polynomials((3,)).build(BOX, 0)
