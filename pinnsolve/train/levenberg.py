"""Levenberg's and Marquardt's descent on the reduced residual, with Kaufman's Jacobian: the finisher."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.train.objective import Iterate, Objective, Reduced

TRIES = 12  # dampings in one step


@dataclass(frozen=True)
class LevenbergMarquardt:
    """Steps d that minimize |P (J d + r)|^2 + mu |D d|^2, P the projector onto what the coefficients cannot reach.

    J = (dA) c, Kaufman's approximation (1975) of the Jacobian of variable projection; D the norms of its columns
    (More 1978). `damping` is the first mu^(1/2); it follows success and failure.
    """

    damping: float = 1e-2

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """One accepted step an iterate; ends where no damping lowers the loss. Raises TypeError for a joint loss."""
        if not isinstance(objective, Reduced):
            raise TypeError("LevenbergMarquardt descends on the reduced residual: take LSGD(descent=LevenbergMarquardt())")
        now, damping = start, self.damping
        while True:
            misfit, jacobian = objective.jacobian(now)
            projected = objective.project(now, torch.column_stack([jacobian, misfit]))
            triangle = torch.linalg.qr(projected, mode="r").R
            columns = jacobian.norm(dim=0).clamp(min=1e-12 * float(jacobian.norm()))
            for _ in range(TRIES):
                trial = objective.evaluate(now.x - damped(triangle, damping * columns), now)
                if objective.accepts(trial, now):
                    break
                damping *= 4
            else:
                return
            damping = max(damping / 5, 1e-10)
            now = trial
            yield now


def damped(triangle: Tensor, damping: Tensor) -> Tensor:
    """The minimizer d of |R d - r|^2 + |damping d|^2, for `triangle` = [R, r] `(n or n + 1, n + 1)`."""
    rows = torch.nn.functional.pad(torch.diag(damping), (0, 1))
    r = torch.linalg.qr(torch.cat([triangle, rows]), mode="r").R
    n = len(damping)
    step: Tensor = torch.linalg.solve_triangular(r[:n, :n], r[:n, n:], upper=True)[:, 0]
    return step
