"""How a triangulated boundary turns: angles between neighbours, normals that turn smoothly, patches
between sharp edges, and how far the facets are from a smooth surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.mesh.simplices import Numbers, Simplices, across, measures, unit_vectors


@dataclass(frozen=True, eq=False)
class Edges:
    """Where two facets meet, at an edge in space and at a vertex in the plane: their vertices
    `(e, dim - 1)`, the facets `(e, 2)` on both sides, and the angle `(e,)` between their normals,
    in radians.
    """

    vertices: Numbers
    facets: Numbers
    angles: Array


def sides_of(facets: Numbers) -> tuple[Numbers, Numbers]:
    """The sides of facets `(m, dim)` as they go round, `(m * dim, dim - 1)`, and whose they are."""
    dim = facets.shape[1]
    own = np.tile(np.arange(len(facets)), dim)
    if dim == 2:
        return np.concatenate([facets[:, :1], facets[:, 1:]]), own
    pairs = [facets[:, [k, (k + 1) % 3]] for k in range(3)]
    return np.concatenate(pairs), own


def edges_of(surface: Simplices) -> Edges:
    """Of a boundary in which every side has two facets."""
    sides, own = sides_of(surface.facets)
    found, place = np.unique(np.sort(sides, axis=1), axis=0, return_inverse=True)
    order = np.argsort(place.ravel(), kind="stable")
    pairs = own[order].reshape(-1, 2)
    one, other = (unit_vectors(across(surface.corners))[pairs[:, k]] for k in (0, 1))
    # By both sine and cosine: an arc of a cosine alone knows half of the digits of small angles
    half = np.linalg.norm(one - other, axis=1), np.linalg.norm(one + other, axis=1)
    return Edges(found, pairs, 2 * np.arctan2(*half))


def smooth_normals(surface: Simplices, sharp: float) -> Array:
    """Unit normals `(m, dim, dim)` at the corners of facets: the mean of those of all facets around
    a vertex that differ by less than `sharp` (radians), weighted by their angles there.
    """
    facets, dim = surface.facets, surface.dim
    own = unit_vectors(across(surface.corners))
    weights = np.ones(facets.shape) if dim == 2 else _angles(surface.corners)
    vertex, facet = facets.ravel(), np.repeat(np.arange(len(facets)), dim)
    order = np.argsort(vertex, kind="stable")
    counts = np.bincount(vertex, minlength=len(surface.vertices))
    begins = np.concatenate([[0], np.cumsum(counts)])
    # Pairs of a corner with every corner at the same vertex
    many = counts[vertex]
    corner = np.repeat(np.arange(len(vertex)), many)
    offset = np.arange(len(corner)) - np.repeat(np.cumsum(many) - many, many)
    other = order[np.repeat(begins[vertex], many) + offset]
    alike = (own[facet[corner]] * own[facet[other]]).sum(axis=1) > np.cos(sharp)
    alike |= corner == other
    corner, other = corner[alike], other[alike]
    share = weights.ravel()[other, None] * own[facet[other]]
    columns = [np.bincount(corner, weights=c, minlength=len(vertex)) for c in share.T]
    summed: Array = np.stack(columns, axis=1).astype(float)
    return unit_vectors(summed).reshape(len(facets), dim, dim)


def _angles(corners: Array) -> Array:
    """Of triangles `(m, 3, 3)` at their corners, `(m, 3)`."""
    ahead = unit_vectors(np.roll(corners, -1, axis=1) - corners)
    back = unit_vectors(np.roll(corners, 1, axis=1) - corners)
    angles: Array = np.arccos(np.clip((ahead * back).sum(axis=2), -1.0, 1.0))
    return angles


def patches_of(surface: Simplices, edges: Edges, sharp: float) -> list[Numbers]:
    """The facets between edges whose angle is `sharp` or more (radians), the largest patch
    first.
    """
    joined = edges.facets[edges.angles < sharp]
    count = len(surface.facets)
    graph = coo_matrix((np.ones(len(joined)), joined.T), shape=(count, count))
    number, patch = connected_components(graph, directed=False)
    area = np.bincount(patch, weights=measures(surface.corners), minlength=number)
    return [np.flatnonzero(patch == k) for k in np.argsort(-area, kind="stable")]


def sagittas(corners: Array, normals: Array) -> Array:
    """How far facets are, at most, from the smooth surface that they stand for, `(m,)`, by their
    corners and the normals there, `(m, dim, dim)`.

    Between corners x_i with shares w_i the surface is off by the sum over pairs of w_i w_j (n_i -
    n_j).(x_i - x_j) / 2: on a sphere to the leading order, and along its two curvatures on any
    other surface. The largest are those at the middles of sides, and of the facet.
    """
    dim = corners.shape[2]
    pairs = [(0, 1)] if dim == 2 else [(0, 1), (1, 2), (2, 0)]
    bent = np.stack(
        [
            ((normals[:, a] - normals[:, b]) * (corners[:, a] - corners[:, b])).sum(axis=1) / 2
            for a, b in pairs
        ]
    )
    middle = np.abs(bent.sum(axis=0)) / dim**2
    largest: Array = np.maximum(np.abs(bent).max(axis=0) / 4, middle)
    return largest
