"""Integrals of what is known of a solution, by a rule on a region."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sympy import Expr, Symbol

from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.rules import rule_of
from pinnsolve.solution.evaluated import Evaluated


def integral_of(
    solution: Evaluated,
    expression: Expr,
    region: Region,
    at: Mapping[Symbol, float],
    finer: float,
) -> float:
    """The integral of an expression over a region, at values of the coordinates that it lacks.

    Raises ValueError where a coordinate has no value, or two, TypeError for complex values.
    """
    coordinates = solution.problem.domain.coordinates
    missing = [c for c in coordinates if c not in region.coordinates]
    if set(missing) != set(at):
        wanted = ", ".join(f"{c}: ..." for c in missing)
        raise ValueError(
            f"{region} leaves {wanted or 'nothing'} open: integrate(..., at={{{wanted}}})"
        )
    rule = rule_of(region, finer)
    x = _over(coordinates, region, rule.x, at)
    normals = None
    if rule.normals is not None:
        normals = _over(coordinates, region, rule.normals, dict.fromkeys(missing, 0.0))
    points = Points(x, normals, rule.weights, coordinates=coordinates)
    values = solution(points, expression)
    if np.iscomplexobj(values):
        raise TypeError("an integral of complex values: of re(u), im(u) or Abs(u)?")
    return float(rule.weights @ values)


def _over(
    coordinates: tuple[Symbol, ...], region: Region, columns: Array, at: Mapping[Symbol, float]
) -> Array:
    """Columns `(n, n_region)` among those of all coordinates, `(n, dim)`."""
    own = region.coordinates
    each = [
        columns[:, own.index(c)] if c in own else np.full(len(columns), at[c]) for c in coordinates
    ]
    return np.stack(each, axis=1)
