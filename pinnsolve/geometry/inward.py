"""Edges of bodies in space that point inwards, along which solutions have singular derivatives."""

from __future__ import annotations

import math
from functools import singledispatch

import numpy as np

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.combine import Product
from pinnsolve.geometry.mesh.mesh import Mesh
from pinnsolve.geometry.mesh.simplices import across, unit_vectors
from pinnsolve.geometry.mesh.turning import edges_of
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.vertices import vertices

# Radians: edges that turn by less are round for all that points see
LEAST = 0.1


@singledispatch
def inward_edges(region: Region) -> Array:
    """Places `(n, 3)` on those of a body in space; none of what is combined of bodies.

    >>> from pinnsolve import Interval, Polygon, coordinates
    >>> x, y, z = coordinates("x y z")
    >>> corners = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]
    >>> inward_edges(Polygon((x, y), corners) * Interval(z, 0, 4)).tolist()
    [[1.0, 1.0, 2.0]]
    """
    return np.zeros((0, len(region.coordinates)))


@inward_edges.register
def _(region: Product) -> Array:
    if sorted(len(part.coordinates) for part in (region.a, region.b)) != [1, 2]:
        return np.zeros((0, len(region.coordinates)))
    flat, line = (region.a, region.b) if len(region.a.coordinates) == 2 else (region.b, region.a)
    places = np.array([v.point for v in vertices(flat) if v.opening > math.pi + LEAST])
    middle = np.full((len(places), 1), line.bounds.mean())
    held = dict(zip(flat.coordinates, places.reshape(-1, 2).T, strict=True))
    held |= dict(zip(line.coordinates, middle.T, strict=True))
    return np.stack([held[c] for c in region.coordinates], axis=1)


@inward_edges.register
def _(region: Mesh) -> Array:
    """Where the other facet's middle lies before a facet."""
    surface = region.simplices
    edges = edges_of(surface)
    one, other = (surface.corners[edges.facets[:, k]].mean(axis=1) for k in (0, 1))
    outward = unit_vectors(across(surface.corners))[edges.facets[:, 0]]
    sharp = edges.angles > max(math.radians(region.sharp), LEAST)
    inward = sharp & (((other - one) * outward).sum(axis=1) > 0)
    places: Array = surface.vertices[edges.vertices[inward]].mean(axis=1)
    return places
