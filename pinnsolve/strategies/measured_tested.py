"""Numbers in equations whose fields are measured all over a box: fields by their data alone, then
the equations against smooth functions that vanish around the box, then what is not measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.coefficients.posterior import Posterior
from pinnsolve.coefficients.solved import by_other_means
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.expansion import Expansion
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import Fit
from pinnsolve.search.task import Outcome, Task
from pinnsolve.strategies.measured_everywhere import Measured, measured_everywhere
from pinnsolve.strategies.measured_hidden import Whole, whole
from pinnsolve.strategies.measured_levels import (
    TESTING,
    Level,
    affordable,
    fits_chance,
    levels,
    narrower,
    wider,
)
from pinnsolve.strategies.measured_model import rms
from pinnsolve.strategies.measured_rows import (
    data_in,
    is_exact,
    numbers_of,
)
from pinnsolve.strategies.order import ORDER
from pinnsolve.strategies.two import until
from pinnsolve.symbols.assumed import LOGARITHM


def in_tested(task: Task) -> Outcome | None:
    """Numbers with their covariance, and all fields: of data with errors "met", if no more is left
    of them, nor of the equations, than errors leave by chance; of exact ones, if what fits leave of
    them would move numbers by less than the tolerance. None for other problems, and where data
    resolve no fields.
    """
    known = measured_everywhere(task.system)
    if known is None or task.begun is not None:
        return None
    share = TESTING.share if is_exact(task.system) else 1.0
    limit = math.inf if math.isfinite(task.budget.seconds) else 2 * ORDER.seconds
    within = task.within(until(task.budget, share, limit))
    best, apart = None, math.inf
    for level in levels(within, known):
        before, best = best, level
        apart = math.inf if before is None else _apart(task, level, before)
        if _enough(task, level, apart):
            break
    if best is None or not best.settled:
        return None
    return _outcome(task, known, best, apart)


def _apart(task: Task, level: Level, before: Level) -> float:
    """How far numbers are from what fewer functions said, relative, the largest."""
    numbers, others = level.known.numbers, before.known.numbers
    return float((np.abs(numbers - others) / _sizes(task, numbers)).max())


def _enough(task: Task, level: Level, apart: float) -> bool:
    """Whether numbers, and what is measured, are known as is asked."""
    seen = level.settled and level.known.blind is None
    return seen and max(_bars(task, level), apart, level.fitted.noise) <= task.goal


def _bars(task: Task, level: Level) -> float:
    """Of the numbers, relative, what a band of 95 % has on either side: the largest."""
    sizes = _sizes(task, level.known.numbers)
    return float((2 * level.wide * level.known.deviations / sizes).max())


def _sizes(task: Task, numbers: Array) -> Array:
    """What errors of numbers `(n_numbers,)` are relative to: themselves, one of a logarithm."""
    unknowns = [task.system.problem.unknowns[k] for k in numbers_of(task.system)]
    logarithms = [u.func.values == LOGARITHM for u in unknowns]
    return np.where(logarithms, 1.0, np.maximum(np.abs(numbers), 1e-300))


def _outcome(task: Task, known: Measured, level: Level, apart: float) -> Outcome:
    """All unknowns in one space; the estimate is what bands of 95 % of numbers have on either side,
    relative; where data are exact, those of fields, and what fewer functions said, are others.
    """
    exact, limits = is_exact(task.system), _limits(task, level, apart)
    estimate = max(_bars(task, level), apart) if exact else _bars(task, level)
    told = _together(task, known, affordable(task, known, level), exact and limits)
    level, found = told.level, told.found
    if exact:
        estimate = max(estimate, told.error)
        limits = limits and float(told.errors[: len(known.fields)].max()) <= task.goal
    posterior = replace(told.posterior, of_data=limits)
    field = Expansion(found.space, tensor_of(found.coefficients))
    residuals = relative_residuals(task.system, field, task.seed)
    rows = sum(len(data.values) for data in data_in(task.system))
    solved = by_other_means(float(found.space.columns), rows)
    fit = Fit(found.declared, task.seed, field, residuals, solved, seconds=task.budget.spent())
    task.record("grow", fit, math.nan)
    met = _met(task, level, estimate)
    undetermined = max(found.open, level.known.blind is not None)
    stopped = Stop.NOT_UNIQUE if undetermined else Stop.MET if met else Stop.STAGNATED
    return Outcome(fit, estimate, undetermined, stopped, posterior=posterior)


def _limits(task: Task, level: Level, apart: float) -> bool:
    """Whether nothing but the data limits what is known of numbers."""
    return _enough(task, level, apart) if is_exact(task.system) else level.within_chance


@dataclass(frozen=True, eq=False)
class Told:
    """All unknowns, and how well each field is known, relative, `(n,)`, those that are measured
    first: what bands of 95 % have on either side, what is left of the data, how far fewer functions
    are. `values` are those of each field at points of the domain, and `sizes (n,)` what errors are
    relative to: how much it varies there, or else itself.
    """

    level: Level
    found: Whole
    posterior: Posterior
    values: list[Array]
    sizes: Array
    errors: Array

    @property
    def error(self) -> float:
        """The largest."""
        return float(self.errors.max())


def _together(task: Task, known: Measured, level: Level, more: bool) -> Told:
    """Fields by data and equations; of exact data in `more` functions until they are known as is
    asked, as far as there are values and seconds.
    """
    exact = is_exact(task.system)
    while True:
        start = task.budget.spent()
        told = _told(task, known, level)
        near, beyond = not more or told.error <= task.goal, None
        if exact and near:
            told = _beside_fewer(task, known, told)
        if not more or told.error <= task.goal:
            return told
        seconds = TESTING.wider**3 * (task.budget.spent() - start)
        if 2 * seconds < task.budget.left():
            beyond = wider(task, known, level)
        if beyond is None:
            return told if near else _beside_fewer(task, known, told)
        level = beyond


def _told(task: Task, known: Measured, level: Level) -> Told:
    of_numbers = level.wide * level.known.of_numbers
    numbers, blind = replace(level.known, of_numbers=of_numbers), level.known.blind
    found = whole(known, level.degrees, level.fitted, numbers, task.seed)
    unseen = () if blind is None else tuple(blind.tolist())
    count = float(len(known.numbers))
    posterior = Posterior(
        found.coefficients, found.factor, level.fitted.squares, count, blind=unseen, open=found.of
    )
    at = _fields_at(task, known, found)
    values = [functions @ found.coefficients[place] for functions, place in at]
    sizes = np.array([float(np.std(own)) or rms(own) or 1.0 for own in values])
    bands = np.array([2 * rms(posterior.deviations(*each)) for each in at])
    errors = np.maximum(bands / sizes, level.fitted.noise)
    return Told(level, found, posterior, values, sizes, errors)


def _fields_at(task: Task, known: Measured, found: Whole) -> list[tuple[Array, slice]]:
    """Of each field its functions at points of the domain, `(n, size)`, and its place."""
    x = sample_region(task.system.domain, TESTING.points, task.seed).x
    space = found.space
    return [
        (array_of(space.blocks[k].values(x)), space.slices[k])
        for k in (*known.fields, *known.hidden)
    ]


def _beside_fewer(task: Task, known: Measured, told: Told) -> Told:
    """The same, errors no less than what fewer functions are away."""
    fewer = narrower(task, known, told.level)
    if fewer is None:
        return replace(told, errors=np.full_like(told.errors, math.inf))
    less = _told(task, known, fewer).values
    apart = np.array([rms(one - another) for one, another in zip(told.values, less, strict=True)])
    return replace(told, errors=np.maximum(told.errors, apart / told.sizes))


def _met(task: Task, level: Level, estimate: float) -> bool:
    if not level.settled:
        return False
    if not is_exact(task.system):
        return level.within_chance and (not level.fitted.known or fits_chance(level.fitted))
    return task.tolerance is not None and estimate <= task.tolerance
