"""Solids and slow flows: beam, plate, linear elasticity, Stokes."""

from sympy import Eq, cos, exp, pi, sin

from pinnsolve import (
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

x, y = coordinates("x y")
square = Box({x: (0, 1), y: (0, 1)})


def beam() -> Problem:
    """Euler-Bernoulli cantilever under a uniform load: w'''' = 1, clamped left, free right."""
    w = unknown("w", x)
    rod = Interval(x, 0, 1)
    return Problem(
        rod,
        Eq(w.diff(x, 4), 1),
        Eq(w(0), 0),
        Eq(w.diff(x), 0) @ rod.at(x=0),
        Eq(w.diff(x, 2), 0) @ rod.at(x=1),
        Eq(w.diff(x, 3), 0) @ rod.at(x=1),
        exact={w: x**2 * (6 - 4 * x + x**2) / 24},
    )


def biharmonic() -> Problem:
    """A clamped plate: laplacian^2 w = f, w = sin(pi x)^2 sin(pi y)^2."""
    w = unknown("w", x, y)
    return manufactured(
        square,
        laplacian(laplacian(w), x, y),
        w @ square.boundary,
        normal_derivative(w) @ square.boundary,
        exact={w: sin(pi * x) ** 2 * sin(pi * y) ** 2},
    )


def elasticity() -> Problem:
    """Plane strain, Lame parameters 1 and 1/2, displacements given on the boundary."""
    u, v = unknown("u", x, y), unknown("v", x, y)
    dilation = divergence((u, v), x, y)
    forces = [-laplacian(w) / 2 - dilation.diff(c) * 3 / 2 for w, c in ((u, x), (v, y))]
    return manufactured(
        square,
        *forces,
        u @ square.boundary,
        v @ square.boundary,
        exact={u: sin(pi * x) * cos(y), v: x * exp(-y) * sin(2 * y)},
    )


def stokes() -> Problem:
    """-laplacian(u) + grad p = f, div u = 0, velocity given on the boundary, pressure at a
    corner.
    """
    u, v, p = (unknown(name, x, y) for name in "uvp")
    stream = sin(pi * x) ** 2 * sin(pi * y) ** 2 / pi
    forces = [-laplacian(w) + g for w, g in zip((u, v), gradient(p), strict=True)]
    return manufactured(
        square,
        *forces,
        divergence((u, v), x, y),
        u @ square.boundary,
        v @ square.boundary,
        p(0, 0),
        exact={u: stream.diff(y), v: -stream.diff(x), p: cos(pi * x) * sin(2 * y)},
    )


ENTRIES = (beam, biharmonic, elasticity, stokes)
