"""Fields from values with errors: how wrong they are, and whether bars hold the truth.

A draw is a draw of the errors. "error" is that of the field that is sought, in L2, relative;
"deviation" is what the solution says of it, alike. "covered" is the part of points over all draws
where a band of 95 % holds the truth: 0.95 is right of many.
Seconds are CPU seconds on one thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from sympy import lambdify

from pinnsolve import Budget, sample_region, solve
from pinnsolve.problems.inverse import INVERSE
from results.by_name import solved_again, write_page
from results.writing import COMMIT, markdown_table, provenance

SECONDS = 30.0
DRAWS = {"load": 50, "decaying_rate": 50, "conductivity": 20}


@dataclass(frozen=True)
class Row:
    """One draw."""

    problem: str
    draw: int
    error: float
    deviation: float
    covered: float
    misfit: float
    functions: int
    cpu: float
    stopped: str
    commit: str


def row(name: str, draw: int) -> Row:
    """What is sought, from the errors of a draw."""
    problem, sought = INVERSE[name](draw)
    start = time.process_time()
    budget = Budget(SECONDS, clock=time.process_time)
    solution = solve(problem, seed=draw, budget=budget)
    cpu = time.process_time() - start
    ((label, formula),) = sought.items()
    unknown = next(u for u in problem.unknowns if str(u.func if u.args else u) == label)
    points = sample_region(problem.domain, 2000, seed=7)
    axes = problem.domain.coordinates
    truth = np.broadcast_to(lambdify(axes, formula)(*points.x.T), len(points.x))
    found = np.broadcast_to(solution(points, expression=unknown), len(points.x))
    low, high = solution.band(unknown, points)
    size = float(np.sqrt(np.mean(truth**2)))
    return Row(
        name,
        draw,
        float(np.sqrt(np.mean((found - truth) ** 2))) / size,
        float(np.sqrt(np.mean((high - low) ** 2))) / 2 / 1.96 / size,
        float(np.mean((low <= truth) & (truth <= high))),
        solution.misfit,
        solution.history.final.functions,
        cpu,
        str(solution.stopped),
        COMMIT,
    )


def table(rows: Sequence[Row]) -> str:
    """A line a problem: medians, the worst error, and what is covered."""
    lines = []
    for name in INVERSE:
        mine = [r for r in rows if r.problem == name]
        if not mine:
            continue
        numbers = [median(r.error for r in mine), max(r.error for r in mine)]
        numbers.append(median(r.deviation for r in mine))
        cells = [str(len(mine)), *(f"{n:.1e}" for n in numbers)]
        cells.append(f"{np.mean([r.covered for r in mine]):.2f}")
        cells.append(f"{median(r.misfit for r in mine):.2f}")
        cells.append(f"{median(r.cpu for r in mine):.1f}")
        met = sum(r.stopped == "met" for r in mine)
        lines.append((name, *cells, f"{met} of {len(mine)}"))
    header = (
        "problem",
        "draws",
        "error: median",
        "worst",
        "deviation",
        "covered",
        "misfit",
        "CPU s",
        "met",
    )
    return markdown_table(header, lines)


TAIL = """Bands of fields are those of a roughness of order two: of a field as smooth as the
load, or the conductivity, they are too wide. PINNacle's HInv is on [its page](pinnacle.md): not
met. What its data, and those of the conductivity (PInv), allow at all stands in
[decision 0051](../docs/decisions/0051-fields-from-data-with-errors.md). Numbers are on
[a page of their own](numbers.md); of thirty draws of a diffusivity from other points, 26 lay within
their bars, the same as by the formula (2,000 draws: 95 %)."""


def run(names: Sequence[str] = ()) -> None:
    """Measure all, or those of these names again; write inverse.csv and inverse.md."""
    start = time.perf_counter()
    rows = solved_again(
        "inverse.csv",
        Row,
        list(INVERSE),
        names,
        lambda each: each.problem,
        lambda name: (row(name, draw) for draw in range(DRAWS[name])),
    )
    last = provenance(time.perf_counter() - start, range(max(DRAWS.values())))
    write_page("inverse.md", "Inverse problems", (__doc__, table(rows), TAIL), rows, last)


if __name__ == "__main__":
    run(sys.argv[1:])
