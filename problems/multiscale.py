"""Evolutions whose scales differ by coordinate, and stand in the data: a mode of ten waves beside
one of half a wave, a membrane for two hundred periods, ripples that fade unevenly.

`MULTISCALE[name]()` is a problem.
"""

from collections.abc import Callable

from sympy import Eq, Expr, Rational, cos, exp, pi, sin, sqrt

from pinnsolve import Box, Interval, Problem, coordinates, laplacian, manufactured, unknown
from pinnsolve.symbols.symbols import Unknown

x, y, z, t = coordinates("x y z t")
SQUARE = Box({x: (0, 1), y: (0, 1)})


def _within_walls(time: int, u: Unknown, *equations: Eq, exact: Expr) -> Problem:
    """Equations on the unit square over a time, with walls at zero."""
    domain = SQUARE * Interval(t, 0, time)
    walls = [Eq(u, 0) @ domain.at(**{axis: end}) for axis in ("x", "y") for end in (0, 1)]
    return Problem(domain, *equations, *walls, exact={u: exact})


def heat_of_two_scales() -> Problem:
    """u_t = u_xx / (500 pi)^2 + u_yy / pi^2 to t = 5, from sin(20 pi x) sin(pi y): PINNacle's
    Heat2d-MS (Hao et al., arXiv 2306.08827).
    """
    u = unknown("u", x, y, t)
    start = sin(20 * pi * x) * sin(pi * y)
    return _within_walls(
        5,
        u,
        Eq(u.diff(t), u.diff(x, 2) / (500 * pi) ** 2 + u.diff(y, 2) / pi**2),
        Eq(u(x, y, 0), start),
        exact=exp(-(1 + Rational(400, 250000)) * t) * start,
    )


def waves_of_two_modes() -> Problem:
    """u_tt = u_xx + 2 u_yy at rest, to t = 100, from two modes: PINNacle's Wave2d-MS."""
    u = unknown("u", x, y, t)
    modes = sin(pi * x) * sin(pi * y), sin(3 * pi * x) * sin(2 * pi * y)
    domain = SQUARE * Interval(t, 0, 100)
    return _within_walls(
        100,
        u,
        Eq(u.diff(t, 2), u.diff(x, 2) + 2 * u.diff(y, 2)),
        Eq(u(x, y, 0), sum(modes)),
        Eq(u.diff(t), 0) @ domain.at(t=0),
        exact=modes[0] * cos(sqrt(3) * pi * t) + modes[1] * cos(sqrt(17) * pi * t),
    )


def ripples_that_fade_unevenly() -> Problem:
    """u_t = (1 + x) u_xx / (20 pi)^2 + f: sin(20 pi x) with an amplitude that no mode has."""
    u = unknown("u", x, t)
    domain = Box({x: (0, 1), t: (0, 1)})
    left = u.diff(t) - (1 + x) * u.diff(x, 2) / (20 * pi) ** 2
    value = sin(20 * pi * x) * exp(-t * (1 + x / 2)) / (1 + x) + cos(x - t)
    faces = [u @ domain.at(**face) for face in ({"x": 0}, {"x": 1}, {"t": 0})]
    return manufactured(domain, left, *faces, exact={u: value})


def heat_in_space() -> Problem:
    """u_t = laplacian(u) / 10 in the unit cube to t = 1, walls at zero, from a smooth start of two
    modes.
    """
    u = unknown("u", x, y, z, t)
    domain = Box({x: (0, 1), y: (0, 1), z: (0, 1)}) * Interval(t, 0, 1)
    low, high = (sin(n * pi * x) * sin(pi * y) * sin(pi * z) for n in (1, 2))
    return Problem(
        domain,
        Eq(u.diff(t), laplacian(u, x, y, z) / 10),
        Eq(u(x, y, z, 0), low + high / 2),
        *[Eq(u, 0) @ domain.at(**{a: end}) for a in ("x", "y", "z") for end in (0, 1)],
        exact={
            u: exp(-3 * pi**2 * t / 10) * low + exp(-6 * pi**2 * t / 10) * high / 2,
        },
    )


ENTRIES = (heat_of_two_scales, waves_of_two_modes, ripples_that_fade_unevenly, heat_in_space)
MULTISCALE: dict[str, Callable[[], Problem]] = {entry.__name__: entry for entry in ENTRIES}
