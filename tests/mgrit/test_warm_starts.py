"""Calls that start where the last one ended, and what is remembered between them."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from layers import ORDERS, distance, network, points, run
from pinnsolve import MGRIT
from pinnsolve.mgrit.memory import Memory
from pinnsolve.mgrit.propagator import serial


@pytest.mark.slow
def test_a_warm_start_goes_on_where_the_last_call_ended():
    basis, exact = (
        network(64, MGRIT(coarsening=8, cycles=1, adjoint_cycles=8)),
        run(network(64), ORDERS[2]),
    )
    errors = [distance(run(basis, ORDERS[2]), exact) for _ in range(4)]
    assert all(b < a / 5 for a, b in pairwise(errors))
    other = points().flip(0) + 3.0
    assert (
        distance(run(basis, ORDERS[2], other), run(network(64), ORDERS[2], other)) < 1e-1
    )  # cold: not those states
    assert distance(run(basis, ORDERS[2]), exact) < errors[2]  # remembered beside them


@pytest.mark.slow
@pytest.mark.parametrize("factors", [(16,), (8, 4), (4, 4, 4)], ids=str)
def test_one_warm_cycle_is_enough_while_parameters_move_a_little(factors):
    """What the coarse transposed steps of every level lack is learned from the call before."""
    basis, exact = (
        network(256, how, 32) for how in (MGRIT(len(factors) + 1, factors, cycles=1), serial)
    )
    generator, errors = torch.Generator().manual_seed(7), []
    for _ in range(4):
        errors.append(distance(run(basis, ORDERS[2]), run(exact, ORDERS[2])))
        for p, q in zip(basis.parameters(), exact.parameters(), strict=True):
            change = 1e-3 * torch.randn(p.shape, generator=generator, dtype=p.dtype)
            p.data += change
            q.data += change
    assert max(errors[2:]) < min(5e-3, errors[0] / 5), errors


def test_the_batch_may_change_between_calls():
    basis = network(32, MGRIT(coarsening=4, cycles=8))
    for n in (5, 9, 3):
        assert (
            distance(run(basis, ORDERS[1], points(n)), run(network(32), ORDERS[1], points(n)))
            < 1e-12
        )


def test_memory_keeps_states_of_several_point_sets():
    memory = Memory()
    first, second = torch.ones(3), torch.full((3,), 5.0)
    memory.keep({"first": first, "values": torch.tensor(1)})
    memory.keep({"first": second, "values": torch.tensor(2)})
    assert memory.recall(1.01 * first)["values"] == 1
    assert memory.recall(1.01 * first) is None
    assert memory.recall(torch.ones(4)) is None
    assert memory.recall(second.double()) is None
    assert memory.recall(second)["values"] == 2
