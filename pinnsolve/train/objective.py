"""What a descent lowers: the weighted sum of squared residuals, as a function of the network's parameters.

`Reduced` eliminates the coefficients: F(xi) = min_c |A(xi) c - b|^2 / |b|^2 (variable projection: Golub and Pereyra 1973).
Where c is optimal, dF/dxi is the partial gradient with c frozen (the envelope theorem), so nothing differentiates
through the solve. `Joint` has parameters and coefficients side by side, as every PINN package does.

Both are functions of one flat vector, on fixed points, with rows weighted once and for all.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from pinnsolve.train.assemble import assemble, blocks
from pinnsolve.train.jacobian import slopes
from pinnsolve.train.rows import Iterate, Rows

ROWS = 4096  # of the Jacobian at a time


class Objective(Protocol):
    """What a descent needs to know."""

    def renewed(self, now: Iterate) -> Iterate:
        """The iterate a step starts from: `now` itself, or at new collocation points, if it is time for them."""
        ...

    def sharpen(self) -> None:
        """Make gradients exact from now on."""
        ...

    def evaluate(self, x: Tensor, near: Iterate) -> Iterate:
        """The loss at x; `near` is where one comes from."""
        ...

    def gradient(self, at: Iterate) -> Tensor:
        """The gradient of the loss, `(len(x),)`."""
        ...

    def accepts(self, trial: Iterate, now: Iterate) -> bool:
        """Whether a step is kept."""
        ...


class Reduced:
    """The loss with the coefficients eliminated, as a function of the hidden parameters.

    With `held` set, the coefficients of the iterate that one comes from are kept instead: steps between two solves.
    """

    def __init__(self, rows: Rows, batch: int | None = None, seed: int = 0) -> None:
        self.rows, self.n, self.generator = rows, batch, np.random.default_rng(seed)
        self.held = False

    def sharpen(self) -> None:
        """Make gradients exact from now on."""
        self.rows.sharpen()

    def renewed(self, now: Iterate) -> Iterate:
        """New points, and the coefficients that are the best there."""
        self.rows.move(now.x)
        return self.evaluate(now.x, now) if self.rows.draws_anew(now.coefficients) else now

    def evaluate(self, x: Tensor, near: Iterate) -> Iterate:
        """Solve for the coefficients, or keep them."""
        self.rows.move(x)
        try:
            if not self.held:
                return self.rows.solve(near=near.coefficients)
            with torch.no_grad():
                loss = float(self.rows.misfit(near.coefficients).square().sum())
        except ValueError:  # features that are not finite: a step too far
            loss = np.inf
        return Iterate(x.detach().clone(), near.coefficients, loss if np.isfinite(loss) else np.inf, near.solved)

    def gradient(self, at: Iterate) -> Tensor:
        """The partial gradient with the coefficients frozen: of all rows, or of a batch."""
        self.rows.move(at.x)
        return self.rows.gradient(at.coefficients, self.rows.parameters, self.n, self.generator)

    def accepts(self, trial: Iterate, now: Iterate) -> bool:
        """Kept only if the loss falls."""
        return trial.loss < now.loss

    def jacobian(self, at: Iterate) -> tuple[Tensor, Tensor]:
        """Misfit `(n_rows,)` and its Jacobian `(n_rows, len(x))` with the coefficients frozen."""
        rows = self.rows
        rows.move(at.x)
        parts = []
        for residual, p, scale in zip(rows.system.residuals, rows.points, rows.scales, strict=True):
            for _, x, normals in blocks(p.x, p.normals, 1, ROWS):
                parts.append(scale / rows.size * slopes(rows.basis, rows.parameters, residual, at.coefficients, x, normals))
        with torch.no_grad():
            return rows.misfit(at.coefficients), torch.cat(parts).detach()

    def project(self, at: Iterate, vectors: Tensor) -> Tensor:
        """Vectors `(n_rows, k)` without their part in the range of A: the projector of Kaufman's Jacobian."""
        self.rows.move(at.x)
        rows = self.rows
        matrix = assemble(rows.system, rows.points, rows.basis, at.coefficients, rows.scales).matrix
        u, s, _ = torch.linalg.svd(
            torch.from_numpy(matrix / np.maximum(np.linalg.norm(matrix, axis=0), 1e-300)), full_matrices=False
        )
        u = u[:, s > 1e-13 * s[0]]
        outside: Tensor = vectors - u @ (u.T @ vectors)
        return outside


class Joint:
    """The loss as a function of hidden parameters and coefficients together."""

    def __init__(self, rows: Rows, batch: int | None = None, seed: int = 0) -> None:
        self.rows, self.n, self.generator = rows, batch, np.random.default_rng(seed)

    def split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden parameters, and coefficients `(n_unknowns, size)`."""
        hidden = len(self.rows.start)
        return x[:hidden], x[hidden:].reshape(self.rows.system.n_unknowns, self.rows.basis.size)

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
        self.rows.move(hidden)
        with torch.no_grad():
            loss = float(self.rows.misfit(coefficients).square().sum())
        return Iterate(x.detach().clone(), coefficients, loss if np.isfinite(loss) else np.inf)

    def gradient(self, at: Iterate) -> Tensor:
        """The full gradient: of all rows, or of a batch."""
        self.rows.move(at.x[: len(self.rows.start)])
        coefficients = at.coefficients.clone().requires_grad_()
        return self.rows.gradient(coefficients, [*self.rows.parameters, coefficients], self.n, self.generator)

    def accepts(self, trial: Iterate, now: Iterate) -> bool:
        """Every step is kept that is finite, as in a usual training loop."""
        return trial.loss < np.inf
