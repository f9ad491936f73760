"""Solves of an evolution for numbers that are known, followed in time, and what each leaves of the
data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from sympy import Float

from pinnsolve.compile.system import System, compile_problem
from pinnsolve.discretize.points import sample_region
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.evolve import begins_within, evolve
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.separated import Separated
from pinnsolve.running.stop import Stop
from pinnsolve.search.task import Outcome, Task, unrecorded
from pinnsolve.strategies.measured_begun import Numbers, forward_of, guesses_of
from pinnsolve.strategies.measured_chance import left_of
from pinnsolve.strategies.measured_rows import (
    bounds_of,
    data_in,
    numbers_of,
    units_of,
)

# Of what is asked of numbers, the relative error of a solve
PART = 0.1


@dataclass(frozen=True, eq=False)
class Followed:
    """The solution for some numbers `(n_numbers,)`, and what it leaves of the data, each divided by
    its deviation (of exact data, by their size), `(n_values,)`.
    """

    numbers: Array
    outcome: Outcome
    field: Separated
    left: Array
    seconds: float


class FailedError(Exception):
    """An evolution for some numbers came to no end, or is none that is separated."""


def suits_following(task: Task) -> bool:
    """Whether data, all of them exact or all with errors, are to say what numbers in a nonlinear
    evolution of functions of space are.
    """
    system = task.system
    alike = {d.has_errors for d in data_in(system)}
    if len(alike) != 1 or not numbers_of(system):
        return False
    if task.begun is not None or len(system.domain.coordinates) < 2:
        return False
    forward = compile_problem(forward_of(system, guesses_of(task)))
    form = None if forward.linear else evolution_form(forward)
    return form is not None and begins_within(forward, form, task.budget)


def sizes_of(system: System, numbers: Array) -> Array:
    """How large numbers are, `(n_numbers,)`."""
    return np.maximum(np.maximum(np.abs(numbers), units_of(system)), 1e-300)


def followed(task: Task, goal: float, first: Numbers, numbers: Array, draw: int = 0) -> Followed:
    """The evolution for some numbers `(n_numbers,)`, so well that these may be known to a relative
    goal. Raises FailedError where it is not.
    """
    start = task.budget.spent()
    named = {u: Float(v) for u, v in zip(first, numbers.tolist(), strict=True)}
    forward = compile_problem(forward_of(task.system, named))
    form = evolution_form(forward)
    if form is None:
        raise FailedError
    outcome = evolve(forward, form, PART * goal, task.budget, task.seed + draw, unrecorded)
    field = outcome.fit.field
    if outcome.stopped != Stop.MET or not isinstance(field, Separated):
        raise FailedError
    whole = _beside_numbers(task.system, field, numbers)
    left = left_of(task.system, whole)
    return Followed(numbers, outcome, whole, left, task.budget.spent() - start)


def beside(
    task: Task, goal: float, first: Numbers, numbers: Array, changes: Array
) -> list[Followed]:
    """The solutions for each number changed alone, by `changes (n_numbers,)`, within bounds."""
    low, high = bounds_of(task.system) or (-np.inf, np.inf)
    there = np.clip(numbers + np.diag(changes), low, high)
    return [followed(task, goal, first, each) for each in there]


def slopes_of_left(low: Sequence[Followed], high: Sequence[Followed]) -> Array:
    """How what is left of the data changes with each number, `(n_values, n_numbers)`, from
    solutions for less and for more of it.
    """
    left = [b.left - a.left for a, b in zip(low, high, strict=True)]
    return np.asarray(np.stack(left, axis=1) / _changes(low, high))


def _changes(low: Sequence[Followed], high: Sequence[Followed]) -> Array:
    pairs = enumerate(zip(low, high, strict=True))
    return np.array([(b.numbers - a.numbers)[k] for k, (a, b) in pairs])


def slopes_of_states(
    system: System, now: Followed, low: Sequence[Followed], high: Sequence[Followed]
) -> Array:
    """How the states of a solution change with each number, `(n_states, n_numbers)`, as those do
    that were solved for less and for more of it: they were followed in other steps, and functions
    of space that may differ.
    """
    x = tensor_of(_points(system, now.field))
    own = _functions(now.field, x)

    def among(other: Separated) -> torch.Tensor:
        into, *_ = np.linalg.lstsq(own, _functions(other, x), rcond=1e-12)
        motion = torch.stack([other.motion(now.field.times, order) for order in range(3)])
        return motion @ tensor_of(np.asarray(into.T))

    pairs = zip(low, high, strict=True)
    changed = [array_of((among(b.field) - among(a.field)).flatten()) for a, b in pairs]
    return np.asarray(np.stack(changed, axis=1) / _changes(low, high))


def _points(system: System, field: Separated) -> Array:
    return sample_region(system.domain, 4 * field.modes.size, 0).x


def _functions(field: Separated, x: torch.Tensor) -> Array:
    """The functions of space at points `(n, dim)`, `(n, r)`."""
    with torch.no_grad():
        functions = field.modes(x, [(0,) * x.shape[1]])[0] @ field.transform
    return array_of(functions)


def _beside_numbers(system: System, field: Separated, numbers: Array) -> Separated:
    """The same with numbers among the unknowns: they are the function 1 of space, at rest."""
    x = tensor_of(_points(system, field))
    with torch.no_grad():
        functions = array_of(field.modes(x, [(0,) * x.shape[1]])[0])
    one, *_ = np.linalg.lstsq(functions, np.ones(len(functions)), rcond=1e-14)
    if np.abs(functions @ one - 1).max() > 1e-9:
        raise FailedError
    places = numbers_of(system)
    others = [k for k in range(system.n_unknowns) if k not in places]
    steps, rank = field.states.shape[1], field.transform.shape[1]
    states = field.states.new_zeros(3, steps, system.n_unknowns, rank + 1)
    states[:, :, others, :rank] = field.states
    states[0, :, places, rank] = tensor_of(numbers)
    transform = torch.cat([field.transform, tensor_of(np.asarray(one))[:, None]], dim=1)
    return replace(field, transform=transform, states=states)
