"""Where a function of two or three coordinates vanishes in a box: segments or triangles, by
marching simplices, and a chart of the level itself.

Each cube of a grid is divided into simplices (Kuhn's), on each of which the level is nearly flat:
it separates the corners where the function is negative from the others (Doi and Koide, 1991).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

from pinnsolve.geometry.bisection import bisected
from pinnsolve.geometry.charts import Array, Chart, traced
from pinnsolve.geometry.gauss import measured

Numbers = NDArray[np.int64]
# Of points (n, dim): values (n,) and gradients (n, dim)
Function = Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True)
class Marching:
    """How finely a level is looked for, and how exactly it is found."""

    # Cubes along each side of the box, by dimension: what is smaller than one may be overlooked
    cubes: tuple[int, ...] = (1, 160, 40)
    # Of rules, along each parameter of a facet
    nodes: tuple[int, ...] = (1, 6, 3)
    # Halvings of an edge that the level crosses
    halvings: int = 60
    # Of the grid's edges: a facet that is smaller has corners that are one point
    flat: float = 1e-9
    # Newton's steps from a facet onto the level
    steps: int = 8
    # Radians by which the normal turns along a segment, beyond which a corner is looked for in it;
    # how often the segment is halved, and what a corner is then
    turning: float = 0.02
    corner_halvings: int = 36
    corner: float = 1e-3


MARCHING = Marching()


def grid_of(bounds: Array) -> tuple[Array, Array]:
    """The nodes `(n, dim)` of the cubes of a box `(dim, 2)`, the last coordinate running first, and
    how many there are along each side `(dim,)`.
    """
    dim = len(bounds)
    many = MARCHING.cubes[dim - 1] + 1
    lines = [np.linspace(low, high, many) for low, high in bounds]
    nodes = np.stack(np.meshgrid(*lines, indexing="ij"), -1).reshape(-1, dim)
    return nodes, np.full(dim, many)


def facets(function: Function, bounds: Array) -> list[Array]:
    """Facets of the level in a box `(dim, 2)`, by their corners on it, `(m, dim, dim)`: in the
    plane of each closed curve its segments, in their order; in space all triangles.
    """
    nodes, counts = grid_of(bounds)
    dim = len(bounds)
    inside = function(nodes)[0] < 0
    strides = np.append(np.cumprod(counts[:0:-1])[::-1], 1)
    index = np.arange(len(nodes)).reshape(counts)
    base = index[(slice(None, -1),) * dim].ravel()
    corners = np.array(np.meshgrid(*[[0, 1]] * dim, indexing="ij")).reshape(dim, -1).T @ strides
    mixed = np.ptp(inside[base[:, None] + corners].astype(int), axis=1) > 0
    edges = [
        _crossed(base[mixed, None] + np.append(0, np.cumsum(strides[list(order)])), inside)
        for order in permutations(range(dim))
    ]
    every = np.concatenate([np.zeros((0, dim, 2), dtype=int), *edges])
    unique, where = np.unique(np.sort(every.reshape(-1, 2), axis=1), axis=0, return_inverse=True)
    places = _between(function, nodes[unique[:, 0]], nodes[unique[:, 1]], inside[unique[:, 0]])
    named = where.reshape(-1, dim)
    step = (bounds[:, 1] - bounds[:, 0]) / (counts - 1)
    found = [places[each] for each in (_rings(named) if dim == 2 else [named])]
    found = [own[_sizes(own / step) > MARCHING.flat] for own in found]
    return [_cornered(function, own) for own in found] if dim == 2 else found


def _rings(segments: Numbers) -> list[Numbers]:
    """Segments `(m, 2)` between numbered places, of which each has two, one after the other."""
    at: dict[int, list[int]] = {}
    for k, ends in enumerate(segments.tolist()):
        for end in ends:
            at.setdefault(end, []).append(k)
    rings, left = [], set(range(len(segments)))
    while left:
        k = min(left)
        start, end = segments[k].tolist()
        ring = [(start, end)]
        left.remove(k)
        while following := [other for other in at[end] if other in left]:
            k = following[0]
            left.remove(k)
            start, end = end, int(segments[k].sum()) - end
            ring.append((start, end))
        rings.append(np.array(ring))
    return rings


def _crossed(simplices: Numbers, inside: NDArray[np.bool_]) -> Numbers:
    """The edges `(m, dim, 2)` at which facets have their corners, of simplices `(n, dim + 1)`."""
    dim = simplices.shape[1] - 1
    order = np.argsort(~inside[simplices], axis=1, kind="stable")  # those inside come first
    ordered = np.take_along_axis(simplices, order, axis=1)
    count = inside[simplices].sum(axis=1)
    pairs = {1: [[(0, k) for k in range(1, dim + 1)]], dim: [[(k, dim) for k in range(dim)]]}
    if dim == 3:  # a quadrilateral, as two triangles
        pairs[2] = [[(0, 2), (0, 3), (1, 3)], [(0, 2), (1, 3), (1, 2)]]
    parts = [
        ordered[count == inner][:, np.array(each)] for inner, all_ in pairs.items() for each in all_
    ]
    return np.concatenate(parts)


def _between(function: Function, a: Array, b: Array, inside: NDArray[np.bool_]) -> Array:
    """The places `(n, dim)` between points where the function changes its sign, by halving."""
    ends = np.where(inside[:, None], a, b), np.where(inside[:, None], b, a)
    return bisected(lambda x: (function(x)[0] < 0)[:, None], *ends, MARCHING.halvings)[1]


def _sizes(corners: Array) -> Array:
    """Lengths or areas of facets `(m, dim, dim)`: `(m,)`."""
    return _spanned(corners[:, 1:] - corners[:, :1])


def _spanned(steps: Array) -> Array:
    """Of a segment, or a triangle, that steps `(m, dim - 1, dim)` span: `(m,)`."""
    if steps.shape[1] == 1:
        lengths: Array = np.linalg.norm(steps[:, 0], axis=1)
        return lengths
    areas: Array = np.linalg.norm(np.cross(steps[:, 0], steps[:, 1]), axis=1) / 2
    return areas


@dataclass(frozen=True, eq=False)
class OnLevel:
    """A map of the unit interval or square onto a level, by its facets `(m, dim, dim)`, one after
    the other by their sizes: from a point of a facet along a direction that is the gradient's at
    its corners, and between them their mean. Neighbours share corners, so that nothing is left out.
    """

    function: Function
    corners: Array

    @cached_property
    def directions(self) -> Array:
        """At the corners, `(m, dim, dim)`."""
        dim = self.corners.shape[-1]
        gradients = self.function(self.corners.reshape(-1, dim))[1]
        lengths = np.linalg.norm(gradients, axis=1, keepdims=True)
        return (gradients / np.where(lengths > 0, lengths, 1.0)).reshape(self.corners.shape)

    @cached_property
    def ends(self) -> Array:
        """Where each facet ends, along the first parameter, and where the first begins:
        `(m + 1,)`.
        """
        sizes = _sizes(self.corners)
        return np.append(0.0, np.cumsum(sizes) / sizes.sum())

    @cached_property
    def size(self) -> float:
        """Of all facets."""
        return float(_sizes(self.corners).sum())

    def _found(self, s: Array) -> tuple[Numbers, Array, Array, Array, Array]:
        """Facets, places on the level, directions, gradients, and the way along each direction."""
        k = np.clip(np.searchsorted(self.ends, s[:, 0], side="right") - 1, 0, len(self.corners) - 1)
        part = np.clip((s[:, 0] - self.ends[k]) / (self.ends[k + 1] - self.ends[k]), 0.0, 1.0)
        weights = np.stack([1 - part, part], axis=1)
        if s.shape[1] == 2:
            root = np.sqrt(part)
            weights = np.stack([1 - root, root * (1 - s[:, 1]), root * s[:, 1]], axis=1)
        start = np.einsum("nk,nkd->nd", weights, self.corners[k])
        along = np.einsum("nk,nkd->nd", weights, self.directions[k])
        way = np.zeros(len(s))
        for _ in range(MARCHING.steps):
            values, gradients = self.function(start + way[:, None] * along)
            slopes = (gradients * along).sum(axis=1)
            step = values / np.where(slopes > 0, slopes, np.inf)
            way = way - step
            if np.abs(step).max(initial=0.0) <= 1e-15 * np.abs(start).max(initial=0.0):
                break
        x = start + way[:, None] * along
        return k, x, along, self.function(x)[1], way

    def __call__(self, s: Array) -> tuple[Array, Array]:
        """Points and normals `(n, dim)` at parameters `(n, dim - 1)`."""
        _, x, _, gradients, _ = self._found(s)
        return x, gradients / np.linalg.norm(gradients, axis=1, keepdims=True)

    def stretch(self, s: Array) -> Array:
        """Lengths or areas a unit of parameters, `(n,)`: a step along the facet moves the point by
        a + t b + t' d, where it stays on the level.
        """
        k, _, along, gradients, way = self._found(s)
        a, b = (each[k, 1:] - each[k, :1] for each in (self.corners, self.directions))
        moved = a + way[:, None, None] * b
        across = (
            np.einsum("njd,nd->nj", moved, gradients) / (gradients * along).sum(axis=1)[:, None]
        )
        moved = moved - across[..., None] * along[:, None]
        stretched: Array = self.size * _spanned(moved) / _spanned(a)
        return stretched


def _cornered(function: Function, segments: Array) -> Array:
    """Segments `(m, 2, 2)`, each that has a corner of the level in it in two: where the normal
    jumps, in that half which turns more, again and again.
    """
    own = np.flatnonzero(_turned(function, segments) > MARCHING.turning)
    a, b = (segments[own, k] for k in (0, 1))
    for _ in range(MARCHING.corner_halvings if len(own) else 0):
        on = OnLevel(function, np.stack([a, b], axis=1))
        x, _ = on((on.ends[1:, None] + on.ends[:-1, None]) / 2)
        first, last = (_turned(function, np.stack(pair, axis=1)) for pair in ((a, x), (x, b)))
        in_first = (first > last)[:, None]
        a, b = np.where(in_first, a, x), np.where(in_first, x, b)
    sharp = _turned(function, np.stack([a, b], axis=1)) > MARCHING.corner
    parts = list(segments[:, None])
    for k, corner in zip(own[sharp].tolist(), a[sharp], strict=True):
        start, end = segments[k]
        parts[k] = np.array([[start, corner], [corner, end]])
    return np.concatenate([segments[:0], *parts])


def _turned(function: Function, segments: Array) -> Array:
    """By how much the normal changes from one end to the other, `(m,)`."""
    gradients = function(segments.reshape(-1, 2))[1].reshape(-1, 2, 2)
    lengths = np.linalg.norm(gradients, axis=2, keepdims=True)
    normals = gradients / np.where(lengths > 0, lengths, 1.0)
    return np.asarray(np.linalg.norm(normals[:, 1] - normals[:, 0], axis=1))


def level_chart(coordinates: tuple[Symbol, ...], function: Function, corners: Array) -> Chart:
    """The chart of a level, by its facets `(m, dim, dim)`, with the normals of the gradient."""
    on, dim = OnLevel(function, corners), len(coordinates)
    pieces = np.stack([on.ends[:-1], on.ends[1:]], axis=1)[:, None]
    if dim == 3:
        pieces = np.concatenate([pieces, np.tile([0.0, 1.0], (len(pieces), 1, 1))], axis=1)
    roots = (1,) if dim == 2 else (2, 1)
    nodes = (MARCHING.nodes[dim - 1],) * (dim - 1)
    chart = traced(
        coordinates, dim - 1, 1.0, on, on.stretch, pieces=pieces, roots=roots, nodes=nodes
    )
    return measured(chart)
