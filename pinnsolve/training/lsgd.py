"""LS/GD: the coefficients solved for, the hidden parameters moved, in turn; and the joint descent
that it is measured by.

Cyr, Gulian, Patel, Perego, Trask, "Robust training and initialization of deep neural networks: an
adaptive basis viewpoint" (arXiv 1912.04862).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TypeGuard

import torch
from torch import Generator, Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.coefficients.flat import flattest_field, projected
from pinnsolve.coefficients.least_squares import Found, Report, held_out_rows
from pinnsolve.coefficients.memory import hidden_parameters
from pinnsolve.compile.system import System
from pinnsolve.discretize.points import Points
from pinnsolve.discretize.resample import Resample
from pinnsolve.fields.space import Space
from pinnsolve.running.budget import EARLY, FOREVER, Budget, ended, why
from pinnsolve.symbols.given import whole_of
from pinnsolve.training.compiled import Transform, eager
from pinnsolve.training.descents import Adam, Descent, Sequence, require_descent, require_number
from pinnsolve.training.iterate import Iterate
from pinnsolve.training.levenberg import LevenbergMarquardt
from pinnsolve.training.loop import Listener, descend
from pinnsolve.training.objective import Joint, Reduced
from pinnsolve.training.quasi_newton import LBFGS, SelfScaledBroyden
from pinnsolve.training.weighted_loss import weighted_loss

# Levenberg-Marquardt is a finisher: from the start it sticks for one seed in three.
_FIRST = Sequence((SelfScaledBroyden(), 10**9), (LevenbergMarquardt(), 10**9))


@dataclass(frozen=True)
class Unasked:
    """What a training gets of which nothing is said: points, and a descent."""

    # Parameters for which points are provided: a deep network has more than its function is free
    # in, a small one's neurons will move.
    least_parameters: int = 300
    most_parameters: int = 1000
    # Hidden parameters, beyond which a dense inverse Hessian costs more than it gains.
    most_for_dense: int = 1500


UNASKED = Unasked()


@dataclass(frozen=True)
class LSGD:
    """Alternate (a) the least-squares solve for the coefficients and (b) descent on the hidden
    parameters.

    With the coefficients at their optimum, the partial gradient in the hidden parameters is the
    gradient of the reduced loss min_c |A c - b|^2 (variable projection: Golub and Pereyra 1973,
    Kaufman 1975); a step is kept only if the re-solved loss falls. `solve_every` k: the
    coefficients stay for k - 1 steps between two solves. `batch`: gradients of about so many random
    rows a step; solves and acceptance always take all rows. `resample` draws the points anew, where
    the residual is large; the last solve is at all points again, and if they are drawn in every
    step, the mean of the last twenty iterates is judged instead of each (Polyak, Juditsky, SIAM J.
    Control Optim. 30 (1992) 838). `seconds` ends it early, and so does a root of the loss, relative
    to that of zero, below `goal`. `smoothness` times the network's roughness in depth is added to
    the loss: layers that change slowly are what MGRIT coarsens well.

    Without a `descent`, it is self-scaled Broyden and, where that finds no step any more,
    Levenberg-Marquardt; L-BFGS, if the hidden parameters are more than 1500. `transform` is applied
    to the loss whose gradient is taken: `compiled` pays in long trainings of deep networks.

    Raises ValueError for steps, solve_every or batch below 1, TypeError for what is no descent, no
    number or no function. Eight neurons that move, where as many that rest err by a tenth:

    >>> from sympy import sin
    >>> from pinnsolve import LSGD, Dense, Interval, coordinates, manufactured, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> line = Interval(x, 0, 1)
    >>> problem = manufactured(line, -u.diff(x, 2), u @ line.boundary, exact={u: sin(5 * x)})
    >>> solution = solve(problem, Dense(8), LSGD(steps=40))
    >>> solution.error() < 1e-3, solution.stopped
    (True, 'trained')
    """

    steps: int = 500
    descent: Descent | None = None
    solve_every: int = 1
    batch: int | None = None
    seconds: float = math.inf
    transform: Transform = eager
    resample: Resample | None = None
    goal: float = 0.0
    smoothness: float = 0.0
    start: Tensor | None = field(default=None, repr=False, compare=False)
    listener: Listener | None = field(default=None, repr=False, compare=False)
    budget: Budget = field(default=FOREVER, repr=False)

    def __post_init__(self) -> None:
        _check(self.steps, self.solve_every, self.batch)
        _require_kinds(self)

    def chosen(self, hidden: int) -> Descent:
        """The descent that is given; else the one for so many hidden parameters."""
        return self.descent or (_FIRST if hidden <= UNASKED.most_for_dense else LBFGS())

    def free_parameters(self, space: Space) -> int:
        """Coefficients and hidden parameters: the points must determine all of them."""
        return _free_parameters(space)

    def __call__(
        self, system: System, points: tuple[Points, ...], space: Space, report: Report
    ) -> Found:
        """Train the basis in place. Raises ValueError for a basis without parameters."""
        rows = weighted_loss(
            system, points, space, self.transform, self.resample, self.smoothness, self.budget
        )
        begun = self.budget.spent()
        start = rows.solve(initial_guess=self.start)
        rest = replace(
            self.budget, seconds=max(1e-9, self.budget.seconds - self.budget.spent() + begun)
        )  # for the last solve
        objective = Reduced(rows, self.batch, budget=rest)

        def hold(step: int) -> None:
            objective.held = step % self.solve_every != 0

        best, stopped = descend(
            replace(self, descent=self.chosen(len(start.x)), budget=rest),
            rows,
            objective,
            start,
            report,
            hold,
        )
        rows.move(best.x)
        try:
            last = rows.solve(lambda: held_out_rows(system, space, rows.scales), best.coefficients)
        except EARLY as error:
            known = best.solved or start.solved
            raise ended(
                why(error), None if known is None else Found(best.coefficients, known, why(error))
            ) from error
        assert last.solved is not None
        # The solve at all points may be worse than the mean of many draws: fresh points decide.
        better = last if self.resample is None or rows.judge(last) <= rows.judge(best) else best
        return Found(better.coefficients, last.solved, stopped)


@dataclass(frozen=True)
class GradientDescent:
    """Descent on hidden parameters and coefficients together: how PINNs are usually trained, and
    the baseline.

    Both are one vector x `(hidden + columns,)`, and the loss is F(x) = |A(xi) c - b|^2 / |b|^2
    (Raissi, Perdikaris, Karniadakis, J. Comput. Phys. 378 (2019) 686). Coefficients start at random
    (Glorot's deviation). No step is refused unless its loss is not finite, but the best state is
    the one returned, with a warning if the last was far worse. Arguments are those of `LSGD`.
    Raises what that raises.

    >>> from sympy import sin
    >>> from pinnsolve import Dense, GradientDescent, Interval, SelfScaledBroyden
    >>> from pinnsolve import coordinates, manufactured, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> line = Interval(x, 0, 1)
    >>> problem = manufactured(line, -u.diff(x, 2), u @ line.boundary, exact={u: sin(5 * x)})
    >>> solution = solve(problem, Dense(16), GradientDescent(150, SelfScaledBroyden()))
    >>> solution.error() < 1e-2, len(solution.history.training)
    (True, 150)
    """

    steps: int = 20_000
    descent: Descent = field(default_factory=Adam)
    batch: int | None = None
    seconds: float = math.inf
    transform: Transform = eager
    resample: Resample | None = None
    goal: float = 0.0
    smoothness: float = 0.0
    start: Tensor | None = field(default=None, repr=False, compare=False)
    listener: Listener | None = field(default=None, repr=False, compare=False)
    budget: Budget = field(default=FOREVER, repr=False)

    def __post_init__(self) -> None:
        _check(self.steps, 1, self.batch)
        _require_kinds(self)

    def free_parameters(self, space: Space) -> int:
        """Coefficients and hidden parameters: the points must determine all of them."""
        return _free_parameters(space)

    def __call__(
        self, system: System, points: tuple[Points, ...], space: Space, report: Report
    ) -> Found:
        """Train the basis in place. Raises ValueError for a basis without parameters."""
        rows = weighted_loss(system, points, space, self.transform, self.resample, self.smoothness)
        objective = Joint(rows, self.batch)
        best, stopped = descend(self, rows, objective, first_joint(objective, self.start), report)
        rows.move(best.x[: objective.hidden])
        solved = rows.solve(initial_guess=best.coefficients).solved
        assert solved is not None
        return Found(best.coefficients, solved, stopped)


def first_joint(objective: Joint, start: Tensor | None = None) -> Iterate:
    """The start of a joint descent: the basis as it was drawn, and random coefficients
    `(columns,)`, unless they are given.
    """
    rows = objective.rows
    deviation = math.sqrt(2 / (rows.basis.size + rows.system.n_unknowns))
    drawn = deviation * torch.randn(
        rows.space.columns, generator=Generator().manual_seed(0), dtype=DOUBLE.dtype
    ).to(rows.space.like)
    drawn = drawn if start is None else start
    iterate = _at(objective, drawn)
    if start is None and not math.isfinite(iterate.loss):  # a root or a logarithm of random values
        near, _ = projected(flattest_field(rows.system), rows.system, rows.space)
        iterate = _at(objective, near)
    return iterate


def _at(objective: Joint, coefficients: Tensor) -> Iterate:
    x = torch.cat([objective.rows.variables(), coefficients])
    start = Iterate(x, coefficients, math.inf, points=objective.rows.points)
    return objective.evaluate(x, start)


def _free_parameters(space: Space) -> int:
    """As many as there are, within limits."""
    both = space.columns + hidden_parameters(space.basis)
    return max(UNASKED.least_parameters, space.columns, min(UNASKED.most_parameters, both))


def trains(method: object) -> TypeGuard[LSGD | GradientDescent]:
    """Whether a method trains a basis step by step, and can tell of its steps."""
    return isinstance(method, LSGD | GradientDescent)


def _check(steps: int, solve_every: int, batch: int | None) -> None:
    if any(whole_of(n) is None for n in (steps, solve_every, batch or 1)):
        raise TypeError(
            f"steps, solve_every and batch are whole numbers: got {steps!r}, {solve_every!r},"
            f" {batch!r}"
        )
    if steps < 1 or solve_every < 1 or (batch is not None and batch < 1):
        raise ValueError(
            f"steps, solve_every and batch are at least 1: got {steps}, {solve_every}, {batch}"
        )


def _require_kinds(method: LSGD | GradientDescent) -> None:
    if method.descent is not None:
        require_descent(method.descent)
    for name in ("seconds", "goal", "smoothness"):
        require_number(name, getattr(method, name))
    if not callable(method.transform) or not isinstance(method.resample, Resample | None):
        raise TypeError(
            f"transform=compiled, resample=Resample(): got {method.transform!r},"
            f" {method.resample!r}"
        )
