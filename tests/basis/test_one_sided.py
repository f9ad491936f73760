"""One-sided functions: their derivatives, powers, and where they are continuous."""

from __future__ import annotations

import pytest
import torch

from pinnsolve import Dense, coordinates
from pinnsolve.basis.adapted.lifted import Level
from pinnsolve.basis.adapted.one_sided import OneSided
from pinnsolve.basis.initialize import Waves

x, y, t = coordinates("x y t")

LEVELS = {
    "plane": Level((((1, 0), 1.0), ((0, 0), -0.4))),
    "circle": Level((((2, 0), 1.0), ((0, 2), 1.0), ((0, 0), -0.5))),
}


@pytest.mark.parametrize("power", [1, 2, 3])
@pytest.mark.parametrize("name", LEVELS)
def test_derivatives_of_one_sided_functions(name, power):
    level = LEVELS[name]
    basis = OneSided(Dense(4, 1, "sin", Waves(3.0)), level, power).build(
        {"x": (0.0, 1.0), "y": (0.0, 2.0)}, 0
    )
    at = torch.rand(40, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    indices = [(0, 0), (1, 0), (0, 1), (1, 1), (2, 0), frozenset({(2, 0), (0, 2)})]
    found = basis(at, indices)
    at.requires_grad_()
    z = level(at, (0, 0)) / basis.unit
    values = z.clamp(min=0)[:, None] ** power * torch.sin(
        at @ basis.inner.weights[0] + basis.inner.biases[0]
    )
    for k in range(values.shape[1]):
        (slope,) = torch.autograd.grad(values[:, k].sum(), at, create_graph=True)
        second = [
            torch.autograd.grad(slope[:, i].sum(), at, retain_graph=True)[0] for i in range(2)
        ]
        expected = [
            values[:, k],
            slope[:, 0],
            slope[:, 1],
            second[0][:, 1],
            second[0][:, 0],
            second[0][:, 0] + second[1][:, 1],
        ]
        assert torch.allclose(found[:, :, k], torch.stack(expected), rtol=1e-12, atol=1e-12)


def test_one_sided_functions_are_continuous():
    with pytest.raises(ValueError, match="power of at least 1"):
        OneSided(Dense(4), LEVELS["plane"], 0)
