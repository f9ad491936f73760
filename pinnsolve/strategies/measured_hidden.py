"""Fields that are not measured, from equations whose other fields and numbers are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pinnsolve.basis.adapted.polynomials import Polynomials
from pinnsolve.coefficients.errors_in_rows import Known
from pinnsolve.coefficients.truncated import Truncated
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.building import build_space
from pinnsolve.fields.declared import BasisEach
from pinnsolve.fields.space import Space
from pinnsolve.strategies.measured_everywhere import Measured
from pinnsolve.strategies.measured_rows import rows_of


@dataclass(frozen=True)
class Hidden:
    """How fields that are not measured are made."""

    # Functions at most, and rows of each equation for each of them
    functions: int = 700
    rows: float = 3.0
    # Of singular values: below it equations leave functions open
    open: float = 1e-9


HIDDEN = Hidden()


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


def whole(measured: Measured, degrees: tuple[int, ...], known: Known, seed: int) -> Whole:
    """What is known, and what is not measured by least squares of the equations that hold it."""
    unknowns = measured.system.problem.unknowns
    own = Polynomials(degrees)
    top = max(degrees)
    few = HIDDEN.functions / 1.5
    other = own
    if _size(own, len(degrees)) > HIDDEN.functions:
        other = Polynomials.of_size(few, [n / top for n in degrees])
    parts = dict.fromkeys(measured.fields, own) | dict.fromkeys(measured.hidden, other)
    declared = BasisEach(tuple((str(unknowns[k].func), part) for k, part in sorted(parts.items())))
    space = build_space(measured.system, declared, seed)
    coefficients = np.zeros(space.columns)
    factor = np.zeros((space.columns, known.of_numbers.shape[1]))
    fields = columns_of(space, measured.fields)
    places = columns_of(space, measured.numbers)
    coefficients[fields], factor[fields] = known.coefficients, known.of_coefficients
    coefficients[places], factor[places] = known.numbers, known.of_numbers
    if not measured.hidden:
        return Whole(declared, space, coefficients, factor, 0, ())
    columns = columns_of(space, measured.hidden)
    rows = _rows(measured, space, coefficients, seed)
    seen = Truncated.of(rows[:, columns], HIDDEN.open)
    others = np.concatenate([fields, places])
    left = rows[:, -1] - rows[:, others] @ coefficients[others]
    spread = rows[:, others] @ factor[others]
    solved = seen.coefficients(np.column_stack([left, -spread]))
    coefficients[columns], factor[columns] = solved[:, 0], solved[:, 1:]
    free = len(columns) - len(seen.singular)
    of = tuple(k for k in measured.hidden if free and _is_open(space.slices[k], columns, seen))
    return Whole(declared, space, coefficients, factor, free, of)


def _is_open(place: slice, columns: Array, seen: Truncated) -> bool:
    """Whether some functions of an unknown in a place are not determined, of all `(n_columns,)`."""
    mine = (columns >= place.start) & (columns < place.stop)
    return bool(np.linalg.matrix_rank(seen.back[mine], HIDDEN.open) < mine.sum())


def columns_of(space: Space, unknowns: tuple[int, ...]) -> Array:
    """The columns of some unknowns, `(n_columns,)`."""
    every = np.arange(space.columns)
    return np.concatenate([every[:0], *(every[space.slices[k]] for k in unknowns)])


def _size(declared: Polynomials, dimension: int) -> int:
    box = {str(k): (0.0, 1.0) for k in range(dimension)}
    return declared.build(box, 0).size


def _rows(measured: Measured, space: Space, at: Array, seed: int) -> Array:
    """Of the equations that hold what is not measured, and of what is said of it elsewhere, each
    condition in its own size, the target last, `(n, columns + 1)`. Equations count less towards the
    sides, where derivatives of what data say are least known.
    """
    system, columns = measured.system, columns_of(space, measured.hidden)
    hidden = set(measured.hidden)
    wanted = [bool({s.unknown for s in r.slots} & hidden) for r in system.residuals]
    count = round(HIDDEN.rows * len(columns))
    points = [sample_region(r.condition.region, count, seed) for r in system.residuals]
    low, high = system.domain.bounds.T
    each = []
    asked = [p for p, w in zip(points, wanted, strict=True) if w]
    for p, rows in zip(asked, rows_of(system, points, space, at, wanted), strict=True):
        inside = np.prod(1 - ((2 * p.x - low - high) / (high - low)) ** 2, axis=1)
        size = float(np.sqrt(np.mean(rows[:, columns] ** 2))) or 1.0
        each.append((inside if inside.any() else np.ones(len(rows)))[:, None] * rows / size)
    return np.vstack(each)
