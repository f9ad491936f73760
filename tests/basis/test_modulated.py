"""Carriers against autograd."""

from __future__ import annotations

import pytest
import torch

from pinnsolve import Dense, Waves
from pinnsolve.basis.adapted.modulated import Carrier, Modulated

CARRIERS = (
    Carrier((0.0, 0.0), (0.0, 0.0)),
    Carrier((0.0, 0.0), (9.0, -2.0), 0.3),
    Carrier((1.5, -2.0), (0.0, 4.0)),
)
BOX = {"x": (-1.0, 1.0), "y": (0.0, 2.0)}


def test_carriers_have_the_derivatives_of_autograd():
    basis = Modulated(Dense(2, 1, "sin", Waves(3.0)), CARRIERS).build(BOX, 0)
    points = torch.rand(
        7, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    ).requires_grad_()
    found = basis(points, [(0, 0), (1, 0), (2, 1), frozenset({(2, 0), (0, 2)})])
    assert found.shape == (4, 7, basis.size)
    for j in range(basis.size):
        first = torch.autograd.grad(found[0][:, j].sum(), points, create_graph=True)[0]
        if not first.requires_grad:
            assert torch.equal(found[1:, :, j], torch.zeros(3, 7, dtype=torch.float64))
            continue
        along_x = torch.autograd.grad(first[:, 0].sum(), points, create_graph=True)[0]
        along_y = torch.autograd.grad(first[:, 1].sum(), points, create_graph=True)[0]
        third = torch.autograd.grad(along_x[:, 0].sum(), points, create_graph=True)[0][:, 1]
        for ours, theirs in zip(
            found[1:], (first[:, 0], third, along_x[:, 0] + along_y[:, 1]), strict=True
        ):
            assert torch.allclose(ours[:, j], theirs, rtol=1e-10, atol=1e-10)


def test_carriers_are_the_waves_that_they_say_and_no_larger_than_one():
    basis = Modulated(Dense(1, 1, "sin", Waves(3.0)), CARRIERS).build(BOX, 0)
    points = torch.tensor([[-1.0, 0.5], [1.0, 0.0]], dtype=torch.float64)
    x, y = points.T
    alone = basis(points, [(0, 0)])[0][:, ::2]
    assert torch.allclose(alone[:, 0], torch.ones_like(x))
    assert torch.allclose(alone[:, 1], torch.cos(9 * (x + 1) - 2 * y - 0.3))
    assert torch.allclose(alone[:, 2], torch.exp(1.5 * (x - 1) - 2 * y) * torch.cos(4 * y))
    assert float(alone.detach().abs().max()) <= 1.0


def test_carriers_are_refused_that_do_not_fit():
    with pytest.raises(ValueError, match="at least one carrier"):
        Modulated(Dense(5), ())
    with pytest.raises(ValueError, match="one number for each of x, y"):
        Modulated(Dense(5), (Carrier((0.0,), (20.0,)),)).build(BOX, 0)
