"""Losses of parameters: gradients, Jacobians and projections against autograd and differences."""

from __future__ import annotations

import math

import pytest
import torch

from pinnsolve import (
    LBFGS,
    LSGD,
    Dense,
    He,
    LevenbergMarquardt,
    ResNet,
    TensorProduct,
    compile_problem,
    solve,
)
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.building import build_space
from pinnsolve.training.lsgd import first_joint
from pinnsolve.training.objective import Joint, Reduced
from pinnsolve.training.weighted_loss import weighted_loss
from small_losses import cubic, numerical_gradient, poisson, robin, rows_of, x, y


@pytest.mark.slow
@pytest.mark.parametrize("problem", [poisson, robin, cubic], ids=["poisson", "system", "nonlinear"])
@pytest.mark.parametrize(
    "basis", [Dense(12), Dense(6, 2), ResNet(6, 4)], ids=["plain", "deep", "residual"]
)
def test_gradient_of_the_reduced_loss_is_that_of_the_re_solved_loss(problem, basis):
    objective = Reduced(rows_of(problem, basis))
    start = objective.rows.solve()
    found = objective.gradient(start)
    expected = numerical_gradient(lambda z: objective.evaluate(z, start).loss, start.x)
    settled = 1e-4 if problem is cubic else 1e-5  # Newton's method leaves a little
    assert (found - expected).norm() < settled * expected.norm()


@pytest.mark.slow
def test_gradient_of_the_joint_loss():
    objective = Joint(rows_of(robin))
    start = first_joint(objective)
    found = objective.gradient(start)
    expected = numerical_gradient(lambda z: objective.evaluate(z, start).loss, start.x)
    assert (found - expected).norm() < 1e-5 * expected.norm()


def test_the_loss_is_relative_to_that_of_zero():
    objective = Joint(rows_of())
    zero = torch.cat([objective.rows.variables(), torch.zeros(12, dtype=torch.float64)])
    assert objective.evaluate(zero, first_joint(objective)).loss == pytest.approx(1.0, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    "basis",
    [Dense(5, 2), ResNet(4, 3), TensorProduct({x: Dense(2), y: Dense(3)})],
    ids=["plain", "residual", "no network"],
)
@pytest.mark.parametrize(
    "problem", [poisson, robin, cubic], ids=["poisson", "system of two traces", "nonlinear"]
)
def test_jacobian_against_autograd_row_by_row(problem, basis):
    objective = Reduced(rows_of(problem, basis, n=20))
    start = objective.rows.solve()
    misfit, jacobian = objective.tangent(start)
    rows = objective.rows
    coefficients = start.coefficients.clone().requires_grad_()
    again = rows.misfit(coefficients)
    variables = (
        rows.parameters if rows.linear else [*rows.parameters, coefficients]
    )  # nonlinear: both move together
    expected = [
        torch.cat([g.flatten() for g in torch.autograd.grad(r, variables, retain_graph=True)])
        for r in again
    ]
    torch.testing.assert_close(misfit, again.detach())
    torch.testing.assert_close(jacobian, torch.stack(expected))
    assert float(misfit.square().sum()) == pytest.approx(start.loss, rel=1e-6)


def test_projection_removes_the_range_of_the_matrix():
    objective = Reduced(rows_of())
    start = objective.rows.solve()
    vectors = torch.randn(len(objective.rows.misfit(start.coefficients)), 3, dtype=torch.float64)
    once = objective.project(start, vectors)
    torch.testing.assert_close(objective.project(start, once), once, rtol=0, atol=1e-10)
    misfit = objective.rows.misfit(start.coefficients).detach()
    torch.testing.assert_close(
        objective.project(start, misfit[:, None])[:, 0], misfit, rtol=0, atol=1e-10
    )
    changed = objective.rows.misfit(
        start.coefficients + torch.randn_like(start.coefficients)
    ).detach()
    torch.testing.assert_close(
        objective.project(start, changed[:, None])[:, 0], misfit, rtol=0, atol=1e-9
    )


@pytest.mark.slow
def test_gradients_of_batches_are_those_of_all_rows_on_average():
    rows = rows_of(n=200)
    start = rows.solve()
    full = Reduced(rows).gradient(start)
    batches = Reduced(rows, batch=40, seed=1)
    gradients = torch.stack([batches.gradient(start) for _ in range(600)])
    spread = gradients.std(dim=0) / math.sqrt(len(gradients))
    assert ((gradients.mean(dim=0) - full).abs() < 5 * spread + 1e-12).all()
    assert float(spread.norm()) > 0.01 * float(full.norm())  # they are batches


@pytest.mark.slow
def test_smooth_layers():
    """The gradient of the penalty, and that it does what it says; descents that see residuals alone
    refuse it.
    """
    system = compile_problem(poisson)
    space = build_space(system, ResNet(5, 9, initialize=He()), 0)
    objective = Reduced(
        weighted_loss(system, sample_points(poisson, 60, 0), space, smoothness=1e-2)
    )
    start = objective.rows.solve()
    expected = numerical_gradient(lambda z: objective.evaluate(z, start).loss, start.x)
    assert (objective.gradient(start) - expected).norm() < 1e-5 * expected.norm()
    rough, smooth = (
        solve(
            poisson, ResNet(5, 9, initialize=He()), LSGD(40, LBFGS(), smoothness=s)
        ).basis.roughness()
        for s in (0.0, 1e-2)
    )
    assert smooth < rough / 2
    with pytest.raises(ValueError, match="take LBFGS"):
        solve(poisson, ResNet(5, 3), LSGD(2, LevenbergMarquardt(), smoothness=1.0))
    with pytest.raises(ValueError, match="this basis has none"):
        solve(poisson, Dense(5), LSGD(2, smoothness=1.0))
