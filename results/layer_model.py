"""A performance model of layer parallelism: measured costs of layers and messages, and the schedule
of one pass.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, Protocol

import torch
from torch import Tensor

from pinnsolve import ResNet
from pinnsolve.mgrit.adjoint import forward_steps, recorded, transposed_steps
from pinnsolve.mgrit.cycle import AXIS, Level, Steps, corrected, relaxed
from pinnsolve.mgrit.cycle import nested as first_guess
from pinnsolve.mgrit.grid import Grid, Run
from pinnsolve.mgrit.model import FACTORS, Costs, best_factors, serial_pass
from pinnsolve.mgrit.propagator import propagator
from results.layer_cost import INDICES, PLANE, WIDTH, points
from results.writing import markdown_table

# Seconds and bytes a second of a message between processes of one machine (measured once: 655 kB in
# 63 us).
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

    basis.propagate = propagator(caught)
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
        transposed_steps(step, tuple(p[:1] for p in plain), states),
    )
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


class Clock:
    """A rank's time, which its steps and messages advance: a neighbour to the algebra of cycles."""

    def __init__(self, costs: Costs, inbox: deque[float] | None) -> None:
        self.costs, self.inbox, self.outbox, self.now = costs, inbox, deque[float](), 0.0

    def receive(self, like: Tensor) -> Tensor:
        """Not before it has been sent, and has arrived."""
        if self.inbox is not None:
            self.now = max(self.now, self.inbox.popleft() + self.costs.message)
        return like

    def send(self, state: Tensor) -> None:
        """Takes no time here."""
        self.outbox.append(self.now)

    def steps(self, cost: float) -> Steps:
        """Steps that only cost time."""

        def step(which: slice, states: Tensor) -> Tensor:
            self.now += cost * states.shape[AXIS]
            return states

        return step


def simulated_pass(
    costs: Costs, depth: int, ranks: int, factors: Sequence[int], reverse: int = 1, nested: int = 0
) -> float:
    """What `parallel_pass` estimates, by running the cycles' own code on every rank, with clocks in
    the place of layers.
    """
    grid, hops = (
        Grid(depth, tuple(factors)),
        math.ceil(math.log2(ranks)) * costs.message if ranks > 1 else 0.0,
    )

    def one_way(direction: int) -> float:
        latest, inbox, backwards = 0.0, None, direction < 0
        for rank in range(ranks)[::direction]:
            slabs, clock = grid.slabs(rank, ranks, direction), Clock(costs, inbox)
            fine, coarse = (
                (costs.backward, costs.coarse_backward)
                if backwards
                else (costs.forward, costs.coarse)
            )
            levels = [Level(clock.steps(coarse), slab.line, 1) for slab in slabs]
            values = torch.zeros(1, slabs[0].line.intervals + 1, 1, 1)
            passes = reverse if backwards else 1
            if backwards or nested:
                first_guess(levels, values[:, :1], clock)
            for number in range(passes):
                clock.now += slabs[0].line.steps * (
                    fine if number + 1 == passes else costs.state_backward
                )
                if not backwards or number + 1 < passes:
                    corrected(levels, values, values[:, 1:], clock)
            if backwards:  # what the coarse steps lack is learned
                clock.now += sum(slab.line.steps for slab in slabs[1:]) * coarse
                for level in levels[1:-1]:
                    relaxed(level, torch.zeros(1, level.line.intervals + 1, 1, 1), None, clock)
            latest, inbox = max(latest, clock.now), clock.outbox
        return latest + hops

    return one_way(1) + one_way(-1)


def model_table(c: Costs, timed: Sequence[Timed]) -> str:
    """Speedups against ranks, and the model held against what was measured."""
    lines = []
    for depth in DEPTHS:
        cells = []
        for ranks in PEOPLE:
            if depth // FACTORS[0] >= ranks:
                factors = best_factors(depth, ranks, c)[1]
                seconds = simulated_pass(c, depth, ranks, factors) + gathered(depth, ranks)
                cells.append(
                    f"{serial_pass(c, depth) / seconds:.1f} ({' x '.join(map(str, factors))})"
                )
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
    seconds = simulated_pass(own, t.depth, t.ranks, (32,), 1 + fresh, int(fresh)) + gathered(
        t.depth, t.ranks
    )
    return serial_pass(own, t.depth) / seconds
