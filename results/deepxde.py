"""The demonstrations of DeepXDE's documentation with nothing given but a tolerance and 30 seconds.

"error" is L2, relative, of several unknowns the largest: against the exact solution, or a reference
of our own, by another method, two resolutions of which differ by what it is "known to". "its error"
is what DeepXDE 1.15 reached with its own settings where `python -m results peers` has run it, in
the CPU seconds beside it; the others were not run. Demonstrations that differ only in how a network
is trained are one line. Constants and fields that are sought stand among the unknowns; a constant
is a field whose derivatives are zero. Budgets are of CPU seconds, on one thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pinnsolve import Problem
from pinnsolve.problems.deepxde import DEMOS
from pinnsolve.problems.reference import apart
from results import peers
from results.by_name import solved_again, timed, write_page
from results.writing import COMMIT, markdown_table, provenance, read_csv

SECONDS = 30.0
TOLERANCE = 1e-8
# By another name among the peers.
AMONG_PEERS = {
    "helmholtz.2d.dirichlet": "helmholtz_2d_demo",
    "Kovasznay.flow": "kovasznay_demo",
    "burgers": "burgers",
    "heat": "heat_1d",
    "allen.cahn": "allen_cahn_demo",
}
# References that are known less well than what is asked, by their files.
FILES = {"poisson.Lshape": "deepxde_l_shape"}
LEFT_OUT = """Not declared: fractional derivatives (Poisson's equation in one to three dimensions,
diffusion, and two inverse problems), which this package has not; the American put, whose boundary
is free; reactions, and the flow around a cylinder, from measurements in files that we do not copy.
The force of the forced Lorenz equations comes from such a file, too: ours is a sine."""


@dataclass(frozen=True)
class Row:
    """One solve of a demonstration."""

    demo: str
    error: float
    estimate: float
    residual: float
    seconds: float
    cpu: float
    stopped: str
    commit: str


def solve_row(demo: str, seconds: float = SECONDS) -> Row:
    """Solve a demonstration with nothing given but what is asked."""
    problem = DEMOS[demo]()
    solution, elapsed, used = timed(problem, TOLERANCE, seconds)
    return Row(
        demo,
        float(solution.error()) if _known(problem) else float("nan"),
        solution.estimate,
        solution.residual(),
        elapsed,
        used,
        str(solution.stopped),
        COMMIT,
    )


def _known(problem: Problem) -> bool:
    return problem.exact is not None or problem.reference is not None


def run(names: Sequence[str] = ()) -> None:
    """Solve all demonstrations, or those of these names again; write deepxde.csv, row by row, and
    deepxde.md.
    """
    start = time.time()
    rows = solved_again(
        "deepxde.csv",
        Row,
        list(DEMOS),
        names,
        lambda row: row.demo,
        lambda demo: [solve_row(demo)],
    )
    report(rows, time.time() - start)


def report(rows: Sequence[Row], seconds: float) -> None:
    """Write deepxde.md."""
    parts = __doc__, table(rows), LEFT_OUT
    write_page("deepxde.md", "DeepXDE's demonstrations", parts, rows, provenance(seconds, (0,)))


def table(rows: Sequence[Row]) -> str:
    """One line a demonstration."""
    header = (
        "demonstration",
        "error",
        "known to",
        "estimate",
        "CPU s",
        "stopped",
        "its error",
        "its CPU s",
    )
    theirs = {
        row.problem: row for row in read_csv("peers.csv", peers.Row) if row.package == "DeepXDE"
    }
    return markdown_table(header, [_line(row, theirs) for row in rows])


def known_to(demo: str) -> float:
    """What two resolutions of its reference differ by; 0 where that is below what is asked."""
    return apart(FILES[demo]) if demo in FILES else 0.0


def _line(row: Row, theirs: dict[str, peers.Row]) -> tuple[str, ...]:
    peer = theirs.get(AMONG_PEERS.get(row.demo, ""))
    return (
        row.demo,
        f"{row.error:.1e}",
        f"{known_to(row.demo):.0e}" if known_to(row.demo) else "",
        f"{row.estimate:.1e}",
        f"{row.cpu:.1f}",
        row.stopped,
        f"{peer.error:.1e}" if peer else "",
        f"{peer.cpu_seconds:.0f}" if peer else "",
    )


if __name__ == "__main__":
    run(sys.argv[1:])
