"""Rows near the tips of rough corners, at all distances.

Functions of a corner are powers of the distance from it. Where points begin at a thirtieth of a
cell, combinations of them that are nothing farther off and large at the tip cost nothing: flow
behind a step, in eight cells, left singular values of 1e-9 and jumps of 1e-2. On points evenly in
the logarithm of the distance each power is another column.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from pinnsolve.cells.points import midpoints
from pinnsolve.compile.system import Residual
from pinnsolve.discretize.draw import joined
from pinnsolve.discretize.points import Points
from pinnsolve.discretize.rough import Roughness
from pinnsolve.discretize.sobol import sobol
from pinnsolve.fields.arrays import Array, array_of
from pinnsolve.fields.tree import Face, holds


@dataclass(frozen=True)
class NearTips:
    """Where a cell with a rough corner has more points."""

    # Of the number that fill the cell, so many for each corner; and of those on its part of a side
    share: float = 0.5
    on_sides: float = 1.0
    # The same on faces between cells
    on_faces: float = 1.0
    # Of the way from the corner to these points, how near they come
    nearest: float = 1e-6


NEAR_TIPS = NearTips()


def within_tips(residual: Residual, p: Points, rough: Roughness, box: Array, seed: int) -> Points:
    """Points of an equation in a cell's box `(dim, 2)`, and more near its rough corners. Within
    half of its side from these it counts less: rows there, as r^-3, would drown all others.
    """
    if not rough.corners:
        return p
    every = joined(p, _closer(residual, p, rough, box, seed, NEAR_TIPS.share))
    half = float(np.ptp(box, axis=1).min()) / 2
    factors = array_of(replace(rough, reach=half).of_equation(residual, every.tensors()[0]))
    if p.factors is not None:
        factors[: len(p.x)] *= p.factors
    return replace(every, factors=factors)


def beside_tips(residual: Residual, p: Points, rough: Roughness, box: Array, seed: int) -> Points:
    """Points of a condition on the sides of a cell `(dim, 2)`, and more on those that end in its
    rough corners.
    """
    return joined(p, _closer(residual, p, rough, box, seed, NEAR_TIPS.on_sides))


def on_face(x: Array, face: Face, rough: Roughness) -> Array:
    """Points of a face between cells, `(n, dim)`, and as many more towards each rough corner in
    which it ends: else cells beside it agree as near as the first of these, and no nearer.
    """
    closer, n = [x], math.ceil(NEAR_TIPS.on_faces * len(x))
    for corner in rough.corners:
        at = np.array(corner.at)
        if holds(face.bounds, at):
            some = x[np.linspace(0, len(x) - 1, n).astype(np.int64)]
            closer.append(at + NEAR_TIPS.nearest ** midpoints(n)[:, None] * (some - at))
    return np.concatenate(closer)


def counted_on(x: Tensor, face: Face, rough: Roughness, orders: Sequence[float]) -> Tensor:
    """What jumps of derivatives of these orders count at points `(n, dim)` of a face, `(n_orders,
    n)`: less within half of its length from a rough corner.
    """
    half = float(np.ptp(face.bounds, axis=1).max()) / 2
    return replace(rough, reach=half).of_derivatives(x, orders)


def _closer(
    residual: Residual, p: Points, rough: Roughness, box: Array, seed: int, many: float
) -> list[Points]:
    """For each rough corner of a box `(dim, 2)`, so `many` times the points moved towards it, as
    far as they stay where the condition holds.
    """
    closer = list[Points]()
    for corner in rough.corners:
        at = np.array(corner.at)
        if holds(box, at):
            n = math.ceil(many * len(p.x))
            some = p.taken(np.linspace(0, len(p.x) - 1, n).astype(np.int64))
            share = NEAR_TIPS.nearest ** sobol(n, 1, np.random.default_rng(seed))
            moved = replace(some, x=at + share * (some.x - at))
            here = residual.condition.region.contains(moved.x)
            closer.append(moved.taken(np.flatnonzero(here)))
    return closer
