"""The rows of a system on fixed points, weighted once and for all: losses, gradients and coefficients of a network there."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from pinnsolve.basis.networks import Dense
from pinnsolve.compile.system import System
from pinnsolve.sample.points import Points, sample_points
from pinnsolve.train.assemble import LeastSquaresProblem, assemble, blocks, slot_functions, slot_values
from pinnsolve.train.audit import AUDITED, audited, runs_in_parallel
from pinnsolve.train.collocate import bounds_by_name
from pinnsolve.train.gauss_newton import GaussNewton
from pinnsolve.train.least_squares import HELD_OUT_SEED, HeldOut, Solved, least_squares
from pinnsolve.train.linearize import Field
from pinnsolve.train.resample import Resample

REFERENCE = Dense(50, 1, "tanh")
Transform = Callable[[Callable[..., Tensor]], Callable[..., Tensor]]
CACHED = 1024  # points whose jets go through a network at a time
SETTLED = 1e-10  # of a nonlinear residual, that Newton's method leaves: losses of neighbouring bases must compare


@dataclass(frozen=True, eq=False)
class Iterate:
    """A vector of variables, its coefficients `(n_unknowns, size)`, and the loss there, relative to that of zero."""

    x: Tensor
    coefficients: Tensor
    loss: float
    solved: Solved | None = field(default=None, repr=False)


def eager(loss: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The loss as it is: the transform that does nothing."""
    return loss


def reference_problem(system: System, points: Sequence[Points]) -> LeastSquaresProblem:
    """Least squares in a plain network, box-initialized: its weights of rows and its target serve other bases too."""
    return assemble(system, points, REFERENCE.build(bounds_by_name(system.problem), 0))


class Rows:
    """The rows of a system on fixed points, with weights that do not depend on the basis: losses of several ones compare.

    Every condition is weighted as least squares would in a plain network of `REFERENCE` neurons, box-initialized.

    Raises ValueError if the basis has no parameters to train.
    """

    def __init__(
        self,
        system: System,
        points: Sequence[Points],
        basis: Any,
        transform: Transform = eager,
        resample: Resample | None = None,
    ) -> None:
        self.parameters = [p for p in basis.parameters() if p.requires_grad]
        if not self.parameters:
            raise ValueError("this basis has no parameters to train: take a network, Dense(...) or ResNet(...)")
        first = reference_problem(system, points)
        self.system, self.points, self.basis, self.scales = system, points, basis, first.row_scales
        self.size = float(np.linalg.norm(first.target)) or 1.0
        self.fresh = sample_points(system.problem, max(sum(len(p.x) for p in points) // 2, 128), HELD_OUT_SEED)
        self.losses = [transform(self._loss(k)) for k in range(len(system.residuals))]
        self.start = parameters_to_vector(self.parameters).detach().clone()
        self.calls, self.resample, self.steps = count(), resample, 0

    def draws_anew(self, coefficients: Tensor) -> bool:
        """Whether a step falls due at new collocation points, which are drawn if so."""
        self.steps += 1
        if self.resample is None or (self.steps - 1) % self.resample.every:
            return False
        self.place(self.resample.drawn(self, coefficients, self.steps))
        return True

    def place(self, points: Sequence[Points]) -> None:
        """Take other points; |b| goes with the root of their number, so that losses stay as large."""
        self.size *= math.sqrt(sum(len(p.x) for p in points) / sum(len(p.x) for p in self.points))
        self.points = points

    def move(self, x: Tensor) -> None:
        """Put a flat vector of parameters into the basis."""
        vector_to_parameters(x.detach(), self.parameters)

    def sharpen(self) -> None:
        """Exact gradients from now on, where layers are run in parallel and only nearly solved for."""
        if runs_in_parallel(self.basis):
            self.basis.propagate = self.basis.propagate.to_roundoff()

    def misfit(self, coefficients: Tensor, points: Sequence[Points] | None = None) -> Tensor:
        """Weighted residuals of all rows over |b|, `(n_rows,)`; differentiable in parameters and coefficients."""
        parts = []
        for number, p in enumerate(points or self.points):
            x, normals = torch.from_numpy(p.x), None if p.normals is None else torch.from_numpy(p.normals)
            parts.append(self._weighted(number, x, normals, coefficients))
        return torch.cat(parts)

    def gradient(
        self, coefficients: Tensor, variables: Sequence[Tensor], n: int | None, generator: np.random.Generator
    ) -> Tensor:
        """The gradient of the loss in some of the variables, flat: of all rows, or of about n of them.

        Block by block, so that jets stay in the cache.
        """
        points, factor = (self.points, 1.0) if n is None else self._batch(n, generator)
        total: tuple[Tensor, ...] | None = None
        due = next(self.calls) % AUDITED == 0
        for k, p in enumerate(points):
            for _, x, normals in blocks(p.x, p.normals, 1, CACHED):
                pulled = partial(_pulled, self.losses[k], x, normals, coefficients, variables)
                found = audited(self.basis, pulled) if due and total is None else pulled()
                total = found if total is None else tuple(a + b for a, b in zip(total, found, strict=True))
        assert total is not None
        return factor * parameters_to_vector(total)

    def _weighted(self, number: int, x: Tensor, normals: Tensor | None, coefficients: Tensor) -> Tensor:
        """Weighted residuals of a condition at some points, over |b|."""
        residual = self.system.residuals[number]
        u = slot_values(residual, slot_functions(residual, self.basis, x), coefficients)
        return self.scales[number] / self.size * residual.value(x, normals, u)

    def _loss(self, number: int) -> Callable[[Tensor, Tensor | None, Tensor], Tensor]:
        """The sum of squared weighted residuals of a condition at some points."""

        def loss(x: Tensor, normals: Tensor | None, coefficients: Tensor) -> Tensor:
            return self._weighted(number, x, normals, coefficients).square().sum()

        return loss

    def judge(self, at: Iterate) -> float:
        """The loss on points that no row has seen (on measured data: on the same), as if they were as many."""
        self.move(at.x[: len(self.start)])
        with torch.no_grad():
            found = self.misfit(at.coefficients, self.fresh)
        return float(found.square().mean()) * sum(len(p.x) for p in self.points)

    def solve(self, held_out: HeldOut | None = None, near: Tensor | None = None) -> Iterate:
        """The best coefficients for the basis as it is; `held_out` as in `least_squares`.

        Of nonlinear equations by Gauss-Newton, from coefficients that were the best `near` here.
        """
        if not all(residual.linear for residual in self.system.residuals):
            return self._newton(near)
        problem = assemble(self.system, self.points, self.basis, row_scales=self.scales)
        solved = least_squares(problem.augmented, held_out)
        coefficients = torch.from_numpy(solved.coefficients.reshape(self.system.n_unknowns, self.basis.size))
        x = parameters_to_vector(self.parameters).detach().clone()
        return Iterate(x, coefficients, (solved.residual / self.size) ** 2, solved)

    def _newton(self, near: Tensor | None) -> Iterate:
        start = None if near is None else Field(self.basis, near)
        method = GaussNewton(start=start, row_scales=tuple(self.scales), left=SETTLED)
        found = method(self.system, tuple(self.points), self.basis, lambda *_: None)
        with torch.no_grad():
            loss = float(self.misfit(found.coefficients).square().sum())
        x = parameters_to_vector(self.parameters).detach().clone()
        return Iterate(x, found.coefficients, loss, found.solved)

    def _batch(self, n: int, generator: np.random.Generator) -> tuple[tuple[Points, ...], float]:
        """About n rows, drawn from every condition in proportion, and the factor that makes their loss that of all."""
        total = sum(len(p.x) for p in self.points)
        drawn = []
        for p in self.points:
            rows = generator.choice(len(p.x), min(len(p.x), max(1, round(n * len(p.x) / total))), replace=False)
            drawn.append(Points(p.x[rows], None if p.normals is None else p.normals[rows], p.weights[rows]))
        return tuple(drawn), total / sum(len(p.x) for p in drawn)


def _pulled(
    loss: Callable[..., Tensor], x: Tensor, normals: Tensor | None, coefficients: Tensor, variables: Sequence[Tensor]
) -> tuple[Tensor, ...]:
    return torch.autograd.grad(loss(x, normals, coefficients), variables, allow_unused=True, materialize_grads=True)
