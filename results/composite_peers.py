"""Composite problems beside finite elements, patches of polynomials and a fast direct solver.

All with one thread, in several sizes; medians of three. Seconds are CPU seconds of mesh, assembly
and solve, compilation included, imports and the symbolic derivation of the others' data not.
"error" is L2, relative: against the exact solution, the series of the scattered wave, or finite
elements of another study (known to 5e-8).

- pinnsolve: nothing given but a tolerance, seeds 0, 1, 2; "cells": so many along a side, each with
  so many waves, one solve. Whole calls: equations are compiled, bases chosen, and a tolerance is
  met only when two solutions agree.
- scikit-fem: P2 and P4, isoparametric where boundaries curve, on gmsh's triangles (squares: on its
  own), finer around holes and towards a corner as degree and singularity ask for. Its `solve` as it
  comes is scipy's SuperLU; "Pardiso" is MKL's, `pip install pypardiso`.
- patches: Chebyshev collocation in cells, value and flux continuous, insides eliminated, SuperLU:
  `peer_runs/patches_run.py`, of our own. On squares, and the L with cells cut towards its corner.
- jaxhps: Hierarchical Poincare-Steklov scheme on a uniform quadtree, p = 16 and q = 14 as its
  documentation has it, and p = 20; on squares. "compiled": further calls of the same shape; the
  first is one process, not three.

The others have their sizes from whoever knows the answer, and no estimate of their error.

Wants `pip install scikit-fem gmsh pypardiso jaxhps` beside pinnsolve. `python -m
results.composite_peers patches` measures one package again, `... patches l_shape_waves` on one
problem, and leaves the others as they were.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from results.composite_peers_report import VERDICT, figure, first_places, points, table
from results.peer_problems import COMPOSITE_PROBLEMS
from results.writing import COMMIT, FOLDER, json_of, provenance, read_csv, write_csv

CSV = "composite_peers.csv"
RUNS = 3
OURS = "pinnsolve"
CELLS = "pinnsolve, cells"
# What is asked of pinnsolve, and cells along a side with functions of each.
TOLERANCES = {
    "helmholtz_k100": (1e-5, 1e-8),
    "varying_plate": (1e-4, 1e-6, 1e-9),
    "disk_in_plate": (1e-4, 1e-9),
    "four_holes": (1e-4,),
    "l_shape_waves": (1e-4,),
    "poisson_classic": (1e-4, 1e-6),
    "sound_hard_disk": (1e-3,),
}
GRIDS = {
    "helmholtz_k100": ((8, 200), (8, 300), (8, 400), (8, 600)),
    "varying_plate": ((2, 300), (2, 500), (4, 300), (4, 400)),
}


ELEMENTS = {
    "scikit-fem P2": (2, "superlu"),
    "scikit-fem P4": (4, "superlu"),
    "scikit-fem P4, Pardiso": (4, "pardiso"),
}
# Of triangles, in the order of the packages above.
_SIZES = {
    "helmholtz_k100": ((0.01, 0.005), (0.02, 0.01), (0.02, 0.01)),
    "varying_plate": ((0.05, 0.025, 0.0125, 0.00625), (0.1, 0.05, 0.025, 0.0125), (0.05, 0.025)),
    "disk_in_plate": ((0.2, 0.1, 0.05, 0.025), (0.4, 0.2, 0.1, 0.05), (0.1, 0.05, 0.025)),
    "four_holes": ((0.1, 0.05, 0.025, 0.0125), (0.2, 0.1, 0.05, 0.025), (0.05, 0.025)),
    "l_shape_waves": ((0.1, 0.05, 0.025), (0.2, 0.1, 0.05), (0.1, 0.05)),
    "poisson_classic": ((0.1, 0.05, 0.025, 0.0125), (0.1, 0.05, 0.025), (0.05, 0.025)),
    "sound_hard_disk": ((0.1, 0.05, 0.025), (0.15, 0.075, 0.0375), (0.075, 0.0375)),
}
SIZES = {name: dict(zip(ELEMENTS, sizes, strict=True)) for name, sizes in _SIZES.items()}
# Degree, and cells along a side; of the L, cuts at its corner.
PATCHES = {
    "helmholtz_k100": ((12, 8), (16, 8), (20, 8), (24, 8)),
    "varying_plate": ((8, 4), (12, 4), (16, 4)),
    "l_shape_waves": ((8, 2), (12, 3), (14, 4), (16, 6)),
}
# Levels of the quadtree, and nodes along a side of a leaf.
LEAVES = {
    "helmholtz_k100": ((3, 16), (4, 16)),
    "varying_plate": ((1, 16), (2, 16)),
}
SEED = object()  # stands for that of the run
JAX, JAX_AGAIN = "jaxhps", "jaxhps, compiled"
PACKAGES = (OURS, CELLS, *ELEMENTS, "patches", JAX, JAX_AGAIN)


@dataclass(frozen=True)
class Row:
    """One run of a package on a problem, in one size."""

    problem: str
    package: str
    size: str
    run: int
    error: float
    unknowns: int
    cpu_seconds: float
    wall_seconds: float
    note: str
    commit: str


@dataclass(frozen=True)
class Job:
    """A script of `peer_runs`, and what it is told."""

    problem: str
    package: str
    script: str
    size: str
    arguments: tuple[object, ...]

    def rows(self) -> Iterator[Row]:
        """Run it: once for every seed, or once, and it repeats itself. Raises RuntimeError with its
        last words if it fails.
        """
        for seed in range(RUNS if SEED in self.arguments else 1):
            given = [str(seed if a is SEED else a) for a in self.arguments]
            script = f"results.peer_runs.{self.script}"
            found = json_of([sys.executable, "-m", script, self.problem, *given])
            times = zip(np.atleast_1d(found["cpu"]), np.atleast_1d(found["seconds"]), strict=True)
            for i, (cpu, wall) in enumerate(times):
                compiled = i > 0 and self.package == JAX
                yield Row(
                    self.problem,
                    JAX_AGAIN if compiled else self.package,
                    self.size,
                    seed + i - compiled,
                    found["error"],
                    found["unknowns"],
                    float(cpu),
                    float(wall),
                    found["note"],
                    COMMIT,
                )


def jobs() -> Iterator[Job]:
    """All that is measured."""
    for name in COMPOSITE_PROBLEMS:
        for asked in (f"{tolerance:.0e}" for tolerance in TOLERANCES[name]):
            yield Job(name, OURS, "composite_ours", asked, (SEED, asked))
        for grid in GRIDS.get(name, ()):
            yield Job(
                name, CELLS, "composite_ours", " x ".join(map(str, grid[:1] + grid)), (SEED, *grid)
            )
        for package, (degree, solver) in ELEMENTS.items():
            for h in SIZES[name][package]:
                yield Job(name, package, "elements_run", f"h = {h}", (degree, h, solver))
        for n, cells in PATCHES.get(name, ()):
            yield Job(name, "patches", "patches_run", f"{cells}, n = {n}", (n, cells))
        for levels, p in LEAVES.get(name, ()):
            yield Job(name, JAX, "jaxhps_run", f"L = {levels}, p = {p}", (levels, p))


def run(wanted: Sequence[str] = ()) -> None:
    """Measure all, or the packages and problems named, and write composite_peers.csv, .md, .png."""
    start = time.perf_counter()
    packages = set(wanted) & set(PACKAGES) or set(PACKAGES)
    problems = set(wanted) & set(COMPOSITE_PROBLEMS) or set(COMPOSITE_PROBLEMS)
    for job in jobs():
        if job.package in packages and job.problem in problems:
            for row in job.rows():
                keep(row)
    report(read_csv(CSV, Row), time.perf_counter() - start)


def keep(row: Row) -> None:
    """Write one more row, in the place of the same one before."""

    def key(r: Row) -> tuple[str, str, str, int]:
        return r.problem, r.package, r.size, r.run

    rows = read_csv(CSV, Row) if (FOLDER / CSV).is_file() else []
    write_csv(CSV, [*(r for r in rows if key(r) != key(row)), row])


def report(rows: Sequence[Row], seconds: float) -> None:
    """Write composite_peers.md and the picture."""
    problems = list(COMPOSITE_PROBLEMS)
    order = sorted(
        rows, key=lambda r: (problems.index(r.problem), PACKAGES.index(r.package), r.run)
    )
    found = points(order)
    figure(found, PACKAGES).savefig(FOLDER / "composite_peers.png", dpi=110)
    names = ("scikit-fem", "gmsh", "pypardiso", "jaxhps", "jax")
    parts = (
        f"# Composite problems beside other packages\n\n{__doc__}",
        "![Error against CPU seconds](composite_peers.png)",
        "\n## CPU seconds to an error\n",
        first_places(found, PACKAGES),
        '\n"-": in no size that was run. The least is bold.\n',
        VERDICT,
        "## All sizes\n",
        table(found),
        (
            f"\n{', '.join(f'{name} {version(name)}' for name in names)}. Commits of the rows:"
            f" {', '.join(sorted({r.commit for r in rows}))}. {provenance(seconds, range(RUNS))}\n"
        ),
    )
    (FOLDER / "composite_peers.md").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    run(sys.argv[1:])
