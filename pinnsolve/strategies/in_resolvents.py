"""Heat around round holes from zero on: elliptic problems with complex numbers, mixed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.polynomial import Chebyshev
from torch import Tensor

from pinnsolve.basis.adapted.damped import Damped
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.coefficients.solved import by_other_means
from pinnsolve.compile.system import Residual
from pinnsolve.discretize.changes import deviation, largest_change, relative_change, rms, shares_of
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.places import quadrature
from pinnsolve.discretize.points import Points, sample_region
from pinnsolve.evolution.diffusion import decays, terms_of_law
from pinnsolve.evolution.loads import loads_of
from pinnsolve.evolution.outside import Decided, Outside, shape_of_source
from pinnsolve.evolution.resolvents import Weights, mean_square, numbers_of, turned
from pinnsolve.evolution.stages import Stages
from pinnsolve.fields.arrays import Array, Complex, complex_array_of, complex_tensor_of, tensor_of
from pinnsolve.fields.resolved import Resolved, Resolvents
from pinnsolve.fields.separated import along
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.solids import Ball
from pinnsolve.running.budget import EARLY, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import SECOND_DRAW
from pinnsolve.search.fit import Fit, streams
from pinnsolve.search.task import Outcome, Task
from pinnsolve.strategies.in_mixtures import MIXING
from pinnsolve.strategies.kept import holes_with_orders


@dataclass(frozen=True)
class Rounds:
    """How often an evolution is resolved anew, and with how much."""

    # A tolerance below which it is not: weights and numbers are chosen for it
    finest: float = 1e-7
    # Of the goal, what functions leave in the first round, and of that in each other one
    begun: float = 1.0
    finer: float = 0.1
    # Where the numbers of each round begin, over the usual place: their difference tells of them
    first: tuple[float, ...] = (1.0, 1.4, 0.85, 1.2)
    # Of the goal, what weights and the ramp may leave
    share: float = 0.25
    # Of what weights miss, what the ramp may leave: with less, more numbers are of no use
    idle: float = 0.25
    # Numbers, at least and at most
    numbers: tuple[int, int] = (8, 34)
    # Of the goal, what conditions have left of a solution from which on functions are not
    # those of the problem: of corners that point inwards, or of data that jump
    hopeless: float = 100.0


ROUNDS = Rounds()


@dataclass(frozen=True, eq=False)
class Round:
    """Fields of all numbers, mixed, and their values at the points at which they are judged;
    `left`: what they, the weights, and the ramp may be off by, relative to the field.
    """

    field: Resolved
    values: Tensor
    left: float


def in_resolvents(task: Task, outside: Outside) -> Outcome | None:
    """Rounds with more functions, and numbers that lie elsewhere, until two of them agree; None,
    where these are not the functions of the problem. Raises OutOfTimeError, where the budget ends
    before there are two.
    """
    start, stopped = task.budget.spent(), Stop.STAGNATED
    before, best = None, None
    try:
        for found in _rounds(task, outside):
            if before is not None:
                best = _judged(task, outside, (before, found), start)
                if best.stopped is Stop.MET:
                    return best
            before = found
    except EARLY as error:
        if best is None:
            raise
        stopped = why(error)
    return None if best is None else replace(best, stopped=stopped)


def _rounds(task: Task, outside: Outside) -> Iterator[Round]:
    small = ROUNDS.begun * task.goal
    points = quadrature(task.system, MIXING.points, task.seed + MIXING.stream)
    for number, first in enumerate(ROUNDS.first):
        seed = streams(task.seed + number * SECOND_DRAW)[0]
        finer = outside.finer(small, seed)
        numbers = numbers_of(outside.duration, ROUNDS.numbers[1], first)
        found = _resolved(task, finer, numbers, points)
        if found is None:
            return
        yield found
        small *= ROUNDS.finer


def _resolved(task: Task, outside: Outside, numbers: Complex, p: Points) -> Round | None:
    """As many numbers as leave little, also before the first time that their weights are right for;
    as if all loads set in at the start, which is what is known before their own weights are. None,
    where functions are not those of the problem.
    """
    axis, courses = outside.stages.form.axis, outside.loads.courses
    parts = np.array([turned(course, outside.duration) for course in courses])[:, None]
    space, t = np.delete(p.x, axis, axis=1), p.x[:, axis] - outside.stages.form.start
    decided, values, norms = list[Decided](), list[Complex](), list[float]()
    for s in numbers.tolist():
        task.budget.require()
        decided.append(outside.decided(s))
        if decided[-1].left > ROUNDS.hopeless * task.goal:
            return None
        values.append(complex_array_of(outside.values(decided[-1], space)))
        norms.append(float(np.linalg.norm(parts * values[-1])) / math.sqrt(len(space)))
        if len(decided) >= ROUNDS.numbers[0]:
            weights = Weights(numbers[: len(decided)], np.array(norms) / norms[0], outside.duration)
            path = weights.path([Chebyshev([1.0])])
            sudden = np.stack(values).swapaxes(0, 1) * parts[..., None]
            size = float(rms(tensor_of(mixed(*path, t, sudden.sum(axis=0)[:, None]))))
            early = _before(path, sudden.sum(axis=0)[:, None]) / size
            missed = weights.missed(path[0][1:]) * norms[0] / size
            # What weights miss at all times, more numbers at the end do not mend.
            if early + missed <= ROUNDS.share * task.goal or early <= ROUNDS.idle * missed:
                break
    path = weights.path(courses)
    every = np.stack(values)
    whole = mixed(*path, t, every)
    size = float(deviation(task.system, tensor_of(whole[None]), None, shares_of(p)).min())
    noise = np.array([each.left for each in decided]) * norms
    lengths = np.linalg.norm(np.abs(path[1][0, 1:]).sum(axis=1) * noise, axis=1)
    grown = mean_square(path[0][1:], lengths) / size
    missed = weights.missed(path[0][1:]) * norms[0] / size
    left = max(missed, grown) + _before(path, every) / size
    return Round(_field(outside, decided, path), tensor_of(whole[None]), left)


def _before(path: tuple[Array, Complex], values: Complex) -> float:
    """What the ramp may be off by: no more than the field at its end, for as long, in the root mean
    square over all times; fields have `values (n, loads, points)`.
    """
    times = path[0]
    at_end = mixed(*path, np.full(values.shape[2], times[1]), values)
    return math.sqrt(times[1] / times[-1]) * float(rms(tensor_of(at_end)))


def mixed(times: Array, states: Complex, t: Array, values: Complex) -> Array:
    """Fields with `values (n, loads, points)` mixed by weights `(3, m, loads, n)`, at the time `(
    points,)` of each point: `(points,)`.
    """
    weights = complex_array_of(along(tensor_of(times), complex_tensor_of(states), tensor_of(t), 0))
    found: Array = np.einsum("plj,jlp->p", weights, values).real
    return found


def _field(outside: Outside, decided: Sequence[Decided], path: tuple[Array, Complex]) -> Resolved:
    form, (times, states) = outside.stages.form, path
    moving = torch.view_as_real(complex_tensor_of(states.swapaxes(2, 3).copy()))
    return Resolved(
        outside.damped,
        form.axis,
        tensor_of(form.start + times),
        moving.flatten(2),
        torch.view_as_real(torch.tensor([each.k for each in decided], dtype=torch.complex128)),
        torch.stack([torch.view_as_real(each.own) for each in decided]),
        torch.stack([torch.view_as_real(each.given) for each in decided]),
    )


def _judged(task: Task, outside: Outside, rounds: tuple[Round, Round], start: float) -> Outcome:
    """The second of two rounds, whose difference is the estimate, no less than what it leaves. The
    law's residual is not asked: modes are known to decay, and of what is off by little second
    derivatives are off by a lot.
    """
    before, found = rounds
    field, form = found.field, outside.stages.form
    residuals = relative_residuals(task.system, field, streams(task.seed)[2])
    facts = by_other_means(float(field.functions), len(field.roots))
    time = task.system.domain.coordinates[form.axis].name
    declared = Resolvents(field.damped.holes, field.damped.counts, time, field.damped.rims)
    seconds = task.budget.spent() - start
    fitted = Fit(declared, task.seed, field, residuals, facts, Stop.SOLVED, seconds)
    task.record("numbers", fitted, math.nan)
    change = relative_change(task.system, before.values, found.values)
    error = max(change, found.left)
    maximum = max(error, largest_change(task.system, before.values, found.values))
    met = error <= task.goal and task.tolerance is not None
    return Outcome(fitted, error, 0, Stop.MET if met else Stop.STAGNATED, maximum)


def outside_of(stages: Stages, goal: float) -> Outside | None:
    """The elliptic problems of an evolution of one unknown in the plane, from zero on, by diffusion
    and a constant rate of decay, outside of round holes that touch nothing, beside loads that are
    a few products of functions of space and time; None, where it is another, or the goal is finer
    than what they reach.
    """
    form, space = stages.form, stages.at_rest
    bounds = space.domain.bounds
    alone = len(form.laws) == 1 and len(bounds) == 2 and stages.steady and decays(stages)
    if goal < ROUNDS.finest or not alone or not all(map(_is_nothing, form.initial)):
        return None
    holes, rims = holes_with_orders(space, goal), _rims(space.domain)
    apart = [
        float(np.abs(bounds - np.array(hole.at)[:, None]).min()) - hole.radius for hole in holes
    ] or [rim.radius for rim in rims]
    terms = terms_of_law(stages)
    if not apart or min(apart) <= 0 or terms is None:
        return None
    loads = loads_of(stages)
    shape = None if loads is None else shape_of_source(stages, terms, loads)
    if loads is None or shape is None:
        return None
    damped = Damped(holes, tuple(map(tuple, bounds.tolist())), (1, 1), rims)
    return Outside(stages, terms, loads, damped, shape, min(apart))


def _rims(domain: Region) -> tuple[Hole, ...]:
    """That of a disk; of other domains none."""
    if not isinstance(domain, Ball):
        return ()
    return (Hole(tuple(map(float, domain.center.values())), float(domain.radius)),)


def _is_nothing(initial: Residual) -> bool:
    """Whether an initial condition says that the unknown is zero, whatever it says it by."""
    x = sample_region(initial.condition.region, MIXING.points, 0).x
    return not initial.data(tensor_of(x), None).any()
