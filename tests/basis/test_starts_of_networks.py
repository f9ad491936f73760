"""Initializers: moments, hyperplanes, and what networks are worth as they are drawn."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pinnsolve import (
    Box,
    Dense,
    Glorot,
    He,
    ResNet,
    Uniform,
    UnitVariance,
    coordinates,
    draw_hyperplanes,
    inspect,
)

x, y, k = coordinates("x y k")
line = Box({x: (0, 1)})
square = Box({x: (0, 1), y: (0, 1)})


def test_what_networks_are_worth_at_initialization():
    """The table of METHODS: He has rank 1 in one dimension, residual box initialization all of it
    at every depth.
    """
    for depth in (1, 4, 16):
        assert inspect(Dense(32, depth, "relu", He()), line).rank == 1
        plain, residual = (
            inspect(Dense(32, depth, "relu"), line),
            inspect(ResNet(32, depth + 1, "relu"), line),
        )
        assert residual.rank == 32
        assert residual.largest < np.e
        assert plain.largest <= 1 + 1e-12
        assert (plain.rank == 32) == (depth == 1)
    assert inspect(ResNet(32, 64, "relu", He(), 63.0), line).largest > 1e10


def given(weights, biases):
    """An initializer that gives these planes."""
    return lambda box, names, width, generator: (
        torch.tensor([weights]).double(),
        torch.tensor(biases).double(),
    )


def test_hyperplanes_are_counted_once():
    assert inspect(Dense(2, initialize=given([1.0, -2.0], [-0.5, 1.0])), line).hyperplanes == (1,)
    assert inspect(Dense(2, initialize=given([1.0, 1.0], [1.0, 1.0])), line).hyperplanes == (0,)
    assert inspect(Dense(32), square).hyperplanes == (32,)


@pytest.mark.slow
def test_hyperplanes_are_drawn(tmp_path):
    draw_hyperplanes(ResNet(8, 3, "relu"), square).savefig(tmp_path / "planes.png")
    assert (tmp_path / "planes.png").stat().st_size > 5000


@pytest.mark.parametrize(
    "start", [He(), Glorot(), Uniform(), UnitVariance()], ids=lambda s: type(s).__name__
)
def test_usual_initializations_have_their_moments(start):
    weight, bias = start(
        torch.tensor([[0.0, 1.0]] * 64).double(),
        [str(i) for i in range(64)],
        400,
        torch.Generator().manual_seed(0),
    )
    deviation = {He: (2 / 64) ** 0.5, Glorot: (2 / 464) ** 0.5, Uniform: (1 / 3 / 64) ** 0.5}
    if type(start) in deviation:
        assert float(weight.std()) == pytest.approx(deviation[type(start)], rel=0.02)
        assert (not bias.any()) == (type(start) is not Uniform)
    else:
        arguments = torch.rand(5000, 64, dtype=torch.float64) @ weight + bias
        torch.testing.assert_close(arguments.var(dim=0), torch.ones(400).double(), rtol=0.2, atol=0)
        assert float(arguments.mean(dim=0).abs().max()) < 0.1
    deep = Dense(16, 3, "tanh", start).build({"x": (0, 1)}, 0)
    assert bool(deep.biases[2].any()) == (type(start) is Uniform)
