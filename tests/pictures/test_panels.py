"""Panels beside a field: the exact one, and the history of the search."""

import numpy as np
from matplotlib.figure import Figure
from sympy import Eq

from pinnsolve import Dense, Interval, Problem, Waves, coordinates, solve, unknown
from pinnsolve.pictures.panels import draw_history
from pinnsolve.running.history import History, Step
from pinnsolve.running.stop import Stop

(X,) = coordinates("x")


def test_of_an_unknown_of_a_part_the_exact_one_is_drawn_there_alone():
    left, right = unknown("l", X), unknown("r", X)
    first, second = Interval(X, 0, 0.5), Interval(X, 0.5, 1)
    problem = Problem(
        Interval(X, 0, 1),
        Eq(left.diff(X, 2), 0) @ first,
        Eq(right.diff(X, 2), 0) @ second,
        Eq(left(0), 0),
        Eq(right(1), 1),
        Eq(left(0.5), right(0.5)),
        Eq(left.diff(X).subs(X, 0.5), right.diff(X).subs(X, 0.5)),
        exact={left: X, right: X},
    )
    for ax in solve(problem, Dense(30, activation="sin", initialize=Waves(3))).plot().axes:
        if ax.get_title() in {"l", "exact l"}:
            x, y = ax.lines[0].get_data()
            assert np.array_equal(np.isnan(y), x > 0.5)


def test_a_history_has_all_stages_and_no_steps_that_count_no_functions():
    stages = (("newton", 0), ("choose", 40), ("grow", 80), ("check", 57), ("march", 80))
    steps = tuple(
        Step(stage, "", functions, 100, 40, 1.0, 1e-3, np.nan, 1.0) for stage, functions in stages
    )
    ax = Figure().add_subplot()
    draw_history(ax, History(steps, Stop.MET))
    assert [line.get_label() for line in ax.lines] == ["choose", "grow", "check", "march"]
    assert ax.get_xlim()[0] > 1
