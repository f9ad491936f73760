"""Levenberg and Marquardt's steps against least squares of the damped rows, and what they are worth."""

from __future__ import annotations

from itertools import islice

import pytest
import torch

from pinnsolve import (
    LSGD,
    Dense,
    GradientDescent,
    LevenbergMarquardt,
    ResNet,
    compile_problem,
    solve,
)
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.building import build_space
from pinnsolve.training.levenberg import of_columns, of_rows
from pinnsolve.training.lsgd import first_joint
from pinnsolve.training.objective import Joint
from pinnsolve.training.weighted_loss import weighted_loss
from small_losses import Quadratic, cubic, poisson


def test_levenberg_marquardt_wants_residuals():
    with pytest.raises(TypeError, match="wants residuals"):
        next(
            LevenbergMarquardt().iterates(
                Quadratic(), Quadratic().evaluate(torch.zeros(12, dtype=torch.float64), None)
            )
        )


@pytest.mark.parametrize("shape", [(40, 12), (12, 40)], ids=["tall", "wide"])
@pytest.mark.parametrize("damping", [1e-3, 1.0])
def test_damped_steps_minimize_what_they_say(shape, damping):
    """By columns and by rows, against lstsq of the system with the damping's rows."""
    matrix = torch.randn(
        shape[0], shape[1] + 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    rows = torch.cat([matrix, damping * torch.eye(*shape[1:], shape[1] + 2, dtype=torch.float64)])
    rows[shape[0] :, -2:] = 0
    expected = torch.linalg.lstsq(rows[:, :-2], rows[:, -2:]).solution
    for way in (of_columns, of_rows):
        torch.testing.assert_close(
            way(matrix[:, :-2], matrix[:, -2:])(damping), expected, rtol=1e-8, atol=1e-8
        )


@pytest.mark.parametrize("network", [Dense(8), ResNet(12, 4, "sin")], ids=["tall", "wide"])
def test_momentum_damps_what_differs_from_the_last_step(network):
    """|J d - r|^2 + |damping D (d - m d_0)|^2, against lstsq of the stacked system."""
    system = compile_problem(poisson)
    rows = weighted_loss(system, sample_points(poisson, 60, 0), build_space(system, network, 0))
    objective, momentum, damping = Joint(rows), 0.7, 1.0
    start = first_joint(objective)
    one, two = islice(LevenbergMarquardt(damping, momentum).iterates(objective, start), 2)
    r, j = objective.tangent(one)
    scaled = damping / 5 * torch.diag(j.norm(dim=0).clamp(min=1e-12 * float(j.norm())))
    stacked = torch.cat([j, scaled]), torch.cat([r, momentum * scaled @ (start.x - one.x)])
    expected = torch.linalg.lstsq(stacked[0], stacked[1][:, None], driver="gelsd").solution[:, 0]
    torch.testing.assert_close(one.x - two.x, expected, rtol=1e-6, atol=1e-7)
    with pytest.raises(ValueError, match="below 1"):
        LevenbergMarquardt(momentum=1.0)


def test_a_rate_takes_a_share_of_the_step():
    system = compile_problem(poisson)
    objective = Joint(
        weighted_loss(system, sample_points(poisson, 60, 0), build_space(system, Dense(8), 0))
    )
    start = first_joint(objective)
    full, third = (
        next(LevenbergMarquardt(1.0, rate=rate).iterates(objective, start)) for rate in (1.0, 1 / 3)
    )
    torch.testing.assert_close(third.x - start.x, (full.x - start.x) / 3)
    for rate in (0.0, 1.5):
        with pytest.raises(ValueError, match="rate is above 0 and at most 1"):
            LevenbergMarquardt(rate=rate)


@pytest.mark.slow
def test_levenberg_marquardt_of_all_parameters_at_once():
    """The joint loss, from random coefficients; and a network with more parameters than rows, which
    none is eliminated from.
    """
    adam = solve(poisson, Dense(12), GradientDescent(300))
    assert (
        solve(poisson, Dense(12), GradientDescent(60, LevenbergMarquardt())).error()
        < adam.error() / 5
    )
    deep = ResNet(12, 5, "sin", horizon=4.0)
    start, trained = (
        solve(cubic, deep, method).error() for method in (None, LSGD(25, LevenbergMarquardt()))
    )
    assert trained < start / 20
