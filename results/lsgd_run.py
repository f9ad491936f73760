"""One training of the study of LS/GD, with its clock and its errors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from pinnsolve import (
    LBFGS,
    LSGD,
    compile_problem,
)
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.fields.building import build_space
from pinnsolve.fields.expansion import Expansion
from pinnsolve.solution.errors import compare, exact_values, fresh_points, wholes_of
from pinnsolve.training.descents import Descent
from pinnsolve.training.iterate import Iterate
from pinnsolve.training.lsgd import UNASKED, first_joint
from pinnsolve.training.objective import Joint
from pinnsolve.training.weighted_loss import WeightedLoss, weighted_loss
from results.lsgd import BROYDEN, METHODS, PROBLEMS, Job, Method, network
from results.writing import COMMIT

MOST_ROWS = 3000


@dataclass(frozen=True)
class Row:
    """A point of a run's curve; the last of a run has `final`."""

    problem: str
    network: str
    width: int
    start: str
    method: str
    seed: int
    steps: int
    cpu_seconds: float
    loss: float
    error: float
    maximum: float
    final: bool
    commit: str


def run_one(job: Job) -> list[Row]:
    """One training with its clock, errors at about each doubling of the time."""
    problem, name, width, start, method, seed, seconds = job
    torch.set_num_threads(1)
    system, declared = compile_problem(PROBLEMS[problem]), network(name, start, width)
    space = build_space(system, declared, seed)
    wanted = min(LSGD().free_parameters(space), MOST_ROWS // 3)
    rows = weighted_loss(system, collocation_points(system, space, seed + 1000, wanted), space)
    points = fresh_points(system, 10_000, 0).x
    truth = exact_values(system.problem, points)
    dim = points.shape[1]
    indices = [(0,) * dim, *map(tuple, np.eye(dim, dtype=int).tolist())]
    written = []
    for reached in _course(METHODS[method], rows, seconds):
        rows.move(reached.best.x[: len(rows.variables())])
        field = Expansion(space, reached.best.coefficients)
        errors = compare(wholes_of(system), field.derivatives(points, indices), truth)
        written.append(
            Row(
                *job[:6],
                reached.steps,
                reached.seconds,
                reached.best.loss,
                float(errors),
                errors.maximum,
                reached.final,
                COMMIT,
            )
        )
    return written


@dataclass(frozen=True, eq=False)
class Reached:
    """Where a training stands: steps, CPU seconds, best iterate, and whether it has ended."""

    steps: int
    seconds: float
    best: Iterate
    final: bool


def _course(method: Method, rows: WeightedLoss, seconds: float) -> Iterator[Reached]:
    """A training at about each doubling of its time, and at its end. The clock stands between."""
    clock = time.process_time()
    objective = method.objective(rows)
    best = first_joint(objective) if isinstance(objective, Joint) else rows.solve()
    used, steps, due = time.process_time() - clock, 0, 0.02
    yield Reached(steps, used, best, False)
    for descent, share in method.stages:
        iterates = _suited(descent, rows).iterates(objective, best)
        while used < share * seconds:
            clock = time.process_time()
            iterate = next(iterates, None)
            used += time.process_time() - clock
            if iterate is None:
                break
            steps += 1
            best = iterate if iterate.loss < best.loss else best
            if used > due:
                yield Reached(steps, used, best, False)
                due = 1.3 * used
    yield Reached(steps, used, best, True)


def _suited(descent: Descent, rows: WeightedLoss) -> Descent:
    many = len(rows.variables()) > UNASKED.most_for_dense
    return LBFGS() if descent is BROYDEN and many else descent
