"""All fields anew, once numbers are known: by their data and the equations together.

Data alone leave fields open towards the sides, where few values are, and what is not measured
follows their derivatives: there equations know more. They are rows beside the data, with errors of
their own, since no functions fulfil them: as large as what they are left.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.basis.adapted.polynomials import Polynomials
from pinnsolve.coefficients.errors_in_rows import Known
from pinnsolve.coefficients.errors_of_both import of_both
from pinnsolve.compile.system import Residual
from pinnsolve.discretize.points import Points, sample_region
from pinnsolve.discretize.sobol import sobol
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.building import build_space
from pinnsolve.fields.declared import BasisEach
from pinnsolve.fields.space import Space
from pinnsolve.strategies.measured_everywhere import Fitted, Measured
from pinnsolve.strategies.measured_rows import rows_of


@dataclass(frozen=True)
class Together:
    """How data and equations are taken together."""

    # Rows of all equations for each function
    rows: float = 1.5
    # What is said elsewhere of fields that are not measured counts so many times more
    beside: float = 1e4
    # Of directions: what is told apart
    open: float = 1e-9


TOGETHER = Together()


@dataclass(frozen=True, eq=False)
class Whole:
    """All unknowns in one space: coefficients `(columns,)`, a factor `(columns, rank)` of their
    covariance, how many functions equations leave open, and of which unknowns these are.
    """

    declared: BasisEach
    space: Space
    coefficients: Array
    factor: Array
    open: int
    of: tuple[int, ...]


def whole(
    measured: Measured, degrees: tuple[int, ...], fit: Fitted, known: Known, seed: int
) -> Whole:
    """Fields of these degrees, that data alone say are `fit`, and numbers, whose errors are as they
    are known, since the same data said so.
    """
    unknowns = measured.system.problem.unknowns
    own = Polynomials(degrees)
    parts = sorted((*measured.fields, *measured.hidden))
    declared = BasisEach(tuple((str(unknowns[k].func), own) for k in parts))
    space = build_space(measured.system, declared, seed)
    fields, hidden, places = (
        columns_of(space, k) for k in (measured.fields, measured.hidden, measured.numbers)
    )
    coefficients = np.zeros(space.columns)
    coefficients[fields] = fit.coefficients[columns_of(fit.space, measured.fields)]
    coefficients[places] = known.numbers
    of_numbers = np.asarray(np.linalg.qr(known.of_numbers.T, mode="r")).T
    blocks = _blocks(measured, space, coefficients, fit, of_numbers, seed)
    count = len(measured.equations) * _count(measured, space)
    found = of_both(blocks, len(hidden), count)
    n, rank = found.errors.shape[0], found.of_hidden.shape[1]
    factor = np.zeros((space.columns, max(n, rank) + of_numbers.shape[1]))
    start = 0
    for k in measured.fields:
        place, mine = space.slices[k], slice(start, start + space.blocks[k].size)
        coefficients[place] += fit.factors[k] @ found.errors[mine]
        factor[place, :n] = fit.factors[k] @ found.of_errors[mine]
        start = mine.stop
    coefficients[hidden], factor[hidden, :rank] = found.hidden, found.of_hidden
    coefficients[places] += of_numbers @ found.errors[start:]
    factor[places, max(n, rank) :] = of_numbers
    free = len(hidden) - found.back.shape[1]
    of = tuple(k for k in measured.hidden if free and _is_open(space.slices[k], hidden, found.back))
    return Whole(declared, space, coefficients, factor, free, of)


def _is_open(place: slice, columns: Array, back: Array) -> bool:
    """Whether some functions of an unknown in a place are not determined, of all `(n_columns,)`."""
    mine = (columns >= place.start) & (columns < place.stop)
    return bool(np.linalg.matrix_rank(back[mine], TOGETHER.open) < mine.sum())


def columns_of(space: Space, unknowns: tuple[int, ...]) -> Array:
    """The columns of some unknowns, `(n_columns,)`."""
    every = np.arange(space.columns)
    return np.concatenate([every[:0], *(every[space.slices[k]] for k in unknowns)])


def _blocks(
    measured: Measured, space: Space, at: Array, fit: Fitted, of_numbers: Array, seed: int
) -> Iterator[Array]:
    """Rows of each equation, in the size of what errors of the data make of them, and of what is
    said elsewhere: columns of what is not measured, of errors of fields and of numbers, the target
    last. Points are as dense towards the sides as Chebyshev's, their rows as much less: sums are as
    integrals are.
    """
    system, hidden = measured.system, columns_of(space, measured.hidden)
    low, high = system.domain.bounds.T
    count = _count(measured, space)
    angles = np.pi * sobol(count, len(low), np.random.default_rng(seed))
    inside = Points(low + (high - low) * (1 - np.cos(angles)) / 2, None, np.ones(count))
    weights = np.sqrt(np.sin(angles).prod(axis=1))[:, None]
    for residual in measured.equations:
        own = weights * _own(measured, space, residual, inside, (at, fit, of_numbers))
        known = own[:, len(hidden) : -1]
        yield own / (float(np.linalg.norm(known)) / math.sqrt(count) or 1.0)
    for residual in measured.beside:
        points = sample_region(residual.condition.region, count, seed)
        own = _own(measured, space, residual, points, (at, fit, of_numbers))
        yield own * TOGETHER.beside / (float(np.sqrt(np.mean(own[:, :-1] ** 2))) or 1.0)


def _count(measured: Measured, space: Space) -> int:
    """Of each equation's points."""
    return math.ceil(TOGETHER.rows * space.columns / len(measured.equations))


def _own(
    measured: Measured,
    space: Space,
    residual: Residual,
    points: Points,
    known: tuple[Array, Fitted, Array],
) -> Array:
    """Rows of an equation, linearized at what is known, in errors of that."""
    at, fit, of_numbers = known
    system = replace(measured.system, residuals=(residual,))
    (rows,) = rows_of(system, [points], space, at, [True])
    hidden, places = columns_of(space, measured.hidden), columns_of(space, measured.numbers)
    spread = [rows[:, space.slices[k]] @ fit.factors[k] for k in measured.fields]
    left = rows[:, -1] - rows[:, :-1] @ at
    return np.column_stack([rows[:, hidden], *spread, rows[:, places] @ of_numbers, left])
