"""Homotopies to what Newton's method does not solve from afar."""

from __future__ import annotations

import time

import pytest
import torch
from sympy import Eq, Rational, exp, sqrt, tanh

from oracles import generator
from pinnsolve import Box, Budget, Interval, Problem, coordinates, laplacian, solve, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.linearize import strengthened
from pinnsolve.running.stop import Stop

x, y, t = coordinates("x y t")
u, w = unknown("u", x), unknown("w", x, y)
SQUARE = Box({x: (0, 1), y: (0, 1)})


def reaction(diffusion):
    """diffusion w_xx + w_x - w^3 = exp(x)."""
    law = diffusion * laplacian(w) + w.diff(x) - w**3
    return compile_problem(Problem(SQUARE, Eq(law, exp(x)), Eq(w, x) @ SQUARE.boundary))


@pytest.mark.parametrize("share", [1.0, 0.5, 0.125])
def test_a_share_of_the_rest_is_a_larger_diffusion(share):
    """Against the equation with that diffusion, divided by it; conditions stay."""
    found = strengthened(reaction(Rational(1, 8)), share)
    wanted = reaction(Rational(1, 8) / Rational(share))
    points = torch.rand(20, 2, generator=generator(1), dtype=torch.float64)
    for own, other in zip(found.residuals, wanted.residuals, strict=True):
        scale = 1.0 if own.linear else share
        slots = torch.randn(len(own.slots), 20, generator=generator(2), dtype=torch.float64)
        close = {"rtol": 1e-13, "atol": 1e-13}
        assert own.slots == other.slots
        value, expected = (r.value(points, None, slots) for r in (own, other))
        torch.testing.assert_close(value, scale * expected, **close)
        slopes, expected = (r.slopes(points, None, slots) for r in (own, other))
        torch.testing.assert_close(slopes, scale * expected, **close)


def test_what_is_not_highest_everywhere_is_not_strengthened():
    """Heat with more diffusion and less of a derivative in time asks for data at the end."""
    h = unknown("h", x, t)
    domain = Box({x: (0, 1)}) * Interval(t, 0, 1)
    system = compile_problem(Problem(domain, Eq(h.diff(t), h.diff(x, 2) - h**3), Eq(h(x, 0), x)))
    assert strengthened(system, 0.5) is None


@pytest.mark.parametrize("seed", [0, 1])
def test_a_front_between_two_stable_states(seed):
    """Allen and Cahn's, pinned at its ends: the linear part of e^2 lap w = w^3 - w oscillates with
    1/e, and leads nowhere.
    """
    e = Rational(1, 16)
    front = tanh((x + y / 2 - Rational(7, 10)) / (e * sqrt(Rational(5, 2))))
    problem = Problem(
        SQUARE,
        Eq(e**2 * laplacian(w), w**3 - w),
        Eq(w, front) @ SQUARE.boundary,
        exact={w: front},
    )
    budget = Budget(40, clock=time.process_time)
    solution = solve(problem, tolerance=1e-4, budget=budget, seed=seed)
    assert solution.stopped == Stop.MET
    assert float(solution.error()) < 1e-4
