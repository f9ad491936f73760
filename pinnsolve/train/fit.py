"""One fit: build the basis, place the points, solve for the coefficients, judge by fresh points."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from pinnsolve.basis.networks import Basis, Declaration
from pinnsolve.basis.separable import LowRankBasis
from pinnsolve.compile.system import System
from pinnsolve.sample.points import Points
from pinnsolve.train.budget import EARLY, FOREVER, Budget, ended, why
from pinnsolve.train.collocate import bounds_by_name, collocation_points
from pinnsolve.train.flat import projected
from pinnsolve.train.gauss_newton import GaussNewton
from pinnsolve.train.least_squares import Found, Method, Report, Solved
from pinnsolve.train.linearize import Field
from pinnsolve.train.low_rank import LowRankFit
from pinnsolve.train.measure import relative_residuals
from pinnsolve.train.memory import release
from pinnsolve.train.seconds import require_time

Grow = Callable[[System, tuple[Points, ...], Declaration, Basis, int], None]


def _unheard(stage: str, solved: Solved | None, loss: float) -> None:
    """Nobody listens to the steps of training."""


@dataclass(frozen=True)
class Fit:
    """A basis with its coefficients `(n_unknowns, size)`, and how they came out.

    `residuals` are those of `relative_residuals`, one a condition, on fresh points; `seconds` is the wall time that it took;
    `share` and `stuck` are those of `Found`.
    """

    declared: Declaration
    seed: int
    basis: Basis
    coefficients: Tensor
    residuals: tuple[float, ...]
    solved: Solved = field(repr=False)
    stopped: str = "solved"
    seconds: float = 0.0
    share: float = 1.0
    stuck: bool = False

    @property
    def field(self) -> Field:
        """The unknowns, as functions."""
        return Field(self.basis, self.coefficients)

    def light(self) -> Fit:
        """Without what only the question for null functions needs, and much memory."""
        return replace(self, solved=self.solved.light())

    @property
    def residual(self) -> float:
        """The largest relative residual of the conditions."""
        return max(self.residuals)


def fit(  # noqa: PLR0913, PLR0917  what all strategies share
    system: System,
    declared: Declaration,
    seed: int,
    method: Method | None = None,
    report: Report = _unheard,
    goal: float = 0.0,
    grow: Grow | None = None,
    near: Field | None = None,
    budget: Budget = FOREVER,
) -> Fit:
    """Solve in one basis. The seed decides neurons and points; residuals are taken on points that are fresh for each seed.

    `grow` chooses neurons before the `method` starts. `goal` is the relative residual that is enough: where the basis' own
    method iterates, it may end there. A nonlinear problem is solved by Gauss-Newton, from the field `near`, if one is given.
    Ctrl-C, and seconds of the `budget` that are used, are raised with the fit as far as it came.
    """
    start = budget.spent()
    streams = torch.randint(2**31, (3,), generator=torch.Generator().manual_seed(seed)).tolist()
    basis = declared.build(bounds_by_name(system.problem), streams[0])
    method = _within(method or _own_method(basis, goal, near), budget)
    method = method if near is None else _from(method, near, system, basis)
    points = collocation_points(system, basis, streams[1], method.free_parameters(system, basis))
    require_time(budget, sum(len(p.x) for p in points), basis.size * system.n_unknowns)
    early = ""
    try:
        if grow is not None:
            _within(grow, budget)(system, points, declared, basis, streams[0])
            points = collocation_points(system, basis, streams[1], method.free_parameters(system, basis))
    except EARLY as error:
        early, method = why(error), _within(_own_method(basis, goal, near), budget)
    try:
        found = method(system, points, basis, report)
    except EARLY as error:
        if not isinstance(getattr(error, "best", None), Found):
            raise
        early, found = why(error), error.best  # type: ignore[union-attr]
    release(method.free_parameters(system, basis))
    early = found.stopped if found.stopped in ("interrupted", "budget") else early
    try:
        residuals = relative_residuals(system.judged or system, basis, found.coefficients, streams[2])
    except EARLY as error:  # it is solved, though not judged
        early, residuals = why(error), (math.inf,) * len((system.judged or system).residuals)
    overflows = found.stopped == "solved" and not all(map(math.isfinite, residuals))  # on its points it is finite
    stopped = early or ("not converged" if overflows else found.stopped)
    seconds = budget.spent() - start
    last = found.solved, stopped, seconds, found.share, found.stuck
    fitted = Fit(declared, seed, basis, found.coefficients, residuals, *last)
    if early:
        raise ended(early, fitted)
    return fitted


def _own_method(basis: Basis, goal: float, near: Field | None) -> Method:
    return LowRankFit(goal) if isinstance(basis, LowRankBasis) else GaussNewton(start=near)


def _from(method: Any, near: Field, system: System, basis: Basis) -> Any:
    """A method that iterates for a nonlinear problem, from a field: training begins with its coefficients in the basis."""
    if getattr(method, "start", near) is not None or system.linear:
        return method
    return replace(method, start=near if isinstance(method, GaussNewton) else projected(near, system, basis)[0])


def _within(method: Any, budget: Budget) -> Any:
    """A method, or a choice of neurons, that looks at the budget while it runs, if it can."""
    return replace(method, budget=budget) if hasattr(method, "budget") else method
