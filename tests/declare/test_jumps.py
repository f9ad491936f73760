"""Derivatives of jumping coefficients are refused, with words that help; jumps elsewhere are
solved.
"""

from __future__ import annotations

import pytest
from sympy import (
    Abs,
    And,
    DiracDelta,
    Eq,
    Heaviside,
    Max,
    Min,
    Or,
    Piecewise,
    Rational,
    atan,
    ceiling,
    exp,
    floor,
    frac,
    log,
    pi,
    sign,
    sin,
    tanh,
)

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Interval,
    Problem,
    coordinates,
    divergence,
    gradient,
    solve,
    unknown,
)
from small_problems import two

x, y, r, t = coordinates("x y r t")
u, v, w = unknown("u", x), unknown("v", x, y), unknown("w", x, t)
LINE, SQUARE = Interval(x, 0, 1), Box({x: (0, 1), y: (0, 1)})
SPACE_TIME = Box({x: (0, 1), t: (0, 1)})


JUMPING = {
    "Piecewise": two(1, 10, x < 0.5),
    "other order": two(1, 10, x >= Rational(1, 3)),
    "layers": Piecewise((1, x < 0.2), (5, x < 0.21), (1, True)),
    "a thin layer by And": two(7, 2, And(x > 0.7, x < 0.7001)),
    "Or": two(7, 2, Or(x > 0.7, x < 0.2)),
    "Heaviside": 1 + 9 * Heaviside(x - 0.5),
    "sign": 2 + sign(x - 0.5),
    "floor": 1 + floor(3 * x),
    "ceiling": ceiling(3 * x),
    "frac": 1 + frac(3 * x),
    "Mod": 1 + (3 * x) % 1,
    "in a formula": exp(two(0, 1, x < 0.5)) + x,
    "tanh of a pole": 2 + tanh(1 / (x - 0.5)),
    "a logarithm over a pole": 2 + tanh(log((x - 0.3) ** 2) / (x - 0.3)),
    "atan of a pole": 2 + atan(1 / (x - 0.3)) * 2 / pi,
    "a logistic function of a pole": 1 + 2 / (1 + exp(1 / (x - 0.3))),
    "poles of a sine": 3 + tanh(1 / sin(9 * x)),
    "Abs over itself": 2 + Abs(x - 0.5) / (x - 0.5),
}


@pytest.mark.parametrize("name", JUMPING)
def test_a_flux_through_a_jump_is_refused(name):
    k = JUMPING[name]
    with pytest.raises(
        ValueError, match=r"jumps at x = 0\..* an unknown for each side.*domain.at\(x="
    ):
        Problem(LINE, Eq((k * u.diff(x)).diff(x), 1), Eq(u(0), 0), Eq(u(1), 0))


disk = two(1, 10, (x - 0.7) ** 2 + (y - 0.4) ** 2 < 1e-4)
REFUSED = {
    "in 2D": lambda: (SQUARE, divergence([two(1, 10, x < 0.5) * g for g in gradient(v)])),
    "a small disk": lambda: (SQUARE, divergence([disk * g for g in gradient(v)])),
    "an oblique line": lambda: (SQUARE, divergence([two(1, 10, x < y) * g for g in gradient(v)])),
    "radial": lambda: (
        Interval(r, 0.1, 1),
        (r * two(1, 5, r < 0.4) * unknown("h", r).diff(r)).diff(r) / r,
    ),
    "in time": lambda: (SPACE_TIME, w.diff(t) - (two(1, 10, x < 0.5) * w.diff(x)).diff(x)),
    "a moving front": lambda: (SPACE_TIME, w.diff(t) - (two(1, 10, x < t) * w.diff(x)).diff(x)),
    "of the unknown": lambda: (SPACE_TIME, w.diff(t) - (two(1, 10, w < 300) * w.diff(x)).diff(x)),
    "a beam with a kink": lambda: (LINE, ((1 + Abs(x - 0.5)) * u.diff(x, 2)).diff(x, 2)),
    "a beam with a piecewise kink": lambda: (
        LINE,
        (two(1, x + 0.5, x < 0.5) * u.diff(x, 2)).diff(x, 2),
    ),
    "of a kinked product": lambda: (LINE, (two(1, x + 0.5, x < 0.5) * u).diff(x, 2)),
    "of a flux without gradient": lambda: (
        SPACE_TIME,
        w.diff(t) + (two(x, x**2 + 3, x < 0.5) * w).diff(x),
    ),
    "Max twice": lambda: (LINE, Max(x, 0.5).diff(x, 2) * u + u.diff(x)),
    "SI units": lambda: (
        Box({x: (0, 2e-3), t: (0, 3600)}),
        8e6 * w.diff(t) - (two(400, 0.2, x < 1e-3) * w.diff(x)).diff(x),
    ),
    "on a disk": lambda: (
        Ball({x: 0, y: 0}, 1),
        divergence([two(1, 3, x**2 + y**2 < 0.25) * g for g in gradient(v)]),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_jumps_of_every_kind_are_refused(name):
    domain, left = REFUSED[name]()
    # A load that is a Dirac delta is no material.
    remedy = "" if name == "Max twice" else "by_region.*"
    with pytest.raises(ValueError, match=f"jump.*{remedy}Declare an unknown for each side"):
        Problem(domain, Eq(left, 0))


jump_x = two(1, 10, x < 0.5)
ALLOWED = {
    "a ramp from nothing": lambda: (LINE, Max(x - 0.3, 0) * u.diff(x, 2) + u),
    "data": lambda: (LINE, u.diff(x, 2) - jump_x),
    "of lower order": lambda: (LINE, u.diff(x, 2) + jump_x * u + jump_x * u.diff(x)),
    "divided": lambda: (LINE, u.diff(x, 2) - 1 / jump_x),
    "capacity": lambda: (SPACE_TIME, jump_x * w.diff(t) - w.diff(x, 2)),
    "density": lambda: (SPACE_TIME, jump_x * w.diff(t, 2) - w.diff(x, 2)),
    "in time": lambda: (SPACE_TIME, w.diff(t) - two(1, 2, t < 0.5) * w.diff(x, 2)),
    "across": lambda: (SQUARE, two(1, 2, y < 0.5) * v.diff(x, 2) + v.diff(y)),
    "at the boundary": lambda: (LINE, (Heaviside(x) * 2 + two(1, 3, x < 1)) * u.diff(x, 2)),
    "outside": lambda: (LINE, (two(1, 3, x < 2) * u.diff(x)).diff(x)),
    "outside of the disk": lambda: (
        Ball({x: 0, y: 0}, 1),
        divergence([two(1, 3, x**2 + y**2 <= 1) * g for g in gradient(v)]),
    ),
    "only in the hole": lambda: (
        Ball({x: 0, y: 0}, 2) - Ball({x: 0, y: 0}, 1),
        divergence([two(1, 3, x**2 + y**2 <= Rational(1, 4)) * g for g in gradient(v)]),
    ),
    "kinked": lambda: (LINE, ((1 + Abs(x - 0.5)) * u.diff(x)).diff(x)),
    "a kinked flux without gradient": lambda: (LINE, (two(1, x + 0.5, x < 0.5) * u).diff(x)),
    "continuous": lambda: (LINE, (two(1, x + 0.5, x < 0.5) * u.diff(x)).diff(x)),
    "Min": lambda: (LINE, (Min(1, 2 * x + 0.1) * u.diff(x)).diff(x)),
    "smooth": lambda: (LINE, ((2 + tanh(1e4 * (x - 0.3))) * u.diff(x)).diff(x)),
    "porous": lambda: (SPACE_TIME, w.diff(t) - (Max(w, 0) ** 2 * w.diff(x)).diff(x)),
    "obstacle": lambda: (LINE, Min(-u.diff(x, 2) - 1, u - x)),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_jumps_that_mean_what_they_say_are_allowed(name):
    domain, left = ALLOWED[name]()
    Problem(domain, Eq(left, 0))


@pytest.mark.parametrize("coordinate", [x, y], ids=["across", "along"])
def test_advection_with_a_jump_across_is_told_from_a_flux(coordinate):
    """sympy writes k*u' and (k*u)' alike: the first is solved, and said to be."""
    domain, speed = Box({x: (0, 1), y: (0, 1)}), two(1, 10, coordinate < 0.5)
    equations = Eq((speed * v).diff(x) + v.diff(y), 0), Eq(v(0, y), 1), Eq(v(x, 0), 1)
    if coordinate == y:
        Problem(domain, *equations)
    else:
        with pytest.warns(
            UserWarning,
            match=r"jumps at x = 0\.5.*as it stands, v continuous.*q\.diff\(x\), and q/k",
        ):
            Problem(domain, *equations)


def test_a_flux_as_its_own_unknown_is_allowed():
    q = unknown("q", x)
    Problem(LINE, Eq(q, jump_x * u.diff(x)), Eq(q.diff(x), 1), Eq(u(0), 0), Eq(u(1), 0))


def test_each_part_may_have_its_own_coefficient():
    left, right = Interval(x, 0, 0.5), Interval(x, 0.5, 1)
    flux = (jump_x * u.diff(x)).diff(x)
    Problem(LINE, Eq(flux, 1) @ left, Eq(flux, 1) @ right, Eq(u(0), 0), Eq(u(1), 0))


@pytest.mark.parametrize(
    "load", [DiracDelta(x - 0.5), Heaviside(x - 0.5).diff(x), sign(x - 0.5).diff(x)]
)
def test_a_point_load_is_refused_with_its_remedy(load):
    with pytest.raises(ValueError, match="jump of the flux, or a narrow Gaussian"):
        Problem(LINE, Eq(-u.diff(x, 2), load), Eq(u(0), 0), Eq(u(1), 0))


@pytest.mark.slow
def test_the_remedy_works():
    """Two layers, 1 and 10: value and flux are continuous at 1/2."""
    a, b, half = unknown("a", x), unknown("b", x), Rational(1, 2)
    slope = Rational(13, 440)
    problem = Problem(
        LINE,
        Eq(-a.diff(x, 2), 1),
        Eq(-10 * b.diff(x, 2), 1),
        Eq(a(0), 0),
        Eq(b(1), 0),
        Eq(a, b) @ LINE.at(x=half),
        Eq(a.diff(x), 10 * b.diff(x)) @ LINE.at(x=half),
        exact={a: 10 * slope * x - x**2 / 2, b: -(x**2) / 20 + slope * x + Rational(1, 20) - slope},
    )
    solution = solve(problem, tolerance=1e-9, budget=Budget(columns=200))
    assert solution.stopped == "met"
    assert solution.error() < 1e-9


def test_an_exact_solution_with_a_kink_is_refused_where_it_is_differentiated_twice():
    kink = two(x, 1 - x, x < 0.5)
    with pytest.raises(
        ValueError, match=r"exact solution u\(x\).*derivative by x jumps at x = 0.5"
    ):
        Problem(LINE, Eq(u.diff(x, 2), 0), Eq(u(0), 0), Eq(u(1), 0), exact={u: kink})
    Problem(LINE, Eq(u.diff(x), two(1, -1, x < 0.5)), Eq(u(0), 0), exact={u: kink})
