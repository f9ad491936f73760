"""Levenberg's and Marquardt's descent on the reduced residual, with Kaufman's Jacobian: the
finisher.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from scipy.linalg.blas import dsyrk
from torch import Tensor

from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.training.iterate import Iterate
from pinnsolve.training.objective import Joint, Objective, Reduced


@dataclass(frozen=True)
class Damping:
    """How the damping follows success and failure."""

    # Dampings in one step.
    tries: int = 12
    # Factor by which it rises after a failure;
    raised: float = 4.0
    # By which it falls after a step that the first one did.
    eased: float = 5.0
    least: float = 1e-10


DAMPING = Damping()


@dataclass(frozen=True)
class LevenbergMarquardt:
    """Steps d that minimize |P (J d + r)|^2 + mu |D (d - m d_0)|^2, P the projector onto what the
    coefficients cannot reach.

    J = (dA) c, Kaufman's approximation (1975) of the Jacobian of variable projection; D the norms
    of its columns (More 1978). Of nonlinear equations, and of a joint loss, the coefficients move
    along: J has their columns too, and P = 1. `damping` is the first mu^(1/2); it follows success
    and failure. With more parameters than rows, as in deep networks, the step is solved for in the
    space of rows.

    `momentum` m keeps a share of the last step d_0 where the points say nothing (SPRING:
    Goldshlager, Abrahamsen, Lin, J. Comput. Phys. 516 (2024) 113351): of points that are drawn anew
    every step, all take part in the end. A step that fails is tried again without. `rate` is the
    share of d that is taken: of points that are drawn anew every step a full one fits each draw, a
    third nearly their mean. Raises ValueError unless 0 <= momentum < 1 and 0 < rate <= 1.

    >>> from sympy import Eq
    >>> from pinnsolve import LSGD, Dense, Interval, LevenbergMarquardt, Problem
    >>> from pinnsolve import coordinates, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> growth = Problem(Interval(x, 0, 1), Eq(u.diff(x), u), Eq(u(0), 1))
    >>> trained = solve(growth, Dense(10), LSGD(20, LevenbergMarquardt(damping=1e-2)))
    >>> trained.residual() < 1e-2  # 0.05, as it is drawn
    True
    """

    damping: float = 1e-2
    momentum: float = 0.0
    rate: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 1:
            raise ValueError(f"rate is above 0 and at most 1: got {self.rate}")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum is at least 0 and below 1: got {self.momentum}")

    def numbers(self, rows: int, variables: int, columns: int) -> float:
        """How many are held at a time: the Jacobian and, first, three matrices of the basis, then a
        copy with its triangles.
        """
        small = min(rows, variables)
        # A step works in four squares of its width, or of its rows if these are fewer.
        factors = 4 * small**2 + (rows * variables if variables < rows else 0)
        return rows * variables + max(3 * rows * columns, factors)

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """One accepted step an iterate; where no damping lowers the loss, new points are drawn, or
        it ends.

        Raises TypeError for a loss without residuals, ValueError for one with a penalty on rough
        layers.
        """
        if not isinstance(objective, Reduced | Joint):
            raise TypeError(
                "LevenbergMarquardt wants residuals: take it as the descent of LSGD, or of"
                " GradientDescent"
            )
        if objective.rows.smoothness:
            raise ValueError(
                "LevenbergMarquardt sees residuals, no penalty: take LBFGS or Adam with smoothness"
            )
        iterate, damping, last = start, self.damping, torch.zeros(())
        while True:
            iterate = objective.renewed(iterate)
            misfit, jacobian = objective.tangent(iterate)
            # Marquardt (1963): damped by the size of each column, a step does not depend on the
            # units of parameters.
            columns = jacobian.norm(dim=0).clamp(min=1e-12 * float(jacobian.norm()))
            jacobian, misfit = objective.projected(iterate, jacobian.div_(columns), misfit)
            ahead = self.momentum * last * columns
            both = torch.column_stack([misfit, jacobian @ ahead])
            # In the smaller of the two spaces: it is the cube of its dimension that a step costs.
            step = (of_columns if len(misfit) > len(columns) else of_rows)(jacobian, both)
            first = damping
            for tries in range(DAMPING.tries):
                fitted, kept = step(damping).unbind(1)
                # Of the last step only that part is kept which the residuals do not determine
                # (SPRING): refused, it is left out.
                change = (fitted if tries else fitted + ahead - kept) / columns
                trial = objective.advanced(iterate, self.rate * change)
                if trial.loss < iterate.loss:
                    break
                damping *= DAMPING.raised
            else:
                if not objective.rows.redraws.hurry():
                    return
                damping, last = self.damping, torch.zeros(())
                yield iterate
                continue
            eased = DAMPING.eased if damping == first else 1.0
            damping = max(damping / eased, DAMPING.least)
            iterate, last = trial, change
            yield iterate


def of_columns(jacobian: Tensor, misfits: Tensor) -> Callable[[float], Tensor]:
    """The minimizers d of |J d - r|^2 + |damping d|^2, by damping, for J `(m, n)` and every column
    r of `(m, k)`: by QR.
    """
    n, k = jacobian.shape[1], misfits.shape[1]
    triangle = _triangle(jacobian, misfits)

    def step(damping: float) -> Tensor:
        r = _triangle(triangle, damping * torch.eye(n, n + k, dtype=jacobian.dtype), dim=0)
        minimizers: Tensor = torch.linalg.solve_triangular(r[:n, :n], r[:n, n:], upper=True)
        return minimizers

    return step


def _triangle(first: Tensor, second: Tensor, dim: int = 1) -> Tensor:
    """The triangular factor of two matrices side by side, or (`dim=0`) one upon the other: in one
    array, and its copy.
    """
    both = torch.cat([first.T, second.T], dim=1 - dim).T  # in Fortran order, as LAPACK wants it
    torch.geqrf(both, out=(both, both.new_empty(min(both.shape))))
    return both[: min(both.shape)].triu()


def of_rows(jacobian: Tensor, misfits: Tensor) -> Callable[[float], Tensor]:
    """The same, d = J' (J J' + damping^2)^-1 r, for fewer rows than columns: by Cholesky's factors
    of the small matrix J J' `(rows, rows)`.

    Squaring costs digits of d, not of the loss: what a step misses, the next one finds.
    """
    # Half of J J', at half the cost.
    half = dsyrk(1.0, array_of(jacobian.contiguous()).T, trans=1, lower=1)
    lower = tensor_of(half, jacobian)
    gram = lower.tril() + lower.tril(-1).T
    least = len(gram) * torch.finfo(gram.dtype).eps * float(gram.diagonal().mean())

    def step(damping: float) -> Tensor:
        shifted = gram + max(damping**2, least) * torch.eye(len(gram)).to(gram)
        minimizers: Tensor = jacobian.T @ torch.cholesky_solve(
            misfits, torch.linalg.cholesky(shifted)
        )
        return minimizers

    return step
