"""The first twelve eigenvalues of five problems, of the plate six, beside scikit-fem.

All with one thread in the same run; of scikit-fem medians of three. Errors are relative, the
largest of those that are known; seconds are CPU seconds of mesh, assembly and eigenvalues,
compilation included, imports not.

- pinnsolve: nothing given but the count, seeds 0, 1, 2; of the plate 1e-8 is asked, of the others
  as much as there is. It looks for a basis, and computes all twice to know the errors.
- scikit-fem: P2 and P4, isoparametric on gmsh's triangles in the disk, finer towards the corner of
  the L as degree and singularity ask for; Morley's and Argyris' elements for the plate. Its
  sizes are chosen by whoever knows the answer; it has no estimate of its error.

Known are: squares, Bessel's zeros, k + 1/2; of the L the first eleven, some to no more than ten
digits (Trefethen and Betcke, 2006), so that nothing below 3e-11 can be told there; of the clamped
plate by Ritz's method (`plate_references.py`, to 1e-9; the first is that of Bjorstad and
Tjostheim).

Wants `pip install scikit-fem gmsh` beside pinnsolve. `python -m results.spectra_peers NAME`
measures one problem again and leaves the others as they were.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from math import pi

import numpy as np
from numpy.typing import NDArray

from pinnsolve.problems.spectra import SPECTRA
from results.by_name import solved_again, write_page
from results.composite_peers import OURS, RUNS, SEED, Job, Row
from results.composite_peers_report import first_places, points, table
from results.writing import provenance

CSV = "spectra_peers.csv"
COUNTS = dict.fromkeys(("square_drum", "round_drum", "l_shaped_drum", "oscillator"), 12)
COUNTS["clamped_plate"] = 6
TOLERANCES = {"clamped_plate": 1e-8}
# The third, eighth and ninth are exact.
L_SHAPE = (
    9.6397238440219,
    15.197251926,
    2 * pi**2,
    29.521481114,
    31.912635957,
    41.474509890,
    44.948487781,
    5 * pi**2,
    5 * pi**2,
    56.709609887,
    65.376535709,
)
# Of triangles, or of intervals.
SIZES: dict[str, dict[str, tuple[float, ...]]] = {
    "square_drum": {"P2": (0.1, 0.05, 0.025, 0.0125), "P4": (0.25, 0.1, 0.05, 0.025, 0.0125)},
    "round_drum": {"P2": (0.2, 0.1, 0.05, 0.025), "P4": (0.5, 0.2, 0.1, 0.05, 0.025)},
    "l_shaped_drum": {"P2": (0.2, 0.1, 0.05, 0.025), "P4": (0.4, 0.2, 0.1, 0.05)},
    "oscillator": {"P2": (0.5, 0.1, 0.02, 0.004), "P4": (1.0, 0.5, 0.1, 0.05)},
    "clamped_plate": {
        "Morley": (0.1, 0.05, 0.025, 0.0125),
        "Argyris": (0.25, 0.125, 0.0625, 0.03125, 0.015625),
    },
}
WANTED = (1e-3, 1e-6, 1e-9, 1e-12)
PACKAGES = (OURS, *(f"scikit-fem {element}" for element in ("P2", "P4", "Morley", "Argyris")))

VERDICT = """## Who is first, and why

Elements of high degree, down to 1e-9, everywhere but of the plate: P4 takes 0.01 to 1 s there, of
the L seven; pinnsolve three seconds and more, whatever is asked, as it looks for a basis and solves
twice. On a line they are first at any error (1e-13 in 0.01 s). At 1e-12 pinnsolve is first in the
disk; on the square the two are alike. The L is theirs as far as published values tell, with
triangles that are finer towards the corner by its power: pinnsolve takes 21 to 60 s for it.

The plate: Argyris' elements down to 1e-6, in a fifth of a second. Below 3e-8 they do not come:
their smallest triangles lose to round-off what they gain. pinnsolve goes below. Morley's have two
digits.

What the seconds buy is the uncertainty of every value, and that nothing but the count is given.
"""


def error_of(name: str, values: NDArray[np.float64]) -> float:
    """The largest, relative, of those that are known: one that is missing moves all after it."""
    known = np.sort(L_SHAPE if name == "l_shaped_drum" else np.real(SPECTRA[name]()[1]))
    both = min(len(known), len(values))
    found, known = np.sort(values)[:both], known[:both]
    return float((np.abs(found - known) / known).max())


def jobs() -> Iterator[Job]:
    """All that is measured."""
    for name, elements in SIZES.items():
        yield Job(name, OURS, "spectra_ours", f"{COUNTS[name]} values", (SEED,))
        for element, sizes in elements.items():
            for h in sizes:
                package = f"scikit-fem {element}"
                yield Job(name, package, "spectra_elements", f"h = {h}", (element, h))


def rows_of(name: str) -> Iterator[Row]:
    """All of a problem."""
    return (row for job in jobs() if job.problem == name for row in job.rows())


def run(names: Sequence[str] = ()) -> None:
    """Measure, or only these problems again; write spectra_peers.csv and .md."""
    start = time.perf_counter()
    rows = solved_again(CSV, Row, list(SIZES), names, lambda row: row.problem, rows_of)
    report(rows, time.perf_counter() - start)


def report(rows: Sequence[Row], seconds: float) -> None:
    """Write spectra_peers.md."""
    found = points(rows)
    packages = ", ".join(f"{name} {version(name)}" for name in ("scikit-fem", "gmsh"))
    parts = (
        __doc__,
        "## CPU seconds to an error",
        first_places(found, PACKAGES, WANTED),
        '"-": in no size that was run. The least is bold.',
        VERDICT,
        "## All sizes",
        table(found),
    )
    last = f"{packages}. {provenance(seconds, range(RUNS))}"
    write_page("spectra_peers.md", "Eigenvalues beside finite elements", parts, rows, last)


if __name__ == "__main__":
    run(sys.argv[1:])
