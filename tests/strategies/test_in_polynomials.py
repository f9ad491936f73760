"""Fields of fewer coordinates from exact values: against manufactured ones."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Rational, cos, exp, lambdify, pi, sin

from pinnsolve import Box, Data, PointCloud, Problem, coordinates, solve, unknown
from pinnsolve.running.stop import Stop

x, t = coordinates("x t")
u, q, k = unknown("u", x, t), unknown("q", x), unknown("k", t)
SQUARE, SHORT = Box({x: (0, 1), t: (0, 1)}), Box({x: (0, 1), t: (0, Rational(1, 10))})
GRID = np.linspace(0, 1, 101)
STATE = exp(-t) * sin(2 * x) + x * t + 1
HEAT = exp(-(pi**2) * t) * sin(pi * x) + exp(-4 * pi**2 * t) * sin(2 * pi * x) / 2
IN_SPACE, IN_TIME = 1 + sin(3 * x) / 2, 1 + t / 2 + sin(3 * t) / 4


def measured(state, count=400, box=SQUARE, noise=0.0):
    random = np.random.default_rng(11)
    across, when = box.bounds[:, :1] + np.diff(box.bounds) * random.random((2, count))
    values = lambdify((x, t), state)(across, when) + noise * random.standard_normal(count)
    return Eq(u, Data(values)) @ PointCloud({x: across, t: when})


def of(law, state=STATE, count=400, noise=0.0):
    """A law whose residual at the state is taken off, with data around and inside."""
    sides = [Eq(u.subs(c, end), state.subs(c, end)) for c, end in ((x, 0), (x, 1), (t, 0))]
    known = {u: state, q: IN_SPACE, k: IN_TIME}
    right = law.subs(known).doit()
    return Problem(SQUARE, Eq(law, right), *sides, measured(state, count, noise=noise))


def start(box=SHORT):
    walls = Eq(u(0, t), 0), Eq(u(1, t), 0)
    return Problem(
        box, Eq(u.diff(t), u.diff(x, 2)), Eq(u(x, 0), q), *walls, measured(HEAT, 400, box)
    )


CLEAN = {
    "conductivity": (of(u.diff(t) - (q * u.diff(x)).diff(x)), q, IN_SPACE),
    "conductivity in time": (of(u.diff(t) - (k * u.diff(x)).diff(x)), k, IN_TIME),
    "rate": (of(u.diff(t) - u.diff(x, 2) + q * u), q, IN_SPACE),
    "source": (of(u.diff(t) - u.diff(x, 2) - q * cos(t)), q, IN_SPACE),
    "nonlinear": (of(u.diff(t) - u.diff(x, 2) + q * u**2), q, IN_SPACE),
    "start": (start(), q, HEAT.subs(t, 0)),
}


@pytest.mark.parametrize("name", sorted(CLEAN))
@pytest.mark.parametrize("seed", [0, 1])
def test_fields_of_fewer_coordinates_are_found_to_more_than_is_asked(name, seed):
    problem, sought, truth = CLEAN[name]
    solution = solve(problem, tolerance=1e-6, seed=seed, budget=60)
    (own,) = sought.args
    points = {str(c): GRID if c == own else 0 * GRID + 0.05 for c in (x, t)}
    wanted = lambdify(own, truth)(GRID)
    error = np.linalg.norm(solution(points, expression=sought) - wanted) / np.linalg.norm(wanted)
    assert solution.stopped == Stop.MET
    assert error <= solution.estimate <= 1e-6


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "problem",
    [
        of(u.diff(t) - (q * u.diff(x)).diff(x), noise=1e-3),
        Problem(
            SQUARE,
            *(c for c in of(u.diff(t) - q * u.diff(x, 2)).conditions[:-1]),
        ),
    ],
    ids=["noise", "nothing measured"],
)
def test_what_is_not_known_is_not_met(problem):
    assert solve(problem, tolerance=1e-6, budget=20).stopped != Stop.MET
