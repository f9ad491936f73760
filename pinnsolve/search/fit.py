"""One fit: build the basis, place the points, solve for the coefficients, judge by fresh points."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from typing import Any

import torch
from torch import Tensor

from pinnsolve.basis.adapted.separable import LowRankBasis
from pinnsolve.basis.basis import DOUBLE, Basis, Declaration
from pinnsolve.coefficients.flat import projected
from pinnsolve.coefficients.gauss_newton import GaussNewton
from pinnsolve.coefficients.least_squares import STREAMING, Found, Method, Report
from pinnsolve.coefficients.memory import release
from pinnsolve.coefficients.solved import Solved
from pinnsolve.compile.system import System
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.points import Points, dealt
from pinnsolve.fields.building import build_space
from pinnsolve.fields.declared import Bases, Declared
from pinnsolve.fields.expansion import Expansion, expansion_of
from pinnsolve.fields.field import Field
from pinnsolve.fields.space import Space
from pinnsolve.mgrit.communicator import ALONE, Communicator
from pinnsolve.running.budget import EARLY, FOREVER, Budget, ended, reached, why
from pinnsolve.running.seconds import require_time
from pinnsolve.running.stop import EARLY_ENDS, Stop
from pinnsolve.training.low_rank import LowRankFit

Grow = Callable[[System, tuple[Points, ...], Declaration, Basis, int], None]


def unheard(stage: str, solved: Solved | None, loss: float) -> None:
    """Nobody listens to the steps of training."""


@dataclass(frozen=True)
class Fit:
    """A field, what was declared to make it, and how it came out.

    `residuals` are those of `relative_residuals`, one a condition, on fresh points; `seconds` is
    the wall time that it took; `share` and `stuck` are those of `Found`. `jump` is that of values
    where cells meet, relative, `kink` that of derivatives across their faces.
    """

    declared: Declared
    seed: int
    field: Field
    residuals: tuple[float, ...]
    solved: Solved = attribute(repr=False)
    stopped: Stop = Stop.SOLVED
    seconds: float = 0.0
    share: float = 1.0
    stuck: bool = False
    jump: float = 0.0
    kink: float = 0.0

    @property
    def expansion(self) -> Expansion:
        """The field as an expansion in a space. Raises TypeError where it is none."""
        return expansion_of(self.field, self.declared)

    @property
    def basis(self) -> Basis:
        """The basis that all unknowns share."""
        return self.expansion.basis

    @property
    def coefficients(self) -> Tensor:
        """Those of all unknowns, one after the other, `(columns,)`."""
        return self.expansion.coefficients

    @property
    def effective(self) -> float:
        """The share of its functions that can be told apart in float64: the effective rank over the
        columns.
        """
        return self.solved.rank / self.expansion.space.columns

    def light(self) -> Fit:
        """Without what only the question for null functions needs, and much memory."""
        return replace(self, solved=self.solved.light())

    @property
    def residual(self) -> float:
        """The largest relative residual of the conditions, and of what cells leave at faces."""
        return max(*self.residuals, self.jump, self.kink)


def fit(  # noqa: PLR0913, PLR0917  what all strategies share
    system: System,
    declared: Bases,
    seed: int,
    method: Method | None = None,
    report: Report = unheard,
    goal: float = 0.0,
    grow: Grow | None = None,
    initial_guess: Field | None = None,
    budget: Budget = FOREVER,
    like: Tensor = DOUBLE,
    ranks: Communicator = ALONE,
) -> Fit:
    """Solve in one basis. The seed decides neurons and points; residuals are taken on points that
    are fresh for each seed.

    `grow` chooses neurons before the `method` starts. `goal` is the relative residual that is
    enough: where the basis' own method iterates, it may end there. A nonlinear problem is solved by
    Gauss-Newton, from the `initial_guess`, if one is given. Ctrl-C, and seconds of the `budget`
    that are used, are raised with the fit so far. Its numbers are `like` a tensor's `(...)`.
    Several `ranks` share the rows, where no method is given.
    """
    start = budget.spent()
    # Of a stream each: points of the judge are independent of those that were fitted.
    of_neurons, of_points, of_judging = streams(seed)
    space = build_space(system, declared, of_neurons, like)
    own = _within(_own_method(space, goal, initial_guess, ranks), budget)
    method = own if method is None else _within(method, budget)
    method = method if initial_guess is None else _from(method, initial_guess, system, space)
    points = collocation_points(system, space, of_points, method.free_parameters(space))
    _require_time(budget, points, space, ranks)
    early: Stop | None = None
    if grow is not None:
        try:
            _within(grow, budget)(system, points, declared, space.basis, of_neurons)
            points = collocation_points(system, space, of_points, method.free_parameters(space))
        except EARLY as error:
            early, method = why(error), own
    outcome = _found(method, system, points, space, report)
    release(method.free_parameters(space))
    field = Expansion(space, outcome.coefficients)
    residuals, unjudged = _residuals(system, field, of_judging)
    early = unjudged or (outcome.stopped if outcome.stopped in EARLY_ENDS else early)
    stopped = early or _finite_or_not(outcome.stopped, residuals)
    seconds = budget.spent() - start
    facts = outcome.solved, stopped, seconds, outcome.share, outcome.stuck
    fitted = Fit(declared, seed, field, residuals, *facts)
    if early:
        raise ended(early, fitted)
    return fitted


def _finite_or_not(stopped: Stop, residuals: tuple[float, ...]) -> Stop:
    """Why it stopped: what is finite on its own points may not be so on others."""
    overflows = stopped == Stop.SOLVED and not all(map(math.isfinite, residuals))
    return Stop.NOT_CONVERGED if overflows else stopped


def _require_time(
    budget: Budget, points: tuple[Points, ...], space: Space, ranks: Communicator
) -> None:
    """Raise OutOfTimeError where this rank's rows take longer than the budget has left."""
    count = sum(len(p.x) for p in dealt(points, ranks))
    require_time(budget, STREAMING.seconds(count, space.columns), space.columns)


def streams(seed: int) -> tuple[int, int, int]:
    """Seeds of the neurons, of the points, and of those on which they are judged."""
    generator = torch.Generator().manual_seed(seed)
    neurons, points, judging = torch.randint(2**31, (3,), generator=generator).tolist()
    return neurons, points, judging


def _found(
    method: Method, system: System, points: tuple[Points, ...], space: Space, report: Report
) -> Found:
    """What the method finds, or has found when it is ended early."""
    try:
        return method(system, points, space, report)
    except EARLY as error:
        best = reached(error, Found)
        if best is None:
            raise
        return best if best.stopped in EARLY_ENDS else replace(best, stopped=why(error))


def _residuals(system: System, field: Field, seed: int) -> tuple[tuple[float, ...], Stop | None]:
    """On fresh points, one a condition; infinite ones, and why, if judging is ended early: it is
    solved, though not judged.
    """
    judging = system.validation or system
    try:
        return relative_residuals(judging, field, seed), None
    except EARLY as error:
        return (math.inf,) * len(judging.residuals), why(error)


def _descends(basis: Basis) -> bool:
    return isinstance(basis, LowRankBasis)


def is_descended(fitted: Fit) -> bool:
    """Whether functions were trained for this fit by the basis' own method: some draws then end in
    a bad minimum.
    """
    return _descends(fitted.expansion.space.blocks[0].basis)


def _own_method(
    space: Space, goal: float, initial_guess: Field | None, ranks: Communicator
) -> Method:
    return (
        LowRankFit(goal)
        if _descends(space.blocks[0].basis)
        else GaussNewton(start=initial_guess, ranks=ranks)
    )


def _from(method: Any, initial_guess: Field, system: System, space: Space) -> Any:
    """A method that iterates for a nonlinear problem, from a field: training begins with its
    coefficients in the basis.
    """
    if getattr(method, "start", initial_guess) is not None or system.linear:
        return method
    return replace(
        method,
        start=initial_guess
        if isinstance(method, GaussNewton)
        else projected(initial_guess, system, space)[0],
    )


def _within(method: Any, budget: Budget) -> Any:
    """A method, or a choice of neurons, that looks at the budget while it runs, if it can."""
    return replace(method, budget=budget) if hasattr(method, "budget") else method
