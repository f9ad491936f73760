"""Rows and points near the tips of corner functions, at all distances.

Functions of a corner are powers of the distance from it. Where the nearest row of a side is a
hundredth of it away, combinations of them that vanish there and are large at the tip cost nothing:
in half a disk, values at its right angles were off by 2e-7, which no residual saw. On rows evenly
in the logarithm of the distance each power is another column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from pinnsolve.basis.basis import Basis, Tip
from pinnsolve.compile.system import Residual
from pinnsolve.discretize.draw import joined
from pinnsolve.discretize.points import Points, fills_domain
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.region import Region, charts_of
from pinnsolve.geometry.vertices import LOOKING, smooth_parts
from pinnsolve.jets.indices import order_of


@dataclass(frozen=True)
class AtTips:
    """Where sides that end in a tip have rows more."""

    # For each end of a side, and how near they come, in parts of it
    rows: int = 24
    nearest: float = 1e-6
    # Of a side, from where on they begin
    farthest: float = 0.1


AT_TIPS = AtTips()


def tips_of(bases: Sequence[Basis]) -> tuple[Tip, ...]:
    """The tips of all functions of some bases, each once."""
    return tuple(dict.fromkeys(tip for basis in bases for tip in basis.tips))


def at_tips(residual: Residual, p: Points, tips: Sequence[Tip]) -> Points:
    """Points of a condition, and more where the sides on which it holds end in tips.

    A derivative of order k counts r^k there, where r is 1 at the farthest of them: what it is off
    by changes values by no more (Kondratiev, Trans. Moscow Math. Soc. 16 (1967) 227).
    """
    region = residual.condition.region
    if not tips or fills_domain(region) or len(residual.traces) != 1:
        return p
    x, normals, shares = _towards(region, tuple(tips))
    if not len(x):
        return p
    order = max((order_of(slot.index) for slot in residual.slots), default=0)
    before = np.ones(len(p.x)) if p.factors is None else p.factors
    every = joined(p, [Points(x, None if p.normals is None else normals, np.zeros(len(x)))])
    return replace(every, factors=np.concatenate([before, shares**order]))


@lru_cache(maxsize=128)
def _towards(region: Region, tips: tuple[Tip, ...]) -> tuple[Array, ...]:
    """Points `(n, dim)` of sides that end in tips, evenly in the logarithm of the distance, their
    normals, and the distances `(n,)` in parts of the farthest.
    """
    at, close = np.array(tips), LOOKING.same * region.extent.max()
    dim = len(region.coordinates)
    found = [(np.empty((0, dim)), np.empty((0, dim)), np.empty(0))]
    shares = AT_TIPS.nearest ** ((np.arange(AT_TIPS.rows) + 0.5) / AT_TIPS.rows)
    for chart in charts_of(region):
        for a, b in smooth_parts(chart, region):
            for end, other in ((a, b), (b, a)):
                s = end + (other - end) * AT_TIPS.farthest * np.array([0.0, *shares])
                x, normals = chart.points(s[:, None])
                if normals is not None and np.linalg.norm(at - x[0], axis=1).min() < close:
                    found.append((x[1:], normals[1:], shares))
    x, normals, shares = (np.concatenate(each) for each in zip(*found, strict=True))
    return x, normals, shares
