"""Terms that are stiff on a part of the domain do not hide what is left on the rest."""

from __future__ import annotations

import pytest
from sympy import Rational, cos, exp, sin, sqrt, tanh

from pinnsolve import Box, Dense, coordinates, manufactured, solve, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.measure import hidden_residual
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import confirmed
from pinnsolve.search.fit import fit
from pinnsolve.search.task import Outcome
from pinnsolve.solution.judging import error_on_points

x, t = coordinates("x t")
LINE, U = Box({x: (0, 1)}), unknown("u", x)
WAVE = sin(12 * x) + cos(29 * x) / 4


def stiff(rate, steepness=50):
    """A reaction of a rate on the right half alone."""
    there = rate * (1 + tanh(steepness * (x - Rational(1, 2)))) / 2
    law = -U.diff(x, 2) + there * U
    return manufactured(LINE, law, U @ LINE.boundary, exact={U: WAVE})


def obstacle(penalty):
    """A string on an obstacle that it touches from 0.3 on, held there by a penalty."""
    free = (x - Rational(3, 10)) / Rational(1, 20)
    gap = (exp(-free) / (1 + exp(-free))) * sin(9 * x) ** 2
    exact = 1 - x**2 + gap
    missing = 1 - x**2 - U
    pushed = penalty * (missing + sqrt(missing**2 + Rational(1, 10**8))) / 2
    return manufactured(LINE, -U.diff(x, 2) - pushed, U @ LINE.boundary, exact={U: exact})


def relaxing(rate):
    """Values that are drawn to others at a rate, on a part of the time."""
    line = Box({t: (0, 1)})
    u = unknown("u", t)
    there = rate * (1 + tanh(40 * (t - Rational(1, 2)))) / 2
    law = u.diff(t) - 20 * u * cos(25 * t) + there * (u - exp(cos(7 * t)))
    return manufactured(line, law, u @ line.at(t=0), exact={u: exp(cos(7 * t)) + sin(11 * t) / 3})


CASES = {
    "reaction": (stiff(10**4), 20),
    "faster reaction": (stiff(10**6), 40),
    "steep reaction": (stiff(10**5, 1000), 40),
    "obstacle": (obstacle(10**6), 40),
    "relaxing": (relaxing(10**6), 40),
}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("problem", "width"), CASES.values(), ids=CASES)
def test_an_estimate_is_no_less_than_what_stiff_terms_hide(problem, width, seed):
    """Beside them the residual is small in the size of the equation's terms."""
    system = compile_problem(problem)
    found = fit(system, Dense(width, 1, "tanh"), seed)
    error = float(error_on_points(system, found.field, None, 4000, 1))
    assert found.residual < error / 10
    claimed = Outcome(found, error / 10, 0, Stop.STAGNATED)
    estimate = confirmed(system, claimed, enough=1.0).estimate
    assert error / 2 < estimate < 4 * error


def test_a_solution_in_a_given_basis_says_so():
    """Of another draw the residual is as well hidden: both differ by a sixth of the error."""
    solution = solve(stiff(10**6), Dense(60, 1, "tanh"), tolerance=1e-3, seed=2)
    assert solution.error() > 1e-3
    assert solution.stopped == Stop.STAGNATED
    assert solution.error() < 2 * solution.estimate


@pytest.mark.parametrize("rate", [1, 10**6])
def test_where_terms_are_alike_nothing_is_hidden(rate):
    law = -U.diff(x, 2) + rate * (2 + sin(9 * x)) * U
    problem = manufactured(LINE, law, U @ LINE.boundary, exact={U: WAVE})
    system = compile_problem(problem)
    assert hidden_residual(system, fit(system, Dense(20, 1, "tanh"), 0).field, 0) == 0.0
