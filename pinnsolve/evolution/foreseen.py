"""What an evolution takes of memory, foreseen, as that of fits is: before a run is begun, and as
its path grows longer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pinnsolve.coefficients.memory import fitting
from pinnsolve.compile.system import System
from pinnsolve.discretize.recognize import Form
from pinnsolve.evolution.orthonormal import REDUCTION
from pinnsolve.fields.field import Field
from pinnsolve.running.budget import Budget


@dataclass(frozen=True)
class Foreseen:
    """What an integration takes of memory beside its matrices."""

    # Bytes, of libraries that a first evolution loads, linear algebra's and the integrator's
    libraries: float = 50e6
    # Bytes of these, which a fit does not count
    beside_fits: float = 20e6
    # Of the state's size: slopes, two factors, one of them complex, and what they are made of
    squares: int = 9
    # Numbers a step and variable: states, their rates and second rates, and copies while they are
    # joined
    numbers_a_step: int = 12


FORESEEN = Foreseen()


def bytes_of_run(
    system: System, form: Form, width: int, places: int = 0, steps: float = 0.0
) -> float:
    """The peak of memory of an integration in so many functions of space, in bytes, above what an
    interpreter takes.
    """
    free, dimensions = system.n_unknowns * width, len(system.domain.coordinates) - 1
    size = free * form.orders[0]
    each = REDUCTION.points_in_one if dimensions == 1 else REDUCTION.points_in_several
    points = max(1, places) * each * width if dimensions else 1
    laws = [points * size * len(law.residual.slots) for law in form.laws]
    space = 4 * free**2 + 4 * points * width
    squares, path = FORESEEN.squares * size**2, FORESEEN.numbers_a_step * steps * free
    numbers = space + sum(laws) + max(laws) + points * size + squares + path
    return FORESEEN.libraries + 8.0 * numbers


def steps_within(system: System, form: Form, width: int, places: int, free: float) -> float:
    """How many steps a path may have in so many bytes; below zero, if not even its beginning
    fits.
    """
    none, one = (bytes_of_run(system, form, width, places, steps) for steps in (0.0, 1.0))
    return (free - none) / (one - none)


def bytes_held(field: Field) -> float:
    """What a run that is over still takes: its path, and its functions of space."""
    return float(sum(t.numel() * t.element_size() for t in field.state().values()))


def beside(budget: Budget, system: System, held: float) -> Budget | None:
    """The budget of a fit after an evolution that leaves so many bytes; None, if not even one
    column fits.
    """
    if budget.gigabytes is None:
        return budget  # a share of what is free, of which those bytes are no part
    left = budget.gigabytes - (FORESEEN.beside_fits + held) / 1e9
    try:
        return (
            fitting(replace(budget, gigabytes=left), system)
            if left > 0 and math.isfinite(left)
            else None
        )
    except MemoryError:
        return None
