"""The committed tables hold what the generator still finds: one quick row of each study is run again."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from results import accuracy, blind  # noqa: E402  a script folder, not an installed package


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
    for study in ("accuracy", "blind"):
        text = (ROOT / "results" / f"{study}.md").read_text()
        assert "commit" in text
        assert "torch" in text
        assert "seeds" in text
        assert (ROOT / "results" / f"{study}.png").is_file()


def test_table_reports_what_is_missed():
    row = accuracy.Row("a", "given", 0, 1e-3, 1e-3, 1e-3, 1e-3, 10, 10.0, 1.0, "solved", 1e-6, 5)
    assert accuracy.table([row]).splitlines()[-1].endswith("| no |")


def test_a_row_of_the_blind_study_can_be_reproduced():
    (row,) = [r for r in committed("blind.csv") if (r["seed"], float(r["tolerance"])) == ("1000", 1e-8)]
    again = blind.solve_row(1000)
    assert (again.equation, again.solution, again.stopped) == (row["equation"], row["solution"], row["stopped"])
    assert again.error < 100 * max(float(row["error"]), 1e-15)


def test_blind_study_has_all_its_seeds():
    rows = committed("blind.csv")
    seeds = [str(s) for s in range(blind.FIRST_SEED, blind.FIRST_SEED + blind.PROBLEMS)]
    for tolerance in blind.TOLERANCES:
        assert [r["seed"] for r in rows if float(r["tolerance"]) == tolerance and r["seed"].isdigit()] == seeds
    assert [r["seed"] for r in rows if not r["seed"].isdigit()] == list(accuracy.CATALOGUE)


def test_blind_study_keeps_its_promises():
    """What issue and README say of it: fractions met by dimension, and that "met" is true."""
    rows = [r for r in committed("blind.csv") if r["seed"].isdigit()]
    for tolerance, dimensions, wanted in ((1e-8, "12", 0.8), (1e-8, "3", 0.5), (1e-4, "12", 0.95), (1e-4, "3", 0.8)):
        mine = [r["stopped"] == "met" for r in rows if float(r["tolerance"]) == tolerance and r["dimension"] in dimensions]
        assert sum(mine) >= wanted * len(mine), (tolerance, dimensions)
    met = [float(r["error"]) <= 10 * float(r["tolerance"]) for r in rows if r["stopped"] == "met"]
    assert sum(met) >= 0.98 * len(met)
    close = [float(r["error"]) / 100 <= float(r["estimate"]) <= 100 * max(float(r["error"]), 1e-15) for r in rows]
    assert sum(close) >= 0.9 * len(close)
