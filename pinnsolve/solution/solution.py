"""The solution of a problem: a field that can be evaluated, judged, drawn and kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np
from sympy import Expr

from pinnsolve.cells.judge import at_faces
from pinnsolve.coefficients.least_squares import Method
from pinnsolve.coefficients.posterior import Posterior
from pinnsolve.declare.decompose import told
from pinnsolve.declare.problem import Problem
from pinnsolve.discretize.points import Points
from pinnsolve.evolution.chain import OpenSlab
from pinnsolve.evolution.runs import Runs
from pinnsolve.evolution.underway import Underway
from pinnsolve.fields.cellwise import CellBases
from pinnsolve.geometry.mesh.floor import coarse_facets
from pinnsolve.running.history import History
from pinnsolve.running.html import Report
from pinnsolve.running.stop import UNFOUND, Stop
from pinnsolve.search.confirm import DOUBT, confirmed_residual, least_error, shown_residuals
from pinnsolve.search.fit import Grow
from pinnsolve.solution.cell_table import Table, table_of
from pinnsolve.solution.diagnosis import UNSOLVED, diagnosis
from pinnsolve.solution.doubts import jumping
from pinnsolve.solution.errors import (
    Errors,
    compare_with,
    require_counts,
)
from pinnsolve.solution.held import held_fields, save_solution
from pinnsolve.solution.inputs import Inputs
from pinnsolve.solution.integrals import Allowed, integral_of
from pinnsolve.solution.judging import difference_of_draws, error_on_points
from pinnsolve.solution.pictured import Pictured
from pinnsolve.solution.report import believed, describe, text_report
from pinnsolve.solution.sentences import known_by_data
from pinnsolve.strategies.measured_rows import with_errors


@dataclass(frozen=True, eq=False, repr=False)
class Solution(Pictured):
    """A solved problem: its unknowns are the functions of a `field`.

    Call it with points `(n, dim)`, columns in the order of the unknowns' arguments. `null_space` is
    the dimension of what the equations leave undetermined (0: unique), `change` the relative L2
    difference to a second, independent draw (NaN where none was made yet), `method` and `grow`
    those that were given, if any; `largest_error` is an estimate, relative to the largest
    deviation from the mean. `unfinished` is what an evolution or a march was in the midst of when
    it was ended: `solve(..., resume=solution)` goes on with that. `lost` is how many digits the
    solution loses to a function that nearly satisfies the homogeneous equations (0: none is known),
    `missed` the part of the data, relative, that nothing satisfies, where the homogeneous equations
    have solutions. `posterior` is the distribution of the coefficients, where data have errors: its
    `misfit` is what is left of these, in their variance, about 1, if that is right.

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

    history: History
    null_space: int = 0
    change: float = math.nan
    method: Method | None = None
    grow: Grow | None = None
    largest_error: float = math.nan
    unfinished: OpenSlab | Runs | Underway | None = None
    lost: float = 0.0
    missed: float = 0.0
    posterior: Posterior | None = None

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
        time was not followed to its end, on the part that is known; where formulas differ by
        region, each region's unknown in its own size. Raises ValueError if it has neither,
        TypeError for n or a seed that is no whole number.
        """
        require_counts(n, seed)
        reference = self.problem.reference
        if self.problem.exact is None and reference is not None:
            at = Inputs(reference.points, None, (len(reference.points),))
            return compare_with(reference, self.problem, self._by_name(at))
        return error_on_points(self._system, self.field, self._known, n, seed)

    @cached_property
    def estimate(self) -> float:
        """Estimated relative L2 error, without an exact solution.

        The difference of two independent draws of neurons and points; automatic solves have made
        both, in a given basis the second costs one more solve (or training, by the same method):
        there, beside a residual above 1e-3, it is no less than the error that this allows.
        NaN where time was not followed to its end, and of cells that a budget did not allow to be
        checked: another draw would take as long again. Beside a residual above 1e-2, and where
        Newton's method failed, it is a lower bound: at least the residual, and the error that least
        squares finds in it.
        """
        if math.isnan(self._difference) or self.posterior is not None:
            return self._difference
        residual, judged = self.residual(), (self._system, self.field, self.seed)
        if self.history.final.stage in UNSOLVED:
            return max(1.0, residual)
        claimed = max(self._difference, self.jump)
        # Draws of a basis that is given share more: no search has found that it resolves anything.
        given = math.isnan(self.change) and bool(self.field.bases)
        two_draws = DOUBT.shared if given else DOUBT.unreliable
        limit = 0.0 if self.stopped in UNFOUND else two_draws
        return max(claimed, least_error(*judged, claimed, residual, limit))

    @property
    def _judged(self) -> str:
        if self.problem.exact is not None or self.problem.reference is not None:
            return f"error {float(self.error()):.1e}"
        return f"estimate {self.estimate:.1e}" if math.isfinite(self.change) else ""

    @cached_property
    def _difference(self) -> float:
        if math.isfinite(self.change) or self.field.last_time is not None:
            return self.change
        if self.stopped == Stop.BUDGET and isinstance(self.declared, CellBases):
            return math.nan
        declared, given = self.declared, (self.method, self.grow)
        return difference_of_draws(self._system, declared, self.field, self.seed, *given)

    def _off(self, expression: Expr, nodes: Sequence[Points]) -> float:
        """By how much an integral may be off: its deviation, where data have errors; else what the
        estimate and the residual allow.
        """
        if self.posterior is not None:
            return float(np.std([integral_of(s, expression, nodes) for s in self.samples(100)]))
        judged = self._system, self.field, self.seed, self.estimate, self.residual()
        return Allowed(*judged).change(self.problem, expression, nodes)

    def residuals(self, seed: int = 0) -> tuple[float, ...]:
        """One a condition: root mean square residual on fresh points, relative to the size of the
        equation's own terms.
        """
        require_counts(1, seed)
        system = self._system if self._known is None else self._known.system(self._system)
        return shown_residuals(system, self.field, self.seed + seed)

    def residual(self, seed: int = 0) -> float:
        """The largest of `residuals`, and of the jumps where cells meet."""
        return max(*self.residuals(seed), self.jump, self.kink)

    @property
    def jump(self) -> float:
        """The jump of values where cells meet, relative, in the root mean square over all their
        faces; zero, where there are none.
        """
        return self._at_faces[0]

    @property
    def kink(self) -> float:
        """The jump of derivatives across the faces of cells, as far as the equations leave them
        continuous, relative to the size of each; zero, where there are none.
        """
        return self._at_faces[1]

    @cached_property
    def _at_faces(self) -> tuple[float, float]:
        return at_faces(self._system, self.field, self.seed)

    def confirmed(self) -> float:
        """The same on many more points, among them those where the basis is steep, and around
        narrow features of the data.
        """
        return confirmed_residual(self._system, self.field, self.seed)

    def report(self) -> str:
        """A readable table: conditions and their residuals, basis, rank, seconds, stop reason,
        estimate and error; tables in a notebook, and text for `print`.
        """
        known = self.problem.exact is not None or self.problem.reference is not None
        said = [describe(condition, self.problem, part) for condition, part in told(self.problem)]
        residuals = list(zip(said, self.residuals(), strict=True))
        if self.jump:
            residuals.append(("values to both sides of faces of cells", self.jump))
        if self.kink:
            residuals.append(("derivatives across faces of cells", self.kink))
        largest = max(*self.of_equations, self.jump, self.kink)
        told_of_it = text_report(
            residuals,
            self.history,
            self.field,
            self.estimate,
            self.largest_error,
            believed(self.stopped, largest, self.field),
            self.error() if known else None,
            self.diagnosis(),
        )
        return Report(told_of_it + self._of_data)

    def diagnosis(self) -> tuple[str, ...]:
        """What stands between this solution and its tolerance, in sentences with the remedy; empty
        where nothing does.
        """
        if said := self.doubts:
            return said
        known = self.posterior
        limited = self.stopped == Stop.STAGNATED
        if limited and known is not None and (known.gammas or known.of_data):
            deviation = self.estimate / 2 if known.of_data else self.estimate
            return (known_by_data(deviation), *self.at_bounds, *self.other_minima)
        facts = self.null_space, self.lost, self.missed, self.change
        told = diagnosis(self._system, self.field, self.history, self.of_equations, *facts)
        done = self.null_space or self.stopped == Stop.MET
        told = (*self.at_bounds, *told, *self.other_minima)
        facets = coarse_facets(self.problem.domain, self.change)
        told = (*told, facets) if facets else told
        return told if done else (*jumping(self.jump), *told)

    @property
    def of_equations(self) -> tuple[float, ...]:
        """The residuals, one a condition; data that have errors count as zero, since they leave
        those.
        """
        pairs = zip(told(self.problem), self.residuals(), strict=True)
        return tuple(0.0 if with_errors(condition) else r for (condition, _), r in pairs)

    def cells(self) -> Table:
        """Of a solution in cells, a table with a row a cell: columns `(n_cells,)` by name, as
        `pandas.DataFrame` takes them.

        `x_low` and `x_high` are the cell's box, and so on for every coordinate; `functions` how
        many it has; `residual` on fresh points and `jump` at its faces, each in the root mean
        square over the whole domain, so that their squares add up; `fault` is both together. Raises
        TypeError for a solution that has no cells.
        """
        return table_of(self._system, self.field, self.seed)

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
