"""Poisson's equation on boxes of 1 to 10 dimensions."""

from collections.abc import Callable

from sympy import Add, Eq, Expr, Rational, Symbol, exp, pi, sin

from pinnsolve import Box, Problem, coordinates, laplacian, manufactured, unknown


def _on_unit_box(names: str, exact: Callable[..., Expr]) -> Problem:
    """-laplacian(u) = f on the unit box with Dirichlet data, both from the exact solution."""
    x = coordinates(names)
    u = unknown("u", *x)
    box = Box(dict.fromkeys(x, (0, 1)))
    return manufactured(box, -laplacian(u), u @ box.boundary, exact={u: exact(*x)})


def poisson_1d() -> Problem:
    """-u'' = f on [0, 1], u = exp(x) sin(2 pi x)."""
    return _on_unit_box("x", lambda x: exp(x) * sin(2 * pi * x))


def poisson_2d() -> Problem:
    """The model problem: u = sin(pi x) sin(pi y) on the unit square."""
    x, y = coordinates("x y")
    u = unknown("u", x, y)
    square = Box({x: (0, 1), y: (0, 1)})
    return Problem(
        square,
        Eq(-laplacian(u), 2 * pi**2 * sin(pi * x) * sin(pi * y)),
        Eq(u, 0) @ square.boundary,
        exact={u: sin(pi * x) * sin(pi * y)},
    )


def poisson_2d_4pi() -> Problem:
    """Oscillating: u = sin(4 pi x) sin(4 pi y)."""
    return _on_unit_box("x y", lambda x, y: sin(4 * pi * x) * sin(4 * pi * y))


def poisson_2d_8pi() -> Problem:
    """Strongly oscillating: u = sin(8 pi x) sin(8 pi y)."""
    return _on_unit_box("x y", lambda x, y: sin(8 * pi * x) * sin(8 * pi * y))


def poisson_2d_peak() -> Problem:
    """A Gaussian peak of width 0.07, off the centre."""

    def peak(x: Symbol, y: Symbol) -> Expr:
        width = Rational(7, 100)
        return exp(-((x - Rational(3, 5)) ** 2 + (y - Rational(2, 5)) ** 2) / (2 * width**2))

    return _on_unit_box("x y", peak)


def poisson_3d() -> Problem:
    """u = sin(pi x) sin(pi y) sin(pi z) on the unit cube."""
    return _on_unit_box("x y z", lambda x, y, z: sin(pi * x) * sin(pi * y) * sin(pi * z))


def poisson_5d() -> Problem:
    """Additive: u = sum_i sin(pi x_i) in five dimensions."""
    return _on_unit_box("x1:6", lambda *x: Add(*[sin(pi * c) for c in x]))


def poisson_10d() -> Problem:
    """Additive: u = sum_i sin(pi x_i) in ten dimensions."""
    return _on_unit_box("x1:11", lambda *x: Add(*[sin(pi * c) for c in x]))


def poisson_10d_pairs() -> Problem:
    """Pairs: u = sum_i sin(x_i) sin(x_(i+1)) in ten dimensions, cyclically."""
    return _on_unit_box(
        "x1:11", lambda *x: Add(*[sin(a) * sin(b) for a, b in zip(x, x[1:] + x[:1], strict=True)])
    )


ENTRIES = (
    poisson_1d,
    poisson_2d,
    poisson_2d_4pi,
    poisson_2d_8pi,
    poisson_2d_peak,
    poisson_3d,
    poisson_5d,
    poisson_10d,
    poisson_10d_pairs,
)
