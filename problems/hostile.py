"""Problems that deceive: features between points, offsets, units, resonances, growth, singular
starts, each with its answer.

`HOSTILE[name]()` is a problem whose exact solution is known. `python -m results hostile` asks that
none is called met and is wrong.
"""

from collections.abc import Callable, Mapping
from functools import partial

from sympy import (
    Eq,
    Expr,
    Piecewise,
    Rational,
    S,
    atan,
    cos,
    cosh,
    erf,
    exp,
    log,
    pi,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

from pinnsolve import Box, Problem, coordinates, laplacian, unknown

x, y, z, t = coordinates("x y z t")
v, w, q = unknown("v", x), unknown("w", x, y), unknown("q", x, y, z)
s, h = unknown("s", t), unknown("h", x, t)
LINE, LONG = Box({x: (0, 1)}), Box({t: (0, 2)})
SQUARE, CUBE, SLAB = (
    Box({x: (0, 1), y: (0, 1)}),
    Box({x: (0, 1), y: (0, 1), z: (0, 1)}),
    Box({x: (0, 1), t: (0, 1)}),
)


def given(exact: Expr) -> Problem:
    """v'' = f and values at both ends, with this solution."""
    ends = [Eq(v(end), exact.subs(x, end)) for end in (0, 1)]
    return Problem(LINE, Eq(v.diff(x, 2), exact.diff(x, 2)), *ends, exact={v: exact})


def plane(exact: Expr, box: Box = SQUARE) -> Problem:
    """Poisson's equation with this solution."""
    return Problem(
        box, Eq(laplacian(w), laplacian(exact, x, y)), Eq(w, exact) @ box.boundary, exact={w: exact}
    )


def load(width: Expr, place: Expr) -> Problem:
    """-v'' = exp(-((x - c)/d)^2)/d: its second integral is one of the error function."""
    r = (x - place) / width
    particular = -sqrt(pi) / 2 * width * (r * erf(r) + exp(-(r**2)) / sqrt(pi))
    exact = particular - particular.subs(x, 0) * (1 - x) - particular.subs(x, 1) * x
    return Problem(
        LINE, Eq(-v.diff(x, 2), exp(-(r**2)) / width), Eq(v(0), 0), Eq(v(1), 0), exact={v: exact}
    )


def blip(width: Expr) -> Problem:
    """Advection of an inflow that is disturbed for a moment."""
    inflow = sin(t) + exp(-(((t - Rational(1, 2)) / width) ** 2))
    exact = inflow.subs(t, t - x)
    equations = Eq(h.diff(t) + h.diff(x), 0), Eq(h(0, t), inflow), Eq(h(x, 0), exact.subs(t, 0))
    return Problem(SLAB, *equations, exact={h: exact})


def _response(rate: Expr, width: Expr, place: Expr) -> Expr:
    """r' + rate r = exp(-((t - c)/d)^2)/d, from nothing long before."""
    rest = erf((t - place) / width - rate * width / 2) + 1
    return exp(-rate * (t - place) + (rate * width) ** 2 / 4) * sqrt(pi) / 2 * rest


def pulse(width: Expr) -> Problem:
    """Heat that is let in for a moment."""
    place = Rational(3, 10)
    heat = sin(pi * x) * exp(-(((t - place) / width) ** 2)) / width
    exact = sin(pi * x) * _response(pi**2, width, place)
    zeros = Eq(h(0, t), 0), Eq(h(1, t), 0), Eq(h(x, 0), exact.subs(t, 0))
    return Problem(SLAB, Eq(h.diff(t) - h.diff(x, 2), heat), *zeros, exact={h: exact})


def kick(width: Expr) -> Problem:
    """s' + s = 1, and a kick."""
    place = Rational(7, 10)
    exact = _response(S.One, width, place) + 1 - exp(-t)
    force = exp(-(((t - place) / width) ** 2)) / width + 1
    return Problem(LONG, Eq(s.diff(t) + s, force), Eq(s(0), exact.subs(t, 0)), exact={s: exact})


def logistic_kick(width: Expr) -> Problem:
    """s' = s (1 - s) (1 + a kick): separable."""
    place = Rational(3, 5)
    force = exp(-(((t - place) / width) ** 2)) / width
    passed = t + sqrt(pi) / 2 * (erf((t - place) / width) - erf(-place / width))
    exact = 1 / (1 + 9 * exp(-passed))
    return Problem(
        LONG, Eq(s.diff(t), s * (1 - s) * (1 + force)), Eq(s(0), Rational(1, 10)), exact={s: exact}
    )


def wall(width: Expr, offset: Expr) -> Problem:
    """(k v')' = 0 through two layers that are joined smoothly, 1/k = 1 - (20/21) sigmoid: the flux
    is constant.
    """
    place, ratio = Rational(1, 3), Rational(20, 21)
    r = 2 * (x - place) / width
    # The integral of 1/k, with log(1 + exp(r)) written so that it does not overflow.
    soft = width / 2 * Piecewise((log(1 + exp(r)), r < 0), (r + log(1 + exp(-r)), True))
    resistance = x - ratio * (soft - soft.subs(x, 0))
    k = 1 / (1 - ratio * (1 + tanh(r / 2)) / 2)
    exact = offset + 2 * resistance / resistance.subs(x, 1)
    ends = Eq(v(0), offset), Eq(v(1), offset + 2)
    return Problem(LINE, Eq((k * v.diff(x)).diff(x), 0), *ends, exact={v: exact})


def resonance(distance: Expr) -> Problem:
    """Helmholtz's equation so far from its first eigenvalue."""
    k2, exact = 2 * pi**2 + distance, x * (1 - x) * y * (1 - y) * exp(x)
    equation = Eq(laplacian(w) + k2 * w, laplacian(exact, x, y) + k2 * exact)
    return Problem(SQUARE, equation, Eq(w, 0) @ SQUARE.boundary, exact={w: exact})


def motion(right: Expr, start: Expr, exact: Expr, end: Expr = S.One) -> Problem:
    """s' = f(s, t)."""
    return Problem(Box({t: (0, end)}), Eq(s.diff(t), right), Eq(s(0), start), exact={s: exact})


def scaled(factor: Expr) -> Problem:
    """Poisson's equation with data of any size."""
    exact = factor * sin(pi * x) * exp(y)
    return plane(exact)


def micro(length: Expr, hour: Expr) -> Problem:
    """Diffusion through a micrometre, in an hour."""
    rate, exact = length**2 / hour, exp(-(pi**2) * t / hour) * sin(pi * x / length)
    box = Box({x: (0, length), t: (0, hour)})
    zeros = Eq(h(0, t), 0), Eq(h(length, t), 0), Eq(h(x, 0), exact.subs(t, 0))
    return Problem(box, Eq(h.diff(t), rate * h.diff(x, 2)), *zeros, exact={h: exact})


def needle_in_space() -> Problem:
    """On top of a wave, in three coordinates."""
    r2 = (x - Rational(2, 5)) ** 2 + (y - Rational(1, 2)) ** 2 + (z - Rational(3, 5)) ** 2
    exact = sin(pi * x) * cos(y) * z + exp(-(10**4) * r2)
    return Problem(
        CUBE,
        Eq(laplacian(q), laplacian(exact, x, y, z)),
        Eq(q, exact) @ CUBE.boundary,
        exact={q: exact},
    )


def oscillator() -> Problem:
    """s'' + s = f: at rest, until something strikes it."""
    d, c = Rational(1, 500), Rational(1, 2)
    exact = (1 + tanh((t - c) / d)) * sin(t - c)
    equations = Eq(s.diff(t, 2) + s, exact.diff(t, 2) + exact), Eq(s(0), exact.subs(t, 0))
    return Problem(
        LONG, *equations, Eq(s.diff(t).subs(t, 0), exact.diff(t).subs(t, 0)), exact={s: exact}
    )


def heated_from_zero() -> Problem:
    """h_t = h_xx + f, everything zero at first."""
    exact = sin(pi * x) * (1 - exp(-t)) + t**2 * x * (1 - x)
    force = exact.diff(t) - exact.diff(x, 2)
    zeros = Eq(h(0, t), 0), Eq(h(1, t), 0), Eq(h(x, 0), 0)
    return Problem(SLAB, Eq(h.diff(t), h.diff(x, 2) + force), *zeros, exact={h: exact})


def bratu() -> Problem:
    """v'' + lambda exp(v) = 0 with theta = 3/2: the lower branch."""
    theta = Rational(3, 2)
    constant = 2 * theta**2 / cosh(theta / 2) ** 2
    exact = -2 * log(cosh(theta * (x - Rational(1, 2))) / cosh(theta / 2))
    return Problem(
        LINE, Eq(v.diff(x, 2) + constant * exp(v), 0), Eq(v(0), 0), Eq(v(1), 0), exact={v: exact}
    )


def growing(rate: int, start: Expr) -> Problem:
    """s' = rate s: small data that grow."""
    return motion(rate * s, start, start * exp(rate * t))


def stiff() -> Problem:
    """s' = -10^4 (s - cos t) - sin t."""
    return motion(-(10**4) * (s - cos(t)) - sin(t), S.One, cos(t))


def kink() -> Problem:
    """A load that jumps: the second derivative does."""
    left = x < Rational(3, 10)
    exact = Piecewise((-((x - Rational(3, 10)) ** 2), left), ((x - Rational(3, 10)) ** 2, True))
    ends = Eq(v(0), -Rational(9, 100)), Eq(v(1), Rational(49, 100))
    return Problem(
        LINE, Eq(v.diff(x, 2), Piecewise((-2, left), (2, True))), *ends, exact={v: exact}
    )


def _d(k: int) -> Expr:
    return Rational(1, 10**k)


THIRD, TENTHS = Rational(1, 3), Rational(3, 10)
KINDS: Mapping[str, Mapping[str, Callable[[], Problem]]] = {
    "load between the points": {
        "load_3": partial(load, _d(3), TENTHS),
        "load_5": partial(load, 2 * _d(5), TENTHS),
        "load_6": partial(load, _d(6), Rational(7, 9)),
    },
    "front between the points": {
        "front_2": partial(given, tanh(100 * (x - THIRD))),
        "front_4": partial(given, tanh(10**4 * (x - THIRD))),
        "front_5": partial(given, tanh(10**5 * (x - TENTHS))),
        "front_arctangent": partial(given, atan(3000 * (x - Rational(5, 7)))),
        "front_small": partial(given, sin(x) + _d(4) * tanh(10**4 * (x - TENTHS))),
        "front_two": partial(given, tanh(200 * (x - TENTHS)) + tanh(5000 * (x - Rational(71, 100))) + sin(x)),
        "front_three": partial(given, sum(tanh(k * 1000 * (x - Rational(k, 5))) for k in (1, 2, 4)) + x**2),
        "needle_line": partial(given, 1 / (1 + 10**8 * (x - Rational(3, 5)) ** 2) + cos(x)),
    },
    "needle in the plane": {
        "needle_2": partial(plane, sin(pi * x) * sin(pi * y) + exp(-(10**4) * ((x - TENTHS) ** 2 + (y - THIRD) ** 2))),
        "needle_3": partial(plane, sin(pi * x) * sin(pi * y) + exp(-(10**6) * ((x - TENTHS) ** 2 + (y - THIRD) ** 2))),
        "needle_edge": partial(plane, cos(x + y) + exp(-(10**5) * (x**2 + (y - THIRD) ** 2))),
        "needle_rational": partial(plane, sin(2 * x + y) + 1 / (1 + 10**5 * ((x - Rational(3, 5)) ** 2 + (y - TENTHS) ** 2))),
        "needle_space": needle_in_space,
    },
    "front in the plane": {
        "front_straight": partial(plane, tanh(1000 * (x - THIRD)) + sin(x * y)),
        "front_oblique": partial(plane, tanh(100 * (x + y - Rational(9, 10))) + x * y),
        "front_curved": partial(plane, exp(x) * tanh(50 * (y - x**2)) + sin(3 * x * y)),
        "front_circle": partial(plane, tanh(40 * (sqrt((x - 2) ** 2 + y**2) - Rational(8, 5)))),
    },
    "moment in time": {
        "blip_2": partial(blip, _d(2)),
        "blip_3": partial(blip, _d(3)),
        "blip_4": partial(blip, _d(4)),
        "pulse_2": partial(pulse, _d(2)),
        "pulse_3": partial(pulse, _d(3)),
        "pulse_4": partial(pulse, _d(4)),
        "kick_2": partial(kick, _d(2)),
        "kick_3": partial(kick, _d(3)),
        "kick_5": partial(kick, _d(5)),
        "kick_logistic": partial(logistic_kick, _d(3)),
        "kick_oscillator": oscillator,
    },
    "offset": {
        "wall_2": partial(wall, _d(2), Rational(29315, 100)),
        "wall_4": partial(wall, _d(4), Rational(29315, 100)),
        "wall_4_degrees": partial(wall, _d(4), S.Zero),
        "wall_3_far": partial(wall, _d(3), S(10**4)),
        "offset_plane": partial(plane, 1000 + sin(pi * x) * sin(pi * y)),
    },
    "ill-conditioned": {
        "resonance_3": partial(resonance, _d(3)),
        "resonance_6": partial(resonance, _d(6)),
        "growing_10": partial(growing, 10, _d(3)),
        "growing_30": partial(growing, 30, _d(9)),
        "stiff": stiff,
    },
    "sizes and units": {
        "small": partial(scaled, S(10) ** -160),
        "large": partial(scaled, S(10) ** 160),
        "micro": partial(micro, 5 * _d(6), S(3600)),
        "thin": partial(plane, sin(pi * y) * exp(-x), Box({x: (0, 10**4), y: (0, 1)})),
        "flat": partial(plane, sin(pi * x) * cosh(y), Box({x: (0, 1), y: (0, _d(3))})),
    },
    "start": {
        "zero_tanh": partial(motion, 1 - s**2, S.Zero, tanh(t)),
        "zero_tangent": partial(motion, 1 + s**2, S.Zero, tan(t)),
        "zero_heat": heated_from_zero,
        "root": partial(motion, 1 / (2 * s), S.One, sqrt(1 + t)),
        "logarithm": partial(motion, s * log(s), S(2), exp(log(S(2)) * exp(t))),
        "square": lambda: Problem(LINE, Eq(v**2, (2 + sin(x)) ** 2), exact={v: 2 + sin(x)}),
        "bratu": bratu,
    },
    "rough or fast": {
        "kink": kink,
        "power": partial(given, (x + _d(3)) ** Rational(3, 2)),
        "logarithmic": partial(given, (x + _d(4)) ** 2 * log(x + _d(4))),
        "waves_200": partial(given, sin(200 * x)),
        "waves_plane": partial(plane, sin(40 * x) * sinh(y)),
        "chirp": partial(given, sin(1 / (x + Rational(1, 50)))),
        "layer": partial(given, exp(-2000 * x) + x),
    },
}  # fmt: skip
HOSTILE: Mapping[str, Callable[[], Problem]] = {
    name: make for kind in KINDS.values() for name, make in kind.items()
}
