"""Numbers in equations whose fields are measured all over a box: fields by their data alone, then
the equations against smooth functions that vanish around the box, then what is not measured.
"""

from __future__ import annotations

import math
from dataclasses import replace

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
from pinnsolve.strategies.measured_levels import TESTING, Level, fits_chance, levels
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
    found = whole(known, level.degrees, level.known, task.seed)
    factor, mean = level.wide * found.factor, found.coefficients
    field = Expansion(found.space, tensor_of(mean))
    residuals = relative_residuals(task.system, field, task.seed)
    rows = sum(len(data.values) for data in data_in(task.system))
    solved = by_other_means(float(found.space.columns), rows)
    fit = Fit(found.declared, task.seed, field, residuals, solved, seconds=task.budget.spent())
    task.record("grow", fit, math.nan)
    count, blind = float(len(known.numbers)), level.known.blind
    unseen = () if blind is None else tuple(blind.tolist())
    known_to = Posterior(mean, factor, level.fitted.squares, count, blind=unseen)
    exact = is_exact(task.system)
    limits = _enough(task, level, apart) if exact else level.within_chance
    posterior = replace(known_to, of_data=limits, open=found.of)
    estimate = _bars(task, level)
    if exact:
        fields = level.fitted.noise, _of_fields(task, found, posterior)
        estimate = max(estimate, apart, *fields)
    met = _met(task, level, estimate)
    undetermined = found.open if blind is None else max(1, found.open)
    stopped = Stop.NOT_UNIQUE if undetermined else Stop.MET if met else Stop.STAGNATED
    return Outcome(fit, estimate, undetermined, stopped, posterior=posterior)


def _met(task: Task, level: Level, estimate: float) -> bool:
    if not level.settled:
        return False
    if not is_exact(task.system):
        return level.within_chance and (not level.fitted.known or fits_chance(level.fitted))
    return task.tolerance is not None and estimate <= task.tolerance


def _of_fields(task: Task, found: Whole, posterior: Posterior) -> float:
    """What a band of 95 % of the fields has on either side, relative to each, the largest, in the
    root mean square.
    """
    x = sample_region(task.system.domain, TESTING.points, task.seed).x
    largest = 0.0
    for k, u in enumerate(task.system.problem.unknowns):
        if u.args:
            place, values = found.space.slices[k], array_of(found.space.blocks[k].values(x))
            own = values @ posterior.mean[place]
            size = float(np.std(own)) or rms(own)
            largest = max(largest, 2 * rms(posterior.deviations(values, place)) / size)
    return largest
