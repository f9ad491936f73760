"""The loss of a training: weighted residuals squared, with weights that do not depend on the
basis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import vector_to_parameters

from pinnsolve.coefficients.gauss_newton import GaussNewton
from pinnsolve.coefficients.least_squares import least_squares
from pinnsolve.coefficients.solved import HeldOut
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.draw import drawn
from pinnsolve.discretize.points import Points
from pinnsolve.discretize.resample import Resample
from pinnsolve.discretize.streams import STREAMS
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.blocks import blocks
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.space import Space
from pinnsolve.running.budget import FOREVER, Budget
from pinnsolve.training.compiled import Loss, Transform, eager
from pinnsolve.training.gradient_check import GradientChecks, checked, in_training
from pinnsolve.training.iterate import Iterate
from pinnsolve.training.partition import Own
from pinnsolve.training.redraws import Redraws
from pinnsolve.training.reference import reference_problem
from pinnsolve.training.residuals import (
    WeightedResiduals,
    batch,
    of_last_state,
    residual_of,
    row_factors,
)


@dataclass(frozen=True, eq=False)
class WeightedLoss(WeightedResiduals):
    """|r|^2 + `smoothness` * roughness of the layers, r the weighted residuals; with the
    coefficients that are the best for a basis, and the loss on `fresh` points. Made by
    `weighted_loss`.
    """

    losses: tuple[Loss, ...]  # of each condition, transformed, for gradients
    fresh: tuple[Points, ...]  # which no row has seen; measured data have none
    smoothness: float
    budget: Budget
    redraws: Redraws
    checks: GradientChecks

    def field(self, at: Iterate) -> Expansion:
        """The unknowns at an iterate, in a basis of their own."""
        basis = deepcopy(self.basis)
        count = sum(p.numel() for p in self.parameters)
        vector_to_parameters(at.x[:count], basis.moved)
        return Expansion(
            Space.shared(basis, self.system.n_unknowns), at.coefficients.detach().clone()
        )

    def sharpen(self) -> None:
        """Exact gradients from now on, where layers are run in parallel and only nearly solved
        for.
        """
        self.basis.propagate = self.basis.propagate.to_roundoff()

    def loss(self, coefficients: Tensor) -> float:
        """The sum of squares of the misfit at coefficients `(columns,)`, and the penalty on rough
        layers.
        """
        with torch.no_grad():
            return float(self.misfit(coefficients).square().sum()) + float(self._penalty())

    def _penalty(self) -> Tensor:
        return self.smoothness * self.basis.roughness() if self.smoothness else torch.zeros(())

    def gradient(
        self,
        coefficients: Tensor,
        variables: Sequence[Tensor],
        own: Own,
        n: int | None,
        generator: np.random.Generator,
    ) -> Tensor:
        """The gradient of the loss in some of the variables, flat, this rank's part `(n_own,)`: of
        all rows, or of about n of them.
        """
        points, factor = (self.points, 1.0) if n is None else batch(self.points, n, generator)
        pulled = partial(self._pulled, points, coefficients, variables, own)
        gradient = factor * (
            checked(self.basis, pulled, self.checks, own.dot) if self.checks.due() else pulled()
        )
        if self.smoothness:
            rough = torch.autograd.grad(
                self._penalty(), variables, allow_unused=True, materialize_grads=True
            )
            gradient += own.flat(rough)
        return gradient

    def _pulled(
        self, points: Sequence[Points], coefficients: Tensor, variables: Sequence[Tensor], own: Own
    ) -> Tensor:
        """Block by block of 1024 points, so that jets stay in the cache."""
        total = torch.zeros_like(own.flat(variables))
        for k, p in enumerate(points):
            weight = self.weight(k)
            for rows, x, normals in blocks(p.x, p.normals, 1, 1024, self.space.like):
                with in_training(self.basis, of_last_state(self, k, x, normals, coefficients)):
                    factors = row_factors(p, self.space.like)[rows]
                    loss = self.losses[k](x, normals, coefficients, factors, weight)
                    parts = torch.autograd.grad(
                        loss, variables, allow_unused=True, materialize_grads=True
                    )
                total += own.flat(parts)
        return total

    def judge(self, at: Iterate) -> float:
        """The loss on points that no row has seen (on measured data: on the same), as if they were
        as many as were given.
        """
        self.move(at.x[: sum(p.numel() for p in self.parameters)])
        with torch.no_grad():
            misfit = self.misfit(at.coefficients, self.fresh)
        return float(misfit.square().mean()) * self.rows

    def solve(
        self, held_out: HeldOut | None = None, initial_guess: Tensor | None = None
    ) -> Iterate:
        """The best coefficients for the basis as it is; `held_out` as in `least_squares`.

        Of nonlinear equations by Gauss-Newton, from coefficients `(columns,)` that were the best
        `initial_guess` here.
        """
        x = self.variables()
        if not self.linear:
            return self._newton(x, initial_guess)
        problem = assemble(self.system, self.points, self.space, row_scales=self.scales)
        solved = least_squares(problem.augmented, held_out)
        loss = (solved.residual / self.size) ** 2 + float(self._penalty().detach())
        coefficients = tensor_of(solved.coefficients, self.space.like)
        return Iterate(x, coefficients, loss, solved, self.points)

    def _newton(self, x: Tensor, initial_guess: Tensor | None) -> Iterate:
        start = None if initial_guess is None else Expansion(self.space, initial_guess)
        # Losses of neighbouring bases must compare: Newton's method leaves next to nothing.
        method = GaussNewton(
            start=start, row_scales=tuple(self.scales), left=1e-10, budget=self.budget
        )
        newton = method(self.system, self.points, self.space, lambda *_: None)
        loss = self.loss(newton.coefficients)
        return Iterate(x, newton.coefficients, loss, newton.solved, self.points)


def weighted_loss(
    system: System,
    points: Sequence[Points],
    space: Space,
    transform: Transform = eager,
    resample: Resample | None = None,
    smoothness: float = 0.0,
    budget: Budget = FOREVER,
) -> WeightedLoss:
    """The loss of a system on points, for a basis that is to be trained.

    Every condition is weighted as least squares would in a plain network of 50 neurons,
    box-initialized: losses of several bases compare. Raises ValueError if the basis has no
    parameters to train, or no layers and is to be smooth in them.
    """
    if not space.basis.moved:
        raise ValueError(
            "this basis has no parameters to train: take a network, Dense(...) or ResNet(...)"
        )
    if smoothness:
        space.basis.roughness()  # says so, if there are no layers
    first, count = reference_problem(system, points), sum(len(p.x) for p in points)
    return WeightedLoss(
        system,
        space,
        tuple(points),
        first.row_scales,
        float(np.linalg.norm(first.target)) or 1.0,
        count,
        tuple(transform(_loss(system, space, k)) for k in range(len(system.residuals))),
        tuple(drawn(system, max(count // 2, 128), STREAMS.held_out)),
        smoothness,
        budget,
        Redraws(resample),
        GradientChecks(),
    )


def _loss(system: System, space: Space, number: int) -> Callable[..., Tensor]:
    """The sum of squared weighted residuals of a condition at some points."""
    residual = residual_of(system, space, number)

    def loss(
        x: Tensor, normals: Tensor | None, coefficients: Tensor, factors: Tensor, weight: float
    ) -> Tensor:
        return (factors * (weight * residual(x, normals, coefficients))).square().sum()

    return loss
