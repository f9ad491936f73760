"""Waves that solve an equation by themselves: against autograd."""

from __future__ import annotations

import pytest
import torch

from pinnsolve.basis.adapted.own_waves import OwnWaves

BOXES = (
    {"x": (0.2, 0.7), "y": (-1.0, -0.4)},
    {"x": (0.2, 0.7), "y": (-1.0, -0.4), "z": (0.0, 0.3)},
)


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("square", [400.0, 0.0, -50.0])
def test_they_solve_the_equation_and_are_no_larger_than_one(box, square):
    low, high = torch.tensor(list(box.values()), dtype=torch.float64).T
    basis, dim = OwnWaves(20, square).build(box, 3), len(box)
    generator = torch.Generator().manual_seed(0)
    x = low + (high - low) * torch.rand(50, dim, generator=generator, dtype=torch.float64)
    x.requires_grad_(True)
    values = basis(x, [(0,) * dim])[0]
    units = [tuple(int(a == k) for a in range(dim)) for k in range(dim)]
    twice = frozenset(tuple(2 * n for n in unit) for unit in units)
    first, laplacian = basis(x, units), basis(x, [twice])[0]
    for j in range(basis.size):
        (slope,) = torch.autograd.grad(values[:, j].sum(), x, create_graph=True)
        second = sum(
            torch.autograd.grad(slope[:, k].sum(), x, retain_graph=True)[0][:, k]
            for k in range(dim)
        )
        assert torch.allclose(first[:, :, j].T, slope, rtol=1e-10, atol=1e-10)
        scale = 1 + _largest(second)
        assert _largest(laplacian[:, j] - second) < 1e-10 * scale
        assert _largest(laplacian[:, j] + square * values[:, j]) < 1e-10 * scale
    assert _largest(values) <= 1.0
    assert basis.harmonic == basis.size == 20


def test_they_are_for_two_coordinates_or_more():
    with pytest.raises(ValueError, match="two or more"):
        OwnWaves(4, 1.0).build({"x": (0.0, 1.0)}, 0)


def _largest(values) -> float:
    return float(values.detach().abs().max())
