"""Evolutions: resolved blind, kept in files, ended, and what is said where separation fails."""

from __future__ import annotations

from time import process_time as cpu
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.special
import torch
from scipy.integrate import solve_ivp
from sympy import Eq, LambertW, Rational, besselj, cos, exp, gamma, pi, sin

from pinnsolve import (
    LSGD,
    Box,
    Budget,
    Dense,
    Interval,
    LevenbergMarquardt,
    Problem,
    Waves,
    coordinates,
    laplacian,
    load,
    solve,
    unknown,
)
from pinnsolve.basis.initialize import Harmonics
from pinnsolve.evolution import made
from pinnsolve.evolution.integrate import integrate
from pinnsolve.evolution.made import Made, left_over
from pinnsolve.evolution.runs import Plan
from pinnsolve.fields.separated import Separated
from pinnsolve.problems import CATALOGUE
from small_problems import semidiscrete_of

x, y, t = coordinates("x y t")
u = unknown("u", x, t)
box = Box({x: (0, 1), t: (0, 1)})


@pytest.mark.parametrize("power", [0.7, 2.0, 4.0])
def test_slow_errors_are_more_than_two_runs_differ_by(power):
    narrow, middle, wide = (n**-power for n in (64.0, 96.0, 115.0))
    apart = middle - wide
    more = left_over((narrow - middle) / apart, 96 / 64, 115 / 96)
    assert more * apart == pytest.approx(middle, rel=1e-6)
    assert left_over(1e12, 1.5, 1.2) == pytest.approx(1.0, rel=1e-2)
    assert left_over(1.0, 1.5, 1.2) == 1.0  # noise


@pytest.mark.parametrize(("rtol", "wanted"), [(1e-6, 6.5e-5), (1e-5, 3e-5), (5e-4, 6.5e-5)])
def test_runs_that_differ_by_little_claim_what_functions_or_steps_may_leave(
    monkeypatch, rtol, wanted
):
    """Errors fall like n^-2: 6.5e-5 and 4.5e-5 of 96 and 115 functions. They differ by 2e-5."""
    plans = [Plan(n, (), (), rtol, 0) for n in (64, 96, 115)]
    errors = {plan: 0.6 / plan.width**2 for plan in plans}
    runs = {plan: SimpleNamespace(plan=plan, fit=plan) for plan in plans}
    monkeypatch.setattr(made, "difference_of", lambda _, a, b: errors[a] - errors[b])
    held = SimpleNamespace(system=None, held=runs, _narrower=lambda _: runs[plans[0]])
    change = errors[plans[1]] - errors[plans[2]]
    assert Made.error_by(held, plans[1], plans[2], change) == pytest.approx(wanted, rel=0.02)


@pytest.mark.slow
def test_estimates_of_a_kink_that_moves_are_no_less_than_errors():
    """Beside a free boundary second derivatives jump: errors fall like the square of widths."""
    solution = solve(CATALOGUE["american_put"](), tolerance=1e-3, budget=Budget(60, clock=cpu))
    assert solution.stopped == "met"
    assert solution.error() <= solution.estimate


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("burgers", 1e-8),
        ("fisher", 1e-8),
        ("soliton", 1e-6),
        ("reaction", 1e-8),
        ("logistic", 1e-8),
        ("lotka_volterra", 1e-8),
        ("lorenz", 1e-6),
        ("van_der_pol", 1e-7),
        ("korteweg_de_vries", 1e-5),
    ],
)
def test_blind_solutions_meet_their_tolerance(name, tolerance):
    solution = solve(CATALOGUE[name](), tolerance=tolerance)
    assert solution.stopped == "met"
    assert solution.error() < 10 * tolerance
    assert solution.estimate <= tolerance


@pytest.mark.slow
def test_an_evolving_solution_is_the_same_when_loaded(tmp_path):
    problem = CATALOGUE["fisher"]()
    solution = solve(problem, tolerance=1e-5)
    solution.save(tmp_path / "fisher.safetensors")
    again = load(tmp_path / "fisher.safetensors", problem)
    points = np.random.default_rng(0).random((50, 2))
    assert np.array_equal(solution(points), again(points))
    assert "blow-up" not in solution.report()
    assert solution(points, u.diff(t) + u).shape == (50,)


@pytest.mark.slow
def test_blow_up_is_said_with_its_time():
    """u' = u^2 from 2 is 1 / (1/2 - t)."""
    w = unknown("w", t)
    problem = Problem(Interval(t, 0, 1), Eq(w.diff(t), w**2), Eq(w(0), 2))
    with pytest.warns(UserWarning, match=r"without bound.*t = 0\.[45]"):
        solution = solve(problem, tolerance=1e-6)
    assert solution.stopped == "blow-up"
    assert solution([[0.3]])[0] == pytest.approx(1 / 0.2, rel=1e-5)


@pytest.mark.slow
def test_interrupted_evolution_returns_the_best_so_far():
    def stop(step):
        if step.stage == "grow":
            raise KeyboardInterrupt

    solution = solve(CATALOGUE["fisher"](), tolerance=1e-9, callbacks=[stop])
    assert solution.stopped == "interrupted"
    assert solution.error() < 1e-2


@pytest.mark.slow
@pytest.mark.usefixtures("work")
def test_a_budget_of_seconds_is_kept():
    solution = solve(CATALOGUE["burgers_thin"](), tolerance=1e-12 * 1e4, budget=Budget(seconds=3))
    assert solution.history.final.seconds < 6


def test_harmonics_are_fouriers_functions():
    basis = Dense(9, activation="sin", initialize=Harmonics()).build({"x": (0.0, 2.0)}, 0)
    at = torch.linspace(0, 2, 41, dtype=torch.float64)[:-1, None]
    functions = basis(at, [(0,)])[0]
    gram = functions.T @ functions / 20
    assert torch.allclose(gram, torch.diag(gram.diagonal()), atol=1e-14), (
        "orthogonal on an even grid"
    )
    assert torch.allclose(functions[:, 0], torch.ones(40, dtype=torch.float64))
    plane = Dense(9, activation="sin", initialize=Harmonics()).build(
        {"x": (0.0, 1.0), "y": (0.0, 1.0)}, 0
    )
    assert plane.size == 9


def test_two_dimensions_of_space():
    w = unknown("w", x, y, t)
    cube = Box({x: (0, 1), y: (0, 1), t: (0, Rational(1, 2))})
    value = exp(-2 * pi**2 * t / 10) * sin(pi * x) * sin(pi * y)
    problem = Problem(
        cube,
        Eq(w.diff(t), laplacian(w, x, y) / 10),
        Eq(w(x, y, 0), sin(pi * x) * sin(pi * y)),
        *[Eq(w, 0) @ cube.at(**face) for face in ({"x": 0}, {"x": 1}, {"y": 0}, {"y": 1})],
        exact={w: value},
    )
    path = integrate(
        semidiscrete_of(problem, Dense(120, activation="sin", initialize=Waves(6))), 1e-8
    )
    points = np.random.default_rng(0).random((300, 3)) * [1, 1, 0.5]
    found = path.field.values(points)[0].numpy()
    exact = (
        np.exp(-2 * np.pi**2 * points[:, 2] / 10)
        * np.sin(np.pi * points[:, 0])
        * np.sin(np.pi * points[:, 1])
    )
    assert np.abs(found - exact).max() < 1e-5


@pytest.mark.slow
def test_data_that_disagree_at_a_corner_are_told():
    problem = Problem(
        box,
        Eq(u.diff(t), u.diff(x, 2) - u**2),
        Eq(u(x, 0), cos(x)),
        Eq(u(0, t), Rational(1, 2)),
        Eq(u(1, t), cos(1)),
    )
    with pytest.warns(UserWarning, match=r"differ by 5\.0e-01 of the initial"):
        solve(problem, tolerance=1e-2, budget=Budget(columns=500))


def no_flux(side, value, end):
    """v_t = (side(v))_xx + f on [0, 1], with no flux at the ends and the exact solution `value`."""
    flux = side(u).diff(x, 2)
    ends = [Eq(u.diff(x, k).subs(x, place), 0) for k in (1, 3) for place in (0, 1)]
    force = value.diff(t) - flux.subs(u, value).doit()
    domain = Box({x: (0, 1), t: (0, end)})
    return Problem(
        domain, Eq(u.diff(t), flux + force), Eq(u(x, 0), value.subs(t, 0)), *ends, exact={u: value}
    )


@pytest.mark.slow
def test_where_separation_fails_space_and_time_go_together():
    """Cahn and Hilliard's equation, of fourth order and nonlinear: the noise of high modes grows,
    and a basis of both is tried at once.
    """
    problem = no_flux(
        lambda v: v**3 - v - v.diff(x, 2) / 25, cos(pi * x) * exp(-t), Rational(1, 10)
    )
    solution = solve(problem, tolerance=1e-6)
    assert solution.stopped == "met"
    assert solution.error() < 1e-6


KNOWN_TO_SCIPY = {
    "gamma": (gamma(t + 1), lambda s, y: scipy.special.gamma(s + 1)),
    "Bessel": (besselj(0, t), lambda s, y: scipy.special.jv(0, s)),
    "Lambert": (LambertW(t), lambda s, y: scipy.special.lambertw(s).real),
    "Bessel of the unknown": (besselj(0, unknown("v", t)), lambda s, y: scipy.special.jv(0, y)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", KNOWN_TO_SCIPY)
def test_special_functions_drive_an_initial_value_problem(name):
    expression, by_scipy = KNOWN_TO_SCIPY[name]
    v = unknown("v", t)
    solution = solve(
        Problem(Interval(t, 0, 1), Eq(v.diff(t) + v**2, expression), Eq(v(0), 0)), tolerance=1e-7
    )
    assert solution.stopped == "met"
    assert isinstance(solution.field, Separated)
    times = np.linspace(0, 1, 20)
    by_steps = solve_ivp(
        lambda s, y: by_scipy(s, y) - y**2, (0, 1), [0.0], rtol=1e-11, atol=1e-13, t_eval=times
    ).y[0]
    assert solution(times) == pytest.approx(by_steps, abs=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize(
    "method", [None, LSGD(15), LSGD(20, LevenbergMarquardt())], ids=["solved", "trained", "rows"]
)
def test_a_special_function_of_the_unknown_in_a_given_basis(method):
    v = unknown("v", t)
    problem = Problem(Interval(t, 0, 1), Eq(v.diff(t), besselj(0, v) + gamma(t + 1)), Eq(v(0), 0))
    solution = solve(problem, Dense(10 if method else 40, activation="sin"), method)
    times = np.linspace(0, 1, 20)

    def rate(s, y):
        return scipy.special.jv(0, y) + scipy.special.gamma(s + 1)

    by_steps = solve_ivp(rate, (0, 1), [0.0], rtol=1e-11, atol=1e-13, t_eval=times).y[0]
    assert solution(times) == pytest.approx(by_steps, abs=1e-5 if method else 1e-7)
