"""Numbers by equations against smooth functions that vanish around a box, in more and more
functions of the fields.

Such integrals hold errors of fields as they are, where rows of equations hold their derivatives;
and no field that is not measured, as pressures are, where functions are combined so that it drops
out. What errors of data make of the integrals is known, so that numbers come with error bars.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from pinnsolve.basis.adapted.polynomials import PolynomialBasis, Polynomials
from pinnsolve.coefficients.errors_in_rows import Known, through_errors, without
from pinnsolve.discretize.bumps import Bumps, against, bumps
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.search.task import Task
from pinnsolve.strategies.measured_begun import guesses_of
from pinnsolve.strategies.measured_everywhere import Fitted, Measured, fitted
from pinnsolve.strategies.measured_hidden import columns_of
from pinnsolve.strategies.measured_rows import (
    bounds_of,
    is_exact,
    units_of,
    within_chance,
)


@dataclass(frozen=True)
class Testing:
    """How many functions fields have, and how many test equations."""

    # Functions of a field at first; times as many each time; values for each of them at least
    first: int = 10
    wider: float = 1.4
    # Of the functions, those beside which errors of fields are seen: errors there are twice as
    # large or more (a wake's 2.0 to 4.3)
    fewer: float = 0.8
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
    """What so many functions of the fields came to; `seconds` went to numbers."""

    degrees: tuple[int, ...]
    fitted: Fitted
    known: Known
    settled: bool
    seconds: float

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
            level = _level(task, known, degrees, fit, near)
            near = level.known.numbers if level.settled else None
            yield level
        if not better and beyond is not None:
            break
        best, beyond = min(best, fit.score), None if better else latest
    chosen = beyond or latest
    if not exact and chosen is not None:
        yield _level(task, known, *chosen, None)


def _level(
    task: Task, known: Measured, degrees: tuple[int, ...], fit: Fitted, near: Array | None
) -> Level:
    start = task.budget.spent()
    numbers, settled = _numbers(task, known, degrees, fit, near)
    return Level(degrees, fit, numbers, settled, task.budget.spent() - start)


def _fits(task: Task, known: Measured) -> Iterator[tuple[tuple[int, ...], Fitted]]:
    """Fields in more and more functions, as far as there are values, seconds and memory for them
    and for what follows.
    """
    shares, size, seconds = [1.0] * len(task.system.domain.coordinates), TESTING.first, 0.0
    spare = TESTING.once if is_exact(task.system) else TESTING.after
    while task.budget.left() > spare * seconds:
        start = task.budget.spent()
        made = _fit(task, known, Polynomials.of_size(size, shares).degrees)
        if made is None:
            return
        yield made
        shares, size = _shares(known, made[1]), math.ceil(TESTING.wider * _size(known, made[1]))
        seconds = TESTING.wider**3 * (task.budget.spent() - start)


def _fit(
    task: Task, known: Measured, degrees: tuple[int, ...]
) -> tuple[tuple[int, ...], Fitted] | None:
    """Fields of such degrees; None, where there are not enough values, or no memory."""
    space = known.space(degrees, [n + TESTING.sides for n in _counts(degrees)])
    functions = space.blocks[known.fields[0]].size
    unknown = (len(known.fields) + len(known.hidden)) * functions
    room = 8 * (3 * known.values * functions + TESTING.squared * unknown**2)
    if functions * TESTING.values > known.values or room > task.budget.bytes_free():
        return None
    fit = fitted(known, space)
    return None if fit is None else (degrees, fit)


def _size(known: Measured, fit: Fitted) -> int:
    return fit.space.blocks[known.fields[0]].size


def wider(task: Task, known: Measured, level: Level) -> Level | None:
    """The same numbers beside fields in more functions, if there is room and are values for
    them.
    """
    shares = [n / max(level.degrees) for n in level.degrees]
    size = TESTING.wider * _size(known, level.fitted)
    return _beside(level, _fit(task, known, Polynomials.of_size(size, shares).degrees))


def narrower(task: Task, known: Measured, level: Level) -> Level | None:
    """The same numbers beside fields in fewer functions."""
    part = TESTING.fewer ** (1 / len(level.degrees))
    return _beside(level, _fit(task, known, tuple(max(1, int(part * n)) for n in level.degrees)))


def affordable(task: Task, known: Measured, level: Level) -> Level:
    """The same, in fewer functions, if fields by data and equations would take longer than there is
    time: they take less than numbers took (a wake's 0.4 to 0.7 of it).
    """
    while level.seconds > task.budget.left():
        fewer = narrower(task, known, level)
        if fewer is None:
            break
        level = replace(fewer, seconds=TESTING.fewer**3 * level.seconds)
    return level


def _beside(level: Level, made: tuple[tuple[int, ...], Fitted] | None) -> Level | None:
    return None if made is None else replace(level, degrees=made[0], fitted=made[1])


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
