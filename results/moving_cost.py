"""What steps of an evolution in cells cost: time by cells, memory by steps.

`python -m results moving_cost` takes heat in a medium that varies, so that no two cells are alike,
in P x P cells of 60 waves each: CPU seconds of the matrices that a new size of steps wants, and of
one step in them. Then 4 x 4 cells for longer and longer runs: what the process holds more than
before the first step, where paths of more than a megabyte go to a file (64 megabytes elsewhere).
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, cast

import numpy as np
import psutil
import torch
from matplotlib.figure import Figure
from sympy import Eq, cos, exp, pi, sin

from pinnsolve import Box, Dense, Interval, Problem, Waves, coordinates, laplacian, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.collocated import Collocated
from pinnsolve.evolution.kept_rows import KeptRows
from pinnsolve.evolution.local import Steps, space_of
from pinnsolve.evolution.local import run as run_to_end
from pinnsolve.evolution.stages import stages_of
from pinnsolve.evolution.stepping import Stepper, started
from pinnsolve.fields.tree import grid
from pinnsolve.running.budget import FOREVER
from results.writing import FOLDER, markdown_table, provenance, read_csv, write_csv

x, y, t = coordinates("x y t")
FUNCTIONS = 60
SIDES = (2, 4, 8, 16)
ENDS = (1, 4, 16, 64)
# What a step may leave, in long runs; and the length of one, where its time is taken.
RTOL, STEP = 1e-5, 1 / 64


@dataclass(frozen=True)
class Cells:
    """P x P cells: CPU seconds of matrices, and of a step in them."""

    side: int
    coefficients: int
    matrices: float
    step: float


@dataclass(frozen=True)
class Length:
    """A run: its steps, and megabytes that it holds at its end and held before the first."""

    steps: int
    coefficients: int
    before: float
    held: float


def cells_of(side: int, end: float = 1.0) -> Collocated:
    """The evolution in so many cells along each side, until a time."""
    u, square = unknown("u", x, y, t), Box({x: (0, 1), y: (0, 1)})
    value = exp(-x * y) * sin(pi * x) * cos(2 * y + 3 * t)
    law = u.diff(t) - (1 + x * y) * laplacian(u, x, y) / 10
    problem = Problem(
        square * Interval(t, 0, end),
        Eq(law, law.subs(u, value).doit()),
        Eq(u(x, y, 0), value.subs(t, 0)),
        Eq(u, value) @ square.boundary,
    )
    system = compile_problem(problem)
    form = evolution_form(system)
    stages = None if form is None else stages_of(system, form)
    assert stages is not None
    waves = Dense(FUNCTIONS, activation="sin", initialize=Waves(5.0))
    return space_of(stages, grid(square.bounds, (side, side)), [waves] * side**2, 0, FOREVER)


def cells_row(side: int) -> Cells:
    """What these cells cost."""
    space = cells_of(side)
    stepper = Stepper(space, RTOL, FOREVER)
    with torch.no_grad():
        state = started(stepper, 0.0)
        begun = time.process_time()
        matrices = stepper.matrices(STEP, state, None)
        built = time.process_time()
        stepper.step(state, STEP, matrices, space.sizes(state.u))
        done = time.process_time()
    return Cells(side, len(state.u), built - begun, done - built)


def length_row(end: float) -> Length:
    """What a run of this length holds."""
    space = cells_of(4, end)
    before = _megabytes()
    with SpooledTemporaryFile(max_size=2**20) as file:
        rows = KeptRows(sum(space.columns), file=cast(IO[bytes], file))
        trail = run_to_end(space, RTOL, FOREVER, Steps(rows))
        return Length(len(trail.states) - 1, rows.columns, before, _megabytes())


def _megabytes() -> float:
    return float(psutil.Process().memory_info().rss) / 1e6


def run() -> None:
    """Write moving_cells.csv, moving_length.csv, moving_cost.png and moving_cost.md."""
    start = time.perf_counter()
    length_row(0.25)  # what is loaded and compiled once is no part of a run
    lengths = [length_row(end) for end in ENDS]
    cells = [cells_row(side) for side in SIDES]
    write_csv("moving_cells.csv", cells)
    write_csv("moving_length.csv", lengths)
    figure(cells, lengths).savefig(FOLDER / "moving_cost.png", dpi=120)
    origin = provenance(time.perf_counter() - start, (0,))
    text = f"# Cost of evolutions in cells\n\n{__doc__}\n{report()}\n\n{origin}\n"
    (FOLDER / "moving_cost.md").write_text(text, encoding="utf-8")


def power(cells: Sequence[Cells]) -> float:
    """By which power of P matrices grow, between the last two."""
    before, last = cells[-2:]
    return math.log(last.matrices / before.matrices) / math.log(last.side / before.side)


def per_step(lengths: Sequence[Length]) -> float:
    """Bytes a step and coefficient, by least squares."""
    steps = [row.steps for row in lengths]
    slope = np.polyfit(steps, [row.held - row.before for row in lengths], 1)[0]
    return float(slope) * 1e6 / lengths[0].coefficients


def report() -> str:
    """Tables, a sentence on each, and the picture."""
    cells, lengths = read_csv("moving_cells.csv", Cells), read_csv("moving_length.csv", Length)
    first = markdown_table(
        ("cells", "coefficients", "matrices, CPU s", "a step, CPU s"),
        [
            (f"{r.side} x {r.side}", str(r.coefficients), f"{r.matrices:.2f}", f"{r.step:.3f}")
            for r in cells
        ],
    )
    second = markdown_table(
        ("steps", "coefficients", "more than before, MB"),
        [(str(r.steps), str(r.coefficients), f"{r.held - r.before:.1f}") for r in lengths],
    )
    sentence = (
        f"Matrices of a new size of steps grow with the power {power(cells):.1f} of P at last. A"
        f" run holds {max(per_step(lengths), 0):.1f} bytes more for each step and coefficient; its"
        " path, 16 bytes for each, lies in a file."
    )
    return f"{first}\n\n{second}\n\n{sentence}\n\n![](moving_cost.png)"


def figure(cells: Sequence[Cells], lengths: Sequence[Length]) -> Figure:
    """Seconds by cells, with the third power of P; megabytes by steps."""
    drawn = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = drawn.subplots(1, 2)
    sides = np.array([row.side for row in cells])
    left.loglog(sides, [row.matrices for row in cells], "o-", label="matrices of a new step size")
    left.loglog(sides, [row.step for row in cells], "s-", label="one step")
    left.loglog(sides, cells[-1].matrices * (sides / sides[-1]) ** 3, "k:", label="P^3")
    left.set(xlabel="P, of P x P cells", ylabel="CPU seconds")
    left.set_xticks(sides, [str(side) for side in sides])
    left.minorticks_off()
    left.legend()
    steps = np.array([row.steps for row in lengths])
    more = [row.held - row.before for row in lengths]
    right.plot(steps, more, "o-", label="held at the end")
    path = 16e-6 * steps * lengths[0].coefficients
    right.plot(steps, path, "k:", label="states and rates of all steps, in a file")
    right.set(xlabel="steps, in 4 x 4 cells", ylabel="MB more than before", ylim=(0, None))
    right.legend()
    return drawn


if __name__ == "__main__":
    run()
