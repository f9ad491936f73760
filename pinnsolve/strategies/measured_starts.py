"""Numbers with bounds: where to begin, when data may have several minima.

For numbers that are known the rest is a problem of its own: what its solution leaves of the data is
looked at all over the bounds, in one basis, and Gauss's and Newton's method begins where less is
left than around.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from sympy import Float

from pinnsolve.basis.adapted.polynomials import PolynomialBasis, Polynomials
from pinnsolve.compile.system import System, compile_problem
from pinnsolve.discretize.sobol import sobol
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.field import Field
from pinnsolve.running.budget import Budget, OutOfTimeError
from pinnsolve.search.fit import Fit, fit
from pinnsolve.search.grow import grow_to_tolerance
from pinnsolve.search.task import Task
from pinnsolve.strategies.measured_begun import (
    Numbers,
    among,
    begun_otherwise,
    forward_of,
    others_of,
    places_of,
)
from pinnsolve.strategies.measured_found import Found, Rows, found
from pinnsolve.strategies.measured_rows import bounds_of, numbers_of
from pinnsolve.strategies.two import until


@dataclass(frozen=True)
class Starting:
    """How many places are looked at, and for how long."""

    # Of one number, evenly: sixteen oscillations within the bounds are seen; of more, as many for
    # each
    places: int = 33
    # Gauss's and Newton's method begins from so many of them
    most: int = 6
    # A basis for the ends and the middle of the bounds: relative, and a part of the seconds each
    near: float = 1e-3
    part: float = 0.1
    # Polynomials of each field at first, twice as many each time, and the residual that is enough:
    # misfits of other minima are thousands; what of a solution does not count when its degrees are
    # looked at; how much longer a fit of twice as many takes
    first: int = 60
    coarse: float = 0.1
    small: float = 1e-3
    longer: float = 3.0
    # Of the seconds, for all places; and what that is where they have no limit
    looking: float = 0.4
    seconds: float = 60.0
    # Steps of Newton's method for a field, where the equations are not linear in it, and what is
    # still
    steps: int = 8
    still: float = 1e-3
    # Of the bounds: minima nearer than that are one
    apart: float = 1e-2


STARTING = Starting()


@dataclass(frozen=True, eq=False)
class Minimum:
    """Numbers that leave less of the data than those around, and how much that is for each value
    that is not used up; `field` is a solution for them to begin from, where that matters, `whole`
    the same with the numbers.
    """

    numbers: Numbers
    misfit: float
    field: Field | None
    whole: Field

    @property
    def values(self) -> tuple[float, ...]:
        """The numbers in turn."""
        return tuple(map(float, self.numbers.values()))


def minima(task: Task) -> list[Minimum]:
    """What several starts lead to, the least misfit first, each once; at least one."""
    first, field = begun_otherwise(task)
    budget = until(task.budget, STARTING.looking, STARTING.seconds)
    chosen = _basis(task, first, field, budget)
    places = _places(task, first)
    linear = compile_problem(forward_of(task.system, first)).linear
    misfits = _misfits(task, chosen, places, 1 if linear else STARTING.steps, budget)
    least = sorted(_lowest(places / _widths(task), misfits), key=lambda k: misfits[k])
    draws: list[Found] = []
    for k in least[: STARTING.most]:
        before = task.budget.spent()
        numbers = _named(first, places[k])
        forward = compile_problem(forward_of(task.system, numbers))
        draws.append(found(task, forward, chosen, numbers, chosen.seed))
        if task.budget.left() < 3 * (task.budget.spent() - before):
            break
    settled = [draw for draw in draws if draw.settled] or draws
    once: list[Found] = []
    for draw in sorted(settled, key=lambda draw: draw.misfit):
        apart = [(draw.seen.numbers - o.seen.numbers) / _widths(task) for o in once]
        if all(np.abs(each).max() > STARTING.apart for each in apart):
            once.append(draw)
    return [_minimum(task, first, draw) for draw in once]


def _named(first: Numbers, values: Array) -> Numbers:
    """Numbers `(n_numbers,)` by name."""
    return {u: Float(v) for u, v in zip(first, values.tolist(), strict=True)}


def _minimum(task: Task, first: Numbers, draw: Found) -> Minimum:
    numbers = _named(first, draw.seen.numbers)
    forward = compile_problem(forward_of(task.system, numbers))
    field = None
    if not forward.linear:
        fields = array_of(draw.fit.coefficients)[others_of(draw.space)]
        field = among(forward, draw.fit.declared, draw.fit.seed, fields)
    return Minimum(numbers, draw.misfit, field, draw.fit.field)


def _ends(task: Task) -> tuple[Array, Array]:
    """Low and high ends of all numbers, `(n_numbers,)`."""
    bounds = bounds_of(task.system)
    assert bounds is not None
    return bounds


def _widths(task: Task) -> Array:
    """Of the bounds, `(n_numbers,)`; one, where there are none."""
    low, high = _ends(task)
    return np.where(np.isfinite(high - low), high - low, 1.0)


def _basis(task: Task, first: Numbers, field: Field | None, budget: Budget) -> Fit:
    """Polynomials that solve the equations in the middle and at the ends of the bounds; else the
    widest of the bases that these choose there.
    """
    middle = np.array([float(v) for v in first.values()])
    bounded = np.isfinite(_ends(task)[0])
    named = [_named(first, np.where(bounded, end, middle)) for end in (middle, *_ends(task))]
    forwards = [compile_problem(forward_of(task.system, numbers)) for numbers in named]
    everywhere = _polynomials(task, forwards, field, budget.started())
    if everywhere is not None:
        return everywhere
    chosen = []
    for forward in forwards:
        share = until(budget.started(), STARTING.part, STARTING.seconds)
        asked = replace(task, system=forward, tolerance=STARTING.near, guess=field, budget=share)
        try:
            chosen.append(grow_to_tolerance(asked).fit)
        except OutOfTimeError:
            if not chosen:
                raise
    return max(chosen, key=lambda fitted: fitted.expansion.space.columns)


def _polynomials(
    task: Task, forwards: Sequence[System], field: Field | None, budget: Budget
) -> Fit | None:
    """Functions that have no scale of their own, as bases of waves for one number have; None, where
    so many as there is time for, at all places, do not solve all of these.
    """
    dimension = len(task.system.domain.coordinates)
    size, shares, seconds = STARTING.first, [1.0] * dimension, 0.0
    places = STARTING.places * len(numbers_of(task.system)) + len(forwards)
    while places * seconds < budget.left():
        start = task.budget.spent()
        declared = Polynomials.of_size(size, shares)
        fits = [fit(f, declared, task.seed, initial_guess=field, budget=budget) for f in forwards]
        worst = max(fits, key=lambda each: each.residual)
        if worst.residual <= STARTING.coarse:
            return worst
        seconds = STARTING.longer * (task.budget.spent() - start) / len(forwards)
        size, shares = 2 * size, _shares(worst)
    return None


def _shares(fitted: Fit) -> list[float]:
    """The degrees that a solution wants along each coordinate, the largest 1."""
    space, coefficients = fitted.expansion.space, tensor_of(array_of(fitted.coefficients))
    wanted = [
        cast(PolynomialBasis, block.basis).reach(coefficients[place], STARTING.small)
        for block, place in zip(space.blocks, space.slices, strict=True)
    ]
    reach = 1 + np.max(wanted, axis=0)
    return [float(r / reach.max()) for r in reach]


def _places(task: Task, first: Numbers) -> Array:
    """Where the misfit is looked at, `(n, n_numbers)`: all over the bounds, one number evenly; what
    has none stays.
    """
    low, high = _ends(task)
    bounded = np.isfinite(low)
    count = int(bounded.sum())
    n = STARTING.places * count
    even = (np.arange(n)[:, None] + 0.5) / n
    unit = even if count == 1 else sobol(n, count, np.random.default_rng(task.seed))
    places = np.tile([float(v) for v in first.values()], (n, 1))
    places[:, bounded] = low[bounded] + (high - low)[bounded] * unit
    return places


def _misfits(task: Task, chosen: Fit, places: Array, steps: int, budget: Budget) -> Array:
    """The sum of squares that solutions for numbers `(n, n_numbers)` leave of the data, `(n,)`,
    each by some steps of Newton's method, from the one for numbers nearby: infinite where there was
    no time for it.
    """
    rows = Rows.drawn(task.system, chosen, chosen.seed)
    numbers, fields = places_of(rows.space), others_of(rows.space)
    begin = np.zeros(rows.space.columns)
    begin[fields] = array_of(chosen.coefficients)
    solved: list[Array] = []
    misfits = np.full(len(places), np.inf)
    for k, place in enumerate(places):
        if budget.left() <= 0:
            break
        apart = np.linalg.norm((places[:k] - place) / _widths(task), axis=1)
        at = solved[int(np.argmin(apart))].copy() if k else begin
        at[numbers] = place
        for _ in range(steps):
            left, better = rows.solved(at)
            still = np.linalg.norm(better - at) <= STARTING.still * np.linalg.norm(better)
            at = better
            if still:
                break
        solved.append(at)
        misfits[k] = left if math.isfinite(left) else math.inf
    return misfits


def _lowest(places: Array, misfits: Array) -> list[int]:
    """Which of some places `(n, n_numbers)` have the least misfit `(n,)` of those around."""
    around = 2 * places.shape[1] + 1
    return [
        k
        for k in range(len(places))
        if math.isfinite(misfits[k])
        and misfits[k]
        <= misfits[np.argsort(np.linalg.norm(places - places[k], axis=1))[:around]].min()
    ]
