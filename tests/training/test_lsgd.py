"""LS/GD as a whole, and the joint descent beside it: errors, ends, and what is refused."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from sympy import pi, sin

from pinnsolve import (
    LBFGS,
    LSGD,
    Adam,
    Dense,
    Functions,
    GradientDescent,
    LeastSquares,
    LevenbergMarquardt,
    ResNet,
    SelfScaledBroyden,
    Sequence,
    SteepestDescent,
    compile_problem,
    solve,
)
from pinnsolve.discretize.points import sample_points
from small_losses import cubic, poisson, x, y


@pytest.mark.slow
@pytest.mark.parametrize(
    "descent",
    [Adam(1e-2), LBFGS(), SelfScaledBroyden(), LevenbergMarquardt()],
    ids=lambda d: type(d).__name__,
)
def test_lsgd_lowers_the_error_step_by_step(descent):
    seen = []
    once = solve(poisson, Dense(20)).error()
    solution = solve(poisson, Dense(20), LSGD(60, descent), callbacks=[seen.append])
    losses = [s.residual for s in seen if s.stage in ("descent", "refused")]
    assert all(b <= a for a, b in pairwise(losses))
    assert solution.error() < once / 2
    assert solution.history.final.rows > 3 * 80  # three rows a free parameter


@pytest.mark.slow
def test_fifty_neurons_solve_poisson_to_six_digits():
    """One frozen solve of as many neurons has an error of 4e-2, Adam on all parameters 2e-1 after
    as long.
    """
    errors = [solve(poisson, Dense(50), LSGD(600), seed=s).error() for s in (11, 12)]
    assert max(errors) < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize(
    "basis",
    [ResNet(10, 4), Dense(10, 2), Dense(10) + Functions(sin(pi * x) * y)],
    ids=["residual", "deep", "sum"],
)
def test_any_network_can_be_trained(basis):
    before = solve(poisson, basis).residual()
    assert solve(poisson, basis, LSGD(40)).residual() < before / 2


@pytest.mark.slow
def test_solves_may_be_rarer_than_steps():
    seen = []
    solution = solve(
        poisson, Dense(20), LSGD(60, Adam(1e-2), solve_every=5), callbacks=[seen.append]
    )
    assert solution.error() < solve(poisson, Dense(20)).error() / 2
    ranks = [s.rank for s in seen[:-1]]
    assert len(set(ranks)) <= 14  # a solve leaves a rank of its own


@pytest.mark.slow
def test_batches_train_too():
    solution = solve(poisson, Dense(20), LSGD(80, Adam(1e-2), batch=100))
    assert solution.error() < solve(poisson, Dense(20)).error() / 2


@pytest.mark.slow
def test_joint_descent_is_the_baseline():
    joint = solve(poisson, Dense(20), GradientDescent(400, Adam(1e-2)))
    assert 1e-3 < joint.error() < 1
    assert joint.stopped == "trained"
    assert not torch.equal(joint.coefficients, LeastSquares()(*again(joint)).coefficients)


def again(solution):
    system = compile_problem(solution.problem)
    return (
        system,
        sample_points(solution.problem, 400, 5),
        solution.expansion.space,
        lambda *step: None,
    )


def test_a_step_that_diverges_is_refused_and_said():
    seen = []
    solution = solve(poisson, Dense(20), LSGD(12, SteepestDescent(1e12)), callbacks=[seen.append])
    assert any(s.stage == "refused" for s in seen)
    assert np.isfinite(float(solution.error()))


def test_joint_descent_returns_its_best_state_and_warns():
    with pytest.warns(UserWarning, match="the loss rose .* take a smaller rate"):
        solution = solve(poisson, Dense(20), GradientDescent(20, SteepestDescent(1e3)))
    assert np.isfinite(float(solution.residual()))


@pytest.mark.slow
@pytest.mark.parametrize(
    "method", [LSGD(100, Adam(1e-2)), GradientDescent(100)], ids=["lsgd", "joint"]
)
def test_ctrl_c_returns_the_best_so_far(method):
    seen = []

    def stop(step):
        seen.append(step)
        if len(seen) == 10:
            raise KeyboardInterrupt

    solution = solve(poisson, Dense(20), method, callbacks=[stop])
    assert solution.stopped == "interrupted"
    assert "interrupted" in solution.report()
    assert "10 steps, " in solution.report()
    assert len(seen) == 11  # ten steps, and the solve for the coefficients of the best


@pytest.mark.slow
def test_a_training_is_drawn_against_its_steps(tmp_path):
    figure = solve(poisson, Dense(20), LSGD(20)).plot(tmp_path / "p.png")
    assert "root of the loss" in [ax.get_title() for ax in figure.axes]


def test_seconds_end_a_training(clock):
    seen = []
    clock(0.01)
    solve(poisson, Dense(20), LSGD(100_000, seconds=0.5), callbacks=[seen.append])
    assert 5 < len(seen) < 60


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: solve(poisson, Functions(x, y, x * y), LSGD(5)), "no parameters to train"),
        (lambda: solve(poisson, method=LSGD(5)), "works on a given basis"),
        (Sequence, "each with its number of steps"),
        (lambda: LSGD(0), "at least 1"),
        (lambda: GradientDescent(batch=0), "at least 1"),
        (lambda: Adam(-1.0), "positive"),
        (lambda: SteepestDescent(math.nan), "positive"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.slow
def test_a_goal_ends_a_training():
    seen = []
    solve(poisson, Dense(20), LSGD(500, goal=0.02), callbacks=[seen.append])
    assert 1 < len(seen) < 400


@pytest.mark.slow
def test_training_a_nonlinear_problem():
    """The same loop: Gauss-Newton for the coefficients, descent on twenty neurons."""
    errors = [solve(cubic, Dense(20), method, seed=1).error() for method in (None, LSGD(80))]
    assert errors[1] < errors[0] / 20
