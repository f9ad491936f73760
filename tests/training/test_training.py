"""Training: objectives against autograd, descents against torch's and textbook ones, LS/GD as a
whole.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest
import torch
from sympy import Eq, cos, pi, sin

import pinnsolve
from pinnsolve import (
    LBFGS,
    LSGD,
    Adam,
    Box,
    BoxPlanes,
    Dense,
    Functions,
    GradientDescent,
    He,
    LeastSquares,
    LevenbergMarquardt,
    Problem,
    Resample,
    ResNet,
    SelfScaledBroyden,
    Sequence,
    SteepestDescent,
    TensorProduct,
    compile_problem,
    coordinates,
    laplacian,
    load,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.basis.trained import _between
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.building import build_space
from pinnsolve.solution.parts import made
from pinnsolve.training.iterate import Iterate
from pinnsolve.training.levenberg import of_columns, of_rows
from pinnsolve.training.loop import Validation
from pinnsolve.training.lsgd import first_joint
from pinnsolve.training.objective import Joint, Reduced
from pinnsolve.training.partition import Everything
from pinnsolve.training.quasi_newton import self_scaled_update
from pinnsolve.training.weighted_loss import weighted_loss

x, y = coordinates("x y")
u = unknown("u", x, y)
v = unknown("v", x, y)
square = Box({x: (0, 1), y: (0, 1)})
poisson = Problem(
    square,
    Eq(-laplacian(u), 8 * pi**2 * sin(2 * pi * x) * sin(2 * pi * y)),
    Eq(u, 0) @ square.boundary,
    exact={u: sin(2 * pi * x) * sin(2 * pi * y)},
)
robin = Problem(
    square,
    Eq(u.diff(x) - v, 0),
    Eq(v.diff(y) + x * u, cos(y)),
    Eq(u(0, y), 1),
    Eq(v(x, 0), x),
    Eq(u(1, y), u(0, y) + 1),
)


cubic = manufactured(
    square,
    -laplacian(u) + 20 * u**3,
    u @ square.boundary,
    exact={u: sin(2 * pi * x) * sin(2 * pi * y)},
)


def test_a_sequence_is_found_by_its_former_name():
    """In programs, and in files that were written before."""
    assert pinnsolve.InTurn is Sequence
    stages = ((SteepestDescent(1e-3), 5),)
    assert made("InTurn", {"stages": stages}) == Sequence(*stages)


def rows_of(problem=poisson, basis=None, n=120, seed=0):
    system = compile_problem(problem)
    return weighted_loss(
        system, sample_points(problem, n, seed), build_space(system, basis or Dense(12), seed)
    )


def numerical_gradient(function, at, h=1e-6):
    units = torch.eye(len(at), dtype=at.dtype)
    return torch.tensor(
        [(function(at + h * e) - function(at - h * e)) / (2 * h) for e in units], dtype=at.dtype
    )


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


def test_gradients_of_batches_are_those_of_all_rows_on_average():
    rows = rows_of(n=200)
    start = rows.solve()
    full = Reduced(rows).gradient(start)
    batches = Reduced(rows, batch=40, seed=1)
    gradients = torch.stack([batches.gradient(start) for _ in range(600)])
    spread = gradients.std(dim=0) / math.sqrt(len(gradients))
    assert ((gradients.mean(dim=0) - full).abs() < 5 * spread + 1e-12).all()
    assert float(spread.norm()) > 0.01 * float(full.norm())  # they are batches


class Quadratic:
    """0.5 |x - 1|^2 in scales from 1 to 1000, and its gradient."""

    scales = torch.logspace(0, 3, 12, dtype=torch.float64)
    own = Everything()

    def sharpen(self):
        pass

    def renewed(self, now):
        return now

    def evaluate(self, at, near):
        return Iterate(at, at, float(0.5 * (self.scales * (at - 1) ** 2).sum()))

    def gradient(self, at):
        return self.scales * (at.x - 1)

    def accepts(self, trial, now):
        return trial.loss < now.loss


class Rosenbrock(Quadratic):
    """The curved valley (1 - x)^2 + 100 (y - x^2)^2 in pairs of variables."""

    def evaluate(self, at, near):
        a, b = at[::2], at[1::2]
        return Iterate(at, at, float(((1 - a) ** 2 + 100 * (b - a * a) ** 2).sum()))

    def gradient(self, at):
        z = at.x.clone().requires_grad_()
        a, b = z[::2], z[1::2]
        return torch.autograd.grad(((1 - a) ** 2 + 100 * (b - a * a) ** 2).sum(), z)[0]


def last(descent, objective, steps, n=12):
    start = objective.evaluate(torch.full((n,), -1.2, dtype=torch.float64), None)
    return list(islice(descent.iterates(objective, start), steps))


@pytest.mark.parametrize("descent", [LBFGS(), LBFGS(3), SelfScaledBroyden()], ids=str)
@pytest.mark.parametrize("objective", [Quadratic(), Rosenbrock()], ids=["quadratic", "rosenbrock"])
def test_quasi_newton_descents_find_the_minimum(descent, objective):
    found = last(descent, objective, 300)
    assert found[-1].loss < 1e-12
    assert all(b.loss < a.loss for a, b in pairwise(found))


def test_quasi_newton_is_quicker_than_steepest_descent_on_a_quadratic():
    n = [
        len([i for i in last(d, Quadratic(), 300) if i.loss > 1e-10])
        for d in (SelfScaledBroyden(), SteepestDescent(1e-3))
    ]
    assert n[0] < 100
    assert n[1] == 300


def test_self_scaled_update_satisfies_the_secant_equation_and_stays_definite():
    generator = torch.Generator().manual_seed(0)
    root = torch.randn(6, 6, generator=generator, dtype=torch.float64)
    hessian = root @ root.T + torch.eye(6, dtype=torch.float64)
    inverse = torch.eye(6, dtype=torch.float64)
    for _ in range(20):
        s = torch.randn(6, generator=generator, dtype=torch.float64)
        yy = hessian @ s
        inverse = self_scaled_update(inverse, s, yy, float(s @ torch.linalg.solve(inverse, s)))
        torch.testing.assert_close(inverse @ yy, s)
        torch.testing.assert_close(inverse, inverse.T)
        assert torch.linalg.eigvalsh(inverse).min() > 0


def test_lbfgs_takes_the_steps_of_dense_bfgs():
    """With more memory than steps, the two-loop recursion is BFGS whose first matrix is the last
    scaling of the identity.
    """
    objective = Rosenbrock()
    start = objective.evaluate(torch.full((4,), -1.2, dtype=torch.float64), None)
    iterates = [start, *islice(LBFGS().iterates(objective, start), 8)]
    points, slopes = [i.x for i in iterates], [objective.gradient(i) for i in iterates]
    pairs = [
        (b - a, h - g) for a, b, g, h in zip(points, points[1:], slopes, slopes[1:], strict=False)
    ]
    s, d = pairs[-2]
    inverse = torch.eye(4, dtype=torch.float64) * (s @ d) / (d @ d)
    for s, d in pairs[:-1]:
        left = torch.eye(4, dtype=torch.float64) - torch.outer(s, d) / (s @ d)
        inverse = left @ inverse @ left.T + torch.outer(s, s) / (s @ d)
    direction, step = -inverse @ slopes[-2], pairs[-1][0]
    assert float(direction @ step) == pytest.approx(float(direction.norm() * step.norm()), rel=1e-9)


@pytest.mark.parametrize("ours", [Adam(1e-2), SteepestDescent(1e-4)], ids=["adam", "steepest"])
def test_first_order_descents_take_the_steps_of_torch(ours):
    class Always(Rosenbrock):
        def accepts(self, trial, now):
            return True

    found = last(ours, Always(), 50)[-1].x
    z = torch.full((12,), -1.2, dtype=torch.float64, requires_grad=True)
    kind = (
        torch.optim.Adam([z], lr=1e-2) if isinstance(ours, Adam) else torch.optim.SGD([z], lr=1e-4)
    )
    for _ in range(50):
        z.grad = Rosenbrock().gradient(Iterate(z.detach(), z, 0.0))
        kind.step()
    torch.testing.assert_close(found, z.detach(), rtol=1e-5, atol=1e-6)


def test_descents_in_turn():
    descent = Sequence((SteepestDescent(1e-3), 5), (SelfScaledBroyden(), 200))
    both = last(descent, Quadratic(), 300)
    alone = last(SteepestDescent(1e-3), Quadratic(), 5)
    assert both[4].loss == alone[4].loss
    assert both[-1].loss < 1e-12


def test_schedule_multiplies_the_rate():
    start = Quadratic().evaluate(torch.zeros(12, dtype=torch.float64), None)
    half = next(SteepestDescent(1e-4, lambda step: 0.5).iterates(Quadratic(), start)).x
    torch.testing.assert_close(half, next(SteepestDescent(5e-5).iterates(Quadratic(), start)).x)


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


@pytest.mark.parametrize(
    "basis",
    [ResNet(10, 4), Dense(10, 2), Dense(10) + Functions(sin(pi * x) * y)],
    ids=["residual", "deep", "sum"],
)
def test_any_network_can_be_trained(basis):
    before = solve(poisson, basis).residual()
    assert solve(poisson, basis, LSGD(40)).residual() < before / 2


def test_solves_may_be_rarer_than_steps():
    seen = []
    solution = solve(
        poisson, Dense(20), LSGD(60, Adam(1e-2), solve_every=5), callbacks=[seen.append]
    )
    assert solution.error() < solve(poisson, Dense(20)).error() / 2
    ranks = [s.rank for s in seen[:-1]]
    assert len(set(ranks)) <= 14  # a solve leaves a rank of its own


def test_batches_train_too():
    solution = solve(poisson, Dense(20), LSGD(80, Adam(1e-2), batch=100))
    assert solution.error() < solve(poisson, Dense(20)).error() / 2


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


def test_training_goes_on_where_it_ended(tmp_path):
    first = solve(poisson, Dense(20), LSGD(30))
    second = solve(poisson, first.trained, LSGD(60))
    assert second.error() < first.error() / 2
    again = solve(poisson, first.trained)  # the functions as they are
    assert again.error() < 3 * first.error()
    second.save(tmp_path / "s")
    kept = load(tmp_path / "s", poisson)
    np.testing.assert_array_equal(kept([[0.3, 0.4]]), second([[0.3, 0.4]]))
    assert solve(poisson, kept.trained).error() < 3 * second.error()


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


def test_iterates_on_points_of_their_own_are_judged_by_their_mean():
    """Noise about 1 that steps leave, and one iterate that is lucky; one that is far better than
    all before is no luck.
    """

    class Bowl:
        def judge(self, at):
            return float(((at.x - 1) ** 2 + (at.coefficients - 1) ** 2).sum())

    def at(value):
        return Iterate(
            torch.tensor([value], dtype=torch.float64),
            torch.tensor([[value]], dtype=torch.float64),
            1.0,
        )

    watch, recent = Validation(Bowl(), at(3.0), 8.0, 8.0), [at(1.5), at(0.52), at(1.4), at(0.6)]
    found = watch.after(recent[-1], recent)
    assert float(found.best.x) == float(found.best.coefficients) == pytest.approx(1.005)
    assert found.fresh == pytest.approx(2 * 0.005**2)
    assert watch.after(at(1.1), [at(1.9), at(1.9), at(1.1)]).best.x == 1.1
    assert found.after(at(1.2)).best is found.best


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


def test_new_points_are_drawn_where_the_residual_is():
    system = compile_problem(poisson)
    rows = weighted_loss(system, sample_points(poisson, 200, 0), build_space(system, Dense(12), 0))
    coefficients = rows.solve().coefficients
    drawn, again = (
        Resample(points=400, candidates=16).drawn(rows, coefficients, 3) for _ in range(2)
    )
    usual = sample_points(poisson, 400, 5)
    sizes = [
        rows.misfit(coefficients, (replace(p, factors=None), *usual[1:]))[:400].square().mean()
        for p in (drawn[0], usual[0])
    ]
    assert sizes[0] > 1.3 * sizes[1]
    assert [len(p.x) for p in drawn] == [len(p.x) for p in usual]
    for p, q in zip(drawn, again, strict=True):
        np.testing.assert_array_equal(p.x, q.x)
        assert p.factors is not None
        assert 0.2 < p.factors.min() <= p.factors.max() <= 1
    assemble_there = assemble(rows.system, drawn, rows.space, row_scales=rows.scales)
    plain = assemble(
        rows.system, [replace(p, factors=None) for p in drawn], rows.space, row_scales=rows.scales
    )
    factors = np.concatenate([p.factors for p in drawn])
    np.testing.assert_allclose(assemble_there.augmented, factors[:, None] * plain.augmented)


@pytest.mark.parametrize(
    "descent", [Adam(1e-3), LBFGS(), LevenbergMarquardt()], ids=["adam", "lbfgs", "lm"]
)
def test_training_on_points_that_are_drawn_anew(descent):
    seen, resample = [], Resample(every=5, points=150)
    solution = solve(
        poisson, Dense(12), LSGD(40, descent, resample=resample), callbacks=[seen.append]
    )
    again = solve(poisson, Dense(12), LSGD(40, descent, resample=resample))
    assert solution.error() < solve(poisson, Dense(12)).error()
    assert float(solution.error()) == float(again.error())
    assert solution.residual() < 10
    with pytest.raises(ValueError, match="at least 1"):
        Resample(every=0)


@pytest.mark.slow
def test_a_deeper_network_is_near_the_one_before(tmp_path):
    """Steps half as long with parameters from between: twice as many of the smoothest network are
    almost the same function.
    """
    basis = ResNet(6, 9)
    first = solve(poisson, basis, LSGD(30, Adam(3e-3), smoothness=1e-3))
    deeper = first.trained.deeper()
    assert str(deeper) == f"Trained({ResNet(6, 17)})"
    second = solve(poisson, deeper)
    assert second.error() < 3 * first.error()
    assert solve(poisson, deeper, LSGD(30, Adam(3e-3))).error() < second.error()
    second.save(tmp_path / "s")
    np.testing.assert_array_equal(load(tmp_path / "s", poisson)([[0.3, 0.4]]), second([[0.3, 0.4]]))
    grown = solve(poisson, second.trained.deeper(3))
    assert grown.basis.weights.shape[0] == 48
    with pytest.raises(TypeError, match="layers of a ResNet"):
        solve(poisson, Dense(5)).trained.deeper()
    with pytest.raises(ValueError, match="at least 2"):
        deeper.deeper(1)


def test_interpolation_in_depth_keeps_layers_that_lie_on_a_line():
    layers = torch.arange(4, dtype=torch.float64)[:, None, None] * torch.ones(
        4, 2, 2, dtype=torch.float64
    )
    found = _between(layers, 2)[:, 0, 0]
    torch.testing.assert_close(
        found, torch.tensor([0.0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.0], dtype=torch.float64)
    )
    torch.testing.assert_close(_between(layers[:1], 3), layers[:1].expand(3, 2, 2))


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


def test_where_no_step_is_left_new_points_are_drawn():
    """Levenberg-Marquardt ends on fixed points, and goes on at others where there are others."""

    class Stuck(Reduced):
        def advanced(self, at, step):
            return replace(at, loss=math.inf)

    system = compile_problem(poisson)
    space = build_space(system, Dense(12), 0)
    for resample, steps in ((None, 0), (Resample(every=50, points=30), 4)):
        rows = weighted_loss(system, sample_points(poisson, 60, 0), space, resample=resample)
        seen, points = [], []
        for now in islice(LevenbergMarquardt().iterates(Stuck(rows), rows.solve()), 4):
            seen.append(now)
            points.append(now.points[0].x)
        assert len(seen) == steps
        assert all(not np.array_equal(a, b) for a, b in pairwise(points))


def test_a_goal_ends_a_training():
    seen = []
    solve(poisson, Dense(20), LSGD(500, goal=0.02), callbacks=[seen.append])
    assert 1 < len(seen) < 400


def test_the_estimate_of_a_trained_basis_trains_another():
    solution = solve(poisson, Dense(20, initialize=BoxPlanes(3.0)), LSGD(150))
    assert solution.error() / 100 < solution.estimate < 100 * solution.error()


@pytest.mark.slow
def test_training_a_nonlinear_problem():
    """The same loop: Gauss-Newton for the coefficients, descent on twenty neurons."""
    errors = [solve(cubic, Dense(20), method, seed=1).error() for method in (None, LSGD(80))]
    assert errors[1] < errors[0] / 20
