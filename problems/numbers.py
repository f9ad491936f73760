"""Inverse problems: numbers that are sought, from data with errors or without:
`NUMBERS["lorenz"](noise, seed)` gives a problem and what the numbers are.

Noise is Gaussian, its deviation a part of the data's root mean square.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.interpolate import BarycentricInterpolator
from sympy import Eq, exp, pi, sin

from pinnsolve import Box, Data, Interval, PointCloud, Problem, coordinates, unknown
from pinnsolve.symbols.symbols import Unknown

Array = NDArray[np.float64]
Sought = tuple[Problem, Mapping[Unknown, float]]
x, t = coordinates("x t")


def measured(values: Array, noise: float, random: np.random.Generator) -> Data:
    """Values, as they are measured: exact, if there is no noise."""
    if noise == 0:
        return Data(values)
    sigma = noise * float(np.sqrt((values**2).mean()))
    return Data(values + sigma * random.standard_normal(len(values)), sigma=sigma)


def diffusivity(noise: float, seed: int) -> Sought:
    """Of a rod that cools, from fifty values."""
    random, k, u = np.random.default_rng(seed), unknown("k"), unknown("u", x, t)
    at = random.random((2, 50))
    values = np.sin(np.pi * at[0]) * np.exp(-0.37 * np.pi**2 * at[1])
    rod = Box({x: (0, 1), t: (0, 1)})
    problem = Problem(
        rod,
        Eq(u.diff(t), k * u.diff(x, 2)),
        Eq(u(x, 0), sin(pi * x)),
        Eq(u(0, t), 0),
        Eq(u(1, t), 0),
        Eq(u, measured(values, noise, random)) @ PointCloud({x: at[0], t: at[1]}),
    )
    return problem, {k: 0.37}


def lorenz(noise: float, seed: int) -> Sought:
    """Lorenz's three numbers, from twenty-five moments of a path whose start is known (DeepXDE)."""
    random, numbers = np.random.default_rng(seed), [unknown(name) for name in "abc"]
    states, true = [unknown(name, t) for name in "pqr"], (10.0, 15.0, 8 / 3)
    (a, b, c), (p, q, r) = numbers, states

    def law(_: float, state: Array) -> list[float]:
        u, v, w = state
        return [true[0] * (v - u), u * (true[1] - w) - v, u * v - true[2] * w]

    times, start = np.linspace(0, 3, 25), (-8.0, 7.0, 27.0)
    path = solve_ivp(law, (0, 3), start, "DOP853", times, rtol=1e-12, atol=1e-12).y
    cloud = PointCloud({t: times})
    problem = Problem(
        Interval(t, 0, 3),
        Eq(p.diff(t), a * (q - p)),
        Eq(q.diff(t), p * (b - r) - q),
        Eq(r.diff(t), p * q - c * r),
        *[Eq(f(0), value) for f, value in zip(states, start, strict=True)],
        *[Eq(f, measured(v, noise, random)) @ cloud for f, v in zip(states, path, strict=True)],
    )
    return problem, dict(zip(numbers, true, strict=True))


def reaction_rates(noise: float, seed: int) -> Sought:
    """How fast two substances spread (in thousandths) and react, from 200 values of each (DeepXDE's
    equations; the data by Chebyshev collocation and Radau's method).
    """
    random, d, k = np.random.default_rng(seed), unknown("d"), unknown("k")
    a, b = unknown("a", x, t), unknown("b", x, t)
    at = random.random((2, 200)) * [[1], [10]]
    path = _reacting(2e-3, 0.1)
    values = np.stack([path(s, r) for s, r in at.T], axis=1)
    cloud, box = PointCloud({x: at[0], t: at[1]}), Box({x: (0, 1), t: (0, 10)})
    both = [
        condition
        for f, v in zip((a, b), values, strict=True)
        for condition in (
            Eq(f.subs(t, 0), exp(-20 * x)),
            Eq(f.subs(x, 0), 1),
            Eq(f.subs(x, 1), 0),
            Eq(f, measured(v, noise, random)) @ cloud,
        )
    ]
    problem = Problem(
        box,
        Eq(a.diff(t), d * a.diff(x, 2) / 1000 - k * a * b**2),
        Eq(b.diff(t), d * b.diff(x, 2) / 1000 - 2 * k * a * b**2),
        *both,
    )
    return problem, {d: 2.0, k: 0.1}


def _reacting(spread: float, rate: float) -> Callable[[float, float], Array]:
    """Both concentrations at a place and time, `(2,)`."""
    n = 48
    nodes = (1 + np.cos(np.pi * np.arange(n + 1) / n)) / 2
    polynomials = np.polynomial.Chebyshev.basis
    values = np.stack([polynomials(m)(2 * nodes - 1) for m in range(n + 1)], axis=1)
    curved = np.stack([4 * polynomials(m).deriv(2)(2 * nodes - 1) for m in range(n + 1)], axis=1)
    second = curved @ np.linalg.inv(values)

    def law(_: float, state: Array) -> Array:
        first, other = state.reshape(2, -1)
        reaction = rate * first * other**2
        slopes = np.stack([spread * second @ first - reaction, spread * second @ other])
        slopes[1] -= 2 * reaction
        slopes[:, [0, -1]] = 0  # held at both ends
        return slopes.ravel()

    begin = np.exp(-20 * nodes)
    begin[0] = 0
    path = solve_ivp(
        law, (0, 10), np.tile(begin, 2), "Radau", dense_output=True, rtol=1e-10, atol=1e-12
    ).sol
    return lambda place, time: np.array(
        [
            BarycentricInterpolator(nodes[::-1], state[::-1])(place)
            for state in path(time).reshape(2, -1)
        ]
    )


def brinkman_forchheimer(noise: float, seed: int) -> Sought:
    """Viscosity and permeability of a porous channel, in thousandths, from a line of values
    (DeepXDE).
    """
    random, u = np.random.default_rng(seed), unknown("u", x)
    viscosity, permeability = unknown("a"), unknown("k")
    places, rate = np.linspace(0.02, 0.98, 200), np.sqrt(400 / (2.0 * 0.6))
    values = 0.6 * (1 - np.cosh(rate * (places - 0.5)) / np.cosh(rate / 2))
    problem = Problem(
        Interval(x, 0, 1),
        Eq(-viscosity / 400 * u.diff(x, 2) + u / permeability, 1),
        Eq(u(0), 0),
        Eq(u(1), 0),
        Eq(u, measured(values, noise, random)) @ PointCloud({x: places}),
    )
    return problem, {viscosity: 2.0, permeability: 0.6}


def burgers_viscosity(noise: float, seed: int) -> Sought:
    """From a thousand values, with nothing known at the ends or at the start; the data by Cole's
    and Hopf's transformation.
    """
    random, viscosity, u = np.random.default_rng(seed), unknown("v"), unknown("u", x, t)
    at, true = random.random((2, 1000)) * [[2], [1]] - [[1], [0]], 0.05
    whole, slope = np.full(1000, 2.0), np.zeros(1000)
    for k, weight, wave in ((np.pi, 1.2, np.exp(1j * np.pi / 2)), (2 * np.pi, 0.4, 1.0)):
        part = weight * np.exp(-true * k**2 * at[1]) * wave * np.exp(1j * k * at[0])
        whole, slope = whole + part.imag, slope + (1j * k * part).imag
    values = -2 * true * slope / whole
    problem = Problem(
        Box({x: (-1, 1), t: (0, 1)}),
        Eq(u.diff(t) + u * u.diff(x), viscosity * u.diff(x, 2)),
        Eq(u, measured(values, noise, random)) @ PointCloud({x: at[0], t: at[1]}),
    )
    return problem, {viscosity: true}


ENTRIES = (diffusivity, lorenz, reaction_rates, brinkman_forchheimer, burgers_viscosity)
NUMBERS: dict[str, Callable[[float, int], Sought]] = {entry.__name__: entry for entry in ENTRIES}
