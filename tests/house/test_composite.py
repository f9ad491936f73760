"""The study of composite domains: what it claims, and one row again."""

from __future__ import annotations

import pytest

from pinnsolve.problems.composite import COMPOSITE
from results import composite
from results.writing import read_csv


@pytest.mark.slow
def test_a_row_again():
    (row,) = (
        r
        for r in read_csv("composite.csv", composite.Row)
        if (r.name, r.way) == ("helmholtz_k100", "8 x 8 x 300")
    )
    again = composite.by_hand("helmholtz_k100", 8, 300)
    assert again.error < 2 * row.error
    assert again.functions == row.functions


def test_nothing_is_met_and_wrong():
    rows = read_csv("composite.csv", composite.Row)
    assert {row.name for row in rows} <= set(composite.ASKED) <= set(COMPOSITE)
    assert len({row.name for row in rows}) >= 10
    for row in rows:
        asked, _ = composite.ASKED[row.name]
        if row.stopped == "met":
            assert row.error <= 3 * asked + 3 * row.uncertainty, row
