"""Other packages on the same problems, in the same run, each in a process of its own with one
thread.

FastLSQ and DeepXDE run with their own settings, but for two that make them quicker: FastLSQ tries
each scale once, not three times, where equations are nonlinear, and DeepXDE's L-BFGS ends after
1,000 steps (on Allen-Cahn it would have gone on). Then pinnsolve, with nothing given, is asked for
a third of the error that they reached. Seconds are CPU seconds of the call, set-up and compilation
included, imports not. Chebyshev collocation and quadratic finite elements are what a specialist
would take on boxes and in the plane.

Wants `pip install fastlsq deepxde scikit-fem` beside pinnsolve. `python -m results.peers FastLSQ`
measures one peer again, `python -m results.peers wave_1d` one problem, and leave the others as they
were.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version

from results.writing import COMMIT, FOLDER, json_of, markdown_table, provenance, read_csv, write_csv

NONLINEAR = ("nl_poisson_2d", "nl_bratu_2d", "nl_burgers_1d", "nl_helmholtz_2d", "nl_allen_cahn_1d")
FASTLSQ = (
    "poisson_5d",
    "heat_5d",
    "wave_1d",
    "wave_2d_ms",
    "maxwell_2d_tm",
    "helmholtz_2d",
    "elastic_wave_2d",
    *NONLINEAR,
)
DEEPXDE = (
    "poisson_2d",
    "heat_1d",
    "helmholtz_2d_demo",
    "burgers",
    "kovasznay_demo",
    "allen_cahn_demo",
)
YARDSTICK = "pinnsolve at 1e-10"  # asked for an error of its own
CLASSICAL = (
    *(
        ("chebyshev_run", name, n)
        for name in ("poisson_2d", "helmholtz_2d", "helmholtz_2d_demo")
        for n in (16, 24, 32)
    ),
    *(("chebyshev_run", "poisson_2d_peak", n) for n in (32, 48, 64)),
    *(("skfem_run", name, n) for name in ("disk", "l_shape") for n in (4, 6, 7)),
)


@dataclass(frozen=True)
class Row:
    """One package on one problem."""

    problem: str
    package: str
    error: float
    cpu_seconds: float
    wall_seconds: float
    note: str
    commit: str


def one(script: str, package: str, problem: str, *arguments: object) -> Row:
    """Run a script of `peer_runs`. Raises RuntimeError with its last words if it fails."""
    command = [sys.executable, "-m", f"results.peer_runs.{script}", problem, *map(str, arguments)]
    found = json_of(command)
    return Row(
        problem, package, found["error"], found["cpu"], found["seconds"], found["note"], COMMIT
    )


def pair(script: str, package: str, problem: str, *arguments: object) -> list[Row]:
    """A peer, and pinnsolve asked for a third of its error."""
    theirs = one(script, package, problem, *arguments)
    return [theirs, one("ours", "pinnsolve", problem, max(theirs.error / 3, 1e-12))]


def measure(wanted: Sequence[str]) -> Iterator[Row]:
    """Rows of the packages, or single problems, named: each peer's with pinnsolve's behind it. Two
    processes at a time.
    """
    pairs = [("DeepXDE", "deepxde_run", name) for name in DEEPXDE] + [
        ("FastLSQ", "fastlsq_run", name) for name in FASTLSQ
    ]
    with ThreadPoolExecutor(2) as lanes:
        chosen = [
            (script, package, name)
            for package, script, name in pairs
            if {package, name} & set(wanted)
        ]
        jobs = [lanes.submit(pair, *job) for job in chosen]
        for job in jobs:
            yield from job.result()
    if "classical" in wanted:
        names = {"chebyshev_run": "Chebyshev", "skfem_run": "scikit-fem P2"}
        yield from (one(script, names[script], name, n) for script, name, n in CLASSICAL)
        yield from (
            one("ours", YARDSTICK, name, 1e-10)
            for name in dict.fromkeys(name for _, name, _ in CLASSICAL)
        )


def run(wanted: Sequence[str] = ("DeepXDE", "FastLSQ", "classical")) -> None:
    """Measure the packages or problems named, and write peers.csv and peers.md."""
    start = time.perf_counter()
    found = list(measure(wanted))
    kept = [
        row
        for row in read_csv("peers.csv", Row)
        if not any(row.problem == r.problem and row.package == r.package for r in found)
    ]
    again = {r.problem for r in found if r.package == "pinnsolve"}
    rows = [
        row for row in kept if not (row.package == "pinnsolve" and row.problem in again)
    ] + found
    write_csv("peers.csv", rows)
    write_report(rows, time.perf_counter() - start)


def write_report(rows: Sequence[Row], seconds: float) -> None:
    """Write peers.md."""
    ours = {r.problem: r for r in rows if r.package == "pinnsolve"}
    pairs = [(r, ours[r.problem]) for r in rows if r.package in ("DeepXDE", "FastLSQ")]
    classical = [r for r in rows if r.package in ("Chebyshev", "scikit-fem P2", YARDSTICK)]
    versions = ", ".join(f"{p} {version(p)}" for p in ("fastlsq", "deepxde", "scikit-fem"))
    parts = [
        f"# Peers\n\n{__doc__}",
        against(pairs),
        "\n## Classical methods\n",
        table(sorted(classical, key=lambda r: (r.problem, r.package))),
        (
            f"\n{versions}. Commits of the rows: {', '.join(sorted({r.commit for r in rows}))}."
            f" {provenance(seconds, (0,))}\n"
        ),
    ]
    (FOLDER / "peers.md").write_text("\n".join(parts), encoding="utf-8")


def against(pairs: Sequence[Sequence[Row]]) -> str:
    """Peer and ours on one line, and by what factor ours is quicker."""
    header = (
        "problem",
        "peer",
        "its error",
        "its CPU s",
        "our error",
        "our CPU s",
        "times quicker",
        "peer's settings",
        "commit",
    )
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
            ours.commit,
        )
        for theirs, ours in pairs
    ]
    return markdown_table(header, lines)


def table(rows: Sequence[Row]) -> str:
    """One row each."""
    header = ("problem", "package", "error", "CPU s", "note")
    return markdown_table(
        header,
        [(r.problem, r.package, f"{r.error:.1e}", f"{r.cpu_seconds:.3f}", r.note) for r in rows],
    )


if __name__ == "__main__":
    run(sys.argv[1:])
