"""Plates whose sides do not agree with their initial values: where that is seen, and what comes of
it.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import erfc
from sympy import Eq, Rational, exp, pi, sin

from pinnsolve import Ball, Box, Interval, Problem, coordinates, solve, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.search.families.walls import disagreeing

x, y, t = coordinates("x y t")
u = unknown("u", x, y, t)
plate = Box({x: (0, 1), y: (0, 1), t: (0, 1)})


def heat(initial, *sides, start=0, forward=1):
    diffusion = u.diff(x, 2) + u.diff(y, 2)
    return Problem(plate, Eq(u.diff(t), forward * diffusion), Eq(u(x, y, start), initial), *sides)


INSULATED = [Eq(u.diff(y)(x, end, t), 0) for end in (0, 1)]
COLD = Eq(u(1, y, t), 0)
HOT_WALL = heat(0, Eq(u(0, y, t), 1), COLD, *INSULATED)
ALL = heat(0, *(Eq(u(end, y, t), 1) for end in (0, 1)), *(Eq(u(x, end, t), 1) for end in (0, 1)))
TWO = heat(
    0,
    Eq(u(0, y, t), 1),
    Eq(u(x, 0, t), 1),
    Eq(u.diff(x)(1, y, t), 0),
    Eq(u.diff(y)(x, 1, t), 0),
)
ZERO = [*(Eq(u(end, y, t), 0) for end in (0, 1)), *(Eq(u(x, end, t), 0) for end in (0, 1))]
PLACES = {
    "hot wall": (HOT_WALL, [(0, 0.0, 0)], 0),
    "all walls": (ALL, [(0, 0.0, 0), (0, 1.0, 0), (1, 0.0, 0), (1, 1.0, 0)], 6),
    "hotter in the middle": (heat(0, Eq(u(0, y, t), sin(pi * y)), *ZERO[1:]), [(0, 0.0, 0)], 6),
    "flux": (heat(0, Eq(u.diff(x)(0, y, t), -1), COLD, *INSULATED), [(0, 0.0, 1)], 0),
    "agreeing": (heat(sin(pi * x) * sin(pi * y), *ZERO), [], 0),
    "backwards": (
        heat(0, Eq(u(0, y, t), 1), COLD, *INSULATED, start=1, forward=-1),
        [(0, 0.0, 0)],
        0,
    ),
    "backwards in time alone": (heat(0, Eq(u(0, y, t), 1), COLD, *INSULATED, forward=-1), [], 0),
}


def test_plates_with_holes_go_their_own_ways():
    hole = Ball({x: 0.5, y: 0.5}, 0.2)
    holed = (Box({x: (0, 1), y: (0, 1)}) - hole) * Interval(t, 0, 1)
    conditions = [Eq(u.diff(t), u.diff(x, 2) + u.diff(y, 2)), Eq(u(x, y, 0), 0)]
    problem = Problem(holed, *conditions, Eq(u, 1) @ holed.at(x=0))
    assert disagreeing(compile_problem(problem)) is None


@pytest.mark.parametrize("name", sorted(PLACES))
def test_where_walls_disagree(name):
    problem, wanted, along = PLACES[name]
    found = disagreeing(compile_problem(problem))
    assert (found is None) == (not wanted)
    if found is not None:
        assert [(wall.axis, wall.at, wall.first) for wall in found.walls] == wanted
        assert found.along == along


def of_hot_wall(x, t):
    """Images of the walls."""
    root = np.sqrt(4 * t)
    return sum(erfc((2 * n + x) / root) - erfc((2 * n + 2 - x) / root) for n in range(12))


def of_two_walls(x, y, t):
    """Insulated opposite to what is hot: as far again lies another hot wall."""
    near, far = (np.stack([x, y]) / 2, 1 - np.stack([x, y]) / 2)
    left = 1 - of_hot_wall(near, t / 4) - of_hot_wall(far, t / 4)
    return 1 - left[0] * left[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("problem", "exact", "tolerance"),
    [(HOT_WALL, lambda x, y, t: of_hot_wall(x, t), 1e-4), (TWO, of_two_walls, 1e-3)],
    ids=["hot wall", "two that meet"],
)
def test_walls_that_disagree_are_met(problem, exact, tolerance):
    solution = solve(problem, tolerance=tolerance)
    assert solution.stopped == "met"
    x = np.random.default_rng(0).random((8000, 3))
    wanted = exact(*x.T)
    assert np.sqrt(((solution(x) - wanted) ** 2).mean()) < tolerance * wanted.std()


def test_a_start_that_is_nearly_zero_on_walls_is_no_jump():
    """A spot leaves 4e-6 of its height there: products of functions know that better."""
    spot = exp(-50 * ((x - Rational(1, 2)) ** 2 + (y - Rational(1, 2)) ** 2))
    assert disagreeing(compile_problem(heat(spot, *ZERO))) is None
