"""Incompressible flow: the equations of Navier and Stokes."""

from sympy import Eq, Expr, Rational, Symbol, cos, exp, pi, sin, sqrt

from pinnsolve import Box, Problem, coordinates, laplacian, manufactured, unknown
from pinnsolve.symbols.symbols import Unknown

from .reference import reference

x, y, z, t = coordinates("x y z t")


def momentum(
    velocity: list[Unknown], p: Unknown, space: tuple[Symbol, ...], viscosity: Expr
) -> list[Expr]:
    """(u . grad) u + grad p - nu laplacian(u), component by component."""
    return [
        sum(c * w.diff(s) for c, s in zip(velocity, space, strict=True))
        + p.diff(own)
        - viscosity * laplacian(w, *space)
        for w, own in zip(velocity, space, strict=True)
    ]


def kovasznay() -> Problem:
    """Flow behind a grid at Re = 40 (Kovasznay 1948)."""
    u, v, p = (unknown(name, x, y) for name in "uvp")
    rate = 20 - sqrt(400 + 4 * pi**2)
    box = Box({x: (Rational(-1, 2), 1), y: (Rational(-1, 2), Rational(3, 2))})
    values = {
        u: 1 - exp(rate * x) * cos(2 * pi * y),
        v: rate / (2 * pi) * exp(rate * x) * sin(2 * pi * y),
        p: (1 - exp(2 * rate * x)) / 2,
    }
    laws = momentum([u, v], p, (x, y), Rational(1, 40))
    return manufactured(
        box,
        *laws,
        u.diff(x) + v.diff(y),
        u @ box.boundary,
        v @ box.boundary,
        p @ box.at(x=1),
        exact=values,
    )


def taylor_green() -> Problem:
    """Decaying vortices, nu = 1/10, over a unit of time."""
    u, v, p = (unknown(name, x, y, t) for name in "uvp")
    nu = Rational(1, 10)
    decay = exp(-2 * nu * t)
    box = Box({x: (0, pi), y: (0, pi), t: (0, 1)})
    values = {
        u: -cos(x) * sin(y) * decay,
        v: sin(x) * cos(y) * decay,
        p: -(cos(2 * x) + cos(2 * y)) / 4 * decay**2,
    }
    laws = [w.diff(t) + law for w, law in zip((u, v), momentum([u, v], p, (x, y), nu), strict=True)]
    walls = [
        w @ box.at(**face) for face in ({"x": 0}, {"x": pi}, {"y": 0}, {"y": pi}) for w in (u, v)
    ]
    return manufactured(
        box,
        *laws,
        u.diff(x) + v.diff(y),
        *walls,
        p @ box.at(x=0),
        u(x, y, 0),
        v(x, y, 0),
        exact=values,
    )


def beltrami() -> Problem:
    """A steady Beltrami flow in three dimensions (Arnold, Beltrami, Childress), nu = 1."""
    u, v, w, p = (unknown(name, x, y, z) for name in "uvwp")
    cube = Box(dict.fromkeys((x, y, z), (-1, 1)))
    values = {u: sin(z) + cos(y), v: sin(x) + cos(z), w: sin(y) + cos(x)}
    values[p] = -sum(value**2 for value in (values[u], values[v], values[w])) / 2
    laws = momentum([u, v, w], p, (x, y, z), Rational(1))
    walls = [field @ cube.boundary for field in (u, v, w)]
    return manufactured(
        cube, *laws, u.diff(x) + v.diff(y) + w.diff(z), *walls, p @ cube.at(x=-1), exact=values
    )


def burgers_2d() -> Problem:
    """u_t + u (u_x + u_y) = nu laplacian(u) with nu = 1/20: an oblique travelling front."""
    u, nu = unknown("u", x, y, t), Rational(1, 20)
    box = Box({x: (0, 1), y: (0, 1), t: (0, 1)})
    value = 1 / (1 + exp((x + y - t) / (2 * nu)))
    law = u.diff(t) + u * (u.diff(x) + u.diff(y)) - nu * laplacian(u, x, y)
    walls = [Eq(u, value) @ box.at(**face) for face in ({"x": 0}, {"x": 1}, {"y": 0}, {"y": 1})]
    return Problem(box, Eq(law, 0), *walls, Eq(u(x, y, 0), value.subs(t, 0)), exact={u: value})


def _cavity(name: str, reynolds: int) -> Problem:
    """The stream function s, u = s_y and v = -s_x, in a square whose lid moves."""
    s, re = unknown("s", x, y), Symbol("Re")
    square = Box({x: (0, 1), y: (0, 1)})
    vorticity = laplacian(s)
    law = (
        laplacian(vorticity, x, y) / re
        - s.diff(y) * vorticity.diff(x)
        + s.diff(x) * vorticity.diff(y)
    )
    sides = [
        Eq(s.diff(x), 0) @ square.at(x=0),
        Eq(s.diff(x), 0) @ square.at(x=1),
        Eq(s.diff(y), 0) @ square.at(y=0),
    ]
    return Problem(
        square,
        Eq(law, 0),
        Eq(s, 0) @ square.boundary,
        *sides,
        Eq(s.diff(y), 1) @ square.at(y=1),
        constants={re: reynolds},
        reference=reference(name),
    )


def cavity_100() -> Problem:
    """The lid-driven cavity at Re = 100, as a stream function (reference: finite differences,
    extrapolated).
    """
    return _cavity("cavity_100", 100)


def cavity_400() -> Problem:
    """The same at Re = 400."""
    return _cavity("cavity_400", 400)


ENTRIES = (kovasznay, taylor_green, beltrami, burgers_2d, cavity_100, cavity_400)
