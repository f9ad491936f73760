"""The whole chain: errors against exact solutions, the automatic mode, stop reasons, warnings,
interruption.
"""

from __future__ import annotations

import math
import warnings
from itertools import pairwise

import numpy as np
import pytest
from sympy import Eq, Float, Symbol, exp, oo, pi, sin, sqrt, zeta

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Dense,
    Functions,
    Interval,
    LeastSquares,
    Problem,
    ResNet,
    Waves,
    coordinates,
    laplacian,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.problems import CATALOGUE
from pinnsolve.problems.regions import corner_function

x, y, t = coordinates("x y t")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
poisson = CATALOGUE["poisson_2d"]


def waves(width, scale):
    return Dense(width, activation="sin", initialize=Waves(scale))


# Asked of the catalogue (relative L2), one quick basis each; every seed must reach it. The full
# table is in results/.
QUICK = {
    "poisson_1d": (waves(60, 8), 1e-11),
    "poisson_2d": (waves(400, 4.5), 1e-11),
    "poisson_2d_4pi": (waves(800, 14), 1e-9),
    "disk": (waves(400, 4), 1e-11),
    "annulus": (waves(600, 4), 1e-9),
    "triangle": (waves(400, 2), 1e-9),
    "square_minus_disk": (waves(600, 4), 1e-9),
    "l_shape": (waves(400, 3) + Functions(*map(corner_function, range(1, 7))), 1e-8),
    "helmholtz_4pi": (waves(800, 14), 1e-11),
    "variable_diffusion": (waves(400, 4), 1e-9),
    "anisotropic_diffusion": (waves(400, 4), 1e-9),
    "heat_1d": (waves(400, 4), 1e-11),
    "wave_1d": (waves(1000, {"x": 12, "t": 22}), 1e-9),
    "advection_30": (waves(600, {"x": 7, "t": 31}), 1e-8),
    "beam": (waves(60, 3), 1e-11),
    "biharmonic": (waves(600, 6), 1e-11),
    "elasticity": (waves(400, 4), 1e-11),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("seed", [0, 7])
def test_error_in_a_given_basis(name, seed):
    declared, asked = QUICK[name]
    solution = solve(CATALOGUE[name](), declared, seed=seed)
    assert solution.error() < asked
    assert solution.stopped == "solved"
    assert solution.null_space == 0


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


def test_automatic_choice_without_a_tolerance_goes_to_round_off():
    assert solve(poisson(), seed=3).error() < 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("depth", [2, 3])
def test_deep_bases_solve_too(depth):
    """The features of a deeper network are a basis like any other."""
    for declared in (Dense(300, depth, "tanh"), ResNet(300, depth, "sin", Waves(3))):
        assert solve(poisson(), declared).error() < 1e-4


def test_spectral_convergence_in_the_width():
    """A smooth solution: the error falls faster than any power, so each doubling gains more digits
    than the last.
    """
    errors = [
        float(np.median([solve(poisson(), waves(n, 4.5), seed=s).error() for s in range(3)]))
        for n in (25, 50, 100, 200)
    ]
    gains = [math.log10(a / b) for a, b in pairwise(errors)]
    assert gains[1] > gains[0] > 0.5
    assert gains[2] > gains[1]


@pytest.mark.slow
@pytest.mark.parametrize(("activation", "order"), [("relu", 2), ("relu2", 3)])
def test_order_of_convergence_of_splines(activation, order):
    """In 1D relu^p neurons span splines of degree p: the L2 error falls at order p + 1 (random
    knots take a little off).
    """
    w = unknown("w", x)
    problem = Problem(Interval(x, 0, 1), Eq(w, sin(7 * x)), exact={w: sin(7 * x)})
    widths = (20, 40, 80, 160, 320)
    errors = [
        np.median(
            [solve(problem, Dense(n, activation=activation), seed=s).error() for s in range(7)]
        )
        for n in widths
    ]
    slope = -np.polyfit(np.log(widths), np.log(errors), 1)[0]
    assert order - 0.5 < slope < order + 0.5


def test_rough_functions_do_not_run_wild_between_the_points():
    """ReLU kinks that no point separates: the smallest ridge alone gives errors of 1e3 here."""
    w = unknown("w", x)
    problem = Problem(Interval(x, 0, 1), Eq(w, sin(7 * x)), exact={w: sin(7 * x)})
    assert (
        max(solve(problem, Dense(160, activation="relu"), seed=s).error() for s in range(7)) < 1e-2
    )


def test_seed_decides_everything():
    a, b, c = (solve(poisson(), waves(50, 4), seed=s).error() for s in (1, 1, 2))
    assert float(a) == float(b) != float(c)


def test_estimate_is_within_a_factor_of_the_truth():
    ratios = []
    for name, width in (("poisson_2d", 80), ("disk", 80), ("heat_1d", 100), ("biharmonic", 150)):
        solution = solve(CATALOGUE[name](), waves(width, 4.5))
        ratios.append(solution.estimate / solution.error())
    assert min(ratios) > 0.1
    assert max(ratios) < 100


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

    solution = solve(CATALOGUE["poisson_2d_4pi"](), callbacks=[interrupt])
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
    solution = solve(CATALOGUE["maxwell_tm"](), tolerance=1e-12, budget=Budget(seconds=4))
    assert work() - start < 6
    assert solution.stopped == "budget"
    assert solution.error() / 100 < solution.estimate < 100 * solution.error()


@pytest.mark.slow
def test_budget_of_memory_is_kept_by_prediction():
    small = Budget(gigabytes=0.12)
    assert solve(CATALOGUE["poisson_2d_8pi"](), tolerance=1e-12, budget=small).stopped == "budget"
    with pytest.raises(
        MemoryError,
        match=(
            r"a basis of 5000 functions for 1 unknowns would take 1\.2 GB: at most 1155"
            r" functions fit"
        ),
    ):
        solve(poisson(), waves(5000, 4), budget=small)
    for wrong in ({"seconds": 0}, {"gigabytes": -1}):
        with pytest.raises(ValueError, match="must be positive"):
            Budget(**wrong)


# ---- bad input that shows only when the problem is compiled or solved


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
@pytest.mark.parametrize("data", [0, x * y])
def test_helmholtz_at_an_exact_eigenvalue(data):
    """k = 10 pi: sin(6 pi x) sin(8 pi y) and its mirror image are free, with zero data as with
    others.
    """
    problem = Problem(square, Eq(-laplacian(u) - 100 * pi**2 * u, data), Eq(u, 0) @ square.boundary)
    with pytest.warns(
        UserWarning, match="not uniquely solvable.*null space of dimension 2; .*eigenvalue"
    ):
        solution = solve(problem)
    assert solution.stopped == "not unique"
    assert solution.null_space == 2


def test_tolerance_below_float64():
    with pytest.warns(UserWarning, match="below what float64 can give; reached about"):
        solution = solve(poisson(), tolerance=1e-20)
    assert solution.stopped == "stagnated"
    assert solution.error() < 1e-13


@pytest.mark.parametrize("tolerance", [0, -1e-3, math.nan, math.inf])
def test_tolerance_must_be_positive(tolerance):
    with pytest.raises(ValueError, match="positive number"):
        solve(poisson(), tolerance=tolerance)


def test_tolerance_with_a_basis_is_judged():
    assert solve(poisson(), waves(400, 4.5), tolerance=1e-8).stopped == "met"
    assert solve(poisson(), waves(30, 4.5), tolerance=1e-8).stopped == "stagnated"


def test_a_basis_that_leaves_a_large_residual_says_so():
    with pytest.warns(UserWarning, match="the basis leaves a residual above 1e-2"):
        solution = solve(poisson(), waves(10, 4.5))
    assert solution.stopped == "unresolved"
    assert solution.estimate >= solution.residual() > 1e-2
    assert "unreliable: at least" in solution.report()


def test_nonlinear_equation_is_named_where_only_linear_ones_are_solved():
    problem = Problem(square, Eq(-laplacian(u), u**2 + 1), Eq(u, 0) @ square.boundary)
    with pytest.raises(ValueError, match=r"not linear in the unknowns: .*u\(x, y\)\*\*2"):
        solve(problem, waves(20, 4), LeastSquares())


def test_data_that_are_not_finite_on_the_points():
    problem = Problem(square, Eq(-laplacian(u), sqrt(x - 2)), Eq(u, 0) @ square.boundary)
    with pytest.raises(ValueError, match=r"not finite on the collocation points: .*sqrt"):
        solve(problem, waves(20, 4))


def test_unsupported_operation_is_named_before_solving():
    with pytest.raises(ValueError, match="cannot compile zeta"):
        solve(Problem(square, Eq(-laplacian(u), zeta(x + 2)), Eq(u, 0) @ square.boundary))


def test_a_problem_without_exact_solution_says_so():
    solution = solve(
        Problem(square, Eq(-laplacian(u), 1), Eq(u, 0) @ square.boundary), waves(100, 5)
    )
    with pytest.raises(ValueError, match="no exact solution"):
        solution.error()
    assert "error " not in solution.report()
    assert oo > solution.estimate > 0


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
    assert scaled.history.final.neurons == plain.history.final.neurons
    assert scaled.residual() == pytest.approx(plain.residual(), rel=10, abs=1e-13)
    assert scaled.report()
