"""What the search has time for, with a clock that only fits move."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from pinnsolve import Dense
from pinnsolve.search.families.family import Family
from pinnsolve.search.trials import SEARCHING, Trials


@dataclass
class Clock:
    """A task whose plain fits take a nanosecond a cube of their columns."""

    seconds: float
    now: float = 0.0
    costs: dict[int, float] = field(default_factory=dict)

    def task(self):
        return SimpleNamespace(
            budget=SimpleNamespace(seconds=self.seconds, spent=lambda: self.now),
            system=SimpleNamespace(n_unknowns=1),
            seed=0,
            guess=None,
            fit=self.fit,
        )

    def fit(self, stage, declared, seed, guess):
        took = self.costs.get(declared.depth, 1.0) * 1e-9 * declared.width**3
        self.now += took
        return SimpleNamespace(residual=0.1, seconds=took, field=declared)


PLAIN = Family("plain", (), lambda values, width: Dense(width))
LONG = Family("long", (), lambda values, width: Dense(width, 2), cost=27.0)


def test_a_kind_that_takes_long_is_tried_narrow_where_there_is_no_time_for_more():
    trials = Trials(Clock(4.0, costs={2: 27.0}).task())
    for _ in range(2):
        assert trials.fit(PLAIN, 900).field.width == 900
    # 27 times as long would be 19.7 s of 1.6: a third of the width takes as long as a plain one.
    assert trials.fit(LONG, 900) is None
    trials = Trials(Clock(8.0, costs={2: 27.0}).task())
    trials.fit(PLAIN, 900)
    assert trials.fit(LONG, 900).field.width == 300
    assert trials.fit(PLAIN, 900).field.width == 900


def test_seconds_before_the_search_are_not_its_own():
    clock = Clock(10.0, now=6.0)
    trials = Trials(clock.task())
    fits = 0
    while trials.fit(PLAIN, 500) is not None:
        fits += 1
    assert clock.now == pytest.approx(6.0 + SEARCHING.share * 4.0, abs=0.2)
    assert fits > 10
