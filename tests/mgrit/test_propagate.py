"""Ways to run layers, as a user gives them to a network: trained, saved, of one's own, refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import sin

from layers import ORDERS, network, points, run
from pinnsolve import (
    LSGD,
    MGRIT,
    Adam,
    Box,
    Interval,
    ResNet,
    SelfScaledBroyden,
    coordinates,
    laplacian,
    load,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.mgrit.propagator import serial


@pytest.mark.slow
@pytest.mark.parametrize("descent", [Adam(3e-3), SelfScaledBroyden()], ids=["Adam", "Broyden"])
def test_training_in_parallel_is_training(descent):
    """One keyword changes how layers are run: LS/GD comes to the same loss, and the solution's
    values are exact.
    """
    x, y = coordinates("x y")
    u = unknown("u", x, y)
    square = Box({x: (0, 1), y: (0, 1)})
    problem = manufactured(
        square, -laplacian(u), u @ square.boundary, exact={u: sin(3 * x) * sin(3 * y)}
    )
    solutions = [
        solve(problem, ResNet(6, 13, propagate=p), LSGD(6, descent))
        for p in (serial, MGRIT(coarsening=4, cycles=1))
    ]
    losses = [s.history.steps[-2].residual ** 2 for s in solutions]
    assert losses[1] == pytest.approx(losses[0], rel=0.1)
    with torch.no_grad():
        found = solutions[1].basis(points(), ORDERS[2])
        solutions[1].basis.propagate = serial
        torch.testing.assert_close(
            found, solutions[1].basis(points(), ORDERS[2]), rtol=1e-13, atol=1e-13
        )


def test_a_solution_made_in_parallel_is_saved_and_loaded(tmp_path):
    """Layers have one order, however many ranks there are."""
    x = coordinates("x")[0]
    u = unknown("u", x)
    problem = manufactured(
        Interval(x, 0, 1), u.diff(x, 2), u @ Interval(x, 0, 1).boundary, exact={u: sin(x)}
    )
    solution = solve(problem, ResNet(8, 17, propagate=MGRIT(coarsening=4)))
    solution.save(tmp_path / "deep.st")
    again = load(tmp_path / "deep.st", problem)
    np.testing.assert_allclose(again([[0.3], [0.7]]), solution([[0.3], [0.7]]), rtol=1e-12)


def test_a_function_is_a_way_to_run_layers_too():
    """It gives what the serial loop gives, and nothing that needs cycles is asked of it."""

    def layer_by_layer(step, layers, state):
        return serial(step, layers, state)

    plain = network(12, layer_by_layer)
    assert not plain.propagate.parallel
    for a, b in zip(run(plain, ORDERS[2]), run(network(12), ORDERS[2]), strict=True):
        assert all(torch.equal(p, q) for p, q in zip(a, b, strict=True))
    x = coordinates("x")[0]
    u, line = unknown("u", x), Box({x: (0, 1)})
    problem = manufactured(line, -laplacian(u), u @ line.boundary, exact={u: sin(3 * x)})
    plain, usual = (
        solve(problem, ResNet(5, 5, propagate=p), LSGD(3, Adam(1e-2)))
        for p in (layer_by_layer, serial)
    )
    assert plain.history.final.residual == usual.history.final.residual


@pytest.mark.parametrize("given", [MGRIT, "mgrit", None])
def test_what_runs_no_layers_is_refused(given):
    with pytest.raises(TypeError, match=r"propagate is a way to run the layers"):
        ResNet(6, 8, propagate=given)
