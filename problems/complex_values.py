"""Complex unknowns: waves in time exp(-i omega t), currents, quantum mechanics."""

from sympy import Abs, Eq, Expr, I, Rational, cos, exp, hankel1, pi, sech, sin, sinh, sqrt

from pinnsolve import (
    Box,
    Interval,
    Problem,
    by_region,
    coordinates,
    divergence,
    laplacian,
    normal_derivative,
    unknown,
)

x, y, t = coordinates("x y t")
u, v, w = (unknown(n, *own, complex=True) for n, own in (("u", (x,)), ("v", (x, y)), ("w", (x, t))))
square = Box({x: (0, 1), y: (0, 1)})


def _absorbing(exact: Expr, k: int) -> Problem:
    """A wave in a square, whose walls let waves out that meet them straight."""
    data = normal_derivative(exact, x, y) - I * k * exact
    walls = Eq(normal_derivative(v) - I * k * v, data) @ square.boundary
    return Problem(square, Eq(laplacian(v) + k**2 * v, 0), walls, exact={v: exact})


def helmholtz_absorbing() -> Problem:
    """A plane wave, two wavelengths a side, between absorbing walls."""
    k, angle = 12, pi / 7
    return _absorbing(exp(I * k * (x * cos(angle) + y * sin(angle))), k)


def point_source() -> Problem:
    """What a source outside of the square sends through it: Hankel's function."""
    k = 12
    return _absorbing(hankel1(0, k * sqrt((x + Rational(1, 4)) ** 2 + (y - 2) ** 2)), k)


def skin_effect() -> Problem:
    """An alternating current, which goes along the surface: the depth is a fifth of the layer."""
    root = sqrt(50 * I)
    equation = Eq(u.diff(x, 2), 50 * I * u)
    exact = sinh(root * (1 - x)) / sinh(root)
    return Problem(Interval(x, 0, 1), equation, Eq(u(0), 1), Eq(u(1), 0), exact={u: exact})


def lossy_layer() -> Problem:
    """A wave that goes from one material into another, which damps it: a part comes back."""
    k, index = 5, 2 + I / 2
    before, after = Interval(x, 0, 1), Interval(x, 1, 2)
    back, through = (1 - index) / (1 + index), 2 / (1 + index)
    incoming, further = exp(I * k * (x - 1)), exp(I * k * index * (x - 1))
    exact = by_region({before: incoming + back / incoming, after: through * further})
    squared = by_region({before: k**2, after: (k * index) ** 2})
    equation = Eq(divergence((by_region({before: 1, after: 1}) * u.diff(x),), x) + squared * u, 0)
    first = incoming + back / incoming
    enters = Eq(u(0), first.subs(x, 0))
    leaves = Eq(u.diff(x).subs(x, 2) - I * k * index * u(2), 0)
    return Problem(Interval(x, 0, 2), equation, enters, leaves, exact={u: exact})


def bright_soliton() -> Problem:
    """Schrödinger's equation with a cubic term: a pulse that keeps its shape (Zakharov and Shabat,
    Sov. Phys. JETP 34, 1972).
    """
    speed, line = Rational(1, 2), Interval(x, -8, 8)
    exact = sech(x - speed * t) * exp(I * (speed * x + (1 - speed**2) * t / 2))
    return Problem(
        line * Interval(t, 0, 1),
        Eq(I * w.diff(t), -w.diff(x, 2) / 2 - Abs(w) ** 2 * w),
        Eq(w(x, 0), exact.subs(t, 0)),
        Eq(w, exact) @ line.boundary,
        exact={w: exact},
    )


def beat() -> Problem:
    """A quantum particle in a box, in two states at once."""
    box = Interval(x, 0, 1)
    exact = sum(exp(-I * (n * pi) ** 2 * t) * sin(n * pi * x) for n in (1, 2))
    return Problem(
        box * Interval(t, 0, Rational(1, 2)),
        Eq(I * w.diff(t), -w.diff(x, 2)),
        Eq(w(x, 0), exact.subs(t, 0)),
        Eq(w, 0) @ box.boundary,
        exact={w: exact},
    )


ENTRIES = (helmholtz_absorbing, point_source, skin_effect, lossy_layer, bright_soliton, beat)
