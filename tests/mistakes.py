"""What the tables of mistakes share: small problems, and how a case is named and tried."""

from __future__ import annotations

from functools import cache

import pytest
from sympy import Eq, Symbol, sin

from pinnsolve import Box, Dense, Interval, Problem, coordinates, solve, unknown

x, y, t, tau, s = coordinates("x y t tau s")
k = Symbol("k")
u, v, w, h = unknown("u", x), unknown("v", x, y), unknown("w", x, t), unknown("h", x, s)
line, square, strip = Interval(x, 0, 1), Box({x: (0, 1), y: (0, 1)}), Box({x: (0, 1), t: (0, 1)})
slope = Eq(u.diff(x), 1)
rod = Problem(line, Eq(-u.diff(x, 2), 1), Eq(u(0), 0), Eq(u(1), 0))
heat = Problem(
    strip, Eq(w.diff(t), w.diff(x, 2)), Eq(w(x, 0), sin(x)), Eq(w(0, t), 0), Eq(w(1, t), 0)
)
few = Dense(5)


def equation(left, right=0):
    return Problem(line, Eq(left, right))


def rod_with(value):
    return Problem(line, slope, Eq(u(0), 0), exact={u: value})


@cache
def solved():
    return solve(rod_with(x), Dense(20))


def named(table, mistakes):
    """The cases of a table, by what they are called in a run."""
    return {f"{table}: {name}": mistake for name, mistake in mistakes.items()}


def require_refused(make, kind, words):
    """An error of that kind, whose words match."""
    with pytest.raises(kind, match=f"(?s){words}"):
        make()
