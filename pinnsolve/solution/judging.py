"""How good a solution is: against what is known of the truth, and against a second draw."""

from __future__ import annotations

import numpy as np

from pinnsolve.cells.solve import solved_again
from pinnsolve.coefficients.least_squares import Method
from pinnsolve.compile.system import System
from pinnsolve.discretize.changes import difference, shares_of
from pinnsolve.fields.declared import Declared, of_basis
from pinnsolve.fields.field import Field
from pinnsolve.jets.indices import unit
from pinnsolve.search.fit import Grow, fit
from pinnsolve.solution.errors import Errors, compare, exact_values, fresh_points, wholes_of
from pinnsolve.solution.known import Known


def error_on_points(system: System, field: Field, known: Known | None, n: int, seed: int) -> Errors:
    """Against the exact solution on n fresh random points, those where the field is known."""
    points = fresh_points(system, n, seed)
    if known is not None:
        points = points.taken(np.flatnonzero(known.rows(points.x)))
    x, dim = points.x, points.x.shape[1]
    indices = [(0,) * dim, *(unit(dim, axis) for axis in range(dim))]
    jet, where = field.derivatives(x, indices), field.support(x)
    exact = exact_values(system.problem, x)
    return compare(wholes_of(system), jet, exact, where, shares_of(points))


def difference_of_draws(
    system: System,
    declared: Declared,
    field: Field,
    seed: int,
    method: Method | None,
    grow: Grow | None,
) -> float:
    """The relative L2 difference of a field to a second one, of other neurons and points."""
    second: Field | None = solved_again(system, declared, seed + 1, field)
    if second is None:
        again = fit(system, of_basis(declared), seed + 1, method, grow=grow, initial_guess=field)
        second = again.field
    return difference(system, field, second, fresh_points(system, 2048, seed))
