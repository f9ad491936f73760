"""On a line, one basis and the separation have short turns."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq, exp, pi, sin

from pinnsolve import Box, Problem, coordinates, solve, unknown
from pinnsolve.running.stop import Stop
from pinnsolve.strategies import separation
from pinnsolve.strategies.order import ORDER

x, t = coordinates("x t")
u = unknown("u", x, t)
string = Box({x: (0, 1), t: (0, 2)})


def plucked(shape):
    return Problem(
        string,
        Eq(u.diff(t, 2), u.diff(x, 2)),
        Eq(u, 0) @ string.at(x=0),
        Eq(u, 0) @ string.at(x=1),
        Eq(u, shape) @ string.at(t=0),
        Eq(u.diff(t), 0) @ string.at(t=0),
    )


@pytest.mark.slow
def test_a_pulse_on_a_string_goes_to_its_modes(monkeypatch):
    """One basis of space and time wants thousands of functions for it; turned back by both ends
    twice, the pulse is where it began.
    """
    monkeypatch.setattr(separation, "ORDER", replace(ORDER, first_turn=0.5))
    solution = solve(plucked(exp(-100 * (x - 0.5) ** 2)), tolerance=1e-6)
    assert solution.stopped == "met"
    at = np.linspace(0, 1, 50)
    wanted = np.exp(-100 * (at - 0.5) ** 2)
    found = solution(np.stack([at, np.full(50, 2.0)], axis=1))
    assert np.linalg.norm(found - wanted) < 1e-5 * np.linalg.norm(wanted)
    assert solution.field.sizes["steps"] > 1


@pytest.mark.slow
def test_what_is_quick_in_one_basis_has_no_other_turn(monkeypatch):
    def never(_, task):
        raise AssertionError("no turn is left to it")

    monkeypatch.setattr(separation.Separated, "__call__", never)
    assert solve(plucked(sin(pi * x)), tolerance=1e-8).stopped == "met"


@pytest.mark.slow
def test_one_basis_goes_on_where_the_separation_is_of_no_use(monkeypatch):
    at_once, turns = separation.at_once, []

    def first_in_vain(task):
        turns.append(task.budget.seconds)
        found = at_once(task)
        return replace(found, stopped=Stop.BUDGET, estimate=math.nan) if len(turns) == 1 else found

    def in_vain(_, task):
        raise ValueError("data that are not smooth in time")

    monkeypatch.setattr(separation, "at_once", first_in_vain)
    monkeypatch.setattr(separation.Separated, "__call__", in_vain)
    assert solve(plucked(sin(pi * x)), tolerance=1e-8).stopped == "met"
    assert turns[0] <= ORDER.first_turn + 1 < turns[1] == math.inf
