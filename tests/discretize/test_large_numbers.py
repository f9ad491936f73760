"""A number among the unknowns may be of any size: it hides no residual of a field."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Float

from pinnsolve import Functions, Interval, Problem, compile_problem, coordinates, unknown
from pinnsolve.discretize.changes import relative_change
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.fields.expansion import Expansion
from pinnsolve.problems.numbers import NUMBERS
from pinnsolve.solver import solve

(x,) = coordinates("x")
u, k = unknown("u", x), unknown("k")
line = Interval(x, 0, 1)


def of_values(problem, values):
    functions = Functions(*[values[w] for w in problem.unknowns])
    return Expansion.identity(functions.build(bounds_by_name(problem), 0))


@pytest.mark.parametrize("number", [1.0, 1e3, 1e150])
def test_a_large_number_hides_no_residual(number):
    problem = Problem(line, Eq(u.diff(x) + u / k, 1), Eq(u(0), 0), Eq(u(1), 1))
    system = compile_problem(problem)
    field = of_values(problem, {u: x + Float(0.5), k: Float(number)})
    at_ends = relative_residuals(system, field, 0)[1:]
    # The mean is one: beside it, what is left at 0 is data, and what is left at 1 is not.
    assert at_ends == pytest.approx([0.5 / (12**-0.5 + 1), 0.5 / 12**-0.5], rel=0.1)


def test_a_large_number_hides_no_difference():
    problem = Problem(line, Eq(u.diff(x) + u / k, 1), Eq(u(0), 0), Eq(u(1), 1))
    system, points = compile_problem(problem), np.linspace(0, 1, 51)[:, None]
    one, other = (
        of_values(problem, {u: c * x, k: Float(1e150)}).values(points) for c in (1, Float(1.5))
    )
    assert relative_change(system, other, one) > 0.4


def test_two_numbers_of_a_channel_are_found_and_not_lost_at_infinity():
    """With seed 1 the permeability went to 1e157, and was called met."""
    problem, true = NUMBERS["brinkman_forchheimer"](0.0, 1)
    solution = solve(problem, tolerance=1e-8, seed=1)
    for number, value in true.items():
        assert float(solution[number]) == pytest.approx(value, rel=1e-6)
