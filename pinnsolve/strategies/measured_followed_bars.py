"""Error bars of numbers in evolutions that are followed in time, and bands of what evolves.

Slopes are read off solves for numbers nearby; these are solutions too, so that what is left of the
data, and every state, is known to change with each number by as much.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.coefficients.posterior import Posterior
from pinnsolve.compile.system import System
from pinnsolve.fields.arrays import Array, array_of
from pinnsolve.running.budget import OutOfTimeError
from pinnsolve.running.stop import Stop
from pinnsolve.search.task import Outcome, Task
from pinnsolve.strategies.followed_solves import (
    FailedError,
    Followed,
    beside,
    followed,
    sizes_of,
    slopes_of_left,
    slopes_of_states,
)
from pinnsolve.strategies.measured_begun import Numbers, guesses_of
from pinnsolve.strategies.measured_chance import independent
from pinnsolve.strategies.measured_followed import (
    FOLLOWING,
    broyden,
    first_slopes,
    patient,
    told,
    weights_of,
)
from pinnsolve.strategies.measured_rows import known_deviations, noise_left, within_chance
from pinnsolve.strategies.measured_starts import Minimum
from pinnsolve.strategies.two import until


@dataclass(frozen=True)
class Noisy:
    """The same, where data have errors."""

    # What numbers are sought to, in relative errors of data, and at least: bars are seldom
    # smaller than a thousandth of these; and how much closer the second time
    of_noise: float = 1e-2
    finest: float = 1e-7
    closer: float = 0.05
    # In error bars: where slopes are looked at anew, the last step after that, and how much solves
    # may be off
    near: float = 0.03
    settled: float = 0.01
    of_bar: float = 0.1
    # In error bars, by which numbers are changed to both sides for the last slopes; of a number,
    # no more. To one side alone, 2 % of a diffusivity put its variance off by 4 %
    change: float = 0.3
    most: float = 0.02


NOISY = Noisy()


def in_followed_with_errors(
    task: Task, first: Numbers, others: Sequence[Minimum]
) -> Outcome | None:
    """Numbers with their covariance, from data with errors: "met" if another draw's solution moves
    them by less than a tenth of an error bar, and no more is left of the data than deviations that
    were said allow. None, where evolutions for numbers around are not solved, or data tell less
    than how large they are.
    """
    within = task.within(until(task.budget, FOLLOWING.share, math.inf))
    goal = _goal(noise_left(task.system))
    try:
        now = _nearest(within, goal, first)
        slopes = first_slopes(within, goal, first, now)
        found = _with_bars(within, goal, first, now, slopes)
        fine = _goal(noise_left(task.system, found.misfit))
        if found.apart > NOISY.of_bar or fine < goal:
            goal = max(NOISY.finest, min(fine, NOISY.closer * goal))
            again = followed(within, goal, first, found.now.numbers)
            found = _with_bars(within, goal, first, again, found.slopes)
    except (FailedError, OutOfTimeError):
        return None
    return _of_noisy(task, found, others)


def _goal(noise: float) -> float:
    """What numbers are sought to, beside relative errors of the data."""
    return max(NOISY.finest, min(FOLLOWING.rough, NOISY.of_noise * noise))


def _nearest(task: Task, goal: float, first: Numbers) -> Followed:
    """The solution for numbers that are said to be near, or for those that are guessed: whichever
    leaves less of the data. Values with errors and equations that are bent to them may say of a
    number that it is negative. Raises FailedError where there is neither.
    """
    there: list[Followed] = []
    for named in (guesses_of(task), first):
        within = patient(task, there[0]) if there else task
        with suppress(FailedError):
            numbers = np.array([float(v) for v in named.values()])
            there.append(followed(within, goal, first, numbers))
    if not there:
        raise FailedError
    return min(there, key=lambda now: float(np.linalg.norm(now.left)))


@dataclass(frozen=True, eq=False)
class WithBars:
    """Numbers, the factor `(n_numbers, n_numbers)` of their covariance, slopes of what is left by
    them, by how much states change with each, `(n_states, n_numbers)`, how far another draw moves
    them, in error bars and relative to their sizes, and what is left of the data for each value
    that is not used up.
    """

    now: Followed
    factor: Array
    slopes: Array
    states: Array
    apart: float
    relative: float
    misfit: float
    free: int


def _with_bars(task: Task, goal: float, first: Numbers, now: Followed, slopes: Array) -> WithBars:
    """Near to the best numbers by Broyden's method, then with slopes as they are there. Raises
    FailedError where data tell less of a number than how large it is.
    """
    system = task.system

    def bars(part: float) -> Callable[[Followed, Array], Array]:
        return lambda now, slopes: part * np.linalg.norm(_factor(system, now, slopes), axis=1)

    task = patient(task, now)
    now, slopes = broyden(task, goal, first, slopes, now, bars(NOISY.near))
    size, each = sizes_of(system, now.numbers), bars(1.0)(now, slopes)
    if (each > size).any():
        raise FailedError
    changes = np.clip(NOISY.change * each, FOLLOWING.change * size, NOISY.most * size)
    low = beside(task, goal, first, now.numbers, -changes)
    high = beside(task, goal, first, now.numbers, changes)
    slopes = slopes_of_left(low, high)
    now, _ = broyden(task, goal, first, slopes, now, bars(NOISY.settled))
    factor = _factor(system, now, slopes)
    weights = weights_of(system, now.left)
    left = weights * (followed(task, goal, first, now.numbers, 1).left - now.left)
    apart = np.abs(np.linalg.lstsq(weights[:, None] * slopes, left)[0])
    misfit, free = _misfit(system, now, slopes)
    by_bar = float((apart / np.linalg.norm(factor, axis=1)).max())
    relative = float((apart / size).max())
    states = slopes_of_states(system, now, low, high)
    return WithBars(now, factor, slopes, states, by_bar, relative, misfit, free)


def _factor(system: System, now: Followed, slopes: Array) -> Array:
    """Of the covariance of numbers, `(n_numbers, n_numbers)`: in deviations that are left, where
    none are known.
    """
    unit = 1.0 if known_deviations(system) else _misfit(system, now, slopes)[0]
    inverse = np.linalg.pinv(weights_of(system, now.left)[:, None] * slopes, rcond=1e-12)
    directions, roots, _ = np.linalg.svd(inverse, full_matrices=False)
    return np.asarray(math.sqrt(unit) * directions * roots)


def _misfit(system: System, now: Followed, slopes: Array) -> tuple[float, int]:
    """The sum of squares that is left for each value that is not used up, and how many are not."""
    free = max(1, len(now.left) - slopes.shape[1])
    return float(((weights_of(system, now.left) * now.left) ** 2).sum()) / free, free


def _of_noisy(task: Task, found: WithBars, others: Sequence[Minimum]) -> Outcome:
    known = known_deviations(task.system)
    settled = found.apart <= NOISY.of_bar
    chance = within_chance(found.misfit, found.free)
    fits = chance if known else independent(task.system, found.now.left)
    values = tuple((*m.values, m.misfit) for m in others)
    posterior = Posterior(
        array_of(found.now.field.states.flatten()),
        found.states @ found.factor,
        found.misfit,
        float(len(found.factor)),
        settled=settled,
        minima=values,
        fits=fits,
    )
    stopped = Stop.MET if settled and fits else Stop.STAGNATED
    outcome = told(task, found.now, found.relative)
    return replace(outcome, stopped=stopped, posterior=posterior)
