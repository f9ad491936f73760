"""Descents against torch's and textbook ones, on functions whose minimum is known."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest
import torch

import pinnsolve
from pinnsolve import LBFGS, Adam, SelfScaledBroyden, Sequence, SteepestDescent
from pinnsolve.solution.parts import made
from pinnsolve.training.iterate import Iterate
from pinnsolve.training.quasi_newton import self_scaled_update
from small_losses import Quadratic


def test_a_sequence_is_found_by_its_former_name():
    """In programs, and in files that were written before."""
    assert pinnsolve.InTurn is Sequence
    stages = ((SteepestDescent(1e-3), 5),)
    assert made("InTurn", {"stages": stages}) == Sequence(*stages)


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
