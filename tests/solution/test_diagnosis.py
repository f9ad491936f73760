"""Hard problems: what the report says where the tolerance is not met."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq, Rational, Symbol, exp, log, sin

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Dense,
    Interval,
    Problem,
    Waves,
    compile_problem,
    coordinates,
    geometric,
    laplacian,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.problems import CATALOGUE
from pinnsolve.running.stop import Stop
from pinnsolve.search.task import Task
from pinnsolve.solution.diagnosis import diagnosis
from pinnsolve.strategies.fits_in_cells import fit_in
from pinnsolve.strategies.layouts import first_layout
from pinnsolve.symbols.occurrences import fully_nonlinear
from pinnsolve.verdict import judged

x, y, t = coordinates("x y t")
u, w = unknown("u", x, y), unknown("w", x, t)
square = Box({x: (0, 1), y: (0, 1)})
strip = Box({x: (0, 1), t: (0, 1)})

z = unknown("z", x)
line = Box({x: (0, 1)})


@pytest.mark.slow
def test_tolerance_below_float64_stagnates_and_says_what_was_reached():
    problem = manufactured(
        square, -laplacian(u), u @ square.boundary, exact={u: exp(x) * sin(3 * y)}
    )
    with pytest.warns(UserWarning, match=r"below what float64 can give; reached about \d"):
        solution = solve(problem, tolerance=1e-17)
    assert solution.stopped == "stagnated"
    assert solution.estimate < 1e-12


@pytest.mark.slow
def test_budget_too_small_gives_the_best_so_far_and_says_so(work):
    problem = manufactured(square, -laplacian(u), u @ square.boundary, exact={u: sin(40 * x * y)})
    solve(problem, Dense(20))  # imports and caches are not the budget's
    start = work()
    solution = solve(problem, tolerance=1e-10, budget=Budget(1.0, clock=time.process_time))
    assert work() - start < 3
    assert solution.stopped == "budget"
    assert solution.estimate > 1e-10
    assert any("give more seconds" in sentence for sentence in solution.diagnosis())


@pytest.mark.slow
def test_budget_is_kept_in_three_and_many_dimensions(work):
    """Seconds are looked at before they are spent; two more are allowed."""
    for name in ("maxwell_tm", "poisson_10d_pairs"):
        start = work()
        solve(CATALOGUE[name](), tolerance=1e-14, budget=Budget(seconds=6.0))
        assert work() - start < 8, name


def test_unresolved_layers_and_lost_digits_are_named():
    thin = manufactured(
        square,
        -laplacian(u) / 10**6 + u.diff(x),
        u @ square.boundary,
        exact={u: exp(10**6 * (x - 1)) + y},
    )
    solution = solve(thin, Dense(60, 1, "sin", Waves(4.0)), tolerance=1e-8)
    assert any(
        "1.0e-06" in sentence and "Stretched" in sentence for sentence in solution.diagnosis()
    )
    smooth = manufactured(
        square, -laplacian(u), u @ square.boundary, exact={u: exp(x) * sin(3 * y)}
    )
    flat = solve(smooth, Dense(300, 1, "sin", Waves(0.02)))
    assert any("digits are left" in sentence for sentence in flat.diagnosis())
    good = solve(smooth, Dense(300, 1, "sin", Waves(4.0)))
    assert good.diagnosis() == ()


@pytest.mark.slow
def test_data_that_jump_are_named():
    """Three values at one corner of a strip in time: no smooth basis satisfies them all."""
    problem = Problem(
        strip,
        Eq(w.diff(t) - w.diff(x, 2), 0),
        Eq(w, 0) @ strip.at(x=0),
        Eq(w, 0) @ strip.at(x=1),
        Eq(w, 1) @ strip.at(t=0),
    )
    solution = solve(
        problem, tolerance=1e-8, budget=Budget(3, columns=120, clock=time.process_time)
    )
    assert solution.stopped in ("stagnated", "budget")
    assert solution.diagnosis()


def test_a_search_that_ended_always_says_where():
    """Also one whose residual was still falling, of which no other sentence speaks."""
    problem = manufactured(square, -laplacian(u), u @ square.boundary, exact={u: sin(9 * x) * y})
    solution = solve(problem, Dense(60, 1, "sin", Waves(9.0)))
    step = solution.history.final
    falling = [replace(step, stage="grow", residual=residual) for residual in (5e-3, 1e-3)]
    ended = replace(solution.history, steps=tuple(falling), stopped=Stop.STAGNATED)
    told = replace(solution, history=ended).diagnosis()
    assert len(told) == 1
    assert "ended above its tolerance" in told[0]
    worst = int(np.argmax(solution.residuals()))
    assert f"{solution.residuals()[worst]:.0e}" in told[0]


def test_why_a_given_basis_is_no_solution():
    problem = manufactured(square, -laplacian(u), u @ square.boundary, exact={u: sin(9 * x) * y})
    with pytest.warns(UserWarning, match="residual above 1e-2"):
        straight = solve(problem, Dense(40, 1, "relu"))
    assert straight.stopped == "unresolved"
    assert "no derivatives of order 2" in straight.diagnosis()[0]
    with pytest.warns(UserWarning, match="residual above 1e-2"):
        few = solve(problem, Dense(6))
    assert "the 6 functions of this basis leave a residual of" in few.diagnosis()[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("domain", "power"),
    [
        (Ball({x: 0, y: 0}, 1) - Ball({x: 0, y: 0}, Rational(1, 2)), 1),
        (Ball({x: 0, y: 0}, 1) - Ball({x: 0, y: 0}, Rational(1, 2)), 3),
        (Ball({x: 0, y: 0}, 1) | Ball({x: 5, y: 0}, 1), 1),
    ],
    ids=["hole", "hole, cubic", "two disks"],
)
def test_a_part_of_the_boundary_without_a_condition_is_never_met(domain, power):
    """Smooth functions have a continuation into the hole that satisfies everything; it is one of
    many.
    """
    problem = Problem(domain, Eq(laplacian(u), u**power), Eq(u, 1) @ Ball({x: 0, y: 0}, 1).boundary)
    with pytest.warns(
        UserWarning,
        match=r"not uniquely solvable.*at least .*nothing is prescribed on the boundary at",
    ):
        solution = solve(problem, tolerance=1e-4, budget=Budget(columns=160))
    assert solution.stopped == "not unique"
    assert "nothing is prescribed on the boundary at" in solution.diagnosis()[0]


@pytest.mark.slow
def test_conditions_that_contradict_each_other_are_not_told_to_take_more_seconds(work):
    f = unknown("f", x)
    problem = Problem(Interval(x, 0, 1), Eq(f.diff(x), 1), Eq(f(0), 0), Eq(f(1), 0))
    solution = solve(problem, budget=Budget(seconds=3.0))
    assert solution.stopped == "budget"
    said = " ".join(solution.diagnosis())
    assert "check whether the conditions contradict each other" in said
    assert "wider bases left no less" in said
    assert "give more seconds" not in said


@pytest.mark.slow
def test_an_equation_whose_solutions_have_kinks_names_the_remedy():
    """|z'|^2 = 4 with zero ends; and the remedy leads to the viscosity solution, 1 - |1 - 2x|."""
    eps, ends = Symbol("eps"), (Eq(z(0), 0), Eq(z(1), 0))
    kinked = Problem(line, Eq(z.diff(x) ** 2, 4), *ends)
    with pytest.warns(UserWarning, match="this is no solution yet"):
        solution = solve(kinked, tolerance=1e-6, budget=Budget(columns=120))
    assert solution.stopped != "met"
    told = diagnosis(
        compile_problem(kinked),
        solution.field,
        replace(solution.history, stopped=Stop.STAGNATED),
        (0.04, 0.04, 0.04),
        0,
        0.0,
        0.0,
    )
    assert "nonlinear in its highest derivatives" in told[0]
    smoothed = Problem(
        line, Eq(z.diff(x) ** 2 - eps * z.diff(x, 2), 4), *ends, constants={eps: 1e-2}
    )
    followed = solve(smoothed, tolerance=1e-4, continuation={eps: geometric(1, 1e-2)})
    assert followed.stopped == "met"
    points = [0.1, 0.5, 0.9]
    assert followed(points) == pytest.approx([0.2, 1.0, 0.2], abs=1e-2)


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        (abs(z.diff(x)), True),
        (u.diff(x, 2) * u.diff(y, 2) - u.diff(x, y) ** 2, True),
        (u * u.diff(x, 2) + u.diff(y) ** 2, False),
        (z**2, False),
    ],
)
def test_fully_nonlinear_equations_are_told_apart(equation, expected):
    assert fully_nonlinear(equation) is expected


@pytest.mark.slow
def test_a_pole_of_the_data_is_named():
    load = 4 * x / (x**2 + y**2)
    problem = Problem(square, Eq(laplacian(u), load), Eq(u, 0) @ square.boundary)
    # No cell has so few columns: one basis it is.
    with pytest.warns(UserWarning, match="this is no solution yet"):
        solution = solve(problem, tolerance=1e-6, budget=Budget(columns=120))
    assert any("narrow feature at x=0 within" in told for told in solution.diagnosis())


@pytest.mark.slow
def test_a_pole_that_no_cells_resolve_is_named():
    """Not square integrable, so no solution has second derivatives."""
    load = x / (x**2 + y**2) ** 2
    problem = Problem(square, Eq(laplacian(u), load), Eq(u, 0) @ square.boundary)
    with pytest.warns(UserWarning, match="this is no solution yet"):
        solution = solve(problem, tolerance=1e-6, cells=4, budget=Budget(columns=300))
    assert solution.stopped != "met"
    assert any("narrow feature at x=0 within" in told for told in solution.diagnosis())


@pytest.mark.slow
def test_a_pole_that_cells_resolve_is_met():
    """The load has a pole, the solution x log(x^2 + y^2) has none: cells are cut towards it."""
    r2 = x**2 + y**2
    sides = [Eq(u, 0) @ square.at(x=0)] + [
        Eq(u, (x * log(r2)).subs({c: end})) @ square.at(**{c.name: end})
        for c, end in ((x, 1), (y, 0), (y, 1))
    ]
    problem = Problem(square, Eq(laplacian(u), 4 * x / r2), *sides)
    solution = solve(problem, tolerance=1e-5, cells=4)
    assert solution.stopped == "met"
    at = np.random.default_rng(0).random((4000, 2))
    exact = at[:, 0] * np.log((at**2).sum(axis=1))
    assert np.linalg.norm(solution(at) - exact) < 1e-5 * np.linalg.norm(exact)


@pytest.mark.slow
def test_draws_that_disagree_beside_a_small_residual_are_no_solution_yet():
    """z'' = 1 + z'^2 is z' = tan(x - c): on a length above pi there is no solution."""
    long = Interval(x, 0, 4)
    problem = Problem(long, Eq(z.diff(x, 2), 1 + z.diff(x) ** 2), Eq(z(0), 0), Eq(z(4), 0))
    with pytest.warns(UserWarning, match="two independent draws differ by"):
        solution = solve(problem, tolerance=1e-6, budget=Budget(columns=240))
    assert solution.stopped != "met"
    assert any("or none, and slopes grow" in told for told in solution.diagnosis())


def test_nothing_is_met_beside_an_estimate_that_says_otherwise():
    """What cells leave at faces, or a second draw, is part of both, at the same points."""
    problem = manufactured(square, laplacian(u), u @ square.boundary, exact={u: exp(x) * sin(y)})
    solution = solve(problem, Dense(200, activation="sin", initialize=Waves(3.0)), tolerance=1e-4)
    assert solution.stopped == "met"

    def said(change):
        asked = replace(solution, change=change), compile_problem(problem), 1e-4, 0.0, Budget()
        return judged(*asked).stopped

    assert said(0.9e-4) == "met"
    assert said(1.1e-4) == "stagnated"


def test_fits_in_cells_are_judged_where_their_solution_is():
    problem = manufactured(square, laplacian(u), u @ square.boundary, exact={u: sin(x * y)})
    solution = solve(problem, Dense(40, activation="sin", initialize=Waves(3.0)), cells=2)
    task = Task(compile_problem(problem), 1e-6, Budget(), solution.seed)
    layout = first_layout(task.system, (2, 2), solution.declared.parts[0], task.goal)
    fitted, _ = fit_in(task, layout, solution.seed)
    assert (fitted.jump, fitted.kink) == (solution.jump, solution.kink) != (0.0, 0.0)
