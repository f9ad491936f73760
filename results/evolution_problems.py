"""Evolutions that deceive: fronts, kinks, rough loads, media that jump, winds; each
with what another method comes to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import (
    Abs,
    Eq,
    Expr,
    Heaviside,
    Min,
    Piecewise,
    Rational,
    cos,
    exp,
    lambdify,
    pi,
    sign,
    sin,
)

from pinnsolve import Box, Problem, coordinates, laplacian, unknown
from pinnsolve.symbols.symbols import Unknown
from results.evolution_references import (
    Array,
    Function,
    by_cosines,
    carried,
    heat,
    layered_waves,
    plane_reaction,
)

x, y, t = coordinates("x y t")
U, W = unknown("u", x, t), unknown("u", x, y, t)
HALF, THIRD = Rational(1, 2), Rational(1, 3)


@dataclass(frozen=True, eq=False)
class Case:
    """A problem, times and points along each coordinate of space, and the values of u, v there."""

    problem: Problem
    times: Array
    x: Array
    values: Callable[[Array, Array], Array]


def _graded(end: Expr) -> Array:
    """Times that see layers at the start, and give them no more than their share."""
    times: Array = np.concatenate([[0.0], np.geomspace(1e-4, 1.0, 40)]) * float(end)
    return times


def _line(
    laws: list[Eq], start: list[Eq], sides: list[Eq], end: Expr, values: Callable[..., Array]
) -> Case:
    problem = Problem(Box({x: (0, 1), t: (0, end)}), *laws, *start, *sides)
    return Case(problem, _graded(end), np.linspace(0, 1, 201), values)


def _plane(
    laws: list[Eq], start: list[Eq], sides: list[Eq], end: Expr, values: Callable[..., Array]
) -> Case:
    problem = Problem(Box({x: (0, 1), y: (0, 1), t: (0, end)}), *laws, *start, *sides)
    return Case(problem, np.linspace(0, float(end), 11), np.linspace(0, 1, 41), values)


def _slopes(*unknowns: Unknown) -> list[Eq]:
    """Zero, at the ends of space."""
    several = [(w, c) for w in unknowns for c in w.args[:-1]]
    return [Eq(w.diff(c).subs(c, end), 0) for w, c in several for end in (0, 1)]


def _values(w: Unknown) -> list[Eq]:
    """Zero, at the ends of space."""
    return [Eq(w.subs(c, end), 0) for c in w.args[:-1] for end in (0, 1)]


def _reaction(
    diffusion: Expr, force: Callable[[Any], Any], start: Expr, begun: Function, end: Expr
) -> Case:
    """u_t = diffusion u_xx + force(u), by lines of 300 cosines."""
    rate = float(diffusion)
    return _line(
        [Eq(U.diff(t), diffusion * U.diff(x, 2) + force(U))],
        [Eq(U.subs(t, 0), start)],
        _slopes(U),
        end,
        lambda times, at: by_cosines(
            lambda q, second: rate * second + force(q), lambda z: [begun(z)], times, at, 300
        ),
    )


def _allen_cahn(width: Expr) -> Case:
    return _reaction(
        width,
        lambda u: (u - u**3) * (1 / width if isinstance(u, Expr) else 1 / float(width)),
        sin(pi * (x - Rational(1, 2))) / 2 + cos(2 * pi * x) * Rational(2, 5),
        lambda z: np.sin(np.pi * (z - 0.5)) / 2 + 0.4 * np.cos(2 * np.pi * z),
        Rational(1, 4),
    )


def _heat(start: Expr, begun: Function, load: Expr, given: Function | None, first: int) -> Case:
    """u_t = u_xx / 10 + load."""
    return _line(
        [Eq(U.diff(t), U.diff(x, 2) / 10 + load)],
        [Eq(U.subs(t, 0), start)],
        _values(U) if first else _slopes(U),
        Rational(1, 2),
        lambda times, at: heat(0.1, begun, given, times, at, first),
    )


def _square_wave() -> Case:
    """A load whose sign changes every pi / 9."""

    def amplitude(time: float) -> float:
        rate, held, last, push = np.pi**2 / 10, 0.0, 0.0, 4.0
        for change in [*np.arange(np.pi / 9, time, np.pi / 9), time]:
            decay = rate * (change - last)
            held = held * np.exp(-decay) - push * np.expm1(-decay) / rate
            last, push = change, -push
        return float(held)

    load = 4 * sign(sin(9 * t)) * sin(pi * x)
    return _line(
        [Eq(U.diff(t), U.diff(x, 2) / 10 + load)],
        [Eq(U.subs(t, 0), 0)],
        _values(U),
        Rational(3),
        lambda times, at: np.stack([[amplitude(s) * np.sin(np.pi * at)] for s in times]),
    )


def _layers(end: Expr, w: Unknown, profiles: dict[int, Expr]) -> tuple[list[Eq], list[Eq]]:
    """The law of waves in two layers, and starts `exp(-60 (x - 3/5)^2)` times profiles."""
    medium = Piecewise((1, x < THIRD), (4, True))
    space = w.args[:-1]
    start = exp(-60 * (x - Rational(3, 5)) ** 2) * sum(profiles.values())
    law = Eq(w.diff(t, 2) / medium, laplacian(w, *space))
    return [law], [Eq(w.subs(t, 0), start), Eq(w.diff(t).subs(t, 0), 0)]


def _two_layers(times: Array, at: Array, m: int) -> Array:
    return layered_waves(
        (1.0, 4.0), (0.0, 1 / 3, 1.0), lambda z: np.exp(-60 * (z - 0.6) ** 2), times, at, m
    )


def _waves_plane() -> Case:
    def values(times: Array, at: Array) -> Array:
        parts = [
            size * _two_layers(times, at, m)[:, :, None] * np.sin(np.pi * m * at)
            for m, size in ((1, 1.0), (3, 0.5))
        ]
        return np.asarray(sum(parts))[:, None]

    laws, start = _layers(Rational(1), W, {1: sin(pi * y), 3: sin(3 * pi * y) / 2})
    return _plane(laws, start, _values(W), Rational(1), values)


def _plane_reaction(
    diffusion: Expr,
    force: Callable[[Any], Any],
    start: Expr,
    begun: Callable[..., Array],
    first: int,
) -> Case:
    return _plane(
        [Eq(W.diff(t), diffusion * laplacian(W, x, y) + force(W))],
        [Eq(W.subs(t, 0), start)],
        _values(W) if first else _slopes(W),
        Rational(2, 5),
        lambda times, at: plane_reaction(float(diffusion), force, begun, times, at, first),
    )


def _wind() -> Case:
    """A wind across the square, at a Peclet number of a hundred: layers where it leaves."""

    def values(times: Array, at: Array) -> Array:
        first, second = (
            carried(0.01, speed, lambda z: np.sin(np.pi * z), times, at) for speed in (1.0, 0.5)
        )
        return (first[:, :, None] * second[:, None])[:, None]

    law = Eq(W.diff(t) + W.diff(x) + W.diff(y) / 2, laplacian(W, x, y) / 100)
    start = Eq(W.subs(t, 0), sin(pi * x) * sin(pi * y))
    return _plane([law], [start], _values(W), Rational(1), values)


def _turned_bump() -> Case:
    """A bump that a wind turns by a right angle, and that spreads: its values on all sides."""
    a, b, width = x - HALF, y - HALF, Rational(1, 200) + t / 500
    at = a - cos(t) / 5, b - sin(t) / 5
    exact = exp(-(at[0] ** 2 + at[1] ** 2) / width) / (200 * width)
    known = lambdify((x, y, t), exact, "numpy")

    def values(times: Array, at: Array) -> Array:
        grid = np.meshgrid(times, at, at, indexing="ij")
        return np.asarray(known(grid[1], grid[2], grid[0]))[:, None]

    law = Eq(W.diff(t) - b * W.diff(x) + a * W.diff(y), laplacian(W, x, y) / 2000)
    sides = [Eq(W.subs(c, end), exact.subs(c, end)) for c in (x, y) for end in (0, 1)]
    return _plane([law], [Eq(W.subs(t, 0), exact.subs(t, 0))], sides, pi / 2, values)


def _nothing(z: Array) -> Array:
    return np.zeros_like(z)


CASES: dict[str, Callable[[], Case]] = {
    "front_20": lambda: _allen_cahn(Rational(1, 20)),
    "front_50": lambda: _allen_cahn(Rational(1, 50)),
    "front_100": lambda: _allen_cahn(Rational(1, 100)),
    "fast_growth": lambda: _reaction(
        Rational(1, 200),
        lambda u: 20 * u * (1 - u),
        exp(-50 * x**2),
        lambda z: np.exp(-50 * z**2),
        Rational(3, 5),
    ),
    "kink": lambda: _heat(Abs(x - THIRD), lambda z: np.abs(z - 1 / 3), 0 * x, None, 0),
    "hat": lambda: _heat(Min(x, 2 - 2 * x), lambda z: np.minimum(z, 2 - 2 * z), 0 * x, None, 1),
    "step_load": lambda: _heat(
        0 * x, _nothing, Heaviside(x - THIRD), lambda z: np.heaviside(z - 1 / 3, 0.5), 1
    ),
    "comb_load": lambda: _heat(
        sin(pi * x),
        lambda z: np.sin(np.pi * z),
        10 * Abs(sin(7 * pi * x)),
        lambda z: 10 * np.abs(np.sin(7 * np.pi * z)),
        1,
    ),
    "square_wave": _square_wave,
    "plane_front": lambda: _plane_reaction(
        Rational(1, 30),
        lambda u: 30 * (u - u**3),
        cos(pi * x) / 2 + Rational(2, 5) * cos(pi * x) * cos(2 * pi * y) + cos(pi * y) / 5,
        lambda a, b: (
            np.cos(np.pi * a) * (0.5 + 0.4 * np.cos(2 * np.pi * b)) + 0.2 * np.cos(np.pi * b)
        ),
        0,
    ),
    "plane_even": lambda: _plane_reaction(
        Rational(1, 50),
        lambda u: 20 * (u - u**3),
        cos(2 * pi * x) * cos(2 * pi * y) / 2 + Rational(1, 10),
        lambda a, b: np.cos(2 * np.pi * a) * np.cos(2 * np.pi * b) / 2 + 0.1,
        0,
    ),
    "plane_odd": lambda: _plane_reaction(
        Rational(1, 50),
        lambda u: 10 * (u - u**3),
        sin(pi * x) * sin(2 * pi * y),
        lambda a, b: np.sin(np.pi * a) * np.sin(2 * np.pi * b),
        1,
    ),
    "plane_layers": _waves_plane,
    "plane_wind": _wind,
    "turned_bump": _turned_bump,
}
