"""Solutions as files of VTK, which ParaView and PyVista show: curved sides as quadratic cells,
evolutions as a series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from sympy import Symbol

from pinnsolve.exports.meshes import Mesh, mesh_of
from pinnsolve.exports.tables import Values, axes_of
from pinnsolve.fields.arrays import Array
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.sheets import triangles_of
from pinnsolve.geometry.slices import Slice, slice_of
from pinnsolve.symbols.libraries import library

KINDS = {1: "line3", 2: "triangle6", 3: "tetra10"}  # meshio's names of quadratic cells


@dataclass(frozen=True)
class Nodal:
    """What is written at the nodes of meshes with so many points `along` the longest side."""

    values_at: Values
    along: int | None


def write_vtk(path: Path, part: Slice, wanted: Nodal) -> None:
    """One file `.vtu`: the nodes of a mesh of a part of the domain, and values at these. Complex
    values are written as `u_real` and `u_imag`.
    """
    mesh = mesh_of(part, wanted.along)
    _write(path, mesh, wanted.values_at(part.by_name(mesh.nodes)))


def write_sheet(path: Path, part: Slice, on: Region, wanted: Nodal) -> None:
    """One file `.vtu`: the triangles of a surface in space, and values at their corners. Raises
    ValueError for what is no surface over the coordinates of the part.
    """
    corners = triangles_of(on).reshape(-1, 3)
    if set(part.coordinates) != set(on.coordinates):
        raise ValueError(f"{on} has other coordinates than the domain: give at={{t: ...}}")
    order = [on.coordinates.index(c) for c in part.coordinates]
    # Where two triangles meet they share their corners
    nodes, numbers = np.unique(corners, axis=0, return_inverse=True)
    values = wanted.values_at(part.by_name(nodes[:, order]))
    cells = [("triangle", numbers.reshape(-1, 3))]
    meshio = library("meshio", "to_vtk")
    meshio.Mesh(nodes, cells, point_data=_real(values)).write(path, file_format="vtu")


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
        _write(path.with_name(name), mesh, wanted.values_at(part.by_name(mesh.nodes)))
        ElementTree.SubElement(collection, "DataSet", timestep=repr(float(t)), file=name)
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, xml_declaration=True, encoding="utf-8")


def _write(path: Path, mesh: Mesh, values: Mapping[str, Array]) -> None:
    meshio = library("meshio", "to_vtk")
    dim = mesh.nodes.shape[1]
    nodes = np.zeros((len(mesh.nodes), 3))
    nodes[:, :dim] = mesh.nodes
    cells = [(KINDS[dim], mesh.cells)]
    meshio.Mesh(nodes, cells, point_data=_real(values)).write(path, file_format="vtu")


def _real(values: Mapping[str, Array]) -> dict[str, Array]:
    held: dict[str, Array] = {}
    for name, array in values.items():
        if np.iscomplexobj(array):
            held |= {f"{name}_real": array.real.copy(), f"{name}_imag": array.imag.copy()}
        else:
            held[name] = array
    return held
