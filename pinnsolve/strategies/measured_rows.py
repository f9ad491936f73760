"""Rows of data with errors, and rows of equations beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pinnsolve.compile.system import System
from pinnsolve.declare.checks import difference
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.fields.space import Space
from pinnsolve.geometry.region import Condition
from pinnsolve.symbols.data import Data


def data_of(condition: Condition) -> list[Data]:
    """The measured data in a condition."""
    return sorted(difference(condition).atoms(Data), key=str)


def with_errors(condition: Condition) -> bool:
    """Whether a condition holds data that have errors."""
    return any(data.has_errors for data in data_of(condition))


def deviations(condition: Condition, p: Points) -> Array:
    """Of each value, `(n,)`; ones, where none are known."""
    (data,) = data_of(condition)
    given = np.ones(len(data.values)) if data.sigma is None else np.asarray(data.sigma)
    every = np.broadcast_to(given, data.values.shape)
    rows = getattr(condition.region, "rows", None)
    return np.array(every if rows is None else every[rows])


def rows_of(
    system: System, points: Sequence[Points], space: Space, at: Array, wanted: Sequence[bool]
) -> list[Array]:
    """Of each condition that is wanted its matrix and target, `(n, columns + 1)`, as they are, not
    weighed, linearized at coefficients `(columns,)`.
    """
    residuals = tuple(r for r, w in zip(system.residuals, wanted, strict=True) if w)
    own = [replace(p, factors=None) for p, w in zip(points, wanted, strict=True) if w]
    part = replace(system, residuals=residuals)
    rows = assemble(part, own, space, tensor_of(at), [1.0] * len(own))
    return [rows.augmented[place] for place in rows.slices]
