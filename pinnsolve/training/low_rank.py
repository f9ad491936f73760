"""Levenberg-Marquardt for functions of low rank: the factors are fitted to the equations, all
coordinates at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from pinnsolve.basis.adapted.separable import LowRankBasis
from pinnsolve.basis.basis import Basis
from pinnsolve.coefficients.least_squares import Found, LeastSquares, Report
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import LeastSquaresProblem, assemble
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.space import Space
from pinnsolve.running.budget import EARLY, FOREVER, Budget, why
from pinnsolve.running.stop import Stop
from pinnsolve.training.levenberg import of_columns

STEPS = 40
# In half the degree; the best goes on.
STARTS = 3
TRIES = 6  # dampings, until one lowers the residual
# A step that leaves more of the residual than this is slow;
SLOW = 0.9
# And so many of them in a row end it;
PATIENCE = 6
# Fewer in half the degree, which is only a start.
START_PATIENCE = 2
# Factor by which the damping falls after a step;
EASED = 10.0
# And after one that took several tries.
WARY = 2.0
SOLVED = 1e-12  # a residual relative to the data
FAR_BELOW = 0.1  # times the goal
# A residual relative to the data that a start in half the degree comes to, if it leads anywhere
NOT_ASTRAY = 1e-2


@dataclass(frozen=True)
class LowRankFit:
    """The method that fits the factors (in place), then solves in their tangent space. For one
    unknown.

    Nested iteration: first in half the degree, where steps are quick, from several starts, since
    some lead astray. It ends where the residual, relative to the data, is far below the `goal`.
    """

    goal: float = 0.0
    budget: Budget = field(default=FOREVER, repr=False)

    def free_parameters(self, space: Space) -> int:
        """All factors: as many as there are tangent functions."""
        return space.columns

    def __call__(
        self, system: System, points: tuple[Points, ...], space: Space, report: Report
    ) -> Found:
        """Fit and solve; what Ctrl-C or the budget's end leaves of the factors is solved in."""
        early: Stop | None = None
        try:
            _fit_factors(
                system, points, space.basis, max(SOLVED, FAR_BELOW * self.goal), self.budget
            )
        except EARLY as error:
            early = why(error)
        found = LeastSquares()(system, points, space, report)
        return replace(found, stopped=early or found.stopped)


def _fit_factors(
    system: System, points: tuple[Points, ...], basis: Basis, enough: float, budget: Budget
) -> None:
    assert isinstance(basis, LowRankBasis)
    terms = basis.factors.shape[2] // 2 + 1
    factors = basis.factors.data
    halves, left = list[LowRankBasis](), list[float]()
    try:
        for turn in range(STARTS):
            # Other starts from the same numbers: each coordinate gets another one's factors.
            halves.append(LowRankBasis(basis.box, factors.roll(turn, dims=0)[:, :, :terms].clone()))
            half = _with_first_factors(system, points, halves[-1])
            left.append(_descend(system, points, half, enough, START_PATIENCE, budget))
            if left[-1] <= NOT_ASTRAY:
                break
    finally:  # the best start; of one that was not finished, as far as it came
        basis.factors.data = torch.zeros_like(factors)
        basis.factors.data[:, :, :terms] = halves[left.index(min(left)) if left else 0].factors.data
    _descend(system, points, basis, enough, PATIENCE, budget)


def _with_first_factors(
    system: System, points: tuple[Points, ...], basis: LowRankBasis
) -> LowRankBasis:
    """The first coordinate's factors are linear parameters: solved for, they bring the start to the
    size of the solution.
    """
    problem = assemble(system, points, Space.shared(basis, 1))
    matrix = tensor_of(problem.matrix[:, : basis.factors[0].numel()])
    start = torch.linalg.lstsq(matrix, tensor_of(problem.target)).solution
    basis.factors.data[0] = start.reshape(basis.factors[0].shape)
    # A product does not say which factor holds its size: all get the same.
    norms = basis.factors.data.norm(dim=2, keepdim=True).clamp(min=1e-300)
    basis.factors.data *= norms.log().mean(dim=0, keepdim=True).exp() / norms
    return basis


def _descend(
    system: System,
    points: tuple[Points, ...],
    basis: LowRankBasis,
    enough: float,
    patience: int,
    budget: Budget,
) -> float:
    """Residual, relative to the data, that is left after Levenberg and Marquardt's iteration.

    Each step solves the linearized problem |r - J d|^2 + lambda^2 |D d|^2 by QR, D the norms of the
    columns of J.

    J is the matrix of the problem in the tangent basis (More 1978). A step is taken if the true
    residual falls.
    """
    damping, slow, left = 1e-2, 0, math.inf
    problem = assemble(system, points, Space.shared(basis, 1))
    for _ in range(STEPS):
        misfit = _misfit(problem, basis)
        size = float(misfit.norm())
        left = size / float(tensor_of(problem.target).norm())
        if left <= enough or slow == patience:
            break
        budget.require()
        jacobian = tensor_of(problem.matrix)
        columns = jacobian.norm(dim=0)
        step = of_columns(jacobian / columns, misfit[:, None])
        before = basis.factors.data.clone()
        for number in range(TRIES):
            basis.factors.data = before + (step(damping)[:, 0] / columns).reshape(before.shape)
            tried = assemble(system, points, Space.shared(basis, 1))
            after = float(_in_scales_of(problem, tried, _misfit(tried, basis)).norm())
            if after < size:
                slow = slow + 1 if after > SLOW * size else 0
                damping, problem = damping / (WARY if number else EASED), tried
                break
            damping *= 6
        else:
            basis.factors.data = before
            break
    return left


def _misfit(problem: LeastSquaresProblem, basis: LowRankBasis) -> Tensor:
    return tensor_of(problem.target) - tensor_of(problem.matrix) @ basis.own_coefficients()


def _in_scales_of(
    problem: LeastSquaresProblem, tried: LeastSquaresProblem, misfit: Tensor
) -> Tensor:
    """Rows are scaled by the operator's size in the basis, which the step has changed: only like
    can be compared.
    """
    scaled = misfit.clone()
    for rows, ours, theirs in zip(
        problem.slices, problem.row_scales, tried.row_scales, strict=True
    ):
        scaled[rows] *= ours / theirs
    return scaled
