"""The flattest field that initial and boundary data allow."""

from __future__ import annotations

import numpy as np
from sympy import Eq, log

from pinnsolve import Box, Interval, Problem, compile_problem, coordinates, unknown
from pinnsolve.coefficients.flat import flattest_field

x, t = coordinates("x t")
u, w, v = unknown("u", x, t), unknown("w", t), unknown("v", t)
second = Interval(t, 0, 1)


def test_the_flattest_field_is_constant_in_time_and_straight_between_ends():
    problem = Problem(
        Box({x: (0, 1), t: (0, 1e6)}),
        Eq(u.diff(t), log(u)),
        Eq(u(x, 0), 3 + x),
        Eq(u(0, t), 3),
        Eq(u(1, t), 4),
    )
    field = flattest_field(compile_problem(problem))
    points = np.random.default_rng(0).random((200, 2)) * [1, 1e6]
    found = field.values(points)[0].numpy()
    assert np.abs(found - 3 - points[:, 0]).max() < 3e-2
    alone = compile_problem(
        Problem(second, Eq(w.diff(t), w), Eq(v.diff(t), -v), Eq(w(0), 2), Eq(v(0), -3))
    )
    field = flattest_field(alone)
    assert np.allclose(field.values(np.linspace(0, 1, 9)[:, None]), [[2], [-3]], atol=1e-5)
