"""Cells that the data ask for come first, where they are many and time allows them."""

from __future__ import annotations

import pytest
from sympy import Eq, Rational, exp, tanh

from pinnsolve import (
    Box,
    Budget,
    Interval,
    Problem,
    coordinates,
    laplacian,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.compile.system import compile_problem
from pinnsolve.search.task import Task
from pinnsolve.strategies import turns
from pinnsolve.strategies.layouts import first_layout
from pinnsolve.strategies.turns import cells_first, most_cells

X, Y = coordinates("x y")
U = unknown("u", X, Y)
SQUARE = Box({X: (0, 1), Y: (0, 1)})


@pytest.mark.slow
def test_steep_data_have_cells_that_hold_them_before_anything_is_solved():
    (x,) = coordinates("x")
    u, line = unknown("u", x), Interval(x, 0, 1)
    value = x + sum(
        tanh(100 * (i + 1) * (x - Rational(7 * i % 10, 10) - Rational(1, 20))) for i in range(10)
    )
    problem = manufactured(line, -u.diff(x, 2) + u.diff(x), u @ line.boundary, exact={u: value})
    assert len(first_layout(compile_problem(problem), None, None, 1e-6).tree.cells) > 40
    solution = solve(problem, tolerance=1e-6)
    assert solution.stopped == "met"
    assert solution.error() < 1e-6
    assert solution.field.sizes["cells"] > 40


@pytest.mark.slow
def test_a_curved_front_is_met_in_cells_with_nothing_given():
    value = exp(-((60 * (X**2 + Y**2 - Rational(2, 5))) ** 2))
    problem = manufactured(SQUARE, -laplacian(U) + U, U @ SQUARE.boundary, exact={U: value})
    solution = solve(problem, tolerance=1e-3)
    assert solution.stopped == "met"
    assert solution.error() < 1e-3
    assert solution.field.sizes["cells"] > 40


@pytest.mark.parametrize(("seconds", "first"), [(300, True), (20, False)])
def test_cells_come_first_where_data_ask_for_many_and_time_allows_them(seconds, first):
    ring = exp(-((60 * (X**2 + Y**2 - Rational(2, 5))) ** 2))
    law = Eq(-laplacian(U), ring)
    system = compile_problem(Problem(SQUARE, law, Eq(U, 0) @ SQUARE.boundary))
    assert cells_first(Task(system, 1e-7, Budget(seconds), 0)) is first
    smooth = Problem(SQUARE, Eq(-laplacian(U), X), Eq(U, 0) @ SQUARE.boundary)
    assert not cells_first(Task(compile_problem(smooth), 1e-7, Budget(seconds), 0))


def test_no_more_cells_are_foreseen_than_the_time_allows(monkeypatch):
    ring = exp(-((60 * (X**2 + Y**2 - Rational(2, 5))) ** 2))
    system = compile_problem(Problem(SQUARE, Eq(-laplacian(U), ring), Eq(U, 0) @ SQUARE.boundary))
    few, many = (first_layout(system, None, None, 1e-7, most).tree.cells for most in (30, 100))
    assert 25 <= len(few) <= 30 < len(many)
    brief, longer = (most_cells(Task(system, 1e-7, Budget(s), 0)) for s in (1, 1000))
    assert 1 < brief < 64
    assert longer > 600
    # Where none would fit, none are looked at.
    monkeypatch.setattr(turns, "cells_for_data", None)
    assert not cells_first(Task(system, 1e-7, Budget(2), 0))
