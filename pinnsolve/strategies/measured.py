"""Numbers from data with errors: equations are hard, data choose among their solutions.

For numbers that are known the rest is a problem like any other: it chooses the basis. Then Gauss's
and Newton's method for fields and numbers together, each step one factorization of the equations'
rows (`coefficients.hard_rows`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sympy import Float

from pinnsolve.coefficients.hard_rows import Seen, through_equations
from pinnsolve.coefficients.posterior import Posterior
from pinnsolve.compile.system import System, compile_problem
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.building import build_space
from pinnsolve.fields.declared import of_basis
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.space import Space
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import Fit, fit, streams
from pinnsolve.search.grow import grow_to_tolerance
from pinnsolve.search.task import Outcome, Task
from pinnsolve.strategies.measured_begun import (
    begun,
    forward_of,
    others_of,
    places_of,
)
from pinnsolve.strategies.measured_rows import (
    data_of,
    deviations,
    may_be_wild,
    numbers_of,
    robust_deviations,
    rows_of,
)
from pinnsolve.symbols.data import STUDENT
from pinnsolve.symbols.symbols import Unknown


@dataclass(frozen=True)
class Finding:
    """When numbers are found."""

    # Steps of Gauss's and Newton's method, and the last one's change, of each number
    steps: int = 40
    settled: float = 1e-10
    # Or of its deviation, where it is near zero
    of_own_bar: float = 1e-7
    # Steps of plain squares, before values may be wild
    plain: int = 8
    # A step changes a number by no more than this part of the larger of it and the guess
    longest: float = 0.7
    # Of the equations alone: a part of the data's relative errors, at most and at least
    of_noise: float = 1e-4
    coarsest: float = 1e-5
    finest: float = 1e-8
    # Part of those that are left in which the equations choose a basis
    choosing: float = 0.4
    # Of a number, how far it may be from that for which the basis was chosen; how often that is
    far: float = 0.3
    rounds: int = 3
    # Deviations of the sum of squares above what is expected: more is no chance, but another
    # minimum, or values whose errors are larger than was said
    chance: float = 6.0
    # Two draws differ by less than this part of an error bar: the basis is not what limits
    of_bar: float = 0.1


FINDING = Finding()


def has_errors(system: System) -> bool:
    """Whether data with errors are to say what numbers are."""
    data = [d for c in system.problem.conditions for d in data_of(c)]
    return bool(numbers_of(system)) and bool(data) and all(d.has_errors for d in data)


def in_measured(task: Task) -> Outcome:
    """Numbers with their covariance, in a basis that the equations choose, by two draws: "met", if
    they differ by less than a tenth of an error bar, and leave no more of the data than deviations
    that were said allow.

    Once more where numbers came out far from those for which the basis was chosen.
    """
    numbers, guess = begun(task)
    outcome = None
    for _ in range(FINDING.rounds):
        forward = compile_problem(forward_of(task.system, numbers))
        part = task.budget.share(FINDING.choosing)
        asked = replace(task, system=forward, tolerance=_tolerance(task), guess=guess, budget=part)
        chosen = grow_to_tolerance(asked)
        draws = [_found(task, forward, chosen.fit, numbers, task.seed + k) for k in range(2)]
        outcome = _outcome(task, draws[0], draws[1], chosen.stopped == Stop.MET)
        before, after = np.array([float(v) for v in numbers.values()]), draws[0].seen.numbers
        known = _alike(draws[1].seen.numbers, after)
        if _alike(before, after) or not known or task.budget.left() < task.budget.spent():
            break
        numbers = {u: Float(v) for u, v in zip(numbers, after.tolist(), strict=True)}
        guess = None if forward.linear else chosen.fit.field
    assert outcome is not None
    return outcome


def _alike(before: Array, after: Array) -> bool:
    """Whether each of some numbers `(n,)` is near to what it was."""
    sizes = np.maximum(np.abs(after), np.abs(before))
    return bool((np.abs(after - before) <= FINDING.far * sizes).all())


def _tolerance(task: Task) -> float:
    """Of the equations alone: far below what the data's errors leave open."""
    data = [d for c in task.system.problem.conditions for d in data_of(c)]
    sizes = [float(np.sqrt((d.values**2).mean())) for d in data]
    errors = [
        float(np.min(d.sigma)) / size
        for d, size in zip(data, sizes, strict=True)
        if d.sigma is not None and size > 0
    ]
    noise = min(errors, default=0.0)
    return min(FINDING.coarsest, max(FINDING.finest, FINDING.of_noise * noise))


@dataclass(frozen=True)
class _Found:
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
        return self.misfit <= 1 + FINDING.chance * math.sqrt(2 / self._free)

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


def _outcome(task: Task, first: _Found, second: _Found, resolved: bool) -> Outcome:
    data = [d for c in task.system.problem.conditions for d in data_of(c)]
    known = all(d.sigma is not None or d.loss == STUDENT for d in data)
    posterior = first.posterior(known)
    bars = np.linalg.norm(posterior.factor[places_of(first.space)], axis=1)
    apart = np.abs(first.seen.numbers - second.seen.numbers)
    blind = first.seen.blind is not None
    settled = first.settled and second.settled and bool((apart <= FINDING.of_bar * bars).all())
    fits = first.within_chance or not known
    stopped = Stop.MET if settled and resolved and fits else Stop.STAGNATED
    return Outcome(
        first.fit,
        float((apart / np.maximum(np.abs(first.seen.numbers), 1e-300)).max()),
        int(blind),
        Stop.NOT_UNIQUE if blind else stopped,
        posterior=posterior,
    )


def _found(
    task: Task, forward: System, chosen: Fit, numbers: dict[Unknown, Float], seed: int
) -> _Found:
    """Gauss's and Newton's method, from the forward problem's solution in the same functions."""
    system, guesses = task.system, [float(v) for v in numbers.values()]
    declared = of_basis(chosen.declared)
    guess = None if forward.linear else chosen.field
    begun = fit(forward, declared, seed, initial_guess=guess, budget=task.budget)
    of_neurons, of_points, _ = streams(seed)
    space = build_space(system, declared, of_neurons)
    points = collocation_points(system, space, of_points)
    places, fields = places_of(space), others_of(space)
    at = np.zeros(space.columns)
    at[fields], at[places] = array_of(begun.coefficients), guesses
    seen, settled, start = None, False, 0.0
    wild = any(map(may_be_wild, system.problem.conditions))
    for turn in range(FINDING.steps):
        if seen is not None and task.budget.left() < task.budget.spent() - start:
            break
        start = task.budget.spent()
        seen = _step(system, points, space, at, wild and turn >= FINDING.plain)
        step = seen.numbers - at[places]
        room = FINDING.longest * np.maximum(np.abs(at[places]), np.abs(guesses))
        part = min(1.0, float((room / np.maximum(np.abs(step), 1e-300)).min()))
        bars = FINDING.of_own_bar * np.sqrt(np.diag(seen.covariance))
        near = np.maximum(FINDING.settled * np.abs(seen.numbers), bars)
        small = bool((np.abs(step) <= near).all())
        settled = small and turn >= FINDING.plain * wild
        at[fields] = seen.coefficients - (1 - part) * seen.slopes @ step
        at[places] += part * step
        if settled:
            break
    assert seen is not None
    field = Expansion(space, tensor_of(at))
    values = sum(len(points[k].x) for k, c in enumerate(system.problem.conditions) if data_of(c))
    solved = replace(begun, field=field, residuals=relative_residuals(system, field, seed))
    return _Found(solved, space, seen, values, settled)


def _step(system: System, points: Sequence[Points], space: Space, at: Array, robust: int) -> Seen:
    measured = [bool(data_of(c)) for c in system.problem.conditions]
    exact = [not m for m in measured]
    equations = tuple(r for r, e in zip(system.residuals, exact, strict=True) if e)
    own = [p for p, e in zip(points, exact, strict=True) if e]
    part = replace(system, residuals=equations)
    hard = assemble(part, own, space, tensor_of(at)).augmented
    noisy = [c for c in system.problem.conditions if data_of(c)]
    soft = []
    for c, rows in zip(noisy, rows_of(system, points, space, at, measured), strict=True):
        residuals = rows[:, :-1] @ at - rows[:, -1]
        wild = robust and may_be_wild(c)
        weights = robust_deviations(c, residuals) if wild else deviations(c)
        soft.append(rows / weights[:, None])
    numbers, fields, data = places_of(space), others_of(space), np.vstack(soft)
    parts = data[:, fields], data[:, numbers], data[:, -1]
    return through_equations(hard[:, fields], hard[:, numbers], hard[:, -1], parts, at[numbers])
