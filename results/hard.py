"""Conditions built into the unknown (hard) against conditions as rows of least squares (soft).

`hard(problem)` puts u = lift + factor * w into the problem wherever it gives the values of u on
whole faces of a box, or on a sphere; w is then solved for like any unknown, in the same basis of as
many neurons, with the same seeds, or automatically to a tolerance of 1e-9. Errors are those of u,
relative L2 on fresh points.

In a given basis hard conditions are better, nearly everywhere by a factor of ten and more.
Automatic solving takes as many neurons as the error asked wants, either way, and keeps conditions
soft: for the steepest waves here hard ones miss the tolerance.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from pinnsolve import Budget, Dense, Waves, hard, sample_region, solve
from pinnsolve.problems import CATALOGUE
from results.writing import FOLDER, markdown_table, provenance, write_csv

SEEDS = (0, 1, 2)
FRESH, TOLERANCE, SECONDS = 4000, 1e-9, 30.0
BASES: dict[str, Any] = {
    "poisson_2d": Dense(200),
    "poisson_2d_peak": Dense(800),
    "poisson_3d": Dense(400),
    "disk": Dense(200),
    "helmholtz_4pi": Dense(500, 1, "sin", Waves(13.0)),
    "helmholtz_9pi": Dense(900, 1, "sin", Waves(30.0)),
    "convection_diffusion_1e1": Dense(200),
    "heat_1d": Dense(200),
    "wave_1d": Dense(400, 1, "sin", Waves(12.0)),
    "nonlinear_poisson": Dense(200),
    "bratu_2d": Dense(200),
    "klein_gordon": Dense(300),
    "steady_burgers": Dense(300),
}


@dataclass(frozen=True)
class Row:
    """One solve."""

    problem: str
    way: str
    mode: str
    seed: int
    error: float
    seconds: float


def row(name: str, way: str, mode: str, seed: int) -> Row:
    """Solve, in the given basis or automatically; seconds include what sympy takes to put the lift
    in.
    """
    problem = CATALOGUE[name]()
    (u,) = problem.unknowns
    assert problem.exact is not None
    start = time.perf_counter()
    free = hard(problem)
    solved, field = (free.problem, free.fields[u]) if way == "hard" else (problem, u)
    if mode == "given":
        solution = solve(solved, BASES[name], seed=seed)
    else:
        solution = solve(solved, tolerance=TOLERANCE, seed=seed, budget=Budget(seconds=SECONDS))
    seconds = time.perf_counter() - start
    x = sample_region(problem.domain, FRESH, 1000 + seed).x
    (w,) = solved.unknowns
    found, exact = solution(x, field), solution(x, problem.exact[u] + 0 * w)
    return Row(
        name, way, mode, seed, float(np.linalg.norm(found - exact) / np.linalg.norm(exact)), seconds
    )


def rows() -> Iterator[Row]:
    """Every problem both ways, in its basis and automatically."""
    for name in BASES:
        for mode in ("given", "automatic"):
            for way in ("soft", "hard"):
                for seed in SEEDS:
                    yield row(name, way, mode, seed)


def table(found: list[Row]) -> str:
    """Medians and worst errors, seconds, and by how much hard conditions are better."""
    lines = []
    for name in BASES:
        for mode in ("given", "automatic"):
            cells, errors = [], []
            for way in ("soft", "hard"):
                mine = [r for r in found if (r.problem, r.mode, r.way) == (name, mode, way)]
                errors.append(median(r.error for r in mine))
                cells += [
                    f"{errors[-1]:.0e}",
                    f"{max(r.error for r in mine):.0e}",
                    f"{median(r.seconds for r in mine):.2f}",
                ]
            lines.append(
                (name, mode, *cells, f"{errors[0] / errors[1]:.2g}" if errors[1] else "exact")
            )
    header = [
        f"{way}: {what}"
        for way in ("soft", "hard")
        for what in ("median error", "worst", "seconds")
    ]
    return markdown_table(("problem", "basis", *header, "hard better by"), lines)


def run() -> None:
    """Measure; write hard.csv and hard.md."""
    start = time.perf_counter()
    found = list(rows())
    write_csv("hard.csv", found)
    text = [
        f"# Hard and soft conditions\n\n{__doc__}\n{table(found)}\n",
        provenance(time.perf_counter() - start, SEEDS),
    ]
    (FOLDER / "hard.md").write_text("\n".join(text) + "\n", encoding="utf-8")
