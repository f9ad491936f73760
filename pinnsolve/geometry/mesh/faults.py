"""What is wrong with a surface that bounds nothing, in words, with the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import shapely

from pinnsolve.geometry.charts import Array, Mask
from pinnsolve.geometry.mesh.simplices import Numbers, Simplices
from pinnsolve.geometry.mesh.turning import sides_of


def require_closed(surface: Simplices, name: str) -> None:
    """Raise ValueError unless the facets are the boundary of something: closed, turned outwards,
    and not through each other.
    """
    fault = fault_of(surface)
    if fault:
        raise ValueError(f"{name} {fault}: Mesh.repaired(...), called alike, mends what it can")


@lru_cache(maxsize=32)
def fault_of(surface: Simplices) -> str:
    """What is wrong, in words; nothing where the facets bound something."""
    if not np.isfinite(surface.vertices).all():
        return "has vertices that are not finite"
    flat = np.ptp(surface.vertices, axis=0) == 0
    if flat.any():
        return "is flat: it has no inside"
    return _open(surface) or _turned(surface) or _crossing(surface)


def _open(surface: Simplices) -> str:
    sides, _ = sides_of(surface.facets)
    found, counts = np.unique(np.sort(sides, axis=1), axis=0, return_counts=True)
    alone = found[counts == 1]
    what = "edges" if surface.dim == 3 else "vertices"
    if len(alone):
        return (
            f"is open: {len(alone)} {what} belong to one facet alone, the first at"
            f" {_at(surface.vertices[alone[0]])}"
        )
    many = found[counts > 2]
    if len(many):
        return (
            f"touches itself: {len(many)} {what} belong to more than two facets, the first at"
            f" {_at(surface.vertices[many[0]])}"
        )
    return ""


def _turned(surface: Simplices) -> str:
    sides, own = sides_of(surface.facets)
    if surface.dim == 2:  # a vertex is the end of one edge, and the beginning of another
        sides = np.hstack([sides, np.repeat([0, 1], len(surface.facets))[:, None]])
    _, first, counts = np.unique(sides, axis=0, return_index=True, return_counts=True)
    twice = first[counts > 1]
    if len(twice):
        return (
            f"has facets that are turned over: at {len(twice)} edges two neighbours go the same way"
            f" round, the first at {_at(surface.corners[own[twice[0]]])}"
        )
    if surface.volume <= 0:
        return "is inverted: its facets are seen from inside, and its volume is negative"
    return ""


def _at(vertices: Array) -> str:
    place = vertices.reshape(-1, vertices.shape[-1]).mean(axis=0)
    return f"({', '.join(f'{v:.4g}' for v in place)})"


def _crossing(surface: Simplices) -> str:
    pairs = crossing_pairs(surface)
    if not len(pairs):
        return ""
    return (
        f"intersects itself: {len(pairs)} facets go through others, the first at"
        f" {_at(surface.corners[pairs[0, 0]])}"
    )


def crossing_pairs(surface: Simplices) -> Numbers:
    """Pairs of facets `(p, 2)` of which a side of the one goes through the other."""
    corners, facets = surface.corners, surface.facets
    low, high = corners.min(axis=1), corners.max(axis=1)
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    one, other = shapely.STRtree(boxes).query(boxes)
    kept = one < other
    if surface.dim == 3:
        kept &= (low[one, 2] <= high[other, 2]) & (low[other, 2] <= high[one, 2])
    one, other = one[kept], other[kept]
    shared = (facets[one][:, :, None] == facets[other][:, None]).any(axis=2).sum(axis=1)
    apart = shared == 0
    if surface.dim == 2:
        one, other = one[apart], other[apart]
        through = _meet(corners[one], corners[other])
        return np.stack([one[through], other[through]], axis=1)
    # Neighbours at a vertex have one side each that may go through the other
    apart |= shared == 1
    one, other = one[apart], other[apart]
    through = _pierces(corners[one], corners[other]) | _pierces(corners[other], corners[one])
    return np.stack([one[through], other[through]], axis=1)


def _meet(a: Array, b: Array) -> Mask:
    """Which edges `(p, 2, 2)` cross others."""
    signs = [_turn(a[:, 0], a[:, 1], b[:, k]) for k in (0, 1)]
    back = [_turn(b[:, 0], b[:, 1], a[:, k]) for k in (0, 1)]
    crossed: Mask = (signs[0] * signs[1] < 0) & (back[0] * back[1] < 0)
    return crossed


def _turn(a: Array, b: Array, c: Array) -> Array:
    (dx, dy), (ex, ey) = (b - a).T, (c - a).T
    turn: Array = np.sign(dx * ey - dy * ex)
    return turn


def _pierces(a: Array, b: Array) -> Mask:
    """Which triangles `(p, 3, 3)` have a side that goes through another triangle."""
    found = np.zeros(len(a), dtype=bool)
    for k in range(3):
        p, q = a[:, k], a[:, (k + 1) % 3]
        ends = [_above(b[:, 0], b[:, 1], b[:, 2], end) for end in (p, q)]
        around = [_above(p, q, b[:, j], b[:, (j + 1) % 3]) for j in range(3)]
        found |= (ends[0] * ends[1] < 0) & _alike(around)
    return found


def _alike(signs: Sequence[Array]) -> Mask:
    """Where signs are not opposite: one is zero where a side meets a side, as of a body and its
    mirror image.
    """
    some = np.stack(signs)
    same: Mask = (np.abs(some.sum(axis=0)) == np.abs(some).sum(axis=0)) & some.any(axis=0)
    return same


def _above(a: Array, b: Array, c: Array, d: Array) -> Array:
    """On which side of the plane of three places `(p, 3)` a fourth is; zero within round-off."""
    along = np.stack([b - a, c - a, d - a], axis=1)
    volume = np.linalg.det(along)
    size = np.linalg.norm(along, axis=2).prod(axis=1)
    return np.where(np.abs(volume) > 1e-12 * size, np.sign(volume), 0.0)
