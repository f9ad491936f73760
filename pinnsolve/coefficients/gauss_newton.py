"""Gauss's and Newton's method for the coefficients of a nonlinear problem in a frozen basis.

Each step solves the tangent equations for *the updated field*, N'(u)[phi] c_new = N'(u) u - N(u),
not for an increment: the least-squares kernel then keeps c itself small, and the first step may
start from a field of any other basis. The slopes N' are symbolic. The step is halved until the
residual falls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from torch import Tensor

from pinnsolve.coefficients.flat import constants, flattest_field, projected
from pinnsolve.coefficients.homotopies import Solve, by_highest_derivatives, by_nonlinearity
from pinnsolve.coefficients.iterate import Iterate
from pinnsolve.coefficients.least_squares import Found, LeastSquares, Report
from pinnsolve.coefficients.solved import Solved
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import LeastSquaresProblem, NotFiniteError, assemble
from pinnsolve.discretize.changes import difference
from pinnsolve.discretize.linearize import linearized
from pinnsolve.discretize.points import Points, dealt, sample_region
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.field import Field
from pinnsolve.fields.remembered import RememberingSpace
from pinnsolve.fields.space import Space
from pinnsolve.mgrit.communicator import ALONE, Communicator
from pinnsolve.running.budget import EARLY, FOREVER, Budget, ended, why
from pinnsolve.running.stop import Stop

_REMEDY = (
    "give a guess that is nearer than the solution of the linear part, or continuation in a"
    " constant"
)


@dataclass(frozen=True)
class Convergence:
    """What it means that Newton's method has come to rest, and when another start is worth it."""

    # A residual relative to its right side that a local minimum leaves, or too small a basis.
    unsolved: float = 0.01
    # A relative change of the field below which a residual that does not fall is at round-off.
    same_field: float = 1e-6
    # A tangent that leaves less of the residual is one that the basis can solve.
    solvable: float = 0.5


CONVERGENCE = Convergence()


@dataclass(frozen=True)
class GaussNewton:
    """The method for nonlinear problems in a frozen basis; for linear ones it is `LeastSquares`.

    Starts from the field `start`, or from the linear part of the equations; if that fails, from the
    flattest field that initial and boundary data allow; then the rest of the equations is added to
    the linear part share by share (a homotopy). Ends where the tangent promises to lower the
    residual by less than `left` times itself: the rest is beyond the basis. After `steps`, or where
    no part of a step lowers the residual, it is "not converged", and the best iterate is returned.
    `row_scales` as in `assemble`; several `ranks` have some of the rows each. Ctrl-C, or a `budget`
    that is used, is raised again with the last iterate attached.

    Raises ValueError for steps below 1, or if the equations are not finite at the start.

    >>> from sympy import Eq, exp
    >>> from pinnsolve import Dense, GaussNewton, Interval, Problem, coordinates, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u = unknown("u", x)
    >>> bratu = Problem(Interval(x, 0, 1), Eq(u.diff(x, 2), -exp(u)), Eq(u(0), 0), Eq(u(1), 0))
    >>> f"{solve(bratu, Dense(40), GaussNewton(steps=20))(0.5):.4f}"
    '0.1405'
    """

    steps: int = 40
    start: Field | None = None
    row_scales: tuple[float, ...] | None = None
    left: float = 0.01
    budget: Budget = field(default=FOREVER, repr=False)
    ranks: Communicator = field(default=ALONE, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"GaussNewton wants at least one step: got {self.steps}")

    def free_parameters(self, space: Space) -> int:
        """The coefficients alone."""
        return space.columns

    def __call__(
        self, system: System, points: tuple[Points, ...], space: Space, report: Report
    ) -> Found:
        """Iterate to convergence; `report` is told of every step."""
        if system.linear:
            return LeastSquares(self.ranks)(system, points, space, report)
        points, space = dealt(points, self.ranks), RememberingSpace(space.blocks)
        found = self._iterated(system, points, space, report)
        rests = found.stopped == Stop.SOLVED and found.left_over > CONVERGENCE.unsolved
        if self.start is not None or not (rests or found.stopped == Stop.NOT_CONVERGED):
            return found
        otherwise = self._from_better_starts if rests else self._otherwise
        try:
            return otherwise(system, points, space, report, found)
        except EARLY as error:
            raise ended(why(error), found) from error

    def _from_better_starts(
        self, system: System, points: tuple[Points, ...], space: Space, report: Report, found: Found
    ) -> Found:
        """The best of this, and of what the flattest field and the best constant lead to; where
        none solves the equations, of a homotopy from their highest derivatives.

        Where tangents vanish, at the zero of u^2 = f, Newton's method rests and solves nothing; in
        a basis that does not resolve a front yet, at what is no solution.
        """
        for start in (
            flattest_field(system, space.like),
            self._best_constant(system, points, space),
        ):
            with suppress(NotFiniteError):
                other = replace(self, start=start)._iterated(system, points, space, report)
                if other.stopped == Stop.SOLVED and other.left_over < found.left_over:
                    found = other
        if found.left_over > CONVERGENCE.unsolved:
            with suppress(NotFiniteError):
                other = by_highest_derivatives(system, self._chained(points, space, report), found)
                found = min(found, other, key=lambda each: each.left_over)
        return found

    def _chained(self, points: tuple[Points, ...], space: Space, report: Report) -> Solve:
        """Iterations of the equations of a chain, each from what was found before."""

        def solve(system: System, before: Found | None) -> Found:
            self.budget.require()
            start = None if before is None else Expansion(space, before.coefficients)
            return replace(self, start=start)._iterated(system, points, space, report)

        return solve

    def _assembling(
        self,
        system: System,
        points: tuple[Points, ...],
        space: Space,
        scales: tuple[float, ...] | None,
    ) -> Callable[..., LeastSquaresProblem]:
        """The tangent problem at coefficients, of this rank's points."""
        return partial(assemble, system, points, space, row_scales=scales, ranks=self.ranks)

    def _best_constant(self, system: System, points: tuple[Points, ...], space: Space) -> Field:
        """The constant that leaves the least of the equations."""
        least, best = math.inf, Expansion(space, space.zeros())
        scales = self.row_scales or (1.0,) * len(points)
        for constant in constants(system, space.like):
            with suppress(NotFiniteError):
                coefficients, _ = projected(constant, system, space)
                at = self._assembling(system, points, space, scales)
                left = Iterate.at(at, coefficients).merit(scales)
                if left < least:
                    least, best = left, constant
        return best

    def _otherwise(
        self,
        system: System,
        points: tuple[Points, ...],
        space: Space,
        report: Report,
        failed: Found,
    ) -> Found:
        """From the flattest field, or by homotopies: a way on which the equations have no value is
        passed over.
        """
        chained = self._chained(points, space, report)

        def near(system: System, _: Solve, __: Found) -> Found:
            flattest = replace(self, start=flattest_field(system, space.like))
            return flattest._iterated(system, points, space, report)

        for way in (near, by_nonlinearity, by_highest_derivatives):
            try:
                found = way(system, chained, failed)
            except NotFiniteError:
                continue
            if found.stopped != Stop.NOT_CONVERGED:
                return found
            failed = replace(failed, share=min(failed.share, found.share))
        return failed

    def _iterated(
        self, system: System, points: tuple[Points, ...], space: Space, report: Report
    ) -> Found:
        begun = self.budget.spent()
        iterate, solved = self._first(system, points, space)
        stopped, stuck = Stop.NOT_CONVERGED, False
        try:
            self.budget.require(self.budget.spent() - begun)
            for _ in range(self.steps):
                begun = self.budget.spent()
                residual = iterate.merit(iterate.problem.row_scales)
                report("newton", solved, residual / max(solved.target, 1e-300))
                # The updated field, not the increment: the ridge keeps the field's coefficients
                # small, and errors do not add up from step to step (docs/decisions/0003).
                proposed, solved = iterate.solve()
                promised = residual - solved.residual
                better = iterate.step(proposed, promised, self.budget)
                # At round-off no step is better any more: then a proposal that is the same field
                # has converged.
                nothing_left = promised < self.left * residual
                if nothing_left or (
                    better is None and _same_field(system, space, iterate, proposed)
                ):
                    iterate, stopped = better or iterate, Stop.SOLVED
                    break
                if better is None:
                    stuck = solved.residual < CONVERGENCE.solvable * residual
                    break
                iterate = better
                # The next step takes as long as this one.
                self.budget.require(self.budget.spent() - begun)
        except EARLY as error:
            found = Found(iterate.coefficients, solved, why(error))
            raise ended(why(error), found) from error
        return Found(iterate.coefficients, solved, stopped, stuck=stuck)

    def _first(
        self, system: System, points: tuple[Points, ...], space: Space
    ) -> tuple[Iterate, Solved]:
        """The first iterate, of the ways to one that end where all is finite."""
        assembled = self._assembling(system, points, space, self.row_scales)
        refused: NotFiniteError | None = None
        for way in self._ways(system, points, space):
            try:
                proposed, solved = way()
                return Iterate.at(assembled, proposed), solved
            except NotFiniteError as error:
                refused = refused or error
        raise NotFiniteError(
            f"Newton's method starts where it cannot: {refused}; {_REMEDY}"
        ) from refused

    def _ways(
        self, system: System, points: tuple[Points, ...], space: Space
    ) -> Iterator[Callable[[], tuple[Tensor, Solved]]]:
        """By the tangent at the start, or at zero; else the start itself in this basis; without
        one, the flattest field's.
        """
        zero = space.zeros()

        def by_tangent(first: System) -> tuple[Tensor, Solved]:
            return Iterate.at(self._assembling(first, points, space, self.row_scales), zero).solve()

        # A root or a logarithm may have no value, or no slope, at zero: then the flattest field
        # that the data allow is the start.
        if self.start is None:
            yield partial(by_tangent, system)
        start = flattest_field(system, space.like) if self.start is None else self.start
        yield partial(by_tangent, linearized(system, start))
        yield partial(projected, start, system, space)


def _same_field(system: System, space: Space, iterate: Iterate, proposed: Tensor) -> bool:
    """Whether the proposed field is the iterate's, to round-off."""
    probe = sample_region(system.domain, 256, 0)
    before, after = (Expansion(space, c) for c in (iterate.coefficients, proposed))
    return difference(system, before, after, probe) < CONVERGENCE.same_field
