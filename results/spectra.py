"""Eigenvalues, with nothing given but how many: twelve, or all that are known; and a tolerance, of
1e-6 for flows, 1e-5 for plates with free sides, 1e-8 for the clamped plate.

Errors are relative, the largest over all eigenvalues that are known; so is the uncertainty that
each is given with. Seconds are CPU seconds of the whole call on one thread, compilation included.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pinnsolve import Budget, eigenmodes
from pinnsolve.coefficients.eigen import matched
from pinnsolve.problems.spectra import SPECTRA
from results.by_name import solved_again, write_page
from results.writing import COMMIT, markdown_table, provenance

SEEDS, SECONDS = (0, 1, 2, 3, 4), 120.0
# On fewer seeds: what takes about a minute.
LONG = {"clamped_plate": 3, "free_plate": 3, "ring_drum": 3, "shelf": 3, "slow_flow": 3}
COUNTS = {
    "clamped_beam": 4,
    "clamped_plate": 6,
    "free_beam": 6,
    "free_plate": 6,
    "ridged_waveguide": 6,
    "shelf": 6,
    "sloshing": 11,
    "slow_flow": 4,
    "turning": 11,
}
# Of these some are known, of the others all that are asked.
COMPARED = {"l_shaped_drum": (0, 2), "slow_flow": (0,)}
TOLERANCES = {"clamped_plate": 1e-8, "free_plate": 1e-5, "shelf": 1e-5, "slow_flow": 1e-6}


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
    commit: str


def seeds_of(name: str) -> tuple[int, ...]:
    """The seeds on which a problem is asked."""
    return SEEDS[: LONG.get(name, len(SEEDS))]


def rows_of(name: str) -> Iterator[Row]:
    """All of a problem."""
    return (row(name, seed) for seed in seeds_of(name))


def row(name: str, seed: int) -> Row:
    """Twelve eigenvalues, by the distance from zero."""
    problem, known = SPECTRA[name]()
    count = COUNTS.get(name, 12)
    start = time.process_time()
    budget = Budget(SECONDS, clock=time.process_time)
    found = eigenmodes(problem, count, TOLERANCES.get(name), seed=seed, budget=budget)
    cpu = time.process_time() - start
    values = found.eigenvalues[list(COMPARED.get(name, range(count)))]
    error = error_of(values, known)
    sizes = np.maximum(1.0, np.abs(found.eigenvalues))
    uncertainty = float((found.uncertainties / sizes).max())
    functions = found[0].history.final.functions
    return Row(name, seed, count, error, uncertainty, functions, cpu, str(found.stopped), COMMIT)


def error_of(values: NDArray[Any], known: Sequence[complex]) -> float:
    """The largest of values `(n,)`, relative, against as many known ones nearest to zero: one that
    is missing leaves another one without its own.
    """
    nearest = np.array(sorted(known, key=abs)[: len(values)])
    away = np.abs(matched(values.astype(complex), nearest) - values)
    return float((away / np.maximum(1.0, np.abs(values))).max())


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


def run(names: Sequence[str] = ()) -> None:
    """Measure, or only these again; write spectra.csv and spectra.md."""
    start = time.perf_counter()
    rows = solved_again("spectra.csv", Row, list(SPECTRA), names, lambda r: r.problem, rows_of)
    last = provenance(time.perf_counter() - start, SEEDS)
    write_page("spectra.md", "Eigenvalues", (__doc__, table(rows)), rows, last)


if __name__ == "__main__":
    run(sys.argv[1:])
