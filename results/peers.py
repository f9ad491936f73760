"""Other packages on the same problems, in the same run, each in a process of its own with one thread.

FastLSQ and DeepXDE run with their own settings; then pinnsolve, with nothing given, is asked for a third of the error that
they reached. Seconds are CPU seconds of the call, set-up and compilation included, imports not. Chebyshev collocation and
quadratic finite elements are what a specialist would take on boxes and in the plane.

Wants `pip install fastlsq deepxde scikit-fem` beside pinnsolve.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version

from results.writing import FOLDER, markdown_table, provenance, write_csv

FASTLSQ = ("poisson_5d", "heat_5d", "wave_1d", "wave_2d_ms", "maxwell_2d_tm", "helmholtz_2d", "elastic_wave_2d")
DEEPXDE = ("poisson_2d", "heat_1d", "helmholtz_2d_demo")
TRIALS = {"elastic_wave_2d": 1}  # of each scale, where FastLSQ's default of 5 would take an hour
CLASSICAL = (
    *(("chebyshev_run", name, n) for name in ("poisson_2d", "helmholtz_2d", "helmholtz_2d_demo") for n in (16, 24, 32)),
    *(("chebyshev_run", "poisson_2d_peak", n) for n in (32, 48, 64)),
    *(("skfem_run", name, n) for name in ("disk", "l_shape") for n in (4, 6, 7)),
)
LIMIT = 3600  # seconds, of one process


@dataclass(frozen=True)
class Row:
    """One package on one problem."""

    problem: str
    package: str
    error: float
    cpu_seconds: float
    wall_seconds: float
    note: str


def one(script: str, package: str, problem: str, *arguments: object) -> Row:
    """Run a script of `peer_runs`. Raises RuntimeError with its last words if it fails."""
    command = [sys.executable, "-m", f"results.peer_runs.{script}", problem, *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=FOLDER.parent, env=environment, timeout=LIMIT, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr[-1000:]}")
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Row(problem, package, found["error"], found["cpu"], found["seconds"], found["note"])


def pair(script: str, package: str, problem: str, *arguments: object) -> list[Row]:
    """A peer, and pinnsolve asked for a third of its error."""
    theirs = one(script, package, problem, *arguments)
    return [theirs, one("ours", "pinnsolve", problem, max(theirs.error / 3, 1e-12))]


def run() -> None:
    """Write peers.csv and peers.md. Two processes at a time, so that both cores have one."""
    start = time.perf_counter()
    with ThreadPoolExecutor(2) as lanes:
        jobs = [lanes.submit(pair, "deepxde_run", "DeepXDE", name) for name in DEEPXDE]
        jobs += [lanes.submit(pair, "fastlsq_run", "FastLSQ", name, TRIALS.get(name, 5)) for name in FASTLSQ]
        pairs = [job.result() for job in jobs]
    names = {"chebyshev_run": "Chebyshev", "skfem_run": "scikit-fem P2"}
    classical = [one(script, names[script], name, n) for script, name, n in CLASSICAL]
    classical += [one("ours", "pinnsolve", name, 1e-10) for name in dict.fromkeys(name for _, name, _ in CLASSICAL)]
    write_csv("peers.csv", [row for rows in pairs for row in rows] + classical)
    versions = ", ".join(f"{p} {version(p)}" for p in ("fastlsq", "deepxde", "scikit-fem"))
    parts = [
        f"# Peers\n\n{__doc__}",
        against(pairs),
        "\n## Classical methods\n",
        table(sorted(classical, key=lambda r: (r.problem, r.package))),
        f"\n{versions}. {provenance(time.perf_counter() - start, (0,))}\n",
    ]
    (FOLDER / "peers.md").write_text("\n".join(parts))


def against(pairs: Sequence[Sequence[Row]]) -> str:
    """Peer and ours on one line, and by what factor ours is quicker."""
    header = ("problem", "peer", "its error", "its CPU s", "our error", "our CPU s", "times quicker", "peer's settings")
    lines = [
        (
            theirs.problem,
            theirs.package,
            f"{theirs.error:.1e}",
            f"{theirs.cpu_seconds:.1f}",
            f"{ours.error:.1e}",
            f"{ours.cpu_seconds:.1f}",
            f"{theirs.cpu_seconds / ours.cpu_seconds:.0f}",
            theirs.note,
        )
        for theirs, ours in pairs
    ]
    return markdown_table(header, lines)


def table(rows: Sequence[Row]) -> str:
    """One row each."""
    header = ("problem", "package", "error", "CPU s", "note")
    return markdown_table(header, [(r.problem, r.package, f"{r.error:.1e}", f"{r.cpu_seconds:.3f}", r.note) for r in rows])
