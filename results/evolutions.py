"""Evolutions that deceive, with nothing given but a tolerance and twenty CPU seconds of one thread:
fronts, starts with kinks, rough loads, a medium that jumps, winds between walls.

Errors are L2, relative to the deviation from the mean, of several unknowns the largest, beside
other methods (`results/evolution_references.py`). "false" is what was called met with an error
above the tolerance, "small" an estimate below a third of the error.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch

from pinnsolve import Solution
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.changes import relative_change
from results.by_name import solved_again, timed, write_page
from results.evolution_problems import CASES, Case
from results.writing import COMMIT, markdown_table, provenance

TOLERANCE, SECONDS, SEEDS = 1e-3, 20.0, (0, 1, 2)


@dataclass(frozen=True)
class Row:
    """One solve."""

    name: str
    seed: int
    error: float
    estimate: float
    residual: float
    functions: int
    cpu: float
    stopped: str
    commit: str

    @property
    def false(self) -> bool:
        """Whether it was called met, and is not."""
        return self.stopped == "met" and not self.error <= TOLERANCE

    @property
    def small(self) -> bool:
        """Whether the estimate is far below the error."""
        return self.error > 3 * self.estimate


def error_of(case: Case, solution: Solution) -> float:
    """Beside the other method, at its points: times count by what lies between them."""
    problem = case.problem
    space = [case.x] * (len(problem.domain.coordinates) - 1)
    grid = np.meshgrid(case.times, *space, indexing="ij")
    points = np.stack([*grid[1:], grid[0]], axis=-1).reshape(-1, len(grid))
    exact = np.moveaxis(case.values(case.times, case.x), 1, 0).reshape(-1, len(points))
    order = ["uv".index(unknown.name) for unknown in problem.unknowns]
    shares = np.repeat(np.gradient(case.times), len(points) // len(case.times))
    return relative_change(
        compile_problem(problem),
        solution.field.values(points),
        torch.from_numpy(np.ascontiguousarray(exact[order])),
        None,
        torch.from_numpy(shares / shares.sum()),
    )


def solve_row(name: str, seed: int, seconds: float = SECONDS) -> Row:
    """Solve one of them."""
    case = CASES[name]()
    solution, _, used = timed(case.problem, TOLERANCE, seconds, seed)
    return Row(
        name,
        seed,
        error_of(case, solution),
        solution.estimate,
        solution.residual(),
        solution.field.functions,
        used,
        solution.stopped,
        COMMIT,
    )


def table(rows: Sequence[Row]) -> str:
    """A line for each problem."""
    lines = []
    for name in dict.fromkeys(r.name for r in rows):
        mine = [r for r in rows if r.name == name]
        errors, ratios = [r.error for r in mine], [r.estimate / r.error for r in mine]
        lines.append(
            (
                name,
                f"{median(errors):.1e}",
                f"{max(errors):.1e}",
                f"{median(r.estimate for r in mine):.1e}",
                f"{min(ratios):.2g}",
                f"{sum(r.stopped == 'met' for r in mine)} of {len(mine)}",
                str(sum(r.false for r in mine)),
                f"{median(r.cpu for r in mine):.1f}",
            )
        )
    header = ("problem", "error", "worst", "estimate", "least ratio", "met", "false", "CPU s")
    return markdown_table(header, lines)


def run(names: Sequence[str] = ()) -> None:
    """Measure all of them, or some; write evolutions.csv, row by row, and evolutions.md."""
    start = time.process_time()
    rows = solved_again(
        "evolutions.csv",
        Row,
        list(CASES),
        names,
        lambda row: row.name,
        lambda name: [solve_row(name, seed) for seed in SEEDS],
    )
    report(rows, time.process_time() - start)


def report(rows: Sequence[Row], seconds: float) -> None:
    """Write evolutions.md."""
    met = sum(r.stopped == "met" for r in rows)
    false, small = sum(r.false for r in rows), sum(r.small for r in rows)
    counts = f"Of {len(rows)} solves {met} met, {false} false, {small} small."
    asked = f"Tolerance {TOLERANCE:g}, {SECONDS:g} s each."
    last = f"{asked} {provenance(seconds, SEEDS)}"
    title = "Evolutions that deceive"
    write_page("evolutions.md", title, (__doc__, table(rows), counts), rows, last)


if __name__ == "__main__":
    run(sys.argv[1:])
