"""Gauss's and Newton's method for states, coefficients and numbers together, and how uncertain they
are: Laplace's approximation at each step.

Rows of equations are divided by the size of their terms, in the root mean square over all of them,
and by how tight they are: 1e-4 says that they hold to 1e-4. They are white noise of so little power
that their number does not count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from pinnsolve.coefficients.posterior import Belief, Posterior, solved_rows, told_by
from pinnsolve.fields.arrays import Array
from pinnsolve.strategies.measured_model import Model, rms
from pinnsolve.strategies.measured_rows import (
    data_of,
    deviations,
    forgiven,
    may_be_wild,
    numbers_of,
    units_of,
)


@dataclass(frozen=True)
class Descent:
    """Steps, and when they have settled."""

    # At most, for one tightness
    steps: int = 25
    # In the root mean square, of the deviations: the last step's change, and relative, of the
    # priors' strengths
    settled: float = 0.02
    steady: float = 0.1
    # The largest factor of a strength in a step
    leap: float = 30.0
    # Directions of a prior that data determine: below it they say nothing of its strength
    least: float = 0.1
    # A step changes what is sought by no more than this part of its size
    longest: float = 0.7


DESCENT = Descent()


@dataclass(frozen=True, eq=False)
class Sought:
    """An iterate: its posterior, rows that are linearized at its mean, and how large terms are
    there, the weighed rows of the equations that led to it, and what it was led by: priors,
    deviations of data in units of what was said of them, and how tight the equations are.
    """

    posterior: Posterior
    rows: list[Array]
    sizes: tuple[float, ...]
    equations: Array
    priors: tuple[Belief, ...]
    units: tuple[float, ...]
    tight: float
    settled: bool = False


def begun(model: Model, mean: Array, tight: float) -> Sought:
    """The first iterate, at coefficients `(columns,)`."""
    empty = np.zeros((0, len(mean) + 1))
    units = (1.0,) * sum(model.soft)
    nothing = Posterior(mean, np.zeros((len(mean), 0)), math.nan, math.nan)
    return Sought(nothing, model.rows(mean), model.sizes(mean), empty, model.priors, units, tight)


def settled(model: Model, sought: Sought) -> Sought:
    """Steps until nothing moves any more, or no more of them are made."""
    for _ in range(DESCENT.steps):
        sought = stepped(model, sought)
        if sought.settled:
            break
    return sought


def stepped(model: Model, sought: Sought) -> Sought:
    """One step of Gauss's and Newton's method, and one of MacKay's."""
    at, soft = sought.posterior.mean, model.soft
    weights = _weights(model, sought)
    weighed = [w * r for w, r in zip(weights, sought.rows, strict=True)]
    hard = [r for r, s in zip(weighed, soft, strict=True) if not s]
    data = [r for r, s in zip(weighed, soft, strict=True) if s]
    priors = sought.priors
    believed = [b.rows(len(at)) for b in priors]
    best, factor = solved_rows([*hard, *data, *believed, model.numbers_held(at)])
    mean = _nearer(model, at, best)
    rows = model.rows(mean)
    misfit, used, units = _misfit(data, mean, factor, model, sought.units)
    strengthened, gammas = _strengthened(priors, best, factor, data)
    posterior = Posterior(mean, factor, misfit, used, gammas)
    ratios = [
        abs(math.log(new.strength / old.strength))
        for new, old in zip(strengthened, priors, strict=True)
    ]
    steady = max([*ratios, 0.0]) < DESCENT.steady
    still = model.moved(mean - at, posterior) < DESCENT.settled
    known = max(abs(math.log(a / b)) for a, b in zip(units, sought.units, strict=True))
    done = steady and still and known < DESCENT.steady
    equations = np.vstack([np.zeros((0, len(at) + 1)), *hard])
    led = equations, strengthened, units, sought.tight
    return Sought(posterior, rows, model.sizes(mean), *led, done)


def _weights(model: Model, sought: Sought) -> list[Array]:
    """What the rows of each condition are multiplied by, `(n, 1)`."""
    weights, units = [], iter(sought.units)
    conditions = model.system.problem.conditions
    each = zip(sought.rows, conditions, model.soft, sought.sizes, strict=True)
    for rows, condition, soft, terms in each:
        if soft:
            own = next(units) * deviations(condition)
            # What is begun with is no field that anything can be wild beside
            if may_be_wild(condition) and sought.posterior.factor.shape[1]:
                mean = sought.posterior.mean
                own = own / forgiven((rows[:, :-1] @ mean - rows[:, -1]) / own)
            weights.append(1 / own[:, None])
        else:
            size = _size(rows, sought.posterior.mean, terms)
            weights.append(np.full((len(rows), 1), 1 / (size * sought.tight * len(rows) ** 0.5)))
    return weights


def _size(rows: Array, mean: Array, terms: float) -> float:
    """Of an equation's terms; where they vanish, what its coefficients would make of them each by
    itself.
    """
    each = float(np.sqrt(np.mean((rows[:, :-1] * mean) ** 2) * len(mean)))
    unit = rms(rows[:, :-1]) * rms(mean)
    # Of unknowns that are all zero as yet nothing has a size: one, then
    return next(size for size in (terms, each, unit, 1.0) if size > max(1e-8 * unit, 1e-200))


def _nearer(model: Model, at: Array, best: Array) -> Array:
    """The step, or a part of it, if it is long. It is not asked to lower the sum of squares: along
    the curved solutions of tight equations only tiny steps do (Maratos, 1978).
    """
    sizes = [
        rms(values @ (best - at)[place]) / max(rms(values @ at[place]), rms(values @ best[place]))
        for place, values in model.watched
    ]
    places = [model.space.slices[k].start for k in numbers_of(model.system)]
    units = units_of(model.system)
    within = np.where(units > 0, units, np.inf) / DESCENT.longest
    sizes += (np.abs(best - at)[places] / within).tolist()
    return at + min(1.0, DESCENT.longest / max(*sizes, 1e-300)) * (best - at)


def _misfit(
    data: list[Array], mean: Array, factor: Array, model: Model, units: tuple[float, ...]
) -> tuple[float, float, tuple[float, ...]]:
    """What is left of the data a value that is not used up, how many are used, and the deviations
    of those of which none are known.
    """
    left, free, used, found = 0.0, 0.0, 0.0, []
    conditions = [c for c, s in zip(model.system.problem.conditions, model.soft, strict=True) if s]
    for rows, condition, unit in zip(data, conditions, units, strict=True):
        own = float(((rows[:, :-1] @ factor) ** 2).sum())
        squares = float(((rows[:, :-1] @ mean - rows[:, -1]) ** 2).sum())
        known = all(d.sigma is not None for d in data_of(condition))
        squared = squares if known else squares * unit**2
        left, free, used = left + squared, free + len(rows) - own, used + own
        rest = math.sqrt(squares / max(1.0, len(rows) - own)) or 1.0
        found.append(unit if known else unit * rest)
    return left / max(1.0, free), used, tuple(found)


def _strengthened(
    priors: tuple[Belief, ...], mean: Array, factor: Array, data: list[Array]
) -> tuple[tuple[Belief, ...], tuple[float, ...]]:
    """Priors as strong as the coefficients say, by no more than a factor at a time."""
    if not priors:
        return (), ()
    new, gammas, told = [], [], told_by(np.vstack(data), mean, factor)
    for old in priors:
        found, gamma = old.strengthened(mean, told)
        ratio = np.clip(found.strength / old.strength, 1 / DESCENT.leap, DESCENT.leap)
        strength = old.strength * float(ratio) if gamma > DESCENT.least else old.strength
        new.append(replace(old, strength=strength))
        gammas.append(gamma)
    return tuple(new), tuple(gammas)


def data_rows(model: Model, sought: Sought) -> Array:
    """Rows of the data, each divided by its deviation, the target last, `(n, columns + 1)`."""
    each = zip(_weights(model, sought), sought.rows, model.soft, strict=True)
    return np.vstack([w * rows for w, rows, soft in each if soft])


def open_share(model: Model, sought: Sought) -> float:
    """How much of the deviations the rows of equations leave: in the root mean square of each that
    is watched, the largest. Both rows that are loose and states that cannot answer a coefficient
    show here.
    """
    factor = sought.posterior.factor
    spread = factor.T @ sought.equations[:, :-1].T
    return max(
        rms(np.linalg.norm(values @ (factor[place] @ spread), axis=1))
        / rms(sought.posterior.deviations(values, place))
        for place, values in model.watched
    )


def moved_by_fresh(model: Model, fresh: Model, sought: Sought) -> float:
    """What fresh rows of the equations would move, in units of the deviations, as `Model.moved`."""
    posterior = sought.posterior
    again = replace(sought, rows=fresh.rows(posterior.mean))
    weights = _weights(fresh, again)
    pull = np.zeros_like(posterior.mean)
    for w, rows, soft in zip(weights, again.rows, fresh.soft, strict=True):
        if not soft:
            pull -= (w * rows)[:, :-1].T @ (w[:, 0] * (rows[:, :-1] @ posterior.mean - rows[:, -1]))
    old = sought.equations
    pull += old[:, :-1].T @ (old[:, :-1] @ posterior.mean - old[:, -1])
    return model.moved(posterior.factor @ (posterior.factor.T @ pull), posterior)
