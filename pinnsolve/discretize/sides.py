"""Points of conditions on the sides of a corner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.points import Points, fills_domain, sample_region
from pinnsolve.geometry.charts import CLOSE
from pinnsolve.geometry.region import Region


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
