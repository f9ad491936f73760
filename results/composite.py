"""Composite domains with nothing given but a tolerance: waves, holes, spots, corners, bodies in a
flow.

"error" is L2, relative: against the exact solution, a series, or finite elements (P4 on curved
triangles, two meshes; their difference is beside it); of the flow at Re = 20 that of the force on
the cylinder, drag and lift, against Nabh's values (1998), as the benchmark gives them; of the
driven cavity at Re = 100 that of the extremes of velocity on its centre lines, against Botella's
and Peyret's (1998): finite differences are known to 9e-5 there, which is more than our error. That
of the slow flow behind a step is the finite elements' own: against twice as many functions ours is
6e-8. Ways like "8 x 8 x 400" are cells and functions given by hand: one solve each. Budgets are of
CPU seconds, on one thread: other work on the machine ends no solve.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from pinnsolve import Budget, Dense, Solution, Waves, solve
from pinnsolve.problems.composite import COMPOSITE
from results.by_name import by_cpu_seconds, write_page
from results.composite_references import REFERENCES, extremes_error, force_error
from results.writing import COMMIT, FOLDER, markdown_table, provenance, read_csv, write_csv

SEEDS = (0, 1, 2)
# Of these, the first seed alone, unless they are asked for by name: minutes each.
LONG = ("helmholtz_k200", "four_balls", "backward_step")
# What is asked: tolerance and seconds.
ASKED: dict[str, tuple[float, float]] = {
    "helmholtz_k100": (1e-8, 30),
    "helmholtz_k200": (1e-8, 80),
    "four_holes": (1e-7, 60),
    "sixteen_holes": (1e-7, 60),
    "twenty_spots": (1e-7, 60),
    "two_steps": (1e-7, 60),
    "front_into_corners": (1e-7, 60),
    "wind_at_walls": (1e-7, 60),
    "reaction_at_walls": (1e-7, 60),
    "l_shape_waves": (1e-7, 60),
    "sound_hard_disk": (1e-7, 30),
    "poisson_classic": (1e-6, 60),
    "poisson_boltzmann": (1e-5, 60),
    "disk_in_plate": (1e-9, 15),
    "ellipse_in_plate": (1e-6, 60),
    "elliptical_hole": (1e-6, 60),
    "nine_boxes": (1e-5, 60),
    "checkerboard": (1e-5, 60),
    "quarter": (1e-5, 60),
    "ball_in_cube": (1e-4, 120),
    "four_balls": (1e-4, 180),
    "stokes_cylinder": (1e-5, 60),
    "navier_stokes_cylinder": (1e-4, 180),
    "stokes_step": (1e-5, 60),
    "backward_step": (1e-3, 300),
    "cavity_100": (1e-3, 120),
    "cavity_400": (5e-3, 120),
}
# Of the driven cavity's finite differences, relative: what those of half as many cells differ by.
DIFFERENCES = {"cavity_400": 4e-4}
# Wavenumber, cells along a side, functions of each.
BY_HAND = (
    ("helmholtz_k100", 8, 300),
    ("helmholtz_k100", 8, 400),
    ("helmholtz_k100", 8, 600),
    ("helmholtz_k200", 16, 300),
    ("helmholtz_k200", 16, 400),
)


@dataclass(frozen=True)
class Row:
    """One solve of a problem, by its name."""

    name: str
    seed: int
    way: str
    error: float
    reference: str
    uncertainty: float
    estimate: float
    residual: float
    cells: int
    functions: int
    seconds: float
    cpu: float
    stopped: str
    commit: str = COMMIT


def solve_row(name: str, seed: int = 0, seconds: float | None = None) -> Row:
    """Solve one of them with nothing given but what is asked."""
    tolerance, asked = ASKED[name]
    return _row(name, seed, "automatic", tolerance=tolerance, budget=Budget(seconds or asked))


def by_hand(name: str, cells: int, functions: int, seed: int = 0) -> Row:
    """Solve one in given cells with so many waves each: one least-squares solve."""
    waves = Dense(functions, activation="sin", initialize=Waves(7.0))
    way = f"{cells} x {cells} x {functions}"
    return _row(name, seed, way, basis=waves, cells=(cells, cells))


def _row(name: str, seed: int, way: str, **keywords: object) -> Row:
    problem = COMPOSITE[name]()
    start, cpu = time.time(), time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of what is in the row
        solution = solve(problem, seed=seed, **keywords)  # type: ignore[arg-type]
    elapsed, used = time.time() - start, time.process_time() - cpu
    error, kind, uncertainty = true_error(name, solution)
    return Row(
        name,
        seed,
        way,
        error,
        kind,
        uncertainty,
        solution.estimate,
        solution.residual(),
        int(solution.field.sizes.get("cells", 1)),
        solution.field.functions,
        elapsed,
        used,
        str(solution.stopped),
    )


def true_error(name: str, solution: Solution) -> tuple[float, str, float]:
    """The error, what it is measured by, and what that may be wrong by."""
    if name == "navier_stokes_cylinder":
        return (
            force_error(solution.field, [u.name for u in solution.problem.unknowns]),
            "force",
            0.0,
        )
    if name == "cavity_100":
        return extremes_error(solution.field), "extremes", 1e-7
    if solution.problem.reference is not None:
        return float(solution.error()), "finite differences", DIFFERENCES[name]
    if solution.problem.exact is None and name not in REFERENCES:
        return float("nan"), "", 0.0
    if name in REFERENCES:
        reference = REFERENCES[name]()
        names = [u.name for u in solution.problem.unknowns]
        order = [names.index(name) for name in reference.unknowns]
        values = solution.field.values(reference.points).numpy()[order].T
        error = float(np.linalg.norm(values - reference.values) / np.linalg.norm(reference.values))
        return error, reference.kind, reference.uncertainty
    return float(solution.error()), "exact", 0.0


def run(names: Sequence[str] = (), seeds: Sequence[int] = SEEDS) -> None:
    """Solve all, or those of these names again; write composite.csv, row by row, and
    composite.md.
    """
    start, path = time.time(), FOLDER / "composite.csv"
    wanted = [name for name in ASKED if name in names or not names]
    known = read_csv(path.name, Row) if names and path.exists() else []
    solves = [
        (name, "automatic", seed, partial(solve_row, name, seed))
        for seed in seeds
        for name in wanted
        if seed == 0 or name not in LONG or name in names
    ]
    solves += [
        (name, f"{cells} x {cells} x {width}", 0, partial(by_hand, name, cells, width))
        for name, cells, width in BY_HAND
        if name in wanted
    ]
    again = {each[:3] for each in solves}
    rows = [row for row in known if (row.name, row.way, row.seed) not in again]
    with by_cpu_seconds():
        for *_, solved in solves:
            rows.append(solved())
            print(rows[-1], flush=True)
            write_csv(path.name, _in_order(rows))  # kept, should the rest not come
    report(_in_order(rows), time.time() - start)


def _in_order(rows: Sequence[Row]) -> list[Row]:
    """By problem, what is automatic first."""
    order = list(ASKED)
    return sorted(rows, key=lambda row: (row.way != "automatic", order.index(row.name), row.seed))


def report(rows: Sequence[Row], seconds: float) -> None:
    """Write composite.md."""
    parts = __doc__, table(rows)
    write_page("composite.md", "Composite domains", parts, rows, provenance(seconds, SEEDS))


def table(rows: Sequence[Row]) -> str:
    """Medians and worst of the seeds, one line a problem and way."""
    header = (
        "problem",
        "way",
        "asked",
        "error: median",
        "worst",
        "reference",
        "known to",
        "estimate",
        "cells",
        "functions",
        "seconds",
        "CPU s",
        "met",
        "commits",
    )
    keys = list(dict.fromkeys((r.name, r.way) for r in rows))
    return markdown_table(
        header, [_line([r for r in rows if (r.name, r.way) == key]) for key in keys]
    )


def _line(rows: Sequence[Row]) -> tuple[str, ...]:
    first = rows[0]
    errors = [r.error for r in rows]

    def middle(name: str) -> float:
        return float(np.median([getattr(r, name) for r in rows]))

    return (
        first.name,
        first.way,
        f"{ASKED[first.name][0]:.0e}" if first.way == "automatic" else "",
        f"{np.median(errors):.1e}",
        f"{max(errors):.1e}",
        first.reference,
        f"{first.uncertainty:.0e}" if first.uncertainty else "",
        f"{middle('estimate'):.1e}",
        f"{middle('cells'):.0f}",
        f"{middle('functions'):.0f}",
        f"{middle('seconds'):.1f}",
        f"{middle('cpu'):.1f}",
        f"{sum(r.stopped == 'met' for r in rows)} of {len(rows)}",
        ", ".join(dict.fromkeys(r.commit for r in rows)),
    )


if __name__ == "__main__":
    run(sys.argv[1:])
