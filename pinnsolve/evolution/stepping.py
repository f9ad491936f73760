"""Steps in time of an evolution in cells: implicit stages, an embedded error, few step sizes.

Every size wants matrices of its own, which cost as much as many steps: sizes are the whole time
divided by powers of two, so that steps meet the end, and the last few are kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.discretize.own_features import reach
from pinnsolve.evolution.collocated import Collocated
from pinnsolve.evolution.implicit import (
    Known,
    Matrices,
    known_of,
    matrices_of,
    solved_stage,
)
from pinnsolve.evolution.tableau import ESDIRK, Tableau
from pinnsolve.running.budget import Budget


@dataclass(frozen=True)
class Control:
    """How steps are chosen, and when a stage is solved."""

    # Of the step that the error allows, so much is taken
    safety: float = 0.85
    # Halvings of the whole time: at least, so that Hermite's polynomials have a few steps; and at
    # most
    fewest: int = 3
    most: int = 44
    # Sizes whose matrices are kept
    remembered: int = 3
    # Of what a step may leave, so much may be left of a stage; and at least
    stage: float = 0.03
    round_off: float = 1e-12
    # Iterates of a stage, at most
    iterates: int = 12
    # Of the whole time, the step that makes cells of the initial data agree with each other
    first: float = 1e-9
    # Times the error of a step twice as long, above which an error is no more that of the step: of
    # states that meet the equations as well as cells allow
    floor: float = 0.9
    # Of what loads and sides drive an unknown to, the least beside which an error of a step counts
    driven: float = 0.01
    # Times what it began with, and is driven to, from which on growth may be without bound: where
    # steps fall to round-off, and where a run need not go on
    grown: float = 5.0
    boundless: float = 1e8
    # Times as fast as its mean rate so far, in logarithms, which growth without bound is at least
    faster: float = 10.0
    # An error above which that is not believed
    unresolved: float = 1e-2
    # Times the one before, which a change shall be less than: else slopes are taken anew ...
    slow: float = 0.3
    # ... and above which iterates do not converge
    failing: float = 0.9


CONTROL = Control()


@dataclass(frozen=True, eq=False)
class State:
    """Coefficients of all cells at a time, and their rates, both `(columns,)`."""

    t: float
    u: Tensor
    rate: Tensor


@dataclass(frozen=True, eq=False)
class Step:
    """The state at its end (None: a stage did not converge), the estimated error, relative, and
    by how much changes of iterates fell, at worst.
    """

    state: State | None
    error: float
    contraction: float


# Of each accepted step.
Told = Callable[[State], None]


@dataclass(frozen=True, eq=False)
class Stepper:
    """The method on some cells: the error of a step is to be below `rtol`, of the largest that
    each unknown has been.
    """

    space: Collocated
    rtol: float
    budget: Budget
    method: Tableau = ESDIRK

    def matrices(self, h: float, state: State, about: Tensor | None) -> Matrices:
        """Those of steps of a size, about a state `(columns,)` or zero."""
        size = self.method.gamma * h
        at = torch.zeros_like(state.u) if about is None else about - size * state.rate
        known = known_of(self.space, state.t, size, at)
        return matrices_of(self.space, size, known, about, self.budget)

    def step(self, state: State, h: float, matrices: Matrices, sizes: Tensor) -> Step:
        """One step, beside sizes `(n_unknowns,)` of the unknowns so far."""
        method, rates, worst, u = self.method, [state.rate], 0.0, state.u
        for i in range(1, len(method.a)):
            weights = (h * method.a[i]).tolist()
            a = state.u + sum(w * k for w, k in zip(weights, rates, strict=False))
            t = state.t + h * float(method.times[i])
            known = known_of(self.space, t, matrices.size, a)
            solved, contraction = self._stage(matrices, known, a + matrices.size * rates[-1], sizes)
            worst = max(worst, contraction)
            if solved is None:
                return Step(None, math.inf, worst)
            u = solved
            rates.append((u - a) / matrices.size)
        error = sum(w * k for w, k in zip((h * method.error).tolist(), rates, strict=True))
        sizes = torch.maximum(sizes, self.space.sizes(u))
        relative = float((self.space.sizes(torch.as_tensor(error)) / sizes).max())
        finite = math.isfinite(relative)
        return Step(State(state.t + h, u, rates[-1]) if finite else None, relative, worst)

    def settled(self, state: State, matrices: Matrices, sizes: Tensor) -> State:
        """The state that these matrices make of it, beside sizes `(n_unknowns,)`, and their rate:
        with others, cells meet the equations a little otherwise, and a step would take that for its
        own error.
        """
        a = state.u - matrices.size * state.rate
        known = known_of(self.space, state.t, matrices.size, a)
        u, _ = self._stage(matrices, known, state.u, sizes)
        return state if u is None else State(state.t, u, (u - a) / matrices.size)

    def _stage(
        self, matrices: Matrices, known: Known, guess: Tensor, sizes: Tensor
    ) -> tuple[Tensor | None, float]:
        """The stage, from a guess, and by how much changes of iterates fell."""
        if self.space.stages.steady:
            return solved_stage(self.space, matrices, known, None), 0.0
        u, last, factor = guess, math.inf, 0.0
        enough = max(CONTROL.stage * self.rtol, CONTROL.round_off)
        for _ in range(CONTROL.iterates):
            new = solved_stage(self.space, matrices, known, u)
            sizes = torch.maximum(sizes, self.space.sizes(new))
            change = float((self.space.sizes(new - u) / sizes).max())
            u, factor = new, change / last
            left = change * factor / (1 - factor) if 0 < factor < 1 else change
            if min(change, left) <= enough:
                return u, factor if change > enough else 0.0
            if not factor < CONTROL.failing:
                if change <= self.rtol:  # round-off: it is as near as it gets
                    return u, 0.0
                break
            last = change
        return None, max(factor, CONTROL.failing)


@dataclass(frozen=True, eq=False)
class Clock:
    """Where a path is: so many steps of the whole time times 2^-level."""

    level: int
    place: int = 0

    def finer(self, cuts: int) -> Clock:
        """With steps that are halved so many times."""
        return Clock(self.level + cuts, self.place << cuts)

    def next(self, factor: float) -> Clock:
        """A step later; with steps up to so many times as long, where they meet the end."""
        level, place = self.level, self.place + 1
        while factor >= 2 and place % 2 == 0 and level > CONTROL.fewest:
            level, place, factor = level - 1, place // 2, factor / 2
        return Clock(level, place)

    @property
    def over(self) -> bool:
        """Whether it is at the end."""
        return self.place == 1 << self.level


def followed(stepper: Stepper, state: State, end: float, told: Told) -> bool:
    """All steps to the end, none of which jumps over what data do for a short time; whether it was
    reached, or steps fell to round-off, or the state grows without bound.
    """
    first, whole, sizes = state, end - state.t, _sizes(stepper, state)
    clock, held = Clock(_first_level(stepper, state, whole, sizes)), dict[int, Matrices]()
    refused, last = math.inf, -1
    while not clock.over:
        stepper.budget.require()
        if clock.level > CONTROL.most:
            return False
        h = math.ldexp(whole, -clock.level)
        if h > reach(stepper.space.stages.narrow, state.t):
            clock = clock.finer(1)
            continue
        fresh = clock.level not in held
        if fresh:
            held = dict(list(held.items())[1 - CONTROL.remembered :])
            held[clock.level] = stepper.matrices(h, state, None)
        if clock.level != last:
            state, last = stepper.settled(state, held[clock.level], sizes), clock.level
        step = stepper.step(state, h, held[clock.level], sizes)
        old = held[clock.level].about is not state.u and not stepper.space.stages.steady
        if old and step.contraction > CONTROL.slow:
            held[clock.level] = stepper.matrices(h, state, state.u)
            if step.state is None:
                continue
        factor = CONTROL.safety * (stepper.rtol / max(step.error, 1e-300)) ** (
            1 / stepper.method.order
        )
        resting = CONTROL.floor * refused < step.error < CONTROL.unresolved
        if step.state is None or not (step.error <= stepper.rtol or resting):
            # Of a stage that did not converge, the error says nothing.
            cuts = 2 if step.state is None else max(1, math.ceil(-math.log2(max(factor, 1e-3))))
            refused, clock = step.error, clock.finer(cuts)
            continue
        refused, state, clock = math.inf, step.state, clock.next(factor)
        sizes = torch.maximum(sizes, stepper.space.sizes(state.u))
        told(state)
        if grows(stepper.space, first, state, CONTROL.boundless):
            return False
    return True


def grows(space: Collocated, first: State, last: State, factor: float) -> bool:
    """Whether a state has grown by a factor, and grows so much faster than it did on the whole that
    no exponential follows it: without a bound before some time.
    """
    began = torch.maximum(space.sizes(first.u), space.stages.driven.to(first.u))
    began = began.clamp(min=1e-6 * float(began.max()))
    size = space.sizes(last.u)
    growth = size / began
    speed = (last.t - first.t) * space.sizes(last.rate) / size
    return bool(((growth > factor) & (speed > CONTROL.faster * growth.log())).any())


def _sizes(stepper: Stepper, state: State) -> Tensor:
    sizes = stepper.space.sizes(state.u)
    # What is zero at first is compared with what it becomes in a thousandth of the time.
    form = stepper.space.stages.form
    later = stepper.space.sizes(state.rate) * (form.end - form.start) / 1000
    sizes = torch.maximum(sizes, later)
    # What begins with nearly nothing is driven to more: an error of that is none of the solution.
    sizes = torch.maximum(sizes, CONTROL.driven * stepper.space.stages.driven.to(sizes))
    return torch.maximum(sizes, sizes.new_tensor(max(1e-6 * float(sizes.max()), 1e-300)))


def _first_level(stepper: Stepper, state: State, whole: float, sizes: Tensor) -> int:
    """Halvings of the whole time after which a step changes the state as much as it may."""
    speed = float((stepper.space.sizes(state.rate) / sizes).max())
    changed = whole * speed / stepper.rtol ** (1 / stepper.method.order)
    least = max(CONTROL.fewest, math.ceil(math.log2(max(changed, 1.0))))
    return min(least, CONTROL.most - 1)


def begun(space: Collocated, t: float) -> Tensor:
    """The coefficients `(columns,)` that fit the initial data, in every cell alone."""
    stages, form = space.stages, space.stages.form
    u = [own.zeros() for own in space.spaces]
    # Laws are in the order of the unknowns.
    for residual in form.initial:
        unknown = residual.slots[0].unknown
        places, x = space.places[unknown], stages.at(space.places[unknown].x, t)
        places.fitted(space.spaces, form.laws[unknown].top, residual.given(x, None), u)
    return torch.cat(u)


def rate_of(space: Collocated, t: float, u: Tensor) -> Tensor:
    """The rates `(columns,)` that the laws give a state, in every cell alone."""
    rate = [own.zeros() for own in space.spaces]
    for law, places in zip(space.stages.form.laws, space.places, strict=False):
        x, values = space.stages.at(places.x, t), places.slots(space.spaces, space.each(u))
        values[law.top] = 0.0
        missed = law.residual.value(x, None, values)
        slopes = law.residual.slopes(x, None, values)[law.top]
        places.fitted(space.spaces, law.top, -missed / slopes, rate)
    return torch.cat(rate)


def started(stepper: Stepper, t: float) -> State:
    """The first state: that of the initial data, after a step that is nothing but for jumps between
    cells, and values on the sides. Else the first true step would see these, however small.
    """
    space, form = stepper.space, stepper.space.stages.form
    u = begun(space, t)
    state = State(t, u, rate_of(space, t, u))
    h = CONTROL.first * (form.end - form.start)
    matrices = stepper.matrices(h / stepper.method.gamma, state, u)
    known = known_of(space, t, h, u)
    u = solved_stage(space, matrices, known, None if space.stages.steady else u)
    return State(t, u, rate_of(space, t, u))
