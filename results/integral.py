"""Integral and integro-differential equations, with nothing given but a tolerance of 1e-11.

Errors are relative L2 on fresh random points; seconds are CPU seconds of the whole call on one
thread, compilation included.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from pinnsolve import Budget, sample_region, solve
from pinnsolve.problems.integral import ENTRIES
from results.writing import FOLDER, markdown_table, provenance, write_csv

SEEDS = (0, 1, 2)
TOLERANCE, SECONDS, FRESH = 1e-11, 60.0, 4000
PROBLEMS = {entry.__name__: entry for entry in ENTRIES}


@dataclass(frozen=True)
class Row:
    """One solve."""

    problem: str
    seed: int
    error: float
    estimate: float
    cpu: float
    stopped: str


def row(name: str, seed: int) -> Row:
    """Solve one problem to the tolerance."""
    problem = PROBLEMS[name]()
    start = time.process_time()
    budget = Budget(SECONDS, clock=time.process_time)
    solution = solve(problem, tolerance=TOLERANCE, seed=seed, budget=budget)
    cpu = time.process_time() - start
    (u,), exact = problem.unknowns, problem.exact
    assert exact is not None
    x = sample_region(problem.domain, FRESH, 1000 + seed).x
    found, known = solution(x), solution(x, exact[u] + 0 * u)
    error = float(np.linalg.norm(found - known) / np.linalg.norm(known))
    return Row(name, seed, error, solution.estimate, cpu, str(solution.history.stopped))


def table(rows: Sequence[Row]) -> str:
    """A line a problem: medians, and the worst error."""
    lines = []
    for name in PROBLEMS:
        mine = [r for r in rows if r.problem == name]
        met = sum(r.stopped == "met" for r in mine)
        numbers = [median(r.error for r in mine), max(r.error for r in mine)]
        numbers.append(median(r.estimate for r in mine))
        seconds = median(r.cpu for r in mine)
        cells = [*(f"{n:.1e}" for n in numbers), f"{seconds:.1f}", f"{met} of {len(mine)}"]
        lines.append((name, *cells))
    header = ("problem", "error: median", "worst", "estimate", "CPU s", "met")
    return markdown_table(header, lines)


def run() -> None:
    """Measure; write integral.csv and integral.md."""
    start = time.perf_counter()
    rows = [row(name, seed) for name in PROBLEMS for seed in SEEDS]
    write_csv("integral.csv", rows)
    last = provenance(time.perf_counter() - start, SEEDS)
    parts = ("# Integrals", __doc__ or "", table(rows), last)
    text = "\n\n".join(part.strip() for part in parts) + "\n"
    (FOLDER / "integral.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run()
