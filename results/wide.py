"""One wide basis: three ways to least squares, and rows dealt to ranks.

Helmholtz's equation on the unit square, k = 60, two waves, in so many sines of scale 60, one seed:
2,000 of them do not resolve it, 4,000 do. The rows' condition is 1e17 and more. `memory`:
Householder's QR of the matrix; `blocks`: rows are evaluated block by block, turned onto a triangle
and thrown away; `sketch`: sketched Cholesky-QR, which takes the rows three times and is all matrix
products, for a GPU. Ranks (in memory) factor their own rows, and merge triangles; four of them
share two cores. Errors are relative L2 on fresh points; "apart" is the largest difference to the
values in memory on one process, relative to the largest value. CPU seconds are those of the rank
that took most, in the solve alone, rows included; megabytes are the peak of one process above what
it had before.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
import torch
from sympy import cos, exp, sin

from pinnsolve import Box, Dense, Problem, Waves, coordinates, laplacian, manufactured, unknown
from pinnsolve.coefficients.least_squares import (
    held_out_rows,
    least_squares,
    streamed_least_squares,
)
from pinnsolve.coefficients.sketch import sketched_least_squares
from pinnsolve.coefficients.solved import Solved
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.points import dealt
from pinnsolve.discretize.streamed import Streamed
from pinnsolve.fields.building import build_space
from pinnsolve.fields.expansion import Expansion
from pinnsolve.mgrit.communicator import Communicator, ranks
from results.writing import FOLDER, json_of, markdown_table, provenance, write_csv

K, FRESH = 60.0, 2000
COLUMNS = (2000, 4000)
WAYS = ("memory", "blocks", "sketch")
RANKS = (2, 4)


@dataclass(frozen=True)
class Row:
    """One solve."""

    way: str
    columns: int
    ranks: int
    error: float
    apart: float
    residual: float
    condition: float
    rank: float
    seconds: float
    megabytes: float


def waves(k: float) -> Problem:
    """Helmholtz's equation in the square, of a plane wave and one that fades."""
    x, y = coordinates("x y")
    u = unknown("u", x, y)
    square = Box({x: (0, 1), y: (0, 1)})
    exact = cos(0.6 * k * x + 0.8 * k * y) + sin(k * x) * exp(-y)
    equation = laplacian(u) + k**2 * u
    return manufactured(square, equation, u @ square.boundary, exact={u: exact})


def row(
    way: str, columns: int, beside: Path, k: float = K, over: Communicator | None = None
) -> Row:
    """Solve on all ranks of this run; values in memory on one process are kept in `beside`."""
    over = ranks() if over is None else over
    system = compile_problem(waves(k))
    space = build_space(system, Dense(columns, activation="sin", initialize=Waves(k)), 0)
    points = collocation_points(system, space, 1)
    held_out = partial(held_out_rows, system, space)

    def solved() -> Solved:
        if way == "memory":
            rows = assemble(system, dealt(points, over), space, ranks=over)
            return least_squares(rows.augmented, held_out, over)
        streamed = Streamed.of(system, points, space)
        kernel = streamed_least_squares if way == "blocks" else sketched_least_squares
        return kernel(streamed, held_out)

    before, begun = psutil.Process().memory_info().rss, time.process_time()
    found = solved()
    told = torch.tensor([time.process_time() - begun, _peak() - before], dtype=torch.float64)
    seconds, taken = over.gathered(told, [2] * over.size).reshape(-1, 2).max(dim=0).values.tolist()
    at = np.random.default_rng(0).random((FRESH, 2))
    values = Expansion(space, torch.from_numpy(found.coefficients)).values(at)[0].numpy()
    a, b = at.T
    truth = np.cos(0.6 * k * a + 0.8 * k * b) + np.sin(k * a) * np.exp(-b)
    if way == "memory" and over.size == 1:
        np.save(beside, values)
    apart = np.abs(values - np.load(beside)).max() / np.abs(truth).max()
    return Row(
        way,
        columns,
        over.size,
        float(np.linalg.norm(values - truth) / np.linalg.norm(truth)),
        float(apart),
        found.residual / found.target,
        found.condition,
        found.rank,
        seconds,
        taken / 1e6,
    )


def _peak() -> float:
    """Of this process, in bytes, where the system tells it; what it has now, elsewhere."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float(psutil.Process().memory_info().rss)
    lines = status.read_text(encoding="utf-8").splitlines()
    return 1024.0 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def rows() -> Iterator[Row]:
    """Each in processes of its own."""
    with TemporaryDirectory() as folder:
        for columns in COLUMNS:
            beside = str(Path(folder) / f"{columns}.npy")
            command = [sys.executable, "-m", "results.wide"]
            for way, size in [(way, 1) for way in WAYS] + [("memory", size) for size in RANKS]:
                yield Row(**json_of([*command, way, str(columns), beside], size))


def table(found: list[Row]) -> str:
    """A line a solve."""
    header = ("way", "columns", "ranks", "error", "apart", "condition", "CPU s", "MB")
    lines = [
        (
            r.way,
            f"{r.columns:,}",
            str(r.ranks),
            f"{r.error:.1e}",
            f"{r.apart:.1e}",
            f"{r.condition:.0e}",
            f"{r.seconds:.1f}",
            f"{r.megabytes:.0f}",
        )
        for r in found
    ]
    return markdown_table(header, lines)


def run() -> None:
    """Measure; write wide.csv and wide.md."""
    start = time.perf_counter()
    found = list(rows())
    write_csv("wide.csv", found)
    text = [
        f"# One wide basis\n\n{__doc__}\n{table(found)}\n",
        provenance(time.perf_counter() - start, (0,)),
    ]
    (FOLDER / "wide.md").write_text("\n".join(text) + "\n", encoding="utf-8")


def main(say: Callable[[str], None], way: str, columns: str, beside: str) -> None:
    """One solve on the ranks of this run, which the first one tells."""
    found = row(way, int(columns), Path(beside))
    if ranks().rank == 0:
        say(json.dumps(asdict(found)))


if __name__ == "__main__":
    main(lambda text: print(text, file=sys.stdout, flush=True), *sys.argv[1:])
