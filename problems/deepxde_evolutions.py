"""Demonstrations of DeepXDE's documentation (Lu et al., SIAM Review 63, 2021) that evolve, in our
words.
"""

from sympy import Add, Eq, Expr, Max, Rational, cos, erf, exp, log, pi, sin, sqrt

from pinnsolve import Box, Problem, coordinates, manufactured, unknown

from .flows import momentum
from .reference import formula, reference

x, y, z, t = coordinates("x y z t")
v = unknown("v", x, t)


def _in_time(box: Box, left: Expr, value: Expr, order: int = 1) -> Problem:
    """A law whose solution is known, with values at both ends and at the start."""
    ends = [v @ box.at(x=end) for end in box.limits[x]]
    start = [v @ box.at(t=0), *([v.diff(t) @ box.at(t=0)] if order == 2 else [])]
    return manufactured(box, left, *start, *ends, exact={v: value})


def heat() -> Problem:
    """u_t = 0.4 u_xx, half a wave."""
    rate = Rational(2, 5)
    box = Box({x: (0, 1), t: (0, 1)})
    value = exp(-rate * pi**2 * t) * sin(pi * x)
    return _in_time(box, v.diff(t) - rate * v.diff(x, 2), value)


def diffusion() -> Problem:
    """u_t = u_xx + f, a wave that decays like exp(-t)."""
    box = Box({x: (-1, 1), t: (0, 1)})
    return _in_time(box, v.diff(t) - v.diff(x, 2), exp(-t) * sin(pi * x))


def diffusion_reaction() -> Problem:
    """u_t = u_xx + f, five waves that decay like exp(-t)."""
    box = Box({x: (-pi, pi), t: (0, 1)})
    value = exp(-t) * Add(*[sin(i * x) / i for i in (1, 2, 3, 4, 8)])
    return _in_time(box, v.diff(t) - v.diff(x, 2), value)


def klein_gordon_long() -> Problem:
    """u_tt - u_xx + u^2 = f to t = 10, u = x cos(t)."""
    box = Box({x: (-1, 1), t: (0, 10)})
    return _in_time(box, v.diff(t, 2) - v.diff(x, 2) + v**2, x * cos(t), order=2)


def wave_10() -> Problem:
    """u_tt = 100 u_xx, two modes, the fast one for ten periods."""
    box = Box({x: (0, 1), t: (0, 1)})
    value = Add(*[sin(k * pi * x) * cos(10 * k * pi * t) for k in (1, 2)])
    return _in_time(box, v.diff(t, 2) - 100 * v.diff(x, 2), value, order=2)


def black_scholes() -> Problem:
    """A call of strike 50 over a year, prices up to 150 (its formula: exact but for a tail)."""
    strike, rate, volatility, highest = 50, Rational(1, 20), Rational(1, 5), 150
    spread = volatility * sqrt(t)
    upper = (log(x / strike) + (rate + volatility**2 / 2) * t) / spread
    low, high = ((1 + erf(d / sqrt(2))) / 2 for d in (upper - spread, upper))
    law = volatility**2 * x**2 * v.diff(x, 2) / 2 + rate * x * v.diff(x) - rate * v
    return Problem(
        Box({x: (0, highest), t: (0, 1)}),
        Eq(v.diff(t), law),
        Eq(v(x, 0), Max(x - strike, 0)),
        Eq(v(0, t), 0),
        Eq(v(highest, t), highest - strike * exp(-rate * t)),
        reference=formula(
            {"v": x * high - strike * exp(-rate * t) * low}, {x: (1, highest), t: (0.01, 1)}
        ),
    )


def ethier_steinman() -> Problem:
    """A flow in a cube that decays, whose vorticity is along its velocity (Beltrami)."""
    space = (x, y, z)
    fields = [unknown(name, *space, t) for name in "uvw"]
    p = unknown("p", *space, t)
    box = Box({**dict.fromkeys(space, (-1, 1)), t: (0, 1)})
    turned = ((x, y, z), (y, z, x), (z, x, y))
    values = {
        f: -(exp(b) * sin(c + d) + exp(d) * cos(b + c)) * exp(-t)
        for f, (b, c, d) in zip(fields, turned, strict=True)
    }
    values[p] = (
        -Add(*[exp(2 * b) + 2 * sin(b + c) * cos(d + b) * exp(c + d) for b, c, d in turned])
        * exp(-2 * t)
        / 2
    )
    laws = [f.diff(t) + law for f, law in zip(fields, momentum(fields, p, space, 1), strict=True)]
    sides = [f @ box.at(**{c.name: end}) for f in fields for c in space for end in (-1, 1)]
    starts = [f @ box.at(t=0) for f in fields]
    mass = Add(*[f.diff(c) for f, c in zip(fields, space, strict=True)])
    level = p @ box.at(x=1)
    return manufactured(box, *laws, mass, *sides, *starts, level, exact=values)


def allen_cahn_fixed() -> Problem:
    """u_t = u_xx / 1000 + 5 (u - u^3), -1 at both ends (reference: Chebyshev collocation)."""
    u = unknown("u", x, t)
    return Problem(
        Box({x: (-1, 1), t: (0, 1)}),
        Eq(u.diff(t), u.diff(x, 2) / 1000 + 5 * (u - u**3)),
        Eq(u(x, 0), x**2 * cos(pi * x)),
        Eq(u(-1, t), -1),
        Eq(u(1, t), -1),
        reference=reference("allen_cahn_demo"),
    )
