"""Poisson's and Laplace's equations in shapes with curved boundaries: stars, airfoils, level sets,
rings.
"""

from collections.abc import Callable

from sympy import Eq, Rational, cos, exp, pi, sin

from pinnsolve import (
    Box,
    Curve,
    Ellipse,
    Implicit,
    Problem,
    Torus,
    coordinates,
    laplacian,
    manufactured,
    normal_derivative,
    unknown,
)

x, y, z, s = coordinates("x y z s")
u, w = unknown("u", x, y), unknown("w", x, y, z)


def star() -> Problem:
    """Dirichlet data on a star with five rounded tips."""
    r = 1 + cos(5 * s) / 4
    region = Curve({x: r * cos(s), y: r * sin(s)}, (s, 0, 2 * pi))
    exact = exp(x) * sin(2 * y) + cos(3 * x * y)
    return manufactured(region, -laplacian(u), u @ region.boundary, exact={u: exact})


def airfoil() -> Problem:
    """A stream function given on the walls of a tunnel and on Joukowski's airfoil in it: the image
    of a circle under c + 1 / c, with a rounded tail.
    """
    re, im = Rational(-1, 10) + 23 * cos(s) / 20, Rational(1, 10) + 23 * sin(s) / 20
    squares = re**2 + im**2
    foil = Curve({x: re * (1 + 1 / squares), y: im * (1 - 1 / squares)}, (s, 0, 2 * pi))
    tunnel = Box({x: (-4, 4), y: (-3, 3)}) - foil
    exact = y + exp(x / 4) * sin(y / 4)
    return Problem(tunnel, Eq(laplacian(u), 0), Eq(u, exact) @ tunnel.boundary, exact={u: exact})


def ellipse_with_a_hole() -> Problem:
    """Fluxes on an elliptic hole, values on the ellipse around it."""
    outer = Ellipse({x: 0, y: 0}, {x: 2, y: 1})
    hole = Ellipse({x: Rational(3, 10), y: 0}, {x: Rational(2, 5), y: Rational(1, 5)})
    return manufactured(
        outer - hole,
        -laplacian(u),
        u @ outer.boundary,
        normal_derivative(u) @ hole.boundary,
        exact={u: exp(x / 2) * cos(2 * y)},
    )


def squircle() -> Problem:
    """Helmholtz's equation where x^4 + y^4 < 1."""
    region = Implicit(x**4 + y**4 < 1, {x: (-2, 2), y: (-2, 2)})
    exact = sin(3 * x - y) + x * y
    return manufactured(region, -laplacian(u) - 4 * u, u @ region.boundary, exact={u: exact})


def torus() -> Problem:
    """Dirichlet data on a torus."""
    ring = Torus({x: 0, y: 0, z: 0}, 1, Rational(2, 5))
    exact = exp(x / 2) * sin(y) + x * cos(z)
    return manufactured(ring, -laplacian(w), w @ ring.boundary, exact={w: exact})


SHAPES: dict[str, Callable[[], Problem]] = {
    f.__name__: f for f in (star, airfoil, ellipse_with_a_hole, squircle, torus)
}
