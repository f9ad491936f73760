"""Numbers by equations against smooth functions that vanish around a box, in more and more
functions of the fields.

Such integrals hold errors of fields as they are, where rows of equations hold their derivatives;
and no field that is not measured, as pressures are, where functions are combined so that it drops
out. What errors of data make of the integrals is known, so that numbers come with error bars.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from pinnsolve.basis.adapted.polynomials import PolynomialBasis, Polynomials
from pinnsolve.coefficients.errors_in_rows import Known, through_errors, without
from pinnsolve.discretize.bumps import Bumps, against, bumps
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.search.task import Task
from pinnsolve.strategies.measured_begun import guesses_of
from pinnsolve.strategies.measured_everywhere import Fitted, Measured, fitted
from pinnsolve.strategies.measured_found import within_chance
from pinnsolve.strategies.measured_hidden import columns_of
from pinnsolve.strategies.measured_rows import (
    bounds_of,
    is_exact,
    units_of,
)


@dataclass(frozen=True)
class Testing:
    """How many functions fields have, and how many test equations."""

    # Functions of a field at first; times as many each time; values for each of them at least
    first: int = 10
    wider: float = 1.4
    values: float = 2.5
    # Test functions a side, for each degree of the fields there; all together, and on a line
    for_degree: float = 0.4
    tests: int = 400
    fewest: int = 6
    # Of Gauss's nodes, more than the degree; degrees of what is not measured beyond tests
    nodes: int = 6
    sides: int = 3
    # Errors of rows that are not believed, in the relative ones of data: their squares count then;
    # at least, where float64 ends; and of the first step, in which all rows are alike
    squares: float = 1.0
    least: float = 1e-7
    alike: float = 10.0
    # Steps, and the last one's change in deviations
    steps: int = 30
    settled: float = 0.05
    # Of a solution, what does not count when its degrees are looked at
    small: float = 1e-3
    # Of a field's size, what may be left of data that are exact before anything is believed
    dense: float = 0.05
    # Of the seconds that the next fit takes, what is left to be begun: fits with their numbers, and
    # fits that numbers are to follow
    once: float = 1.0
    after: float = 10.0
    # Square matrices of all functions of the fields, in memory at once
    squared: float = 6.0
    # Of the seconds, where other ways follow
    share: float = 0.7
    # Points on which fields are looked at
    points: int = 1024


TESTING = Testing()


@dataclass(frozen=True, eq=False)
class Level:
    """What so many functions of the fields came to."""

    degrees: tuple[int, ...]
    fitted: Fitted
    known: Known
    settled: bool

    @property
    def wide(self) -> float:
        """What deviations are multiplied by: more than one, where equations are left more than
        errors of the data leave them.
        """
        return 1.0 if self.within_chance else math.sqrt(max(1.0, self.known.misfit))

    @property
    def within_chance(self) -> bool:
        """Whether the equations are left no more than errors of the data leave them by chance."""
        return within_chance(self.known.misfit, self.known.free)


def fits_chance(fit: Fitted) -> bool:
    """Whether no more is left of the data than their deviations leave by chance."""
    return all(within_chance(left**2, fit.free) for left in fit.misfits.values())


def levels(task: Task, known: Measured) -> Iterator[Level]:
    """Of exact data wider and wider ones, as far as there are values, or seconds, for them; of data
    with errors the one beyond which more functions foresee values no better, made a step wider, so
    that what it lacks is far below the errors.
    """
    best, beyond, latest, near = math.inf, None, None, None
    exact = is_exact(task.system)
    for degrees, fit in _fits(task, known):
        latest, better = (degrees, fit), fit.score < best
        if exact and fit.noise <= TESTING.dense:
            level = Level(degrees, fit, *_numbers(task, known, degrees, fit, near))
            near = level.known.numbers if level.settled else None
            yield level
        if not better and beyond is not None:
            break
        best, beyond = min(best, fit.score), None if better else latest
    chosen = beyond or latest
    if not exact and chosen is not None:
        yield Level(*chosen, *_numbers(task, known, *chosen, None))


def _fits(task: Task, known: Measured) -> Iterator[tuple[tuple[int, ...], Fitted]]:
    """Fields in more and more functions, as far as there are values, seconds and memory for them
    and for what follows.
    """
    shares, size, seconds = [1.0] * len(task.system.domain.coordinates), TESTING.first, 0.0
    spare = TESTING.once if is_exact(task.system) else TESTING.after
    while task.budget.left() > spare * seconds:
        start = task.budget.spent()
        degrees = Polynomials.of_size(size, shares).degrees
        space = known.space(degrees, [n + TESTING.sides for n in _counts(degrees)])
        size = space.blocks[known.fields[0]].size
        room = 8 * (3 * known.values * size + TESTING.squared * (len(known.fields) * size) ** 2)
        if size * TESTING.values > known.values or room > task.budget.bytes_free():
            return
        fit = fitted(known, space)
        if fit is None:
            return
        yield degrees, fit
        shares, size = _shares(known, fit), math.ceil(TESTING.wider * size)
        seconds = TESTING.wider**3 * (task.budget.spent() - start)


def _shares(known: Measured, fit: Fitted) -> list[float]:
    """The degrees that fields want along each coordinate, the largest 1."""
    wanted = []
    for k in known.fields:
        mean = tensor_of(fit.coefficients[fit.space.slices[k]])
        wanted.append(cast(PolynomialBasis, fit.space.blocks[k].basis).reach(mean, TESTING.small))
    reach = 1 + np.max(wanted, axis=0)
    return [float(r / reach.max()) for r in reach]


def _counts(degrees: Sequence[int]) -> list[int]:
    """Of test functions a side."""
    most, least = TESTING.tests ** (1 / len(degrees)), max(3, TESTING.fewest // len(degrees))
    return [max(least, round(min(TESTING.for_degree * n, most))) for n in degrees]


def _tests(known: Measured, degrees: Sequence[int]) -> Bumps:
    counts = _counts(degrees)
    nodes = [max(n, k) + TESTING.nodes for n, k in zip(degrees, counts, strict=True)]
    return bumps(known.system.domain.bounds, counts, nodes)


def _numbers(
    task: Task, known: Measured, degrees: tuple[int, ...], fit: Fitted, near: Array | None
) -> tuple[Known, bool]:
    """Gauss's and Newton's method, from numbers that are near, `(n_numbers,)`: by the errors that
    rows have, which numbers say; if none are near, by all rows alike at first.
    """
    by = _tests(known, degrees)
    space, at = fit.space, fit.coefficients.copy()
    places = [space.slices[k].start for k in known.numbers]
    columns = columns_of(space, known.fields)
    at[places] = [float(v) for v in guesses_of(task).values()] if near is None else near
    factor = _side_by_side([fit.factors[k] for k in known.fields])
    units, within = units_of(task.system), bounds_of(task.system)
    weighed = max(TESTING.squares * fit.noise, TESTING.least)
    small, settled = TESTING.alike if near is None else weighed, False
    for _ in range(TESTING.steps):
        rows = _rows(known, fit, by, at, columns, factor)
        parts = rows[:, columns], rows[:, places], rows[:, -1]
        found = through_errors(parts, fit.coefficients[columns], factor, small, at[places], within)
        step = found.numbers - at[places]
        room = np.where(units > 0, units, np.inf)
        part = min(1.0, float((room / np.maximum(np.abs(step), 1e-300)).min()))
        at[places] += part * step
        if small != TESTING.alike:
            at[columns] = found.coefficients
            settled = bool((np.abs(step) <= TESTING.settled * found.deviations).all())
        if settled:
            break
        if part == 1.0:
            small = weighed
    return found, settled


def _rows(
    known: Measured, fit: Fitted, by: Bumps, at: Array, columns: Array, factor: Array
) -> Array:
    """Of all equations, each in the size of its errors, so combined that hidden fields drop out,
    the target last.
    """
    each = []
    for residual in known.equations:
        rows = against(residual, by, fit.space, at)
        size = float(np.linalg.norm(rows[:, columns] @ factor)) or 1.0
        each.append(rows / size)
    whole = np.vstack(each)
    hidden = [whole[:, fit.space.slices[k]] for k in known.hidden]
    return without(whole, np.hstack([np.zeros((len(whole), 0)), *hidden]))


def _side_by_side(parts: Sequence[Array]) -> Array:
    """Square matrices along a diagonal, `(n, n)`."""
    whole, start = np.zeros((sum(map(len, parts)),) * 2), 0
    for part in parts:
        rows = slice(start, start + len(part))
        whole[rows, rows] = part
        start += len(part)
    return whole
