"""Surfaces that are nearly closed: mended by trimesh, overlapping bodies made one by manifold3d."""

from __future__ import annotations

from typing import Any

import numpy as np

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.mesh.faults import fault_of
from pinnsolve.geometry.mesh.reading import of_surface
from pinnsolve.geometry.mesh.simplices import Numbers, Simplices
from pinnsolve.geometry.mesh.turning import sides_of
from pinnsolve.symbols.libraries import library

PURPOSE = "mending a mesh"


def mended(surface: Simplices) -> Simplices:
    """Facets that occur once, with holes filled, turned outwards, and overlapping bodies made one.

    Raises ValueError for what is left. Names of parts are lost where facets had to be cut.
    """
    if not fault_of(surface):
        return surface
    if surface.dim == 2:
        raise ValueError("cells in the plane cannot be mended: mesh the outline again")
    trimesh = library("trimesh", PURPOSE, "mesh")
    mesh = trimesh.Trimesh(surface.vertices, surface.facets, process=False)
    mesh.merge_vertices()
    mesh.update_faces(mesh.unique_faces() & mesh.nondegenerate_faces())
    mesh = trimesh.Trimesh(*_filled(mesh.vertices, mesh.faces.astype(np.int64)), process=False)
    trimesh.repair.fix_normals(mesh, multibody=True)
    found = of_surface(mesh.vertices, mesh.faces, 3)
    if fault_of(found):
        library("manifold3d", PURPOSE, "mesh")
        bodies = mesh.split(only_watertight=True)
        if len(bodies):
            mesh = _joined(trimesh, bodies)
            found = of_surface(mesh.vertices, mesh.faces, 3)
    left = fault_of(found)
    if left:
        raise ValueError(f"the mesh cannot be mended: it {left}")
    return found


def _joined(trimesh: Any, bodies: Any) -> Any:
    for body in bodies:
        if body.volume < 0:
            body.invert()
    return trimesh.boolean.union(bodies, engine="manifold") if len(bodies) > 1 else bodies[0]


def _filled(vertices: Array, facets: Numbers) -> tuple[Array, Numbers]:
    """With a fan of triangles from the middle of each hole's rim."""
    sides, _ = sides_of(facets)
    _, place, counts = np.unique(
        np.sort(sides, axis=1), axis=0, return_inverse=True, return_counts=True
    )
    after = {int(b): int(a) for a, b in sides[counts[place.ravel()] == 1]}
    more, fans = [vertices], [facets]
    while after:
        rim = [next(iter(after))]
        while rim[-1] in after:
            rim.append(after.pop(rim[-1]))
        ring = np.array(rim)
        middle = sum(map(len, more))
        more.append(vertices[ring[:-1]].mean(axis=0, keepdims=True))
        fans.append(np.stack([ring[:-1], ring[1:], np.full(len(ring) - 1, middle)], axis=1))
    return np.concatenate(more), np.concatenate(fans)
