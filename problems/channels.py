"""Flows in channels: past a body, behind a step."""

from sympy import Eq, Expr, Integer, Rational

from pinnsolve import Ball, Box, Problem, coordinates, laplacian, unknown
from pinnsolve.symbols.symbols import Unknown

from .flows import momentum

x, y = coordinates("x y")

CYLINDER = Ball({x: Rational(1, 5), y: Rational(1, 5)}, Rational(1, 20))


def _laws(velocity: list[Unknown], p: Unknown, viscosity: Expr, density: Expr) -> list[Expr]:
    """Momentum, with convection unless the density is zero."""
    if density == 0:
        pairs = zip((x, y), velocity, strict=True)
        return [p.diff(c) - viscosity * laplacian(v) for c, v in pairs]
    return momentum(velocity, p, (x, y), viscosity)


def _channel(length: Expr, height: Expr, body: Ball, viscosity: Expr, density: Expr) -> Problem:
    """A flow past a body: a parabola comes in, no stress at the end.

    `density` in front of the convection: 0 for Stokes's equations.
    """
    a, b, p = (unknown(name, x, y) for name in "abp")
    channel = Box({x: (0, length), y: (0, height)})
    laws = _laws([a, b], p, viscosity, density)
    inlet = 4 * y * (height - y) / height**2
    solid = [channel.at(y=0), channel.at(y=height), body.boundary]
    walls = [Eq(v, 0) @ wall for wall in solid for v in (a, b)]
    out = channel.at(x=length)
    return Problem(
        channel - body,
        *(Eq(law, 0) for law in laws),
        Eq(a.diff(x) + b.diff(y), 0),
        *walls,
        Eq(a, inlet) @ channel.at(x=0),
        Eq(b, 0) @ channel.at(x=0),
        Eq(viscosity * a.diff(x) - p, 0) @ out,
        Eq(viscosity * b.diff(x), 0) @ out,
    )


def stokes_cylinder() -> Problem:
    """A slow flow past a cylinder in a channel of four by one."""
    body = Ball({x: 1, y: Rational(1, 2)}, Rational(1, 8))
    return _channel(Integer(4), Integer(1), body, Integer(1), Integer(0))


def navier_stokes_cylinder() -> Problem:
    """Schaefer's and Turek's benchmark 2D-1: the flow past a cylinder at Re = 20.

    In units of the largest velocity, 0.3; its viscosity 0.001 is 1/300 then.
    """
    length, height = Rational(11, 5), Rational(41, 100)
    return _channel(length, height, CYLINDER, Rational(1, 300), Integer(1))


def _step(viscosity: Expr, density: Expr) -> Problem:
    """A channel that widens by a step: a parabola comes in, the flow leaves straight on.

    `density` in front of the convection: 0 for Stokes's equations.
    """
    a, b, p = (unknown(name, x, y) for name in "abp")
    room, block = Box({x: (0, 4), y: (0, 2)}), Box({x: (0, 2), y: (1, 2)})
    narrow, wide = Box({x: (0, 2), y: (0, 1)}), Box({x: (2, 4), y: (0, 2)})
    solid = [room.at(y=0), block.at(y=1), block.at(x=2), wide.at(y=2)]
    walls = [Eq(v, 0) @ wall for wall in solid for v in (a, b)]
    return Problem(
        room - block,
        *(Eq(law, 0) for law in _laws([a, b], p, viscosity, density)),
        Eq(a.diff(x) + b.diff(y), 0),
        *walls,
        Eq(a, 4 * y * (1 - y)) @ narrow.at(x=0),
        Eq(b, 0) @ narrow.at(x=0),
        Eq(p, 0) @ wide.at(x=4),
        Eq(b, 0) @ wide.at(x=4),
    )


def stokes_step() -> Problem:
    """A slow flow in that channel: its velocity goes like r^0.54 at the corner, its pressure like
    r^-0.46.
    """
    return _step(Integer(1), Integer(0))


def backward_step() -> Problem:
    """NS 2D-CG of PINNacle (Hao et al., arXiv 2306.08827): the same channel at Re = 100. That the
    flow leaves straight on, the benchmark does not say, and its values do; the jet, which does not,
    is turned in a layer of width 1/100 there.
    """
    return _step(Rational(1, 100), Integer(1))
