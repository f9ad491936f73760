"""The committed tables hold what the generator still finds: one quick row of each study is run again."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from results import accuracy, blind  # noqa: E402  a script folder, not an installed package
from results.__main__ import STUDIES  # noqa: E402


def committed(name):
    with (ROOT / "results" / name).open() as file:
        return list(csv.DictReader(file))


def test_accuracy_covers_the_catalogue():
    rows = committed("accuracy.csv")
    assert {r["problem"] for r in rows} == set(accuracy.CATALOGUE) == set(accuracy.GIVEN)
    assert {(r["mode"], r["seed"]) for r in rows} >= {(m, str(s)) for m in ("given", "automatic") for s in accuracy.SEEDS}


@pytest.mark.parametrize("name", ["poisson_2d", "convection_diffusion_1e3", "poisson_10d"])
def test_a_row_of_accuracy_can_be_reproduced(name):
    (row,) = [r for r in committed("accuracy.csv") if (r["problem"], r["mode"], r["seed"]) == (name, "given", "0")]
    again = accuracy.solve_row(name, "given", 0)
    assert again.error <= again.asked_error
    assert again.error < 100 * max(float(row["error"]), 1e-15)
    assert again.neurons == int(row["neurons"])


def test_tables_and_figures_are_there_with_provenance():
    for study in STUDIES:
        text = (ROOT / "results" / f"{study}.md").read_text()
        assert "commit" in text
        assert "torch" in text
        assert "seeds" in text
        assert (ROOT / "results" / f"{study}.png").is_file()


def test_table_reports_what_is_missed():
    row = accuracy.Row("a", "given", 0, 1e-3, 1e-3, 1e-3, 1e-3, 10, 10.0, 1.0, "solved", 1e-6, 5)
    assert accuracy.table([row]).splitlines()[-1].endswith("| no |")


def test_a_row_of_the_blind_study_can_be_reproduced():
    (row,) = [r for r in committed("blind.csv") if r["seed"] == "1000"]
    again = blind.solve_row(1000)
    assert (again.equation, again.solution, again.stopped) == (row["equation"], row["solution"], row["stopped"])
    assert again.error < 100 * max(float(row["error"]), 1e-15)


def test_blind_study_has_all_its_seeds():
    assert [int(r["seed"]) for r in committed("blind.csv")] == list(range(blind.FIRST_SEED, blind.FIRST_SEED + blind.PROBLEMS))
