"""How fast MGRIT's cycles converge, by states and gradients: a part of `layer_parallel`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pinnsolve import MGRIT, He, ResNet
from pinnsolve.basis.networks import ResidualBasis
from pinnsolve.jets.indices import JetIndex
from results.layer_cost import PLANE, points
from results.writing import markdown_table

JET: list[JetIndex] = [(0, 0), frozenset([(2, 0), (0, 2)])]
CYCLES = (1, 2, 3, 4)


@dataclass(frozen=True)
class Row:
    """Error after some cycles."""

    network: str
    depth: int
    horizon: float
    options: str
    cycles: int
    error: float


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
