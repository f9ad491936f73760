"""The page on inverse problems, and one of its rows again."""

from __future__ import annotations

from statistics import mean, median

from pinnsolve.problems.inverse import INVERSE
from results import inverse
from study_tables import committed


def test_bars_hold_the_truth_as_often_as_they_say():
    rows = committed("inverse.csv")
    assert {r["problem"] for r in rows} == set(INVERSE)
    for name in INVERSE:
        mine = [r for r in rows if r["problem"] == name]
        assert mean(float(r["covered"]) for r in mine) >= 0.95
        errors = [float(r["error"]) / float(r["deviation"]) for r in mine]
        assert median(errors) < 1.1
    # Nothing that is far outside of its bars is called met
    far = [r for r in rows if float(r["error"]) > 3 * float(r["deviation"])]
    assert not [r for r in far if r["stopped"] == "met"]
    again = inverse.row("load", 0)
    (before,) = [r for r in rows if r["problem"] == "load" and r["draw"] == "0"]
    assert abs(again.error - float(before["error"])) < 0.1 * again.deviation
