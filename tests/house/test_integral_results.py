"""The page on integrals, and one of its rows again."""

from __future__ import annotations

from itertools import product
from statistics import median

from results import integral
from study_tables import committed


def test_integrals_reach_round_off():
    rows = committed("integral.csv")
    assert {(r["problem"], r["seed"]) for r in rows} == set(
        product(integral.PROBLEMS, map(str, integral.SEEDS))
    )
    for name in integral.PROBLEMS:
        mine = [r for r in rows if r["problem"] == name]
        assert median(float(r["error"]) for r in mine) < integral.TOLERANCE
        assert all(r["stopped"] == "met" for r in mine)
    again = integral.row("neumann_of_mean_zero", 0)
    assert again.error < integral.TOLERANCE
