"""Narrow features are resolved or said; none is met unseen."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Abs, Eq, Heaviside, Max, Rational, cos, erf, exp, floor, pi, sign, sin, sqrt, tanh

from pinnsolve import Box, Budget, Dense, Problem, Waves, coordinates, laplacian, solve, unknown
from pinnsolve.basis.basis import Basis
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.changes import relative_change
from pinnsolve.discretize.measure import largest_residual
from pinnsolve.fields.expansion import Expansion
from pinnsolve.search.confirm import allowed_error, confirmed_residual
from pinnsolve.search.families.characteristic import normals
from pinnsolve.search.fit import fit

x, y, t = coordinates("x y t")
LINE, SQUARE = Box({x: (0, 1)}), Box({x: (0, 1), y: (0, 1)})


def load(width):
    """-u'' = exp(-((x - c)/d)^2)/d, whose solution is an integral of the error function, and a
    line.
    """
    u, c = unknown("u", x), Rational(3, 10)
    z = (x - c) / width
    particular = -sqrt(pi) / 2 * width * (z * erf(z) + exp(-(z**2)) / sqrt(pi))
    exact = particular - particular.subs(x, 0) * (1 - x) - particular.subs(x, 1) * x
    return Problem(
        LINE, Eq(-u.diff(x, 2), exp(-(z**2)) / width), Eq(u(0), 0), Eq(u(1), 0), exact={u: exact}
    )


def front():
    u, exact = unknown("u", x), tanh(10**4 * (x - Rational(3, 5)))
    equations = (
        Eq(u.diff(x, 2), exact.diff(x, 2)),
        Eq(u(0), exact.subs(x, 0)),
        Eq(u(1), exact.subs(x, 1)),
    )
    return Problem(LINE, *equations, exact={u: exact})


def kick():
    """u' + u = exp(-((t - c)/d)^2)/d + 1."""
    u, d, c, time = unknown("u", t), Rational(1, 1000), Rational(3, 10), Box({t: (0, 2)})
    response = exp(-(t - c)) * exp(d**2 / 4) * sqrt(pi) / 2 * (erf((t - c) / d - d / 2) + 1)
    exact = response + 1 - exp(-t)
    return Problem(
        time, Eq(u.diff(t) + u, exp(-(((t - c) / d) ** 2)) / d + 1), Eq(u(0), 0), exact={u: exact}
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "problem", [load(Rational(2, 10**5)), front(), kick()], ids=["load", "front", "kick"]
)
def test_narrow_features_are_resolved(problem):
    solution = solve(problem, tolerance=1e-6, budget=Budget(columns=1500))
    assert solution.stopped == "met"
    assert solution.error() < 1e-6
    assert solution.largest_error < 1e-4


@pytest.mark.slow
def test_a_needle_on_top_of_a_wave_is_resolved():
    u = unknown("u", x, y)
    exact = sin(pi * x) * sin(pi * y) + exp(
        -(10**6) * ((x - Rational(3, 10)) ** 2 + (y - Rational(2, 5)) ** 2)
    )
    problem = Problem(
        SQUARE,
        Eq(laplacian(u), laplacian(exact, x, y)),
        Eq(u, exact) @ SQUARE.boundary,
        exact={u: exact},
    )
    solution = solve(problem, tolerance=1e-6, budget=Budget(columns=1000))
    assert solution.stopped == "met"
    assert solution.error() < 1e-6
    at = np.array([[0.3, 0.4], [0.301, 0.4]])
    assert solution(at) == pytest.approx([float(exact.subs({x: a, y: b})) for a, b in at], abs=1e-5)


def test_two_draws_that_agree_are_not_believed():
    """Plain waves never see the load; however well they agree, its residual is 1."""
    system = compile_problem(load(Rational(1, 10**6)))
    found = fit(system, Dense(60, 1, "sin", Waves(4.0)), 0)
    assert confirmed_residual(system, found.field, 0) > 0.5


def test_the_error_that_a_residual_allows_is_of_the_size_of_the_error():
    u, k = unknown("u", x), 40
    exact = sin(pi * x) + Rational(1, 2) * sin(3 * pi * x)
    problem = Problem(
        LINE, Eq(u.diff(x, 2), exact.diff(x, 2)), Eq(u(0), 0), Eq(u(1), 0), exact={u: exact}
    )
    system = compile_problem(problem)
    found = fit(system, Dense(k, 1, "sin", Waves(4.0)), 0)
    half = found.expansion.with_coefficients(found.coefficients / 2)
    points = np.linspace(0, 1, 1001)[:, None]
    values = torch.from_numpy(np.sin(np.pi * points) + np.sin(3 * np.pi * points) / 2).T
    assert allowed_error(system, half, 0) == pytest.approx(
        relative_change(system, values, values / 2), rel=0.05
    )


@pytest.mark.slow
@pytest.mark.parametrize("offset", [0, Rational(29315, 100), -(10**4)])
def test_offsets_change_no_verdict(offset):
    """A wall of two layers, joined smoothly over a thousandth of it, in kelvin and in degrees."""
    u, width = unknown("u", x), Rational(1, 1000)
    k = 11 + 10 * tanh((x - Rational(1, 3)) / width)
    problem = Problem(LINE, Eq((k * u.diff(x)).diff(x), 0), Eq(u(0), offset), Eq(u(1), offset + 2))
    solution = solve(problem, tolerance=1e-6, budget=Budget(columns=1000))
    assert solution.stopped == "met"
    assert (
        abs(float(solution([[Rational(1, 3) - Rational(1, 20)]])[0] - offset) - expected(0.05))
        < 1e-4
    )


def expected(before):
    """The rise in the layer of conductivity 1, from both resistances, and the smooth joint's by
    quadrature.
    """
    s = np.linspace(0, 1, 4_000_001)
    resistance = 1 / (11 + 10 * np.tanh((s - 1 / 3) / 1e-3))
    total = resistance.mean()
    return 2 * resistance[s < 1 / 3 - before].sum() / len(s) / total


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (lambda u: u.diff(t) + 3 * u.diff(x), [(-1, 3)]),  # x - 3 t is constant along them
        (lambda u: u.diff(t, 2) - 4 * u.diff(x, 2), [(-1, 2), (1, 2)]),
        (lambda u: u.diff(t, 2) + u.diff(x, 2), []),
        (lambda u: u.diff(t) - u.diff(x, 2), [(0, 1)]),
    ],
    ids=["advection", "waves", "Laplace", "heat"],
)
def test_characteristics_are_those_of_the_equation(left, expected):
    u = unknown("u", x, t)
    (equation,) = compile_problem(
        Problem(Box({x: (0, 1), t: (0, 1)}), Eq(left(u), sin(x)))
    ).residuals
    found = normals(equation, np.array([0.5, 0.5]))
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == pytest.approx(np.array(theirs) / np.hypot(*theirs), abs=1e-12)


@pytest.mark.slow
def test_what_an_unknowns_own_nonlinearity_hides_is_measured():
    """A spot of radius 3e-3 that only the unknown tells of: one or two of 4096 points see it, those
    around them measure it.
    """
    v, w = unknown("v", x, y), unknown("w", x, y)
    spot = 100 * exp(-(10**5) * ((v - Rational(3, 10)) ** 2 + (w - Rational(2, 5)) ** 2))
    values = Eq(v, x) @ SQUARE.boundary, Eq(w, y) @ SQUARE.boundary
    system = compile_problem(
        Problem(SQUARE, Eq(laplacian(v) + spot, 0), Eq(laplacian(w), 0), *values)
    )
    field = Expansion.of(Evaluated(), torch.eye(2, dtype=torch.float64))
    truth = largest_residual(system, field, 5, 400_000)
    for seed in range(4):
        assert truth / 2 < confirmed_residual(system, field, seed) < 10 * truth


S = unknown("s", t)
PATHS = {  # the right side of s' = f, s(0) = 0, and s(2)
    # t is the integral of 1 + 3000 g.
    "halted": (
        1 / (1 + 3000 * exp(-(((S - Rational(1, 2)) * 10**4) ** 2))),
        2 - 0.3 * np.sqrt(np.pi),
    ),
    # A blow of size sqrt(pi), up to 10^-12/10^-5 of it.
    "struck": (
        1 + 10**5 * exp(-(((t - Rational(1, 2) + S / 10**12) * 10**5) ** 2)),
        2 + np.sqrt(np.pi),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PATHS)
def test_a_path_is_followed_past_what_its_own_values_make_it_do(name):
    """Steps jump over what lasts a ten-thousandth; it is seen along the path, and the path is
    followed anew.
    """
    rate, end = PATHS[name]
    problem = Problem(Box({t: (0, 2)}), Eq(S.diff(t), rate), Eq(S(0), 0))
    solution = solve(problem, tolerance=1e-6, budget=Budget(columns=1000))
    assert solution.stopped == "met"
    assert solution([[2.0]])[0] == pytest.approx(end, abs=3e-6)


def test_a_spot_that_an_unknown_makes_where_it_passes_a_value_is_seen():
    """Of a millionth of the side: no point of thousands is in it. Its slopes in u are a million
    times its values.
    """
    u, d = unknown("u", x), Rational(1, 10**6)
    equation = Eq(u.diff(x, 2), exp(-(((u - Rational(2, 5)) / d) ** 2)) / d)
    system = compile_problem(Problem(LINE, equation, Eq(u(0), 0), Eq(u(1), 1)))
    assert (
        confirmed_residual(
            system, Expansion.of(Evaluated(1), torch.ones(1, 1, dtype=torch.float64)), 0
        )
        > 0.01
    )


class Evaluated(Basis):
    """The coordinates as functions."""

    def __init__(self, size=2):
        super().__init__()
        self.size = size

    def forward(self, points, indices):
        eye, zero = torch.eye(self.size, dtype=points.dtype), torch.zeros_like(points)
        of = {
            (0,) * self.size: points,
            **{tuple(map(int, row)): row.expand_as(points) for row in eye},
        }
        return torch.stack([of.get(index, zero) for index in indices])


@pytest.mark.slow
@pytest.mark.parametrize(
    "edge",
    [Heaviside, lambda s: (1 + sign(s)) / 2, lambda s: floor(s + 1)],
    ids=["heaviside", "sign", "floor"],
)
@pytest.mark.parametrize(
    "window", [lambda a, b: a - b, lambda a, b: a * (1 - b)], ids=["difference", "product"]
)
def test_a_window_between_two_jumps_is_seen(edge, window):
    """Each of two jumps alone hides nothing; what lies between them is a load of 1."""
    u, start, width = unknown("u", x), Rational(4137, 10_000), Rational(1, 10**4)
    load = window(edge(x - start), edge(x - start - width)) / width
    problem = Problem(LINE, Eq(u.diff(x), load + cos(x)), Eq(u(0), 0))
    solution = solve(problem, tolerance=1e-6, budget=Budget(columns=1000))
    assert solution([[1.0]])[0] == pytest.approx(1 + np.sin(1.0), abs=1e-6)


@pytest.mark.slow
def test_a_hat_between_the_points_is_no_crash():
    """All that a first fit misses may lie at one of its points: a spot of no width."""
    u, place = unknown("u", x), Rational(4137, 10_000)
    hat = Max(0, 1 - Abs(x - place) * 10**4) * 10**4
    solution = solve(
        Problem(LINE, Eq(-u.diff(x, 2), hat), Eq(u(0), 0), Eq(u(1), 0)),
        tolerance=1e-6,
        budget=Budget(columns=500),
    )
    assert abs(float(solution([[0.4137]])[0]) - 0.4137 * 0.5863) < 1e-3
