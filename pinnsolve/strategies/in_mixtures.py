"""An evolution that begins at zero with data at rest: implicit steps of several sizes, mixed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from sympy import S
from torch import Tensor

from pinnsolve.cells.judge import jumps_in
from pinnsolve.cells.solve import solved
from pinnsolve.coefficients.solved import by_other_means
from pinnsolve.compile.system import Residual, compile_problem
from pinnsolve.declare.checks import difference
from pinnsolve.declare.instant import at_instant
from pinnsolve.discretize.changes import (
    deviation,
    largest_change,
    relative_change,
    rms,
    shares_of,
)
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.places import quadrature
from pinnsolve.discretize.points import sample_region
from pinnsolve.discretize.recognize import Form, moves_along, order_along
from pinnsolve.evolution.extrapolation import (
    noise_of,
    off_by,
    path_of,
    step_sizes,
    with_fewer,
)
from pinnsolve.evolution.stages import Stages
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.cellwise import CellBases, Cellwise
from pinnsolve.fields.mixed import Mixed, MixedCells
from pinnsolve.jets.indices import in_others, members
from pinnsolve.running.budget import EARLY, why
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import SECOND_DRAW
from pinnsolve.search.confirm import residual_that_is_enough
from pinnsolve.search.fit import Fit, streams
from pinnsolve.search.task import Outcome, Task
from pinnsolve.strategies.layouts import first_layout
from pinnsolve.symbols.occurrences import separate


@dataclass(frozen=True)
class Mixing:
    """When steps of several sizes are mixed."""

    # A tolerance below which they are not: the errors of steps count a thousandfold
    finest: float = 1e-5
    # Points at which a mixture is judged, and what is added to their seed
    points: int = 2048
    stream: int = 32_452_843
    # Of the time, after which the start is no matter to the laws
    settled: float = 0.05
    # Of the tolerance, for which the cells of a step are laid out
    cells: float = 0.1
    # Steps that are mixed, more and more of them; and at least, where the budget ends
    counts: tuple[int, ...] = (12, 15, 18, 21, 24)
    fewest: int = 6


MIXING = Mixing()


@dataclass(frozen=True, eq=False)
class Step:
    """One implicit step from zero: its field of space, of which functions, and the jump at faces
    of its cells.
    """

    size: float
    field: Cellwise
    declared: CellBases
    jump: float


@dataclass(frozen=True, eq=False)
class InMixtures:
    """Implicit steps from the start, each in cells of its own, with weights for every time."""

    form: Form

    def __call__(self, task: Task) -> Outcome:
        """Mixtures of more and smaller steps, until one is good enough. Raises OutOfTimeError,
        where the budget ends before there is any.
        """
        steps, best, stopped = list[Step](), list[Outcome](), Stop.STAGNATED
        start = task.budget.spent()
        try:
            for step in self._steps(task):
                steps.append(step)
                if len(steps) in MIXING.counts:
                    best[:] = [self._mixed(task, steps, start)]
                    if best[0].stopped is Stop.MET:
                        break
        except EARLY as error:
            if not best and len(steps) < MIXING.fewest:
                raise
            stopped = why(error)
        found = best[0] if best else self._mixed(task, steps, start)
        return found if found.stopped is Stop.MET else replace(found, stopped=stopped)

    def _mixed(self, task: Task, steps: list[Step], start: float) -> Outcome:
        """The mixture of all steps; the estimate is its difference from that without two of them,
        no less than what weights leave of any rate, or make of what steps are off by, and with what
        the ramp may be off by.
        """
        p = quadrature(task.system, MIXING.points, task.seed + MIXING.stream)
        space = np.delete(p.x, self.form.axis, axis=1)
        sizes = np.array([step.size for step in steps])
        each = np.stack([array_of(step.field.values(space)).ravel() for step in steps])
        noise, norms = noise_of(sizes, each), np.linalg.norm(each, axis=1)
        norms = norms / norms[0] if norms[0] > 0 else np.ones(len(steps))
        field = self._field(steps, path_of(sizes, noise, norms))
        fitted = self._fit(task, steps, field, start)
        task.record("steps", fitted, math.nan)
        after, shares = field.values(p.x), shares_of(p)
        before = after - self._without_two(field, sizes, noise, norms).values(p.x)
        change = relative_change(task.system, before, after, None, shares)
        # What weights leave is relative to the largest step.
        scale = float(rms(tensor_of(each[0])) / deviation(task.system, after, None, shares).min())
        left = [scale * part for part in _left(field, sizes, noise, norms)]
        error = max(change, *left) + _before(field, p.x, after)
        maximum = max(error, largest_change(task.system, before, after))
        best = Outcome(fitted, error, 0, Stop.STAGNATED, maximum)
        enough = residual_that_is_enough(task.goal)
        met = error <= task.goal and task.tolerance is not None
        if met and self._defect(field, task.seed) <= enough:
            return replace(best, stopped=Stop.MET)
        return best

    def _defect(self, field: Mixed, seed: int) -> float:
        """The residual of the laws, relative to their terms, on fresh points: small where modes
        decay, each at a rate of its own, as weights assume. Where they oscillate, it is not.
        """
        form, worst = self.form, 0.0
        for law in self.form.laws:
            x = sample_region(law.residual.condition.region, MIXING.points, seed + MIXING.stream).x
            begun = form.start + MIXING.settled * (form.end - form.start)
            share = (x[:, form.axis] - form.start) / (form.end - form.start)
            x[:, form.axis] = begun + share * (form.end - begun)
            at = tensor_of(x, field.like)
            with torch.no_grad():
                terms = law.residual.coefficients(at, None) * field.slots(law.residual, at)
                left = law.residual.value(at, None, field.slots(law.residual, at))
            sizes = sum(float(rms(term)) for term in terms)
            worst = max(worst, float(rms(left)) / max(sizes, 1e-300))
        return worst

    def _steps(self, task: Task) -> Iterator[Step]:
        """The largest first: their cells are the fewest."""
        form, system = self.form, task.system
        time = system.domain.coordinates[form.axis]
        conditions = [r.condition for r in (*(law.residual for law in form.laws), *form.sides)]
        sizes = step_sizes(form.end - form.start, max(MIXING.counts))
        for number, size in enumerate(sizes.tolist()):
            problem = at_instant(system.problem, time, conditions, form.start, 1 / size)
            assert problem is not None
            own = compile_problem(problem)
            layout = first_layout(own, None, None, MIXING.cells * task.goal)
            # Each has another draw, so that what two mixtures differ by tells of the errors of all.
            seed = streams(task.seed + number * SECOND_DRAW)[0]
            found = solved(own, layout.tree, layout.declared.parts, seed, task.budget)
            (jump,) = jumps_in(own, found.field, streams(seed)[2], [0])
            yield Step(size, found.field, layout.declared, jump)

    def _field(self, steps: list[Step], path: tuple[Array, Array]) -> Mixed:
        times, weights = path
        parts = tuple(step.field for step in steps)
        return Mixed(parts, self.form.axis, tensor_of(self.form.start + times), tensor_of(weights))

    def _without_two(self, field: Mixed, sizes: Array, noise: float, norms: Array) -> Mixed:
        """By how much a mixture differs from that without two of its steps."""
        kept = with_fewer(sizes)
        others = torch.zeros_like(field.states)
        others[:, :, kept] = tensor_of(path_of(sizes[kept], noise, norms[kept])[1])
        return replace(field, states=field.states - others)

    def _fit(self, task: Task, steps: list[Step], field: Mixed, start: float) -> Fit:
        time = task.system.domain.coordinates[self.form.axis].name
        declared = MixedCells(tuple(step.declared for step in steps), time)
        residuals = relative_residuals(task.system, field, streams(task.seed)[2])
        facts = by_other_means(float(field.functions), len(steps))
        seconds = task.budget.spent() - start
        jump = max(step.jump for step in steps)
        return Fit(declared, task.seed, field, residuals, facts, Stop.SOLVED, seconds, jump=jump)


def _left(field: Mixed, sizes: Array, noise: float, norms: Array) -> tuple[float, float]:
    """What rates are off by, and what the noise of all steps becomes, in the root mean square over
    all times but the ramp.
    """
    times, weights = array_of(field.times)[1:], array_of(field.states[0])[1:]
    missed = off_by(sizes, weights, times - float(field.times[0]), norms)
    off = np.stack([missed, noise * np.linalg.norm(norms * weights, axis=1)])
    left, grown = np.sqrt(np.trapezoid(off**2, times) / (times[-1] - times[0]))
    return float(left), float(grown)


def _before(field: Mixed, x: Array, values: Tensor) -> float:
    """What the ramp may be off by, relative: no more than the field at its end, for as long. At
    points `(n, dim)` it has these values `(n_unknowns, n)`.
    """
    times, x = array_of(field.times), x.copy()
    x[:, field.axis] = times[1]
    share = (times[1] - times[0]) / (times[-1] - times[0])
    return float(np.sqrt(share) * rms(field.values(x)).max() / rms(values).max())


def suits_mixtures(stages: Stages, goal: float) -> bool:
    """Whether an evolution of first order in time is linear, begins at zero, and has coefficients
    and data that rest; the goal is one that mixtures reach; and nothing turns or is carried along,
    as one unknown with derivatives of even order is not: else rates are not real.
    """
    form = stages.form
    residuals = [*(law.residual for law in form.laws), *form.sides]
    at_rest = stages.steady and not any(moves_along(r, form.axis) for r in residuals)
    indices = [slot.index for law in form.laws for slot in law.residual.slots]
    others = [in_others(i, form.axis) for i in indices if not order_along(i, form.axis)]
    even = all(order % 2 == 0 for i in others for m in members(i) for order in m)
    real = len(form.laws) == 1 and even
    return goal >= MIXING.finest and real and at_rest and all(map(_is_zero, form.initial))


def _is_zero(initial: Residual) -> bool:
    """Whether an initial condition says that an unknown is zero."""
    rest, occurrences = separate(difference(initial.condition))
    return bool(rest.xreplace(dict.fromkeys(occurrences, S.Zero)) == 0)
