"""Cells on more ranks than cores: real runs, traced, and replayed with a core for each rank.

The equation is that of waves in a medium that varies, so that no two cells are alike, or in one
that does not ("alike": what is alike is condensed once, on one rank as on many); two wavelengths a
cell, 300 functions in each. Every rank records its own thread's CPU seconds between messages and
every message; the replay (`results/replay.py`) gives each rank a core, and a message 5 us and 4
GB/s ("slow network": ten times the latency, a tenth of the bandwidth). Seconds are those of one
solve from the compiled equations to the coefficients of all cells on all ranks; medians of solves
after the first one.

The model (`results/cell_model.py`) knows what each cell and merge took in one solve on one rank. It
is held against the replay, and goes on to where no machine of ours does.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import torch
from sympy import Eq, Rational, cos, sin

from pinnsolve import Box, Dense, Problem, Waves, coordinates, laplacian, unknown
from pinnsolve.cells.solve import solved
from pinnsolve.compile.system import System, compile_problem
from pinnsolve.discretize.points import sample_region
from pinnsolve.fields.tree import Tree, grid
from pinnsolve.mgrit.communicator import Communicator
from pinnsolve.mgrit.traced import Event, Trace, Traced, read
from pinnsolve.running.budget import Budget
from results.cell_model import Costs, Model, measured
from results.forked import forked
from results.layer_model import BANDWIDTH, LATENCY
from results.replay import Network, passes, replayed, typical
from results.writing import FOLDER, markdown_table, provenance, read_csv, write_csv

NETWORK = Network(LATENCY, BANDWIDTH)
FUNCTIONS, SOLVES, POINTS = 300, 3, 2000
# Radians a cell: two wavelengths.
WAVES = 12.5
# Wall over CPU seconds of a solve on one rank, below which the machine is quiet.
QUIET = 1.05
STRONG = ((16, 16), (1, 2, 4, 16))
WEAK = (((4, 4), 1), ((8, 4), 2), ((8, 8), 4), ((16, 16), 16))
MODELLED = (1, 2, 4, 16, 64, 256, 1024)


@dataclass(frozen=True)
class Case:
    """Cells along both coordinates, in a medium that is the same everywhere or not, on ranks."""

    counts: tuple[int, int]
    alike: bool
    ranks: int


@dataclass(frozen=True)
class Row:
    """What a case took."""

    across: int
    along: int
    alike: bool
    ranks: int
    replay: float  # seconds, with a core for each rank
    slower: float  # and a slow network
    wall: float  # true seconds of two ranks on two quiet cores; else NaN
    error: float  # of the field, against one rank's, relative

    @property
    def counts(self) -> tuple[int, int]:
        """Cells along both coordinates."""
        return self.across, self.along


def problem_of(counts: tuple[int, int], alike: bool) -> Problem:
    """Waves over unit cells, so many along both coordinates."""
    x, y = coordinates("x y")
    u, plane = unknown("u", x, y), Box({x: (0, counts[0]), y: (0, counts[1])})
    medium = 1 if alike else 1 + Rational(1, 5) * sin(x + 2 * y / 3)
    wave = cos(WAVES * (Rational(3, 5) * x + Rational(4, 5) * y))
    equation = Eq(laplacian(u) + WAVES**2 * medium * u, sin(x) * cos(y))
    return Problem(plane, equation, Eq(u, wave) @ plane.boundary)


def _setting(counts: tuple[int, int], alike: bool) -> tuple[System, Tree]:
    system = compile_problem(problem_of(counts, alike))
    return system, grid(system.domain.bounds, counts)


def _solve(system: System, tree: Tree, folder: Path, ranks: Communicator) -> None:
    """Solve some times, and write what this rank saw; the first one writes the field on points."""
    torch.set_num_threads(1)
    trace, parts = Trace(), (Dense(FUNCTIONS, 1, "sin", Waves(7.0)),) * len(tree.cells)
    with_ears, walls = Traced(ranks, trace), []
    for _ in range(SOLVES):
        begun, cpu = time.perf_counter(), time.thread_time()
        trace.mark("begin")
        found = solved(system, tree, parts, 0, Budget(gigabytes=math.inf), None, with_ears)
        trace.mark("end")
        walls.append((time.perf_counter() - begun) / (time.thread_time() - cpu))
    trace.write(folder / f"{ranks.rank}.csv")
    if ranks.rank == 0:
        at = sample_region(system.domain, POINTS, 1).x
        np.save(folder / "values.npy", found.field.values(at)[0].numpy())
        (folder / "walls.json").write_text(json.dumps(walls), encoding="utf-8")


@dataclass(frozen=True, eq=False)
class Run:
    """Of each rank the passes of its solves but the first; wall over CPU seconds; the field on
    points.
    """

    steps: Sequence[Sequence[Sequence[Event]]]
    busy: Sequence[float]
    values: np.ndarray[tuple[int], np.dtype[np.float64]]


@cache
def run_of(case: Case) -> Run:
    """The real program on so many ranks of this machine."""
    system, tree = _setting(case.counts, case.alike)
    with TemporaryDirectory() as folder:
        place = Path(folder)
        forked(case.ranks, partial(_solve, system, tree, place))
        traces = [read(place / f"{rank}.csv") for rank in range(case.ranks)]
        busy = json.loads((place / "walls.json").read_text(encoding="utf-8"))[1:]
        return Run([passes(t)[1:] for t in traces], busy, np.load(place / "values.npy"))


def row_of(case: Case) -> Row:
    """A case, run and replayed, beside the same on one rank."""
    alone, run = run_of(Case(case.counts, case.alike, 1)), run_of(case)
    usual = [typical(each) for each in run.steps]
    error = np.abs(run.values - alone.values).max() / np.abs(alone.values).max()
    quiet = case.ranks == 2 and max(alone.busy) < QUIET
    walls = [
        max(each[-1].wall for each in step) - max(each[0].wall for each in step)
        for step in zip(*run.steps, strict=True)
    ]
    return Row(
        *case.counts,
        case.alike,
        case.ranks,
        replayed(usual, NETWORK).seconds,
        replayed(usual, NETWORK.slower(10)).seconds,
        median(walls) if quiet else math.nan,
        float(error),
    )


def costs_of(counts: tuple[int, int], alike: bool = False) -> Costs:
    """What cells and merges take, on one rank."""
    system, _ = _setting(counts, alike)
    return measured(system, counts, Dense(FUNCTIONS, 1, "sin", Waves(7.0)), FUNCTIONS)


def cases() -> list[Case]:
    """All that are run."""
    counts, ranks = STRONG
    strong = [Case(counts, alike, n) for alike in (False, True) for n in ranks]
    return [*strong, *(Case(counts, False, n) for counts, n in WEAK if counts != STRONG[0])]


def table(rows: Sequence[Row], model: Model) -> str:
    """Seconds of what was run, speedups over one rank, and what the model says."""
    alone = {(r.counts, r.alike): r.replay for r in rows if r.ranks == 1}
    lines = []
    for r in rows:
        serial = alone.get((r.counts, r.alike), math.nan)
        modelled = model.seconds(r.counts, r.ranks)
        lines.append(
            (
                f"{r.across} x {r.along}{', alike' if r.alike else ''}",
                str(r.ranks),
                f"{r.replay:.2f}",
                f"{serial / r.replay:.1f}" if serial > 0 else "",
                f"{serial / r.slower:.1f}" if serial > 0 else "",
                "" if r.alike else f"{modelled:.2f} ({modelled / r.replay - 1:+.0%})",
                f"{r.wall:.2f} ({r.replay / r.wall - 1:+.0%})" if r.wall > 0 else "",
                f"{r.error:.0e}" if serial > 0 and r.ranks > 1 else "",
            )
        )
    header = ("cells", "ranks", "replay s", "speedup", "slow network", "model s (over replay)")
    return markdown_table((*header, "true s (replay over it)", "from one rank"), lines)


def model_table(model: Model) -> str:
    """Speedups of the model: strong, and weak as the share of a core that is used."""
    lines = []
    for side in (16, 32, 64, 128):
        serial = model.seconds((side, side))
        cells = [
            f"{serial / model.seconds((side, side), n):.1f}" if n <= side**2 else ""
            for n in MODELLED
        ]
        lines.append((f"{side} x {side}", f"{serial:.0f}", *cells))
    one = model.seconds((4, 4))
    weak = []
    for n in MODELLED:
        across = 4 * 2 ** math.ceil(math.log2(n) / 2)
        weak.append(f"{one / model.seconds((across, 16 * n // across), n):.0%}")
    lines.append(("16 a rank", f"{one:.1f}", *weak))
    return markdown_table(("cells", "one rank, s", *(f"{n} ranks" for n in MODELLED)), lines)


def run(fewer: Sequence[int] = ()) -> None:
    """Run all cases, or those on so many ranks, again; write cell_traces.csv, row by row, and
    cell_traces.md.
    """
    begun, path = time.perf_counter(), FOLDER / "cell_traces.csv"
    wanted = [case for case in cases() if not fewer or case.ranks in fewer]
    rows = [r for r in _known(path) if Case(r.counts, r.alike, r.ranks) not in wanted]
    for case in wanted:
        rows.append(row_of(case))
        print(rows[-1], flush=True)
        rows.sort(key=lambda r: (r.alike, r.counts != STRONG[0], r.ranks))
        write_csv(path.name, rows)
    model = Model(costs_of((16, 16)), NETWORK)
    text = [
        f"# Cells on many ranks, from traces\n\n{__doc__}\n{table(rows, model)}\n",
        f"Modelled speedups; of 16 cells a rank, how much of each core is used:\n\n"
        f"{model_table(model)}\n",
        provenance(time.perf_counter() - begun, (0,)) + "\n",
    ]
    (FOLDER / "cell_traces.md").write_text("\n".join(text), encoding="utf-8")


def _known(path: Path) -> list[Row]:
    return read_csv(path.name, Row) if path.exists() else []


if __name__ == "__main__":
    run([int(word) for word in sys.argv[1:]])
