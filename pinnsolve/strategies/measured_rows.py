"""Rows of data with errors, and rows of equations beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.compile.system import System
from pinnsolve.declare.checks import difference
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.fields.space import Space
from pinnsolve.geometry.region import Condition
from pinnsolve.symbols.assumed import LOGARITHM
from pinnsolve.symbols.data import STUDENT, Data


def numbers_of(system: System) -> list[int]:
    """Which unknowns are numbers."""
    return [k for k, u in enumerate(system.problem.unknowns) if not u.args]


def bounds_of(system: System) -> tuple[Array, Array] | None:
    """Low and high ends of what each number lies between, `(n_numbers,)`; None, where none are
    said.
    """
    each = [system.problem.unknowns[k].func.bounds for k in numbers_of(system)]
    if not any(each):
        return None
    low, high = np.array([b or (-np.inf, np.inf) for b in each]).T
    return low, high


def units_of(system: System) -> Array:
    """What is a large change of each number, `(n_numbers,)`: half of its bounds, one of a
    logarithm; zero where nothing says it.
    """
    each = [system.problem.unknowns[k].func for k in numbers_of(system)]
    return np.array(
        [
            (f.bounds[1] - f.bounds[0]) / 2 if f.bounds else float(f.values == LOGARITHM)
            for f in each
        ]
    )


def data_of(condition: Condition) -> list[Data]:
    """The measured data in a condition."""
    return sorted(difference(condition).atoms(Data), key=str)


def data_in(system: System) -> list[Data]:
    """The measured data in all conditions."""
    return [data for condition in system.problem.conditions for data in data_of(condition)]


def is_exact(system: System) -> bool:
    """Whether no data have errors."""
    return not any(data.has_errors for data in data_in(system))


def known_deviations(system: System) -> bool:
    """Whether deviations of all data are said, or how some of them are wild is."""
    return all(d.sigma is not None or d.loss == STUDENT for d in data_in(system))


def noise_of(system: System) -> float:
    """The least relative error of the data; zero, where none is said."""
    sizes = [(d, float(np.sqrt((d.values**2).mean()))) for d in data_in(system)]
    errors = [float(np.min(d.sigma)) / size for d, size in sizes if d.sigma is not None and size]
    return min(errors, default=0.0)


def noise_left(system: System, misfit: float = math.inf) -> float:
    """The least relative error of the data, where it is said; else that which the mean of squares
    that are left says, and infinity, before any are left.
    """
    if known_deviations(system):
        return noise_of(system)
    unsaid = [d.values for d in data_in(system) if d.sigma is None and d.has_errors]
    size = max(float(np.sqrt((values**2).mean())) for values in unsaid)
    return min(noise_of(system) or math.inf, math.sqrt(misfit) / size if size else math.inf)


@dataclass(frozen=True)
class Chance:
    """What errors leave of data."""

    # Deviations of the sum of squares above what is expected: more is no chance, but another
    # minimum, or values whose errors are larger than was said
    deviations: float = 6.0


CHANCE = Chance()


def within_chance(misfit: float, free: int) -> bool:
    """Whether squares that are left, for each of so many free values, are no more than errors of
    the deviations that were said leave by chance.
    """
    return misfit <= 1 + CHANCE.deviations * math.sqrt(2 / free)


def with_errors(condition: Condition) -> bool:
    """Whether a condition holds data that have errors."""
    return any(data.has_errors for data in data_of(condition))


@dataclass(frozen=True)
class Wild:
    """Student's distribution, of values some of which are wild."""

    # Four degrees of freedom: the fewest of which the variance is finite are three; with four, a
    # good value loses 6 % of what it says, and one that is ten deviations off says a twentieth
    # (Lange, Little and Taylor, J. Am. Stat. Assoc. 84, 1989)
    freedom: float = 4.0
    # A deviation in median deviations, of normal errors
    median: float = 1.4826


WILD = Wild()


def deviations(condition: Condition) -> Array:
    """Of each value, `(n,)`; ones, where none are known, and the size of what is exact."""
    (data,) = data_of(condition)
    if data.sigma is None:
        given = np.ones(len(data.values))
    elif data.has_errors:
        given = np.asarray(data.sigma)
    else:
        given = np.full(len(data.values), float(np.sqrt((data.values**2).mean())) or 1.0)
    every = np.broadcast_to(given, data.values.shape)
    rows = getattr(condition.region, "rows", None)
    return np.array(every if rows is None else every[rows])


def may_be_wild(condition: Condition) -> bool:
    """Whether some of the values in a condition may be wild."""
    return any(data.loss == STUDENT for data in data_of(condition))


def forgiven(residuals: Array) -> Array:
    """What rows `(n,)` are multiplied by, so that squares have the slope that Student's
    distribution gives these residuals, each divided by its deviation.
    """
    return np.sqrt((WILD.freedom + 1) / (WILD.freedom + residuals**2))


def robust_deviations(condition: Condition, residuals: Array) -> Array:
    """Of each value, `(n,)`, as if it were the larger the wilder the value is, beside residuals
    `(n,)`; by the median of these, where none are known.
    """
    own = deviations(condition)
    if any(data.sigma is None for data in data_of(condition)):
        own = own * (WILD.median * float(np.median(np.abs(residuals))) or 1.0)
    return own / forgiven(residuals / own)


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
