"""Nonlinear equations that do not evolve."""

from sympy import (
    Eq,
    Expr,
    Float,
    Rational,
    Symbol,
    cos,
    cosh,
    exp,
    log,
    nsolve,
    pi,
    sin,
    sqrt,
    tanh,
)

from pinnsolve import (
    Box,
    Interval,
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


def nonlinear_poisson() -> Problem:
    """-laplacian(u) + u^3 = f, u = sin(pi x) sin(pi y)."""
    return manufactured(
        square, -laplacian(u) + u**3, u @ square.boundary, exact={u: sin(pi * x) * sin(pi * y)}
    )


def nonlinear_helmholtz() -> Problem:
    """laplacian(u) + 9 u + u^3 = f, u = sin(2 pi x) cos(3 y)."""
    return manufactured(
        square,
        laplacian(u) + 9 * u + u**3,
        u @ square.boundary,
        exact={u: sin(2 * pi * x) * cos(3 * y)},
    )


def bratu_1d() -> Problem:
    """u'' + exp(u) = 0 with zeros at both ends: the lower of two solutions (`guess={u: 16*x*(1 -
    x)}` gives the upper).
    """
    w = unknown("u", x)
    theta = _bratu_angle(1)
    value = -2 * log(cosh((x - Rational(1, 2)) * theta / 2) / cosh(theta / 4))
    return Problem(
        Interval(x, 0, 1), Eq(w.diff(x, 2) + exp(w), 0), Eq(w(0), 0), Eq(w(1), 0), exact={w: value}
    )


def _bratu_angle(first: float) -> Expr:
    """The root of theta = sqrt(2) cosh(theta / 4) near a first guess, to 60 digits."""
    theta = Symbol("theta")
    return Float(nsolve(theta - sqrt(2) * cosh(theta / 4), theta, first, prec=60), 60)


def bratu_2d() -> Problem:
    """laplacian(u) + exp(u) = f on the unit square, u = sin(pi x) sin(pi y)."""
    return manufactured(
        square, laplacian(u) + exp(u), u @ square.boundary, exact={u: sin(pi * x) * sin(pi * y)}
    )


def steady_burgers() -> Problem:
    """u u' = nu u'' with nu = 0.1 between 1 and -1: u = -a tanh(a x / (2 nu))."""
    w, nu = unknown("u", x), Symbol("nu")
    value = -tanh(x / (2 * nu))
    segment = Interval(x, -1, 1)
    return Problem(
        segment,
        Eq(w * w.diff(x), nu * w.diff(x, 2)),
        Eq(w(-1), tanh(1 / (2 * nu))),
        Eq(w(1), -tanh(1 / (2 * nu))),
        exact={w: value},
        constants={nu: Rational(1, 10)},
    )


def minimal_surface() -> Problem:
    """The surface of least area over a square: Scherk's, u = log(cos y / cos x)."""
    box = Box({x: (-1, 1), y: (-1, 1)})
    first, second = gradient(u)
    slope = sqrt(1 + first**2 + second**2)
    value = log(cos(y) / cos(x))
    return Problem(
        box,
        Eq(divergence((first / slope, second / slope), x, y), 0),
        Eq(u, value) @ box.boundary,
        exact={u: value},
    )


def eikonal() -> Problem:
    """|grad u|^2 - eps laplacian(u) = 1, regularized by eps = 0.1: two plane waves that meet."""
    eps = Rational(1, 10)
    # v = exp(-u / eps) makes it linear, eps^2 laplacian(v) = v: a sum of exponentials.
    value = -eps * log(exp(-x / eps) + exp(-(3 * x + 4 * y) / 5 / eps))
    first, second = gradient(u)
    return Problem(
        square,
        Eq(first**2 + second**2 - eps * laplacian(u), 1),
        Eq(u, value) @ square.boundary,
        exact={u: value},
    )


def p_laplacian() -> Problem:
    """div((1 + |grad u|^2) grad u) = f, the p-Laplacian for p = 4, made regular: u = exp(x)
    sin(y).
    """
    first, second = gradient(u)
    weight = 1 + first**2 + second**2
    flux = (weight * first, weight * second)
    return manufactured(
        square, divergence(flux, x, y), u @ square.boundary, exact={u: exp(x) * sin(y)}
    )


ENTRIES = (
    nonlinear_poisson,
    nonlinear_helmholtz,
    bratu_1d,
    bratu_2d,
    steady_burgers,
    minimal_surface,
    eikonal,
    p_laplacian,
)
