"""Numbers in evolutions: one solve for numbers that are known, followed in time, and then as few
others as Broyden's method wants.

Where space and time at once do not resolve an evolution, its separation does, in seconds, but has
no rows that numbers stand in: how values change with numbers is read off solves beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.compile.system import System
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.fields.arrays import Array
from pinnsolve.running.budget import OutOfTimeError
from pinnsolve.search.task import Outcome, Task, as_asked
from pinnsolve.strategies.followed_solves import (
    FailedError,
    Followed,
    beside,
    followed,
    sizes_of,
    slopes_of_left,
)
from pinnsolve.strategies.measured_begun import Numbers, begun
from pinnsolve.strategies.measured_rows import (
    bounds_of,
    data_of,
    deviations,
    may_be_wild,
    robust_deviations,
)
from pinnsolve.strategies.two import until


@dataclass(frozen=True)
class Following:
    """Solves, and when numbers are found."""

    # Of a number, by which it is changed to see what values do; a solve's own error is far smaller
    change: float = 1e-3
    # What numbers are sought to where no tolerance is said; and at first
    goal: float = 1e-6
    rough: float = 1e-4
    # Of the tolerance: the last step
    settled: float = 0.1
    # At most, and how much of a number each may change
    steps: int = 20
    longest: float = 0.5
    # Seconds for all solves, in those of the first: numbers that make an evolution stiff, or run
    # backwards, are not waited for
    solves: float = 20.0
    # Of the seconds, before space and time at once are tried
    share: float = 0.7


FOLLOWING = Following()


def in_followed(task: Task) -> Outcome | None:
    """Numbers from exact data by Broyden's method, from the solves of numbers nearby: "met" if data
    are left to the tolerance, and what another draw's solution says could move numbers by less.
    None, where they are not.
    """
    within = task.within(until(task.budget, FOLLOWING.share, math.inf))
    try:
        numbers, _ = begun(within)
        return as_asked(task, told(task, *_settled(within, numbers)))
    except (FailedError, OutOfTimeError):
        return None


def _settled(task: Task, first: Numbers) -> tuple[Followed, float]:
    """Numbers with their solution, and how far off they may be, relative. Raises FailedError where
    they do not settle, do not fit, or are not seen.

    Roughly first, then, with the slopes that are known from there, to the tolerance.
    """
    goal = FOLLOWING.goal if task.tolerance is None else task.tolerance
    rough = max(goal, FOLLOWING.rough)
    now = followed(task, rough, first, np.array([float(v) for v in first.values()]))
    slopes = first_slopes(task, rough, first, now)
    _require_seen(task, rough, first, slopes, now)
    now, slopes = broyden(patient(task, now), rough, first, slopes, now, _of_sizes(task, rough))
    if rough != goal:
        now = followed(task, goal, first, now.numbers)
        longer = patient(task, now)
        now, slopes = broyden(longer, goal, first, slopes, now, _of_sizes(task, goal))
    if np.sqrt(np.mean(now.left**2)) > goal:
        raise FailedError
    return now, _require_seen(task, goal, first, slopes, now)


def first_slopes(task: Task, goal: float, first: Numbers, now: Followed) -> Array:
    """Of what is left by the numbers, `(n_values, n_numbers)`, where they are as yet unknown."""
    _, high = bounds_of(task.system) or (-np.inf, np.inf)
    changes = FOLLOWING.change * sizes_of(task.system, now.numbers)
    changes = np.where(now.numbers + changes > high, -changes, changes)
    there = beside(patient(task, now), goal, first, now.numbers, changes)
    return slopes_of_left([now] * len(there), there)


def patient(task: Task, now: Followed) -> Task:
    """With no more seconds than so many solves take."""
    seconds = FOLLOWING.solves * now.seconds
    return replace(task, budget=until(task.budget, 1.0, seconds))


def _of_sizes(task: Task, goal: float) -> Callable[[Followed, Array], Array]:
    """Steps `(n_numbers,)` that are small beside the numbers."""
    return lambda now, _: FOLLOWING.settled * goal * sizes_of(task.system, now.numbers)


def broyden(
    task: Task,
    goal: float,
    first: Numbers,
    slopes: Array,
    now: Followed,
    small: Callable[[Followed, Array], Array],
) -> tuple[Followed, Array]:
    """Steps until one is small, and slopes `(n_values, n_numbers)` that have learnt from each."""
    for _ in range(FOLLOWING.steps):
        step = _step(task.system, now, slopes)
        new = followed(task, goal, first, now.numbers + step)
        size = sizes_of(task.system, new.numbers)
        missed = new.left - now.left - slopes @ step
        weight = max(float(((step / size) ** 2).sum()), 1e-300)
        slopes = slopes + np.outer(missed, step / size**2) / weight
        now = new
        if (np.abs(step) <= small(now, slopes)).all():
            return now, slopes
    raise FailedError


def _step(system: System, now: Followed, slopes: Array) -> Array:
    """Gauss's and Newton's, no longer than is believed, and within bounds."""
    weights = weights_of(system, now.left)
    step = np.asarray(np.linalg.lstsq(weights[:, None] * slopes, -weights * now.left)[0])
    room = FOLLOWING.longest * sizes_of(system, now.numbers)
    step *= min(1.0, float((room / np.maximum(np.abs(step), 1e-300)).min()))
    low, high = bounds_of(system) or (-np.inf, np.inf)
    return np.clip(now.numbers + step, low, high) - now.numbers


def weights_of(system: System, left: Array) -> Array:
    """Of what is left of the data `(n_values,)`: ones, but for values that may be wild."""
    weights, start = [], 0
    for condition in system.problem.conditions:
        if data_of(condition):
            own = deviations(condition)
            there = left[start : start + len(own)] * own
            wild = may_be_wild(condition)
            weights.append(own / (robust_deviations(condition, there) if wild else own))
            start += len(own)
    return np.concatenate(weights)


def _require_seen(task: Task, goal: float, first: Numbers, slopes: Array, now: Followed) -> float:
    """How far off numbers may be, relative: what another draw says differently, all of it along the
    numbers that values show least. Raises FailedError where that is more than the goal.
    """
    other = followed(task, goal, first, now.numbers, 1)
    shown = np.linalg.svd(slopes * sizes_of(task.system, now.numbers), compute_uv=False)
    apart = float(np.linalg.norm(other.left - now.left)) / max(float(shown[-1]), 1e-300)
    if apart > goal:
        raise FailedError
    return apart


def told(task: Task, now: Followed, apart: float) -> Outcome:
    """A solution with its numbers, which may be `apart` off, relative, as an outcome."""
    residuals = relative_residuals(task.system, now.field, task.seed)
    fitted = replace(now.outcome.fit, field=now.field, residuals=residuals)
    task.record("grow", fitted, math.nan)
    return replace(now.outcome, fit=fitted, estimate=max(now.outcome.estimate, apart))
