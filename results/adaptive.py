"""Few neurons: as they were drawn, chosen greedily, trained by LS/GD, and trained with all
parameters together (Adam).

Convection-diffusion -eps u'' + u' = 1 on [0, 1] with 20 tanh neurons (slope 8, or graded towards
the layer), maximum error; a Gaussian peak of width 0.07 in the unit square, relative L2 error;
regression of tanh(30 (x - 0.4)) by linear finite elements, knots equal and then free, relative L2
error. Seconds are CPU seconds of the whole call.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from statistics import median

import torch
from sympy import Eq, Rational, exp, tanh

from pinnsolve import (
    LSGD,
    Adam,
    BoxPlanes,
    Dense,
    FiniteElements,
    Graded,
    GradientDescent,
    Greedy,
    Problem,
    solve,
)
from pinnsolve.basis.basis import Declaration
from pinnsolve.problems import CATALOGUE
from results.lsgd import LINE, regression, u1, x
from results.writing import COMMIT, FOLDER, markdown_table, provenance, read_csv, write_csv

SEEDS = (0, 1, 2, 3, 4)
WAYS: dict[str, dict[str, object]] = {
    "as drawn": {},
    "greedy": {"grow": Greedy()},
    "LS/GD": {"method": LSGD(800)},
    "greedy, then LS/GD": {"grow": Greedy(), "method": LSGD(300)},
    "Adam": {"method": GradientDescent(3000, Adam(3e-3))},
}


def layer(eps: Rational) -> Problem:
    """The boundary layer at x = 1."""
    exact = x - (exp((x - 1) / eps) - exp(-1 / eps)) / (1 - exp(-1 / eps))
    return Problem(
        LINE,
        Eq(-eps * u1.diff(x, 2) + u1.diff(x), 1),
        Eq(u1(0), 0),
        Eq(u1(1), 0),
        exact={u1: exact},
    )


def mesh(n: int) -> FiniteElements:
    """n equal elements of [0, 1]."""
    return FiniteElements([[i / n] for i in range(n + 1)], [(i, i + 1) for i in range(n)])


PROBLEMS: dict[str, Callable[[], Problem]] = {
    "layer, eps 0.05": lambda: layer(Rational(1, 20)),
    "layer, eps 0.01": lambda: layer(Rational(1, 100)),
    "peak": CATALOGUE["poisson_2d_peak"],
    "steep front": lambda: regression(LINE, tanh(30 * (x - 0.4))),
}
BASES: dict[str, Declaration] = {
    "20 tanh": Dense(20, initialize=BoxPlanes(8.0)),
    "20 tanh, graded 0.05": Dense(20, initialize=Graded(0.05, {x: 1})),
    "20 tanh, graded 0.01": Dense(20, initialize=Graded(0.01, {x: 1})),
    "20 elements": mesh(20),
    **{
        f"{n} tanh, slope 6": Dense(n, initialize=BoxPlanes(6.0))
        for n in (100, 200, 400, 900, 1100)
    },
    **{f"{n} tanh": Dense(n) for n in (100, 200, 400, 1000, 2000)},
}


@dataclass(frozen=True)
class Row:
    """One solve."""

    problem: str
    basis: str
    way: str
    seed: int
    error: float
    maximum: float
    cpu_seconds: float
    commit: str


def solve_row(job: tuple[str, str, str, int]) -> Row:
    """Solve and measure."""
    problem, basis, way, seed = job
    torch.set_num_threads(1)
    clock = time.process_time()
    solution = solve(PROBLEMS[problem](), BASES[basis], seed=seed, **WAYS[way])  # type: ignore[arg-type]
    seconds = time.process_time() - clock
    errors = solution.error()
    return Row(problem, basis, way, seed, float(errors), errors.maximum, seconds, COMMIT)


def jobs() -> Iterator[tuple[str, str, str, int]]:
    """Everything that is run."""
    for seed in SEEDS:
        for problem, eps in (("layer, eps 0.05", "0.05"), ("layer, eps 0.01", "0.01")):
            for basis in ("20 tanh", f"20 tanh, graded {eps}"):
                yield from ((problem, basis, way, seed) for way in ("as drawn", "LS/GD", "Adam"))
            yield problem, "20 tanh", "greedy", seed
            yield problem, "20 tanh", "greedy, then LS/GD", seed
        yield from (("steep front", "20 elements", way, seed) for way in ("as drawn", "LS/GD"))
        yield from (
            ("peak", f"{n} tanh, slope 6", "as drawn", seed) for n in (100, 200, 400, 900, 1100)
        )
        yield from (("peak", f"{n} tanh", "as drawn", seed) for n in (100, 200, 400, 1000, 2000))
        yield from (("peak", f"{n} tanh", "greedy", seed) for n in (100, 200, 400, 1000))
        yield "peak", "100 tanh, slope 6", "LS/GD", seed


def table(rows: list[Row]) -> str:
    """Medians and worst; of the layers, maximum errors."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.problem, row.basis, row.way), []).append(row)
    lines = []
    for (problem, basis, way), found in sorted(groups.items()):
        errors = [r.maximum if problem.startswith("layer") else r.error for r in found]
        seconds = median(r.cpu_seconds for r in found)
        lines.append(
            (problem, basis, way, f"{median(errors):.1e} ({max(errors):.1e})", f"{seconds:.1f}")
        )
    return markdown_table(("problem", "basis", "way", "error: median (worst)", "CPU s"), lines)


def run(kept: Sequence[Row] = ()) -> None:
    """Write adaptive.csv and adaptive.md; rows that are `kept` are not measured again."""
    begun = time.perf_counter()
    there = {(r.problem, r.basis, r.way, r.seed): r for r in kept}
    wanted = list(jobs())
    with ProcessPoolExecutor(2) as pool:
        rows = list(pool.map(solve_row, [job for job in wanted if job not in there]))
    rows = [there[job] for job in wanted if job in there] + rows
    write_csv("adaptive.csv", rows)
    origin = (
        f"Commits of the rows: {', '.join(sorted({r.commit for r in rows}))}."
        f" {provenance(time.perf_counter() - begun, SEEDS)}"
    )
    (FOLDER / "adaptive.md").write_text(
        f"# Adaptivity with few neurons\n\n{__doc__}\n{table(rows)}\n\n{origin}\n", encoding="utf-8"
    )


if __name__ == "__main__":
    run(read_csv("adaptive.csv", Row))  # only what is missing
