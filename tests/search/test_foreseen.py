"""What the seconds that are left promise: whether shapes are refined, and how a fit is checked."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from pinnsolve import Budget
from pinnsolve.running.stop import Stop
from pinnsolve.search import doubling
from pinnsolve.search.choose import _refined
from pinnsolve.search.doubling import Growth, _checked
from pinnsolve.search.standing import Standing, foreseen
from pinnsolve.search.task import Outcome, Task


def fitted(residual, columns, seconds=1.0):
    expansion = SimpleNamespace(space=SimpleNamespace(columns=columns))
    return SimpleNamespace(residual=residual, seconds=seconds, expansion=expansion, seed=0)


def within(seconds, tolerance=1e-8):
    budget = Budget(seconds, start=0.0, clock=lambda: 0.0)
    return Task(SimpleNamespace(n_unknowns=1), tolerance, budget, 0)


def test_a_residual_is_foreseen_by_doublings():
    """Two doublings take 2^5.4 times the seconds of a fit, and half as many again go before."""
    seconds = 1.5 * 2**5.4
    assert foreseen(fitted(1e-3, 100), 0.1, seconds) == pytest.approx(1e-5)
    assert foreseen(fitted(1e-3, 100), 0.1, 0.5) == 1e-3


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


@pytest.mark.parametrize(("seconds", "drawn"), [(0.5, True), (0.3, False)])
def test_a_check_is_afforded_by_its_own_width(monkeypatch, seconds, drawn):
    """A narrower draw takes 0.4 times the seconds of the fit that it checks."""
    monkeypatch.setattr(doubling, "checked", lambda *given: "drawn")
    monkeypatch.setattr(doubling, "compared", lambda *given: "compared")
    best = fitted(1e-8, 140)
    outcome = Outcome(best, math.nan, 0, Stop.INTERRUPTED)
    growth = Growth((), 140, None, 0.1, best=outcome, narrower="narrower", last=(None, best))
    assert (_checked(within(seconds), growth) == "drawn") == drawn
