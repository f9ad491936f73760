"""The blind choice: what a first glance rules out is what a full scan would have ruled out, and a
search ends when it may.
"""

from __future__ import annotations

import math

import pytest
from sympy import Eq, exp, sin

from pinnsolve import Problem, compile_problem, laplacian, manufactured, solve
from pinnsolve.search import choose as choice
from pinnsolve.search.fit import fit
from pinnsolve.search.glance import GLANCE, worth_scanning
from pinnsolve.search.trials import best_first


def glanced(problem, width=120):
    """All candidates, and those that are worth a scan."""
    system = compile_problem(problem)
    pool = choice._candidates(system)
    return system, pool, worth_scanning(system, pool, width, 0)


@pytest.mark.slow
@pytest.mark.parametrize("factor", [3, 12])
def test_a_glance_keeps_the_winner_of_a_full_scan(u, xy, square, factor):
    """Waves of one scale in x, of another in y: of 47 candidates a few are left, the best of all
    among them.
    """
    x, y = xy
    problem = manufactured(
        square, -laplacian(u), u @ square.boundary, exact={u: sin(factor * x) * exp(y)}
    )
    system, pool, kept = glanced(problem)
    assert GLANCE.always <= len(kept) < len(pool) / 2
    assert min(pool, key=lambda family: fit(system, family.of_width(120), 0).residual) in kept


@pytest.mark.slow
def test_a_glance_rules_out_nothing_where_it_sees_nothing(u, xy, square):
    x, y = xy
    rough = manufactured(square, -laplacian(u), u @ square.boundary, exact={u: sin(80 * x * y)})
    _, pool, kept = glanced(rough)
    assert len(kept) == len(pool)
    nonlinear = Problem(square, Eq(-laplacian(u) + u**3, 1), Eq(u, 0) @ square.boundary)
    _, pool, kept = glanced(nonlinear)
    assert kept == pool


class Fitted:
    """As much of a fit as ranking looks at."""

    def __init__(self, residual):
        self.residual = residual

    def light(self):
        return self


@pytest.mark.slow
def test_a_search_ends_at_once_where_nothing_can_be_gained(u, xy, square):
    """A residual far below the goal: no other candidate is asked for at that width."""
    x, y = xy
    problem = manufactured(
        square, -laplacian(u), u @ square.boundary, exact={u: sin(3 * x) * sin(3 * y)}
    )
    found = solve(problem, tolerance=1e-8)
    assert found.stopped == "met"
    assert found.error() < 1e-9
    tried = [step for step in found.history.steps if step.stage == "choose"]
    assert len(tried) < 15  # of 47 candidates
    residuals = {"good": 1e-12, "better": 1e-14, "bad": 1e-3}

    def score(name, width):
        asked.append(name)
        return Fitted(residuals[name]) if width else None

    for surely, expected in ((0.0, ["bad", "good", "better"]), (1e-11, ["bad", "good"])):
        asked: list[str] = []
        ranked = best_first(["bad", "good", "better"], 1, score, surely)
        assert asked == expected
        assert math.isclose(ranked[0][0].residual, min(residuals[name] for name in expected))
