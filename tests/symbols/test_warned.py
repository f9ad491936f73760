"""Warnings point at the line of the user's file that asked for what is warned of."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from inspect import getsourcelines

import numpy as np
import pytest
from sympy import Eq, Piecewise, sin

from pinnsolve import (
    Box,
    Dense,
    GradientDescent,
    Interval,
    Mesh,
    Problem,
    SteepestDescent,
    coordinates,
    solve,
    unknown,
)
from pinnsolve.symbols.warned import warn
from sources import SOURCES

x, t = coordinates("x t")
ROD = Interval(x, 0, 1)
u, v = unknown("u", x), unknown("v", x, t)
POISSON = Problem(ROD, Eq(u.diff(x, 2), sin(3 * x)), Eq(u, 0) @ ROD.boundary)


def data_in_the_place_of_another():
    plate = Box({x: (0, 1), t: (0, 1)})
    heat = Eq(v.diff(t), v.diff(x, 2))
    Problem(plate, heat, Eq(v(x, 0), sin(t)), Eq(v, 0) @ plate.sides(t))  # here


def a_flux_that_jumps():
    k = Piecewise((1, x < 0.5), (2, True))
    Problem(ROD, Eq(k * u.diff(x), 1), Eq(u(0), 0))  # here


def a_tolerance_that_is_too_small():
    solve(POISSON, tolerance=1e-18)  # here


def points_outside():
    solution = solve(POISSON, Dense(100))
    list(map(solution, [np.array([2.0])]))  # here


def a_loss_that_rises():
    solve(POISSON, Dense(20), GradientDescent(20, SteepestDescent(1e3)))  # here


def another_unit():
    corners = [(0, 0), (1000, 0), (0, 1000)]
    part, room = Mesh((corners, [(0, 1, 2)]), (x, t)), Box({x: (0, 1), t: (0, 1)})
    part & room  # here


@pytest.mark.parametrize(
    "ask",
    [
        data_in_the_place_of_another,
        a_tolerance_that_is_too_small,
        points_outside,
        a_loss_that_rises,
        another_unit,
        a_flux_that_jumps,
    ],
    ids=lambda f: f.__name__,
)
def test_it_points_at_the_line(ask):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ask()
    lines, first = getsourcelines(ask)
    (marked,) = (first + n for n, line in enumerate(lines) if line.endswith("# here\n"))
    assert caught
    assert {(w.filename, w.lineno) for w in caught} == {(__file__, marked)}


def test_a_thread_of_the_library_has_no_line_of_the_user():
    """It is told all the same."""
    with pytest.warns(UserWarning, match="told"), ThreadPoolExecutor(1) as pool:
        pool.submit(warn, "told").result()


def test_all_warnings_of_the_package_go_this_way():
    other = [p for p in SOURCES if "warnings.warn(" in p.read_text(encoding="utf-8")]
    assert [p.name for p in other] == ["warned.py"]
