"""Poisson's equation where geometry matters: curved boundaries, holes, corners, mixed
conditions.
"""

from sympy import Eq, Expr, Rational, Symbol, atan2, cos, exp, pi, sin, sqrt

from pinnsolve import (
    Ball,
    Box,
    Polygon,
    Problem,
    coordinates,
    laplacian,
    manufactured,
    normal_derivative,
    unknown,
)

x, y = coordinates("x y")
u = unknown("u", x, y)


def disk() -> Problem:
    """Dirichlet data on the unit disk: u = exp(x) sin(2 y)."""
    region = Ball({x: 0, y: 0}, 1)
    return manufactured(region, -laplacian(u), u @ region.boundary, exact={u: exp(x) * sin(2 * y)})


def annulus() -> Problem:
    """Ring between radii 1/2 and 1: Dirichlet data inside, Robin data outside."""
    outer, inner = Ball({x: 0, y: 0}, 1), Ball({x: 0, y: 0}, Rational(1, 2))
    ring = outer - inner
    return manufactured(
        ring,
        -laplacian(u),
        u @ inner.boundary,
        (normal_derivative(u) + 2 * u) @ outer.boundary,
        exact={u: exp(x / 2) * cos(2 * y) + x * y},
    )


def triangle() -> Problem:
    """Neumann data on the slanted side, Dirichlet data on the others."""
    region = Polygon((x, y), [(0, 0), (1, 0), (0, 1)])
    slanted = region.boundary.where(Eq(x + y, 1))
    return manufactured(
        region,
        -laplacian(u),
        normal_derivative(u) @ slanted,
        u @ region.boundary.where(x + y < 1),
        exact={u: sin(2 * x + y) * exp(-y)},
    )


def square_minus_disk() -> Problem:
    """A plate with a hole: Dirichlet data on the square, Neumann data on the hole."""
    square, hole = Box({x: (-1, 1), y: (-1, 1)}), Ball({x: 0, y: 0}, Rational(2, 5))
    plate = square - hole
    return manufactured(
        plate,
        -laplacian(u),
        u @ square.boundary,
        normal_derivative(u) @ plate.boundary.where(x**2 + y**2 < Rational(1, 4)),
        exact={u: cos(2 * x) * exp(y / 2) + x * y**2},
    )


def corner_angle() -> Expr:
    """Angle around the re-entrant corner of the L, from 0 to 3 pi/2; its jump lies outside of the
    L.
    """
    return 3 * pi / 4 + atan2(-x - y, y - x)


def corner_function(k: int) -> Expr:
    """r^(2k/3) sin(2k theta/3): harmonic, zero on both sides of the re-entrant corner."""
    exponent = Rational(2 * k, 3)
    radius: Symbol = sqrt(x**2 + y**2)
    return radius**exponent * sin(exponent * corner_angle())


def l_shape() -> Problem:
    """The L with its corner singularity: u = r^(2/3) sin(2 theta/3) + r^(4/3) sin(4 theta/3) +
    sin(x) exp(y).
    """
    region = Box({x: (-1, 1), y: (-1, 1)}) - Box({x: (0, 1), y: (-1, 0)})
    value = corner_function(1) + corner_function(2) + sin(x) * exp(y)
    return Problem(region, Eq(-laplacian(u), 0), Eq(u, value) @ region.boundary, exact={u: value})


ENTRIES = (disk, annulus, triangle, square_minus_disk, l_shape)
