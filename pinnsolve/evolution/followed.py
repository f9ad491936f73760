"""A second opinion on ordinary differential equations: is a solution also the one that an
integrator follows?

Least squares sees an equation's residual. Where a solution decays by more digits than there are and
grows again, u' = 200 (t - 1) u, the residual is small whatever grows there, and two draws agree on
zero. An integrator makes other errors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import count

from pinnsolve.compile.system import System
from pinnsolve.discretize.changes import difference
from pinnsolve.discretize.own_features import instants
from pinnsolve.discretize.points import sample_region
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.integrate import Path, integrate
from pinnsolve.evolution.orthonormal import orthonormal_functions
from pinnsolve.evolution.semidiscrete import Semidiscrete
from pinnsolve.fields.field import Field
from pinnsolve.fields.separated import Modes
from pinnsolve.running.budget import Budget


@dataclass(frozen=True)
class Following:
    """How far an integrator is followed, and when it contradicts a field."""

    # By tolerance of a step, how many are made at most: small ones where large ones differ
    steps: tuple[tuple[float, int], ...] = ((1e-5, 1000), (1e-11, 3000))
    # A relative difference that errors of such steps do not make
    apart: float = 0.1


FOLLOWING = Following()


def apart(system: System, field: Field, budget: Budget, seed: int) -> float:
    """The relative difference of a field to the path from its initial values, if it is large; else
    0.

    0 also for what is no ordinary equation with initial values, or is not followed to its end by so
    few steps.
    """
    form = evolution_form(system) if len(system.domain.coordinates) == 1 else None
    if form is None:
        return 0.0
    space = orthonormal_functions(
        system, form, Modes(None, system.domain.coordinates[0].name), seed
    )
    semidiscrete = Semidiscrete(system, form, space, instants(system, field, form.axis))
    points = sample_region(system.domain, 2048, seed)
    change = 0.0
    for rtol, steps in FOLLOWING.steps:
        path = _path(semidiscrete, rtol, steps, budget)
        if path is None:
            break
        change = difference(system, path.field, field, points)
        if not change > FOLLOWING.apart:
            return 0.0
    return change if math.isfinite(change) else 0.0


def _path(semidiscrete: Semidiscrete, rtol: float, steps: int, budget: Budget) -> Path | None:
    """The whole path; None, if so few steps do not come to its end."""
    taken = count()
    try:
        path = integrate(
            semidiscrete, rtol, lambda offer: next(taken) < steps and budget.left() > 0
        )
    except ValueError:  # not finite at the start
        return None
    return path if path.complete else None


def doubt(change: float) -> str:
    """What to say of such a difference."""
    return (
        f"least squares and an integrator differ by {change:.1e}: the solution depends on its data"
        " by more digits than float64 has (it decays far, and grows again); solve the parts of the"
        " interval one by one, or for its logarithm"
    )
