"""Nonlinear problems, with nothing given but the error and the seconds asked: no place of a front,
no basis, no guess.

Errors are relative L2, on fresh random points or on the grid of an independent reference; seconds
are of the whole call, compilation included: of the CPU, on one thread (of american_put and
oregonator; those of other lines are wall seconds, on both cores). A line is met if its median error
is what is asked, in the seconds asked.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from matplotlib.figure import Figure

from pinnsolve import Budget, solve
from pinnsolve.problems import CATALOGUE
from results.by_name import by_cpu_seconds
from results.writing import FOLDER, markdown_table, provenance, read_csv, write_csv

SEEDS = (0, 1, 2)
# Relative L2 error and seconds asked.
STEADY, SMOOTH, HARD, CHAOTIC = (1e-10, 20.0), (1e-8, 30.0), (1e-6, 120.0), (1e-5, 180.0)
ASKED: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("kovasznay", "klein_gordon", "beltrami", "bratu_1d", "bratu_2d"), STEADY),
    **dict.fromkeys(("nonlinear_poisson", "nonlinear_helmholtz", "steady_burgers"), STEADY),
    **dict.fromkeys(("taylor_green", "sine_gordon", "fisher", "reaction", "logistic"), SMOOTH),
    **dict.fromkeys(("van_der_pol", "lotka_volterra", "lorenz", "soliton", "two_solitons"), SMOOTH),
    **dict.fromkeys(("minimal_surface", "eikonal", "p_laplacian"), SMOOTH),
    "burgers": (1e-8, 60.0),
    "burgers_thin": (1e-6, 120.0),
    "burgers_2d": (1e-6, 60.0),
    **dict.fromkeys(("allen_cahn", "korteweg_de_vries", "schroedinger"), HARD),
    **dict.fromkeys(("kuramoto_sivashinsky", "gray_scott"), CHAOTIC),
    "porous_medium": (1e-9, 120.0),
    "cahn_hilliard": (1e-7, 120.0),
    **dict.fromkeys(("radiating_rod", "robertson", "oregonator", "infiltration"), HARD),
    "american_put": (1e-4, 120.0),
}


@dataclass(frozen=True)
class Row:
    """One solve."""

    problem: str
    seed: int
    error: float
    estimate: float
    residual: float
    seconds: float
    stopped: str
    basis: str
    asked_error: float
    asked_seconds: float


def solve_row(name: str, seed: int) -> Row:
    """Solve one problem to the error asked of it, within the seconds asked."""
    asked, seconds = ASKED[name]
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of failures: they are in the table
        solution = solve(
            CATALOGUE[name](), tolerance=asked, seed=seed, budget=Budget(seconds=seconds)
        )
    took = time.perf_counter() - start
    basis = solution.history.final.basis
    return Row(
        name,
        seed,
        float(solution.error()),
        solution.estimate,
        solution.residual(),
        took,
        solution.stopped,
        basis,
        asked,
        seconds,
    )


def table(rows: Sequence[Row]) -> str:
    """Median and worst error, median seconds, a line for each problem."""
    lines = []
    for name in dict.fromkeys(r.problem for r in rows):
        mine = [r for r in rows if r.problem == name]
        error, seconds = median(r.error for r in mine), median(r.seconds for r in mine)
        asked = mine[0]
        met = error <= asked.asked_error and seconds <= 1.05 * asked.asked_seconds
        lines.append(
            [
                name,
                f"{asked.asked_error:.0e} in {asked.asked_seconds:.0f} s",
                f"{error:.0e}" if met else f"**{error:.0e}**",
                f"{max(r.error for r in mine):.0e}",
                f"{median(r.estimate for r in mine):.0e}",
                f"{seconds:.1f}",
                ", ".join(dict.fromkeys(r.stopped for r in mine)),
                mine[0].basis.split("(")[0],
            ]
        )
    return markdown_table(
        ("problem", "asked", "median error", "worst", "estimate", "seconds", "stopped", "basis"),
        lines,
    )


def figure(rows: Sequence[Row]) -> Figure:
    """Error against seconds, a point for each solve, a bar up to the error asked."""
    drawn = Figure(figsize=(9, 6), layout="constrained")
    ax = drawn.subplots()
    for name in dict.fromkeys(r.problem for r in rows):
        mine = [r for r in rows if r.problem == name]
        ax.loglog([r.seconds for r in mine], [r.error for r in mine], "o", ms=4)
        place = (median(r.seconds for r in mine), median(r.error for r in mine))
        ax.annotate(name, place, xytext=(4, 2), textcoords="offset points", fontsize=7)
    ax.set(
        xlabel="seconds of the whole call",
        ylabel="relative L2 error",
        title="Nonlinear problems, nothing given",
    )
    ax.grid(alpha=0.3)
    return drawn


def run(names: Sequence[str] = tuple(ASKED)) -> None:
    """Measure some of the problems; write nonlinear.csv, nonlinear.md and nonlinear.png with the
    others as they were.
    """
    start = time.perf_counter()
    kept_rows = (
        []
        if set(names) == set(ASKED)
        else [r for r in read_csv("nonlinear.csv", Row) if r.problem not in names]
    )
    with by_cpu_seconds():
        rows = kept_rows + [solve_row(name, seed) for name in names for seed in SEEDS]
    rows.sort(key=lambda r: (list(ASKED).index(r.problem), r.seed))
    write_csv("nonlinear.csv", rows)
    figure(rows).savefig(FOLDER / "nonlinear.png", dpi=120)
    kept = sum(np.isfinite(r.error) and r.error <= r.asked_error for r in rows)
    summary = f"{kept} of {len(rows)} solves reached the error asked."
    picture = "![Error against seconds](nonlinear.png)"
    again = (
        ""
        if set(names) == set(ASKED)
        else f"Measured in this run, the others before: {', '.join(names)}. "
    )
    parts = (
        "# Nonlinear problems",
        __doc__ or "",
        table(rows),
        summary,
        picture,
        again + provenance(time.perf_counter() - start, SEEDS),
    )
    text = "\n\n".join(part.strip() for part in parts) + "\n"
    (FOLDER / "nonlinear.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(sys.argv[1:])
