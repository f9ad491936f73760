"""Levenberg-Marquardt for functions of low rank: the factors are fitted to the equations, all
coordinates at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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


@dataclass(frozen=True)
class FactorDescent:
    """How many starts the factors get, how far a step is damped, and when a descent has ended."""

    # In half the degree; the best goes on. So many are drawn,
    drawn: int = 3
    # And others are the best one, one term of which is drawn anew (docs/decisions/0076).
    exchanged: int = 5
    # All begin as long as all took less than this part of the seconds that are left
    share: float = 0.1
    # A residual relative to the data that a start in half the degree comes to, if it leads anywhere
    not_astray: float = 1e-2
    # And one that no bad minimum has; or two that are alike to this factor are the least
    arrived: float = 1e-6
    alike: float = 1.02
    # Steps of one descent: a bound, patience ends most of them.
    steps: int = 40
    # Dampings of one step, until one lowers the residual.
    tries: int = 6
    first_damping: float = 1e-2
    # Factor by which the damping rises after a step that is refused;
    raised: float = 6.0
    # By which it falls after a step that is taken;
    eased: float = 10.0
    # And after one that took several tries.
    eased_warily: float = 2.0
    # A step that leaves more of the residual than this is slow;
    slow: float = 0.9
    # And so many of them in a row end it;
    patience: int = 6
    # Fewer in half the degree, which is only a start.
    start_patience: int = 2
    # A residual relative to the data: below it nothing is left to gain;
    solved: float = 1e-12
    # And below the goal, times this.
    below_goal: float = 0.1

    @property
    def starts(self) -> int:
        """All of them."""
        return self.drawn + self.exchanged


@dataclass(frozen=True)
class LowRankFit:
    """The method that fits the factors (in place), then solves in their tangent space. For one
    unknown.

    Nested iteration: first in half the degree, where steps are quick, from several starts, since
    most end in a bad minimum. It ends where the residual, relative to the data, is far below the
    `goal`.
    """

    goal: float = 0.0
    budget: Budget = field(default=FOREVER, repr=False)
    descent: FactorDescent = field(default=FactorDescent(), repr=False, compare=False)

    def free_parameters(self, space: Space) -> int:
        """All factors: as many as there are tangent functions."""
        return space.columns

    def __call__(
        self, system: System, points: tuple[Points, ...], space: Space, report: Report
    ) -> Found:
        """Fit and solve; what Ctrl-C or the budget's end leaves of the factors is solved in."""
        early: Stop | None = None
        try:
            self._fit_factors(system, points, space.basis)
        except EARLY as error:
            early = why(error)
        solved = LeastSquares()(system, points, space, report)
        return replace(solved, stopped=early or solved.stopped)

    def _fit_factors(self, system: System, points: tuple[Points, ...], basis: Basis) -> None:
        assert isinstance(basis, LowRankBasis)
        terms = basis.factors.shape[2] // 2 + 1
        factors, began = basis.factors.data, self.budget.spent()
        halves, left = list[LowRankBasis](), list[float]()
        try:
            while self._begins(left, self.budget.spent() - began):
                turn = len(left)
                # Other starts from the same numbers: each coordinate gets another one's factors.
                start = factors.roll(turn, dims=0)[:, :, :terms].clone()
                if turn >= self.descent.drawn:
                    start = _exchanged(_best(halves, left), start, turn % start.shape[1])
                halves.append(LowRankBasis(basis.box, start))
                half = _with_first_factors(system, points, halves[-1])
                left.append(self._descend(system, points, half, self.descent.start_patience))
        finally:  # the best start; of one that was not finished, as far as it came
            basis.factors.data = torch.zeros_like(factors)
            basis.factors.data[:, :, :terms] = _best(halves, left)
        self._descend(system, points, basis, self.descent.patience)

    def _begins(self, left: Sequence[float], seconds: float) -> bool:
        """Whether another start begins after those that left so much, and took so long."""
        descent = self.descent
        least, second = sorted([*left, math.inf, math.inf])[:2]
        leads = least <= descent.not_astray
        if leads and (least <= descent.arrived or second <= descent.alike * least):
            return False
        if len(left) < descent.drawn:
            return True
        timely = seconds < descent.share * self.budget.left()
        return leads and len(left) < descent.starts and timely

    def _descend(
        self, system: System, points: tuple[Points, ...], basis: LowRankBasis, patience: int
    ) -> float:
        """Residual, relative to the data, that is left after Levenberg and Marquardt's iteration.

        Each step solves the linearized problem |r - J d|^2 + lambda^2 |D d|^2 by QR, D the norms of
        the columns of J.

        J is the matrix of the problem in the tangent basis (More 1978). A step is taken if the true
        residual falls.
        """
        descent, enough = (
            self.descent,
            max(self.descent.solved, self.descent.below_goal * self.goal),
        )
        damping, slow, left = descent.first_damping, 0, math.inf
        problem = assemble(system, points, Space.shared(basis, 1))
        for _ in range(descent.steps):
            misfit = _misfit(problem, basis)
            size = float(misfit.norm())
            left = size / float(tensor_of(problem.target).norm())
            if left <= enough or slow == patience:
                break
            self.budget.require()
            jacobian = tensor_of(problem.matrix)
            columns = jacobian.norm(dim=0)
            step = of_columns(jacobian / columns, misfit[:, None])
            before = basis.factors.data.clone()
            for number in range(descent.tries):
                basis.factors.data = before + (step(damping)[:, 0] / columns).reshape(before.shape)
                tried = assemble(system, points, Space.shared(basis, 1))
                after = float(_in_scales_of(problem, tried, _misfit(tried, basis)).norm())
                if after < size:
                    slow = slow + 1 if after > descent.slow * size else 0
                    problem = tried
                    damping /= descent.eased_warily if number else descent.eased
                    break
                damping *= descent.raised
            else:
                basis.factors.data = before
                break
        return left


def _best(halves: Sequence[LowRankBasis], left: Sequence[float]) -> Tensor:
    """The factors of the start that leaves least; of the first, if none was finished."""
    return halves[left.index(min(left)) if left else 0].factors.data


def _exchanged(factors: Tensor, drawn: Tensor, term: int) -> Tensor:
    """The same products but for one, which is as drawn: `(dim, rank, degree + 1)` each."""
    factors = factors.clone()
    factors[:, term] = drawn[:, term]
    return factors


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
