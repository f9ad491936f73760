"""A performance model of layer parallelism: measured costs of layers and messages, and the schedule of one pass."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Protocol

import torch

from pinnsolve import ResNet
from pinnsolve.mgrit.adjoint import forward_steps, recorded, transposed_steps
from pinnsolve.mgrit.grid import Run, coarsened
from results.layer_cost import INDICES, PLANE, WIDTH, points
from results.writing import markdown_table

LATENCY, BANDWIDTH = (
    5e-6,
    4e9,
)  # seconds and bytes a second of a message between processes of one machine (METHODS: 655 kB in 63 us)
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


@dataclass(frozen=True)
class Costs:
    """Seconds of one layer: forward with its graph kept, back with and without parameters, coarse steps; bytes of a state."""

    forward: float
    backward: float
    state_backward: float
    coarse: float
    coarse_backward: float
    state: float

    @property
    def message(self) -> float:
        """Seconds of a state between neighbours."""
        return LATENCY + self.state / BANDWIDTH


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
    one, back = (
        forward_steps(step, plain),
        transposed_steps(step, plain, states.expand(*states.shape[:-3], LAYERS, *states.shape[-2:])),
    )
    with torch.no_grad():
        coarse = seconds(lambda: one(slice(0, 1), states))
    return Costs(
        seconds(lambda: recorded(step, layers, run, states)) / LAYERS,
        seconds(lambda: piece.pulled_back(states, True)) / LAYERS,
        seconds(lambda: piece.pulled_back(states, False)) / LAYERS,
        coarse,
        seconds(lambda: back(slice(0, 1), states)),
        8.0 * state.numel(),
    )


def predicted(c: Costs, depth: int, ranks: int, coarsening: Sequence[int], kind: str) -> float:
    """Seconds of one forward and one backward pass: a cycle each, and a second reverse pass on fresh points.

    Relaxation is divided among the ranks; the coarsest sweeps run through all of them in turn, a message a rank. Levels between
    are relaxed and filled in parallel. Gradients of all layers are summed over the ranks at the end.
    """
    counts = coarsened(depth, coarsening)
    share = [-(-n // min(ranks, counts[-1])) for n in counts]
    hops = (min(ranks, counts[-1]) - 1) * c.message

    def correction(coarse: float) -> float:
        """All coarse levels once: steps at the C-points, relaxation and filling, and the sweep through all ranks."""
        between = sum(share[level] * 2 for level in range(1, len(counts) - 1))
        return (share[1] + between) * coarse + counts[-1] * coarse + hops

    forward = share[0] * c.forward + correction(c.coarse)
    backward = correction(c.coarse_backward) + share[0] * c.backward
    if kind == "fresh":
        forward += counts[-1] * c.coarse + hops
        backward += share[0] * c.state_backward + correction(c.coarse_backward)
    gathered = 0.0 if ranks == 1 else 2 * 8 * depth * WIDTH * (WIDTH + 1) / BANDWIDTH
    return forward + backward + gathered


def serially(c: Costs, depth: int) -> float:
    """Seconds of the serial pass."""
    return depth * (c.forward + c.backward)


def best(c: Costs, depth: int, ranks: int) -> tuple[float, tuple[int, ...]]:
    """The quickest levels and factors, by the model."""
    options: list[tuple[int, ...]] = [(a,) for a in (4, 8, 16, 32, 64)]
    options += [(a, b) for a in (4, 8, 16, 32) for b in (2, 4, 8, 16)]
    fit = [o for o in options if -(-depth // _product(o)) >= max(2, ranks)]
    return min((predicted(c, depth, ranks, o, "fixed"), o) for o in fit)


def _product(factors: Sequence[int]) -> int:
    found = 1
    for f in factors:
        found *= f
    return found


def model_table(c: Costs, timed: Sequence[Timed]) -> str:
    """Speedups against ranks, and the model held against what was measured."""
    lines = []
    for depth in DEPTHS:
        cells = []
        for ranks in PEOPLE:
            fits = depth // 4 >= ranks
            if fits:
                seconds, factors = best(c, depth, ranks)
                cells.append(f"{serially(c, depth) / seconds:.1f} ({' x '.join(map(str, factors))})")
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


def _speedup(t: Timed) -> float:
    own = measured_costs(t.order, t.batch)
    return serially(own, t.depth) / predicted(own, t.depth, t.ranks, (32,), t.points)
