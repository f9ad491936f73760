"""Numbers from data in one basis: Gauss's and Newton's method for fields and numbers together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sympy import Float

from pinnsolve.coefficients.hard_rows import Seen, through_equations
from pinnsolve.coefficients.posterior import Posterior
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.building import build_space
from pinnsolve.fields.declared import of_basis
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.space import Space
from pinnsolve.search.fit import Fit, fit, streams
from pinnsolve.search.task import Task
from pinnsolve.strategies.measured_begun import others_of, places_of
from pinnsolve.strategies.measured_rows import (
    bounds_of,
    data_of,
    deviations,
    known_deviations,
    may_be_wild,
    robust_deviations,
    rows_of,
    units_of,
    within_chance,
)
from pinnsolve.symbols.symbols import Unknown


@dataclass(frozen=True)
class Stepping:
    """Steps of Gauss's and Newton's method, and when they are believed."""

    # At most, and the last one's change, of each number
    steps: int = 40
    settled: float = 1e-10
    # Or of its deviation, where it is near zero
    of_own_bar: float = 1e-7
    # Of its deviation, a change that is rounding, where the next is no less than half of it
    rounding: float = 1e-3
    # Steps of plain squares, before values may be wild
    plain: int = 8
    # A step changes a number by no more than this part of the larger of it, the guess and its unit
    longest: float = 0.7


STEPPING = Stepping()


@dataclass(frozen=True)
class Found:
    """A draw: what Newton's method came to, and whether it settled."""

    fit: Fit
    space: Space
    seen: Seen
    values: int
    settled: bool

    @property
    def misfit(self) -> float:
        """The sum of squares that is left, for each value that is not used up: 1, where the
        deviations are right.
        """
        return self.seen.misfit / self._free

    @property
    def within_chance(self) -> bool:
        """Whether no more is left than errors of the deviations that were said leave by chance."""
        return within_chance(self.misfit, self._free)

    @property
    def _free(self) -> int:
        return max(1, self.values - len(self.seen.numbers))

    def posterior(self, known: bool) -> Posterior:
        """Of all coefficients; in the deviations that are left, if none are known."""
        variances, directions = np.linalg.eigh(self.seen.covariance)
        unit = 1.0 if known else self.misfit
        own = directions * np.sqrt(np.maximum(unit * variances, 0.0))
        numbers = places_of(self.space)
        factor = np.zeros((self.space.columns, len(own)))
        factor[others_of(self.space)], factor[numbers] = self.seen.slopes @ own, own
        mean = array_of(self.fit.coefficients)
        blind = () if self.seen.blind is None else tuple(self.seen.blind.tolist())
        return Posterior(mean, factor, self.misfit, float(len(numbers)), blind=blind)


@dataclass(frozen=True, eq=False)
class Rows:
    """A system in a basis: linearized at coefficients, it says which numbers data choose among the
    solutions of its equations.
    """

    system: System
    points: Sequence[Points]
    space: Space

    @classmethod
    def drawn(cls, system: System, chosen: Fit, seed: int) -> Rows:
        """In the basis of a fit, neurons and points of a seed."""
        of_neurons, of_points, _ = streams(seed)
        space = build_space(system, of_basis(chosen.declared), of_neurons)
        return cls(system, collocation_points(system, space, of_points), space)

    def seen(self, at: Array, robust: int = 0) -> Seen:
        """From coefficients `(columns,)`; values may be wild, if that is asked for."""
        conditions, space = self.system.problem.conditions, self.space
        measured = [bool(data_of(c)) for c in conditions]
        exact = [not m for m in measured]
        equations = tuple(r for r, e in zip(self.system.residuals, exact, strict=True) if e)
        own = [p for p, e in zip(self.points, exact, strict=True) if e]
        part = replace(self.system, residuals=equations)
        hard = assemble(part, own, space, tensor_of(at)).augmented
        noisy = [c for c in conditions if data_of(c)]
        soft = []
        for c, rows in zip(
            noisy, rows_of(self.system, self.points, space, at, measured), strict=True
        ):
            residuals = rows[:, :-1] @ at - rows[:, -1]
            wild = robust and may_be_wild(c)
            weights = robust_deviations(c, residuals) if wild else deviations(c)
            soft.append(rows / weights[:, None])
        numbers, fields, data = places_of(space), others_of(space), np.vstack(soft)
        parts = data[:, fields], data[:, numbers], data[:, -1]
        target, near, within = hard[:, -1], at[numbers], bounds_of(self.system)
        return through_equations(hard[:, fields], hard[:, numbers], target, parts, near, within)

    def solved(self, at: Array) -> tuple[float, Array]:
        """A step of Newton's method for the fields alone, numbers being what they are: the sum of
        squares that is left of the data, and the coefficients `(columns,)`.
        """
        seen, better = self.seen(at), at.copy()
        step = seen.numbers - at[places_of(self.space)]
        better[others_of(self.space)] = seen.coefficients - seen.slopes @ step
        return seen.before, better

    @property
    def values(self) -> int:
        """How many values are measured."""
        pairs = zip(self.points, self.system.problem.conditions, strict=True)
        return sum(len(p.x) for p, c in pairs if data_of(c))


def _in_bars(step: Array, seen: Seen, unit: float) -> float:
    """A step `(n_numbers,)` in deviations of the numbers, the largest, where data's variance is so
    many times what was said.
    """
    bars = np.sqrt(unit * np.diag(seen.covariance))
    return float((np.abs(step) / np.maximum(bars, 1e-300)).max())


def found(
    task: Task, forward: System, chosen: Fit, numbers: dict[Unknown, Float], seed: int
) -> Found:
    """Gauss's and Newton's method, from the forward problem's solution in the same functions."""
    system, guesses = task.system, [float(v) for v in numbers.values()]
    guess = None if forward.linear else chosen.field
    declared = of_basis(chosen.declared)
    begun = fit(forward, declared, seed, initial_guess=guess, budget=task.budget)
    rows = Rows.drawn(system, chosen, seed)
    places, fields = places_of(rows.space), others_of(rows.space)
    at = np.zeros(rows.space.columns)
    at[fields], at[places] = array_of(begun.coefficients), guesses
    seen, settled, start = None, False, 0.0
    wild = any(map(may_be_wild, system.problem.conditions))
    units = np.maximum(np.abs(guesses), units_of(system))
    known, last = known_deviations(system), np.inf
    for turn in range(STEPPING.steps):
        if seen is not None and task.budget.left() < task.budget.spent() - start:
            break
        start = task.budget.spent()
        seen = rows.seen(at, wild and turn >= STEPPING.plain)
        step = seen.numbers - at[places]
        room = STEPPING.longest * np.maximum(np.abs(at[places]), units)
        part = min(1.0, float((room / np.maximum(np.abs(step), 1e-300)).min()))
        bars = STEPPING.of_own_bar * np.sqrt(np.diag(seen.covariance))
        near = np.maximum(STEPPING.settled * np.abs(seen.numbers), bars)
        small = bool((np.abs(step) <= near).all())
        changed = _in_bars(step, seen, 1.0 if known else seen.misfit / rows.values)
        small, last = small or last / 2 < changed <= STEPPING.rounding, changed
        settled = small and turn >= STEPPING.plain * wild
        at[fields] = seen.coefficients - (1 - part) * seen.slopes @ step
        at[places] += part * step
        if settled:
            break
    assert seen is not None
    field = Expansion(rows.space, tensor_of(at))
    solved = replace(begun, field=field, residuals=relative_residuals(system, field, seed))
    return Found(solved, rows.space, seen, rows.values, settled)
