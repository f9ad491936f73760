"""Layers in parallel: how fast cycles converge, whether training with few of them stays honest, and
what they cost.

Convergence: relative error of states and gradients (the worse of the two) against the serial pass,
jets of order 2, weights as they are drawn. Training: residual networks of 64 steps, width 32, for
Poisson's and Burgers's equations by Adam 2e-3 on all parameters, 128 points; gradients are compared
with exact ones; controlled ones get more cycles until the loss's residuals have settled, and where
an audit finds that they point astray. On fresh points they start with three cycles and four back:
with one or two fewer, Burgers's cosines fell to 0.86 and 0.94 between two checks, and Poisson's
loss was 16 % late. Cost: forward and backward, width 32, wall seconds beside our own serial pass in
the same run, one thread a rank, parameters moving by 1e-3; one cycle and one back on fixed points,
two back on fresh ones, as training starts (two ranks do not pay for three and four).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import torch

from results import layer_gpu
from results.layer_convergence import Row, convergence, convergence_table
from results.layer_cost import MEASURED_ALONE
from results.layer_model import measured_costs, model_table
from results.layer_training import Trained, training_table, trainings
from results.writing import FOLDER, json_of, markdown_table, provenance, read_csv, write_csv


@dataclass(frozen=True)
class Cost:
    """One timing."""

    depth: int
    order: int
    batch: int
    points: str
    ranks: int
    serial: float
    mgrit: float
    error: float
    gigabytes: float


def cost(ranks: int, depth: int, order: int, batch: int, kind: str) -> Cost:
    """Run `layer_cost` on ranks, one thread each. Raises RuntimeError with its last words if it
    fails.
    """
    command = [sys.executable, "-m", "results.layer_cost", str(depth), str(order), str(batch), kind]
    found = json_of(command, ranks)
    return Cost(
        depth,
        order,
        batch,
        kind,
        ranks,
        found["serial"],
        found["mgrit"],
        found["error"],
        found["gigabytes"],
    )


def costs() -> Iterator[Cost]:
    """Two ranks at full size, values and jets; one process with small batches, eight intervals at
    once; peaks of memory.
    """
    for order in (0, 2):
        for kind in ("fixed", "fresh"):
            yield cost(2, 1024, order, 1024, kind)
    for batch in (64, 256):
        yield cost(1, 1024, 2, batch, "together")
    for depth, activations in product((256, 1024), MEASURED_ALONE):
        yield cost(1, depth, 2, 1024, activations)


def _compared(r: Cost) -> tuple[str, ...]:
    return f"{r.serial:.2f}", f"{r.mgrit:.2f}", f"{r.serial / r.mgrit:.2f}", f"{r.error:.0e}"


def cost_table(rows: list[Cost]) -> str:
    """Seconds, ratios and gradient errors."""
    lines = [
        (
            f"{r.depth} layers, jets of order {r.order}, {r.batch} {r.points} points",
            str(r.ranks),
            *(("", f"{r.mgrit:.2f}", "", "") if r.points in MEASURED_ALONE else _compared(r)),
            f"{r.gigabytes:.1f}",
        )
        for r in rows
    ]
    return markdown_table(
        ("case", "ranks", "serial s", "MGRIT s", "speedup", "gradient error", "GB a rank"), lines
    )


PARTS: dict[str, tuple[type[Any], Callable[[], list[Any]]]] = {
    "cost": (Cost, lambda: list(costs())),
    "convergence": (Row, lambda: list(convergence())),
    "training": (Trained, lambda: list(trainings())),
}


def run(parts: Sequence[str] = tuple(PARTS)) -> None:
    """Measure some of the parts (all of them) again; write layer_*.csv, and layer_parallel.md from
    what is there.
    """
    begun = time.perf_counter()
    torch.set_num_threads(1)
    for part in parts:
        write_csv(f"layer_{part}.csv", PARTS[part][1]())
    timed, rows, trained = (
        read_csv(f"layer_{part}.csv", kind) for part, (kind, _) in PARTS.items()
    )
    said: list[str] = []
    layer_gpu.main(said.append)
    text = [
        (
            f"# Layers in parallel\n\n{__doc__}\n## Cost, measured\n\n{cost_table(timed)}\n\nGPU:"
            f" {said[0]}.\n"
        ),
        (
            "## Cost, modelled from measured costs of a layer and a"
            f" message\n\n{model_table(measured_costs(), timed)}\n"
        ),
        f"## Convergence\n\n{convergence_table(rows)}\n",
        f"## Training\n\n{training_table(trained)}\n",
        (
            f"Parts measured in this run: {', '.join(parts) or 'none'}."
            f" {provenance(time.perf_counter() - begun, (0,))}\n"
        ),
    ]
    (FOLDER / "layer_parallel.md").write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    run(sys.argv[1:])
