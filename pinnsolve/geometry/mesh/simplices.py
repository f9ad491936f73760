"""Vertices, the facets of a boundary and the cells inside: edges and triangles in the plane,
triangles and tetrahedra in space.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pinnsolve.geometry.charts import Array

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Simplices:
    """Vertices `(n, dim)`; facets `(m, dim)` and cells `(k, dim + 1)` of vertex numbers, no cells
    where the inside has none; and which facets and which cells have a name.

    Facets are seen from outside: counter-clockwise in space, with the inside to the left in the
    plane. Two are equal if they hold the same.
    """

    vertices: Array
    facets: Numbers
    cells: Numbers
    labels: Mapping[str, Numbers] = field(default_factory=dict)
    volumes: Mapping[str, Numbers] = field(default_factory=dict)

    @property
    def dim(self) -> int:
        """Of space."""
        return int(self.vertices.shape[1])

    @cached_property
    def corners(self) -> Array:
        """Of the facets, `(m, dim, dim)`: facet, corner, coordinate."""
        return self.vertices[self.facets]

    @cached_property
    def bounds(self) -> Array:
        """Of the boundary, `(dim, 2)`."""
        used = self.corners.reshape(-1, self.dim)
        return np.stack([used.min(axis=0), used.max(axis=0)], axis=1)

    @property
    def volume(self) -> float:
        """Inside of the facets, by the divergence theorem: negative where they are inverted."""
        middle = self.bounds.mean(axis=1)
        outward = across(self.corners)
        facing = ((self.corners.mean(axis=1) - middle) * outward).sum()
        return float(facing / (2 if self.dim == 2 else 6))

    def in_unit(self, unit: float) -> Simplices:
        """With lengths times so much."""
        return replace(self, vertices=self.vertices * unit)

    def part(self, cells: Numbers) -> Simplices:
        """Some of the cells, and the facets around them; those keep their names that had one."""
        found = of_cells(self.vertices, self.cells[cells])
        own = {tuple(f): k for k, f in enumerate(np.sort(found.facets, axis=1).tolist())}
        kept: dict[str, Numbers] = {}
        for name, numbers in self.labels.items():
            rows = [tuple(f) for f in np.sort(self.facets[numbers], axis=1).tolist()]
            held = np.array([own[f] for f in rows if f in own], dtype=np.int64)
            kept |= {name: held} if len(held) else {}
        return replace(found, labels=kept)

    @cached_property
    def digest(self) -> str:
        """Of all that it holds."""
        held = hashlib.sha256()
        for name, each in self._arrays().items():
            held.update(f"{name} {each.shape}".encode() + np.ascontiguousarray(each).tobytes())
        return held.hexdigest()

    def _arrays(self) -> dict[str, NDArray[Any]]:
        own = {"vertices": self.vertices, "facets": self.facets, "cells": self.cells}
        named = {f"facets {name}": each for name, each in sorted(self.labels.items())}
        return own | named | {f"cells {name}": each for name, each in sorted(self.volumes.items())}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Simplices) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def across(corners: Array) -> Array:
    """Outward normals `(m, dim)` of facets with corners `(m, dim, dim)`, as long as they are: by
    area, twice, in space, and by length in the plane.
    """
    if corners.shape[2] == 2:
        along = corners[:, 1] - corners[:, 0]
        return np.stack([along[:, 1], -along[:, 0]], axis=1)
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])


def unit_vectors(vectors: Array) -> Array:
    """Vectors `(..., dim)` of length one; zero, where they are."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length > 0, length, 1.0)


def measures(corners: Array) -> Array:
    """Lengths, areas or volumes `(m,)` of simplices with corners `(m, k + 1, dim)`."""
    along = corners[:, 1:] - corners[:, :1]
    gram = np.einsum("mid,mjd->mij", along, along)
    count = along.shape[1]
    volume = np.sqrt(np.maximum(np.linalg.det(gram), 0.0))
    size: Array = volume / float(np.prod(range(1, count + 1)))
    return size


def of_cells(vertices: Array, cells: Numbers) -> Simplices:
    """The boundary of cells `(k, dim + 1)` at vertices `(n, dim)`: the facets of one cell alone."""
    dim = vertices.shape[1]
    every = np.concatenate([cells[:, list(kept)] for kept in combinations(range(dim + 1), dim)])
    # The corner that a facet lacks, in the order of `combinations`
    opposite = np.concatenate([cells[:, k] for k in range(dim, -1, -1)])
    _, first, counts = np.unique(
        np.sort(every, axis=1), axis=0, return_index=True, return_counts=True
    )
    alone = np.sort(first[counts == 1])
    facets = every[alone]
    corners = vertices[facets]
    inwards = ((vertices[opposite[alone]] - corners[:, 0]) * across(corners)).sum(axis=1) > 0
    facets[inwards, :2] = facets[inwards, 1::-1]
    return Simplices(vertices, facets, cells)


def along_curve(places: Array) -> Numbers:
    """The order of places `(n, dim)` along a curve that fills space: neighbours in it are near."""
    low, sides = places.min(axis=0), np.ptp(places, axis=0)
    bits = 20 if places.shape[1] == 3 else 30
    steps = (places - low) / np.where(sides > 0, sides, 1.0) * (2**bits - 1)
    code = np.zeros(len(places), dtype=np.uint64)
    whole = steps.astype(np.uint64)
    for bit in range(bits):
        for axis in range(places.shape[1]):
            digit = (whole[:, axis] >> np.uint64(bit)) & np.uint64(1)
            code |= digit << np.uint64(bit * places.shape[1] + axis)
    return np.argsort(code, kind="stable").astype(np.int64)


def in_a_row(edges: Array) -> Numbers:
    """The order of edges `(m, 2, dim)` one after the other, from the end of each that has no other
    before it, then round and round.
    """
    after = {tuple(begin): k for k, begin in enumerate(edges[:, 0].tolist())}
    ends = [tuple(end) for end in edges[:, 1].tolist()]
    firsts = set(after.values()) - {after[end] for end in ends if end in after}
    order: list[int] = []
    seen = np.zeros(len(edges), dtype=bool)
    for first in (*sorted(firsts), *range(len(edges))):
        k: int | None = first
        while k is not None and not seen[k]:
            seen[k] = True
            order.append(k)
            k = after.get(ends[k])
    return np.array(order, dtype=np.int64)
