"""What all draws of a basis share is told by the error that their residual allows."""

from __future__ import annotations

import math

from sympy import Rational, cos, exp, pi, sin, tanh

from pinnsolve import Box, Budget, Dense, coordinates, laplacian, manufactured, solve, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.running.stop import Stop
from pinnsolve.search.agreement import confirmed
from pinnsolve.search.confirm import DOUBT, allowed_error
from pinnsolve.search.doubling import PATIENCE, Growth, _with
from pinnsolve.search.families.family import Family
from pinnsolve.search.families.oriented import variants
from pinnsolve.search.fit import fit
from pinnsolve.search.task import Outcome, Task
from pinnsolve.solution.judging import error_on_points

x, t = coordinates("x t")
STRIP, U = Box({x: (0, 1), t: (0, 1)}), unknown("u", x, t)


def evolution(law, exact):
    known = [U @ STRIP.at(x=0), U @ STRIP.at(x=1), U @ STRIP.at(t=0)]
    return manufactured(STRIP, law, *known, exact={U: exact})


def front():
    """Allen and Cahn's, with 1/50: 300 functions do not resolve it, nor do 400 waves."""
    law = U.diff(t) - U.diff(x, 2) / 50 - 50 * (U - U**3)
    return evolution(law, tanh(20 * (x - Rational(1, 3) - t / 4)))


def growing():
    """Linear, and small residuals grow."""
    law = U.diff(t) - U.diff(x, 2) / 20 - 8 * U
    return evolution(law, sin(3 * pi * x) * exp(t) * cos(9 * t))


def test_of_a_front_that_no_wave_resolves_the_rest_of_the_residual_counts():
    system = compile_problem(front())
    found = fit(system, Dense(300, 1, "tanh"), 1)
    error = float(error_on_points(system, found.field, None, 4000, 1))
    assert error / 2 < allowed_error(system, found.field, 1) < 10 * error


def test_two_draws_that_agree_are_not_believed_beside_a_residual_that_allows_more():
    solution = solve(growing(), Dense(100, 1, "tanh"), seed=2)
    error = float(solution.error())
    assert DOUBT.shared < solution.residual() < DOUBT.unreliable
    assert error / 2 < solution.estimate < 3 * error


def test_where_the_residual_is_small_two_draws_are_believed():
    solution = solve(growing(), Dense(200, 1, "sin"))
    assert solution.residual() < DOUBT.shared
    assert solution.estimate == solution._difference


def test_no_way_ends_with_what_its_solution_does_not_call_met():
    """A tolerance of 0.05 lets a residual pass that lets two draws prove nothing."""
    system = compile_problem(growing())
    found = fit(system, Dense(70, 1, "tanh"), 1)
    error = float(error_on_points(system, found.field, None, 4000, 1))
    assert DOUBT.unreliable < found.residual < 0.05 < error
    draws_agree = Outcome(found, 0.01, 0, Stop.STAGNATED)
    assert error / 2 < confirmed(system, draws_agree, enough=0.05).estimate < 2 * error


def ridge():
    """A function of one direction alone."""
    six = coordinates("x y z p q r")
    box, u = Box(dict.fromkeys(six, (0, 1))), unknown("u", *six)
    along = sum(k * c for k, c in enumerate(six, 1)) / 8
    return manufactured(box, -laplacian(u) + u, u @ box.boundary, exact={u: exp(along)})


def test_what_checks_a_fit_has_directions_of_that_fit_not_of_the_solution_before():
    """Draws in the same wrong directions are off alike."""
    system = compile_problem(ridge())
    crude = fit(system, Dense(100, 1, "sin"), 1)
    family = variants(system, Family("sin", (), lambda _, width: Dense(width)), crude)[1]
    best = Outcome(fit(system, family.of_width(150), 1), math.nan, 0, "stagnated")
    task = Task(system, 1e-8, Budget(60), 1)
    growth = _with(task, Growth((family,), 150, None, 0.1), best)
    fewer = round(150 / PATIENCE.short)
    assert growth.narrower[-1] == family.relearned(system, best.fit).of_width(fewer)
    assert growth.narrower[-1] != family.of_width(fewer)
