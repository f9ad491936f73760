"""What can be told of the conditions before anything is solved: that they contradict each other, or
leave something open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product

import numpy as np
import torch
from torch import Tensor

from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.points import dimension, fills_domain, sample_region
from pinnsolve.discretize.recognize import Form, order_along
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.geometry.charts import CLOSE
from pinnsolve.geometry.region import Region
from pinnsolve.jets.indices import JetIndex, members, order_of


@dataclass(frozen=True)
class Evidence:
    """By how many points it is told what holds where, and when two values contradict each other."""

    # Of a region.
    points: int = 256
    # Of the boundary, where what has no condition is looked for.
    boundary_points: int = 1024
    # Of the points of a region: so few in common, and two regions only touch.
    shared: int = 8
    # Relative difference of two values that contradict each other.
    apart: float = 1e-8


EVIDENCE = Evidence()


def require_consistent(system: System) -> None:
    """Raise ValueError if two conditions give one unknown, or a derivative, or on faces the same
    sum of several, different values at the same points.

    It names both and a point. Conditions on clouds may differ, by the noise of their data.
    """
    given = [
        r
        for r in system.residuals
        if (_gives_one(r) or _gives_sum(r)) and not r.condition.region.is_listed
    ]
    # The smaller region's points may lie in the larger.
    given.sort(key=lambda r: dimension(r.condition.region))
    for a, b in combinations(given, 2):
        if set(a.slots) != set(b.slots):
            continue
        x = sample_region(a.condition.region, EVIDENCE.points, 0).x
        x = x[b.condition.region.contains(x)]
        if len(x) < (EVIDENCE.shared if dimension(a.condition.region) else 1):
            continue
        single = len(a.slots) == 1
        first, second = (_value(a, x), _value(b, x)) if single else _values_of_sums(a, b, x)
        gap = (first - second).abs().nan_to_num(nan=0.0, posinf=0.0)
        worst = int(gap.argmax())
        size = max(_largest(first), _largest(second), *([_size(a), _size(b)] if single else []))
        if float(gap[worst]) > EVIDENCE.apart * size:
            place = ", ".join(
                f"{c}={v:.3g}" for c, v in zip(system.domain.coordinates, x[worst], strict=True)
            )
            raise ValueError(
                f"contradictory conditions: {a.condition} and {b.condition} give"
                f" {float(first[worst]):.4g} and {float(second[worst]):.4g} at {place}; keep one of"
                " them, or restrict it with .where(...)"
            )


def gives_values(residual: Residual) -> bool:
    """Whether a condition says outright what an unknown is."""
    return _gives_one(residual) and order_of(residual.slots[0].index) == 0


def _gives_one(residual: Residual) -> bool:
    """Whether a condition says outright what an unknown is, or one of its derivatives."""
    single = len(residual.slots) == 1 and len(residual.traces) == 1
    return residual.linear and single and not residual.integrates


def _gives_sum(residual: Residual) -> bool:
    """Whether a condition on faces says what a sum of several unknowns or derivatives is."""
    pointwise = len(residual.traces) == 1 and not residual.integrates
    return residual.linear and pointwise and not fills_domain(residual.condition.region)


def _values_of_sums(a: Residual, b: Residual, x: Array) -> tuple[Tensor, Tensor]:
    """What two conditions on the same slots say their sum is, each `(n,)`, where one's slopes are a
    multiple of the other's: in units of the largest; the same number twice elsewhere.
    """
    points = tensor_of(x)
    normals = torch.full_like(points, torch.nan)
    slopes, others = (r.coefficients(points, normals) for r in (a, b))
    others = others[[b.slots.index(slot) for slot in a.slots]]
    largest = slopes.abs().argmax(dim=0, keepdim=True)
    of_a, of_b = slopes.gather(0, largest)[0], others.gather(0, largest)[0]
    left = (others * of_a - slopes * of_b).abs().amax(dim=0)
    alike = left <= EVIDENCE.apart * (of_a * of_b).abs()
    first = -a.data(points, normals) / of_a
    return first, torch.where(alike, -b.data(points, normals) / of_b, first)


def _value(residual: Residual, x: Array) -> Tensor:
    """What the condition says the unknown (or its derivative) is, `(n,)`; NaN where it says
    nothing.
    """
    points = tensor_of(x)
    normals = torch.full_like(points, torch.nan)
    return residual.given(points, normals)


def _size(residual: Residual) -> float:
    """The largest value that a condition gives."""
    return _largest(
        _value(residual, sample_region(residual.condition.region, EVIDENCE.points, 0).x)
    )


def _largest(values: Tensor) -> float:
    return float(values.abs().nan_to_num(nan=0.0, posinf=0.0).max())


def jump_at_corners(system: System, form: Form) -> float:
    """The largest difference of initial and side values where they meet, relative to the initial
    values, or to the side values where those vanish; 0 if none is known.
    """
    largest = 0.0
    for initial, side in product(form.initial, form.sides):
        if not (
            gives_values(initial)
            and gives_values(side)
            and initial.slots[0].unknown == side.slots[0].unknown
        ):
            continue
        x = sample_region(side.condition.region, EVIDENCE.points, 0).x
        x[:, form.axis] = form.start
        gap = (_value(initial, x) - _value(side, x)).abs().nan_to_num(nan=0.0)
        largest = max(largest, float(gap.max()) / (_size(initial) or _size(side) or 1.0))
    return largest


def open_coordinates(system: System) -> list[str]:
    """Coordinates in which the equations differentiate, with no condition on either end: time
    without initial data.
    """
    names = []
    for axis, (coordinate, bounds) in enumerate(
        zip(system.domain.coordinates, system.domain.bounds, strict=True)
    ):
        differentiated = any(
            m[axis] for r in system.residuals for s in r.slots for m in members(s.index)
        )
        if differentiated and not any(_fixes(r, axis, bounds) for r in system.residuals):
            names.append(coordinate.name)
    return names


def bare_faces(system: System) -> list[str]:
    """Parts of the boundary that no condition touches and that want one: `x=1`, or a point on what
    is not flat.

    An end of a coordinate does without, if the other end has as many conditions as the equations
    have derivatives there.
    """
    domain, bare_places = system.domain, list[str]()
    on_boundary = sample_region(domain.boundary, EVIDENCE.boundary_points, 0).x
    bare = on_boundary[conditions_at(system, on_boundary) == 0]
    for axis, (coordinate, bounds) in enumerate(
        zip(domain.coordinates, domain.bounds, strict=True)
    ):
        other = sum(_fixes(r, axis, bounds) for r in system.residuals)
        wanted = highest_orders(system, partial(order_along, axis=axis))
        for end in bounds:
            flat = np.abs(bare[:, axis] - end) <= CLOSE * np.ptp(bounds)
            if flat.sum() >= EVIDENCE.shared and other < wanted:
                bare_places.append(f"{coordinate}={end:.4g}")
            bare = bare[~flat]
    if len(bare) >= EVIDENCE.shared:
        bare_places.append(
            ", ".join(f"{c}={v:.3g}" for c, v in zip(domain.coordinates, bare[0], strict=True))
        )
    return bare_places


def conditions_at(system: System, x: Array) -> Array:
    """How many conditions of faces hold at points, `(n,)`."""
    faces = [r.condition.region for r in system.residuals if not fills_domain(r.condition.region)]
    return (
        np.sum([region.contains(x) for region in faces], axis=0, dtype=int)
        if faces
        else np.zeros(len(x), dtype=int)
    )


def lies_inside(residual: Residual, domain: Region) -> bool:
    """Whether some of a condition's points are inside the domain: measured data, an interface."""
    x = sample_region(residual.condition.region, EVIDENCE.points, 0).x
    return bool((domain.signed_distance(x, domain.extent) < -CLOSE).any())


def highest_orders(system: System, order: Callable[[JetIndex], int]) -> int:
    """The highest order of each unknown's derivatives in the equations of the domain, added up."""
    orders = dict.fromkeys(range(system.n_unknowns), 0)
    for residual in system.residuals:
        if fills_domain(residual.condition.region):
            for slot in residual.slots:
                orders[slot.unknown] = max(orders[slot.unknown], order(slot.index))
    return sum(orders.values())


def _fixes(residual: Residual, axis: int, bounds: Array) -> bool:
    """Whether a condition's region lies in an end of the coordinate, or crosses to it (a boundary
    that is not flat).
    """
    region = residual.condition.region
    if fills_domain(region):
        return False
    x = sample_region(region, EVIDENCE.points, 0)
    ends = np.abs(x.x[:, axis, None] - bounds).min(axis=1) <= CLOSE * np.ptp(bounds)
    across = (
        np.zeros_like(x.x) if x.normals is None else x.normals[:, : x.x.shape[1]] * region.extent
    )
    along_normal = np.abs(across[:, axis]) > 1e-6 * np.linalg.norm(across, axis=1)
    return bool(ends.all() or along_normal.any())
