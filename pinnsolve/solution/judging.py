"""How good a solution is: against what is known of the truth, and against a second draw."""

from __future__ import annotations

import numpy as np

from pinnsolve.coefficients.least_squares import Method
from pinnsolve.compile.system import System
from pinnsolve.declare.problem import Problem
from pinnsolve.declare.reference import Reference
from pinnsolve.discretize.measure import difference, shares_of
from pinnsolve.fields.arrays import array_of
from pinnsolve.fields.declared import Declared, of_basis
from pinnsolve.fields.field import Field
from pinnsolve.jets.indices import unit
from pinnsolve.search.fit import Grow, fit
from pinnsolve.solution.errors import Errors, compare, compare_with, exact_values, fresh_points
from pinnsolve.solution.known import Known


def error_at_reference(reference: Reference, problem: Problem, field: Field) -> Errors:
    """Against the values of a reference, at its points."""
    held = array_of(field.values(reference.points))
    names = [str(u.func) for u in problem.unknowns]
    return compare_with(reference, problem, dict(zip(names, held, strict=True)))


def error_on_points(system: System, field: Field, known: Known | None, n: int, seed: int) -> Errors:
    """Against the exact solution on n fresh random points, those where the field is known."""
    points = fresh_points(system, n, seed)
    if known is not None:
        points = points.taken(np.flatnonzero(known.rows(points.x)))
    x, dim = points.x, points.x.shape[1]
    indices = [(0,) * dim, *(unit(dim, axis) for axis in range(dim))]
    jet, where = field.derivatives(x, indices), field.support(x)
    return compare(system.problem, jet, exact_values(system.problem, x), where, shares_of(points))


def difference_of_draws(
    system: System,
    declared: Declared,
    field: Field,
    seed: int,
    method: Method | None,
    grow: Grow | None,
) -> float:
    """The relative L2 difference of a field to a second one, of other neurons and points."""
    second = fit(system, of_basis(declared), seed + 1, method, grow=grow, initial_guess=field)
    return difference(system, field, second.field, fresh_points(system, 2048, seed))
