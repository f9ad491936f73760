"""First-order descents. Each is a generator of iterates: `descent.iterates(objective, start)` yields one a step.

A step that the objective does not accept yields the old iterate again, and the next one is half as long.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import torch
from torch import Tensor

from pinnsolve.train.objective import Objective
from pinnsolve.train.rows import Iterate

SMALLEST = 1e-12  # a rate that has been halved below this share of its first value has nothing left to find
EPSILON = 1e-8  # Adam's
RECOVERY = 1.1  # an accepted step lengthens the next one by this, up to the rate that was given


class Descent(Protocol):
    """How the parameters move."""

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """Iterates, one a step; ends where no step lowers the loss any more."""
        ...


@dataclass(frozen=True)
class Adam:
    """Kingma and Ba (2015). `schedule(step)` multiplies the rate. Raises ValueError for a rate that is not positive."""

    rate: float = 1e-3
    decay: tuple[float, float] = (0.9, 0.999)
    schedule: Callable[[int], float] | None = None

    def __post_init__(self) -> None:
        _check(self.rate)

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """One step an iterate; moments are of all gradients, those of refused steps included, and of this rank's variables."""
        mean, square = (torch.zeros_like(objective.own.of(start.x)) for _ in range(2))
        first, second = self.decay

        def direction(gradient: Tensor, step: int) -> Tensor:
            mean.mul_(first).add_(gradient, alpha=1 - first)
            square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
            deviation: Tensor = (square / (1 - second**step)).sqrt()
            return -mean / (1 - first**step) / (deviation + EPSILON)

        return _walk(objective, start, self.rate, direction, self.schedule)


@dataclass(frozen=True)
class SteepestDescent:
    """x <- x - rate * gradient; `schedule(step)` multiplies the rate. Raises ValueError for a rate that is not positive."""

    rate: float = 1e-2
    schedule: Callable[[int], float] | None = None

    def __post_init__(self) -> None:
        _check(self.rate)

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """One step an iterate."""
        return _walk(objective, start, self.rate, lambda gradient, step: -gradient, self.schedule)


@dataclass(frozen=True)
class InTurn:
    """Several descents, each from where the one before ended: `InTurn((Adam(), 1000), (LBFGS(), 500))`, steps each.

    Raises ValueError if there is none, or one is given less than one step.
    """

    stages: tuple[tuple[Descent, int], ...]

    def __init__(self, *stages: tuple[Descent, int]) -> None:
        if not stages or any(steps < 1 for _, steps in stages):
            raise ValueError(f"InTurn wants descents, each with its number of steps: got {stages}")
        object.__setattr__(self, "stages", stages)

    def iterates(self, objective: Objective, start: Iterate) -> Iterator[Iterate]:
        """The iterates of one, then of the next; a descent that ends early leaves its place."""
        now = start
        for descent, steps in self.stages:
            for found in islice(descent.iterates(objective, now), steps):
                now = found
                yield now


def _check(rate: float) -> None:
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"a descent's rate is a positive number: got {rate}")


def _walk(
    objective: Objective,
    now: Iterate,
    rate: float,
    direction: Callable[[Tensor, int], Tensor],
    schedule: Callable[[int], float] | None,
) -> Iterator[Iterate]:
    step, share = 0, 1.0
    while share > SMALLEST:
        step += 1
        now = objective.renewed(now)
        length = share * rate * (schedule(step - 1) if schedule else 1.0)
        trial = objective.evaluate(now.x + length * objective.own.whole(direction(objective.gradient(now), step)), now)
        if objective.accepts(trial, now):
            now, share = trial, min(1.0, RECOVERY * share)
        else:
            share /= 2
        yield now
