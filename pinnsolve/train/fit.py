"""One fit: build the basis, place the points, solve for the coefficients, judge by fresh points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from pinnsolve.basis.networks import Basis, Declaration
from pinnsolve.basis.separable import LowRankBasis
from pinnsolve.compile.system import System
from pinnsolve.sample.points import Points
from pinnsolve.train.collocate import bounds_by_name, collocation_points
from pinnsolve.train.least_squares import LeastSquares, Solved
from pinnsolve.train.low_rank import fit_low_rank
from pinnsolve.train.measure import relative_residuals

Method = Callable[[System, tuple[Points, ...], Basis], tuple[Tensor, Solved]]


@dataclass(frozen=True)
class Fit:
    """A basis with its coefficients `(n_unknowns, size)`, and how they came out.

    `residuals` are those of `relative_residuals`, one a condition, on fresh points.
    """

    declared: Declaration
    seed: int
    basis: Basis
    coefficients: Tensor
    residuals: tuple[float, ...]
    solved: Solved = field(repr=False)

    @property
    def residual(self) -> float:
        """The largest relative residual of the conditions."""
        return max(self.residuals)


def fit(system: System, declared: Declaration, seed: int, method: Method | None = None) -> Fit:
    """Solve in one basis. The seed decides neurons and points; residuals are taken on points that are fresh for each seed."""
    streams = torch.randint(2**31, (3,), generator=torch.Generator().manual_seed(seed)).tolist()
    basis = declared.build(bounds_by_name(system.problem), streams[0])
    points = collocation_points(system, basis, streams[1])
    coefficients, solved = (method or _own_method(basis))(system, points, basis)
    residuals = relative_residuals(system, basis, coefficients, streams[2])
    return Fit(declared, seed, basis, coefficients, residuals, solved)


def _own_method(basis: Basis) -> Method:
    return fit_low_rank if isinstance(basis, LowRankBasis) else LeastSquares()
