"""The tables that studies have written and that are committed."""

from __future__ import annotations

import csv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def committed(name):
    with (ROOT / "results" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


LSGD_KEY = ("problem", "network", "width", "start", "method")


def lsgd_errors(*key):
    rows = [
        r
        for r in committed("lsgd.csv")
        if r["final"] == "True" and tuple(r[k] for k in LSGD_KEY) == key
    ]
    return [float(r["error"]) for r in sorted(rows, key=lambda r: int(r["seed"]))]
