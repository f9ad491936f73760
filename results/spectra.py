"""Eigenvalues, with nothing given but how many: twelve, or all that are known.

Errors are relative, the largest over all eigenvalues that are known; so is the uncertainty that
each is given with. Seconds are CPU seconds of the whole call on one thread, compilation included.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from pinnsolve import Budget, eigenmodes
from pinnsolve.coefficients.eigen import matched
from pinnsolve.problems.spectra import SPECTRA
from results.writing import FOLDER, markdown_table, provenance, write_csv

SEEDS, SECONDS = (0, 1, 2, 3, 4), 60.0
COUNTS = {"l_shaped_drum": 12, "clamped_beam": 4, "sloshing": 11}
# Of the L the first and third are known: those of the others all that are asked.
COMPARED = {"l_shaped_drum": (0, 2)}


@dataclass(frozen=True)
class Row:
    """One call."""

    problem: str
    seed: int
    count: int
    error: float
    uncertainty: float
    functions: int
    cpu: float
    stopped: str


def row(name: str, seed: int) -> Row:
    """Twelve eigenvalues, by the distance from zero."""
    problem, known = SPECTRA[name]()
    count = COUNTS.get(name, 12)
    start = time.process_time()
    found = eigenmodes(problem, count, seed=seed, budget=Budget(SECONDS, clock=time.process_time))
    cpu = time.process_time() - start
    values = found.eigenvalues[list(COMPARED.get(name, range(count)))]
    away = np.abs(matched(values.astype(complex), np.array(known)) - values)
    error = float((away / np.maximum(1.0, np.abs(values))).max())
    sizes = np.maximum(1.0, np.abs(found.eigenvalues))
    uncertainty = float((found.uncertainties / sizes).max())
    functions = found[0].history.final.functions
    return Row(name, seed, count, error, uncertainty, functions, cpu, str(found.stopped))


def table(rows: Sequence[Row]) -> str:
    """A line a problem: medians, and the worst error."""
    lines = []
    for name in SPECTRA:
        mine = [r for r in rows if r.problem == name]
        met = sum(r.stopped == "met" for r in mine)
        numbers = [median(r.error for r in mine), max(r.error for r in mine)]
        numbers.append(median(r.uncertainty for r in mine))
        cells = [*(f"{n:.1e}" for n in numbers), f"{median(r.functions for r in mine):.0f}"]
        cells += [f"{median(r.cpu for r in mine):.1f}", f"{met} of {len(mine)}"]
        lines.append((name, str(mine[0].count), *cells))
    header = (
        "problem",
        "count",
        "error: median",
        "worst",
        "uncertainty",
        "functions",
        "CPU s",
        "met",
    )
    return markdown_table(header, lines)


def run() -> None:
    """Measure; write spectra.csv and spectra.md."""
    start = time.perf_counter()
    rows = [row(name, seed) for name in SPECTRA for seed in SEEDS]
    write_csv("spectra.csv", rows)
    last = provenance(time.perf_counter() - start, SEEDS)
    parts = ("# Eigenvalues", __doc__ or "", table(rows), last)
    text = "\n\n".join(part.strip() for part in parts) + "\n"
    (FOLDER / "spectra.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run()
