"""Solutions as grids of VTK, in files, which ParaView shows, or in PyVista: curved sides as
quadratic cells, evolutions as a series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from sympy import Symbol

from pinnsolve.exports.meshes import Mesh, Numbers, mesh_of
from pinnsolve.exports.tables import Values, axes_of
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.sheets import triangles_of
from pinnsolve.geometry.slices import Slice, slice_of
from pinnsolve.symbols.libraries import library

KINDS = {1: "line3", 2: "triangle6", 3: "tetra10"}  # meshio's names of quadratic cells
IN_VTK = {
    "line3": "QUADRATIC_EDGE",
    "triangle6": "QUADRATIC_TRIANGLE",
    "tetra10": "QUADRATIC_TETRA",
    "triangle": "TRIANGLE",
}


@dataclass(frozen=True)
class Nodal:
    """What is written at the nodes of meshes with so many points `along` the longest side."""

    values_at: Values
    along: int | None


@dataclass(frozen=True)
class Grid:
    """Nodes `(n, 3)`, cells `(m, k)` of one of meshio's kinds, and values `(n,)` at the nodes by
    name; those of complex ones as `u_real` and `u_imag`.
    """

    nodes: Array
    kind: str
    cells: Numbers
    values: dict[str, Array]

    def write(self, path: Path) -> None:
        """One file `.vtu`. Raises ImportError without meshio."""
        meshio = library("meshio", "to_vtk")
        held = meshio.Mesh(self.nodes, [(self.kind, self.cells)], point_data=self.values)
        held.write(path, file_format="vtu")

    def in_pyvista(self) -> Any:
        """An unstructured grid of PyVista. Raises ImportError without it."""
        pyvista = library("pyvista", "to_pyvista", "view")
        kind = pyvista.CellType[IN_VTK[self.kind]]
        grid = pyvista.UnstructuredGrid({kind: self.cells}, self.nodes)
        for name, values in self.values.items():
            grid.point_data[name] = values
        return grid


def grid_of(part: Slice, on: Region | None, wanted: Nodal) -> Grid:
    """Of a part of the domain, or of a surface on it."""
    if on is None:
        return _body(part, mesh_of(part, wanted.along), wanted)
    return _sheet(part, on, wanted)


def _sheet(part: Slice, on: Region, wanted: Nodal) -> Grid:
    """The triangles of a surface in space, and values at their corners. Raises ValueError for what
    is no surface over the coordinates of the part.
    """
    corners = triangles_of(on).reshape(-1, 3)
    if set(part.coordinates) != set(on.coordinates):
        raise ValueError(f"{on} has other coordinates than the domain: give at={{t: ...}}")
    order = [on.coordinates.index(c) for c in part.coordinates]
    # Where two triangles meet they share their corners
    nodes, numbers = np.unique(corners, axis=0, return_inverse=True)
    values = wanted.values_at(part.by_name(nodes[:, order]))
    return Grid(nodes, "triangle", numbers.reshape(-1, 3), _real(values))


def _body(part: Slice, mesh: Mesh, wanted: Nodal) -> Grid:
    dim = mesh.nodes.shape[1]
    nodes = np.zeros((len(mesh.nodes), 3))
    nodes[:, :dim] = mesh.nodes
    return Grid(nodes, KINDS[dim], mesh.cells, _real(wanted.values_at(part.by_name(mesh.nodes))))


def write_series(
    path: Path, region: Region, time: Symbol | None, times: int | Sequence[float], wanted: Nodal
) -> None:
    """A file `.pvd` that names one `.vtu` beside it for each time; all of them, or none, have the
    nodes of one mesh.

    Raises ValueError without a time.
    """
    if time is None:
        raise ValueError(
            f"cannot write {path}: .pvd is a series in time, and this problem has none; write a"
            " .vtu"
        )
    known = axes_of(region, {time: times})[time.name]
    parts = [slice_of(region, {time: t}) for t in known]
    mesh = mesh_of(parts[0], wanted.along)
    root = ElementTree.Element("VTKFile", type="Collection", version="0.1")
    collection = ElementTree.SubElement(root, "Collection")
    for number, (t, part) in enumerate(zip(known, parts, strict=True)):
        name = f"{path.stem}_{number:04}.vtu"
        _body(part, mesh, wanted).write(path.with_name(name))
        ElementTree.SubElement(collection, "DataSet", timestep=repr(float(t)), file=name)
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, xml_declaration=True, encoding="utf-8")


def _real(values: Mapping[str, Array]) -> dict[str, Array]:
    held: dict[str, Array] = {}
    for name, array in values.items():
        if np.iscomplexobj(array):
            held |= {f"{name}_real": array.real.copy(), f"{name}_imag": array.imag.copy()}
        else:
            held[name] = array
    return held
