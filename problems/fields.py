"""Steady fields: Helmholtz, variable and anisotropic diffusion."""

from sympy import Eq, Expr, cos, exp, pi, sin

from pinnsolve import (
    Box,
    Problem,
    coordinates,
    divergence,
    gradient,
    laplacian,
    manufactured,
    unknown,
)

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})


def _helmholtz(k: Expr) -> Problem:
    value = sin(k * x) * sin(k * y)
    return Problem(
        square,
        Eq(-laplacian(u) - k**2 * u, k**2 * value),
        Eq(u, 0) @ square.boundary,
        exact={u: value},
    )


def helmholtz_4pi() -> Problem:
    """-laplacian(u) - k^2 u = f with k = 4 pi: u = sin(k x) sin(k y)."""
    return _helmholtz(4 * pi)


def helmholtz_9pi() -> Problem:
    """The same with k = 9 pi."""
    return _helmholtz(9 * pi)


def variable_diffusion() -> Problem:
    """-div((1 + x^2 + y) grad u) = f."""
    flux = [(1 + x**2 + y) * g for g in gradient(u)]
    return manufactured(
        square, -divergence(flux, x, y), u @ square.boundary, exact={u: sin(pi * x) * exp(y)}
    )


def anisotropic_diffusion() -> Problem:
    """-u_xx - 100 u_yy = f."""
    return manufactured(
        square,
        -u.diff(x, 2) - 100 * u.diff(y, 2),
        u @ square.boundary,
        exact={u: cos(3 * x) * sin(2 * y + x)},
    )


ENTRIES = (helmholtz_4pi, helmholtz_9pi, variable_diffusion, anisotropic_diffusion)
