"""Laws whose highest derivative in time is multiplied by functions of the unknowns: c(u) u_t = ..."""

from __future__ import annotations

import pytest
import torch
from sympy import Eq, exp

from pinnsolve import (
    Box,
    Budget,
    Problem,
    compile_problem,
    coordinates,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.separable import LowRank
from pinnsolve.discretize.recognize import evolution_form, form_with_capacities
from pinnsolve.evolution.orthonormal import orthonormal_functions
from pinnsolve.evolution.semidiscrete import Semidiscrete
from pinnsolve.fields.separated import Modes
from pinnsolve.problems import CATALOGUE

x, t = coordinates("x t")
u = unknown("u", x, t)
box = Box({x: (0, 1), t: (0, 1)})


def posed(law):
    return Problem(box, law, Eq(u(x, 0), 1 + x), Eq(u(0, t), 1), Eq(u(1, t), 2))


FORMS = {
    "of nothing": (u.diff(t) - u.diff(x, 2), True, True),
    "of the unknown": ((u**3).diff(t) - u.diff(x, 2), False, True),
    "of a slope": (exp(u.diff(x)) * u.diff(t) - u.diff(x, 2), False, True),
    "of itself": (u.diff(t) ** 3 - u.diff(x, 2), False, False),
}


@pytest.mark.parametrize("name", FORMS)
def test_capacities_are_seen(name):
    law, plain, capacity = FORMS[name]
    system = compile_problem(posed(Eq(law, 0)))
    assert (evolution_form(system) is not None) == plain
    assert (form_with_capacities(system) is not None) == capacity


def test_the_jacobian_is_that_of_the_rate():
    """Against automatic differentiation: the capacity's own slope counts."""
    system = compile_problem(CATALOGUE["infiltration"]())
    form = form_with_capacities(system)
    space = orthonormal_functions(system, form, Modes(LowRank(1, 8), "t"), 0)
    semidiscrete = Semidiscrete(system, form, space)
    y = semidiscrete.start()[0] + 0.05 * torch.arange(semidiscrete.size)
    at = torch.tensor(0.2, dtype=y.dtype)
    exactly = torch.autograd.functional.jacobian(lambda state: semidiscrete.rate(at, state), y)
    found = semidiscrete.jacobian(at, y)
    assert torch.allclose(found, exactly, rtol=1e-9, atol=1e-9 * float(exactly.abs().max()))


def test_water_enters_a_soil():
    solution = solve(CATALOGUE["infiltration"](), tolerance=1e-6, budget=Budget(seconds=90))
    assert solution.stopped == "met"
    assert solution.error() < 1e-6


def test_where_a_capacity_vanishes_another_way_is_gone():
    """u = (1 + t) x is zero at a wall, and so is what multiplies its rate there."""
    problem = manufactured(
        box,
        (u**2).diff(t) - u.diff(x, 2),
        u(x, 0),
        u(0, t),
        u(1, t),
        exact={u: (1 + t) * x},
    )
    solution = solve(problem, tolerance=1e-6, budget=Budget(seconds=60))
    assert solution.stopped == "met"
    assert solution.error() < 1e-6
