"""Conditions dealt to the parts of a domain: where each of them holds there, and in which parts it
takes unknowns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sympy import Expr, lambdify

from pinnsolve.declare.checks import difference
from pinnsolve.declare.partition import Numbers, common, nearest, share_around
from pinnsolve.declare.probes import probe
from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.cloud import PointCloud
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.interface import Part
from pinnsolve.geometry.region import Condition, Region, charts_of
from pinnsolve.symbols.occurrences import separate

Place = tuple[Expr, ...]


def dealt(condition: Condition, parts: Sequence[Solid], domain: Solid) -> list[Region | None]:
    """What each part of the domain has of a condition's region; None, where that is nothing.

    Raises ValueError for a condition on an interface: which of its sides it means is not said, and
    what joins these is read off the equations.
    """
    region = condition.region
    if region == domain:
        return list(parts)
    if region.is_solid:
        return [common(part, region) for part in parts]  # type: ignore[arg-type]
    x = np.concatenate([probe(chart) for chart in charts_of(region)])
    if isinstance(region, PointCloud):
        return _of_cloud(region, nearest(parts, x), len(parts))
    touched = np.stack(
        [part.contains(x) & (share_around(part, x, domain.extent) > 0) for part in parts]
    )
    if _is_surface(region) and (touched.sum(axis=0) > 1).mean() > 1 / 2:
        first = touched[:, touched.sum(axis=0) > 1][:, 0]
        one, other = (part for part, mine in zip(parts, first, strict=True) if mine)
        raise ValueError(
            f"{condition} lies on the interface between {one} and {other}, where the unknown and"
            " its flux are continuous already, by the equation: leave it out"
        )
    if not _is_surface(region):  # a point, or an edge: one part has it
        touched &= touched.cumsum(axis=0) == 1
    return [_touching(region, part, own) for part, own in zip(parts, touched, strict=True)]


def _of_cloud(cloud: PointCloud, numbers: Numbers, count: int) -> list[Region | None]:
    rows = np.arange(len(numbers)) if cloud.rows is None else np.asarray(cloud.rows)
    own = [rows[numbers == k] for k in range(count)]
    return [replace(cloud, rows=r) if len(r) else None for r in own]


def _is_surface(region: Region) -> bool:
    return max(c.dimension for c in charts_of(region)) == len(region.coordinates) - 1


def _touching(region: Region, part: Solid, own: Array) -> Region | None:
    if own.all():
        return region
    return Part(region, part) if own.any() or _ends_on(region, part) else None


def _ends_on(region: Region, part: Solid) -> bool:
    """Whether points of a part's own boundary lie on a surface: it may have so little of that, that
    no point of the surface is in the part.
    """
    own = (probe(chart) for chart in part.boundary_charts())
    return _is_surface(region) and any(region.contains(x).any() for x in own)


def places(
    condition: Condition, own: Region, parts: Sequence[Solid], number: int, domain: Solid
) -> dict[Place, int]:
    """In which part each place lies at which the condition takes unknowns, on its region `own` in
    part `number`.

    Raises ValueError for a place, the other end of a period perhaps, that lies in several parts.
    """
    found = {}
    for o in separate(difference(condition))[1].values():
        names = o.function.coordinates
        if o.arguments == names:
            continue
        at = [o.arguments[names.index(c)] if c in names else c for c in domain.coordinates]
        x = np.concatenate([probe(chart) for chart in charts_of(own)])
        columns = lambdify(domain.coordinates, at)(*x.T)
        moved = np.stack([np.broadcast_to(v, len(x)) for v in columns], axis=1).astype(float)
        there = np.array([part.contains(moved).all() for part in parts])
        if not there.any():
            raise ValueError(
                f"{condition} takes {o} in several of the regions {', '.join(map(str, parts))}:"
                " write one equation for each of them"
            )
        found[o.arguments] = number if there[number] else int(there.argmax())
    return found
