"""Levenberg-Marquardt for functions of low rank: the factors are fitted to the equations, all coordinates at once."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from pinnsolve.basis.networks import Basis
from pinnsolve.basis.separable import LowRankBasis
from pinnsolve.compile.system import System
from pinnsolve.sample.points import Points
from pinnsolve.train.assemble import LeastSquaresProblem, assemble
from pinnsolve.train.least_squares import LeastSquares, Solved

STEPS = 40
STARTS = 3  # in half the degree; the best goes on
TRIES = 6  # dampings, until one lowers the residual
SLOW = 0.9  # a step that leaves more of the residual than this is slow,
PATIENCE = 6  # and so many of them in a row end it
SOLVED = 1e-12  # a residual relative to the data


def fit_low_rank(system: System, points: tuple[Points, ...], basis: Basis) -> tuple[Tensor, Solved]:
    """Fit the factors (in place), then solve in their tangent space. For one unknown.

    Nested iteration: first in half the degree, where steps are quick, from several starts, since some lead astray.
    """
    assert isinstance(basis, LowRankBasis)
    terms = basis.factors.shape[2] // 2 + 1
    factors = basis.factors.data
    starts = []
    for turn in range(STARTS):
        # Other starts from the same numbers: each coordinate gets another one's factors.
        half = LowRankBasis(basis.box, factors.roll(turn, dims=0)[:, :, :terms].clone())
        starts.append((_descend(system, points, _with_first_factors(system, points, half)), half))
    basis.factors.data = torch.zeros_like(factors)
    basis.factors.data[:, :, :terms] = min(starts, key=lambda pair: pair[0])[1].factors.data
    _descend(system, points, basis)
    return LeastSquares()(system, points, basis)


def _with_first_factors(system: System, points: tuple[Points, ...], basis: LowRankBasis) -> LowRankBasis:
    """The first coordinate's factors are linear parameters: solved for, they bring the start to the size of the solution."""
    problem = assemble(system, points, basis)
    matrix = torch.from_numpy(problem.matrix[:, : basis.factors[0].numel()])
    start = torch.linalg.lstsq(matrix, torch.from_numpy(problem.target)).solution
    basis.factors.data[0] = start.reshape(basis.factors[0].shape)
    norms = basis.factors.data.norm(dim=2, keepdim=True).clamp(min=1e-300)
    basis.factors.data *= norms.log().mean(dim=0, keepdim=True).exp() / norms
    return basis


def _descend(system: System, points: tuple[Points, ...], basis: LowRankBasis) -> float:
    """Residual, relative to the data, that is left after Levenberg and Marquardt's iteration.

    Each step solves the linearized problem |r - J d|^2 + lambda^2 |D d|^2 by QR, D the norms of the columns of J.

    J is the matrix of the problem in the tangent basis (More 1978). A step is taken if the true residual falls.
    """
    damping, slow, left = 1e-2, 0, math.inf
    problem = assemble(system, points, basis)
    for _ in range(STEPS):
        misfit = _misfit(problem, basis)
        size = float(misfit.norm())
        left = size / float(torch.from_numpy(problem.target).norm())
        if left <= SOLVED or slow == PATIENCE:
            break
        jacobian = torch.from_numpy(problem.matrix)
        columns = jacobian.norm(dim=0)
        triangle = torch.linalg.qr(torch.column_stack([jacobian, misfit]), mode="r").R[:-1]
        before = basis.factors.data.clone()
        for _ in range(TRIES):
            basis.factors.data = before + _damped(triangle, damping * columns).reshape(before.shape)
            tried = assemble(system, points, basis)
            after = float(_in_scales_of(problem, tried, _misfit(tried, basis)).norm())
            if after < size:
                slow = slow + 1 if after > SLOW * size else 0
                damping, problem = damping / 10, tried
                break
            damping *= 6
        else:
            basis.factors.data = before
            break
    return left


def _damped(triangle: Tensor, damping: Tensor) -> Tensor:
    """The minimizer d of |R d - r|^2 + |damping d|^2, for `triangle` = [R, r]."""
    rows = torch.nn.functional.pad(torch.diag(damping), (0, 1))
    r = torch.linalg.qr(torch.cat([triangle, rows]), mode="r").R
    step: Tensor = torch.linalg.solve_triangular(r[:-1, :-1], r[:-1, -1:], upper=True)[:, 0]
    return step


def _misfit(problem: LeastSquaresProblem, basis: LowRankBasis) -> Tensor:
    return torch.from_numpy(problem.target) - torch.from_numpy(problem.matrix) @ basis.own_coefficients()


def _in_scales_of(problem: LeastSquaresProblem, tried: LeastSquaresProblem, misfit: Tensor) -> Tensor:
    """Rows are scaled by the operator's size in the basis, which the step has changed: only like can be compared."""
    scaled = misfit.clone()
    for rows, ours, theirs in zip(problem.slices, problem.row_scales, tried.row_scales, strict=True):
        scaled[rows] *= ours / theirs
    return scaled
