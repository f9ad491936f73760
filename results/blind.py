"""Random problems that nobody has seen, and the catalogue, solved with nothing given but a
tolerance and thirty seconds of one core.

Report seeds start at 1000; choices in the solver are tuned on seeds below. "met" is what the solver
says, "true" that the error is within ten times the tolerance, "reached" that the error is below the
tolerance, whatever was said.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from pinnsolve import Budget, solve
from pinnsolve.problems import CATALOGUE
from pinnsolve.problems.random import Drawn, random_problem
from results.accuracy import GIVEN
from results.by_name import by_cpu_seconds
from results.writing import FOLDER, markdown_table, provenance, read_csv, write_csv

FIRST_SEED = 1000
PROBLEMS = 200
TOLERANCES = (1e-8, 1e-4)
SECONDS = 30.0


@dataclass(frozen=True)
class Row:
    """One problem, by its seed, or by its name in the catalogue."""

    seed: str
    equation: str
    dimension: int
    domain: str
    solution: str
    tolerance: float
    error: float
    estimate: float
    residual: float
    neurons: int
    seconds: float
    stopped: str
    cause: str


def solve_row(seed: int | str, tolerance: float = TOLERANCES[0], seconds: float = SECONDS) -> Row:
    """Solve the random problem of a seed, or one of the catalogue."""
    drawn = random_problem(seed) if isinstance(seed, int) else _from_catalogue(seed)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "not unique" is in the row
        solution = solve(drawn.problem, tolerance=tolerance, budget=Budget(seconds=seconds))
    elapsed = time.perf_counter() - start
    advice = solution.diagnosis() if solution.stopped != "met" else ()
    return Row(
        str(seed),
        drawn.equation,
        drawn.dimension,
        drawn.domain,
        drawn.solution,
        tolerance,
        float(solution.error()),
        solution.estimate,
        solution.residual(),
        solution.field.functions,
        elapsed,
        solution.stopped,
        advice[0].split(";")[0].split(":")[0] if advice else "",
    )


def _from_catalogue(name: str) -> Drawn:
    problem = CATALOGUE[name]()
    return Drawn(problem, "catalogue", "", name, len(problem.domain.coordinates))


def run() -> None:
    """Write blind.csv, blind.md and blind.png."""
    start = time.perf_counter()
    seeds = range(FIRST_SEED, FIRST_SEED + PROBLEMS)
    rows = [solve_row(seed, tolerance) for tolerance in TOLERANCES for seed in seeds]
    rows += [solve_row(name) for name in GIVEN]
    report(rows, [provenance(time.perf_counter() - start, (seeds[0], seeds[-1]))])


def run_again(dimension: int) -> None:
    """Solve those of one dimension at the smaller tolerance again, by the CPU's seconds, and keep
    what is known of the others.
    """
    start, known = time.process_time(), read_csv("blind.csv", Row)
    with by_cpu_seconds():
        again = [
            solve_row(int(r.seed))
            for r in known
            if (r.dimension, r.tolerance) == (dimension, TOLERANCES[0]) and r.seed.isdigit()
        ]
    report(merged(known, again), sources(again, time.process_time() - start))


def merged(known: Sequence[Row], again: Sequence[Row]) -> list[Row]:
    """Rows in their order, those that were made again in the place of the old ones."""
    newer = {(r.seed, r.tolerance): r for r in again}
    return [newer.get((r.seed, r.tolerance), r) for r in known]


def sources(again: Sequence[Row], seconds: float) -> list[str]:
    """Where the rows of blind.md come from: what it says of the others, and of these."""
    before = (FOLDER / "blind.md").read_text(encoding="utf-8").splitlines()
    written = [line for line in before if line.startswith("Written by")]
    seeds = [int(r.seed) for r in again]
    new = provenance(seconds, (min(seeds), max(seeds)))
    which = f"{again[0].dimension} D at {again[0].tolerance:g}, {len(again)} problems"
    return [*written, f"{which}, CPU seconds: {new[0].lower()}{new[1:]}"]


def report(rows: Sequence[Row], written: Sequence[str]) -> None:
    """Write the files, with who wrote which rows."""
    write_csv("blind.csv", rows)
    drawn, catalogue = (
        [r for r in rows if (r.equation == "catalogue") is given] for given in (False, True)
    )
    figure([r for r in drawn if r.tolerance == TOLERANCES[0]]).savefig(
        FOLDER / "blind.png", dpi=120
    )
    parts = [f"# Blind\n\n{__doc__}"]
    for tolerance in TOLERANCES:
        mine = [r for r in drawn if r.tolerance == tolerance]
        parts += [
            f"\n## {PROBLEMS} random problems, tolerance {tolerance:g}, {SECONDS:g} s each\n",
            summary(mine),
        ]
        parts += ["\nNot met:\n", failures(mine)]
    parts += [
        f"\n## The catalogue, tolerance {TOLERANCES[0]:g}\n",
        summary(catalogue),
        "\nNot met:\n",
        failures(catalogue),
    ]
    parts += ["\n" + "\n\n".join(written) + "\n"]
    (FOLDER / "blind.md").write_text("\n".join(parts), encoding="utf-8")


def summary(rows: Sequence[Row]) -> str:
    """Fractions by dimension, by equation, and in all."""
    groups: list[tuple[str, Callable[[Row], bool]]] = [("all", lambda r: True)]
    groups += [(f"{d} D", lambda r, d=d: r.dimension == d) for d in (1, 2, 3)]  # type: ignore[misc]
    groups += [("5 to 10 D", lambda r: r.dimension > 3)]
    groups += [(e, lambda r, e=e: r.equation == e) for e in sorted({r.equation for r in rows})]  # type: ignore[misc]
    header = (
        "problems",
        "number",
        "met",
        "reached",
        "met is true",
        "estimate within 100",
        "median error",
        "median seconds",
    )
    lines = []
    for name, belongs in groups:
        mine = [r for r in rows if belongs(r)]
        if mine:
            lines.append((name, *_fractions(mine)))
    return markdown_table(header, lines)


def _fractions(rows: Sequence[Row]) -> tuple[str, ...]:
    met = [r for r in rows if r.stopped == "met"]
    true = [r for r in met if r.error <= 10 * r.tolerance]
    close = [r for r in rows if r.error / 100 <= r.estimate <= 100 * max(r.error, 1e-15)]
    return (
        str(len(rows)),
        f"{len(met) / len(rows):.0%}",
        f"{sum(r.error <= r.tolerance for r in rows) / len(rows):.0%}",
        f"{len(true) / len(met):.0%}" if met else "",
        f"{len(close) / len(rows):.0%}",
        f"{np.median([r.error for r in rows]):.1e}",
        f"{np.median([r.seconds for r in rows]):.1f}",
    )


def failures(rows: Sequence[Row]) -> str:
    """Those that did not meet the tolerance, worst first."""
    header = (
        "seed",
        "equation",
        "dimension",
        "domain",
        "solution",
        "error",
        "estimate",
        "residual",
        "neurons",
        "stopped",
        "cause",
    )
    missed = sorted((r for r in rows if r.stopped != "met"), key=lambda r: -r.error)
    lines = [
        (
            r.seed,
            r.equation,
            str(r.dimension),
            r.domain,
            r.solution,
            f"{r.error:.1e}",
            f"{r.estimate:.1e}",
            f"{r.residual:.1e}",
            str(r.neurons),
            r.stopped,
            r.cause,
        )
        for r in missed
    ]
    return markdown_table(header, lines)


def figure(rows: Sequence[Row]) -> Figure:
    """Error against seconds, and estimated against true error."""
    drawing = Figure(figsize=(10, 4.2), layout="constrained")
    left, right = drawing.subplots(1, 2)
    for dimension, label in ((1, "1 D"), (2, "2 D"), (3, "3 D"), (4, "5 to 10 D")):
        mine = [r for r in rows if min(r.dimension, 4) == dimension]
        left.loglog([r.seconds for r in mine], [r.error for r in mine], "o", label=label, alpha=0.7)
        right.loglog(
            [r.error for r in mine], [r.estimate for r in mine], "o", label=label, alpha=0.7
        )
    left.axhline(TOLERANCES[0], color="black", linewidth=0.8)
    left.set_xlabel("seconds")
    left.set_ylabel("relative L2 error")
    ends = np.array([1e-16, 1.0])
    for factor, style in ((1.0, "-"), (100.0, ":"), (0.01, ":")):
        right.loglog(ends, factor * ends, style, color="gray", linewidth=0.8)
    right.set_xlabel("relative L2 error")
    right.set_ylabel("estimate")
    left.legend()
    return drawing
