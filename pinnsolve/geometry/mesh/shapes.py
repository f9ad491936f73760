"""Shapes of CAD as meshes: gmsh reads them, and cuts their surfaces into facets.

Files are given to OpenCASCADE's readers of shapes alone: gmsh would run what it does not know as a
script of its own, which may call the system.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from pinnsolve.geometry.mesh.simplices import Numbers
from pinnsolve.symbols.libraries import library
from pinnsolve.symbols.written import number

FORMATS = {".step": "step", ".stp": "step", ".iges": "iges", ".igs": "iges", ".brep": "brep"}
# Numbers of elements in gmsh, names in meshio, corners
KINDS = {1: ("line", 2), 2: ("triangle", 3), 3: ("quad", 4), 4: ("tetra", 4)}

OPTIONS = (
    "General.Terminal",
    "Geometry.OCCImportLabels",
    "Mesh.ElementOrder",
    "Mesh.MeshSizeFromCurvature",
    "Mesh.MeshSizeMax",
    "Mesh.RecombineAll",
)
OURS = "pinnsolve reads a shape"  # a model's name


@dataclass(frozen=True)
class Faceting:
    """How finely surfaces are cut, where nothing is said."""

    # Facets around a circle: they are off by a thousandth of its radius
    around: int = 60
    # Of the largest side: facets are about as long, at most
    side: float = 0.1


FACETING = Faceting()
GMSH = threading.Lock()  # it has one model at a time


def longest_facet(size: Any, unit: float) -> float | None:
    """In the file's lengths. Raises ValueError for what is no length."""
    if size is None:
        return None
    length = float(number(size, "Mesh(..., size=)")) / unit
    if not 0 < length < math.inf:
        raise ValueError(f"a Mesh wants facets of a positive size: got size={size}")
    return length


def facets_of(path: Path, dim: int, size: float | None) -> Any:
    """A shape as meshio holds meshes: points, blocks of cells, and sets of them by the names of
    bodies, where there are several.

    Facets are about `size` long, in the file's lengths; None leaves it to their curvature.
    Raises ImportError without gmsh, ValueError for a file without a body, and what gmsh raises.
    """
    gmsh = library("gmsh", f"reading {path.name}", "cad")
    with GMSH, _model_of_ours(gmsh):
        gmsh.model.occ.importShapes(str(path), format=FORMATS[path.suffix.lower()])
        gmsh.model.occ.synchronize()
        bodies = gmsh.model.getEntities(dim)
        if not bodies:
            raise ValueError(f"it holds no {'body' if dim == 3 else 'surface'}")
        # Of one body its surface is enough; several are filled, and meet facet to facet
        whole = dim == 2 or len(bodies) > 1
        if len(bodies) > 1:
            gmsh.model.occ.fragment(bodies[:1], bodies[1:])
            gmsh.model.occ.synchronize()
        _sized(gmsh, size)
        gmsh.model.mesh.generate(dim if whole else 2)
        for _, body in gmsh.model.getEntities(3):
            gmsh.model.mesh.setOutwardOrientation(body)
        return _taken(gmsh, dim, whole)


@contextmanager
def _model_of_ours(gmsh: Any) -> Iterator[None]:
    """gmsh without words, and as it was found: who uses it beside keeps models and options."""
    begun = not gmsh.isInitialized()
    if begun:
        gmsh.initialize(readConfigFiles=False, interruptible=False)
    before, current = {n: gmsh.option.getNumber(n) for n in OPTIONS}, gmsh.model.getCurrent()
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.option.setNumber("Geometry.OCCImportLabels", 1)
        gmsh.model.add(OURS)
        yield
    finally:
        if begun:
            gmsh.finalize()
        else:
            gmsh.model.setCurrent(OURS)
            gmsh.model.remove()
            gmsh.model.setCurrent(current)
            for name, value in before.items():
                gmsh.option.setNumber(name, value)


def _sized(gmsh: Any, size: float | None) -> None:
    box = np.array(gmsh.model.getBoundingBox(-1, -1)).reshape(2, 3)
    longest = FACETING.side * float(np.ptp(box, axis=0).max()) if size is None else size
    gmsh.option.setNumber("Mesh.MeshSizeMax", longest)
    gmsh.option.setNumber("Mesh.MeshSizeFromCurvature", FACETING.around if size is None else 0)
    gmsh.option.setNumber("Mesh.ElementOrder", 1)
    gmsh.option.setNumber("Mesh.RecombineAll", 0)


def _taken(gmsh: Any, dim: int, whole: bool) -> Any:
    tags, points, _ = gmsh.model.mesh.getNodes()
    place = np.zeros(int(tags.max()) + 1, dtype=np.int64)
    place[tags.astype(np.int64)] = np.arange(len(tags))
    owners: list[tuple[int, int]] = []
    blocks: list[Any] = []
    for entity in _entities(gmsh, dim, whole):
        kinds, _, nodes = gmsh.model.mesh.getElements(*entity)
        for kind, own in zip(kinds, nodes, strict=True):
            name, corners = KINDS[int(kind)]
            data = place[own.astype(np.int64)].reshape(-1, corners)
            blocks.append(SimpleNamespace(type=name, data=data))
            owners.append(entity)
    return SimpleNamespace(
        points=np.asarray(points).reshape(-1, 3),
        cells=blocks,
        cell_data={},
        field_data={},
        cell_sets=_named(gmsh, dim, owners, blocks),
    )


def _entities(gmsh: Any, dim: int, whole: bool) -> Iterator[tuple[int, int]]:
    """Whose elements are wanted: what bounds all bodies together, and these."""
    bodies = gmsh.model.getEntities(dim)
    yield from gmsh.model.getBoundary(bodies, combined=True, oriented=False)
    if whole:
        yield from bodies


def _named(
    gmsh: Any, dim: int, owners: Sequence[tuple[int, int]], blocks: Sequence[Any]
) -> dict[str, list[Numbers | None]]:
    """Which elements of each block the bodies of a name have, where there are several bodies."""
    bodies = gmsh.model.getEntities(dim)
    named: dict[str, set[tuple[int, int]]] = {}
    for body in bodies if len(bodies) > 1 else ():
        # "Shapes/assembly/part": what it is a part of is left out
        name = gmsh.model.getEntityName(*body).rpartition("/")[2]
        named.setdefault(name or f"body {body[1]}", set()).add(body)
    return {
        name: [
            np.arange(len(block.data)) if owner in own else None
            for owner, block in zip(owners, blocks, strict=True)
        ]
        for name, own in named.items()
    }
