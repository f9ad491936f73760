"""Functions that are too flat are made steeper, unless that takes the time of wider bases."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pinnsolve import Budget
from pinnsolve.search.doubling import Growth, _steep_enough
from pinnsolve.search.task import Task


def fitted(residual, rank):
    """One of 100 columns, in a second."""
    space = SimpleNamespace(columns=100)
    solved, expansion = SimpleNamespace(rank=rank), SimpleNamespace(space=space)
    return SimpleNamespace(
        residual=residual, seconds=1.0, solved=solved, expansion=expansion, field=None
    )


class Tried(Task):
    def fit(self, stage, declared, seed, guess):
        return fitted(1e-4, 100)


@pytest.mark.parametrize(
    ("seconds", "rank", "tried"),
    [(5.0, 50, True), (3.0, 50, False), (2.0, 50, True), (0.5, 50, False), (5.0, 90, False)],
    ids=["for both", "for one", "for no wider one", "for none", "steep enough"],
)
def test_steeper_functions_are_tried_where_that_leaves_time_for_wider_ones(seconds, rank, tried):
    """A basis of 140 columns takes 2.7 times as long."""
    steep = SimpleNamespace(shape=(1.5,), of_width=lambda width: None)
    flat = SimpleNamespace(shape=(1.0,), steeper=lambda factor: steep)
    steep.steeper = lambda factor: steep
    budget = Budget(seconds, start=0.0, clock=lambda: 0.0)
    task = Tried(SimpleNamespace(n_unknowns=1), 1e-8, budget, 0)
    growth, found = _steep_enough(task, Growth((flat,), 100, None, 0.1), fitted(1e-3, rank))
    assert (growth.families[0] is steep) == (found.residual == 1e-4) == tried
