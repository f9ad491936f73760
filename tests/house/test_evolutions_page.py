"""The committed page of evolutions that deceive keeps its promise."""

from __future__ import annotations

from itertools import product

from results import evolutions
from results.evolution_problems import CASES
from results.writing import read_csv


def test_evolutions_that_deceive_are_not_called_met_and_wrong():
    wrong = evolutions.Row("front", 0, 2e-3, 5e-4, 1e-4, 100, 1.0, "met", "")
    assert wrong.false
    assert wrong.small
    rows = read_csv("evolutions.csv", evolutions.Row)
    assert [(r.name, r.seed) for r in rows] == list(product(CASES, evolutions.SEEDS))
    assert not any(r.false or r.small for r in rows)
    assert sum(r.stopped == "met" for r in rows) >= 0.6 * len(rows)
