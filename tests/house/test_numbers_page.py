"""The page on numbers from data, and one of its rows again."""

from __future__ import annotations

import pytest

from results import numbers
from study_tables import committed


def test_numbers_are_as_near_as_their_bars_say():
    rows = committed("numbers.csv")
    asked = {
        (name, noise, seed)
        for name in numbers.ENTRIES
        for noise in numbers.NOISES
        for seed in numbers.seeds_of(name, noise)
    }
    assert {(r["problem"], float(r["noise"]), int(r["seed"])) for r in rows} == asked
    met = [r for r in rows if r["stopped"] == "met"]
    clean = [r for r in met if float(r["noise"]) == 0]
    assert all(float(r["error"]) < (1e-4 if "wake" in r["problem"] else 1e-6) for r in clean)
    for name in numbers.MANY:
        draws = [r for r in met if r["problem"] == name and float(r["noise"])]
        assert 0.85 <= sum(float(r["bars"]) < 1.96 for r in draws) / len(draws) <= 1


@pytest.mark.parametrize("noise", numbers.NOISES)
def test_a_row_again(noise):
    again = numbers.row("brinkman_forchheimer", noise, 0)
    assert again.stopped == "met"
    assert again.error < (0.05 if noise else 1e-7)
