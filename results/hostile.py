"""Problems that deceive, solved with nothing given but a tolerance and forty CPU seconds of one
thread: none may be called met and be wrong.

"error" is L2, relative to the deviation of the solution from its mean, as the estimate is;
"maximum" the largest error, relative to the largest deviation: both on points of the whole domain
and around every narrow feature. "false" is what was called met with an error above ten times the
tolerance.
Choices in the solver were made with nine of them in view (load_5, front_5, front_two, front_curved,
needle_3, blip_4, pulse_4, kick_3, wall_4), never with their solutions; the others came after.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pinnsolve import Budget, Solution, solve
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.changes import largest_change, relative_change, shares_of
from pinnsolve.discretize.places import quadrature
from pinnsolve.discretize.points import uniform
from pinnsolve.problems.hostile import HOSTILE, KINDS
from pinnsolve.solution.errors import exact_values
from results.by_name import by_cpu_seconds
from results.writing import FOLDER, markdown_table, provenance, write_csv

TOLERANCE, SECONDS = 1e-6, 40.0


@dataclass(frozen=True)
class Row:
    """One problem, by its name."""

    name: str
    kind: str
    error: float
    maximum: float
    estimate: float
    residual: float
    neurons: int
    seconds: float
    cpu: float
    stopped: str


def solve_row(name: str, budget: Budget | None = None) -> Row:
    """Solve one of them."""
    problem = HOSTILE[name]()
    start, cpu = time.perf_counter(), time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of what is in the row
        solution = solve(problem, tolerance=TOLERANCE, budget=budget or Budget(SECONDS))
    elapsed, used = time.perf_counter() - start, time.process_time() - cpu
    (kind,) = (k for k, names in KINDS.items() if name in names)
    final = solution.field.functions
    error, worst = true_errors(solution)
    return Row(
        name,
        kind,
        error,
        worst,
        solution.estimate,
        solution.residual(),
        final,
        elapsed,
        used,
        solution.stopped,
    )


def true_errors(solution: Solution) -> tuple[float, float]:
    """L2, and the largest, on uniform points and around narrow features, relative to deviations
    from the mean; with materials, each unknown where it lives.
    """
    # Of what is solved: of a problem with materials, that is one with an unknown for each.
    system = compile_problem(solution.problem)
    points = quadrature(system, 10_000, 7, uniform)
    exact = exact_values(system.problem, points.x)[:, 0]
    where = solution.field.support(points.x)
    open_to = exact.isfinite() if where is None else exact.isfinite() | ~where
    kept = np.flatnonzero(open_to.all(dim=0))
    points, exact = points.taken(kept), exact[:, kept]
    where, found = None if where is None else where[:, kept], solution.field.values(points.x)
    l2 = relative_change(system, found, exact, where, shares_of(points))
    return l2, largest_change(system, found, exact, where)


def run() -> None:
    """Write hostile.csv and hostile.md."""
    start = time.process_time()
    with by_cpu_seconds():
        rows = [solve_row(name) for name in HOSTILE]
    write_csv("hostile.csv", rows)
    text = f"# Hostile\n\n{__doc__}\n{summary(rows)}\n\n{table(rows)}\n\n"
    text += (
        f"Tolerance {TOLERANCE:g}, {SECONDS:g} s each."
        f" {provenance(time.process_time() - start, (0,))}\n"
    )
    (FOLDER / "hostile.md").write_text(text, encoding="utf-8")


def false(row: Row) -> bool:
    """Whether it was called met, and is not."""
    return row.stopped == "met" and not row.error <= 10 * TOLERANCE


def close(row: Row) -> bool:
    """Whether the estimate is within a hundred times of the truth, or both are far below the
    tolerance.
    """
    tiny = max(row.error, row.estimate) < 1e-2 * TOLERANCE
    return tiny or row.error / 100 <= row.estimate <= 100 * row.error


def summary(rows: Sequence[Row]) -> str:
    """Numbers by kind, and in all."""
    header = (
        "kind",
        "problems",
        "met",
        "error below tolerance",
        "false",
        "estimate within 100",
        "over budget",
    )
    groups = [("all", rows), *((k, [r for r in rows if r.kind == k]) for k in KINDS)]
    return markdown_table(header, [_line(name, mine) for name, mine in groups])


def _line(name: str, rows: Sequence[Row]) -> tuple[str, ...]:
    counts = (
        sum(r.stopped == "met" for r in rows),
        sum(r.error <= TOLERANCE for r in rows),
        sum(map(false, rows)),
        sum(map(close, rows)),
        sum(r.seconds > max(1.2 * SECONDS, SECONDS + 2) for r in rows),
    )
    return (name, str(len(rows)), *map(str, counts))


def table(rows: Sequence[Row]) -> str:
    """One line a problem."""
    header = (
        "problem",
        "error",
        "maximum",
        "estimate",
        "residual",
        "neurons",
        "seconds",
        "CPU s",
        "stopped",
    )
    lines = [
        (
            r.name,
            *(f"{value:.1e}" for value in (r.error, r.maximum, r.estimate, r.residual)),
            str(r.neurons),
            f"{r.seconds:.1f}",
            f"{r.cpu:.1f}",
            r.stopped,
        )
        for r in rows
    ]
    return markdown_table(header, lines)
