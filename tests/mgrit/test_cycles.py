"""Cycles against the serial loop: states and gradients, how fast they come, and what diverges."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from layers import ORDERS, PLANE, distance, network, points, run
from pinnsolve import MGRIT, Dense, He, ResNet
from pinnsolve.mgrit.propagator import serial


@pytest.mark.slow
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("relaxation", "cycle"), [("F", "V"), ("FCF", "V"), ("FCFCF", "V"), ("F", "F")]
)
@pytest.mark.parametrize(
    ("depth", "factors"), [(16, (4,)), (17, (4,)), (19, (3, 2)), (33, (2, 2, 2))], ids=str
)
def test_exact_after_as_many_cycles_as_there_are_intervals(
    depth, factors, relaxation, cycle, order
):
    intervals = -(-depth // factors[0])
    mgrit = MGRIT(len(factors) + 1, factors, cycles=intervals, relaxation=relaxation, cycle=cycle)
    assert (
        distance(run(network(depth, mgrit), ORDERS[order]), run(network(depth), ORDERS[order]))
        < 1e-12
    )


@pytest.mark.slow
def test_single_precision_goes_as_far_as_it_can():
    def single(propagate):
        return run(network(33, propagate).float(), ORDERS[2], points().float())

    for mgrit in (MGRIT(coarsening=4, cycles=9), MGRIT(coarsening=4, tolerance=1e-5)):
        found = single(mgrit)
        assert found[0].dtype == torch.float32
        assert distance(found, single(serial)) < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["tanh", "sin", "relu3"])
@pytest.mark.parametrize("coarse", ["mean", "first"])
def test_iterates_to_a_tolerance(coarse, activation):
    def built(propagate):
        return ResNet(6, 66, activation, propagate=propagate).build(PLANE, 0)

    mgrit = MGRIT(coarsening=5, coarse=coarse, tolerance=1e-11)
    assert distance(run(built(mgrit), ORDERS[2]), run(built(serial), ORDERS[2])) < 1e-10


@pytest.mark.parametrize("at_once", [None, 1, 2])
def test_activations_that_are_recomputed(at_once):
    mgrit = MGRIT(coarsening=4, cycles=5, at_once=at_once, activations="recomputed")
    assert distance(run(network(18, mgrit), ORDERS[2]), run(network(18), ORDERS[2])) < 1e-12


def test_intervals_together_or_one_by_one_are_the_same():
    results = [
        run(network(34, MGRIT(coarsening=4, cycles=2, at_once=n)), ORDERS[2]) for n in (None, 1, 3)
    ]
    assert max(distance(r, results[0]) for r in results[1:]) < 1e-13


def test_the_serial_solution_is_a_fixed_point():
    """Started from the states of the serial loop, a cycle finds a residual of zero and leaves them
    as they are.
    """
    mgrit = MGRIT(coarsening=4, cycles=1)
    basis, exact = network(16, mgrit), run(network(16), ORDERS[2])
    indices = ORDERS[2]
    for _ in range(4):  # warm starts: as many cycles as intervals
        basis(points(), indices)
    torch.testing.assert_close(basis(points(), indices).detach(), exact[0], rtol=1e-15, atol=1e-14)
    (before,) = mgrit.memory.kept
    basis(points(), indices)
    assert torch.equal(mgrit.memory.kept[-1]["values"], before["values"])


@pytest.mark.slow
def test_each_cycle_reduces_the_error_by_twenty():
    """Width 32, horizon 1, weights as they are drawn, jets of order 2."""
    exact = run(network(256, width=32), ORDERS[2])
    errors = [
        distance(run(network(256, MGRIT(coarsening=16, cycles=k), 32), ORDERS[2]), exact)
        for k in (1, 2, 3)
    ]
    assert errors[0] > 20 * errors[1] > 400 * errors[2]


@pytest.mark.slow
def test_the_mean_is_a_better_coarse_layer_than_the_first():
    exact = run(network(256, width=32), ORDERS[2])
    mean, first = (
        distance(
            run(network(256, MGRIT(coarsening=16, cycles=3, coarse=how), 32), ORDERS[2]), exact
        )
        for how in ("mean", "first")
    )
    assert mean < first / 100


@pytest.mark.slow
def test_more_work_a_cycle_is_more_accurate():
    """Coarse problems solved exactly are the method of two levels: F-cycles are nearer to it. Every
    C-relaxation gains.
    """

    def states(*factors, **options):
        return network(128, MGRIT(len(factors) + 1, factors, cycles=3, **options), 16)(
            points(), ORDERS[2]
        ).detach()

    two = states(4)
    apart = [float((states(4, 2, 2, cycle=cycle) - two).norm()) for cycle in ("V", "F")]
    assert apart[1] < 0.7 * apart[0]
    exact = network(128, width=16)(points(), ORDERS[2]).detach()
    errors = [float((states(8, relaxation=r) - exact).norm()) for r in ("F", "FCF", "FCFCF")]
    assert all(b < 0.7 * a for a, b in pairwise(errors))


def test_divergence_is_seen_and_the_serial_pass_taken():
    """A classic residual network: steps of size 1, horizon N. Nothing is lost, the result is
    exact.
    """
    declared = ResNet(16, 65, initialize=He(), horizon=64.0)
    basis, exact = (
        replace(declared, propagate=p).build(PLANE, 0)
        for p in (MGRIT(coarsening=4, cycles=6), serial)
    )
    exact = run(exact, ORDERS[2])
    with pytest.warns(UserWarning, match="diverge: their residual grew"):
        found = run(basis, ORDERS[2])
    assert distance(found, exact) < 1e-12


@pytest.mark.parametrize("activations", ["kept", "recomputed"])
def test_zero_cycles_are_the_serial_pass(activations):
    mgrit = MGRIT(cycles=0, activations=activations)
    assert distance(run(network(20, mgrit), ORDERS[2]), run(network(20), ORDERS[2])) < 1e-13


def test_plain_layers_are_refused():
    def plain(layer, state):
        return torch.tanh(state @ layer[0])

    layers = (torch.randn(16, 4, 4, dtype=torch.float64), torch.ones(16, 1, 1, dtype=torch.float64))
    with pytest.raises(ValueError, match="take a ResNet"):
        MGRIT()(plain, layers, torch.randn(1, 5, 4, dtype=torch.float64))
    with pytest.raises(TypeError, match="propagate"):
        Dense(4, 8, propagate=MGRIT())
