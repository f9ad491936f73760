"""What can be had in a moment: for a solve that was interrupted before it had anything, some
functions of its basis.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from pinnsolve.basis.basis import Basis
from pinnsolve.basis.networks import Dense, DenseBasis
from pinnsolve.coefficients.flat import flattest_field
from pinnsolve.coefficients.least_squares import least_squares
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.collocate import bounds_by_name, collocation_points
from pinnsolve.discretize.linearize import linearized
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.declared import Bases, of_each, one_basis
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.space import Space
from pinnsolve.jets.indices import JetIndex
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import Fit, streams


class _First(Basis):
    """A basis with its first functions alone."""

    def __init__(self, within: Basis, size: int) -> None:
        super().__init__()
        self.within, self.size = within, size

    def forward(self, x: Tensor, indices: Sequence[JetIndex]) -> Tensor:
        return self.within(x, indices)[:, :, : self.size]


def brief(system: System, declared: Bases | None, seed: int, columns: int = 120) -> Fit | None:
    """One least-squares solve in the first few functions of the basis, a nonlinear system by its
    tangent at the flattest field.

    In a small basis of its own where none is declared. None where the basis is no network of
    functions that are simply added, or the equations are not finite there.
    """
    of_neurons, of_points, of_judging = streams(seed)
    declared = declared or Dense(columns)
    if of_each(declared) is not None:
        return None
    basis = one_basis(declared).build(bounds_by_name(system.problem), of_neurons)
    if not isinstance(basis, DenseBasis):
        return None
    # Who interrupts the very first solve waits for no more than a small one: so few columns.
    size = min(basis.size, max(1, columns // system.n_unknowns))
    whole = Space.shared(basis, system.n_unknowns)
    few = Space.shared(_First(basis, size), system.n_unknowns)
    try:
        tangent = system if system.linear else linearized(system, flattest_field(system))
        points = collocation_points(system, whole, of_points, few.columns)
        solved = least_squares(assemble(tangent, points, few).augmented)
    except ValueError:
        return None
    coefficients = whole.like.new_zeros(system.n_unknowns, basis.size)
    coefficients[:, :size] = tensor_of(solved.coefficients.reshape(system.n_unknowns, size))
    field = Expansion(whole, coefficients.flatten())
    return Fit(
        declared,
        seed,
        field,
        relative_residuals(system, field, of_judging),
        solved,
        Stop.INTERRUPTED,
    )
