"""Whether training by few cycles of MGRIT stays honest: a part of `layer_parallel`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from torch import Tensor

from pinnsolve import MGRIT, Problem, ResNet, compile_problem
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.space import Space
from pinnsolve.mgrit.propagator import serial
from pinnsolve.problems.fronts import burgers
from pinnsolve.problems.poisson import poisson_2d
from pinnsolve.training.gradient_check import cosine
from pinnsolve.training.lsgd import first_joint
from pinnsolve.training.objective import Joint
from pinnsolve.training.partition import Everything
from pinnsolve.training.weighted_loss import WeightedLoss, weighted_loss
from results.writing import markdown_table

STEPS, EVERY = 1000, 25
SHOWN = (24, 99, 499, 999)
LATE = 800


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
            gradient = rows.gradient(coefficients, variables, Everything(), None, generator)
        else:
            gradient = _slope(rows, coefficients, variables)[1]
        _put(gradient, variables)
        if step % EVERY == EVERY - 1:  # just before a gradient is checked again
            reference.load_state_dict(basis.state_dict())
            loss, true = _slope(exact, coefficients, [*exact.parameters, coefficients])
            error = float((gradient - true).norm() / true.norm())
            aligned = cosine(gradient, true)
            yield Trained(name, kind, scheme, step, error, aligned, loss, _most_cycles(mgrit))
        adam.step()


def _slope(
    rows: WeightedLoss, coefficients: Tensor, variables: Sequence[Tensor]
) -> tuple[float, Tensor]:
    """A loss and its gradient, flat."""
    loss = rows.misfit(coefficients).square().sum()
    parts = torch.autograd.grad(loss, variables)
    return float(loss.detach()), torch.cat([part.flatten() for part in parts])


def _most_cycles(mgrit: MGRIT | None) -> int:
    """Of the passes whose states are kept."""
    kept = [] if mgrit is None else mgrit.memory.kept
    return max((len(each["residuals"]) for each in kept), default=0)


def _put(gradient: Tensor, variables: Sequence[Tensor]) -> None:
    parts = torch.split(gradient, [p.numel() for p in variables])
    for p, part in zip(variables, parts, strict=True):
        p.grad = part.reshape(p.shape).clone()


def trainings() -> Iterator[Trained]:
    """Every problem, with every kind of points, by every scheme."""
    for name, (kind, schemes) in product(TRAINED, SCHEMES.items()):
        for scheme in schemes:
            yield from training(name, kind, scheme)


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
