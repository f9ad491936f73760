"""What strategies have in common: one task to be solved, and one outcome.

`strategy(task) -> outcome` is the type of every way to a solution.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from typing import Any

import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE, Declaration
from pinnsolve.coefficients.posterior import Posterior
from pinnsolve.compile.system import System
from pinnsolve.fields.field import Field
from pinnsolve.running.budget import Budget
from pinnsolve.running.stop import Stop
from pinnsolve.search.cluster import Cluster
from pinnsolve.search.fit import Fit, fit
from pinnsolve.symbols.priors import Smooth
from pinnsolve.symbols.symbols import Unknown


@dataclass(frozen=True)
class Limits:
    """What float64 can reach, and what it takes."""

    # The smallest tolerance: after the digits that a second derivative costs
    tolerance: float = 1e-14
    # Where no tolerance is said: a relative residual that float64 hardly passes
    goal: float = 1e-13
    # Power of the width by which the seconds of a fit grow: 2.1 to 2.9 in space from 1,920 to 3,840
    # functions, as products of larger matrices are quicker, and faces have fewer rows a column
    by_width: float = 2.7


LIMITS = Limits()


@dataclass(frozen=True)
class Outcome:
    """The last good fit, its estimated relative L2 error, its null space, and why solving stopped.

    `maximum` estimates the largest error, relative to the largest deviation from the mean.
    `unfinished` is what an evolution, or a march, was in the midst of when it was ended: it can be
    gone on with. `lost` is how many digits of the data's the solution loses, where that is known;
    `missed` the part of the data that no function satisfies. `posterior` is the distribution of the
    coefficients, where data have errors.
    """

    fit: Fit
    estimate: float
    null_space: int
    stopped: Stop
    maximum: float = math.nan
    unfinished: Any = None
    lost: float = 0.0
    missed: float = 0.0
    posterior: Posterior | None = None


# Stage, fit, and its difference to another.
Record = Callable[[str, Fit, float], None]
# Told how the best so far is had: it may be written to a file
Keep = Callable[[Callable[[], Outcome]], None]


def unrecorded(stage: str, fitted: Fit, change: float) -> None:
    """Nobody is told of the fits."""


def ignored(offer: Callable[[], Outcome]) -> None:
    """Nobody keeps the best so far."""


@dataclass(frozen=True, eq=False)
class Task:
    """What is to be solved, how well, within which budget, and who is told of it.

    `tolerance` is relative (L2); None asks for the best. A nonlinear problem is begun from the
    field `guess`. `begun` is what an earlier solve of the same has come to: a strategy goes on
    from there, if it is its own. Functions and points are of its `dtype`, and on its `device`.
    Candidates of a search are fitted on the `cluster`, if there is one.
    Where another way waits, the budget is a share of the `whole` one. `prior` says how smooth
    fields are that data with errors are to find.
    """

    system: System
    tolerance: float | None
    budget: Budget
    seed: int
    record: Record = unrecorded
    keep: Keep = ignored
    guess: Field | None = None
    begun: object = None
    whole: Budget | None = None
    dtype: torch.dtype = DOUBLE.dtype
    device: torch.device = DOUBLE.device
    cluster: Cluster | None = None
    prior: Mapping[Unknown, Smooth] = attribute(default_factory=dict)

    @property
    def like(self) -> Tensor:
        """An empty tensor `(0,)` of its dtype, and on its device."""
        return torch.empty(0, dtype=self.dtype, device=self.device)

    @property
    def goal(self) -> float:
        """The relative error that is enough."""
        return LIMITS.goal if self.tolerance is None else self.tolerance

    def within(self, budget: Budget) -> Task:
        """The same with a share of its budget; what promises the goal in the whole goes on."""
        return replace(self, budget=budget, whole=self.whole or self.budget)

    def fit(self, stage: str, declared: Declaration, seed: int, guess: Field | None) -> Fit:
        """One fit from a field, recorded."""
        fitted = fit(
            self.system,
            declared,
            seed,
            goal=self.goal,
            initial_guess=guess,
            budget=self.budget,
            like=self.like,
        )
        return self.told(stage, fitted)

    def told(self, stage: str, fitted: Fit) -> Fit:
        """The fit, recorded."""
        self.record(stage, fitted, math.nan)
        return fitted

    def affords(self, columns: int, fitted: Fit, after: int = 0) -> bool:
        """Whether the budget allows a fit of so many columns, after some as wide as another one;
        its seconds are foreseen by what that took.
        """
        times = (columns / fitted.expansion.space.columns) ** LIMITS.by_width
        return self.budget.allows(columns, (times + after) * fitted.seconds)

    def affords_again(self, fitted: Fit, then: float = 0.0) -> bool:
        """Whether the budget allows another fit of that width; and one `then` times as wide
        afterwards, if it allows that alone.
        """
        columns = fitted.expansion.space.columns
        wider = round(then * columns)
        instead = self.affords(wider, fitted) and not self.affords(wider, fitted, after=1)
        return self.affords(columns, fitted) and not instead


Strategy = Callable[[Task], Outcome]


def as_asked(task: Task, outcome: Outcome) -> Outcome:
    """The outcome of a task: where no tolerance was asked for, what has met another one has
    stagnated.
    """
    aimless = task.tolerance is None and outcome.stopped == Stop.MET
    return replace(outcome, stopped=Stop.STAGNATED) if aimless else outcome
