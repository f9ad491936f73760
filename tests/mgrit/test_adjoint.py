"""Transposed steps against the forward ones."""

from __future__ import annotations

import pytest
import torch

from layers import ORDERS, network, points
from pinnsolve.mgrit.adjoint import transposed_steps
from pinnsolve.mgrit.propagator import serial


@pytest.mark.parametrize("order", ORDERS)
def test_transposed_steps_are_transposed(order):
    """<J v, w> = <v, J' w> for random v, w."""
    basis, seen = network(12), []
    basis.propagate = lambda *arguments: seen.append(arguments) or serial(*arguments)
    basis(points(), ORDERS[order])
    step, layers, state = seen[0]
    generator = torch.Generator().manual_seed(2)
    states, v, w = torch.randn(
        3, len(state), 12, *state.shape[1:], generator=generator, dtype=torch.float64
    )
    layers = tuple(p.detach() for p in layers)
    forward = torch.autograd.functional.jvp(lambda u: step(layers, u), states, v)[1]
    backward = transposed_steps(step, layers, states)(slice(0, 12), w.flip(1)).flip(1)
    assert float((forward * w).sum()) == pytest.approx(float((v * backward).sum()), rel=1e-12)
