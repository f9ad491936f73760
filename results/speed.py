"""Loss and its gradient for the residual of (bi-)Laplacian, 4 x 50 tanh, float64, one thread: jets
against nested autograd.

Nested autograd is what most PINN packages do: the network, then gradients of gradients with their
graphs kept. CPU seconds, median of five; `first` is the first call, compilation included. The
gradients agree to the digits named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import torch
from sympy import Eq
from torch import Tensor

from pinnsolve import (
    Box,
    Dense,
    Problem,
    compile_problem,
    compiled,
    coordinates,
    laplacian,
    unknown,
)
from pinnsolve.basis.networks import DenseBasis
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.space import Space
from pinnsolve.training.compiled import eager
from pinnsolve.training.lsgd import first_joint
from pinnsolve.training.objective import Joint
from pinnsolve.training.weighted_loss import weighted_loss
from results.writing import FOLDER, markdown_table, provenance, write_csv

POINTS, WIDTH, DEPTH, REPEATS = 10_000, 50, 4, 5


@dataclass(frozen=True)
class Row:
    """One way to a gradient."""

    order: int
    points: int
    way: str
    cpu_seconds: float
    first: float
    ratio: float
    gap: float


def nested_gradient(
    basis: DenseBasis, x: Tensor, coefficients: Tensor, order: int
) -> Callable[[], Sequence[Tensor]]:
    """Gradient of the mean squared residual by gradients of gradients."""

    def laplace(values: Tensor, at: Tensor) -> Tensor:
        (slope,) = torch.autograd.grad(values.sum(), at, create_graph=True)
        parts = [
            torch.autograd.grad(s.sum(), at, create_graph=True)[0][:, k]
            for k, s in enumerate(slope.unbind(dim=1))
        ]
        return parts[0] + parts[1]

    def gradient() -> Sequence[Tensor]:
        at = x.clone().requires_grad_()
        values = at
        for weight, bias in zip(basis.weights, basis.biases, strict=True):
            values = torch.tanh(values @ weight + bias)
        residual = laplace(values @ coefficients, at)
        residual = laplace(residual, at) if order == 4 else residual
        loss = (residual - 1).square().sum()
        return torch.autograd.grad(loss, [*basis.parameters(), coefficients])

    return gradient


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Median CPU seconds, and those of the first call in wall time."""
    start = time.perf_counter()
    call()
    first, seconds = time.perf_counter() - start, []
    for _ in range(REPEATS):
        clock = time.process_time()
        call()
        seconds.append(time.process_time() - clock)
    return median(seconds), first


WAYS = {"jets": eager, "jets, compiled": compiled}


def rows_of(order: int, points: int = POINTS, ways: Sequence[str] = tuple(WAYS)) -> list[Row]:
    """Nested autograd, and jets in these ways."""
    x, y = coordinates("x y")
    u = unknown("u", x, y)
    operator = laplacian(u) if order == 2 else laplacian(laplacian(u))
    problem = Problem(Box({x: (0, 1), y: (0, 1)}), Eq(operator, 1))
    system, placed = compile_problem(problem), sample_points(problem, points, 0)
    basis = Dense(WIDTH, DEPTH, "tanh").build(bounds_by_name(problem), 0)
    objective = Joint(weighted_loss(system, placed, Space.shared(basis, 1)))
    start = first_joint(objective)
    scale = (objective.rows.scales[0] / objective.rows.size) ** 2
    other = start.coefficients.clone().requires_grad_()
    nested = nested_gradient(basis, torch.from_numpy(placed[0].x), other, order)
    reference = scale * torch.cat([g.flatten() for g in nested()])
    base, first = timed(nested)
    found = [Row(order, points, "nested autograd", base, first, 1.0, 0.0)]
    for way in ways:
        objective = Joint(weighted_loss(system, placed, Space.shared(basis, 1), WAYS[way]))
        seconds, first = timed(lambda objective=objective: objective.gradient(start))  # type: ignore[misc]
        gap = float((objective.gradient(start) - reference).norm() / reference.norm())
        found.append(Row(order, points, way, seconds, first, base / seconds, gap))
    return found


def run() -> None:
    """Write speed.csv and speed.md."""
    begun = time.perf_counter()
    torch.set_num_threads(1)
    rows = [row for order in (2, 4) for row in rows_of(order)]
    write_csv("speed.csv", rows)
    header = (
        "operator",
        "way",
        "CPU s",
        "times as fast",
        "first call s",
        "relative difference of gradients",
    )
    names = {2: "Laplacian", 4: "biharmonic"}
    lines = []
    for r in rows:
        numbers = (f"{v:.2f}" for v in (r.cpu_seconds, r.ratio, r.first))
        lines.append((f"{names[r.order]}, {r.points} points", r.way, *numbers, f"{r.gap:.0e}"))
    origin = provenance(time.perf_counter() - begun, (0,))
    text = f"# Speed of a step\n\n{__doc__}\n{markdown_table(header, lines)}\n\n{origin}\n"
    (FOLDER / "speed.md").write_text(text, encoding="utf-8")
