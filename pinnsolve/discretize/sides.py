"""Conditions on the sides of a corner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.points import Points, fills_domain, sample_region
from pinnsolve.geometry.charts import CLOSE
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.vertices import End, Vertex, ends_of, owned, sectors
from pinnsolve.jets.indices import order_of


@dataclass(frozen=True)
class Turn:
    """A place where the boundary turns, or what holds on it for one unknown changes; the orders of
    the conditions on both sides, 0 for values, None for several; `mixed`, if one has a term of
    lower order beside.
    """

    vertex: Vertex
    orders: tuple[int | None, int | None]
    mixed: bool


@lru_cache(maxsize=32)
def turns(system: System, unknown: int) -> tuple[Turn, ...]:
    """Those of a domain in the plane, with a condition for an unknown alone on both sides."""
    ends = list[End]()
    for k, residual in enumerate(system.residuals):
        region = residual.condition.region
        alone = {slot.unknown for slot in residual.slots} == {unknown}
        if alone and len(residual.traces) == 1 and not fills_domain(region):
            ends += owned(ends_of(region), k)
    found = [_turn(system, vertex) for vertex in sectors(system.domain, ends)]
    return tuple(turn for turn in found if turn is not None)


def _turn(system: System, vertex: Vertex) -> Turn | None:
    """None, where the boundary goes on as it was, and what holds on it, too."""
    first, last = (
        [system.residuals[end.owner] for end in side] for side in (vertex.first, vertex.last)
    )
    equations = [{str(r.condition.equation) for r in side} for side in (first, last)]
    if vertex.flat and vertex.bends_on and equations[0] == equations[1]:
        return None
    orders = [{max(order_of(s.index) for s in r.slots) for r in side} for side in (first, last)]
    lower = [len({order_of(s.index) for s in r.slots}) > 1 for r in (*first, *last)]
    one, other = (next(iter(each)) if len(each) == 1 else None for each in orders)
    return Turn(vertex, (one, other), any(lower))


def points_on_side(
    system: System, residual: Residual, point: Sequence[float], side: np.ndarray
) -> Points | None:
    """Points of a condition on the ray from a corner along a `side (2,)`, the nearest first; None,
    if it is no condition on faces near there.
    """
    region = residual.condition.region
    if fills_domain(region) or len(residual.traces) > 1 or not _reaches(region, point):
        return None
    # Sampled, not asked: on a side, x > 0 is decided by round-off.
    p = sample_region(region, 512, 0)
    x = (p.x - np.array(point)) / system.domain.extent
    s = side / system.domain.extent
    s /= np.linalg.norm(s)
    along, across = x @ s, np.abs(x @ np.array([-s[1], s[0]]))
    # Nearer than 1e-8 of the domain's sides, a point lies on this one.
    here = np.flatnonzero((across < 1e-8) & (along > 0))
    return p.taken(here[np.argsort(along[here])])


def _reaches(region: Region, point: Sequence[float]) -> bool:
    """Whether the box around a region reaches to a point."""
    margin = CLOSE * np.ptp(region.bounds, axis=1).max()
    low, high = region.bounds[:, 0] - margin, region.bounds[:, 1] + margin
    return bool((low <= point).all() and (point <= high).all())
