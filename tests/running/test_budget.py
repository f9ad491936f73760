"""Budgets of seconds, by a clock that counts how often it is asked: every loop asks, and nothing is
begun after the end.
"""

from __future__ import annotations

from itertools import count

import pytest
from sympy import Eq, exp, sin

from pinnsolve import LSGD, Box, Budget, Dense, Interval, Problem, coordinates, solve, unknown
from pinnsolve.coefficients import gauss_newton
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.fields.building import build_space
from pinnsolve.jets.indices import composition
from pinnsolve.running.budget import OutOfTimeError
from pinnsolve.training.objective import Reduced
from pinnsolve.training.weighted_loss import weighted_loss
from small_problems import nonlinear

x, t = coordinates("x t")
u = unknown("u", x)
v = unknown("v", x, t)


def evolution():
    box = Box({x: (0, 1), t: (0, 1)})
    return Problem(
        box,
        Eq(v.diff(t), v.diff(x, 2) + v**2),
        Eq(v(x, 0), sin(3 * x)),
        Eq(v(0, t), 0),
        Eq(v(1, t), sin(3) * exp(-t)),
    )


class Late:
    """A clock on which the seconds are used from a certain piece of work on."""

    def __init__(self, after):
        self.after, self.work = after, count()

    def __call__(self):
        return 0.0 if next(self.work) < self.after else 1e6


@pytest.mark.parametrize("after", [2, 10, 30])
@pytest.mark.parametrize(
    "way",
    [
        lambda budget: solve(nonlinear(), tolerance=1e-14, budget=budget),
        lambda budget: solve(nonlinear(), Dense(20), budget=budget),
        lambda budget: solve(nonlinear(), Dense(8), LSGD(10**6), budget=budget),
        lambda budget: solve(evolution(), tolerance=1e-9, budget=budget),
    ],
    ids=["automatic", "given", "trained", "evolution"],
)
def test_little_is_done_after_the_end(way, after, monkeypatch):
    clock, late = Late(after), []
    assemble = gauss_newton.assemble

    def watched(*arguments, **named):
        late.append(clock() > 0)
        return assemble(*arguments, **named)

    monkeypatch.setattr(gauss_newton, "assemble", watched)
    try:
        solution = way(Budget(seconds=10, clock=clock))
    except TimeoutError:
        solution = None
    assert solution is None or solution.stopped in (
        "budget",
        "solved",
        "stagnated",
        "not converged",
    )
    assert sum(late) <= 6


def test_a_budget_begins_by_its_own_clock():
    assert Budget(seconds=10, clock=lambda: 4.0).spent() == 0.0


def test_shares_of_what_is_left():
    budget = Budget(seconds=10, start=0.0, clock=lambda: 4.0)
    assert (budget.spent(), budget.left()) == (4.0, 6.0)
    part = budget.share(0.5)
    assert (part.left(), part.seconds) == (3.0, 3.0)
    assert budget.started().left() == 10.0


def test_faa_di_bruno_at_order_sixteen():
    """One term a partition of 16, and as many in all as Bell's number of set partitions."""
    terms = composition((16,))
    assert len(terms) == 231
    assert sum(term.count for term in terms) == 10480142147


@pytest.mark.slow
def test_a_factorization_that_would_end_late_is_not_begun(work):
    """It cannot look at the clock: the answer comes at once, in words, with a width that fits."""
    problem = Problem(Interval(x, 0, 1), Eq(-u.diff(x, 2), sin(3 * x)), Eq(u(0), 0), Eq(u(1), 1))
    begun = work()
    with pytest.raises(
        TimeoutError,
        match=r"a solve for 1500 coefficients takes about .* s, and 0\.\d+ s are left.*about \d+",
    ):
        solve(problem, Dense(1500), budget=Budget(seconds=0.3))
    assert work() - begun < 0.3
    assert solve(problem, Dense(1000), budget=Budget(seconds=10)).stopped == "solved"


def test_a_line_search_looks_at_the_clock():
    """Each of its steps solves for the coefficients, and a step of a descent may be twenty of
    them.
    """
    system = compile_problem(
        Problem(Interval(x, 0, 1), Eq(-u.diff(x, 2), sin(3 * x)), Eq(u(0), 0), Eq(u(1), 1))
    )
    space = build_space(system, Dense(8), 0)
    rows = weighted_loss(system, collocation_points(system, space, 0), space)
    start = rows.solve()
    assert (
        Reduced(rows, budget=Budget(3.0, start=0.0, clock=lambda: 2.0))
        .evaluate(start.x, start)
        .loss
        == start.loss
    )
    with pytest.raises(OutOfTimeError):
        Reduced(rows, budget=Budget(1.0, start=0.0, clock=lambda: 2.0)).evaluate(start.x, start)
