"""What the seconds that are left promise: whether shapes are refined, and how a fit is checked."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from pinnsolve import Budget
from pinnsolve.running.stop import Stop
from pinnsolve.search import doubling
from pinnsolve.search.choose import _refined
from pinnsolve.search.doubling import PATIENCE, Growth, _checked
from pinnsolve.search.standing import Standing, foreseen
from pinnsolve.search.task import Outcome, Task


def fitted(residual, columns, seconds=1.0):
    expansion = SimpleNamespace(space=SimpleNamespace(columns=columns))
    return SimpleNamespace(residual=residual, seconds=seconds, expansion=expansion, seed=0)


def declared(coordinates):
    """A system of so many coordinates."""
    return SimpleNamespace(n_unknowns=1, domain=SimpleNamespace(coordinates=(0,) * coordinates))


def within(seconds, tolerance=1e-8):
    budget = Budget(seconds, start=0.0, clock=lambda: 0.0)
    return Task(declared(2), tolerance, budget, 0)


def test_a_residual_is_foreseen_by_doublings():
    """Two doublings take 2^5.4 times the seconds of a fit, and half as many again go before."""
    seconds = 1.5 * 2**5.4
    assert foreseen(declared(2), fitted(1e-3, 100), 0.1, seconds) == pytest.approx(1e-5)
    assert foreseen(declared(2), fitted(1e-3, 100), 0.1, 0.5) == 1e-3


def test_a_residual_in_space_falls_faster_with_every_doubling():
    """As exp(-c width^(1/3))."""
    residual = {width: math.exp(-(width ** (1 / 3))) for width in (480, 960, 3840)}
    fall = residual[960] / residual[480]
    found = foreseen(declared(3), fitted(residual[960], 960), fall, 1.5 * 4**2.4)
    assert found == pytest.approx(residual[3840])


@pytest.mark.parametrize(
    ("seconds", "refined"),
    [(1000.0, False), (10.0, True), (math.inf, True)],
    ids=["promised", "not promised", "no limit"],
)
def test_no_shape_is_refined_where_growth_promises_the_goal(seconds, refined):
    tried = []

    def fit(family, width):
        tried.append(width)

    family = SimpleNamespace(cost=1, shape=(1.0,), moved=lambda steps: family)
    trials = SimpleNamespace(task=within(seconds), fit=fit)
    standing = Standing((), 960, best=(fitted(1e-5, 960), family), before=1e-4)
    _refined(trials, standing)
    assert bool(tried) == refined


@pytest.mark.parametrize(
    ("seconds", "drawn"), [(0.8, "least"), (0.7, "less"), (0.5, "narrow"), (0.3, "none")]
)
def test_a_check_is_as_wide_as_the_seconds_afford(monkeypatch, seconds, drawn):
    """Draws that are narrower by 1.1, 1.2 and 1.4 take 0.77, 0.61 and 0.4 times the seconds."""
    monkeypatch.setattr(doubling, "checked", lambda task, best, narrower: narrower)
    monkeypatch.setattr(doubling, "compared", lambda *given: "none")
    best = fitted(1e-8, 140)
    outcome = Outcome(best, math.nan, 0, Stop.INTERRUPTED)
    narrower = ("least", "less", "narrow")
    growth = Growth((), 140, None, 0.1, best=outcome, narrower=narrower, last=(None, best))
    assert _checked(within(seconds), growth, PATIENCE.checks) == drawn
