"""Layers in parallel on more ranks than cores: real runs, traced, and replayed with a core for each
rank.

The real program (`results/layer_rank.py`) trains a residual network of width 32 by Adam (1e-3, all
parameters) on so many ranks of this machine, and every rank records its own thread's CPU seconds
between messages (waits excluded) and every message. The replay (`results/replay.py`) gives each
rank a core, and a message what it costs between processes of one machine: 5 us, and 4 GB/s; medians
over the steps, interval by interval. A step is a gradient, and Adam for the own layers: no pass
asks for those of other ranks (they are exchanged between the steps, for the comparison). Of fixed
points states are warm and one cycle each way is taken; fresh ones are drawn in each step, and have
one more backwards. Coarsening is that of `MGRIT.auto`. Beside each step the last rank takes the
same one serially: alone, and beside another serial training on the first rank, so that the other
core is as busy as it is for ranks. Speedups are over the latter's CPU seconds, and over the
former's, "alone"; "slow network": ten times the latency and a tenth of the bandwidth. The
gradient's error is the worst over the steps but the first, against the serial gradient of the same
parameters.

Serial and parallel runs alike keep the memory they once had, in large pages: else a quarter of what
ranks do is the system's, which clears pages. Check: the replay of two ranks against their true
seconds, step by step, of the steps that the machine had time for (the serial one before took no
more than five percent longer than its CPU seconds); where there were none, nothing is said.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from pinnsolve import MGRIT
from pinnsolve.mgrit.traced import Event, read
from results.layer_model import BANDWIDTH, LATENCY
from results.layer_rank import Task, found_in, traced_in
from results.replay import Network, passes, replayed, typical
from results.writing import FOLDER, markdown_table, output_of, provenance, read_csv, write_csv

NETWORK = Network(LATENCY, BANDWIDTH)
# Of glibc's allocator: what was freed is kept, and lies in large pages.
MEMORY = "glibc.malloc." + ":glibc.malloc.".join(
    ("hugetlb=1", "trim_threshold=4000000000", "mmap_threshold=1000000000", "top_pad=67108864")
)
# Of the serial step's CPU seconds: where it takes longer, others have the machine.
QUIET = 1.05
STEPS = 5
# On two ranks, of which some have to find the machine quiet.
MORE_STEPS = 40
# Layers, order of the jets, points: as many as memory has room for. The small one is for the tests.
CASES: dict[int, list[tuple[int, int, int, str]]] = {
    2: [(1024, 0, 128, "fixed"), (1024, 0, 128, "fresh")],
    4: [(256, 0, 64, "fixed"), (4096, 0, 256, "fixed")],
    16: [
        (1024, 2, 256, "fixed"),
        (4096, 0, 256, "fixed"),
        (4096, 0, 256, "fresh"),
        (16384, 0, 64, "fixed"),
    ],
    64: [(8192, 0, 128, "fixed")],
}


@dataclass(frozen=True)
class Row:
    """A training on so many ranks, traced and replayed."""

    depth: int
    order: int
    batch: int
    points: str
    ranks: int
    factors: str
    cycles: int
    adjoint: int
    alone: float  # CPU seconds of a serial step
    beside: float  # the same, beside another one
    replay: float  # of a parallel step, with a core for each rank
    slower: float  # and where messages take ten times as long
    error: float  # of the gradient
    wall: float  # true seconds of a step, where two ranks had two cores for themselves; else NaN
    replay_of_wall: float  # of the same steps

    @property
    def case(self) -> tuple[int, int, int, str]:
        """As in `CASES`."""
        return self.depth, self.order, self.batch, self.points

    @property
    def speedup(self) -> float:
        """Over the serial step that is beside another one."""
        return self.beside / self.replay


def traced(ranks: int, tasks: Sequence[Task]) -> Iterator[Row]:
    """Run tasks on ranks, in one start. Raises RuntimeError with the last words, if that fails."""
    with TemporaryDirectory() as folder:
        script = ["results.layer_rank"] if ranks == 2 else ["results.forked", str(ranks)]
        command = [sys.executable, "-m", *script, folder, *map(str, tasks)]
        output_of(command, ranks if ranks == 2 else 1, GLIBC_TUNABLES=MEMORY)
        for number, task in enumerate(tasks):
            traces = [read(traced_in(Path(folder), number, rank)) for rank in range(ranks)]
            found = json.loads(found_in(Path(folder), number).read_text(encoding="utf-8"))
            yield _row(task, traces, found)


def _row(task: Task, traces: Sequence[Sequence[Event]], found: dict[str, list[float]]) -> Row:
    """Of all steps but the first, which is cold."""
    steps = [passes(trace)[1:] for trace in traces]
    usual = [typical(each) for each in steps]
    wall, replay = _checked(steps, found)
    return Row(
        task.depth,
        task.order,
        task.batch,
        task.points,
        len(traces),
        "x".join(map(str, task.factors)),
        task.cycles,
        task.adjoint,
        median(found["serial"][1:]),
        median(found["beside"][1:]),
        replayed(usual, NETWORK).seconds,
        replayed(usual, NETWORK.slower(10)).seconds,
        max(found["error"][1:]),
        wall,
        replay,
    )


def _checked(
    steps: Sequence[Sequence[Sequence[Event]]], found: dict[str, list[float]]
) -> tuple[float, float]:
    """Medians of true and replayed seconds of the steps on two ranks that were quiet."""
    if len(steps) != 2:
        return math.nan, math.nan
    pairs = [
        (
            max(each[-1].wall for each in step) - max(each[0].wall for each in step),
            replayed([each[1:] for each in step], NETWORK).seconds,
        )
        for step, serial, wall in zip(
            zip(*steps, strict=True), found["serial"][1:], found["wall"][1:], strict=True
        )
        if wall < QUIET * serial
    ]
    walls, replays = zip(*pairs, strict=True) if pairs else ((math.nan,), (math.nan,))
    return median(walls), median(replays)


def task_of(ranks: int, depth: int, order: int, batch: int, points: str) -> Task:
    """The training of a case, as `MGRIT.auto` would coarsen it."""
    factors, steps = MGRIT.auto(depth, ranks).factors, MORE_STEPS if ranks == 2 else STEPS
    return Task(depth, order, batch, points, steps, factors, 1, 2 if points == "fresh" else 1)


def table(rows: Sequence[Row]) -> str:
    """Seconds of a step, speedups and errors."""
    header = (
        "case",
        "ranks",
        "coarsening",
        "serial s (alone)",
        "replay s",
        "speedup",
        "alone",
        "slow network",
        "gradient error",
    )
    lines = [
        (
            f"{r.depth} layers, jets of order {r.order}, {r.batch} {r.points} points",
            str(r.ranks),
            r.factors.replace("x", " x "),
            f"{r.beside:.2f} ({r.alone:.2f})",
            f"{r.replay:.3f}",
            f"{r.speedup:.1f}",
            f"{r.alone / r.replay:.1f}",
            f"{r.beside / r.slower:.1f}",
            f"{r.error:.0e}",
        )
        for r in rows
    ]
    return markdown_table(header, lines)


def check_table(rows: Sequence[Row]) -> str:
    """Two ranks: true seconds, and those of the replay."""
    lines = [
        (
            f"{r.depth} layers, jets of order {r.order}, {r.batch} {r.points} points",
            *((f"{r.wall:.3f}", f"{r.replay_of_wall:.3f}") if r.wall > 0 else ("", "")),
            f"{r.replay_of_wall / r.wall - 1:+.0%}" if r.wall > 0 else "",
        )
        for r in rows
        if r.ranks == 2
    ]
    return markdown_table(("two ranks", "true s", "replay s", "replay over true"), lines)


def run(ranks: Sequence[int] = tuple(CASES)) -> None:
    """Measure on so many ranks again; write layer_traces.csv, and layer_traces.md from all rows."""
    begun, path = time.perf_counter(), FOLDER / "layer_traces.csv"
    new = [row for n in ranks for row in traced(n, [task_of(n, *case) for case in CASES[n]])]
    known = read_csv(path.name, Row) if path.exists() else []
    rows = [*(r for r in known if r.ranks not in ranks), *new]
    rows.sort(key=lambda r: (r.ranks, r.case))
    write_csv(path.name, rows)
    text = [
        f"# Layers in parallel, from traces\n\n{__doc__}\n{table(rows)}\n\n{check_table(rows)}\n",
        (
            f"Ranks of this run: {', '.join(map(str, ranks)) or 'none'}."
            f" {provenance(time.perf_counter() - begun, (0,))}\n"
        ),
    ]
    (FOLDER / "layer_traces.md").write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    run([int(word) for word in sys.argv[1:]] or tuple(CASES))
