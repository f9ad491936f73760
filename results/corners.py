"""Harmonic functions where the boundary turns between curved sides, and where a condition changes
its kind on a smooth wall, with nothing given but a tolerance of 1e-8.

Values, where they are given, are x^2; elsewhere no flux leaves, or as much as the value ("Robin").
"error" is L2, relative, on fresh points, against rational functions whose poles crowd towards the
corners (`results/lightning.py`); "known to" is what those of two sizes differ by. Budgets are of
CPU seconds, on one thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Eq

from pinnsolve import Problem, laplacian, sample_region
from results.by_name import solved_again, timed, write_page
from results.corner_cases import CASES, u
from results.lightning import Sizes, harmonic
from results.writing import COMMIT, markdown_table, provenance

SEEDS = (0, 1, 2)
TOLERANCE, SECONDS = 1e-8, 60.0
# Points of an error, and their seed
POINTS, FRESH = 6000, 99


@dataclass(frozen=True)
class Row:
    """One solve."""

    name: str
    seed: int
    error: float
    uncertainty: float
    estimate: float
    residual: float
    functions: int
    seconds: float
    cpu: float
    stopped: str
    commit: str = COMMIT


def solve_row(name: str, seed: int) -> Row:
    """Solve one, and measure it."""
    domain, conditions, shape = CASES[name]()
    problem = Problem(domain, Eq(laplacian(u), 0), *conditions)
    solution, elapsed, used = timed(problem, TOLERANCE, SECONDS, seed)
    points = sample_region(domain, POINTS, FRESH).x
    exact, other = (harmonic(shape, sizes)(points) for sizes in (Sizes(), Sizes(45, 60)))
    found, size = np.asarray(solution(points)).reshape(-1), np.linalg.norm(exact)
    return Row(
        name,
        seed,
        float(np.linalg.norm(found - exact) / size),
        float(np.linalg.norm(other - exact) / size),
        solution.estimate,
        solution.residual(),
        solution.field.functions,
        elapsed,
        used,
        str(solution.stopped),
    )


def run(names: Sequence[str] = ()) -> None:
    """Solve all, or those of these names again; write corners.csv, row by row, and corners.md."""
    start = time.time()
    rows = solved_again(
        "corners.csv",
        Row,
        list(CASES),
        names,
        lambda row: row.name,
        lambda name: (solve_row(name, seed) for seed in SEEDS),
    )
    parts = __doc__, table(rows)
    last = provenance(time.time() - start, SEEDS)
    write_page("corners.md", "Corners between curves", parts, rows, last)


def table(rows: Sequence[Row]) -> str:
    """A line each problem."""
    header = (
        "problem",
        "",
        "error: median",
        "worst",
        "known to",
        "estimate / error: least",
        "functions",
        "CPU s",
        "met",
    )
    names = list(dict.fromkeys(r.name for r in rows))
    return markdown_table(header, [_line([r for r in rows if r.name == name]) for name in names])


def _line(rows: Sequence[Row]) -> tuple[str, ...]:
    errors, name = [r.error for r in rows], rows[0].name
    return (
        name,
        (CASES[name].__doc__ or "").strip(". "),
        f"{np.median(errors):.1e}",
        f"{max(errors):.1e}",
        f"{rows[0].uncertainty:.0e}",
        f"{min(r.estimate / r.error for r in rows):.2g}",
        f"{np.median([r.functions for r in rows]):.0f}",
        f"{np.median([r.cpu for r in rows]):.1f}",
        f"{sum(r.stopped == 'met' for r in rows)} of {len(rows)}",
    )


if __name__ == "__main__":
    run(sys.argv[1:])
