"""The solution of a problem: a field that can be evaluated, judged, drawn and kept."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from pinnsolve.basis.basis import Basis
from pinnsolve.basis.trained import Trained
from pinnsolve.coefficients.least_squares import Method
from pinnsolve.compile.system import System, compile_problem
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.measure import difference, relative_residuals, shares_of
from pinnsolve.evolution.chain import OpenSlab
from pinnsolve.evolution.runs import Runs
from pinnsolve.fields.declared import Bases, Declared, of_basis, one_basis
from pinnsolve.fields.expansion import Expansion, expansion_of
from pinnsolve.fields.field import Field
from pinnsolve.jets.indices import unit
from pinnsolve.running.history import History
from pinnsolve.running.stop import Stop
from pinnsolve.search.confirm import allowed_error, confirmed_residual
from pinnsolve.search.fit import Grow, fit
from pinnsolve.solution.diagnosis import UNSOLVED, diagnosis
from pinnsolve.solution.errors import (
    Errors,
    compare,
    compare_with,
    exact_values,
    fresh_points,
    require_counts,
)
from pinnsolve.solution.held import held_fields, save_solution
from pinnsolve.solution.inputs import no_attribute, outside, read, split
from pinnsolve.solution.known import Known, known_part
from pinnsolve.solution.outputs import values_like
from pinnsolve.solution.plot import draw, require_picture
from pinnsolve.solution.report import believed, text_report
from pinnsolve.symbols.given import number_of
from pinnsolve.training.prune import one_hidden_layer, without_redundant

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Solution:
    """A solved problem: its unknowns are the functions of a `field`.

    Call it with points `(n, dim)`, columns in the order of the unknowns' arguments. `null_space` is
    the dimension of what the equations leave undetermined (0: unique), `change` the relative L2
    difference to a second, independent draw (NaN where none was made yet), `method` and `grow`
    those that were given, if any; `maximum` estimates the largest error, relative to the largest
    deviation from the mean. `unfinished` is what an evolution or a march was in the midst of when
    it was ended: `solve(..., resume=solution)` goes on with that. `lost` is how many digits the
    solution loses to a function that nearly satisfies the homogeneous equations (0: none is known),
    `missed` the part of the data, relative, that nothing satisfies, where the homogeneous equations
    have solutions.

    >>> from sympy import cos
    >>> from pinnsolve import Dense, Interval, coordinates, manufactured, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u, line = unknown("u", x), Interval(x, 0, 1)
    >>> problem = manufactured(line, u.diff(x, 2) + u, u @ line.boundary, exact={u: cos(x)})
    >>> solution = solve(problem, Dense(60))
    >>> [f"{value:.4f}" for value in solution([[0.0], [1.0]])], f"{solution(0.0, u.diff(x, 2)):.3f}"
    (['1.0000', '0.5403'], '-1.000')
    >>> solution.error() < 1e-6, "error" in solution.report()
    (True, True)
    """

    problem: Problem
    declared: Declared
    seed: int
    field: Field
    history: History
    null_space: int = 0
    change: float = math.nan
    method: Method | None = None
    grow: Grow | None = None
    maximum: float = math.nan
    unfinished: OpenSlab | Runs | None = None
    lost: float = 0.0
    missed: float = 0.0

    def __call__(self, *points: Any, expression: Any = None) -> Any:
        """Values at points: of the unknown (a dict by name, if there are several), or of any
        expression.

            solution(points)                        # (n, dim), or (..., dim): values (n,), or (...)
            solution(X, Y)                  # one array a coordinate, also numbers; also ((X, Y))
            solution({"x": xs, "t": 0})             # by name, or a data frame
            solution(sample_region(face, n, seed), normal_derivative(u))
            solution(points, gradient(u))   # a tuple, list, dict or matrix of expressions: alike

        Columns are in the order of the unknown's arguments, unless the points know their names, as
        those of `sample_region`. The values of a matrix `(k, l)` are an array `(..., k, l)`. Points
        outside of the domain are extrapolated, with a warning, but not to times that the solve did
        not reach. Raises TypeError for what is no number, ValueError for points of the wrong shape,
        not finite or too late, and for an expression of other symbols, or of the normal where none
        is known.
        """
        given, last = split(points)
        inputs, wanted = read(given, self.problem), expression if last is None else last
        if self._known is not None:
            self._known.require(inputs.x)
        if beyond := outside(inputs.x, self.problem):
            warnings.warn(beyond, UserWarning, stacklevel=3)
        if wanted is not None:
            return values_like(wanted, self.field, self.problem, inputs)
        values = {
            str(u.func): values_like(u, self.field, self.problem, inputs)
            for u in self.problem.unknowns
        }
        return values if len(values) > 1 else next(iter(values.values()))

    def __getattr__(self, name: str) -> Any:
        unknowns = (
            [str(u.func) for u in self.__dict__["problem"].unknowns]
            if "problem" in self.__dict__
            else []
        )
        raise AttributeError(no_attribute(name, unknowns))

    def __getstate__(self) -> dict[str, Any]:
        """Without the compiled system: another process compiles it again."""
        return {
            name: held for name, held in self.__dict__.items() if name not in ("_system", "_known")
        }

    @cached_property
    def _system(self) -> System:
        return compile_problem(self.problem)

    @cached_property
    def _known(self) -> Known | None:
        return known_part(self.problem, self.field)

    @property
    def expansion(self) -> Expansion:
        """The field as an expansion in one space. Raises TypeError for an evolution that was
        followed in time.
        """
        return expansion_of(self.field, self.declared)

    @property
    def basis(self) -> Basis:
        """The basis that all unknowns share, as the solve left it."""
        return self.expansion.basis

    @property
    def coefficients(self) -> Tensor:
        """Those of all unknowns, one after the other, `(columns,)`."""
        return self.expansion.coefficients

    @property
    def stopped(self) -> Stop:
        """Why the solve ended: met, stagnated, budget, solved (one solve in a given basis), not
        unique, interrupted.
        """
        return Stop(self.history.stopped)  # a file holds its word

    def error(self, n: int = 10_000, seed: int = 0) -> Errors:
        """Relative L2 error (a float; maximum and H1 seminorm as attributes) on n fresh random
        points.

        Against the problem's `reference`, and on its points, where it has no exact solution. Where
        time was not followed to its end, on the part that is known. Raises ValueError if it has
        neither, TypeError for n or a seed that is no whole number.
        """
        require_counts(n, seed)
        reference = self.problem.reference
        if self.problem.exact is None and reference is not None:
            held = self.field.values(reference.points).numpy()
            names = [str(u.func) for u in self.problem.unknowns]
            return compare_with(reference, self.problem, dict(zip(names, held, strict=True)))
        points = fresh_points(self._system, n, seed)
        if self._known is not None:
            points = points.taken(np.flatnonzero(self._known.rows(points.x)))
        x, shares = points.x, shares_of(points)
        exact = exact_values(self.problem, x)
        dim = x.shape[1]
        indices = [(0,) * dim, *(unit(dim, axis) for axis in range(dim))]
        found, where = self.field.derivatives(x, indices), self.field.support(x)
        return compare(self.problem, found, exact, where, shares)

    @cached_property
    def estimate(self) -> float:
        """Estimated relative L2 error, without an exact solution.

        The difference of two independent draws of neurons and points; automatic solves have made
        both, in a given basis the second costs one more solve (or training, by the same method).
        NaN where time was not followed to its end. Beside a residual above 1e-2, and where Newton's
        method failed, it is a lower bound: at least the residual, and the error that least squares
        finds in it.
        """
        if math.isnan(self._difference):
            return math.nan
        residual = self.residual()
        if self.history.final.stage in UNSOLVED:
            return max(1.0, residual)
        if believed(self.stopped, residual):
            return self._difference
        return max(self._difference, residual, allowed_error(self._system, self.field, self.seed))

    @cached_property
    def _difference(self) -> float:
        if math.isfinite(self.change) or self.field.last_time is not None:
            return self.change
        second = fit(
            self._system,
            of_basis(self.declared),
            self.seed + 1,
            self.method,
            grow=self.grow,
            near=self.field,
        )
        points = fresh_points(self._system, 2048, self.seed)
        return difference(self._system, self.field, second.field, points)

    @property
    def trained(self) -> Trained:
        """The basis as it is now, to be given to `solve` again: training goes on where it ended or
        was interrupted.
        """
        return Trained(one_basis(self._drawn), self.basis)

    def pruned(self, below: float = 1e-10) -> Trained:
        """The basis without neurons that others replace to so small a share, to be given to `solve`
        again.

        Of one hidden layer. Raises TypeError for other bases, ValueError for a share that is not
        between 0 and 1.
        """
        network = one_hidden_layer(self.basis)
        if network is None:
            raise TypeError(
                "only the neurons of one hidden layer, Dense(width), are pruned: this is"
                f" {self.declared}"
            )
        if number_of(below) is None:
            raise TypeError(f"below must be a number, pruned(below=1e-10): got {below!r}")
        if not 0 < below < 1:
            raise ValueError(f"pruned(below) wants a share between 0 and 1: got {below}")
        smaller = without_redundant(self._system, self.expansion, network, below)
        drawn: Any = self._drawn
        return Trained(replace(drawn, width=smaller.size), smaller)

    @property
    def _drawn(self) -> Bases:
        return (
            self.declared.declared
            if isinstance(self.declared, Trained)
            else of_basis(self.declared)
        )

    def residuals(self, seed: int = 0) -> tuple[float, ...]:
        """One a condition: root mean square residual on fresh points, relative to the size of the
        equation's own terms.
        """
        require_counts(1, seed)
        system = self._system if self._known is None else self._known.system(self._system)
        return relative_residuals(system, self.field, self.seed + seed + 7_654_321)

    def residual(self, seed: int = 0) -> float:
        """The largest of `residuals`."""
        return max(self.residuals(seed))

    def confirmed(self) -> float:
        """The same on many more points, among them those where the basis is steep, and around
        narrow features of the data.
        """
        return confirmed_residual(self._system, self.field, self.seed)

    def report(self) -> str:
        """A readable table: conditions and their residuals, basis, rank, seconds, stop reason,
        estimate and error.
        """
        error = (
            self.error()
            if self.problem.exact is not None or self.problem.reference is not None
            else None
        )
        return text_report(
            self.problem,
            self.history,
            self.field,
            self.residuals(),
            self.estimate,
            self.maximum,
            error,
            self.diagnosis(),
        )

    def diagnosis(self) -> tuple[str, ...]:
        """What stands between this solution and its tolerance, in sentences with the remedy; empty
        where nothing does.
        """
        known = self.null_space, self.lost, self.missed
        return diagnosis(self._system, self.field, self.history, self.residuals(), *known)

    def plot(self, path: str | Path | None = None) -> Figure:
        """Solution, exact solution and error (where known), and the history; written to `path` if
        one is given.

        Up to two coordinates in full; of more, the slice through the middle of the domain. Raises
        OSError if the file cannot be written, ValueError for a kind of picture that is not known.
        """
        place = None if path is None else require_picture(path)
        figure = draw(self.problem, self._on_a_grid, self.history)
        if place is not None:
            figure.savefig(place, dpi=150)
        return figure

    def _on_a_grid(self, points: Any) -> dict[str, Any]:
        """Values by name, NaN where they are not known."""
        inputs = read((points,), self.problem)
        shown = True if self._known is None else self._known.rows(inputs.x).reshape(inputs.shape)
        values = {
            str(u.func): values_like(u, self.field, self.problem, inputs)
            for u in self.problem.unknowns
        }
        return {name: np.where(shown, held, np.nan) for name, held in values.items()}

    def save(self, path: str | Path) -> None:
        """Write all of it to a safetensors file, problem and history included; `load(path)` reads
        it.

        A file that is there stays as it is until the new one is whole. Raises OSError if it cannot
        be written, ValueError if the basis has parts that a file cannot hold (initializers of the
        user's own).
        """
        save_solution(path, self)

    @classmethod
    def load(cls, path: str | Path, problem: Problem | None = None) -> Solution:
        """Read a solution: of the given problem, or of the one in the file. No code in the file is
        run.

        Raises OSError if there is no such file, ValueError if it holds no solution, is damaged, or
        is one of another problem; both name the file.

        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from sympy import Eq
        >>> from pinnsolve import Dense, Interval, Problem, coordinates, load, solve, unknown
        >>> (x,) = coordinates("x")
        >>> u = unknown("u", x)
        >>> growth = Problem(Interval(x, 0, 1), Eq(u.diff(x), u), Eq(u(0), 1))
        >>> with TemporaryDirectory() as folder:
        ...     solve(growth, Dense(40)).save(Path(folder) / "growth.st")
        ...     again = load(Path(folder) / "growth.st")
        >>> f"{again(1.0):.4f}", len(again.problem.conditions)
        ('2.7183', 2)
        """
        held = held_fields(path, problem)
        if not set(held) <= {f.name for f in fields(cls)}:
            raise ValueError(
                f"cannot read {path}: it holds what this version of pinnsolve does not know"
            )
        return cls(**held)

    def __repr__(self) -> str:
        return (
            f"Solution({len(self.problem.conditions)} conditions, {self.field.functions} functions,"
            f" {self.stopped})"
        )


load = Solution.load
