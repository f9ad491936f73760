"""The inverse demonstrations of DeepXDE's documentation (Lu et al., SIAM Review 63, 2021), in our
words. A constant that is sought is a field whose derivatives are zero.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_bvp
from sympy import Eq, Rational, Symbol, cos, cosh, exp, pi, sin, sqrt

from pinnsolve import Box, Data, Interval, PointCloud, Problem, coordinates, unknown
from pinnsolve.declare.reference import Reference
from pinnsolve.symbols.symbols import Unknown

from .reference.paths import followed

x, t = coordinates("x t")


def constants(names: str, *axes: Symbol) -> tuple[list[Unknown], list[Eq]]:
    """Fields by these names, and that they do not change along the axes."""
    fields = [unknown(name, *axes) for name in names]
    return fields, [Eq(f.diff(c), 0) for f in fields for c in axes]


def _lorenz(rates: tuple[float, float, float], push: bool) -> Problem:
    """Three constants of Lorenz's equations, from twenty-five moments of a path."""
    fields, still = constants("abc", t)
    p, q, r = (unknown(name, t) for name in "pqr")
    a, b, c = fields

    def law(s: float, state: NDArray[np.float64]) -> list[float]:
        u, v, w = state
        force = 10 * np.sin(2 * np.pi * s) if push else 0.0
        return [
            rates[0] * (v - u),
            u * (rates[1] - w) - v,
            u * v - rates[2] * w + force,
        ]

    path = followed(law, [-8.0, 7.0, 27.0], (0, 3), "pqr", n=241)
    seen = slice(None, None, 10)
    cloud = PointCloud({t: path.points[seen, 0]})
    known = {**path.values, **{n: np.full(241, v) for n, v in zip("abc", rates, strict=True)}}
    return Problem(
        Interval(t, 0, 3),
        Eq(p.diff(t), a * (q - p)),
        Eq(q.diff(t), p * (b - r) - q),
        Eq(r.diff(t), p * q - c * r + (10 * sin(2 * pi * t) if push else 0)),
        *still,
        *[Eq(f, Data(path.values[f.name][seen])) @ cloud for f in (p, q, r)],
        reference=Reference(path.points, known),
    )


def lorenz_inverse() -> Problem:
    """Lorenz's equations."""
    return _lorenz((10.0, 15.0, 8 / 3), push=False)


def lorenz_inverse_forced() -> Problem:
    """The same with a force that is known: ours is a sine, theirs comes from a file."""
    return _lorenz((10.0, 15.0, 8 / 3), push=True)


def elliptic_inverse_field() -> Problem:
    """The load q of u'' = q, from a hundred values of u."""
    u, q = unknown("u", x), unknown("q", x)
    places = np.linspace(-1, 1, 100)
    return Problem(
        Interval(x, -1, 1),
        Eq(u.diff(x, 2), q),
        Eq(u(-1), 0),
        Eq(u(1), 0),
        Eq(u, Data(np.sin(np.pi * places))) @ PointCloud({x: places}),
        exact={u: sin(pi * x), q: -(pi**2) * sin(pi * x)},
    )


def brinkman_forchheimer() -> Problem:
    """Viscosity and permeability of a porous channel, 1/1000 each, from five values of the flow."""
    (viscosity, leak), still = constants("ak", x)
    u = unknown("u", x)
    # In units in which both are near one: a / 1000, and the permeability 1 / (1000 k).
    rate = sqrt(400)
    value = 1 - cosh(rate * (x - Rational(1, 2))) / cosh(rate / 2)
    places = np.arange(1, 6) / 6
    values = 1 - np.cosh(20 * (places - 0.5)) / np.cosh(10)
    return Problem(
        Interval(x, 0, 1),
        Eq(-viscosity * u.diff(x, 2) / 400 + leak * u, 1),
        *still,
        Eq(u(0), 0),
        Eq(u(1), 0),
        Eq(u, Data(values)) @ PointCloud({x: places}),
        exact={u: value, viscosity: 1, leak: 1},
    )


def diffusion_reaction_rate() -> Problem:
    """The rate k(x) of u'' / 100 - k u = sin(2 pi x), from a hundred values of u (reference: by
    scipy's collocation).
    """
    u, k = unknown("u", x), unknown("k", x)
    places = np.linspace(0, 1, 100)

    def rate(at: np.ndarray) -> np.ndarray:
        return 0.1 + np.exp(-0.5 * (at - 0.5) ** 2 / 0.15**2)

    def law(at: np.ndarray, state: np.ndarray) -> np.ndarray:
        return np.stack([state[1], 100 * (rate(at) * state[0] + np.sin(2 * np.pi * at))])

    path = solve_bvp(
        law,
        lambda left, right: np.array([left[0], right[0]]),
        places,
        np.zeros((2, len(places))),
        tol=1e-10,
        max_nodes=100_000,
    )
    inner = np.linspace(0, 1, 501)
    return Problem(
        Interval(x, 0, 1),
        Eq(u.diff(x, 2) / 100 - k * u, sin(2 * pi * x)),
        Eq(u(0), 0),
        Eq(u(1), 0),
        Eq(u, Data(path.sol(places)[0])) @ PointCloud({x: places}),
        reference=Reference(inner[:, None], {"u": path.sol(inner)[0], "k": rate(inner)}),
    )


def diffusion_inverse() -> Problem:
    """The diffusivity of u_t = c u_xx + f, from ten values at the end."""
    (c,), still = constants("c", x, t)
    u, box = unknown("u", x, t), Box({x: (-1, 1), t: (0, 1)})
    value = exp(-t) * sin(pi * x)
    places = np.linspace(-1, 1, 10)
    at_end = PointCloud({x: places, t: np.ones(10)})
    return Problem(
        box,
        Eq(u.diff(t) - c * u.diff(x, 2), (pi**2 - 1) * value),
        *still,
        Eq(u(x, 0), sin(pi * x)),
        Eq(u(-1, t), 0),
        Eq(u(1, t), 0),
        Eq(u, Data(np.sin(np.pi * places) / np.e)) @ at_end,
        exact={u: value, c: 1},
    )


def klein_gordon_inverse() -> Problem:
    """The mass m of u_tt - u_xx + m u = 0, from fifty values."""
    (m,), still = constants("m", x, t)
    u, box = unknown("u", x, t), Box({x: (-1, 1), t: (0, 1)})
    pitch = sqrt(pi**2 + 4)
    at = np.random.default_rng(0).random((2, 50)) * [[2], [1]] - [[1], [0]]
    values = np.sin(np.pi * at[0]) * np.cos(float(pitch) * at[1])
    return Problem(
        box,
        Eq(u.diff(t, 2) - u.diff(x, 2) + m * u, 0),
        *still,
        Eq(u(x, 0), sin(pi * x)),
        Eq(u.diff(t).subs(t, 0), 0),
        Eq(u(-1, t), 0),
        Eq(u(1, t), 0),
        Eq(u, Data(values)) @ PointCloud({x: at[0], t: at[1]}),
        exact={u: sin(pi * x) * cos(pitch * t), m: 4},
    )
