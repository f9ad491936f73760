"""Time is a coordinate like any other: heat, waves, advection, Maxwell's equations."""

from sympy import Eq, Rational, cos, exp, pi, sin, sqrt

from pinnsolve import Box, Interval, Problem, coordinates, laplacian, manufactured, unknown

x, y, t = coordinates("x y t")


def heat_1d() -> Problem:
    """u_t = u_xx / 10 on a rod with its ends at zero: u = exp(-pi^2 t / 10) sin(pi x)."""
    u = unknown("u", x, t)
    diffusivity = Rational(1, 10)
    return Problem(
        Box({x: (0, 1), t: (0, 1)}),
        Eq(u.diff(t), diffusivity * u.diff(x, 2)),
        Eq(u(x, 0), sin(pi * x)),
        Eq(u(0, t), 0),
        Eq(u(1, t), 0),
        exact={u: exp(-diffusivity * pi**2 * t) * sin(pi * x)},
    )


def heat_2d() -> Problem:
    """u_t = (u_xx + u_yy) / 10 on the unit square over a unit of time."""
    u = unknown("u", x, y, t)
    square = Box({x: (0, 1), y: (0, 1)})
    rod = square * Interval(t, 0, 1)
    value = exp(-(pi**2) * t / 5) * sin(pi * x) * sin(pi * y)
    return Problem(
        rod,
        Eq(u.diff(t), laplacian(u, x, y) / 10),
        Eq(u(x, y, 0), sin(pi * x) * sin(pi * y)),
        *[Eq(u, 0) @ rod.at(**face) for face in ({"x": 0}, {"x": 1}, {"y": 0}, {"y": 1})],
        exact={u: value},
    )


def wave_1d() -> Problem:
    """u_tt = 4 u_xx with two frequencies: u = sin(pi x) cos(2 pi t) + sin(4 pi x) cos(8 pi t) /
    2.
    """
    u = unknown("u", x, t)
    value = sin(pi * x) * cos(2 * pi * t) + sin(4 * pi * x) * cos(8 * pi * t) / 2
    return Problem(
        Box({x: (0, 1), t: (0, 1)}),
        Eq(u.diff(t, 2), 4 * u.diff(x, 2)),
        Eq(u(x, 0), value.subs(t, 0)),
        Eq(u.diff(t).subs(t, 0), 0),
        Eq(u(0, t), 0),
        Eq(u(1, t), 0),
        exact={u: value},
    )


def _advection(speed: int) -> Problem:
    u = unknown("u", x, t)
    return Problem(
        Box({x: (0, 2 * pi), t: (0, 1)}),
        Eq(u.diff(t) + speed * u.diff(x), 0),
        Eq(u(x, 0), sin(x)),
        Eq(u(0, t), u(2 * pi, t)),
        exact={u: sin(x - speed * t)},
    )


def advection_10() -> Problem:
    """u_t + 10 u_x = 0, periodic: the wave passes 1.6 times."""
    return _advection(10)


def advection_30() -> Problem:
    """u_t + 30 u_x = 0, periodic: a usual test of PINNs' failure."""
    return _advection(30)


def maxwell_tm() -> Problem:
    """Transverse magnetic mode of a square cavity: three fields, perfectly conducting walls."""
    e, h, g = (unknown(name, x, y, t) for name in ("E", "Hx", "Hy"))
    box = Box({x: (0, 1), y: (0, 1), t: (0, 1)})
    omega = sqrt(2) * pi
    values = {
        e: sin(pi * x) * sin(pi * y) * cos(omega * t),
        h: -pi / omega * sin(pi * x) * cos(pi * y) * sin(omega * t),
        g: pi / omega * cos(pi * x) * sin(pi * y) * sin(omega * t),
    }
    return manufactured(
        box,
        e.diff(t) - g.diff(x) + h.diff(y),
        h.diff(t) + e.diff(y),
        g.diff(t) - e.diff(x),
        *[e @ box.at(**wall) for wall in ({"x": 0}, {"x": 1}, {"y": 0}, {"y": 1})],
        *[field(x, y, 0) for field in (e, h, g)],
        exact=values,
    )


ENTRIES = (heat_1d, heat_2d, wave_1d, advection_10, advection_30, maxwell_tm)
