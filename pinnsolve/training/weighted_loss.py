"""The rows of a system on fixed points, weighted once and for all: losses, gradients and
coefficients of a network there.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from pinnsolve.basis.networks import Dense
from pinnsolve.coefficients.flat import flattest_field
from pinnsolve.coefficients.gauss_newton import GaussNewton
from pinnsolve.coefficients.least_squares import HELD_OUT_SEED, HeldOut, Solved, least_squares
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import LeastSquaresProblem, NotFiniteError, assemble
from pinnsolve.discretize.draw import drawn
from pinnsolve.discretize.linearize import linearized
from pinnsolve.discretize.points import Points
from pinnsolve.discretize.resample import Resample
from pinnsolve.fields.blocks import blocks
from pinnsolve.fields.building import build_space
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.space import Space
from pinnsolve.running.budget import FOREVER, Budget
from pinnsolve.training.gradient_check import GradientChecks, checked, in_training, runs_in_parallel
from pinnsolve.training.jacobian import slopes
from pinnsolve.training.partition import Own

REFERENCE = Dense(50, 1, "tanh")
Transform = Callable[[Callable[..., Tensor]], Callable[..., Tensor]]
ROWS = 4096  # of the Jacobian at a time
# The Jacobian's blocks may take so many times as much as others; but what is derived takes several
# copies
ROOM = 4
CACHED = 1024  # points whose jets go through a network at a time
# Of a nonlinear residual, that Newton's method leaves: losses of neighbouring bases must compare
SETTLED = 1e-10


@dataclass(frozen=True, eq=False)
class Iterate:
    """A vector of variables, its coefficients `(columns,)`, and the loss there, relative to that of
    zero.
    """

    x: Tensor
    coefficients: Tensor
    loss: float
    solved: Solved | None = field(default=None, repr=False)


def mean_of(iterates: Sequence[Iterate]) -> Iterate:
    """The mean of variables and coefficients: what every single draw of points made of them is
    forgotten.
    """
    x, coefficients = (
        torch.stack(each).mean(dim=0)
        for each in zip(*((i.x, i.coefficients) for i in iterates), strict=True)
    )
    return Iterate(x, coefficients, max(i.loss for i in iterates))


def eager(loss: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The loss as it is: the transform that does nothing."""
    return loss


def reference_problem(system: System, points: Sequence[Points]) -> LeastSquaresProblem:
    """Least squares in a plain network, box-initialized: its weights of rows and its target serve
    other bases too.

    Of equations without a value at zero, the tangent at the flattest field that the data allow.
    """
    space = build_space(system, REFERENCE, 0)
    try:
        return assemble(system, points, space)
    except NotFiniteError:
        return assemble(linearized(system, flattest_field(system)), points, space)


class WeightedLoss:
    """The rows of a system on fixed points, with weights that do not depend on the basis: losses of
    several ones compare.

    Every condition is weighted as least squares would in a plain network of `REFERENCE` neurons,
    box-initialized.

    Raises ValueError if the basis has no parameters to train.
    """

    def __init__(
        self,
        system: System,
        points: Sequence[Points],
        space: Space,
        transform: Transform = eager,
        resample: Resample | None = None,
        smoothness: float = 0.0,
        budget: Budget = FOREVER,
    ) -> None:
        self.space, self.basis = space, cast(Any, space.basis)
        self.parameters = self.basis.moved
        if not self.parameters:
            raise ValueError(
                "this basis has no parameters to train: take a network, Dense(...) or ResNet(...)"
            )
        first = reference_problem(system, points)
        self.system, self.given, self.scales = system, tuple(points), first.row_scales
        self.placed, self.norm = (
            deque([self.given], maxlen=1),
            float(np.linalg.norm(first.target)) or 1.0,
        )
        self.fresh = drawn(system, max(sum(len(p.x) for p in points) // 2, 128), HELD_OUT_SEED)
        self.losses = [transform(self._loss(k)) for k in range(len(system.residuals))]
        self.start = parameters_to_vector(self.parameters).detach().clone()
        self.checks, self.steps, self.resample, self.smoothness = (
            GradientChecks(),
            count(),
            resample,
            smoothness,
        )
        self.budget = budget
        if smoothness:
            self.basis.roughness()  # says so, if there are no layers

    @property
    def points(self) -> tuple[Points, ...]:
        """Where the rows are now."""
        return self.placed[-1]

    @property
    def size(self) -> float:
        """|b|, for as many rows as there are now, so that losses stay as large when others are
        drawn.
        """
        return self.norm * math.sqrt(
            sum(len(p.x) for p in self.points) / sum(len(p.x) for p in self.given)
        )

    @property
    def linear(self) -> bool:
        """Whether all equations are linear in the unknowns."""
        return self.system.linear

    def draws_anew(self, coefficients: Tensor) -> bool:
        """Whether a step falls due at new collocation points, which are drawn if so."""
        step = next(self.steps)
        if self.resample is None or step % self.resample.every:
            return False
        self.placed.append(self.resample.drawn(self, coefficients, step))
        return True

    def hurry(self) -> bool:
        """Let the next step fall due at new points; False, if none are drawn."""
        if self.resample is None:
            return False
        while (next(self.steps) + 1) % self.resample.every:
            pass
        return True

    def field(self, at: Iterate) -> Expansion:
        """The unknowns at an iterate, in a basis of their own."""
        basis = deepcopy(self.basis)
        vector_to_parameters(at.x[: len(self.start)], basis.moved)
        return Expansion(
            Space.shared(basis, self.system.n_unknowns), at.coefficients.detach().clone()
        )

    def restore(self) -> None:
        """Back to the points that were given."""
        self.placed.append(self.given)

    def move(self, x: Tensor) -> None:
        """Put a flat vector of parameters into the basis."""
        vector_to_parameters(x.detach(), self.parameters)

    def sharpen(self) -> None:
        """Exact gradients from now on, where layers are run in parallel and only nearly solved
        for.
        """
        if runs_in_parallel(self.basis):
            self.basis.propagate = self.basis.propagate.to_roundoff()

    def misfit(self, coefficients: Tensor, points: Sequence[Points] | None = None) -> Tensor:
        """Weighted residuals of all rows over |b|, `(n_rows,)`; differentiable in parameters and
        coefficients.
        """
        parts = []
        for number, p in enumerate(points or self.points):
            x, normals = (
                torch.from_numpy(p.x),
                (None if p.normals is None else torch.from_numpy(p.normals)),
            )
            parts.append(_factors(p) * self._weighted(number, x, normals, coefficients))
        return torch.cat(parts)

    def loss(self, coefficients: Tensor) -> float:
        """The sum of squares of the misfit, and the roughness of the layers times `smoothness`."""
        with torch.no_grad():
            return float(self.misfit(coefficients).square().sum()) + float(self._penalty())

    def _penalty(self) -> Tensor:
        return self.smoothness * self.basis.roughness() if self.smoothness else torch.zeros(())

    def slopes(self, coefficients: Tensor, room: int = 0) -> Tensor:
        """The misfit's slopes in the parameters, `(n_rows, n_parameters)`, with the coefficients
        frozen.

        With `room` for more columns behind them: the matrix is large, and copies cost as much as
        its entries.
        """
        found, low = (
            torch.empty(
                sum(len(p.x) for p in self.points), len(self.start) + room, dtype=torch.float64
            ),
            0,
        )
        for residual, p, scale in zip(self.system.residuals, self.points, self.scales, strict=True):
            for rows, x, normals in blocks(
                p.x, p.normals, max(1, len(self.start) // ROOM, 2 * self.basis.size), ROWS
            ):
                weights = scale / self.size * _factors(p)[rows]
                part = slopes(
                    self.space, self.parameters, residual, coefficients, x, normals, weights
                ).detach()
                found[low : low + len(part), : len(self.start)] = part
                low += len(part)
        return found

    def matrix(self, coefficients: Tensor) -> Tensor:
        """The misfit's slopes in the coefficients, `(n_rows, n_columns)`."""
        matrix = assemble(self.system, self.points, self.space, coefficients, self.scales).matrix
        return torch.from_numpy(matrix).div_(self.size)

    def gradient(
        self,
        coefficients: Tensor,
        variables: Sequence[Tensor],
        own: Own,
        n: int | None,
        generator: np.random.Generator,
    ) -> Tensor:
        """The gradient of the loss in some of the variables, flat, this rank's part: of all rows,
        or of about n of them.

        Block by block, so that jets stay in the cache.
        """
        points, factor = (self.points, 1.0) if n is None else self._batch(n, generator)
        pulled = partial(self._pulled, points, coefficients, variables, own)
        found = factor * (
            checked(self.basis, pulled, self.checks, own.dot) if self.checks.due() else pulled()
        )
        if self.smoothness:
            rough = torch.autograd.grad(
                self._penalty(), variables, allow_unused=True, materialize_grads=True
            )
            found += own.of(parameters_to_vector(rough))
        return found

    def _pulled(
        self, points: Sequence[Points], coefficients: Tensor, variables: Sequence[Tensor], own: Own
    ) -> Tensor:
        total = torch.zeros(sum(v.numel() for v in variables), dtype=torch.float64)
        for k, p in enumerate(points):
            for rows, x, normals in blocks(p.x, p.normals, 1, CACHED):
                with in_training(self.basis, self._of_state(k, x, normals, coefficients)):
                    loss = self.losses[k](x, normals, coefficients, _factors(p)[rows])
                    parts = torch.autograd.grad(
                        loss, variables, allow_unused=True, materialize_grads=True
                    )
                total += parameters_to_vector(parts)
        return own.of(total)

    def _weighted(
        self, number: int, x: Tensor, normals: Tensor | None, coefficients: Tensor
    ) -> Tensor:
        """Weighted residuals of a condition at some points, over |b|."""
        residual = self.system.residuals[number]
        u = self.space.values(residual, self.space.slots(residual, x), coefficients)
        return self.scales[number] / self.size * residual.value(x, normals, u)

    def _of_state(
        self, number: int, x: Tensor, normals: Tensor | None, coefficients: Tensor
    ) -> Callable[[Tensor], Tensor] | None:
        """The residuals as a function of the last state; None, if they take several states."""
        residual, basis = self.system.residuals[number], self.basis
        if len(residual.traces) > 1 or not runs_in_parallel(basis):
            return None

        def of_state(state: Tensor) -> Tensor:
            with torch.no_grad():
                phi = self.space.slots(
                    residual, x, lambda _, at, indices: basis.read(state, indices, at.shape[1])
                )
                return residual.value(x, normals, self.space.values(residual, phi, coefficients))

        return of_state

    def _loss(self, number: int) -> Callable[[Tensor, Tensor | None, Tensor, Tensor], Tensor]:
        """The sum of squared weighted residuals of a condition at some points."""

        def loss(
            x: Tensor, normals: Tensor | None, coefficients: Tensor, factors: Tensor
        ) -> Tensor:
            return (factors * self._weighted(number, x, normals, coefficients)).square().sum()

        return loss

    def judge(self, at: Iterate) -> float:
        """The loss on points that no row has seen (on measured data: on the same), as if they were
        as many.
        """
        self.move(at.x[: len(self.start)])
        with torch.no_grad():
            found = self.misfit(at.coefficients, self.fresh)
        return float(found.square().mean()) * sum(len(p.x) for p in self.points)

    def solve(self, held_out: HeldOut | None = None, near: Tensor | None = None) -> Iterate:
        """The best coefficients for the basis as it is; `held_out` as in `least_squares`.

        Of nonlinear equations by Gauss-Newton, from coefficients that were the best `near` here.
        """
        if not self.linear:
            return self._newton(near)
        problem = assemble(self.system, self.points, self.space, row_scales=self.scales)
        solved = least_squares(problem.augmented, held_out)
        coefficients = torch.from_numpy(solved.coefficients)
        x = parameters_to_vector(self.parameters).detach().clone()
        return Iterate(
            x,
            coefficients,
            (solved.residual / self.size) ** 2 + float(self._penalty().detach()),
            solved,
        )

    def _newton(self, near: Tensor | None) -> Iterate:
        start = None if near is None else Expansion(self.space, near)
        method = GaussNewton(
            start=start, row_scales=tuple(self.scales), left=SETTLED, budget=self.budget
        )
        found = method(self.system, tuple(self.points), self.space, lambda *_: None)
        x = parameters_to_vector(self.parameters).detach().clone()
        return Iterate(x, found.coefficients, self.loss(found.coefficients), found.solved)

    def _batch(self, n: int, generator: np.random.Generator) -> tuple[tuple[Points, ...], float]:
        """About n rows, drawn from every condition in proportion, and the factor that makes their
        loss that of all.
        """
        total = sum(len(p.x) for p in self.points)
        drawn = []
        for p in self.points:
            rows = generator.choice(
                len(p.x), min(len(p.x), max(1, round(n * len(p.x) / total))), replace=False
            )
            drawn.append(p.taken(rows))
        return tuple(drawn), total / sum(len(p.x) for p in drawn)


def _factors(p: Points) -> Tensor:
    return (
        torch.ones(len(p.x), dtype=torch.float64)
        if p.factors is None
        else torch.from_numpy(p.factors)
    )
