"""What a diagnosis says of corners without functions, and of equations solved to round-off."""

from __future__ import annotations

from dataclasses import replace

from sympy import Eq, Rational

from pinnsolve import (
    Ball,
    Dense,
    Interval,
    Problem,
    Waves,
    coordinates,
    laplacian,
    normal_derivative,
    solve,
    unknown,
)
from pinnsolve.running.stop import Stop

x, y = coordinates("x y")
u = unknown("u", x, y)


def test_a_corner_without_functions_is_named_before_a_contradiction():
    """Half of a hole's rim is held, half is not: r^(1/2) there, whose branch would cut the ring."""
    ring = Ball({x: 0, y: 0}, 1) - Ball({x: 0, y: 0}, Rational(2, 5))
    rim = Ball({x: 0, y: 0}, Rational(2, 5)).boundary
    problem = Problem(
        ring,
        Eq(laplacian(u), -1),
        Eq(u, 0) @ Ball({x: 0, y: 0}, 1).boundary,
        Eq(u, 1) @ rim.where(x > 0),
        Eq(normal_derivative(u), 0) @ rim.where(x < 0),
    )
    solution = solve(problem, Dense(60, activation="sin", initialize=Waves(3.0)))
    steps = [replace(solution.history.final, stage="grow", residual=r) for r in (0.1, 0.1)]
    ended = replace(solution.history, steps=tuple(steps), stopped=Stop.STAGNATED)
    told = " ".join(replace(solution, history=ended).diagnosis())
    assert "r^0.5 at x=0, y=" in told
    assert "contradict" not in told


def test_what_is_solved_to_round_off_is_said_to_be():
    line = Interval(x, 0, 1)
    v = unknown("v", x)
    solution = solve(Problem(line, Eq(v.diff(x, 2), -1), Eq(v, 0) @ line.boundary))
    assert solution.stopped == "stagnated"
    (told,) = solution.diagnosis()
    assert "solved to round-off" in told
