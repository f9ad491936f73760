"""Windows against autograd."""

from __future__ import annotations

import pytest
import torch

from pinnsolve import Dense, Waves, coordinates
from pinnsolve.basis.adapted.windowed import Windowed

x, y, t = coordinates("x y t")


def test_windows_have_the_derivatives_of_autograd():
    basis = Windowed(Dense(5, 1, "sin", Waves(3.0)), {"x": (0.3, 0.2)}).build(
        {"x": (0.0, 1.0), "y": (0.0, 2.0)}, 0
    )
    points = torch.rand(
        7, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    ).requires_grad_()
    found = basis(points, [(0, 0), (1, 0), (2, 1), frozenset({(2, 0), (0, 2)})])
    for j in range(5):
        first = torch.autograd.grad(found[0][:, j].sum(), points, create_graph=True)[0]
        along_x = torch.autograd.grad(first[:, 0].sum(), points, create_graph=True)[0]
        along_y = torch.autograd.grad(first[:, 1].sum(), points, create_graph=True)[0]
        third = torch.autograd.grad(along_x[:, 0].sum(), points, create_graph=True)[0][:, 1]
        for ours, theirs in zip(
            found[1:], (first[:, 0], third, along_x[:, 0] + along_y[:, 1]), strict=True
        ):
            assert torch.allclose(ours[:, j], theirs, rtol=1e-10, atol=1e-10)


def test_windows_are_refused_that_are_none():
    with pytest.raises(ValueError, match="positive radius"):
        Windowed(Dense(5), {"x": (0.0, 0.0)})
    with pytest.raises(ValueError, match="names z"):
        Windowed(Dense(5), {"z": (0.0, 1.0)}).build({"x": (0.0, 1.0)}, 0)
