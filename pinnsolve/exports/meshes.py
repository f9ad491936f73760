"""Meshes of regions, to show fields on: a lattice whose points near the boundary are moved onto it,
and Delaunay's simplices of these; sides of simplices on curved boundaries are parabolas.

Solutions need no mesh: programs that draw them do.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from pinnsolve.geometry.charts import Array, Mask
from pinnsolve.geometry.slices import Slice
from pinnsolve.geometry.vertices import vertices

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Meshing:
    """How lattices are moved onto boundaries."""

    # Points along the longest side, by dimension: some thousands of simplices
    along: tuple[int, ...] = (200, 64, 20)
    # Of the step: nearer points move onto the boundary, and none comes closer to another
    near: float = 0.45
    # Of the step to the power of the dimension: flatter simplices are those of four points in a
    # circle, and of three on a curve
    flattest: float = 1e-3
    # Sides with a ratio above it are of unlike units: each has its own step
    unlike: float = 25.0
    # Of a step, by which differences find the direction to the boundary
    difference: float = 1e-4
    # Each squares the distance that is left, where a boundary is smooth
    approaches: int = 8
    # Of the region's sides, where a point has come to the boundary
    arrived: float = 1e-9


MESHING = Meshing()


@dataclass(frozen=True)
class Mesh:
    """Nodes `(n, dim)` and simplices `(m, k)` of node numbers, counter-clockwise in the plane: of
    dim + 1 corners, then of the middles of all pairs of these in the order of VTK's quadratic
    cells.
    """

    nodes: Array
    cells: Numbers
    corners: int

    @property
    def triangles(self) -> Numbers:
        """The corners alone, `(m, dim + 1)`."""
        return self.cells[:, : self.corners]


def mesh_of(part: Slice, along: int | None = None) -> Mesh:
    """A mesh with so many points along the longest side of a region of one to three dimensions.

    Raises ValueError for more dimensions.
    """
    dim = len(part.coordinates)
    if dim not in {1, 2, 3}:
        names = ", ".join(map(str, part.coordinates))
        raise ValueError(
            f"a mesh has one to three dimensions, and {names} are {dim}: give values for some,"
            f" at={{{part.coordinates[-1] if dim else 'x'}: ...}}"
        )
    unit = _unit(part.bounds, MESHING.along[dim - 1] if along is None else along)
    corners = _onto_boundary(_lattice(part, unit), part, unit)
    corners = _inside(corners, part)
    simplices = _simplices(corners, part, unit)
    # What is left of sides that were cut off with their body has no simplices
    used, numbers = np.unique(simplices, return_inverse=True)
    return _with_middles(corners[used], numbers.reshape(simplices.shape), part, unit)


def _unit(bounds: Array, along: int) -> Array:
    """The steps of the lattice, `(dim,)`: one length, where the sides are of like units."""
    sides = bounds[:, 1] - bounds[:, 0]
    longest = sides.max()
    alike = np.where(sides * MESHING.unlike < longest, sides, longest)
    steps = np.maximum(np.ceil(sides / alike * along), 2)
    unit: Array = sides / steps
    return unit


def _lattice(part: Slice, unit: Array) -> Array:
    """Points `(n, dim)` of the box, faces included, and a plane region's corners in the place of
    the points nearest to these.
    """
    lines = [
        np.linspace(a, b, round((b - a) / h) + 1)
        for (a, b), h in zip(part.bounds, unit, strict=True)
    ]
    x = np.stack([axis.ravel() for axis in np.meshgrid(*lines, indexing="ij")], axis=1)
    if len(unit) == 2 and not part.at:
        for vertex in vertices(part.region):
            apart = np.linalg.norm((x - vertex.point) / unit, axis=1)
            x[np.argmin(apart)] = vertex.point
    return x


def _onto_boundary(x: Array, part: Slice, unit: Array) -> Array:
    """Points `(n, dim)`, those near the boundary moved onto it, as far as that is found."""
    moved = x.copy()
    # The region's distances are in its sides, those of the lattice in its steps.
    sides = np.array([part.region.extent[axis] for axis in part.axes])
    near = np.flatnonzero(np.abs(part.signed_distance(x)) < np.max(unit / sides))
    at = x[near]
    for _ in range(MESHING.approaches):
        at = _nearer(at, part, unit)
    found = np.abs(part.signed_distance(at)) < MESHING.arrived
    found &= np.linalg.norm((at - x[near]) / unit, axis=1) < MESHING.near
    moved[near[found]] = at[found]
    return moved


def _nearer(x: Array, part: Slice, unit: Array) -> Array:
    """One step of Newton's method along the slope of the distance, by differences."""
    distance = part.signed_distance(x)
    slopes = np.zeros_like(x)
    for axis in range(x.shape[1]):
        step = np.zeros(x.shape[1])
        step[axis] = MESHING.difference * unit[axis]
        ahead, behind = part.signed_distance(x + step), part.signed_distance(x - step)
        slopes[:, axis] = (ahead - behind) / (2 * MESHING.difference)  # in steps of the lattice
    size = np.maximum((slopes**2).sum(axis=1), 1e-300)
    nearer: Array = x - (distance / size)[:, None] * slopes * unit
    return nearer


def _inside(x: Array, part: Slice) -> Array:
    inside: Array = x[part.contains(x, MESHING.arrived)]
    if len(inside) <= x.shape[1]:
        raise ValueError(
            f"no mesh: {part.region} is thinner than the steps between its points; ask for more of"
            " them"
        )
    return inside


def _simplices(x: Array, part: Slice, unit: Array) -> Numbers:
    """Delaunay's simplices `(m, dim + 1)` inside of the region, without flat ones."""
    if x.shape[1] == 1:
        order = np.argsort(x[:, 0])
        found = np.stack([order[:-1], order[1:]], axis=1)
    else:
        found = Delaunay(x / unit, qhull_options="Qbb Qc Qz Q12").simplices.astype(np.int64)
    volumes = np.linalg.det(np.diff(x[found] / unit, axis=1))
    found[volumes < 0] = found[volumes < 0][:, _swapped(x.shape[1])]
    thick = np.abs(volumes) > MESHING.flattest
    kept: Mask = thick & part.contains(x[found].mean(axis=1))
    simplices: Numbers = found[kept]
    return simplices


def _swapped(dim: int) -> list[int]:
    return [1, 0, *range(2, dim + 1)]


# Of a simplex of VTK: which corners the middles lie between
MIDDLES = {
    1: ((0, 1),),
    2: ((0, 1), (1, 2), (2, 0)),
    3: ((0, 1), (1, 2), (2, 0), (0, 3), (1, 3), (2, 3)),
}


def _with_middles(x: Array, simplices: Numbers, part: Slice, unit: Array) -> Mesh:
    """The mesh with the middles of its edges; those of edges that bound the mesh lie on the
    region's boundary.
    """
    dim = x.shape[1]
    pairs = np.sort(np.concatenate([simplices[:, list(pair)] for pair in MIDDLES[dim]]), axis=1)
    edges, numbers = np.unique(pairs, axis=0, return_inverse=True)
    middles = x[edges].mean(axis=1)
    outer = _on_faces(simplices, edges)
    middles[outer] = _onto_boundary(middles[outer], part, unit)
    own = len(x) + numbers.reshape(len(MIDDLES[dim]), -1).T
    return Mesh(np.concatenate([x, middles]), np.hstack([simplices, own]), dim + 1)


def _on_faces(simplices: Numbers, edges: Numbers) -> Mask:
    """Which edges `(n, 2)` lie in faces of one simplex alone."""
    corners = range(simplices.shape[1])
    faces = [simplices[:, list(kept)] for kept in combinations(corners, simplices.shape[1] - 1)]
    found, counts = np.unique(np.sort(np.concatenate(faces), axis=1), axis=0, return_counts=True)
    outer = found[counts == 1]
    if outer.shape[1] < 2:
        return np.zeros(len(edges), dtype=bool)
    pairs = [outer[:, list(pair)] for pair in combinations(range(outer.shape[1]), 2)]
    code = edges.max() + 1
    wanted = np.concatenate([p[:, 0] * code + p[:, 1] for p in pairs])
    on: Mask = np.isin(edges[:, 0] * code + edges[:, 1], wanted)
    return on
