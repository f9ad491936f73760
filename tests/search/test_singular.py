"""Problems that are singular, or nearly: what is lost, what is not unique, and what has no
solution, are told apart.
"""

from __future__ import annotations

import time
import warnings

import mpmath
import numpy as np
import pytest
from sympy import Eq, Rational, cos, exp, pi, sin

from pinnsolve import (
    Box,
    Budget,
    Dense,
    Interval,
    Problem,
    Waves,
    compile_problem,
    coordinates,
    laplacian,
    solve,
    unknown,
)
from pinnsolve.search.contradiction import contradiction
from pinnsolve.search.fit import fit
from pinnsolve.search.null_space import kernel, resonance

x, y = coordinates("x y")
u, v = unknown("u", x), unknown("v", x, y)
line, both, square = Interval(x, 0, 1), Interval(x, -1, 1), Box({x: (0, 1), y: (0, 1)})
ends = Eq(u(-1), 1), Eq(u(1), 2)


def string(shift, load=1, mode=3):
    """u'' + k^2 u = load at rest at both ends, k^2 by a part of itself away from an eigenvalue; and
    k^2 itself.
    """
    k2 = float((mode * np.pi) ** 2 * (1 + shift))
    return Problem(line, Eq(u.diff(x, 2) + k2 * u, load), Eq(u(0), 0), Eq(u(1), 0)), k2


def solved(problem, tolerance=1e-8):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return solve(problem, tolerance=tolerance, budget=Budget(columns=700))


@pytest.mark.slow
@pytest.mark.parametrize("shift", [1e-6, -1e-8, 1e-10])
def test_near_resonance_is_told_from_a_null_space(shift):
    problem, k2 = string(shift)
    solution = solved(problem)
    with mpmath.workdps(40):
        k = mpmath.sqrt(k2)
        slope = (1 - mpmath.cos(k)) / mpmath.sin(k)
        at = np.linspace(0, 1, 41)
        exact = np.array(
            [float((1 - mpmath.cos(k * s) - slope * mpmath.sin(k * s)) / k**2) for s in at]
        )
    error = np.linalg.norm(solution(at[:, None]) - exact) / np.linalg.norm(exact)
    assert solution.null_space == 0
    assert solution.stopped == ("met" if abs(shift) > 1e-7 else "stagnated")
    assert error < 1e-15 / abs(shift)
    assert error < solution.estimate < 1e-14 / abs(shift) + 1e-8
    assert (
        abs(solution.lost + np.log10(abs(shift))) < 0.5
    )  # the mode's own residual, relative to its terms
    assert "ill-conditioned" in solution.diagnosis()[0]


@pytest.mark.parametrize(("mode", "shift"), [(2, 1e-8), (2, 1e-10), (5, 1e-7)])
def test_near_resonance_in_the_plane(mode, shift):
    """Of (1, 1), and of the two modes (1, 2) and (2, 1)."""
    k2 = float(mode * np.pi**2 * (1 + shift))
    system = compile_problem(
        Problem(square, Eq(laplacian(v) + k2 * v, x), Eq(v, 0) @ square.boundary)
    )
    found = resonance(system, 0)
    assert found.dimension == 0
    assert abs(found.lost + np.log10(shift)) < 0.5


@pytest.mark.slow
def test_exact_resonance_is_not_unique():
    for seed in (0, 1):
        system = compile_problem(
            Problem(square, Eq(laplacian(v) + 5 * pi**2 * v, 1), Eq(v, 0) @ square.boundary)
        )
        assert resonance(system, seed).dimension == 2


def neumann(load, flux=0):
    return Problem(
        line, Eq(u.diff(x, 2), load), Eq(u.diff(x).subs(x, 0), 0), Eq(u.diff(x).subs(x, 1), flux)
    )


WITHOUT = {
    "Neumann": neumann(1),
    "Neumann, by little": neumann(sin(2 * pi * x) + Rational(1, 1000)),
    "flux": neumann(1, 2),
    "resonance": string(0)[0],
    "resonance, a part of the load": string(0, sin(2 * pi * x) + sin(3 * pi * x) / 100)[0],
}
WITH = {
    "Neumann": neumann(x - Rational(1, 2)),
    "Neumann, steep": neumann(exp(-200 * (x - Rational(1, 2)) ** 2) * (x - Rational(1, 2))),
    "Neumann, steeper": neumann(exp(-2000 * (x - Rational(1, 2)) ** 2) * (x - Rational(1, 2))),
    "Neumann, waves": neumann(cos(60 * pi * x)),
    "flux": neumann(1, 1),
    "resonance": string(0, sin(2 * pi * x))[0],
    "resonance, at rest": string(0, 0)[0],
}


@pytest.mark.parametrize("name", WITHOUT)
def test_data_without_a_solution_are_said_to_have_none(name):
    """The load has a component along the null vector of the adjoint, which is that of the operator
    here.
    """
    system = compile_problem(WITHOUT[name])
    assert contradiction(system, 0, Budget()) > 1e-4


@pytest.mark.parametrize("name", WITH)
def test_data_with_many_solutions_do_not_contradict(name):
    system = compile_problem(WITH[name])
    assert contradiction(system, 0, Budget()) == 0


@pytest.mark.slow
def test_no_solution_is_said_in_words():
    solution = solved(neumann(1))
    assert solution.stopped == "no solution"
    assert solution.null_space == 1
    assert solution.diagnosis()[0].startswith("no solution exists for these data")
    with pytest.warns(UserWarning, match="no solution exists for these data"):
        solve(neumann(1), tolerance=1e-6, budget=Budget(columns=300))
    many = solved(neumann(cos(pi * x)))
    assert (many.stopped, many.null_space, many.missed) == ("not unique", 1, 0)


@pytest.mark.parametrize(
    ("thin", "outer"),
    [
        (Rational(1, 1000), 0),
        (Rational(1, 1000), 1),
        pytest.param(Rational(1, 100), 0, marks=pytest.mark.slow),
    ],
)
def test_layers_that_hide_the_data_are_never_met(thin, outer):
    """eps u'' - x u' + n u = 0: by e^(1 / (2 eps)) more digits decide what is inside than there
    are.
    """
    solution = solved(
        Problem(both, Eq(thin * u.diff(x, 2) - x * u.diff(x) + outer * u, 0), *ends), 1e-6
    )
    assert solution.stopped == "not unique"
    assert "exponentially ill-conditioned" in solution.diagnosis()[0]


@pytest.mark.slow
def test_layers_that_are_not_even_resolved_are_never_met():
    """It depends on the seconds which is seen first: that they are thin, or that they hide data."""
    law = Eq(u.diff(x, 2) / 10000 - x * u.diff(x) + u, 0)
    budget = Budget(8, columns=700, clock=time.process_time)
    with pytest.warns(UserWarning, match="not unique|budget"):
        solution = solve(Problem(both, law, *ends), tolerance=1e-6, budget=budget)
    assert solution.stopped in ("not unique", "budget")
    assert solution.diagnosis()


GOOD = {
    "at an end": (Rational(1, 1000) * u.diff(x, 2) + u.diff(x), line),
    "at both ends": (Rational(1, 10**5) * u.diff(x, 2) - u, line),
    "inside": (Rational(1, 1000) * u.diff(x, 2) + x * u.diff(x), both),
    "inside, and decay": (Rational(1, 1000) * u.diff(x, 2) + x * u.diff(x) - u, both),
    "at both ends, and decay": (Rational(1, 1000) * u.diff(x, 2) - x * u.diff(x) - u, both),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", GOOD)
def test_layers_that_hide_nothing_are_unique(name):
    left, domain = GOOD[name]
    system = compile_problem(Problem(domain, Eq(left, 1), Eq(u, 0) @ domain.boundary))
    for seed in (0, 1):
        assert resonance(system, seed).dimension == 0


@pytest.mark.slow
def test_lost_digits_of_a_tunnel():
    """eps = 1/30: the constant inside is decided by e^-15, 6.5 digits."""
    system = compile_problem(Problem(both, Eq(u.diff(x, 2) / 30 - x * u.diff(x), 0), *ends))
    found = kernel(system, fit(system, Dense(500, 1, "sin", Waves(60.0)), 0))
    assert found.dimension == 0
    assert 5.5 < found.lost < 8


def test_growth_by_many_digits_is_no_null_space():
    system = compile_problem(Problem(Interval(x, 0, 30), Eq(u.diff(x), u), Eq(u(0), 1e-9)))
    assert kernel(system, fit(system, Dense(300, 1, "sin", Waves(20.0)), 0)).dimension == 0
