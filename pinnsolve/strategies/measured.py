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

from pinnsolve.compile.system import System, compile_problem
from pinnsolve.fields.arrays import Array
from pinnsolve.fields.field import Field
from pinnsolve.running.budget import OutOfTimeError
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import Fit
from pinnsolve.search.grow import grow_to_tolerance
from pinnsolve.search.task import Outcome, Task
from pinnsolve.strategies.followed_solves import suits_following
from pinnsolve.strategies.measured_begun import (
    begun_loosely,
    begun_otherwise,
    forward_of,
    places_of,
)
from pinnsolve.strategies.measured_chance import independent, left_of
from pinnsolve.strategies.measured_followed import in_followed
from pinnsolve.strategies.measured_followed_bars import in_followed_with_errors
from pinnsolve.strategies.measured_found import Found, found
from pinnsolve.strategies.measured_rows import (
    bounds_of,
    data_in,
    known_deviations,
    noise_left,
    numbers_of,
)
from pinnsolve.strategies.measured_starts import Minimum, minima
from pinnsolve.symbols.symbols import Unknown


@dataclass(frozen=True)
class Finding:
    """When numbers are found."""

    # Of the equations alone: a part of the data's relative errors, at most and at least
    of_noise: float = 1e-4
    coarsest: float = 1e-5
    finest: float = 1e-8
    # Part of those that are left in which the equations choose a basis
    choosing: float = 0.4
    # Parts of those that are left then, of the first draw and the second: one that wanders leaves
    # time for the other
    draws: tuple[float, float] = (0.5, 0.9)
    # Of a number, how far it may be from that for which the basis was chosen; how often that is
    far: float = 0.3
    rounds: int = 6
    # Two draws differ by less than this part of an error bar: the basis is not what limits
    of_bar: float = 0.1
    # Errors that are left say of their deviation no more than this: a tolerance that is nearer to
    # what they ask for is that
    slack: float = 2.0


FINDING = Finding()


def has_errors(system: System) -> bool:
    """Whether data with errors are to say what numbers are."""
    data = data_in(system)
    return bool(numbers_of(system)) and bool(data) and all(d.has_errors for d in data)


def begun_near(task: Task) -> Task:
    """The task, from where exact data say that numbers are: where equations hold loosely at first,
    or at the best minimum within bounds.
    """
    data, fresh = data_in(task.system), task.guess is None and task.begun is None
    asked = fresh and bool(numbers_of(task.system)) and not task.system.linear
    if not asked or not data or any(d.has_errors for d in data):
        return task
    near = begun_loosely(task)
    if near is not None:
        return replace(task, guess=near.whole)
    bounded = bounds_of(task.system) is not None
    return replace(task, guess=minima(task)[0].whole) if bounded else task


def in_measured(task: Task) -> Outcome | None:
    """Numbers with their covariance, in a basis that the equations choose, by two draws: "met", if
    they differ by less than a tenth of an error bar, and leave no more of the data than deviations
    that were said allow.

    From where equations hold loosely at first, or, where they have bounds, and nothing is guessed,
    from the best of what several starts lead to.
    Numbers of nonlinear evolutions are sought as these are followed in time, if that can be; so are
    those from exact data, of which others give None.
    """
    if not has_errors(task.system):
        return in_followed(task) if suits_following(task) else None
    others: Sequence[Minimum] = ()
    near = begun_loosely(task)
    if near is not None:
        numbers, guess = near.numbers, near.field
    elif bounds_of(task.system) is None or task.guess is not None or task.system.linear:
        numbers, guess = begun_otherwise(task)
    else:
        best, *others = minima(task)
        numbers, guess = best.numbers, best.field
    followed = in_followed_with_errors(task, numbers, others) if suits_following(task) else None
    return followed or _from(task, numbers, guess, others)


def _from(
    task: Task, numbers: dict[Unknown, Float], guess: Field | None, others: Sequence[Minimum]
) -> Outcome:
    """From numbers, and a field of the others, in a basis that is chosen for them: once more, where
    they came out far from there, or are not met and moved: a basis may be one of
    waves for these numbers alone; or two draws far from each other, from the better one, if that
    settled; or where values whose deviations were not said ask more of the equations.
    """
    outcome, noise = None, noise_left(task.system)
    for _ in range(FINDING.rounds):
        forward = compile_problem(forward_of(task.system, numbers))
        part, goal = task.budget.share(FINDING.choosing), tolerance_beside(noise)
        chosen = grow_to_tolerance(
            replace(task, system=forward, tolerance=goal, guess=guess, budget=part)
        )
        draws = _draws(task, forward, chosen.fit, numbers)
        if len(draws) == 1:  # no time is left for the other, which would tell how good it is
            lone = _outcome(task, draws[0], draws[0], False, others)
            return replace(lone, estimate=math.nan, stopped=Stop.BUDGET)
        before, after = np.array([float(v) for v in numbers.values()]), draws[0].seen.numbers
        known = _alike(draws[1].seen.numbers, after)
        best, other = draws if known else sorted(draws, key=_badness)
        noise = noise_left(task.system, best.misfit)
        fine = goal <= FINDING.slack * tolerance_beside(noise)
        solved = chosen.stopped == Stop.MET or _small(chosen.estimate, noise, best.values)
        outcome = _outcome(task, best, other, fine and solved, others)
        near = known and _alike(before, after) and not _moved(outcome, best, before)
        lost = not known and not best.settled
        if (near and fine) or lost or task.budget.left() < task.budget.spent():
            break
        values = best.seen.numbers.tolist()
        numbers = {u: Float(v) for u, v in zip(numbers, values, strict=True)}
        guess = None if forward.linear else chosen.fit.field
    assert outcome is not None
    return outcome


def _draws(task: Task, forward: System, chosen: Fit, numbers: dict[Unknown, Float]) -> list[Found]:
    """Two in functions of their own, or the first alone, where the other does not come to an end in
    the seconds that are left.
    """
    draws: list[Found] = []
    for k, each in enumerate(FINDING.draws):
        timed = replace(task, budget=task.budget.share(each))
        try:
            draws.append(found(timed, forward, chosen, numbers, task.seed + k))
        except OutOfTimeError:
            if not draws:
                raise
    return draws


def _small(estimate: float, noise: float, values: int) -> bool:
    """Whether a relative error of the equations' solution would move numbers by no more than a part
    of their bars, if all of it were as these would have it: so much of the data's errors is left.
    """
    return estimate * math.sqrt(values) <= FINDING.of_bar * noise


def _badness(draw: Found) -> tuple[bool, bool, float]:
    """What one of two draws that differ is worse by: it is not settled, or leaves more."""
    return not draw.settled, not np.isfinite(draw.misfit), draw.misfit


def _alike(before: Array, after: Array) -> bool:
    """Whether each of some numbers `(n,)` is near to what it was."""
    sizes = np.maximum(np.abs(after), np.abs(before))
    return bool((np.abs(after - before) <= FINDING.far * sizes).all())


def _moved(outcome: Outcome, best: Found, before: Array) -> bool:
    """Whether what is not met moved from numbers `(n,)` by more than a part of its bars."""
    bars = FINDING.of_bar * np.sqrt(np.diag(best.seen.covariance))
    return outcome.stopped == Stop.STAGNATED and bool(
        (np.abs(best.seen.numbers - before) > bars).any()
    )


def tolerance_beside(noise: float) -> float:
    """Of the equations alone: far below what the data's errors leave open."""
    return min(FINDING.coarsest, max(FINDING.finest, FINDING.of_noise * noise))


def _outcome(
    task: Task, first: Found, second: Found, resolved: bool, others: Sequence[Minimum]
) -> Outcome:
    known = known_deviations(task.system)
    values = tuple((*m.values, m.misfit) for m in others)
    left = left_of(task.system, first.fit.field)
    fits = first.within_chance if known else independent(task.system, left)
    posterior = replace(first.posterior(known), minima=values, fits=fits)
    bars = np.linalg.norm(posterior.factor[places_of(first.space)], axis=1)
    apart = np.abs(first.seen.numbers - second.seen.numbers)
    # Beside data that are not fitted the equations do not hold, whatever they hide
    blind = fits and first.seen.blind is not None
    settled = first.settled and second.settled and bool((apart <= FINDING.of_bar * bars).all())
    stopped = Stop.MET if settled and resolved and fits else Stop.STAGNATED
    return Outcome(
        first.fit,
        float((apart / np.maximum(np.abs(first.seen.numbers), 1e-300)).max()),
        int(blind),
        Stop.NOT_UNIQUE if blind else stopped,
        posterior=posterior,
    )
