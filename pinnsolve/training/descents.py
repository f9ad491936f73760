"""First-order descents. Each is a generator of iterates: `descent.iterates(objective, start)`
yields one a step.

A step that the objective does not accept yields the old iterate again, and the next one is half as
long.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import isclass
from itertools import islice
from typing import Protocol

import torch
from torch import Tensor

from pinnsolve.symbols.given import number_of, parts_of, shown, to_call, whole_of
from pinnsolve.training.iterate import Iterate
from pinnsolve.training.objective import Objective


class Descent(Protocol):
    """How the parameters move."""

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """Iterates, one a step; ends where no step lowers the loss any more."""
        ...


@dataclass(frozen=True)
class Adam:
    """x <- x - rate * (m / (1 - a^k)) / (sqrt(v / (1 - b^k)) + 1e-8) in step k, with the means
    m <- a m + (1 - a) g and v <- b v + (1 - b) g^2 of gradients g `(n,)`, (a, b) = `decay`.

    Kingma and Ba, "Adam: a method for stochastic optimization" (2015). `schedule(k)` multiplies the
    rate. Raises ValueError for a rate that is not positive, TypeError for a decay that is not two
    numbers.

    >>> from sympy import Eq
    >>> from pinnsolve import LSGD, Adam, Dense, Interval, Problem
    >>> from pinnsolve import coordinates, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> growth = Problem(Interval(x, 0, 1), Eq(u.diff(x), u), Eq(u(0), 1))
    >>> trained = solve(growth, Dense(10), LSGD(20, Adam(rate=1e-2)))
    >>> trained.residual() < 1e-2  # 0.05, as it is drawn
    True
    """

    rate: float = 1e-3
    decay: tuple[float, float] = (0.9, 0.999)
    schedule: Callable[[int], float] | None = None

    def __post_init__(self) -> None:
        _check(self.rate, self.schedule)
        if len(parts_of(self.decay) or ()) != 2:
            raise TypeError(f"decay must be two numbers, decay=(0.9, 0.999): got {self.decay!r}")
        for share in self.decay:
            require_number("decay", share)

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """One step an iterate; moments are of all gradients, those of refused steps included, and
        of this rank's variables.
        """
        mean, square = (torch.zeros_like(objective.own.of(start.x)) for _ in range(2))
        first, second = self.decay

        def direction(gradient: Tensor, step: int) -> Tensor:
            mean.mul_(first).add_(gradient, alpha=1 - first)
            square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
            deviation: Tensor = (square / (1 - second**step)).sqrt()
            return -mean / (1 - first**step) / (deviation + 1e-8)

        return _walk(objective, start, self.rate, direction, self.schedule)


@dataclass(frozen=True)
class SteepestDescent:
    """x <- x - rate * g, g `(n,)` the gradient of the loss (Cauchy 1847).

    `schedule(step)` multiplies the rate. Raises ValueError for a rate that is not positive.

    >>> from sympy import Eq
    >>> from pinnsolve import LSGD, Dense, Interval, Problem, SteepestDescent
    >>> from pinnsolve import coordinates, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> growth = Problem(Interval(x, 0, 1), Eq(u.diff(x), u), Eq(u(0), 1))
    >>> trained = solve(growth, Dense(10), LSGD(20, SteepestDescent(rate=0.1)))
    >>> trained.residual() < 1e-2  # 0.05, as it is drawn
    True
    """

    rate: float = 1e-2
    schedule: Callable[[int], float] | None = None

    def __post_init__(self) -> None:
        _check(self.rate, self.schedule)

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """One step an iterate."""
        return _walk(objective, start, self.rate, lambda gradient, step: -gradient, self.schedule)


@dataclass(frozen=True)
class Sequence:
    """Several descents, each from where the one before ended: `Sequence((Adam(), 1000), (LBFGS(),
    500))`, steps each.

    Raises ValueError if there is none, or one is given less than one step.

    >>> from sympy import Eq
    >>> from pinnsolve import LBFGS, LSGD, Adam, Dense, Interval, Problem, Sequence
    >>> from pinnsolve import coordinates, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> growth = Problem(Interval(x, 0, 1), Eq(u.diff(x), u), Eq(u(0), 1))
    >>> trained = solve(growth, Dense(10), LSGD(20, Sequence((Adam(), 10), (LBFGS(), 10))))
    >>> trained.residual() < 1e-2  # 0.05, as it is drawn
    True
    """

    stages: tuple[tuple[Descent, int], ...]

    def __init__(self, *stages: tuple[Descent, int]) -> None:
        pairs = [parts_of(stage) or () for stage in stages]
        if not pairs or any(len(p) != 2 or (whole_of(p[1]) or 0) < 1 for p in pairs):
            raise ValueError(
                "Sequence wants descents, each with its number of steps, Sequence((Adam(), 1000),"
                f" ...): got {stages}"
            )
        for descent, _ in stages:
            require_descent(descent)
        object.__setattr__(self, "stages", stages)

    def numbers(self, rows: int, variables: int, columns: int) -> float:
        """How many are held at a time, by the one that holds the most."""
        held = (getattr(descent, "numbers", None) for descent, _ in self.stages)
        return max(
            (count(rows, variables, columns) for count in held if count is not None), default=0.0
        )

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """The iterates of one, then of the next; a descent that ends early leaves its place."""
        iterate = start
        for descent, steps in self.stages:
            for following in islice(descent.iterates(objective, iterate), steps):
                iterate = following
                yield iterate


def require_descent(descent: object) -> None:
    """Raise TypeError for what is no descent: a name of one, its class, a method."""
    if isclass(descent) or not hasattr(descent, "iterates"):
        raise TypeError(
            "descent must be one as in LSGD(descent=Adam(1e-3)): got"
            f" {shown(descent)}{to_call(descent)}"
        )


def require_number(name: str, value: object) -> None:
    """Raise TypeError for what is no real number."""
    if number_of(value) is None:
        raise TypeError(f"{name} must be a number: got {value!r}")


def _check(rate: float, schedule: Callable[[int], float] | None) -> None:
    require_number("rate", rate)
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"a descent's rate is a positive number: got {rate}")
    if schedule is not None and not callable(schedule):
        raise TypeError(
            "schedule must be a function of the step, schedule=lambda step: 0.999**step: got"
            f" {schedule!r}"
        )


def _walk(
    objective: Objective,
    iterate: Iterate,
    rate: float,
    direction: Callable[[Tensor, int], Tensor],
    schedule: Callable[[int], float] | None,
) -> Iterator[Iterate]:
    step, share = 0, 1.0
    # A rate that has been halved below this share of its first value has nothing left to find.
    while share > 1e-12:
        step += 1
        iterate = objective.renewed(iterate)
        length = share * rate * (schedule(step - 1) if schedule else 1.0)
        trial = objective.evaluate(
            iterate.x + length * objective.own.whole(direction(objective.gradient(iterate), step)),
            iterate,
        )
        if objective.accepts(trial, iterate):
            # The next step is longer again, up to the rate that was given.
            iterate, share = trial, min(1.0, 1.1 * share)
        else:
            share /= 2
        yield iterate
