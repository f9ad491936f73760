"""Where numbers from data begin: what is guessed, or what data and equations together say."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from sympy import Float

from pinnsolve.compile.functions import Functions
from pinnsolve.compile.system import System, compile_problem
from pinnsolve.declare.checks import difference
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.building import build_space
from pinnsolve.fields.declared import Declared, of_basis
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.field import Field
from pinnsolve.fields.space import Space
from pinnsolve.geometry.region import Condition
from pinnsolve.search.choose import choose
from pinnsolve.search.fit import streams
from pinnsolve.search.task import Task
from pinnsolve.strategies.measured_relaxed import relaxed
from pinnsolve.strategies.measured_rows import bounds_of, data_of, numbers_of
from pinnsolve.symbols.assumed import LOGARITHM
from pinnsolve.symbols.symbols import Unknown

Numbers = dict[Unknown, Float]
Begun = tuple[Numbers, Field | None]


@dataclass(frozen=True)
class Beginning:
    """Of numbers."""

    # Where nothing is guessed, nor bounds are known: the number, not its logarithm
    guess: float = 1.0
    # Part of the seconds in which data and equations together say what is near, and how near
    part: float = 0.3
    near: float = 1e-2


BEGINNING = Beginning()


def begun(task: Task) -> Begun:
    """Numbers, and a field of the others, to begin from: where the equations are linear but for the
    numbers, any will do; else data and equations together, as they are without errors, say what is
    near, equations loosely first.
    """
    near = begun_loosely(task)
    return begun_otherwise(task) if near is None else (near.numbers, near.field)


@dataclass(frozen=True, eq=False)
class Near:
    """Numbers within their bounds, a field of the other unknowns, where that matters, and one of
    all.
    """

    numbers: Numbers
    field: Field | None
    whole: Expansion


def begun_loosely(task: Task) -> Near | None:
    """Where equations hold loosely at first; None, where data and equations do not meet so, where
    there is a guess, or where the misfit can be looked at all over some bounds.
    """
    numbers = guesses_of(task)
    forward = compile_problem(forward_of(task.system, numbers))
    if task.guess is not None or (forward.linear and bounds_of(task.system) is not None):
        return None
    whole = relaxed(task, [float(v) for v in numbers.values()])
    return None if whole is None else Near(*_of(whole, task, numbers, forward), whole)


def begun_otherwise(task: Task) -> Begun:
    """From what is guessed, where equations are linear but for the numbers; else from data and
    equations, all of them alike.
    """
    numbers = guesses_of(task)
    forward = compile_problem(forward_of(task.system, numbers))
    if forward.linear or task.guess is not None:
        return numbers, None
    part = task.budget.share(BEGINNING.part)
    problem = task.system.problem
    values = Functions(*[numbers.get(u, Float(0)) for u in problem.unknowns])
    guess = Expansion.identity(values.build(bounds_by_name(problem), 0))
    fitted = choose(replace(task, tolerance=BEGINNING.near, budget=part, guess=guess)).fitted
    if fitted is None:
        return numbers, None
    return _of(fitted.expansion, task, numbers, forward)


def _of(found: Expansion, task: Task, numbers: Numbers, forward: System) -> Begun:
    """Numbers and other unknowns of a field of all, within bounds."""
    own, at = found.space, array_of(found.coefficients)
    low, high = bounds_of(task.system) or (-np.inf, np.inf)
    values = np.clip(at[places_of(own)], low, high).tolist()
    near = dict(zip(numbers, map(Float, values), strict=True))
    if forward.linear:
        return near, None
    space = Space(tuple(block for block in own.blocks if block.axes != ()))
    return near, Expansion(space, tensor_of(at[others_of(own)]))


def among(forward: System, declared: Declared, seed: int, coefficients: Array) -> Expansion:
    """The field of a forward problem that has these `(columns,)` in a basis of a seed."""
    of_neurons, _, _ = streams(seed)
    space = build_space(forward, of_basis(declared), of_neurons)
    return Expansion(space, tensor_of(coefficients))


def guesses_of(task: Task) -> dict[Unknown, Float]:
    """What the numbers are at first: as guessed, in the middle of their bounds, or one."""
    problem, guess = task.system.problem, task.guess
    middle = problem.domain.bounds.mean(axis=1)[None]
    values = None if guess is None else guess.values(middle)[:, 0].tolist()
    each = [(problem.unknowns[k], k) for k in numbers_of(task.system)]
    return {u: Float(_first(u) if values is None else values[k]) for u, k in each}


def _first(number: Unknown) -> float:
    if number.func.bounds is not None:
        return float(np.mean(number.func.bounds))
    return math.log(BEGINNING.guess) if number.func.values == LOGARITHM else BEGINNING.guess


def forward_of(system: System, numbers: dict[Unknown, Float]) -> Problem:
    """The problem without its data, with numbers in the place of those that are sought."""
    kept = [c for c in system.problem.conditions if not data_of(c)]
    known = tuple(Condition(difference(c).xreplace(numbers), c.region) for c in kept)
    rest = tuple(u for u in system.problem.unknowns if u not in numbers)
    return system.problem.replaced(known, rest, None)


def places_of(space: Space) -> list[int]:
    """The columns of numbers."""
    return [p.start for p, b in zip(space.slices, space.blocks, strict=True) if b.axes == ()]


def others_of(space: Space) -> Array:
    """The columns of fields, `(n_columns,)`."""
    return np.setdiff1d(np.arange(space.columns), places_of(space))
