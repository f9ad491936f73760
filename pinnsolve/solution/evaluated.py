"""The field that solves a problem, as a function of points, and in its basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr, Symbol
from torch import Tensor

from pinnsolve.basis.basis import Basis
from pinnsolve.basis.trained import Trained, untrained
from pinnsolve.coefficients.balance import balanced
from pinnsolve.compile.system import System, compile_problem
from pinnsolve.declare.problem import Problem
from pinnsolve.fields.declared import Bases, Declared, of_basis, one_basis
from pinnsolve.fields.expansion import Expansion, expansion_of
from pinnsolve.fields.field import Field
from pinnsolve.geometry.charts import Array
from pinnsolve.solution.inputs import Inputs, no_attribute, outside, read, split
from pinnsolve.solution.known import Known, known_part
from pinnsolve.solution.outputs import values_like
from pinnsolve.symbols.symbols import Unknown
from pinnsolve.symbols.warned import warn
from pinnsolve.training.prune import pruned

COMPILED = ("_system", "_known", "_time")  # found when asked for; another process finds them again


@dataclass(frozen=True, eq=False, repr=False)
class Evaluated:
    """A field of a problem's unknowns, with what was declared to make it and the seed."""

    problem: Problem
    declared: Declared
    seed: int
    field: Field

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
            warn(beyond)
        if wanted is not None:
            return values_like(wanted, self.field, self.problem, inputs)
        values = self._by_name(inputs)
        return values if len(values) > 1 else next(iter(values.values()))

    def _by_name(
        self, inputs: Inputs, given: Mapping[Unknown, Expr] | None = None
    ) -> dict[str, Array]:
        """Values of the unknowns, or of what is given for each."""
        wanted = {str(u.func): u if given is None else given[u] for u in self.problem.unknowns}
        values: dict[str, Array] = values_like(wanted, self.field, self.problem, inputs)
        return values

    def where_known(
        self, points: Mapping[Symbol, Array], given: Mapping[Unknown, Expr] | None = None
    ) -> dict[str, Array]:
        """Values `(...)` by name, or those of what is `given` for each, NaN where the unknowns are
        not known.
        """
        inputs = read((points,), self.problem)
        values = self._by_name(inputs, given)
        if self._known is None:
            return values
        shown = self._known.rows(inputs.x).reshape(inputs.shape)
        return {name: np.where(shown, held, np.nan) for name, held in values.items()}

    def __getattr__(self, name: str) -> Any:
        problem = vars(self).get("problem")
        unknowns = [] if problem is None else [str(u.func) for u in problem.unknowns]
        raise AttributeError(no_attribute(name, unknowns))

    def __getstate__(self) -> dict[str, Any]:
        """Without what was compiled."""
        return {name: held for name, held in vars(self).items() if name not in COMPILED}

    @cached_property
    def _system(self) -> System:
        return balanced(compile_problem(self.problem))

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
        return pruned(self._system, one_basis(self._drawn), self.expansion, below)

    @property
    def _drawn(self) -> Bases:
        return of_basis(untrained(self.declared))
