"""Solutions of lap u = k^2 u for complex k: Bessel's functions, derivatives, and the equation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import ive, kve

from pinnsolve import Hole
from pinnsolve.basis.adapted.damped import Damped, modified

LAPLACIAN = frozenset({(2, 0), (0, 2)})
HOLES = (Hole((0.1, 0.2), 0.5, order=5), Hole((-0.6, -1.4), 0.2, order=3))
DAMPED = Damped(HOLES, ((-1.0, 1.0), (-2.0, 2.0)), (3, 4))


@pytest.mark.parametrize("angle", [0.0, 0.6, -0.6])
def test_bessels_functions_are_those_of_scipy(angle):
    z = np.geomspace(1e-3, 3e3, 200) * np.exp(1j * angle)
    found = modified(torch.from_numpy(z), 12).numpy()
    exact = np.stack([kve(n, z) for n in range(13)])
    assert np.abs(found / exact - 1).max() < 1e-8


def places(n=40):
    x = np.random.default_rng(0).uniform((-1, -2), (1, 2), (n, 2))
    apart = [np.linalg.norm(x - hole.at, axis=1) > hole.radius for hole in HOLES]
    return torch.from_numpy(x[np.all(apart, axis=0)])


@pytest.mark.parametrize("k", [0.3 * np.exp(0.6j), 2.3 * np.exp(0.6j), 20 * np.exp(0.6j)])
def test_they_solve_the_equation_and_derivatives_are_those_of_values(k):
    x, h = places(), 1e-5
    indices = [(0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (0, 2), LAPLACIAN]
    value, *slopes, mixed, first, second, laplacian = DAMPED(k, x, indices)
    assert value.shape == (len(x), DAMPED.size)
    size = value.abs().amax(dim=0)
    assert (
        (first + second - laplacian).abs().amax(dim=0) <= 1e-10 * abs(k) ** 2 * size + 1e-10
    ).all()
    torch.testing.assert_close(laplacian, k**2 * value, rtol=1e-9, atol=1e-12)
    for axis, slope in enumerate(slopes):
        step = h * torch.eye(2, dtype=torch.float64)[axis]
        one, other = (DAMPED(k, x + sign * step, [(0, 0), (0, 1)]) for sign in (1, -1))
        by_difference = (one - other) / (2 * h)
        scale = float(slope.abs().max())
        torch.testing.assert_close(by_difference[0], slope, rtol=1e-5, atol=1e-7 * scale)
        wanted = (mixed, second)[axis]
        torch.testing.assert_close(
            by_difference[1], wanted, rtol=1e-4, atol=1e-6 * float(wanted.abs().max())
        )


DISK = Damped((), ((-1.2, 1.4), (-1.5, 1.1)), (1, 1), (Hole((0.1, -0.2), 1.3, order=6),))


@pytest.mark.parametrize("k", [3 * np.exp(0.6j), 20 * np.exp(0.6j), 300 * np.exp(0.6j)])
def test_inside_of_a_rim_they_are_bessels_functions_of_the_first_kind(k):
    x = np.random.default_rng(0).uniform(-1, 1, (60, 2)) * (0.9, 0.9) + (0.1, -0.2)
    found, *second, laplacian = DISK(k, torch.from_numpy(x), [(0, 0), (2, 0), (0, 2), LAPLACIAN])
    assert found.shape[1] == DISK.size == 13
    torch.testing.assert_close(second[0] + second[1], laplacian)
    torch.testing.assert_close(laplacian, k**2 * found)
    apart, degrees = x - (0.1, -0.2), np.arange(-6, 7)
    r, angle = np.linalg.norm(apart, axis=1)[:, None], np.arctan2(apart[:, 1], apart[:, 0])
    # exp(-k R) of both is not over- or underflow; scipy has only the size of it.
    shift = np.exp((k * r).real - (k * 1.3))
    wanted = ive(degrees, k * r) * shift * np.exp(1j * degrees * angle[:, None])
    wanted /= np.abs(ive(degrees, np.full(13, k * 1.3)))
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-6, atol=1e-9)


def test_of_small_numbers_high_degrees_that_are_round_off_are_left_out():
    few = DISK(0.1 + 0.05j, torch.tensor([[0.5, 0.5]], dtype=torch.float64), [(0, 0)])[0, 0]
    assert (few == 0).any()
    assert few[6].abs() > 0.9
