"""One rank's part of traced trainings: `mpiexec -n P python -m results.layer_rank FOLDER TASK ...`,
a task being DEPTH/ORDER/BATCH/POINTS/STEPS/FACTORS/CYCLES/ADJOINT, as 1024/0/1024/fixed/8/64x4/1/1.

Steps of Adam on all parameters of a residual network of width 32, layers shared among the ranks: a
gradient, and the step of the own layers. Between two of them layers are exchanged, and the last
rank takes the same step serially, while the others wait. Each rank writes its traces into the
folder, one a task; the last one what it found, as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.utils import parameters_to_vector

from pinnsolve import MGRIT, ResNet
from pinnsolve.basis.networks import ResidualBasis
from pinnsolve.mgrit.communicator import Communicator, ranks
from pinnsolve.mgrit.traced import Trace, Traced
from pinnsolve.training.partition import Own, partition
from results.layer_cost import INDICES, MOVED, PLANE, WIDTH, points

FIRST, SECOND, EPSILON = 0.9, 0.999, 1e-8  # Adam's


@dataclass(frozen=True)
class TracedMGRIT(MGRIT):
    """MGRIT whose messages are recorded."""

    trace: Trace = field(default_factory=Trace, repr=False, compare=False)
    of: Communicator = field(default_factory=ranks, repr=False, compare=False)

    def ranks(self) -> Communicator:
        """All ranks of this run, traced."""
        return Traced(self.of, self.trace)


@dataclass(frozen=True)
class Task:
    """What is trained, and how."""

    depth: int
    order: int
    batch: int
    points: str  # "fixed", or "fresh" in each step
    steps: int
    factors: tuple[int, ...]
    cycles: int
    adjoint: int  # cycles backwards

    def __str__(self) -> str:
        """As `read` reads it."""
        numbers = (self.depth, self.order, self.batch, self.points, self.steps)
        factors = "x".join(map(str, self.factors))
        return "/".join(map(str, (*numbers, factors, self.cycles, self.adjoint)))

    @classmethod
    def read(cls, word: str) -> Task:
        """From a word of a command line."""
        depth, order, batch, points, steps, factors, cycles, adjoint = word.split("/")
        return cls(
            int(depth),
            int(order),
            int(batch),
            points,
            int(steps),
            tuple(map(int, factors.split("x"))),
            int(cycles),
            int(adjoint),
        )


def slopes(basis: ResidualBasis, x: Tensor, order: int) -> tuple[Tensor, ...]:
    """The gradient of a mean of squared residuals, a parameter each."""
    out = basis(x, INDICES[order])
    weights = torch.sin(torch.arange(WIDTH, dtype=x.dtype))
    loss = (out[-1] @ weights - torch.sin(3 * x[:, 0])).square().mean()
    return torch.autograd.grad(loss, list(basis.parameters()))


class Training:
    """Adam on a basis, each rank moving what it owns."""

    def __init__(self, basis: ResidualBasis, order: int) -> None:
        self.basis, self.order = basis, order
        self.variables = list(basis.parameters())
        self.own: Own = partition(basis, self.variables)
        self.means = [torch.zeros_like(self.own.flat(self.variables)) for _ in range(2)]

    def gradient(self, x: Tensor) -> Tensor:
        """This rank's part of the gradient."""
        return self.own.flat(slopes(self.basis, x, self.order))

    def move(self, gradient: Tensor, step: int) -> None:
        """A step of Adam."""
        mean, square = self.means
        mean.mul_(FIRST).add_(gradient, alpha=1 - FIRST)
        square.mul_(SECOND).addcmul_(gradient, gradient, value=1 - SECOND)
        deviation = (square / (1 - SECOND**step)).sqrt() + EPSILON
        with torch.no_grad():
            self.own.add(-MOVED * mean / (1 - FIRST**step) / deviation, self.variables)


def drawn(task: Task) -> ResidualBasis:
    """The network, as it is drawn."""
    return ResNet(WIDTH, task.depth + 1).build(PLANE, 0)


def trained(
    task: Task, basis: ResidualBasis, trace: Trace, here: Communicator
) -> dict[str, list[float]]:
    """CPU and wall seconds of serial steps, and errors of the gradients of the others; lists of the
    last rank are filled alone. Moves the basis.
    """
    mgrit = TracedMGRIT(
        len(task.factors) + 1,
        task.factors,
        task.cycles,
        task.adjoint,
        at_once=1,
        gradients="own",
        trace=trace,
        of=here,
    )
    last = here.size - 1
    alone = Training(deepcopy(basis), task.order) if here.rank in (0, last) else None
    basis.propagate = mgrit
    parallel = Training(basis, task.order)
    found: dict[str, list[float]] = {"beside": [], "serial": [], "wall": [], "error": []}
    start = parameters_to_vector(parallel.variables).detach() if alone else torch.empty(0)
    for step in range(1, task.steps + 1):
        x, exact = points(task.batch, step if task.points == "fresh" else 0), None
        # Two side by side, which share memory as ranks do; then one alone.
        for kind, who in (("beside", (0, last)), ("serial", (last,))):
            if alone is not None and here.rank in who:
                exact = _timed(alone, start, x, step, found, kind)
            here.total(torch.zeros(1))
        trace.mark("begin")
        gradient = parallel.gradient(x)
        parallel.move(gradient, step)
        trace.mark("end")
        wholes = list(parallel.own.wholes(gradient))
        if exact is not None:
            whole = torch.cat(wholes)
            found["error"].append(float((whole - exact).norm() / exact.norm()))
        moved = list(parallel.own.wholes(parallel.own.flat(parallel.variables)))
        if alone is not None:
            start = torch.cat(moved)
    return found


def _timed(
    alone: Training,
    start: Tensor,
    x: Tensor,
    step: int,
    found: dict[str, list[float]],
    kind: str,
) -> Tensor:
    """The serial gradient at `start`, parameters side by side; and seconds of a serial step."""
    parts = torch.split(start, [p.numel() for p in alone.variables])
    for p, part in zip(alone.variables, parts, strict=True):
        p.data.copy_(part.reshape(p.shape))
    thread, wall = time.thread_time(), time.perf_counter()
    gradient = alone.gradient(x)
    alone.move(gradient, step)
    found[kind].append(time.thread_time() - thread)
    if kind == "serial":
        found["wall"].append(time.perf_counter() - wall)
    return gradient


def traced_in(folder: Path, number: int, rank: int) -> Path:
    """Where a rank's trace of a task is written."""
    return folder / f"{number}-{rank}.csv"


def found_in(folder: Path, number: int) -> Path:
    """Where what was found of a task is written."""
    return folder / f"{number}.json"


def train(task: Task, basis: ResidualBasis, folder: Path, number: int, here: Communicator) -> None:
    """Train, and write what was traced and found."""
    trace = Trace()
    found = trained(task, basis, trace, here)
    trace.write(traced_in(folder, number, here.rank))
    if here.rank == here.size - 1:
        found_in(folder, number).write_text(json.dumps(found), encoding="utf-8")


def main() -> None:
    """Train as the command line says."""
    torch.set_num_threads(1)
    here, folder = ranks(), Path(sys.argv[1])
    for number, word in enumerate(sys.argv[2:]):
        task = Task.read(word)
        train(task, drawn(task), folder, number, here)


if __name__ == "__main__":
    main()
