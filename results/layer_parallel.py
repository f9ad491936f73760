"""Layers in parallel: how fast cycles converge, whether training with few of them stays honest, and what they cost.

Convergence: relative error of states and gradients (the worse of the two) against the serial pass, jets of order 2, weights as
they are drawn. Training: a residual network of 64 steps, width 32, for Poisson's equation by Adam 2e-3 on all parameters, 128
points; gradients are compared with exact ones, and audited ones get more cycles where they point astray. Cost: forward and
backward, width 32, wall seconds beside our own serial pass in the same run, one thread a rank, parameters moving by 1e-3.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pinnsolve import MGRIT, He, ResNet
from pinnsolve.basis.networks import ResidualBasis
from pinnsolve.basis.propagate import serial
from pinnsolve.train.audit import AUDITED, audited, cosine
from results.layer_cost import MEASURED_ALONE, PLANE, points
from results.layer_model import measured_costs, model_table
from results.writing import FOLDER, json_of, markdown_table, provenance, read_csv, write_csv

JET = [(0, 0), frozenset([(2, 0), (0, 2)])]
LAPLACIAN = frozenset([(2, 0), (0, 2)])
CYCLES = (1, 2, 3, 4)
STEPS, EVERY = 1000, 25
SHOWN = (0, 50, 100, 200, 500, 1000)


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
    """A step of training: the gradient's error and cosine, and the true loss."""

    points: str
    scheme: str
    step: int
    error: float
    cosine: float
    loss: float


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
    ]
    for name, depth, horizon, options in cases:
        declared: dict[str, Any] = {"initialize": None if name == "box" else He(), "horizon": horizon}
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


SCHEMES: dict[str, dict[str, MGRIT | None]] = {
    "fixed": {
        "exact": None,
        "warm, 1 forward, 1 backward": MGRIT(cycles=1),
        "warm, 1 and 1, audited": MGRIT(cycles=1),
        "cold, 2 forward, 1 backward (torchbraid's)": MGRIT(cycles=2, adjoint_cycles=1, coarse="first"),
    },
    "fresh": {
        "exact": None,
        "cold, 2 forward, 2 backward": MGRIT(cycles=2),
        "cold, 2 and 2, audited": MGRIT(cycles=2),
    },
}


def training(kind: str, scheme: str, steps: int = STEPS) -> Iterator[Trained]:
    """Adam on all parameters; the true loss and gradient every `EVERY` steps."""
    mgrit = SCHEMES[kind][scheme]
    basis = ResNet(32, 65, propagate=serial if mgrit is None else mgrit).build(PLANE, 0)
    exact, edge = deepcopy(basis), points(64, 1)
    exact.propagate = serial
    for side in range(4):
        edge[16 * side : 16 * side + 16, side // 2] = side % 2
    coefficients = 0.25 * torch.randn(32, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    variables = [*basis.parameters(), coefficients.requires_grad_()]
    adam = torch.optim.Adam(variables, lr=2e-3)

    def loss(network: ResidualBasis, x: Tensor) -> Tensor:
        source = 2 * math.pi**2 * torch.sin(math.pi * x[:, 0]) * torch.sin(math.pi * x[:, 1])
        residual = network(x, [LAPLACIAN])[0] @ coefficients + source
        total: Tensor = residual.square().mean() + 100 * (network(edge, [(0, 0)])[0] @ coefficients).square().mean()
        return total

    for step in range(steps + 1):
        x = points(128, step if kind == "fresh" else 0)
        if mgrit is not None and scheme.startswith("cold"):
            mgrit.memory.kept.clear()

        def pulled(x: Tensor = x) -> tuple[Tensor, ...]:
            return torch.autograd.grad(loss(basis, x), variables)

        audit = scheme.endswith("audited") and step % AUDITED == 0
        for p, g in zip(variables, audited(basis, pulled) if audit else pulled(), strict=True):
            p.grad = g
        if step % EVERY == 0:
            exact.load_state_dict(basis.state_dict())
            true = loss(exact, x)
            gradient = _flat(torch.autograd.grad(true, [*exact.parameters(), coefficients]))
            found = _flat([p.grad for p in variables])
            error = float((found - gradient).norm() / gradient.norm())
            yield Trained(kind, scheme, step, error, cosine((found,), (gradient,)), float(true.detach()))
        adam.step()


def _flat(parts: Iterable[Any]) -> Tensor:
    found: Tensor = torch.cat([p.flatten() for p in parts])
    return found


def cost(ranks: int, depth: int, order: int, batch: int, kind: str) -> Cost:
    """Run `layer_cost` on ranks, one thread each. Raises RuntimeError with its last words if it fails."""
    command = [sys.executable, "-m", "results.layer_cost", str(depth), str(order), str(batch), kind]
    if ranks > 1:
        command = [str(Path(sys.executable).with_name("mpiexec")), "-n", str(ranks), *command]
    found = json_of(command)
    return Cost(depth, order, batch, kind, ranks, found["serial"], found["mgrit"], found["error"], found["gigabytes"])


def costs() -> Iterator[Cost]:
    """Two ranks at full size, values and jets; one process with small batches, eight intervals at once; peaks of memory."""
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
        groups.setdefault((row.network, str(row.depth), f"{row.horizon:g}", row.options), []).append(row)
    lines = [
        (*key, *(f"{r.error:.0e}" for r in found), f"{found[1].error / max(found[2].error, 1e-16):.0f}")
        for key, found in groups.items()
    ]
    header = ("initialization", "layers", "horizon", "MGRIT", *(f"{k} cycles" for k in CYCLES), "factor of the third")
    return markdown_table(header, lines)


def training_table(rows: list[Trained]) -> str:
    """Gradient error, cosine and loss at some steps."""
    lines = []
    for kind, schemes in SCHEMES.items():
        for scheme in schemes:
            mine = {r.step: r for r in rows if (r.points, r.scheme) == (kind, scheme)}
            cells = [f"{mine[s].error:.0e} / {mine[s].cosine:.3f} / {mine[s].loss:.3g}" for s in SHOWN]
            lines.append((kind, scheme, *cells, f"{min(r.cosine for r in mine.values()):.3f}"))
    header = ("points", "scheme", *(f"step {s}: error / cosine / loss" for s in SHOWN), "least cosine")
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
    return markdown_table(("case", "ranks", "serial s", "MGRIT s", "speedup", "gradient error", "GB a rank"), lines)


PARTS: dict[str, tuple[type[Any], Callable[[], list[Any]]]] = {
    "cost": (Cost, lambda: list(costs())),
    "convergence": (Row, lambda: list(convergence())),
    "training": (Trained, lambda: [row for kind, ways in SCHEMES.items() for way in ways for row in training(kind, way)]),
}


def run(parts: Sequence[str] = tuple(PARTS)) -> None:
    """Measure some of the parts (all of them) again; write layer_*.csv, and layer_parallel.md from what is there."""
    begun = time.perf_counter()
    torch.set_num_threads(1)
    for part in parts:
        write_csv(f"layer_{part}.csv", PARTS[part][1]())
    timed, rows, trained = (read_csv(f"layer_{part}.csv", kind) for part, (kind, _) in PARTS.items())
    device = "no CUDA device is here: the GPU part was not run" if not torch.cuda.is_available() else "run `layer_cost` on it"
    text = [
        f"# Layers in parallel\n\n{__doc__}\n## Cost, measured\n\n{cost_table(timed)}\n\nGPU: {device}.\n",
        f"## Cost, modelled from measured costs of a layer and a message\n\n{model_table(measured_costs(), timed)}\n",
        f"## Convergence\n\n{convergence_table(rows)}\n",
        f"## Training\n\n{training_table(trained)}\n",
        f"Parts measured in this run: {', '.join(parts) or 'none'}. {provenance(time.perf_counter() - begun, (0,))}\n",
    ]
    (FOLDER / "layer_parallel.md").write_text("\n".join(text))


if __name__ == "__main__":
    run(sys.argv[1:])
