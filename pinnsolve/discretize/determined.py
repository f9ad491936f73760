"""Whether conditions determine smooth solutions: a part of the boundary that none touches."""

from __future__ import annotations

import numpy as np
import torch

from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.consistency import (
    EVIDENCE,
    conditions_at,
    highest_orders,
    lies_inside,
)
from pinnsolve.discretize.plate_corners import corners_without_force
from pinnsolve.discretize.points import Points, fills_domain, sample_region
from pinnsolve.discretize.recognize import Form, evolution_form
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.geometry.charts import CLOSE
from pinnsolve.geometry.region import Region
from pinnsolve.jets.indices import members, order_of


def undetermined_part(system: System) -> bool:
    """Whether an elliptic equation has a part of the boundary without any condition, or a plate a
    corner: smooth solutions are many, then.

    Not asked where data inside, a second condition on another part, or a condition that joins
    several points may do for it. Where the equation degenerates or is singular, as on an axis of
    rotation, it wants no condition. Of a nonlinear system, the tangent is asked.
    """
    domain = system.domain
    faces = [r for r in system.residuals if not fills_domain(r.condition.region)]
    if system.integrates or any(len(r.traces) > 1 for r in system.residuals):
        return False
    if corners_without_force(system):
        return True
    # Pieces of a union know nothing of each other: each wants conditions of its own.
    if len(domain.coordinates) < 2:
        return highest_orders(system, order_of) > 0 and any(
            not _known_between(faces, *piece) for piece in _pieces(domain)
        )
    p = sample_region(domain.boundary, EVIDENCE.boundary_points, 0)
    counts = conditions_at(system, p.x)
    if (
        any(lies_inside(r, domain) for r in faces)
        or counts.max(initial=0) > highest_orders(system, order_of) / 2
    ):
        return False
    bare = np.flatnonzero(counts == 0)
    if len(bare) < EVIDENCE.shared or p.normals is None:
        return False
    # The end of a time is bare, and shall be: of an evolution space alone is asked.
    form = evolution_form(system)
    inside = [r for r in system.residuals if fills_domain(r.condition.region)]
    return any(
        _elliptic_at(r, k, p.taken(bare), system, form)
        for r in inside
        for k in range(system.n_unknowns)
    )


def _pieces(domain: Region) -> list[tuple[float, float]]:
    """The intervals that a domain of one coordinate consists of."""
    ends = np.unique(sample_region(domain.boundary, EVIDENCE.boundary_points, 0).x[:, 0]).tolist()
    return list(zip(ends[::2], ends[1::2], strict=True))


def _known_between(faces: list[Residual], low: float, high: float) -> bool:
    """Whether a condition holds somewhere in an interval."""
    slack = CLOSE * (high - low)
    places = [sample_region(r.condition.region, EVIDENCE.points, 0).x[:, 0] for r in faces]
    return any(bool(((x >= low - slack) & (x <= high + slack)).any()) for x in places)


def _elliptic_at(
    residual: Residual, unknown: int, p: Points, system: System, form: Form | None
) -> bool:
    """Whether the principal part in an unknown is definite in space and its order even, at enough
    points of a boundary.
    """
    order = max((order_of(s.index) for s in residual.slots if s.unknown == unknown), default=0)
    if order < 2 or order % 2:
        return False
    axes = [a for a in range(len(system.domain.coordinates)) if form is None or a != form.axis]
    inner = sample_region(system.domain, EVIDENCE.points, 0).x
    at_boundary, usual = (_symbols(residual, unknown, order, axes, x, system) for x in (p.x, inner))
    # The first directions are the axes'.
    axes_in = np.abs(usual[:, : len(axes)]).max(axis=0, initial=0.0) > 0
    if not axes_in.any() or p.normals is None:
        return False
    across = np.abs(p.normals * system.domain.extent)
    spatial = across[:, np.array(axes)[axes_in]].max(axis=1) > 0.5 * across.max(axis=1)
    known = np.isfinite(at_boundary).all(axis=1) & spatial
    moving = (
        [k for k in range(at_boundary.shape[1]) if k >= len(axes) or axes_in[k]]
        if axes_in.all()
        else np.flatnonzero(axes_in)
    )
    symbols = at_boundary[known][:, moving]
    least = 1e-6 * np.abs(usual[np.isfinite(usual)]).max(initial=0.0)
    # A principal symbol of one sign has no characteristics: every part of the boundary wants a
    # condition.
    definite = (symbols > least).all(axis=1) | (symbols < -least).all(axis=1)
    return int(definite.sum()) >= EVIDENCE.shared


def _symbols(
    residual: Residual,
    unknown: int,
    order: int,
    axes: list[int],
    x: Array,
    system: System,
    random: int = 32,
) -> Array:
    """The principal symbol sum_a c_a xi^a at points, for the axes' and for so many random unit
    directions; NaN where a slope is.
    """
    points = tensor_of(x)
    with torch.no_grad():
        slopes = residual.slopes(
            points,
            torch.full_like(points, torch.nan),
            points.new_zeros(len(residual.slots), len(points)),
        )
    directions = np.zeros((len(axes) + random, x.shape[1]))
    directions[range(len(axes)), axes] = 1.0
    directions[len(axes) :, axes] = np.random.default_rng(0).standard_normal((random, len(axes)))
    # Where the sides are 1: orders along metres and hours compare.
    directions = (
        directions / np.linalg.norm(directions, axis=1, keepdims=True) / system.domain.extent
    )
    symbols = np.where(slopes.isfinite().all(dim=0).numpy(), 0.0, np.nan)[:, None] * np.ones(
        len(directions)
    )
    for slot, slope in zip(residual.slots, array_of(slopes), strict=True):
        for m in members(slot.index):
            if slot.unknown == unknown and sum(m) == order:
                symbols = symbols + slope[:, None] * np.prod(directions ** np.array(m), axis=1)
    return symbols
