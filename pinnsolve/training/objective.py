"""What a descent lowers: the weighted sum of squared residuals, as a function of the network's
parameters.

`Reduced` eliminates the coefficients: F(xi) = min_c |A(xi) c - b|^2 / |b|^2 (variable projection:
Golub and Pereyra 1973). Where c is optimal, dF/dxi is the partial gradient with c frozen (the
envelope theorem), so nothing differentiates through the solve. `Joint` has parameters and
coefficients side by side, as every PINN package does.

Both are functions of one flat vector, on fixed points, with rows weighted once and for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from pinnsolve.running.budget import FOREVER, Budget
from pinnsolve.training.iterate import Iterate
from pinnsolve.training.partition import Own, partition
from pinnsolve.training.weighted_loss import WeightedLoss


class Objective(Protocol):
    """What a descent needs to know."""

    def renewed(self, iterate: Iterate) -> Iterate:
        """The iterate a step starts from: itself, or at new collocation points, if it is time for
        them.
        """
        ...

    def sharpen(self) -> None:
        """Make gradients exact from now on."""
        ...

    def evaluate(self, x: Tensor, near: Iterate) -> Iterate:
        """The loss at x `(n,)`; `near` is where one comes from."""
        ...

    @property
    def own(self) -> Own:
        """Which of the variables this rank moves."""
        ...

    def gradient(self, at: Iterate) -> Tensor:
        """The gradient of the loss in this rank's variables: of one process, `(n,)`."""
        ...

    def accepts(self, trial: Iterate, iterate: Iterate) -> bool:
        """Whether a step is kept."""
        ...


class _OfRows:
    """What both objectives have in common: the loss, batches of so many rows, what this rank moves.

    Its parameters are put into the basis before anything is asked of it there.
    """

    def __init__(
        self, rows: WeightedLoss, batch: int | None, seed: int, others: Sequence[Tensor]
    ) -> None:
        self.rows, self.n, self.generator = rows, batch, np.random.default_rng(seed)
        self.hidden = len(rows.variables())
        self.own = partition(rows.basis, [*rows.parameters, *others])

    def sharpen(self) -> None:
        """Make gradients exact from now on."""
        self.rows.sharpen()

    def at(self, iterate: Iterate) -> WeightedLoss:
        """The loss at an iterate's points, its parameters in the basis."""
        self.rows.move(iterate.x[: self.hidden])
        return self.rows.on(iterate.points)

    def redrawn(self, iterate: Iterate) -> Iterate | None:
        """The iterate at new points, its loss to be found out; None, if it is not time for them."""
        rows = self.at(iterate)
        step, resample = self.rows.redraws.due(), self.rows.redraws.resample
        if step is None or resample is None:
            return None
        return replace(iterate, points=resample.drawn(rows, iterate.coefficients, step))

    def moved(self, x: Tensor, coefficients: Tensor, near: Iterate) -> Iterate:
        """The iterate at x with these coefficients, on the points where one comes from."""
        iterate = Iterate(x.detach().clone(), coefficients, np.inf, near.solved, near.points)
        loss = self.at(iterate).loss(coefficients)
        return replace(iterate, loss=loss) if np.isfinite(loss) else iterate


class Reduced(_OfRows):
    """The loss with the coefficients eliminated, as a function of the hidden parameters.

    With `held` set, the coefficients of the iterate that one comes from are kept instead: steps
    between two solves.
    """

    def __init__(
        self, rows: WeightedLoss, batch: int | None = None, seed: int = 0, budget: Budget = FOREVER
    ) -> None:
        super().__init__(rows, batch, seed, ())
        self.budget, self.held = budget, False

    def renewed(self, iterate: Iterate) -> Iterate:
        """New points, and the coefficients that are the best there (of nonlinear equations: those
        that there are).
        """
        redrawn = self.redrawn(iterate)
        if redrawn is None:
            return iterate
        return (
            self.evaluate(iterate.x, redrawn)
            if self.rows.linear
            else self.moved(iterate.x, iterate.coefficients, redrawn)
        )

    def evaluate(self, x: Tensor, near: Iterate) -> Iterate:
        """Solve for the coefficients at x `(hidden,)`, or keep them. Raises OutOfTimeError, in the
        midst of a line search too.
        """
        self.budget.require()
        if self.held:
            return self.moved(x, near.coefficients, near)
        self.rows.move(x)
        try:
            solved = self.rows.on(near.points).solve(initial_guess=near.coefficients)
        except ValueError:  # features that are not finite: a step too far
            return replace(near, x=x.detach().clone(), loss=np.inf)
        facts = None if solved.solved is None else solved.solved.light()
        return replace(solved, solved=facts)

    def gradient(self, at: Iterate) -> Tensor:
        """The partial gradient `(n,)` with the coefficients frozen: of all rows, or of a batch."""
        rows = self.at(at)
        # At the optimum of the coefficients this is the gradient of the reduced loss: nothing is
        # differentiated through the solve.
        return rows.gradient(at.coefficients, rows.parameters, self.own, self.n, self.generator)

    def accepts(self, trial: Iterate, iterate: Iterate) -> bool:
        """Kept only if the loss falls."""
        return trial.loss < iterate.loss

    def tangent(self, at: Iterate) -> tuple[Tensor, Tensor]:
        """Misfit `(n_rows,)` and its slopes `(n_rows, n)`: in the hidden parameters; of nonlinear
        equations in all variables.

        There the best coefficients are not a step away, and another branch may be nearer than they:
        both move together.
        """
        rows = self.at(at)
        if not rows.linear:
            return _tangent(rows, at.coefficients)
        with torch.no_grad():
            misfit = rows.misfit(at.coefficients)
        return misfit, rows.slopes(at.coefficients)

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
        matrix = self.at(at).matrix(at.coefficients)
        # By singular values, since functions are nearly dependent: a QR would take round-off for
        # directions.
        u, s, _ = torch.linalg.svd(
            matrix.div_(matrix.norm(dim=0).clamp(min=1e-300)), full_matrices=False
        )
        reached: Tensor = u[:, : int((s > 1e-13 * s[0]).sum())]
        return reached

    def advanced(self, at: Iterate, step: Tensor) -> Iterate:
        """The iterate after a step in the variables of `tangent`. A step is `(hidden,)`, or
        `(hidden + columns,)` of nonlinear equations.
        """
        x = at.x - step[: self.hidden]
        # Of nonlinear equations the best coefficients are no step away: eliminated, Burgers stuck
        # at an error of 0.2 (docs/decisions/0016).
        if self.rows.linear:
            return self.evaluate(x, at)
        return self.moved(x, at.coefficients - step[self.hidden :], at)


class Joint(_OfRows):
    """The loss as a function of hidden parameters and coefficients together."""

    def __init__(self, rows: WeightedLoss, batch: int | None = None, seed: int = 0) -> None:
        super().__init__(rows, batch, seed, (torch.empty(rows.space.columns),))

    def renewed(self, iterate: Iterate) -> Iterate:
        """New points, and the loss there."""
        redrawn = self.redrawn(iterate)
        return iterate if redrawn is None else self.evaluate(iterate.x, redrawn)

    def evaluate(self, x: Tensor, near: Iterate) -> Iterate:
        """The loss of these parameters and coefficients, `(hidden + columns,)`."""
        x = x.detach().clone()
        return self.moved(x, x[self.hidden :], near)

    def tangent(self, at: Iterate) -> tuple[Tensor, Tensor]:
        """Misfit `(n_rows,)` and its slopes `(n_rows, len(x))` in all variables."""
        return _tangent(self.at(at), at.coefficients)

    def projected(self, at: Iterate, slopes: Tensor, misfit: Tensor) -> tuple[Tensor, Tensor]:
        """Slopes `(n_rows, n)` and misfit `(n_rows,)` as they are: nothing is eliminated."""
        return slopes, misfit

    def advanced(self, at: Iterate, step: Tensor) -> Iterate:
        """The iterate after a step `(n,)`."""
        return self.evaluate(at.x - step, at)

    def gradient(self, at: Iterate) -> Tensor:
        """The full gradient `(n,)`: of all rows, or of a batch."""
        rows = self.at(at)
        coefficients = at.coefficients.clone().requires_grad_()
        variables = [*rows.parameters, coefficients]
        return rows.gradient(coefficients, variables, self.own, self.n, self.generator)

    def accepts(self, trial: Iterate, iterate: Iterate) -> bool:
        """Every step is kept that is finite, as in a usual training loop."""
        return trial.loss < np.inf


def _tangent(rows: WeightedLoss, coefficients: Tensor) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        misfit = rows.misfit(coefficients)
    matrix = rows.matrix(coefficients)
    both = rows.slopes(coefficients, matrix.shape[1])
    both[:, -matrix.shape[1] :] = matrix
    return misfit, both
