"""Numbers in evolutions: one solve for numbers that are known, followed in time, and then as few
others as Broyden's method wants.

Where space and time at once do not resolve an evolution, its separation does, in seconds, but has
no rows that numbers stand in: how values change with numbers is read off solves beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from sympy import Float

from pinnsolve.compile.system import System, compile_problem
from pinnsolve.discretize.measure import relative_residuals, residual_field
from pinnsolve.discretize.points import sample_region
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.evolve import begins_within, evolve
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.separated import Separated
from pinnsolve.running.budget import OutOfTimeError
from pinnsolve.running.stop import Stop
from pinnsolve.search.task import Outcome, Task, as_asked, unrecorded
from pinnsolve.strategies.measured_begun import Numbers, begun, forward_of, guesses_of
from pinnsolve.strategies.measured_rows import (
    bounds_of,
    data_in,
    data_of,
    deviations,
    numbers_of,
    units_of,
)
from pinnsolve.strategies.two import until


@dataclass(frozen=True)
class Following:
    """Solves, and when numbers are found."""

    # Of a number, by which it is changed to see what values do; a solve's own error is far smaller
    change: float = 1e-3
    # Relative error of a solve: a part of the tolerance, which is this where none is said
    part: float = 0.1
    goal: float = 1e-6
    # The tolerance at first
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


@dataclass(frozen=True, eq=False)
class Followed:
    """The solution for some numbers `(n_numbers,)`, and what it leaves of the data, in units of
    their size, `(n_values,)`.
    """

    numbers: Array
    outcome: Outcome
    field: Separated
    left: Array
    seconds: float


class _FailedError(Exception):
    """An evolution for some numbers came to no end, or is none that is separated."""


def suits_following(task: Task) -> bool:
    """Whether exact data are to say what numbers in a nonlinear evolution of functions of space
    are.
    """
    system = task.system
    data = data_in(system)
    if not data or not numbers_of(system) or any(d.has_errors for d in data):
        return False
    if task.begun is not None or len(system.domain.coordinates) < 2:
        return False
    forward = compile_problem(forward_of(system, guesses_of(task)))
    form = None if forward.linear else evolution_form(forward)
    return form is not None and begins_within(forward, form, task.budget)


def in_followed(task: Task) -> Outcome | None:
    """Numbers by Broyden's method, from the solves of numbers nearby: "met" if data are left to the
    tolerance, and what another draw's solution says could move numbers by less. None, where they
    are not.
    """
    within = task.within(until(task.budget, FOLLOWING.share, math.inf))
    try:
        numbers, _ = begun(within)
        return _outcome(task, *_settled(within, numbers))
    except (_FailedError, OutOfTimeError):
        return None


def _settled(task: Task, first: Numbers) -> tuple[Followed, float]:
    """Numbers with their solution, and how far off they may be, relative. Raises _FailedError where
    they do not settle, do not fit, or are not seen.

    Roughly first, then, with the slopes that are known from there, to the tolerance.
    """
    rough = replace(task, tolerance=max(_goal(task), FOLLOWING.rough))
    now = _followed(rough, first, np.array([float(v) for v in first.values()]), 0)
    slopes = _slopes(_patient(rough, now), first, now)
    _require_seen(rough, first, slopes, now)
    now, slopes = _broyden(_patient(rough, now), first, slopes, now)
    if rough.tolerance != _goal(task):
        now = _followed(task, first, now.numbers, 0)
        now, slopes = _broyden(_patient(task, now), first, slopes, now)
    if np.sqrt(np.mean(now.left**2)) > _goal(task):
        raise _FailedError
    return now, _require_seen(task, first, slopes, now)


def _patient(task: Task, now: Followed) -> Task:
    """With no more seconds than so many solves take."""
    seconds = FOLLOWING.solves * now.seconds
    return replace(task, budget=until(task.budget, 1.0, seconds))


def _broyden(task: Task, first: Numbers, slopes: Array, now: Followed) -> tuple[Followed, Array]:
    """Steps until one is small, and slopes `(n_values, n_numbers)` that have learnt from each."""
    for _ in range(FOLLOWING.steps):
        step = _step(task.system, now.numbers, slopes, now.left)
        new = _followed(task, first, now.numbers + step, 0)
        size = _sizes(task.system, new.numbers)
        missed = new.left - now.left - slopes @ step
        weight = max(float(((step / size) ** 2).sum()), 1e-300)
        slopes = slopes + np.outer(missed, step / size**2) / weight
        now = new
        if (np.abs(step) <= FOLLOWING.settled * _goal(task) * size).all():
            return now, slopes
    raise _FailedError


def _require_seen(task: Task, first: Numbers, slopes: Array, now: Followed) -> float:
    """How far off numbers may be, relative: what another draw says differently, all of it along the
    numbers that values show least. Raises _FailedError where that is more than the tolerance.
    """
    other = _followed(task, first, now.numbers, 1)
    shown = np.linalg.svd(slopes * _sizes(task.system, now.numbers), compute_uv=False)
    apart = float(np.linalg.norm(other.left - now.left)) / max(float(shown[-1]), 1e-300)
    if apart > _goal(task):
        raise _FailedError
    return apart


def _goal(task: Task) -> float:
    return FOLLOWING.goal if task.tolerance is None else task.tolerance


def _sizes(system: System, numbers: Array) -> Array:
    """How large numbers are, `(n_numbers,)`."""
    return np.maximum(np.maximum(np.abs(numbers), units_of(system)), 1e-300)


def _followed(task: Task, first: Numbers, numbers: Array, draw: int) -> Followed:
    """The evolution for some numbers, and what it leaves of the data."""
    start = task.budget.spent()
    named = {u: Float(v) for u, v in zip(first, numbers.tolist(), strict=True)}
    forward = compile_problem(forward_of(task.system, named))
    form = evolution_form(forward)
    if form is None:
        raise _FailedError
    goal = FOLLOWING.part * _goal(task)
    outcome = evolve(forward, form, goal, task.budget, task.seed + draw, unrecorded)
    field = outcome.fit.field
    if outcome.stopped != Stop.MET or not isinstance(field, Separated):
        raise _FailedError
    whole = _beside_numbers(task.system, field, numbers)
    left = []
    for residual in task.system.residuals:
        if data_of(residual.condition):
            at = sample_region(residual.condition.region, 1, 0)  # of a cloud, all of its points
            values = array_of(residual_field(residual, whole, at.x, at.normals))
            left.append(values / deviations(residual.condition))
    seconds = task.budget.spent() - start
    return Followed(numbers, outcome, whole, np.concatenate(left), seconds)


def _beside_numbers(system: System, field: Separated, numbers: Array) -> Separated:
    """The same with numbers among the unknowns: they are the function 1 of space, at rest."""
    x = tensor_of(sample_region(system.domain, 4 * field.modes.size, 0).x)
    with torch.no_grad():
        functions = array_of(field.modes(x, [(0,) * x.shape[1]])[0])
    one, *_ = np.linalg.lstsq(functions, np.ones(len(functions)), rcond=1e-14)
    if np.abs(functions @ one - 1).max() > 1e-9:
        raise _FailedError
    places = numbers_of(system)
    others = [k for k in range(system.n_unknowns) if k not in places]
    steps, rank = field.states.shape[1], field.transform.shape[1]
    states = field.states.new_zeros(3, steps, system.n_unknowns, rank + 1)
    states[:, :, others, :rank] = field.states
    states[0, :, places, rank] = tensor_of(numbers)
    transform = torch.cat([field.transform, tensor_of(np.asarray(one))[:, None]], dim=1)
    return replace(field, transform=transform, states=states)


def _slopes(task: Task, first: Numbers, now: Followed) -> Array:
    """Of what is left by the numbers, `(n_values, n_numbers)`."""
    sizes = FOLLOWING.change * _sizes(task.system, now.numbers)
    moved = [_followed(task, first, now.numbers + step, 0).left for step in np.diag(sizes)]
    return (np.stack(moved, axis=1) - now.left[:, None]) / sizes


def _step(system: System, numbers: Array, slopes: Array, left: Array) -> Array:
    """Gauss's and Newton's, no longer than is believed, and within bounds."""
    step = np.asarray(np.linalg.lstsq(slopes, -left)[0])
    room = FOLLOWING.longest * _sizes(system, numbers)
    step *= min(1.0, float((room / np.maximum(np.abs(step), 1e-300)).min()))
    low, high = bounds_of(system) or (-np.inf, np.inf)
    return np.clip(numbers + step, low, high) - numbers


def _outcome(task: Task, now: Followed, apart: float) -> Outcome:
    """Of numbers that have settled, and how far off they may be, relative."""
    residuals = relative_residuals(task.system, now.field, task.seed)
    fitted = replace(now.outcome.fit, field=now.field, residuals=residuals)
    task.record("grow", fitted, math.nan)
    estimate = max(now.outcome.estimate, apart)
    return as_asked(task, replace(now.outcome, fit=fitted, estimate=estimate))
