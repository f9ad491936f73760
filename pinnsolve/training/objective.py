"""What a descent lowers: the weighted sum of squared residuals, as a function of the network's
parameters.

`Reduced` eliminates the coefficients: F(xi) = min_c |A(xi) c - b|^2 / |b|^2 (variable projection:
Golub and Pereyra 1973). Where c is optimal, dF/dxi is the partial gradient with c frozen (the
envelope theorem), so nothing differentiates through the solve. `Joint` has parameters and
coefficients side by side, as every PINN package does.

Both are functions of one flat vector, on fixed points, with rows weighted once and for all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from pinnsolve.coefficients.least_squares import Solved
from pinnsolve.running.budget import FOREVER, Budget
from pinnsolve.training.partition import Own, partition
from pinnsolve.training.weighted_loss import Iterate, WeightedLoss


class Objective(Protocol):
    """What a descent needs to know."""

    def renewed(self, now: Iterate) -> Iterate:
        """The iterate a step starts from: `now` itself, or at new collocation points, if it is time
        for them.
        """
        ...

    def sharpen(self) -> None:
        """Make gradients exact from now on."""
        ...

    def evaluate(self, x: Tensor, near: Iterate) -> Iterate:
        """The loss at x; `near` is where one comes from."""
        ...

    @property
    def own(self) -> Own:
        """Which of the variables this rank moves."""
        ...

    def gradient(self, at: Iterate) -> Tensor:
        """The gradient of the loss in this rank's variables: of one process, `(len(x),)`."""
        ...

    def accepts(self, trial: Iterate, now: Iterate) -> bool:
        """Whether a step is kept."""
        ...


class Reduced:
    """The loss with the coefficients eliminated, as a function of the hidden parameters.

    With `held` set, the coefficients of the iterate that one comes from are kept instead: steps
    between two solves.
    """

    def __init__(
        self, rows: WeightedLoss, batch: int | None = None, seed: int = 0, budget: Budget = FOREVER
    ) -> None:
        self.rows, self.n, self.generator, self.budget = (
            rows,
            batch,
            np.random.default_rng(seed),
            budget,
        )
        self.own, self.held = partition(rows.basis, rows.parameters), False

    def sharpen(self) -> None:
        """Make gradients exact from now on."""
        self.rows.sharpen()

    def renewed(self, now: Iterate) -> Iterate:
        """New points, and the coefficients that are the best there (of nonlinear equations: those
        that there are).
        """
        self.rows.move(now.x)
        if not self.rows.draws_anew(now.coefficients):
            return now
        return (
            self.evaluate(now.x, now)
            if self.rows.linear
            else _moved(self.rows, now.x, now.x, now.coefficients, now.solved)
        )

    def evaluate(self, x: Tensor, near: Iterate) -> Iterate:
        """Solve for the coefficients, or keep them. Raises OutOfTimeError, in the midst of a line
        search too.
        """
        self.budget.require()
        self.rows.move(x)
        try:
            if not self.held:
                found = self.rows.solve(near=near.coefficients)
                return replace(found, solved=None if found.solved is None else found.solved.light())
        except ValueError:  # features that are not finite: a step too far
            return Iterate(x.detach().clone(), near.coefficients, np.inf, near.solved)
        return _moved(self.rows, x, x.detach().clone(), near.coefficients, near.solved)

    def gradient(self, at: Iterate) -> Tensor:
        """The partial gradient with the coefficients frozen: of all rows, or of a batch."""
        self.rows.move(at.x)
        return self.rows.gradient(
            at.coefficients, self.rows.parameters, self.own, self.n, self.generator
        )

    def accepts(self, trial: Iterate, now: Iterate) -> bool:
        """Kept only if the loss falls."""
        return trial.loss < now.loss

    def tangent(self, at: Iterate) -> tuple[Tensor, Tensor]:
        """Misfit `(n_rows,)` and its slopes `(n_rows, n)`: in the hidden parameters; of nonlinear
        equations in all variables.

        There the best coefficients are not a step away, and another branch may be nearer than they:
        both move together.
        """
        self.rows.move(at.x)
        if not self.rows.linear:
            return _tangent(self.rows, at.coefficients)
        with torch.no_grad():
            misfit = self.rows.misfit(at.coefficients)
        return misfit, self.rows.slopes(at.coefficients)

    def projected(self, at: Iterate, slopes: Tensor, misfit: Tensor) -> tuple[Tensor, Tensor]:
        """Slopes `(n_rows, n)` and misfit `(n_rows,)` without what the coefficients reach, where
        these are eliminated.

        In the slopes' own array: they are large.
        """
        if not self.rows.linear:
            return slopes, misfit
        u = self._reached(at)
        return slopes.addmm_(u, u.T @ slopes, alpha=-1), misfit - u @ (u.T @ misfit)

    def project(self, at: Iterate, vectors: Tensor) -> Tensor:
        """Vectors `(n_rows, k)` without their part in the range of A: the projector of Kaufman's
        Jacobian.
        """
        u = self._reached(at)
        outside: Tensor = vectors - u @ (u.T @ vectors)
        return outside

    def _reached(self, at: Iterate) -> Tensor:
        """Orthonormal columns `(n_rows, rank)` of the range of A."""
        self.rows.move(at.x)
        matrix = self.rows.matrix(at.coefficients)
        u, s, _ = torch.linalg.svd(
            matrix.div_(matrix.norm(dim=0).clamp(min=1e-300)), full_matrices=False
        )
        reached: Tensor = u[:, : int((s > 1e-13 * s[0]).sum())]
        return reached

    def advanced(self, at: Iterate, step: Tensor) -> Iterate:
        """The iterate after a step in the variables of `tangent`."""
        hidden = at.x - step[: len(at.x)]
        if self.rows.linear:
            return self.evaluate(hidden, at)
        return _moved(self.rows, hidden, hidden, at.coefficients - step[len(at.x) :], at.solved)


class Joint:
    """The loss as a function of hidden parameters and coefficients together."""

    def __init__(self, rows: WeightedLoss, batch: int | None = None, seed: int = 0) -> None:
        self.rows, self.n, self.generator = rows, batch, np.random.default_rng(seed)
        coefficients = torch.empty(rows.space.columns)
        self.own = partition(rows.basis, [*rows.parameters, coefficients])

    def split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden parameters, and coefficients `(columns,)`."""
        hidden = len(self.rows.start)
        return x[:hidden], x[hidden:]

    def sharpen(self) -> None:
        """Make gradients exact from now on."""
        self.rows.sharpen()

    def renewed(self, now: Iterate) -> Iterate:
        """New points, and the loss there."""
        self.rows.move(now.x[: len(self.rows.start)])
        return self.evaluate(now.x, now) if self.rows.draws_anew(now.coefficients) else now

    def evaluate(self, x: Tensor, near: Iterate) -> Iterate:
        """The loss of these coefficients."""
        hidden, coefficients = self.split(x.detach().clone())
        return _moved(self.rows, hidden, x.detach().clone(), coefficients, None)

    def tangent(self, at: Iterate) -> tuple[Tensor, Tensor]:
        """Misfit `(n_rows,)` and its slopes `(n_rows, len(x))` in all variables."""
        self.rows.move(at.x[: len(self.rows.start)])
        return _tangent(self.rows, at.coefficients)

    def projected(self, at: Iterate, slopes: Tensor, misfit: Tensor) -> tuple[Tensor, Tensor]:
        """As they are: nothing is eliminated."""
        return slopes, misfit

    def advanced(self, at: Iterate, step: Tensor) -> Iterate:
        """The iterate after a step."""
        return self.evaluate(at.x - step, at)

    def gradient(self, at: Iterate) -> Tensor:
        """The full gradient: of all rows, or of a batch."""
        self.rows.move(at.x[: len(self.rows.start)])
        coefficients = at.coefficients.clone().requires_grad_()
        return self.rows.gradient(
            coefficients, [*self.rows.parameters, coefficients], self.own, self.n, self.generator
        )

    def accepts(self, trial: Iterate, now: Iterate) -> bool:
        """Every step is kept that is finite, as in a usual training loop."""
        return trial.loss < np.inf


def _tangent(rows: WeightedLoss, coefficients: Tensor) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        misfit = rows.misfit(coefficients)
    matrix = rows.matrix(coefficients)
    both = rows.slopes(coefficients, matrix.shape[1])
    both[:, -matrix.shape[1] :] = matrix
    return misfit, both


def _moved(
    rows: WeightedLoss, hidden: Tensor, x: Tensor, coefficients: Tensor, solved: Solved | None
) -> Iterate:
    """An iterate with its loss."""
    rows.move(hidden)
    loss = rows.loss(coefficients)
    return Iterate(x, coefficients, loss if np.isfinite(loss) else np.inf, solved)
