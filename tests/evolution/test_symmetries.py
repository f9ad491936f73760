"""What a solution repeats or mirrors, read off its laws and data."""

from __future__ import annotations

import pytest
import torch
from sympy import Eq, Integer, Subs, cos, exp, pi, sin

from pinnsolve import Box, Interval, Problem, coordinates, laplacian, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.lines import ends_of
from pinnsolve.fields.lines import mirrored_line

X, Y, T = coordinates("x y t")
U = unknown("u", X, Y, T)
DOMAIN = Box({X: (0, 1), Y: (0, 1)}) * Interval(T, 0, 1)
NOTHING = [Eq(U.subs(c, end), 0) for c in (X, Y) for end in (0, 1)]
NO_SLOPE = [Eq(U.diff(c).subs(c, end), 0) for c in (X, Y) for end in (0, 1)]
TURNING = [
    each
    for c in (X, Y)
    for each in (Eq(U.subs(c, 0), U.subs(c, 1)), Eq(Subs(U.diff(c), c, 0), Subs(U.diff(c), c, 1)))
]


def turns(force, start, sides):
    law = Eq(U.diff(T), laplacian(U, X, Y) + force)
    system = compile_problem(Problem(DOMAIN, law, Eq(U(X, Y, 0), start), *sides))
    ends = ends_of(system, evolution_form(system))
    return ends.turns


@pytest.mark.parametrize(
    ("force", "start", "sides", "wanted"),
    [
        # A square is even, times a sine it is odd: mirrors at every quarter of x.
        (U**2 * sin(4 * pi * X), sin(4 * pi * X) * sin(3 * pi * Y), NOTHING, (0.5, None)),
        (U**3, sin(4 * pi * X) * sin(3 * pi * Y), NOTHING, (0.5, 2 / 3)),
        (Integer(1), sin(pi * X) * sin(pi * Y), NOTHING, (None, None)),
        (sin(pi * X) * exp(Y), sin(pi * X) * Y, NOTHING, (2.0, None)),
        (U**2, cos(2 * pi * X) + cos(pi * Y), NO_SLOPE, (1.0, 2.0)),
        # What does not vary along y has no parts.
        (U * U.diff(X), sin(4 * pi * X), NO_SLOPE, (None, 2.0)),
        (U * U.diff(X), cos(4 * pi * X + 6 * pi * Y), TURNING, (0.5, 1 / 3)),
        (U * X, cos(4 * pi * X + 6 * pi * Y), TURNING, (1.0, 1 / 3)),
        # Too narrow for points: nothing is said.
        (exp(-((10**4 * (X - 0.3)) ** 2)) * U, cos(4 * pi * Y), TURNING, (1.0, 1.0)),
    ],
)
def test_mirrors_and_turns(force, start, sides, wanted):
    assert turns(force, start, sides) == pytest.approx(wanted)


@pytest.mark.parametrize("parity", [1, -1])
def test_mirrored_functions_are_orthonormal_over_half_a_turn(parity):
    line = mirrored_line(1.0, 5.0, 7, parity)
    x, weights = line.rule(11)
    assert float(x.max()) < 3 < 1 + 4 * float(weights.sum())
    values = line.table(x, 0)[0]
    eye = torch.eye(7, dtype=torch.float64)
    torch.testing.assert_close(values.T @ (weights[:, None] * values), eye, rtol=0, atol=1e-13)
    for at in (1.0, 3.0):
        left, right = (line.table(x - 1 + at if s > 0 else at + 1 - x, 0)[0] for s in (-1, 1))
        torch.testing.assert_close(right, parity * left, rtol=0, atol=1e-12)
