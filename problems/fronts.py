"""Nonlinear evolutions in one dimension of space: fronts, solitons, chaos."""

from collections.abc import Callable

from sympy import Eq, Expr, Rational, Symbol, atan, cos, cosh, exp, pi, sech, sin, sqrt

from pinnsolve import Box, Problem, coordinates, manufactured, unknown
from pinnsolve.symbols.symbols import Unknown

from .reference import formula, reference

x, t = coordinates("x t")
u, v = unknown("u", x, t), unknown("v", x, t)


def _periodic(w: Unknown, low: Expr, high: Expr, orders: int) -> list[Eq]:
    """w and its derivatives below the order of the equation agree at both ends."""
    inner = [Eq(w.diff(x, k).subs(x, low), w.diff(x, k).subs(x, high)) for k in range(1, orders)]
    return [Eq(w(low, t), w(high, t)), *inner]


def _burgers(name: str, viscosity: Expr) -> Problem:
    nu = Symbol("nu")
    return Problem(
        Box({x: (-1, 1), t: (0, 1)}),
        Eq(u.diff(t) + u * u.diff(x), nu * u.diff(x, 2)),
        Eq(u(x, 0), -sin(pi * x)),
        Eq(u(-1, t), 0),
        Eq(u(1, t), 0),
        constants={nu: viscosity},
        reference=reference(name),
    )


def burgers() -> Problem:
    """u_t + u u_x = nu u_xx with nu = 0.01/pi: a front forms at x = 0 (reference: Cole's and Hopf's
    integral).
    """
    return _burgers("burgers", Rational(1, 100) / pi)


def burgers_thin() -> Problem:
    """The same with nu = 0.001/pi: the front is ten times thinner."""
    return _burgers("burgers_thin", Rational(1, 1000) / pi)


def allen_cahn() -> Problem:
    """u_t = 1e-4 u_xx - 5 u^3 + 5 u, periodic, from x^2 cos(pi x), which has a kink there (spectral
    reference).
    """
    return Problem(
        Box({x: (-1, 1), t: (0, 1)}),
        Eq(u.diff(t), u.diff(x, 2) / 10000 - 5 * u**3 + 5 * u),
        Eq(u(x, 0), x**2 * cos(pi * x)),
        *_periodic(u, -1, 1, 2),
        reference=reference("allen_cahn"),
    )


def _korteweg_de_vries(low: int, high: int, end: int, value: Expr) -> Problem:
    return Problem(
        Box({x: (low, high), t: (0, end)}),
        Eq(u.diff(t) + 6 * u * u.diff(x) + u.diff(x, 3), 0),
        Eq(u(x, 0), value.subs(t, 0)),
        *_periodic(u, low, high, 3),
        reference=formula({"u": value}, {x: (low, high), t: (0, end)}),
    )


def soliton() -> Problem:
    """u_t + 6 u u_x + u_xxx = 0: one wave that keeps its shape (periodic up to 1e-12, so its
    formula is a reference).
    """
    speed = Rational(2)
    return _korteweg_de_vries(-30, 30, 2, speed / 2 * sech(sqrt(speed) / 2 * (x - speed * t)) ** 2)


def two_solitons() -> Problem:
    """The same equation: the tall wave overtakes the low one (Hirota's formula)."""
    k, m = Rational(8, 5), Rational(1)
    first, second = exp(k * (x + 6 - k**2 * t)), exp(m * (x + 2 - m**2 * t))
    tau = 1 + first + second + ((k - m) / (k + m)) ** 2 * first * second
    return _korteweg_de_vries(-40, 40, 5, 2 * (tau.diff(x, 2) / tau - (tau.diff(x) / tau) ** 2))


def korteweg_de_vries() -> Problem:
    """u_t + u u_x + 0.022^2 u_xxx = 0 from cos(pi x): Zabusky's and Kruskal's train of solitons
    (spectral reference).
    """
    return Problem(
        Box({x: (-1, 1), t: (0, 1)}),
        Eq(u.diff(t) + u * u.diff(x) + Rational(22, 1000) ** 2 * u.diff(x, 3), 0),
        Eq(u(x, 0), cos(pi * x)),
        *_periodic(u, -1, 1, 3),
        reference=reference("korteweg_de_vries"),
    )


def kuramoto_sivashinsky() -> Problem:
    """u_t + 25/4 u u_x + 25/64 u_xx + 25/16384 u_xxxx = 0, before chaos sets in (spectral
    reference).
    """
    a, b, c = Rational(100, 16), Rational(100, 16**2), Rational(100, 16**4)
    return Problem(
        Box({x: (0, 2 * pi), t: (0, 1)}),
        Eq(u.diff(t) + a * u * u.diff(x) + b * u.diff(x, 2) + c * u.diff(x, 4), 0),
        Eq(u(x, 0), cos(x) * (1 + sin(x))),
        *_periodic(u, 0, 2 * pi, 4),
        reference=reference("kuramoto_sivashinsky"),
    )


def schroedinger() -> Problem:
    """i h_t + h_xx / 2 + |h|^2 h = 0 as two real fields, from 2 sech(x), periodic over 20 (spectral
    reference).
    """
    size = u**2 + v**2
    return Problem(
        Box({x: (-10, 10), t: (0, pi / 2)}),
        Eq(u.diff(t) + v.diff(x, 2) / 2 + size * v, 0),
        Eq(v.diff(t) - u.diff(x, 2) / 2 - size * u, 0),
        Eq(u(x, 0), 2 * sech(x)),
        Eq(v(x, 0), 0),
        *_periodic(u, -10, 10, 2),
        *_periodic(v, -10, 10, 2),
        reference=reference("schroedinger"),
    )


def klein_gordon() -> Problem:
    """u_tt - u_xx + u^3 = f, u = x cos(5 pi t) + (x t)^3."""
    box = Box({x: (0, 1), t: (0, 1)})
    value = x * cos(5 * pi * t) + (x * t) ** 3
    return manufactured(
        box,
        u.diff(t, 2) - u.diff(x, 2) + u**3,
        u(x, 0),
        u.diff(t) @ box.at(t=0),
        u(0, t),
        u(1, t),
        exact={u: value},
    )


def sine_gordon() -> Problem:
    """u_tt - u_xx + sin(u) = 0: a breather."""
    box = Box({x: (-10, 10), t: (0, 5)})
    value = 4 * atan(sin(t / sqrt(2)) / cosh(x / sqrt(2)))
    return _with_sides(box, lambda w: Eq(w.diff(t, 2) - w.diff(x, 2) + sin(w), 0), value)


def _with_sides(box: Box, law: Callable[[Unknown], Eq], value: Expr) -> Problem:
    low, high = (float(b) for b in box.bounds[0])
    start = [Eq(u(x, 0), value.subs(t, 0)), Eq(u.diff(t).subs(t, 0), value.diff(t).subs(t, 0))]
    sides = [Eq(u(end, t), value.subs(x, end)) for end in (Rational(low), Rational(high))]
    second = law(u).has(u.diff(t, 2))
    return Problem(box, law(u), *start[: 1 + second], *sides, exact={u: value})


def fisher() -> Problem:
    """u_t = u_xx + u (1 - u): a travelling wave."""
    value = (1 + exp(x / sqrt(6) - 5 * t / 6)) ** -2
    return _with_sides(
        Box({x: (-10, 20), t: (0, 2)}), lambda w: Eq(w.diff(t), w.diff(x, 2) + w * (1 - w)), value
    )


def reaction() -> Problem:
    """u_t = 5 u (1 - u) at every x, from a bump: the reaction equation on which plain PINNs
    fail.
    """
    start = exp(-8 * (x - pi) ** 2 / pi**2)
    value = start * exp(5 * t) / (start * exp(5 * t) + 1 - start)
    return Problem(
        Box({x: (0, 2 * pi), t: (0, 1)}),
        Eq(u.diff(t), 5 * u * (1 - u)),
        Eq(u(x, 0), start),
        exact={u: value},
    )


def gray_scott() -> Problem:
    """Two reacting and diffusing substances: a pulse that splits (spectral reference)."""
    feed, kill = Rational(4, 100), Rational(6, 100)
    bump = exp(-80 * x**2)
    return Problem(
        Box({x: (-1, 1), t: (0, 200)}),
        Eq(u.diff(t), Rational(2, 10**5) * u.diff(x, 2) - u * v**2 + feed * (1 - u)),
        Eq(v.diff(t), Rational(1, 10**5) * v.diff(x, 2) + u * v**2 - (feed + kill) * v),
        Eq(u(x, 0), 1 - bump / 2),
        Eq(v(x, 0), bump / 4),
        *_periodic(u, -1, 1, 2),
        *_periodic(v, -1, 1, 2),
        reference=reference("gray_scott"),
    )


ENTRIES = (
    burgers,
    burgers_thin,
    allen_cahn,
    soliton,
    two_solitons,
    korteweg_de_vries,
    kuramoto_sivashinsky,
    schroedinger,
    klein_gordon,
    sine_gordon,
    fisher,
    reaction,
    gray_scott,
)
