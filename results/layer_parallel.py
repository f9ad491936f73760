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
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pinnsolve import MGRIT, He, Problem, ResNet, compile_problem
from pinnsolve.basis.networks import ResidualBasis
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.space import Space
from pinnsolve.jets.indices import JetIndex
from pinnsolve.mgrit.propagator import serial
from pinnsolve.problems.fronts import burgers
from pinnsolve.problems.poisson import poisson_2d
from pinnsolve.training.gradient_check import cosine
from pinnsolve.training.lsgd import first_joint
from pinnsolve.training.objective import Joint
from pinnsolve.training.partition import Everything
from pinnsolve.training.weighted_loss import weighted_loss
from results import layer_gpu
from results.layer_cost import MEASURED_ALONE, PLANE, points
from results.layer_model import measured_costs, model_table
from results.writing import FOLDER, json_of, markdown_table, provenance, read_csv, write_csv

JET: list[JetIndex] = [(0, 0), frozenset([(2, 0), (0, 2)])]
LAPLACIAN = frozenset([(2, 0), (0, 2)])
CYCLES = (1, 2, 3, 4)
STEPS, EVERY = 1000, 25
SHOWN = (24, 99, 499, 999)
LATE = 800


@dataclass(frozen=True)
class Row:
    """Error after some cycles."""

    network: str
    depth: int
    horizon: float
    options: str
    cycles: int
    error: float


@dataclass(frozen=True)
class Trained:
    """A step of training: the gradient's error and cosine, the exact loss, and the most forward
    cycles of a pass.
    """

    problem: str
    points: str
    scheme: str
    step: int
    error: float
    cosine: float
    loss: float
    cycles: int


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


def convergence() -> Iterator[Row]:
    """Horizon, depth, initialization, coarsening, relaxation and coarse layers."""
    cases: list[tuple[str, int, float, dict[str, Any]]] = [
        *(("box", depth, 1.0, {"coarsening": 16}) for depth in (128, 256, 1024)),
        *(("box", 256, 1.0, {"coarsening": c}) for c in (4, 64)),
        *(("box", 256, horizon, {"coarsening": 16}) for horizon in (5.0, 20.0, 256.0)),
        *(("He", 256, horizon, {"coarsening": 16}) for horizon in (1.0, 5.0, 20.0)),
        ("box", 256, 1.0, {"coarsening": 16, "coarse": "first"}),
        ("box", 256, 1.0, {"coarsening": 16, "relaxation": "FCF"}),
        ("box", 256, 1.0, {"levels": 3, "coarsening": (8, 4)}),
        ("box", 256, 1.0, {"levels": 4, "coarsening": (4, 4, 4)}),
        ("box", 256, 1.0, {"levels": 4, "coarsening": (4, 4, 4), "cycle": "F"}),
    ]
    for name, depth, horizon, options in cases:
        declared: dict[str, Any] = {
            "initialize": None if name == "box" else He(),
            "horizon": horizon,
        }
        exact = pulled(ResNet(32, depth + 1, **declared).build(PLANE, 0))
        text = ", ".join(f"{k} {v}" for k, v in options.items())
        for cycles in CYCLES:
            mgrit = MGRIT(cycles=cycles, **options)
            found = pulled(ResNet(32, depth + 1, propagate=mgrit, **declared).build(PLANE, 0))
            error = max(float((a - b).norm() / b.norm()) for a, b in zip(found, exact, strict=True))
            yield Row(name, depth, horizon, text, cycles, error)


def pulled(basis: ResidualBasis) -> list[Tensor]:
    """Values, and gradients of a function of them."""
    out = basis(points(64, 0), JET)
    weights = torch.sin(torch.arange(out.numel(), dtype=out.dtype)).reshape(out.shape)
    return [out.detach(), *torch.autograd.grad((out * weights).sum(), list(basis.parameters()))]


# Of fixed points (warm states) and fresh ones each step (cold): how gradients are taken. None: the
# serial pass.
SCHEMES: dict[str, dict[str, MGRIT | None]] = {
    "fixed": {
        "exact": None,
        "one cycle each way": MGRIT(cycles=1),
        "one and more, controlled": MGRIT(cycles=1, adjoint_cycles=2),
        "cold, 2 forward, 1 backward (torchbraid's)": MGRIT(
            cycles=2, adjoint_cycles=1, coarse="first"
        ),
    },
    "fresh": {
        "exact": None,
        "two cycles each way": MGRIT(cycles=2),
        "three and more, controlled": MGRIT(cycles=3, adjoint_cycles=4),
    },
}
TRAINED: dict[str, Callable[[], Problem]] = {"poisson": poisson_2d, "burgers": burgers}


def training(name: str, kind: str, scheme: str, steps: int = STEPS) -> Iterator[Trained]:
    """Adam on all parameters and coefficients; the exact loss and gradient as often as gradients
    are checked.

    Controlled gradients are those of training, `WeightedLoss.gradient`, with its checks; others
    have their cycles and no more.
    """
    mgrit, system = SCHEMES[kind][scheme], compile_problem(TRAINED[name]())
    bounds = bounds_by_name(system.problem)
    basis = ResNet(32, 65, propagate=serial if mgrit is None else mgrit).build(bounds, 0)
    reference = ResNet(32, 65).build(bounds, 0)
    rows, exact = (
        weighted_loss(
            system, sample_points(system.problem, 128, 0), Space.shared(network, system.n_unknowns)
        )
        for network in (basis, reference)
    )
    start = first_joint(Joint(rows))
    coefficients = start.coefficients.clone().requires_grad_()
    variables = [*rows.parameters, coefficients]
    adam, generator = torch.optim.Adam(variables, lr=2e-3), np.random.default_rng(0)
    for step in range(steps):
        if kind == "fresh":
            drawn = sample_points(system.problem, 128, step)
            rows, exact = rows.on(drawn), exact.on(drawn)
        if mgrit is not None and scheme.startswith(("cold", "two cycles")):
            mgrit.memory.kept.clear()
        if scheme.endswith("controlled"):
            found = rows.gradient(coefficients, variables, Everything(), None, generator)
        else:
            found = _flat(torch.autograd.grad(rows.misfit(coefficients).square().sum(), variables))
        _put(found, variables)
        if step % EVERY == EVERY - 1:  # just before a gradient is checked again
            reference.load_state_dict(basis.state_dict())
            true = exact.misfit(coefficients).square().sum()
            gradient = _flat(torch.autograd.grad(true, [*exact.parameters, coefficients]))
            error = float((found - gradient).norm() / gradient.norm())
            cycles = (
                max((len(kept["residuals"]) for kept in mgrit.memory.kept), default=0)
                if mgrit
                else 0
            )
            yield Trained(
                name,
                kind,
                scheme,
                step,
                error,
                cosine(found, gradient),
                float(true.detach()),
                cycles,
            )
        adam.step()


def _put(gradient: Tensor, variables: Sequence[Tensor]) -> None:
    parts = torch.split(gradient, [p.numel() for p in variables])
    for p, part in zip(variables, parts, strict=True):
        p.grad = part.reshape(p.shape).clone()


def _flat(parts: Iterable[Any]) -> Tensor:
    found: Tensor = torch.cat([p.flatten() for p in parts])
    return found


def cost(ranks: int, depth: int, order: int, batch: int, kind: str) -> Cost:
    """Run `layer_cost` on ranks, one thread each. Raises RuntimeError with its last words if it
    fails.
    """
    command = [sys.executable, "-m", "results.layer_cost", str(depth), str(order), str(batch), kind]
    if ranks > 1:
        command = [str(Path(sys.executable).with_name("mpiexec")), "-n", str(ranks), *command]
    found = json_of(command)
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


def convergence_table(rows: list[Row]) -> str:
    """Errors by cycles, and the last factor."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(
            (row.network, str(row.depth), f"{row.horizon:g}", row.options), []
        ).append(row)
    lines = [
        (
            *key,
            *(f"{r.error:.0e}" for r in found),
            f"{found[1].error / max(found[2].error, 1e-16):.0f}",
        )
        for key, found in groups.items()
    ]
    header = (
        "initialization",
        "layers",
        "horizon",
        "MGRIT",
        *(f"{k} cycles" for k in CYCLES),
        "factor of the third",
    )
    return markdown_table(header, lines)


def training_table(rows: list[Trained]) -> str:
    """Gradient error, cosine, loss and cycles at some steps; the least cosine, and the last loss
    over that of exact steps.
    """
    lines = []
    for name, (kind, schemes) in product(TRAINED, SCHEMES.items()):
        exact = None
        for scheme in schemes:
            mine = {
                r.step: r for r in rows if (r.problem, r.points, r.scheme) == (name, kind, scheme)
            }
            cells = [
                f"{mine[s].error:.0e} / {mine[s].cosine:.3f} / {mine[s].loss:.3g} /"
                f" {mine[s].cycles}"
                for s in SHOWN
            ]
            last = sum(r.loss for r in mine.values() if r.step > LATE)
            exact = exact or last
            least = f"{min(r.cosine for r in mine.values()):.3f}"
            lines.append((name, kind, scheme, *cells, least, f"{last / exact:.2f}"))
    steps = (f"step {s}: error / cosine / loss / cycles" for s in SHOWN)
    header = (
        "problem",
        "points",
        "scheme",
        *steps,
        "least cosine",
        f"mean loss after step {LATE} over exact",
    )
    return markdown_table(header, lines)


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


def trainings() -> Iterator[Trained]:
    """Every problem, with every kind of points, by every scheme."""
    for name, (kind, schemes) in product(TRAINED, SCHEMES.items()):
        for scheme in schemes:
            yield from training(name, kind, scheme)


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
