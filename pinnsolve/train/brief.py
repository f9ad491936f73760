"""What can be had in a moment: for a solve that was interrupted before it had anything, some functions of its basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.basis.indices import JetIndex
from pinnsolve.basis.networks import Basis, Declaration, Dense, DenseBasis
from pinnsolve.compile.system import System
from pinnsolve.train.assemble import assemble
from pinnsolve.train.collocate import bounds_by_name, collocation_points
from pinnsolve.train.fit import Fit
from pinnsolve.train.flat import flattest_field
from pinnsolve.train.least_squares import least_squares
from pinnsolve.train.linearize import linearized
from pinnsolve.train.measure import relative_residuals

FEW = 120  # columns


@dataclass(frozen=True, eq=False)
class _First:
    """The first functions of a basis."""

    within: Basis
    size: int

    def __call__(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        return self.within(x, indices)[:, :, : self.size]


def brief(system: System, declared: Declaration | None, seed: int) -> Fit | None:
    """One least-squares solve in the first few functions of the basis, a nonlinear system by its tangent at the flattest field.

    In a small basis of its own where none is declared. None where the basis is no network of functions that are simply
    added, or the equations are not finite there.
    """
    streams = torch.randint(2**31, (3,), generator=torch.Generator().manual_seed(seed)).tolist()
    declared = declared or Dense(FEW)
    basis = declared.build(bounds_by_name(system.problem), streams[0])
    if not isinstance(basis, DenseBasis):
        return None
    few = _First(basis, min(basis.size, max(1, FEW // system.n_unknowns)))
    try:
        tangent = system if system.linear else linearized(system, flattest_field(system))
        points = collocation_points(system, basis, streams[1], few.size * system.n_unknowns)
        solved = least_squares(assemble(tangent, points, few).augmented)  # type: ignore[arg-type]
    except ValueError:
        return None
    found = torch.from_numpy(solved.coefficients.reshape(system.n_unknowns, few.size))
    coefficients = found.new_zeros(system.n_unknowns, basis.size)
    coefficients[:, : few.size] = found
    residuals = relative_residuals(system, basis, coefficients, streams[2])
    return Fit(declared, seed, basis, coefficients, residuals, solved, "interrupted")
