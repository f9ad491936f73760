"""Is an evolution diffusion, at a constant rate, whose modes decay? Then these have real rates."""

from __future__ import annotations

import cmath
from dataclasses import dataclass

import numpy as np
import torch

from pinnsolve.compile.system import Residual
from pinnsolve.discretize.points import sample_region
from pinnsolve.evolution.loads import conditions_of, padded
from pinnsolve.evolution.stages import Stages
from pinnsolve.fields.arrays import array_of, tensor_of
from pinnsolve.geometry.region import Region
from pinnsolve.jets.indices import in_others, members


@dataclass(frozen=True)
class Diffusion:
    """How coefficients are compared."""

    # Points, at which they are looked at
    points: int = 32
    # Of the largest: coefficients that differ by no more are the same
    same: float = 1e-10
    # Of the domain's sides, how far from a side one is inside
    inside: float = 1e-6


DIFFUSION = Diffusion()


@dataclass(frozen=True)
class Terms:
    """The law's coefficients: of the derivative in time, of the Laplacian, and of u itself."""

    timed: float
    second: float
    zeroth: float

    def root(self, s: complex) -> complex:
        """The number k of lap u = k^2 u, with the number s in the place of the derivative."""
        return cmath.sqrt(-(self.zeroth + self.timed * s) / self.second)


def terms_of_law(stages: Stages) -> Terms | None:
    """Those of an evolution's only law, by its coefficients at points; None, if it has others, or
    these vary, or it grows by itself.
    """
    law, axis = stages.form.laws[0].residual, stages.form.axis
    at = tensor_of(sample_region(law.condition.region, DIFFUSION.points, 0).x)
    each = [law.by_derivative(point[None]) for point in at]
    dim = at.shape[1]
    first = [tuple(order * (k == c) for k in range(dim)) for c in range(dim) for order in (1, 2)]
    timed = first[2 * axis]
    second = [first[2 * c + 1] for c in range(dim) if c != axis]
    known = {timed, *second, (0,) * dim}
    size = max(abs(v) for held in each for v in held.values())
    for held in each:
        others = [v for index, v in held.items() if index not in known]
        apart = [held.get(i, 0.0) - each[0].get(i, 0.0) for i in known]
        uneven = held.get(second[0], 0.0) - held.get(second[1], 0.0)
        if max(map(abs, (*others, *apart, uneven))) > DIFFUSION.same * size:
            return None
    held = each[0]
    found = Terms(held.get(timed, 0.0), held.get(second[0], 0.0), held.get((0,) * dim, 0.0))
    if found.timed * found.second >= 0 or found.zeroth * found.timed < 0:
        return None
    return found


def decays(stages: Stages) -> bool:
    """Whether sides say of the unknown at their own points what it is, or a flux along the normal
    beside a multiple of it that lets nothing in by itself: with the law of `terms_of_law` a
    self-adjoint problem, none of whose modes grows or turns.
    """
    count = len(stages.form.laws)
    sides = zip(conditions_of(stages)[count:], stages.at_rest.residuals[count:], strict=True)
    domain = stages.at_rest.domain
    return all(_lets_out(stages, timed, still, domain) for timed, still in sides)


def _lets_out(stages: Stages, timed: Residual, still: Residual, domain: Region) -> bool:
    indices = [m for s in timed.slots for m in members(in_others(s.index, stages.form.axis))]
    alone = len(indices) == len(timed.slots) and max(map(sum, indices), default=0) <= 1
    p = sample_region(still.condition.region, DIFFUSION.points, 0)
    at = stages.at(tensor_of(p.x), stages.form.start)
    # u(0, y, t) is said of its own points, where x is 0.
    own_points = all(torch.equal(trace(at), at) for trace in timed.traces)
    if not (alone and own_points) or p.normals is None:
        return False
    factors = array_of(timed.coefficients(at, padded(stages, p.normals)))
    slope, own = np.zeros_like(p.x), np.zeros(len(p.x))
    for index, factor in zip(indices, factors, strict=True):
        if sum(index):
            slope[:, index.index(1)] += factor
        else:
            own += factor
    along = (slope * p.normals).sum(axis=1)
    across = np.abs(slope - along[:, None] * p.normals).max()
    step = DIFFUSION.inside * np.ptp(domain.bounds, axis=1).min()
    inwards = domain.contains(p.x + step * p.normals)
    outwards = np.where(inwards, -along, along)
    size = np.abs(factors).max()
    return bool(across <= DIFFUSION.same * size and (own * outwards >= 0).all())
