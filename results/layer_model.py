"""A performance model of layer parallelism: measured costs of layers and messages, and the schedule of one pass."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, Protocol

import torch

from pinnsolve import ResNet
from pinnsolve.mgrit.adjoint import forward_steps, recorded, transposed_steps
from pinnsolve.mgrit.grid import Run
from pinnsolve.mgrit.model import Costs, best_factors, parallel_pass, serial_pass
from results.layer_cost import INDICES, PLANE, WIDTH, points
from results.writing import markdown_table

# Seconds and bytes a second of a message between processes of one machine (measured once: 655 kB in 63 us).
LATENCY, BANDWIDTH = 5e-6, 4e9
LAYERS, REPEATS = 32, 7
PEOPLE = (1, 2, 4, 16, 64, 256, 1024)
DEPTHS = (1024, 4096, 16384)


class Timed(Protocol):
    """A measurement to hold the model against."""

    @property
    def depth(self) -> int: ...

    @property
    def order(self) -> int: ...

    @property
    def batch(self) -> int: ...

    @property
    def points(self) -> str: ...

    @property
    def ranks(self) -> int: ...

    @property
    def serial(self) -> float: ...

    @property
    def mgrit(self) -> float: ...


def measured_costs(order: int = 2, batch: int = 1024) -> Costs:
    """Medians over runs of `LAYERS` layers."""
    torch.set_num_threads(1)
    basis = ResNet(WIDTH, LAYERS + 1).build(PLANE, 0)
    seen: list[Any] = []

    def caught(step: Any, layers: Any, state: Any) -> Any:
        seen.append((step, layers, state.detach()))
        return state

    basis.propagate = caught
    basis(points(batch, 0), INDICES[order])
    step, layers, state = seen[0]
    states, run = state.unsqueeze(-3), Run(0, 1, LAYERS, 0)
    plain = tuple(p.detach() for p in layers)

    def seconds(work: Callable[[], object]) -> float:
        found = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            work()
            found.append(time.perf_counter() - start)
        return median(found[1:])

    piece = recorded(step, layers, run, states)
    one, back = forward_steps(step, plain), transposed_steps(step, tuple(p[:1] for p in plain), states)
    with torch.no_grad():
        coarse = seconds(lambda: one(slice(0, 1), states))
    return Costs(
        seconds(lambda: recorded(step, layers, run, states)) / LAYERS,
        seconds(lambda: piece.pulled_back(states, True)) / LAYERS,
        seconds(lambda: piece.pulled_back(states, False)) / LAYERS,
        coarse,
        seconds(lambda: back(slice(0, 1), states)),
        LATENCY + 8 * state.numel() / BANDWIDTH,
    )


def model_table(c: Costs, timed: Sequence[Timed]) -> str:
    """Speedups against ranks, and the model held against what was measured."""
    lines = []
    for depth in DEPTHS:
        cells = []
        for ranks in PEOPLE:
            if depth // 4 >= ranks:
                factors = best_factors(depth, ranks, c)[1]
                seconds = parallel_pass(c, depth, ranks, factors) + gathered(depth, ranks)
                cells.append(f"{serial_pass(c, depth) / seconds:.1f} ({' x '.join(map(str, factors))})")
            else:
                cells.append("")
        lines.append((str(depth), *cells))
    table = markdown_table(("layers", *(f"{p} ranks" for p in PEOPLE)), lines)
    checks = [
        (
            f"{t.depth} layers, order {t.order}, {t.points} points",
            str(t.ranks),
            f"{t.serial / t.mgrit:.2f}",
            f"{_speedup(t):.2f}",
        )
        for t in timed
        if t.points in ("fixed", "fresh")
    ]
    held = markdown_table(("case", "ranks", "measured speedup", "modelled"), checks)
    return f"Speedup over serial (coarsening), fixed points, modelled:\n\n{table}\n\n{held}"


def gathered(depth: int, ranks: int) -> float:
    """Seconds in which the gradients of all layers are summed over the ranks."""
    return 0.0 if ranks == 1 else 2 * 8 * depth * WIDTH * (WIDTH + 1) / BANDWIDTH


def _speedup(t: Timed) -> float:
    own = measured_costs(t.order, t.batch)
    fresh = t.points == "fresh"
    seconds = parallel_pass(own, t.depth, t.ranks, (32,), 1 + fresh, int(fresh)) + gathered(t.depth, t.ranks)
    return serial_pass(own, t.depth) / seconds
