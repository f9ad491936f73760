"""What an import, a command and the model problem cost: CPU seconds of one thread, medians of five
fresh processes each.

`torch and sympy` are what every import of a solver has to pay; `pinnsolve` is all public names, in
a process of its own, and `declaring` the names with which a problem is written. The model problem
is Poisson's equation on the unit square, asked for 1e-8 with nothing given, imports not counted.
The last lines are one least-squares problem of 12,000 rows and 1,500 columns: its assembly, and its
solve, against LAPACK's QR of the same matrix.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from statistics import median

from results.writing import FOLDER, json_of, markdown_table, provenance, write_csv

REPEATS = 5
MODEL = "solve(CATALOGUE['poisson_2d'](), tolerance=1e-8)"
COMMAND = (
    "import sys\nfrom contextlib import suppress\nfrom runpy import run_module\nsys.argv ="
    " ['pinnsolve', {!r}]"
)
COMMANDED = "with suppress(SystemExit): run_module('pinnsolve', run_name='__main__')"
SAID = "print(json.dumps({'cpu': time.process_time() - start}))"
SETUP_LARGE = """
import torch
from pinnsolve import *
from pinnsolve.problems import CATALOGUE
from pinnsolve.discretize.points import sample_points
from pinnsolve.discretize.assemble import assemble
from pinnsolve.fields.building import build_space
from pinnsolve.coefficients.least_squares import least_squares
problem = CATALOGUE["poisson_2d"]()
system, points = compile_problem(problem), sample_points(problem, 11_500, 0)
space = build_space(system, Dense(1500, 1, "sin", Waves(14.0)), 0)
assembled = assemble(system, points, space)
matrix = torch.from_numpy(assembled.matrix).clone()
"""
WAYS: dict[str, tuple[str, str]] = {  # what is done before the clock starts, and what is measured
    "torch and sympy": ("", "import torch, sympy"),
    "pinnsolve": ("", "from pinnsolve import *"),
    "declaring": ("", "from pinnsolve import Box, Problem, coordinates, laplacian, unknown"),
    "pinnsolve --version": (COMMAND.format("--version"), COMMANDED),
    "pinnsolve list": (COMMAND.format("list"), COMMANDED),
    "Poisson in 2D, first": (
        "from pinnsolve import *\nfrom pinnsolve.problems import CATALOGUE",
        MODEL,
    ),
    "Poisson in 2D, again": (
        f"from pinnsolve import *\nfrom pinnsolve.problems import CATALOGUE\n{MODEL}",
        MODEL,
    ),
    "assembly": (SETUP_LARGE, "assemble(system, points, space)"),
    "least squares": (SETUP_LARGE, "least_squares(assembled.augmented)"),
    "QR": (SETUP_LARGE, "torch.linalg.qr(matrix)"),
}


@dataclass(frozen=True)
class Row:
    """One way to spend seconds."""

    what: str
    cpu_seconds: float
    slowest: float


def seconds(what: str) -> float:
    """CPU seconds of one of `WAYS`, in a process of its own."""
    before, measured = WAYS[what]
    script = f"{before}\nimport json, time\nstart = time.process_time()\n{measured}\n{SAID}"
    return float(json_of([sys.executable, "-c", script])["cpu"])


def row_of(what: str, repeats: int = REPEATS) -> Row:
    """The median of so many processes."""
    taken = [seconds(what) for _ in range(repeats)]
    return Row(what, median(taken), max(taken))


def run() -> None:
    """Write quick.csv and quick.md."""
    start = time.perf_counter()
    rows = [row_of(what) for what in WAYS]
    write_csv("quick.csv", rows)
    lines = [(r.what, f"{r.cpu_seconds:.3f}", f"{r.slowest:.3f}") for r in rows]
    table = markdown_table(("what", "median CPU seconds", "slowest"), lines)
    origin = provenance(time.perf_counter() - start, (0,))
    (FOLDER / "quick.md").write_text(
        f"# Quick\n\n{__doc__}\n{table}\n\n{origin}\n", encoding="utf-8"
    )
