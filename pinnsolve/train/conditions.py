"""What can be told of the conditions before anything is solved: that they contradict each other, or leave something open."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.indices import members, order_of
from pinnsolve.compile.system import Residual, System
from pinnsolve.declare.region import CLOSE
from pinnsolve.sample.points import Array, dimension, fills_domain, sample_region
from pinnsolve.train.evolution.form import Form

SHARED = 8  # points in common, of `PROBES`, below which two regions only touch
PROBES = 256
BARE = 1024  # points on the boundary, where what has no condition is looked for
APART = 1e-8  # relative difference of two values that contradict each other


def require_consistent(system: System) -> None:
    """Raise ValueError if two conditions give one unknown different values at the same points, naming both and a point."""
    given = [r for r in system.residuals if _gives_values(r) and dimension(r.condition.region) > 0]
    for a, b in combinations(given, 2):
        if a.slots != b.slots:
            continue
        x = _shared_points(a, b)
        if len(x) < SHARED:
            continue
        first, second = _value(a, x), _value(b, x)
        gap = (first - second).abs()
        worst = int(gap.argmax())
        if float(gap[worst]) > APART * max(float(first.abs().max()), float(second.abs().max())):
            place = ", ".join(f"{c}={v:.3g}" for c, v in zip(system.domain.coordinates, x[worst], strict=True))
            raise ValueError(
                f"contradictory conditions: {a.condition} and {b.condition} give {float(first[worst]):.4g} and "
                f"{float(second[worst]):.4g} at {place}; keep one of them, or restrict it with .where(...)"
            )


def _gives_values(residual: Residual) -> bool:
    return residual.linear and len(residual.slots) == 1 and order_of(residual.slots[0].index) == 0 and len(residual.traces) == 1


def _shared_points(a: Residual, b: Residual) -> Array:
    x = sample_region(a.condition.region, PROBES, 0).x
    return x[b.condition.region.contains(x)]


def _value(residual: Residual, x: Array) -> Tensor:
    """What the condition says the unknown is, `(n,)`; NaN where it says nothing."""
    points = torch.from_numpy(x)
    normals = torch.full_like(points, torch.nan)
    slope = residual.slopes(points, normals, points.new_zeros(1, len(points)))[0]
    value = -residual.data(points, normals) / slope
    return value.nan_to_num(nan=0.0)


def jump_at_corners(system: System, form: Form) -> float:
    """The largest difference of initial and side values where they meet, relative to the initial values; 0 if none is known."""
    found = 0.0
    for initial, side in product(form.initial, form.sides):
        if not (_gives_values(initial) and _gives_values(side) and initial.slots[0].unknown == side.slots[0].unknown):
            continue
        x = sample_region(side.condition.region, PROBES, 0).x
        x[:, form.axis] = form.start
        size = float(_value(initial, sample_region(initial.condition.region, PROBES, 0).x).abs().max())
        found = max(found, float((_value(initial, x) - _value(side, x)).abs().max()) / max(size, 1e-300))
    return found


def open_coordinates(system: System) -> list[str]:
    """Coordinates in which the equations differentiate, with no condition on either end: time without initial data."""
    found = []
    for axis, (coordinate, bounds) in enumerate(zip(system.domain.coordinates, system.domain.bounds, strict=True)):
        differentiated = any(m[axis] for r in system.residuals for s in r.slots for m in members(s.index))
        if differentiated and not any(_fixes(r, axis, bounds) for r in system.residuals):
            found.append(coordinate.name)
    return found


def bare_faces(system: System) -> list[str]:
    """Parts of the boundary that no condition touches and that want one: `x=1`, or a point on what is not flat.

    An end of a coordinate does without, if the other end has as many conditions as the equations have derivatives there.
    """
    domain, found = system.domain, list[str]()
    on_boundary = sample_region(domain.boundary, BARE, 0).x
    given = [r.condition.region for r in system.residuals if not fills_domain(r.condition.region)]
    covered = np.zeros(len(on_boundary), dtype=bool)
    for region in given:
        covered |= region.contains(on_boundary)
    bare = on_boundary[~covered]
    for axis, (coordinate, bounds) in enumerate(zip(domain.coordinates, domain.bounds, strict=True)):
        other = sum(_fixes(r, axis, bounds) for r in system.residuals)
        wanted = _order_along(system, axis)
        for end in bounds:
            flat = np.abs(bare[:, axis] - end) <= CLOSE * np.ptp(bounds)
            if flat.sum() >= SHARED and other < wanted:
                found.append(f"{coordinate}={end:.4g}")
            bare = bare[~flat]
    if len(bare) >= SHARED:
        found.append(", ".join(f"{c}={v:.3g}" for c, v in zip(domain.coordinates, bare[0], strict=True)))
    return found


def _order_along(system: System, axis: int) -> int:
    """Derivatives along a coordinate in the equations of the domain, the highest of each unknown, added up."""
    orders = dict.fromkeys(range(system.n_unknowns), 0)
    for residual in system.residuals:
        if fills_domain(residual.condition.region):
            for slot in residual.slots:
                orders[slot.unknown] = max(orders[slot.unknown], *(m[axis] for m in members(slot.index)))
    return sum(orders.values())


def _fixes(residual: Residual, axis: int, bounds: Array) -> bool:
    """Whether a condition's region lies in an end of the coordinate, or crosses to it (a boundary that is not flat)."""
    region = residual.condition.region
    if fills_domain(region):
        return False
    x = sample_region(region, PROBES, 0)
    ends = np.abs(x.x[:, axis, None] - bounds).min(axis=1) <= CLOSE * np.ptp(bounds)
    across = np.zeros_like(x.x) if x.normals is None else x.normals[:, : x.x.shape[1]] * region.extent
    along_normal = np.abs(across[:, axis]) > 1e-6 * np.linalg.norm(across, axis=1)
    return bool(ends.all() or along_normal.any())
