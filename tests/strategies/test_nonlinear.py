"""Nonlinear problems: tangents, Gauss-Newton, continuation, guesses, and what is said when it
fails.
"""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import pytest
import torch
from sympy import Eq, Rational, Symbol, cosh, exp, nsolve, sin, sinh, sqrt

from pinnsolve import (
    Box,
    BoxPlanes,
    Dense,
    Functions,
    GaussNewton,
    Interval,
    Problem,
    compile_problem,
    coordinates,
    geometric,
    solve,
    unknown,
)
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.linearize import blended, linearized
from pinnsolve.fields.building import build_space
from pinnsolve.fields.expansion import Expansion
from pinnsolve.problems import CATALOGUE
from small_problems import waves

x, y = coordinates("x y")
u = unknown("u", x, y)
w = unknown("w", x)
square = Box({x: (0, 1), y: (0, 1)})
line = Interval(x, 0, 1)


def held(problem, **values):
    expressions = [values[str(v.func)] for v in problem.unknowns]
    basis = Functions(*expressions).build(
        {str(c): (0.0, 1.0) for c in problem.domain.coordinates}, 0
    )
    return Expansion.of(basis, torch.eye(len(expressions), dtype=torch.float64))


def test_tangent_is_the_directional_derivative():
    """N(u0) + N'(u0) (u - u0), with the derivative by forward-mode automatic differentiation as the
    oracle.
    """
    problem = Problem(
        square,
        Eq(sqrt(1 + u.diff(x) ** 2) * u.diff(y, 2) + exp(u) * u.diff(x), x),
        Eq(u, 0) @ square.boundary,
    )
    system = compile_problem(problem)
    about = held(problem, u=sin(x) * y**2)
    tangent = linearized(system, about)
    residual, line_ = system.residuals[0], tangent.residuals[0]
    points = torch.rand(50, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    numbers = torch.randn(
        len(residual.slots), 50, dtype=torch.float64, generator=torch.Generator().manual_seed(1)
    )
    u0 = about.slots(residual, points)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of torch about itself
        value, slope = torch.func.jvp(
            lambda z: residual.value(points, None, z), (u0,), (numbers - u0,)
        )
    assert torch.allclose(line_.value(points, None, numbers), value + slope, rtol=1e-13, atol=1e-13)
    assert tangent.residuals[1] is system.residuals[1], "linear equations stay as they are"
    assert all(r.linear for r in tangent.residuals)


def test_homotopy_runs_from_the_linear_part_to_the_equation():
    problem = Problem(line, Eq(w.diff(x, 2) + exp(w) * w.diff(x), x), Eq(w(0), 0), Eq(w(1), 0))
    residual = compile_problem(problem).residuals[0]
    points = torch.rand(20, 1, dtype=torch.float64)
    numbers = torch.randn(len(residual.slots), 20, dtype=torch.float64)
    at = [blended(compile_problem(problem), share).residuals[0] for share in (0.0, 0.3, 1.0)]
    linear, third, whole = (r.value(points, None, numbers) for r in at)
    assert torch.allclose(whole, residual.value(points, None, numbers))
    assert torch.allclose(third, 0.7 * linear + 0.3 * whole)
    doubled = at[0].value(points, None, 2 * numbers) - at[0].value(points, None, 0 * numbers)
    assert torch.allclose(doubled, 2 * (linear - at[0].value(points, None, 0 * numbers)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "scale", "asked"),
    [("nonlinear_poisson", 4, 1e-11), ("bratu_2d", 4, 1e-11), ("eikonal", 5, 1e-6)],
)
def test_error_in_a_given_basis(name, scale, asked):
    for seed in range(2):
        solution = solve(CATALOGUE[name](), waves(400, scale), seed=seed)
        assert solution.error() < asked
        assert solution.stopped == "solved"


def test_newton_converges_quadratically():
    """The residual's exponent doubles from step to step, until round-off."""
    steps = []
    solve(CATALOGUE["nonlinear_poisson"](), waves(300, 4), callbacks=[steps.append])
    residuals = [s.residual for s in steps if s.stage == "newton"]
    assert len(residuals) <= 7
    rates = [np.log(b) / np.log(a) for a, b in pairwise(residuals) if a < 0.3 and b > 1e-12]
    assert max(rates) > 1.7


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("nonlinear_helmholtz", 1e-6),
        ("bratu_1d", 1e-6),
        ("steady_burgers", 1e-6),
        ("minimal_surface", 1e-6),
        ("p_laplacian", 1e-6),
        ("kovasznay", 1e-4),
        ("klein_gordon", 1e-5),
    ],
)
def test_automatic_choice_meets_the_tolerance(name, tolerance):
    solution = solve(CATALOGUE[name](), tolerance=tolerance)
    assert solution.stopped == "met"
    assert solution.error() < tolerance


def test_the_guess_chooses_between_solutions():
    """Bratu's problem has two: -2 log(cosh((x - 1/2) theta / 2) / cosh(theta / 4)), theta a root of
    sqrt(2) cosh(theta / 4).
    """
    theta = Symbol("theta")
    problem = CATALOGUE["bratu_1d"]()
    (v,) = problem.unknowns
    points = np.linspace(0, 1, 101)
    for guess, first in ((None, 1.5), ({v: 16 * x * (1 - x)}, 11)):
        root = float(nsolve(theta - sqrt(2) * cosh(theta / 4), theta, first))
        exact = -2 * np.log(np.cosh((points - 0.5) * root / 2) / np.cosh(root / 4))
        solution = solve(problem, waves(100, 12), guess=guess)
        assert np.abs(solution(points[:, None]) - exact).max() < 1e-6 * np.abs(exact).max()


@pytest.mark.slow
def test_continuation_in_a_constant():
    """Steady Burgers, led from nu = 1 to 0.1: the last of the problems needs fewer steps than from
    the linear part.
    """
    nu, counts = Symbol("nu"), []
    problem = CATALOGUE["steady_burgers"]()
    for continuation in (None, {nu: geometric(1, 0.1, 4)}):
        steps = []
        declared = Dense(120, activation="tanh", initialize=BoxPlanes(10))
        solution = solve(problem, declared, continuation=continuation, callbacks=[steps.append])
        assert solution.error() < 1e-6
        counts.append(
            sum(step.stage == "newton" and step.residual > 1e-12 for step in steps)
        )  # not those at round-off
    assert counts[1] < counts[0]
    assert geometric(0.5, 0.05, 4) == pytest.approx(
        [0.5, 0.2811706, 0.1581138, 0.0889139], rel=1e-5
    )


def test_mistakes_in_constants_and_guesses():
    nu = Symbol("nu")
    problem = CATALOGUE["steady_burgers"]()
    with pytest.raises(ValueError, match="no constant of the problem: it has nu"):
        solve(problem, continuation={Symbol("mu"): (1.0,)})
    with pytest.raises(ValueError, match="guess must give every unknown"):
        solve(problem, guess={u: x})
    with pytest.raises(ValueError, match=r"mentions nu"):
        Problem(line, Eq(nu * w.diff(x, 2), 1), Eq(w(0), 0), Eq(w(1), 0))
    with pytest.raises(ValueError, match="constant nu is not mentioned"):
        Problem(line, Eq(w.diff(x, 2), 1), Eq(w(0), 0), Eq(w(1), 0), constants={nu: 1})
    with pytest.raises(ValueError, match="constant nu must be a finite real number"):
        Problem(
            line, Eq(nu * w.diff(x, 2), 1), Eq(w(0), 0), Eq(w(1), 0), constants={nu: Symbol("k")}
        )
    with pytest.raises(ValueError, match="two values of one sign"):
        geometric(-1, 2)
    with pytest.raises(ValueError, match="at least one step"):
        GaussNewton(steps=0)


def test_a_start_that_is_not_finite_is_said_with_the_remedy():
    """Troesch's equation, exaggerated: at the solution of its linear part, exp(1000) overflows."""
    troesch = Problem(line, Eq(w.diff(x, 2), 1000 * sinh(1000 * w)), Eq(w(0), 0), Eq(w(1), 1))
    with pytest.raises(
        ValueError, match=r"not finite on the collocation points: .*sinh.*give a guess"
    ):
        solve(troesch, Functions(x))
    with pytest.warns(
        UserWarning, match="did not converge"
    ):  # finite on its points, but not between them
        assert solve(troesch, Dense(60)).stopped == "not converged"


def test_no_convergence_is_said():
    """u'' + 10 exp(u) = 0 has no solution (Bratu's parameter is above 3.51)."""
    problem = Problem(line, Eq(w.diff(x, 2) + 10 * exp(w), 0), Eq(w(0), 0), Eq(w(1), 0))
    with pytest.warns(UserWarning, match=r"(did not converge|null space)"):
        solution = solve(problem, waves(40, 6))
    assert solution.residual() > 1e-3
    assert np.isfinite(solution([[0.5]])).all()


def test_interrupted_newton_keeps_its_last_iterate():
    def stop(step):
        if step.stage == "newton" and stop.seen:
            raise KeyboardInterrupt
        stop.seen = True

    stop.seen = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solution = solve(CATALOGUE["nonlinear_poisson"](), waves(100, 4), callbacks=[stop])
    assert solution.stopped == "interrupted"
    assert solution.error() < 1.0


def test_points_of_a_nonlinear_problem_follow_its_columns():
    system = compile_problem(CATALOGUE["kovasznay"]())
    rows = sum(
        len(p.x) for p in collocation_points(system, build_space(system, waves(50, 4), 0), 0)
    )
    assert rows > 2 * 3 * 50


def test_exact_solution_of_steady_burgers_belongs_to_its_constant():
    nu = Symbol("nu")
    problem = CATALOGUE["steady_burgers"]()
    assert problem.exact is not None
    assert problem.with_constants({nu: 1}).exact is None
    assert problem.constants == {nu: Rational(1, 10)}
