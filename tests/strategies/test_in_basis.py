"""Solves in a given basis: errors against exact solutions, orders of convergence, estimates."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from sympy import Eq, sin, sqrt, zeta

from pinnsolve import (
    Box,
    Dense,
    Functions,
    Interval,
    LeastSquares,
    Problem,
    ResNet,
    Waves,
    coordinates,
    laplacian,
    solve,
    unknown,
)
from pinnsolve.problems import CATALOGUE
from pinnsolve.problems.regions import corner_function
from small_problems import waves

x, y, t = coordinates("x y t")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
poisson = CATALOGUE["poisson_2d"]


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
@pytest.mark.parametrize(
    ("name", "seed"),
    [
        *((name, 0) for name in QUICK),
        *((name, 7) for name in ("poisson_2d", "disk", "heat_1d", "beam")),
    ],
)
def test_error_in_a_given_basis(name, seed):
    declared, asked = QUICK[name]
    solution = solve(CATALOGUE[name](), declared, seed=seed)
    assert solution.error() < asked
    assert solution.stopped == "solved"
    assert solution.null_space == 0


@pytest.mark.slow
@pytest.mark.parametrize("depth", [2, 3])
def test_deep_bases_solve_too(depth):
    """The features of a deeper network are a basis like any other."""
    for declared in (Dense(300, depth, "tanh"), ResNet(300, depth, "sin", Waves(3))):
        assert solve(poisson(), declared).error() < 1e-4


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_estimate_is_within_a_factor_of_the_truth():
    ratios = []
    for name, width in (("poisson_2d", 80), ("disk", 80), ("heat_1d", 100), ("biharmonic", 150)):
        solution = solve(CATALOGUE[name](), waves(width, 4.5))
        ratios.append(solution.estimate / solution.error())
    assert min(ratios) > 0.1
    assert max(ratios) < 100


@pytest.mark.slow
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
