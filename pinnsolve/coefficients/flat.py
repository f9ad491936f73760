"""The flattest field that the linear conditions on faces allow: where iterations start if the zero
field will not do.

Initial data are extended constantly in time, values on a boundary as smoothly as a membrane would:
the sum of squares of all first derivatives is least. Equations of the domain have no say in it, so
that they may have no value at zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.basis.initialize import Waves
from pinnsolve.basis.networks import Dense
from pinnsolve.coefficients.least_squares import Solved, least_squares
from pinnsolve.compile.system import Residual, Slot, System, Trace
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.collocate import OVERSAMPLING, bounds_by_name
from pinnsolve.discretize.points import Points, fills_domain, sample_points, sample_region
from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.field import Field
from pinnsolve.fields.space import Block, Space
from pinnsolve.geometry.region import Condition
from pinnsolve.jets.indices import unit

# Waves, and their wavenumbers in radians a side.
FLAT_WIDTH, FLAT_SCALE = 100, 4.0
FLAT_POINTS = 600  # in the domain
# Powers of ten, of the largest and the smallest constant.
POWERS_OF_TEN = 4
# The weight of the data, against the derivatives'.
DATA_WEIGHT = 100.0


def flattest_field(system: System, like: Tensor = DOUBLE) -> Expansion:
    """The field, in a small basis of waves like a tensor `(...)`; zero for unknowns that no linear
    condition on a face mentions.
    """
    dim = len(system.domain.coordinates)
    waves = Dense(FLAT_WIDTH, 1, "sin", Waves(FLAT_SCALE))
    basis = waves.build(bounds_by_name(system.problem), 0).to(like)
    inside = sample_region(system.domain, FLAT_POINTS, 0)
    fresh = zip(system.residuals, sample_points(system.problem, FLAT_POINTS, 1), strict=True)
    given = [
        (r, _weighted(p)) for r, p in fresh if r.linear and not fills_domain(r.condition.region)
    ]
    flat = [_slope(system, k, axis) for k in range(system.n_unknowns) for axis in range(dim)]
    # Slopes weigh little against the data: of all fields that have these, the one that varies
    # least.
    rows = replace(system, residuals=(*[r for r, _ in given], *flat), validation=None)
    points = [*[p for _, p in given], *[inside for _ in flat]]
    space = Space.shared(basis, system.n_unknowns)
    solved = least_squares(assemble(rows, points, space).augmented)
    return Expansion(space, tensor_of(solved.coefficients, like))


def constants(system: System, like: Tensor = DOUBLE) -> list[Expansion]:
    """All unknowns equal to one constant, of either sign and of sizes a factor ten apart, in the
    dtype of a tensor `(...)`.
    """
    basis = Dense(1, 1, "sin", Waves(0.0)).build(bounds_by_name(system.problem), 0).to(like)
    one = Block(basis).values(sample_region(system.domain, 1, 0).x)[0, 0]
    sizes = [
        sign * 10.0**k for k in range(-POWERS_OF_TEN, POWERS_OF_TEN + 1) for sign in (1.0, -1.0)
    ]
    return [Expansion.of(basis, one.new_full((system.n_unknowns, 1), size) / one) for size in sizes]


def projected(start: Field, system: System, space: Space) -> tuple[Tensor, Solved]:
    """The coefficients `(space.columns,)` that have a field's values, and the last solve for
    them.
    """
    solves: dict[int, Solved] = {}
    for block, unknowns in space.groups:
        x = sample_region(block.region or system.domain, OVERSAMPLING * block.size + 1, 0).x
        functions, values = block.values(x), start.values(x).to(space.like)
        for k in unknowns:
            solves[k] = least_squares(
                np.asfortranarray(array_of(torch.cat([functions, values[k][:, None]], dim=1)))
            )
    coefficients = [solves[k].coefficients for k in range(space.n_unknowns)]
    return tensor_of(np.concatenate(coefficients), space.like), solves[space.n_unknowns - 1]


def _weighted(p: Points) -> Points:
    return replace(p, factors=np.full(len(p.x), DATA_WEIGHT))


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
