"""The flattest field that the linear conditions on faces allow: where iterations start if the zero
field will not do.

Initial data are extended constantly in time, values on a boundary as smoothly as a membrane would:
the sum of squares of all first derivatives is least. Equations of the domain have no say in it, so
that they may have no value at zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.coefficients.least_squares import least_squares
from pinnsolve.coefficients.solved import Solved
from pinnsolve.compile.system import Residual, System
from pinnsolve.compile.traces import Slot, Trace
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.collocate import SAMPLING, bounds_by_name
from pinnsolve.discretize.points import fills_domain, sample_points, sample_region
from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.field import Field
from pinnsolve.fields.space import Block, Space
from pinnsolve.geometry.region import Condition
from pinnsolve.jets.indices import unit


@dataclass(frozen=True)
class Flatness:
    """In which waves the flattest field is sought, and what the data weigh in it."""

    waves: int = 100
    # Their wavenumbers, in radians a side.
    scale: float = 4.0
    # In the domain.
    points: int = 600
    # The weight of the data, against the derivatives'.
    data_weight: float = 100.0


FLATNESS = Flatness()


def flattest_field(system: System, like: Tensor = DOUBLE) -> Expansion:
    """The field, in a small basis of waves like a tensor `(...)`; zero for unknowns that no linear
    condition on a face mentions.
    """
    dim = len(system.domain.coordinates)
    waves = Dense(FLATNESS.waves, 1, "sin", Waves(FLATNESS.scale))
    basis = waves.build(bounds_by_name(system.problem), 0).to(like)
    inside = sample_region(system.domain, FLATNESS.points, 0)
    fresh = zip(system.residuals, sample_points(system.problem, FLATNESS.points, 1), strict=True)
    given = [
        (r, replace(p, factors=np.full(len(p.x), FLATNESS.data_weight)))
        for r, p in fresh
        if r.linear and not fills_domain(r.condition.region)
    ]
    flat = [_slope(system, k, axis) for k in range(system.n_unknowns) for axis in range(dim)]
    # Slopes weigh little against the data: of all fields that have these, the one that varies
    # least.
    rows = replace(system, residuals=(*[r for r, _ in given], *flat), validation=None)
    points = [*[p for _, p in given], *[inside for _ in flat]]
    space = Space.shared(basis, system.n_unknowns)
    solved = least_squares(assemble(rows, points, space).augmented)
    return Expansion(space, tensor_of(solved.coefficients, like))


def constants(system: System, like: Tensor = DOUBLE, powers: int = 4) -> list[Expansion]:
    """All unknowns equal to one constant, of either sign and of sizes a factor ten apart, from
    10^-powers to 10^powers, in the dtype of a tensor `(...)`.
    """
    basis = Dense(1, 1, "sin", Waves(0.0)).build(bounds_by_name(system.problem), 0).to(like)
    one = Block(basis).values(sample_region(system.domain, 1, 0).x)[0, 0]
    sizes = [sign * 10.0**k for k in range(-powers, powers + 1) for sign in (1.0, -1.0)]
    return [Expansion.of(basis, one.new_full((system.n_unknowns, 1), size) / one) for size in sizes]


def projected(start: Field, system: System, space: Space) -> tuple[Tensor, Solved]:
    """The coefficients `(space.columns,)` that have a field's values, and the last solve for
    them.
    """
    solves: dict[int, Solved] = {}
    for block, unknowns in space.groups:
        x = sample_region(block.region or system.domain, SAMPLING.rows[0] * block.size + 1, 0).x
        functions, values = block.values(x), start.values(x).to(space.like)
        for k in unknowns:
            solves[k] = least_squares(
                np.asfortranarray(array_of(torch.cat([functions, values[k][:, None]], dim=1)))
            )
    coefficients = [solves[k].coefficients for k in range(space.n_unknowns)]
    return tensor_of(np.concatenate(coefficients), space.like), solves[space.n_unknowns - 1]


def _slope(system: System, unknown: int, axis: int) -> Residual:
    """The equation that one first derivative is zero."""
    coordinates = system.domain.coordinates
    condition = Condition(system.problem.unknowns[unknown], system.domain)  # only its region counts
    slot = Slot(unknown, 0, unit(len(coordinates), axis))
    return Residual(condition, (Trace(coordinates, None),), (slot,), True, _itself, _one)


def _itself(arguments: Iterable[Tensor], n: int) -> Tensor:
    return list(arguments)[-1][None]


def _one(arguments: Iterable[Tensor], n: int) -> Tensor:
    return torch.ones_like(list(arguments)[-1])[None]
