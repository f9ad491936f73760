"""Jumps and kinks in an equation's data are resolved by functions of their own."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Abs, Eq, Heaviside, Rational, cos, exp, floor, sign, sin, tan

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Dense,
    Interval,
    Problem,
    coordinates,
    laplacian,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.lifted import Level
from pinnsolve.basis.adapted.one_sided import OneSided
from pinnsolve.basis.initialize import Waves
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.draw import drawn
from pinnsolve.search.families import kinked
from small_problems import two

x, y, t = coordinates("x y t")
u, v, w, a = unknown("u", x, y), unknown("v", x), unknown("w", x, t), unknown("a", t)
LINE, SQUARE, SLAB = Interval(x, 0, 1), Box({x: (0, 1), y: (0, 1)}), Box({x: (0, 1), t: (0, 1)})
TENTHS, THIRD = Rational(3, 10), Rational(1, 3)


def powers(*equations, domain):
    system = compile_problem(Problem(domain, *equations))
    return [power for _, power in kinked.sides(system)]


def test_powers_are_those_of_the_first_derivative_that_jumps():
    ends = Eq(w(x, 0), 0), Eq(w(0, t), 0), Eq(w(1, t), 0)
    assert powers(Eq(w.diff(t) - w.diff(x, 2), Heaviside(t - 0.3)), *ends, domain=SLAB) == [1]
    assert powers(Eq(w.diff(t) - w.diff(x, 2), Heaviside(x - 0.3)), *ends, domain=SLAB) == [2]
    assert powers(Eq(w.diff(t) - w.diff(x, 2), Abs(x - 0.3)), *ends, domain=SLAB) == [3]


def test_no_equation_differentiates_more_often_than_the_power():
    """Else the Dirac part of its derivative is lost, and the equation seems to hold."""
    other = unknown("b", x)
    equations = (
        Eq(v.diff(x), Heaviside(x - 0.3)),
        Eq(other.diff(x, 2), v),
        Eq(v(0), 0),
        Eq(other(0), 0),
        Eq(other(1), 0),
    )
    assert powers(*equations, domain=LINE) == [2]


def reaction():
    """A coefficient and the load jump."""
    z, k = x - TENTHS, 1 + 3 * Heaviside(x - TENTHS)
    right = z**2 * (2 + x)
    exact = two(z**2, right, x < TENTHS) + cos(x)
    load = k * exact - two(2, right.diff(x, 2), x < TENTHS) + cos(x)
    ends = [Eq(v(end), exact.subs(x, end)) for end in (0, 1)]
    return Problem(LINE, Eq(-v.diff(x, 2) + k * v, load), *ends, exact={v: exact})


def steps():
    exact = sum(
        (two(0, (x - Rational(k, 4)) ** 2 / 2, x < Rational(k, 4)) for k in (1, 2, 3)), x * 0
    )
    ends = [Eq(v(end), exact.subs(x, end)) for end in (0, 1)]
    return Problem(LINE, Eq(v.diff(x, 2), floor(4 * x)), *ends, exact={v: exact})


def switched_on():
    exact = exp(-t) + two(0, 1 - exp(THIRD - t), t < THIRD)
    return Problem(
        Interval(t, 0, 1), Eq(a.diff(t) + a, Heaviside(t - THIRD)), Eq(a(0), 1), exact={a: exact}
    )


def disk():
    z = x**2 + y**2 - Rational(1, 2)
    inner = z**2 * (1 + x)
    exact = two(0, inner, z < 0) + sin(x) * y
    right = two(0, laplacian(inner, x, y).expand(), z < 0) - sin(x) * y
    return Problem(
        SQUARE, Eq(laplacian(u), right), Eq(u, exact) @ SQUARE.boundary, exact={u: exact}
    )


@pytest.mark.slow
@pytest.mark.parametrize("make", [reaction, steps, switched_on, disk])
def test_kinks_found_are_kinks_resolved(make):
    problem = make()
    system = compile_problem(problem)
    family = kinked.candidates(system)[1]
    solution = solve(problem, family.of_width(240 if make is disk else 90), seed=1)
    assert solution.error() < (1e-9 if make is disk else 1e-11)
    plain = solve(problem, Dense(240 if make is disk else 90, 1, "sin", Waves(6.0)), seed=1)
    assert plain.error() > 1e-5


@pytest.mark.slow
def test_an_automatic_solve_takes_them():
    solution = solve(reaction(), tolerance=1e-10, budget=Budget(columns=400))
    assert solution.stopped == "met"
    assert solution.error() < 1e-10


@pytest.mark.slow
def test_a_nonlinear_equation_may_be_switched():
    """Heaviside's function of time is differentiated forward where steps are taken."""
    exact = tan(t + two(0, t - THIRD, t < THIRD))
    problem = Problem(
        Interval(t, 0, 0.8),
        Eq(a.diff(t), (1 + a**2) * (1 + Heaviside(t - THIRD))),
        Eq(a(0), 0),
        exact={a: exact},
    )
    solution = solve(problem, tolerance=1e-6, budget=Budget(columns=400))
    assert solution.stopped == "met"
    assert solution.error() < 1e-6


def test_what_has_no_jump_keeps_its_solution():
    ends = Eq(v(0), 0), Eq(v(1), 1)
    level = Level((((1,), 1.0), ((0,), -0.3)))
    basis = Dense(20, 1, "sin", Waves(2.0)) + OneSided(Dense(20, 1, "sin", Waves(2.0)), level, 2)
    solution = solve(Problem(LINE, Eq(v.diff(x, 2), 0), *ends, exact={v: x}), basis)
    assert solution.error() < 1e-11
    assert solution.null_space == 0
    assert np.isfinite(solution.residual())


def test_points_lie_evenly_in_the_cells_between_kinks():
    """As many a volume on either side, and a thin layer's own points."""
    equation = Eq(
        laplacian(u), two(1, 5, x < 0.37) + Abs(y - 0.61) + two(0, 9, (x > 0.8) & (x < 0.8001))
    )
    system = compile_problem(Problem(SQUARE, equation, Eq(u, 0) @ SQUARE.boundary))
    found = drawn(system, 400, 3)[0]
    left, below, thin = (
        found.x[:, 0] < 0.37,
        found.x[:, 1] < 0.61,
        (found.x[:, 0] > 0.8) & (found.x[:, 0] < 0.8001),
    )
    assert thin.sum() >= 64
    plain = ~thin
    for part, share in (
        (left & below, 0.37 * 0.61),
        (~left & below, 0.63 * 0.61),
        (left & ~below, 0.37 * 0.39),
    ):
        assert (part & plain).sum() == pytest.approx(400 * share, abs=2 + 4e-4 * 400)


def test_points_in_cells_of_a_disk_stay_in_it():
    disk = Ball({x: 0, y: 0}, 1)
    system = compile_problem(Problem(disk, Eq(laplacian(u), sign(x)), Eq(u, 0) @ disk.boundary))
    found = drawn(system, 500, 3)[0]
    assert disk.contains(found.x).all()
    assert len(found.x) == pytest.approx(500, rel=0.1)
    assert found.weights.sum() == pytest.approx(np.pi, rel=0.05)
    assert (found.x[:, 0] < 0).sum() == pytest.approx(len(found.x) / 2, rel=0.05)


def test_no_box_has_to_close_in_on_a_jump():
    system = compile_problem(
        Problem(LINE, Eq(v.diff(x, 2), two(-2, 2, x < TENTHS)), Eq(v(0), 0), Eq(v(1), 0))
    )
    assert system.residuals[0].features == ()
    assert len(drawn(system, 100, 1)[0].x) == 100
    narrow = two(sin(x), exp(-(10**8) * (x - 0.7) ** 2), x < TENTHS)
    (features,) = (
        compile_problem(Problem(LINE, Eq(v.diff(x), narrow), Eq(v(0), 0))).residuals[0].features
    )
    tree = features.trees[0]
    lowest, highest = tree.low[tree.rare].min(), tree.high[tree.rare].max()
    assert 0.69 < float(lowest) < 0.7 < float(highest) < 0.71


@pytest.mark.slow
def test_the_order_that_smooth_functions_have_is_told():
    problem = reaction()
    solution = solve(problem, Dense(40, 1, "sin", Waves(20.0)), seed=1)
    (told,) = [sentence for sentence in solution.diagnosis() if "x = 0.3" in sentence]
    assert "jump where x = 0.3: derivative number 2 of the solution jumps" in told
    assert "N^-2.5" in told
    assert "N^-1" in told
    assert told in solution.report()
    resolved = solve(problem, kinked.candidates(compile_problem(problem))[1].of_width(90), seed=1)
    assert not any("x = 0.3" in sentence for sentence in resolved.diagnosis())
