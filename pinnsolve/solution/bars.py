"""Unknown numbers, with the error bars that data with errors give them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pinnsolve.declare.decompose import solved_problem, solved_unknowns
from pinnsolve.declare.problem import Problem
from pinnsolve.fields.field import Field
from pinnsolve.symbols.symbols import Unknown


class Estimate(float):
    """A number with its standard `deviation`: NaN, where data are exact. It prints as `0.3701 +-
    0.0027`.
    """

    deviation: float

    def __new__(cls, value: float, deviation: float = math.nan) -> Estimate:
        made = super().__new__(cls, value)
        made.deviation = deviation
        return made

    def __str__(self) -> str:
        if not 0 < self.deviation < math.inf:
            return f"{float(self):.12g}"
        digits = max(0, 1 - math.floor(math.log10(self.deviation)))
        return f"{float(self):.{digits}f} +- {self.deviation:.{digits}f}"

    __repr__ = __str__


def number_of_solution(
    problem: Problem, field: Field, covariance: Sequence[Sequence[float]], number: Unknown
) -> Estimate | complex:
    """An unknown number of a solution. Raises KeyError for anything else."""
    numbers = [u for u in problem.unknowns if not u.args]
    if number not in numbers:
        known = ", ".join(map(str, numbers)) or "none"
        raise KeyError(f"{number} is no unknown number of this problem: it has {known}")
    middle = problem.domain.bounds.mean(axis=1)[None]
    values = field.values(middle)[:, 0].tolist()
    solved = solved_problem(problem).unknowns
    parts = solved_unknowns(problem)[number]
    if len(parts) > 1:
        return complex(*(values[solved.index(u)] for u in parts))
    value = values[solved.index(*parts)]
    if not covariance:
        return Estimate(value)
    k = [u for u in solved if not u.args].index(*parts)
    return Estimate(value, math.sqrt(covariance[k][k]))
