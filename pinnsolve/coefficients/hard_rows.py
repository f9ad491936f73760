"""Least squares in which some rows are hard: equations, whose solutions are all that data may
choose from.

Rows A c + B p = b of the equations, with numbers p to be found, leave c = a + S p, a and S by least
squares of their own: one factorization, a column more for each number. What data say of p is then a
small problem, (D S + E) p = y - D a, each row divided by its standard deviation, and the covariance
of p is the inverse of its matrix' square (Laplace; Tarantola, Inverse Problem Theory, 2005, 3.2).
Soft equations, weighted rows beside the data, would be another problem: they say that equations
have errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pinnsolve.coefficients.truncated import Truncated
from pinnsolve.fields.arrays import Array


@dataclass(frozen=True)
class Rounding:
    """What is not told apart in float64."""

    # Of singular values of the equations' rows, relative
    rank: float = 1e-13
    # Of what the data say of the numbers, each in its own size: below it they say nothing; nor do
    # they of one that moves them by less than this part of what rounding would let it move them
    seen: float = 1e-8
    moved: float = 1e-11
    # Of what is left of the data, what a change as large as the numbers has to make of it: along
    # what makes less, numbers stay, since equations that are not solved yet hide that nothing is
    # seen
    step: float = 1e-3


ROUNDING = Rounding()


@dataclass(frozen=True)
class Seen:
    """Numbers `(n_numbers,)` that data say, with their covariance `(n_numbers, n_numbers)` in units
    of the data's variance; coefficients `(columns,)` and their slopes `(columns, n_numbers)`.

    `misfit` is the sum of squares that is left of the data, each divided by its deviation, `before`
    the same for numbers as they were, and `blind` a direction `(n_numbers,)` of which they say
    nothing, if there is one.
    """

    numbers: Array
    covariance: Array
    coefficients: Array
    slopes: Array
    misfit: float
    before: float
    blind: Array | None


def through_equations(
    rows: Array,
    by_numbers: Array,
    target: Array,
    data: tuple[Array, Array, Array],
    near: Array | float = 0.0,
    within: tuple[Array, Array] | None = None,
) -> Seen:
    """From equations `rows (n, columns)`, `by_numbers (n, n_numbers)`, `target (n,)`, and data
    alike, divided by their deviations. Where data leave numbers open, they are those that are
    nearest to some `(n_numbers,)`; they stay `within` bounds, two times `(n_numbers,)`.
    """
    wanted = np.column_stack([target, -by_numbers])
    solved = Truncated.of(rows, ROUNDING.rank).coefficients(wanted)
    alone, slopes = solved[:, 0], solved[:, 1:]
    measured, direct, values = data
    seen, rest = measured @ slopes + direct, values - measured @ alone
    most = np.linalg.norm(measured) * np.linalg.norm(slopes, axis=0) + np.linalg.norm(
        direct, axis=0
    )
    seen[:, np.linalg.norm(seen, axis=0) <= ROUNDING.moved * most] = 0.0
    found = chosen(seen, rest, near, within)
    start = np.broadcast_to(near, found.numbers.shape)
    misfit, before = (float(((rest - seen @ p) ** 2).sum()) for p in (found.numbers, start))
    covariance, coefficients = found.inverse @ found.inverse.T, alone + slopes @ found.numbers
    return Seen(found.numbers, covariance, coefficients, slopes, misfit, before, found.blind)


@dataclass(frozen=True)
class Chosen:
    """Numbers `(n_numbers,)` that data say, the inverse `(n_numbers, n)` of their rows, and a
    direction `(n_numbers,)` of which these say nothing, if there is one.
    """

    numbers: Array
    inverse: Array
    blind: Array | None


def chosen(
    seen: Array, rest: Array, near: Array | float, within: tuple[Array, Array] | None
) -> Chosen:
    """By least squares of rows `(n, n_numbers)` and `(n,)`, each divided by its deviation; `near`
    and `within` as in `through_equations`.
    """
    size = np.linalg.norm(seen, axis=0)
    size[size == 0] = 1.0
    start = np.broadcast_to(near, size.shape)
    step, hidden = _step(seen / size, rest - seen @ start, start * size)
    numbers, blind = start + step / size, None if hidden is None else hidden / size
    if within is not None and not ((within[0] <= numbers) & (numbers <= within[1])).all():
        numbers = start + _bounded(seen, rest - seen @ start, size, [b - start for b in within])
        numbers = np.clip(numbers, *within)
    inverse = np.linalg.pinv(seen / size, rcond=ROUNDING.seen) / size[:, None]
    return Chosen(numbers, inverse, blind)


def _step(rows: Array, target: Array, at: Array) -> tuple[Array, Array | None]:
    """Of least squares, `(n,)`, from where numbers are `(n,)`, all in units in which each alone
    changes the data as much; and a direction that changes them too little to be seen.
    """
    # More than chance leaves is no error that could hide a number: the equations do not hold then
    left = min(float(np.linalg.norm(target)), len(target) ** 0.5)
    size = np.maximum(np.abs(at), left)
    size[size == 0] = 1.0
    some, weights, directions = np.linalg.svd(rows * size, full_matrices=False)
    seen = weights > max(ROUNDING.seen * weights[0], ROUNDING.step * left)
    step = size * (directions[seen].T @ (some[:, seen].T @ target / weights[seen]))
    return np.asarray(step), None if seen.all() else size * directions[-1]


def _bounded(rows: Array, target: Array, size: Array, bounds: list[Array]) -> Array:
    """The best numbers `(n,)` between bounds, each counted in its own size `(n,)`: Stark's and
    Parker's method (Computational Statistics 10, 1995), on a triangle.
    """
    from scipy.optimize import lsq_linear  # heavy, and for bounds that are reached alone

    triangle = np.asarray(np.linalg.qr(np.column_stack([rows / size, target]), mode="r"))
    low, high = (bound * size for bound in bounds)
    found = lsq_linear(triangle[:, :-1], triangle[:, -1], (low, high), "bvls", tol=1e-14)
    return np.asarray(found.x / size)
