"""Walls beside a corner: where the whole velocity of a flow is given on both sides, and which
powers of what is given no smooth flow has.

Along a wall the velocity begins as a + b s, at a distance s from the corner. Where a differs from
that of the other wall, one slides along the other (Taylor, On scraping viscous fluid from a plane
surface, 1962). Where b does, along directions d and e, a linear flow has the gradient that both
tell; if that has a divergence, there is none, and the flow is r th, with a pressure like log r: so
beside a lid that comes to rest in its corners. Of the powers above, each has its polynomial.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from torch import Tensor
from torch.autograd import grad

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.plane_flows import (
    inside_of,
    is_biharmonic,
    may_flow,
    pressure_of,
)
from pinnsolve.discretize.sides import points_on_side
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.vertices import Vertex, vertices
from pinnsolve.jets.indices import members, order_of

# Relative to what is given on both walls: a difference below it is round-off.
ALIKE = 1e-9


@dataclass(frozen=True)
class Walled:
    """A corner between two walls, and the powers of the distance, 0 or 1, of which their velocities
    are those of no smooth flow.
    """

    vertex: Vertex
    clashes: tuple[int, ...]


@lru_cache(maxsize=8)
def walled(system: System) -> tuple[Walled, ...]:
    """The corners of the domain between two walls, on which the whole velocity is given; a
    nonlinear equation is taken at u = 0.
    """
    if len(system.domain.coordinates) != 2 or len(set(system.supports)) > 1:
        return ()
    if not may_flow(system):
        return ()
    corners = []
    for vertex in vertices(system.domain):
        if vertex.straight and is_biharmonic(system, vertex.point):
            ends = (vertex.start, vertex.start + vertex.opening)
            sides = [np.array([math.cos(angle), math.sin(angle)]) for angle in ends]
            given = [_given(system, vertex, side) for side in sides]
            if all(each is not None for each in given):
                clashes = _clashes(system, vertex, np.array(sides), np.array(given))
                corners.append(Walled(vertex, clashes))
    return tuple(corners)


def _clashes(system: System, vertex: Vertex, sides: Array, given: Array) -> tuple[int, ...]:
    """The powers that clash, of walls along `sides (2, 2)` with the velocities and their slopes
    `given (2, 2, n_components)`; one that both walls share is smooth, and has no pressure like 1/r.
    """
    (a, b), found = np.moveaxis(given, 1, 0), list[int]()
    round_off = ALIKE * max(1.0, np.abs(a).max())
    if np.abs(a[0] - a[1]).max() > round_off:
        found.append(0)
    if abs(np.linalg.det(sides)) > ALIKE:
        gradient = np.linalg.solve(sides, b)  # (axis, component)
        length = float(np.ptp(system.domain.bounds, axis=1).max())
        if abs(_source(system, vertex, gradient)) * length > round_off:
            found.append(1)
    return tuple(found)


def _source(system: System, vertex: Vertex, gradient: Array) -> float:
    """What the equation of continuity leaves in a corner of a velocity's `gradient (axis,
    component)`.
    """
    if system.n_unknowns == 1:
        return float(gradient.trace())
    pressure = pressure_of(system)
    velocities = [k for k in range(3) if k != pressure]
    at, left = DOUBLE.new_tensor([list(vertex.point)]), 0.0
    for law in inside_of(system):
        if all(order_of(s.index) < 2 and s.unknown != pressure for s in law.slots):
            left += float(law.data(at, None))
            for slot, coefficient in zip(law.slots, law.coefficients(at, None)[:, 0], strict=True):
                own = gradient[:, velocities.index(slot.unknown)]
                left += float(coefficient) * float(np.sum(members(slot.index), axis=0) @ own)
    return left


def _given(system: System, vertex: Vertex, side: Array) -> Array | None:
    """The velocity of a wall along a `side (2,)` where it begins, and its slope, `(2,
    n_components)`. None, where it is no wall: there the value and the slope of a stream function
    are given, or the values of both velocities.
    """
    alone = system.n_unknowns == 1
    pressure = None if alone else pressure_of(system)
    found = dict[tuple[int, int], tuple[Residual, Tensor | None]]()
    for residual in system.residuals:
        own = {slot.unknown for slot in residual.slots}
        of_flow = len(own) == 1 and own != {pressure}
        p = points_on_side(system, residual, vertex.point, side) if of_flow else None
        if p is not None and len(p.x):
            order = max(order_of(slot.index) for slot in residual.slots)
            found[min(own), order] = residual, p.taken(np.array([0])).tensors()[1]
    if alone:
        both = (0, 0) in found and (0, 1) in found
        return _of_stream(*found[0, 0], found[0, 1], vertex, side) if both else None
    values = [found[k, order] for k, order in sorted(found) if order == 0]
    if len(values) != 2:
        return None
    along = [_along(r.given, vertex, side, normals, 2) for r, normals in values]
    return np.array(along).T


def _of_stream(
    value: Residual,
    normals: Tensor | None,
    sloped: tuple[Residual, Tensor | None],
    vertex: Vertex,
    side: Array,
) -> Array:
    """The velocity (s_y, -s_x) and its slope, `(2, 2)`, of a stream function's value along a `side
    (2,)`, and its derivative in another direction, that is `sloped`.
    """
    across, own = sloped
    at = DOUBLE.new_tensor([list(vertex.point)])
    direction = np.zeros(2)
    for slot, c in zip(across.slots, across.coefficients(at, own)[:, 0], strict=True):
        direction += float(c) * np.sum(members(slot.index), axis=0)
    known = np.stack([side, direction])
    along = _along(value.given, vertex, side, normals, 3)[1:]
    beside = [-c for c in _along(across.data, vertex, side, own, 2)]
    gradients = np.linalg.solve(known, np.array([along, beside]))
    return np.stack([gradients[1], -gradients[0]], axis=1)


def _along(
    given: Callable[[Tensor, Tensor | None], Tensor],
    vertex: Vertex,
    side: Array,
    normals: Tensor | None,
    count: int,
) -> list[float]:
    """So many derivatives, the value first, of what is given along a side, in the corner."""
    s = DOUBLE.new_zeros(1, 1).requires_grad_()
    x = s.new_tensor([list(vertex.point)]) + s * s.new_tensor(side)
    found, now = list[float](), given(x, normals).sum()
    for _ in range(count):
        found.append(float(now.detach()))
        now = grad(now, s, create_graph=True)[0].sum() if now.requires_grad else s.sum()
    return found
