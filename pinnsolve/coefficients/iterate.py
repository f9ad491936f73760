"""One iterate of Newton's method: coefficients, the tangent problem there, and the way to the next.

The step is halved until the residual falls by some of what the tangent promises.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.coefficients.least_squares import least_squares
from pinnsolve.coefficients.solved import Solved
from pinnsolve.discretize.assemble import LeastSquaresProblem, NotFiniteError
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.mgrit.communicator import Communicator
from pinnsolve.running.budget import Budget


@dataclass(frozen=True)
class Backtracking:
    """Which part of Newton's step is taken."""

    # Of a step, that is tried.
    smallest_part: float = 1 / 64
    # Of the decrease that the tangent promises, that a step must keep (Armijo 1966).
    kept_decrease: float = 1e-2


BACKTRACKING = Backtracking()


@dataclass(frozen=True, eq=False)
class Iterate:
    """Coefficients, the tangent problem there, and the norms of the conditions' residuals, with
    rows unscaled.
    """

    assembled: Callable[..., LeastSquaresProblem]
    coefficients: Tensor
    problem: LeastSquaresProblem
    norms: tuple[float, ...]

    @classmethod
    def at(
        cls,
        assembled: Callable[..., LeastSquaresProblem],
        coefficients: Tensor,
        room: Array | None = None,
    ) -> Iterate:
        """The iterate with these coefficients `(columns,)`, assembled in the `room` `(rows, columns
        + 1)`, if there is one. Raises NotFiniteError where the equations have no value.
        """
        problem = assembled(coefficients, room=room)
        misfit = problem.matrix @ array_of(coefficients) - problem.target
        norms = tuple(
            norm_of_all(misfit[rows], problem.ranks) / scale
            for rows, scale in zip(problem.slices, problem.row_scales, strict=True)
        )
        return cls(assembled, coefficients, problem, norms)

    def merit(self, scales: Sequence[float]) -> float:
        """Root of the sum of squared residuals, each condition times its scale."""
        return math.hypot(*(s * n for s, n in zip(scales, self.norms, strict=True)))

    def solve(self) -> tuple[Tensor, Solved]:
        """Coefficients `(columns,)` of the tangent problem, which is used up."""
        solved = least_squares(self.problem.augmented, ranks=self.problem.ranks)
        return tensor_of(solved.coefficients, self.coefficients), solved

    def step(self, proposed: Tensor, promised: float, budget: Budget) -> Iterate | None:
        """The state after the largest part of the step to the `proposed` coefficients `(columns,)`
        that keeps some of the promised decrease; None, if there is none.

        In the array of this one's tangent problem, which is used up.
        """
        scales, part = self.problem.row_scales, 1.0
        while part >= BACKTRACKING.smallest_part:
            budget.require()
            coefficients = self.coefficients + part * (proposed - self.coefficients)
            with suppress(NotFiniteError):  # a step too far
                trial = Iterate.at(self.assembled, coefficients, self.problem.augmented)
                decrease = BACKTRACKING.kept_decrease * part * promised
                if trial.merit(scales) < self.merit(scales) - decrease:
                    return trial
            part /= 2
        return None


def norm_of_all(own: Array, ranks: Communicator) -> float:
    """The norm of a vector `(n,)` of which ranks have a part each."""
    norm = float(np.linalg.norm(own))
    return norm if ranks.size == 1 else math.sqrt(ranks.total(DOUBLE.new_tensor(norm**2)))
