"""The problems of FastLSQ 0.7, and DeepXDE's demonstrations, declared in pinnsolve: same equations,
data and domains. And composite problems, for what solves such by elements or patches.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Rational, cos, exp, pi, sin, sqrt

from pinnsolve import (
    Ball,
    Box,
    Interval,
    Problem,
    coordinates,
    divergence,
    gradient,
    laplacian,
    manufactured,
    normal_derivative,
    unknown,
)
from pinnsolve.problems import CATALOGUE
from pinnsolve.problems.composite import COMPOSITE
from pinnsolve.problems.deepxde_evolutions import allen_cahn_fixed, heat
from pinnsolve.problems.deepxde_steady import kovasznay_20
from pinnsolve.problems.materials import disk_in_plate

x, y, t = coordinates("x y t")
LINE, SQUARE = Interval(x, 0, 1), Box({x: (0, 1), y: (0, 1)})


def poisson_5d() -> Problem:
    """FastLSQ's PoissonND: u = sum_i sin(pi x_i / 2) on the unit box of five dimensions."""
    five = coordinates("x1:6")
    u = unknown("u", *five)
    box = Box(dict.fromkeys(five, (0, 1)))
    return manufactured(
        box, -laplacian(u), u @ box.boundary, exact={u: sum(sin(pi * c / 2) for c in five)}
    )


def heat_5d() -> Problem:
    """FastLSQ's HeatND: u_t - laplacian(u) / 5 on the unit ball, Neumann data, u = exp(r^2 / 2 +
    t).
    """
    five = coordinates("x1:6")
    u = unknown("u", *five, t)
    ball = Ball(dict.fromkeys(five, 0), 1)
    cylinder = ball * Interval(t, 0, 1)
    mantle = cylinder.boundary.where((t > 0) & (t < 1))
    left = u.diff(t) - laplacian(u, *five) / 5
    value = exp(sum(c**2 for c in five) / 2 + t)
    return manufactured(
        cylinder, left, u @ cylinder.at(t=0), normal_derivative(u, *five) @ mantle, exact={u: value}
    )


def _evolution(left: Expr, exact: Expr, space: tuple[Expr, ...], u: Expr) -> Problem:
    box = Box({**dict.fromkeys(space, (0, 1)), t: (0, 1)})
    walls = [u @ box.at(**{c.name: end}) for c in space for end in (0, 1)]
    return manufactured(
        box, left, u @ box.at(t=0), u.diff(t) @ box.at(t=0), *walls, exact={u: exact}
    )


def wave_1d() -> Problem:
    """FastLSQ's Wave1D: u_tt = 4 u_xx, two modes."""
    u = unknown("u", x, t)
    exact = sin(pi * x) * cos(2 * pi * t) + sin(4 * pi * x) * cos(8 * pi * t) / 2
    return _evolution(u.diff(t, 2) - 4 * u.diff(x, 2), exact, (x,), u)


def wave_2d_ms() -> Problem:
    """FastLSQ's Wave2D_MS: anisotropic, time scaled by 4."""
    u = unknown("u", x, y, t)
    exact = sin(pi * x) * sin(pi * y) * cos(4 * sqrt(3) * pi * t)
    return _evolution(u.diff(t, 2) - 16 * (u.diff(x, 2) + 2 * u.diff(y, 2)), exact, (x, y), u)


def maxwell_2d_tm() -> Problem:
    """FastLSQ's Maxwell2D_TM: the wave equation for E_z in a cavity."""
    u = unknown("u", x, y, t)
    exact = sin(pi * x) * sin(pi * y) * cos(sqrt(2) * pi * t)
    return _evolution(u.diff(t, 2) - laplacian(u, x, y), exact, (x, y), u)


def helmholtz_2d() -> Problem:
    """FastLSQ's Helmholtz2D: k = 10."""
    u = unknown("u", x, y)
    box = Box({x: (0, 1), y: (0, 1)})
    return manufactured(
        box, laplacian(u) + 100 * u, u @ box.boundary, exact={u: sin(10 * x) * sin(10 * y)}
    )


def elastic_wave_2d() -> Problem:
    """FastLSQ's ElasticWave2D: a pressure wave, speeds 2 and 1, time scaled by 2."""
    u, v = unknown("u", x, y, t), unknown("v", x, y, t)
    fast, slow, scale = 4, 1, 4
    phase = cos(4 * sqrt(2) * pi * t)
    exact = {u: pi * cos(pi * x) * sin(pi * y) * phase, v: pi * sin(pi * x) * cos(pi * y) * phase}
    box = Box({x: (0, 1), y: (0, 1), t: (0, 1)})
    first = u.diff(t, 2) - scale * (
        fast * u.diff(x, 2) + slow * u.diff(y, 2) + (fast - slow) * v.diff(x, y)
    )
    second = v.diff(t, 2) - scale * (
        fast * v.diff(y, 2) + slow * v.diff(x, 2) + (fast - slow) * u.diff(x, y)
    )
    data = [w @ box.at(**{c.name: end}) for w in (u, v) for c in (x, y) for end in (0, 1)]
    start = [w @ box.at(t=0) for w in (u, v, u.diff(t), v.diff(t))]
    return manufactured(box, first, second, *start, *data, exact=exact)


def nl_poisson_2d() -> Problem:
    """FastLSQ's NLPoisson2D: -laplacian(u) + u^3."""
    u = unknown("u", x, y)
    return manufactured(
        SQUARE, -laplacian(u) + u**3, u @ SQUARE.boundary, exact={u: sin(pi * x) * sin(pi * y)}
    )


def nl_bratu_2d() -> Problem:
    """FastLSQ's Bratu2D: -laplacian(u) - exp(u)."""
    u = unknown("u", x, y)
    return manufactured(
        SQUARE, -laplacian(u) - exp(u), u @ SQUARE.boundary, exact={u: sin(pi * x) * sin(pi * y)}
    )


def nl_burgers_1d() -> Problem:
    """FastLSQ's SteadyBurgers1D: u u_x - u_xx / 10."""
    u = unknown("u", x)
    return manufactured(
        LINE, u * u.diff(x) - u.diff(x, 2) / 10, u @ LINE.boundary, exact={u: sin(2 * pi * x)}
    )


def nl_helmholtz_2d() -> Problem:
    """FastLSQ's NLHelmholtz2D: laplacian(u) + 9 u + u^3 / 2."""
    u = unknown("u", x, y)
    return manufactured(
        SQUARE,
        laplacian(u) + 9 * u + u**3 / 2,
        u @ SQUARE.boundary,
        exact={u: sin(3 * x) * sin(3 * y)},
    )


def nl_allen_cahn_1d() -> Problem:
    """FastLSQ's AllenCahn1D: u_xx / 10 + u - u^3."""
    u = unknown("u", x)
    return manufactured(
        LINE, u.diff(x, 2) / 10 + u - u**3, u @ LINE.boundary, exact={u: sin(pi * x)}
    )


CONDUCTIVITY = 1 + sin(6 * x) * cos(5 * y) / 2


def varying_plate() -> Problem:
    """A conductivity that varies threefold over the unit square, a wave and a spot."""
    u = unknown("u", x, y)
    spot = exp(-20 * ((x - Rational(1, 3)) ** 2 + (y - Rational(3, 5)) ** 2))
    return manufactured(
        SQUARE,
        divergence(CONDUCTIVITY * gradient(u)),
        u @ SQUARE.boundary,
        exact={u: sin(12 * x) * cos(9 * y) + spot},
    )


COMPOSITE_PROBLEMS: dict[str, Callable[[], Problem]] = {
    "helmholtz_k100": COMPOSITE["helmholtz_k100"],
    "varying_plate": varying_plate,
    "disk_in_plate": disk_in_plate,
    "four_holes": COMPOSITE["four_holes"],
    "l_shape_waves": COMPOSITE["l_shape_waves"],
    "poisson_classic": COMPOSITE["poisson_classic"],
    "sound_hard_disk": COMPOSITE["sound_hard_disk"],
}
PROBLEMS: dict[str, Callable[[], Problem]] = {
    "poisson_5d": poisson_5d,
    "heat_5d": heat_5d,
    "wave_1d": wave_1d,
    "wave_2d_ms": wave_2d_ms,
    "maxwell_2d_tm": maxwell_2d_tm,
    "helmholtz_2d": helmholtz_2d,
    "elastic_wave_2d": elastic_wave_2d,
    "poisson_2d": CATALOGUE["poisson_2d"],
    "heat_1d": heat,
    "helmholtz_2d_demo": CATALOGUE["helmholtz_4pi"],
    "nl_poisson_2d": nl_poisson_2d,
    "nl_bratu_2d": nl_bratu_2d,
    "nl_burgers_1d": nl_burgers_1d,
    "nl_helmholtz_2d": nl_helmholtz_2d,
    "nl_allen_cahn_1d": nl_allen_cahn_1d,
    "burgers": CATALOGUE["burgers"],
    "kovasznay_demo": kovasznay_20,
    "allen_cahn_demo": allen_cahn_fixed,
    "poisson_2d_peak": CATALOGUE["poisson_2d_peak"],
    "disk": CATALOGUE["disk"],
    "l_shape": CATALOGUE["l_shape"],
}
