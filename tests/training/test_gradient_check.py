"""Gradients that parallel layers give are checked, and what is done where they point astray."""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest
import torch
from sympy import sin

from layers import ORDERS, network, points
from pinnsolve import (
    MGRIT,
    Box,
    He,
    ResNet,
    compile_problem,
    coordinates,
    laplacian,
    manufactured,
    unknown,
)
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.space import Space
from pinnsolve.mgrit.propagator import serial
from pinnsolve.training.gradient_check import HONESTY, GradientChecks, checked, cosine
from pinnsolve.training.objective import Reduced
from pinnsolve.training.weighted_loss import weighted_loss


@pytest.mark.slow
def test_gradients_that_point_astray_get_more_cycles():
    """Rough layers, one cycle: checks add cycles until gradients are honest, at last the serial
    pass.
    """
    x, y = coordinates("x y")
    u = unknown("u", x, y)
    square = Box({x: (0, 1), y: (0, 1)})
    system = compile_problem(
        manufactured(square, -laplacian(u), u @ square.boundary, exact={u: sin(3 * x) * sin(3 * y)})
    )
    declared = ResNet(8, 33, initialize=He(), horizon=8.0, propagate=MGRIT(coarsening=8, cycles=1))
    basis = declared.build({"x": (0.0, 1.0), "y": (0.0, 1.0)}, 0)
    rows = weighted_loss(system, sample_points(system.problem, 40, 0), Space.shared(basis, 1))
    late = replace(rows, checks=GradientChecks(1, HONESTY.between))  # the first one is not checked
    objective, now = Reduced(late), rows.solve()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # cycles that diverge say so
        first = objective.gradient(now)
        for _ in range(2 * HONESTY.between):
            last = objective.gradient(now)
    basis.propagate = serial
    exact = objective.gradient(now)
    angle = [float(g @ exact / g.norm() / exact.norm()) for g in (first, last)]
    assert angle[0] < 0.9 < angle[1]


def test_gradients_are_checked_less_often_while_they_are_honest():
    checks, seen = GradientChecks(), []
    for call in range(100):
        if checks.due():
            seen.append(call)
            checks.found(honest=call != 55)
    assert seen == [0, 2, 6, 14, 30, 55, 56, 58, 62, 70, 86]


def test_an_honest_gradient_keeps_its_cycles():
    basis = network(64, MGRIT(coarsening=8, cycles=1))
    weights = torch.randn(6, dtype=torch.float64, generator=torch.Generator().manual_seed(4))

    def pulled():
        loss = (basis(points(), ORDERS[2])[1] @ weights).square().sum()
        return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(basis.parameters()))])

    exact = cosine(
        checked(basis, pulled, GradientChecks()), checked(network(64), pulled, GradientChecks())
    )
    assert exact > 0.9
    assert basis.propagate.cycles == 1
    assert MGRIT(cycles=1).with_more_cycles() == MGRIT(cycles=2, adjoint_cycles=2)
    assert MGRIT(cycles=6).with_more_cycles() == MGRIT(cycles=0)


@pytest.mark.parametrize(
    ("better_in", "expected"),
    [("first", ("first", 1)), ("more cycles", ("mean", 2)), (None, ("mean", 1))],
)
def test_a_gradient_that_points_astray_changes_how_layers_are_run(better_in, expected):
    """Other coarse layers if they help, else a cycle more; nothing, if it was honest."""

    class Basis:
        propagate = MGRIT(cycles=1)

    basis, honest, astray = Basis(), torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])

    def pulled():
        way = basis.propagate
        good = better_in is None or way.cycles > 1 or way.coarse == better_in
        return honest if good else astray

    assert checked(basis, pulled, GradientChecks()) is honest
    assert (basis.propagate.coarse, basis.propagate.cycles) == expected
