"""The automatic mode: tolerances, budgets, ends and warnings."""

from __future__ import annotations

import math
import warnings
from itertools import pairwise

import pytest
from sympy import Eq, Float, Symbol, exp, oo, pi, sin

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Dense,
    Interval,
    Problem,
    coordinates,
    laplacian,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.coefficients.memory import fitting
from pinnsolve.compile.system import compile_problem
from pinnsolve.problems import CATALOGUE
from pinnsolve.running.stop import Stop
from pinnsolve.search.fit import fit
from pinnsolve.search.task import Outcome, Task
from pinnsolve.strategies.separation import at_once
from pinnsolve.strategies.two import better
from small_problems import waves

x, y, t = coordinates("x y t")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
poisson = CATALOGUE["poisson_2d"]


def poisson_for(exact):
    """Poisson's equation for what is no sum of exponentials, which the data would give away."""
    return manufactured(square, -laplacian(u), u @ square.boundary, exact={u: exact})


chirp, saddle = sin(6 * x**2 + 5 * y), sin(30 * x * y)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["poisson_2d", "disk", "heat_1d", "beam", "poisson_5d", "convection_diffusion_1e1"]
)
def test_automatic_choice_meets_the_tolerance(name):
    solution = solve(CATALOGUE[name](), tolerance=1e-8)
    assert solution.stopped == "met"
    assert solution.error() < 1e-8
    assert solution.estimate <= 1e-8
    assert solution.residual() < 1e-6


@pytest.mark.slow
def test_automatic_choice_without_a_tolerance_goes_to_round_off():
    assert solve(poisson(), seed=3).error() < 1e-12


@pytest.mark.slow
def test_callbacks_see_every_step():
    seen = []
    solution = solve(poisson(), tolerance=1e-6, callbacks=[seen.append])
    assert tuple(seen) == solution.history.steps
    assert {step.stage for step in seen} == {"choose", "grow", "check"}
    assert all(a.seconds <= b.seconds for a, b in pairwise(seen))


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 40, 10_000])
def test_interrupt_returns_the_best_so_far(after):
    """Ctrl-C in the scan, in growth, or never; the solution is good for something in each case."""
    steps = []

    def interrupt(step):
        steps.append(step)
        if len(steps) == after or (
            after == 10_000
            and step.stage == "grow"
            and len([s for s in steps if s.stage == "grow"]) == 2
        ):
            raise KeyboardInterrupt

    solution = solve(poisson_for(chirp), callbacks=[interrupt])
    assert solution.stopped == "interrupted"
    assert solution.error() < 2
    assert math.isfinite(solution.residual())


@pytest.mark.slow
def test_estimate_after_growth_is_within_a_factor_of_the_truth():
    for name, tolerance in (("disk", 1e-6), ("wave_1d", 1e-5), ("biharmonic", 1e-7)):
        solution = solve(CATALOGUE[name](), tolerance=tolerance)
        assert solution.stopped == "met"
        assert solution.error() / 100 < solution.estimate < 100 * solution.error()
        assert solution.error() < tolerance


@pytest.mark.slow
def test_an_unknown_that_is_zero_is_judged_with_its_peers():
    """Channel flow: the velocity across is zero, and its relative error means nothing."""
    v, w, p = (unknown(name, x, y) for name in "vwp")
    sides = [field @ square.boundary for field in (v, w)]
    problem = manufactured(
        square,
        -laplacian(v) + p.diff(x),
        -laplacian(w) + p.diff(y),
        v.diff(x) + w.diff(y),
        *sides,
        p(0, 0),
        exact={v: y * (1 - y), w: 0 * x, p: -2 * x},
    )
    assert solve(problem, tolerance=1e-6).stopped == "met"


@pytest.mark.slow
def test_budget_of_seconds_is_kept(work):
    """A problem that is out of reach: the best so far, with its estimate, in not much more than the
    time allowed.
    """
    start = work()
    solution = solve(poisson_for(saddle), tolerance=1e-12, budget=Budget(seconds=3))
    assert work() - start < 5
    assert solution.stopped == "budget"
    assert solution.error() / 100 < solution.estimate < 100 * solution.error()


@pytest.mark.slow
def test_budget_of_memory_is_kept_by_prediction():
    small, system = Budget(gigabytes=0.08), compile_problem(poisson_for(saddle))
    assert at_once(Task(system, 1e-12, fitting(small, system), 0)).stopped == "budget"
    with pytest.raises(
        MemoryError,
        match=(
            r"a basis of 5000 functions for 1 unknowns would take 1\.2 GB: at most \d+ functions fit,"
            " on any number of ranks"
        ),
    ):
        solve(poisson(), waves(5000, 4), budget=small)
    for wrong in ({"seconds": 0}, {"gigabytes": -1}):
        with pytest.raises(ValueError, match="must be positive"):
            Budget(**wrong)


@pytest.mark.slow
def test_missing_boundary_condition_is_warned_of_with_the_dimension():
    loose = Problem(
        square,
        Eq(-laplacian(u), 0),
        Eq(u.diff(x), 0) @ square.at(x=0),
        Eq(u.diff(x), 0) @ square.at(x=1),
    )
    with pytest.warns(UserWarning, match="null space of dimension at least 8"):
        assert solve(loose, waves(300, 4)).stopped == "not unique"
    floating = manufactured(
        square,
        -laplacian(u),
        *[u.diff(c) @ square.at(**{c.name: e}) for c in (x, y) for e in (0, 1)],
        exact={u: sin(x) + y**3},
    )
    with pytest.warns(UserWarning, match="null space of dimension 1;"):
        solution = solve(floating, tolerance=1e-8)
    assert (solution.stopped, solution.null_space) == ("not unique", 1)
    assert "null space of dimension 1;" in solution.report()


@pytest.mark.slow
@pytest.mark.parametrize(("k", "data"), [(5 * pi, 0), (5 * pi, sin(pi * x) * y)])
def test_helmholtz_at_an_exact_eigenvalue(k, data):
    """sin(3 pi x) sin(4 pi y) and its mirror image are free, with zero data as with others."""
    problem = Problem(square, Eq(-laplacian(u) - k**2 * u, data), Eq(u, 0) @ square.boundary)
    with pytest.warns(
        UserWarning, match="not uniquely solvable.*null space of dimension 2; .*eigenvalue"
    ):
        solution = solve(problem)
    assert solution.stopped == "not unique"
    assert solution.null_space == 2


@pytest.mark.slow
def test_tolerance_below_float64():
    with pytest.warns(UserWarning, match="below what float64 can give; reached about"):
        solution = solve(poisson(), tolerance=1e-20)
    assert solution.stopped == "stagnated"
    assert solution.error() < 1e-13


@pytest.mark.parametrize("tolerance", [0, -1e-3, math.nan, math.inf])
def test_tolerance_must_be_positive(tolerance):
    with pytest.raises(ValueError, match="positive number"):
        solve(poisson(), tolerance=tolerance)


def test_a_problem_without_exact_solution_says_so():
    solution = solve(
        Problem(square, Eq(-laplacian(u), 1), Eq(u, 0) @ square.boundary), waves(100, 5)
    )
    with pytest.raises(ValueError, match="no exact solution"):
        solution.error()
    assert "error " not in solution.report()
    assert oo > solution.estimate > 0


@pytest.mark.slow
def test_ball_in_four_dimensions():
    z = coordinates("z0:4")
    w = unknown("w", *z)
    ball = Ball(dict.fromkeys(z, 0), 1)
    problem = manufactured(
        ball, -laplacian(w), w @ ball.boundary, exact={w: exp(z[0]) * sin(z[1]) + z[2] * z[3]}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert solve(problem, waves(800, 2)).error() < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e160, 1e300])
def test_data_of_any_size_give_the_same_verdict(size):
    """u and size u of a linear problem: residuals and widths are the same to round-off, though
    squares are no numbers.
    """
    z = Symbol("z", real=True)
    v = unknown("v", z)
    found = []
    for scale in (1.0, size):
        exact = Float(scale) * sin(3 * z) * exp(z)
        sides = [Eq(v(end), exact.subs(z, end)) for end in (0, 1)]
        problem = Problem(
            Interval(z, 0, 1),
            Eq(-v.diff(z, 2) + v, exact - exact.diff(z, 2)),
            *sides,
            exact={v: exact},
        )
        found.append(solve(problem, tolerance=1e-8))
    plain, scaled = found
    assert plain.stopped == scaled.stopped == "met"
    assert 0 < scaled.error() < 1e-12
    assert scaled.history.final.functions == plain.history.final.functions
    assert scaled.residual() == pytest.approx(plain.residual(), rel=10, abs=1e-13)
    assert scaled.report()


def test_of_two_outcomes_without_an_estimate_the_smaller_residual_is_better():
    """Time did not allow the first to be checked: its residual is a thousand times smaller."""
    system = compile_problem(poisson())
    good, bad = (fit(system, Dense(n, activation="sin"), 0) for n in (200, 8))
    assert good.residual < bad.residual / 100
    unchecked = Outcome(good, math.nan, 0, Stop.BUDGET)
    checked = Outcome(bad, 0.5, 0, Stop.STAGNATED)
    assert better(unchecked, checked) is unchecked
    assert better(checked, unchecked) is unchecked
    doubtful = Outcome(good, 0.9, 0, Stop.STAGNATED)
    assert better(doubtful, checked) is checked
