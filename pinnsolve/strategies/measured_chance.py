"""Whether what a solution leaves of the data is chance.

Where deviations are said, squares that are left are about one each. Where they are not, any
solution has squares that make them so: what is left of values beside each other tells then, since
errors know nothing of each other, and what a wrong solution leaves is as smooth as it is (von
Neumann, Ann. Math. Stat. 12, 1941, of neighbours in any dimension).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pinnsolve.compile.system import System
from pinnsolve.discretize.measure import residual_field
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.arrays import Array, array_of
from pinnsolve.fields.field import Field
from pinnsolve.strategies.measured_rows import (
    data_in,
    data_of,
    deviations,
    known_deviations,
    within_chance,
)


@dataclass(frozen=True)
class Neighbours:
    """Values beside each other."""

    # Deviations of their correlation, above which it is no chance: one of 4,000 is
    deviations: float = 3.5
    # Of the data's size: what is less is rounding, or what is left of equations
    rounding: float = 1e-7
    # Points whose distances are in memory at once
    at_once: int = 256


NEIGHBOURS = Neighbours()


def left_of(system: System, field: Field) -> Array:
    """What a field of all unknowns leaves of the data, each divided by its deviation (of exact
    data, by their size): `(n_values,)`.
    """
    left = []
    for residual in system.residuals:
        if data_of(residual.condition):
            at = sample_region(residual.condition.region, 1, 0)  # of a cloud, all of its points
            values = array_of(residual_field(residual, field, at.x, at.normals))
            left.append(values / deviations(residual.condition))
    return np.concatenate(left)


def is_chance(system: System, field: Field, misfit: float, used: float) -> bool:
    """Whether what a field leaves of the data is chance: squares of a `misfit` for each value that
    is not used up, where deviations are said; else as values beside each other tell.
    """
    left = left_of(system, field)
    if known_deviations(system):
        return within_chance(misfit, max(1, round(len(left) - used)))
    return independent(system, left)


def independent(system: System, left: Array) -> bool:
    """Whether what is left of values beside each other, `(n_values,)`, does not show that it is no
    errors.
    """
    together, variance, start = 0.0, 0.0, 0
    regions = [c.region for c in system.problem.conditions if data_of(c)]
    sizes = [float(np.sqrt((np.abs(d.values) ** 2).mean())) for d in data_in(system)]
    for region, size in zip(regions, sizes, strict=True):
        own, start = left[start : start + region.measured], start + region.measured
        deviation = float(np.sqrt((own**2).mean()))
        if len(own) < 2 or deviation <= NEIGHBOURS.rounding * size:
            continue
        nearest = _nearest(sample_region(region, 1, 0).x / np.ptp(system.domain.bounds, axis=1))
        mutual = nearest[nearest] == np.arange(len(own))
        together += float(own @ own[nearest]) / deviation**2
        variance += len(own) + int(mutual.sum())
    return together <= NEIGHBOURS.deviations * math.sqrt(variance)


def _nearest(x: Array) -> Array:
    """Of each of some points `(n, dim)` the one that is nearest, `(n,)`."""
    nearest = []
    for start in range(0, len(x), NEIGHBOURS.at_once):
        some = x[start : start + NEIGHBOURS.at_once]
        apart = ((some[:, None] - x) ** 2).sum(axis=2)
        rows = np.arange(len(some))
        apart[rows, start + rows] = np.inf
        nearest.append(apart.argmin(axis=1))
    return np.concatenate(nearest)
