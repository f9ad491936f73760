"""What is an evolution, and what is none."""

from __future__ import annotations

import pytest
from sympy import Eq

from pinnsolve import Box, Problem, compile_problem, coordinates, unknown
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.problems import CATALOGUE

x, y, t = coordinates("x y t")
u = unknown("u", x, t)
box = Box({x: (0, 1), t: (0, 1)})
EVOLUTIONS = (
    "burgers",
    "allen_cahn",
    "klein_gordon",
    "schroedinger",
    "reaction",
    "lorenz",
    "van_der_pol",
    "burgers_2d",
    "heat_1d",
)
OTHERS = ("poisson_2d", "taylor_green", "kovasznay", "steady_burgers")


@pytest.mark.slow
@pytest.mark.parametrize("name", EVOLUTIONS)
def test_evolutions_are_recognized(name):
    form = evolution_form(compile_problem(CATALOGUE[name]()))
    assert form is not None
    assert set(form.orders) == ({2} if name in ("klein_gordon", "van_der_pol") else {1})


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_others_are_not(name):
    assert evolution_form(compile_problem(CATALOGUE[name]())) is None


@pytest.mark.parametrize(
    "equations",
    [
        (
            Eq(u * u.diff(t), u.diff(x, 2)),
            Eq(u(x, 0), 1),
            Eq(u(0, t), 1),
            Eq(u(1, t), 1),
        ),  # not explicit in u_t
        (
            Eq(u.diff(t), u.diff(x, 2) + u.diff(x, t)),
            Eq(u(x, 0), 0),
            Eq(u(0, t), 0),
            Eq(u(1, t), 0),
        ),  # mixed
        (
            Eq(u.diff(t), u.diff(x, 2)),
            Eq(u(x, 1), 0),
            Eq(u(0, t), 0),
            Eq(u(1, t), 0),
        ),  # given at the end
        (Eq(u.diff(t), u.diff(x, 2)), Eq(u(0, t), 0), Eq(u(1, t), 0)),  # nothing given at the start
        (
            Eq(u.diff(t), u.diff(x, 2)),
            Eq(u(x, 0), 0),
            Eq(u(0, t) ** 2, 0),
            Eq(u(1, t), 0),
        ),  # a nonlinear side
        (
            Eq(u.diff(t, 2), u.diff(x, 2)),
            Eq(u(x, 0), 0),
            Eq(u(0, t), 0),
            Eq(u(1, t), 0),
        ),  # no velocity
    ],
)
def test_what_is_no_evolution(equations):
    assert evolution_form(compile_problem(Problem(box, *equations))) is None
