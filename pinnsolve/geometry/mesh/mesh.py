"""Meshes as regions: a body inside of a triangulated surface, a part of the plane in triangles."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Float, Symbol

from pinnsolve.geometry.charts import CLOSE, Array, Chart, Mask
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.cubature import own_nodes
from pinnsolve.geometry.filters import Inside
from pinnsolve.geometry.gauss import on_whole
from pinnsolve.geometry.levels import Level, levels_of
from pinnsolve.geometry.lines import crossed_below, faceted
from pinnsolve.geometry.mesh.bundle import Bundle
from pinnsolve.geometry.mesh.crossings import Crossings
from pinnsolve.geometry.mesh.faults import fault_of
from pinnsolve.geometry.mesh.floor import facets_in
from pinnsolve.geometry.mesh.inside import crossings_below, lines_through
from pinnsolve.geometry.mesh.nearest import Nearest, nearest_to
from pinnsolve.geometry.mesh.part import MeshPart
from pinnsolve.geometry.mesh.reading import simplices_in, written_source
from pinnsolve.geometry.mesh.repair import mended
from pinnsolve.geometry.mesh.shapes import longest_facet
from pinnsolve.geometry.mesh.sides import sides_in_plane, straight_side
from pinnsolve.geometry.mesh.simplices import Numbers, Simplices
from pinnsolve.geometry.mesh.turning import (
    Edges,
    edges_of,
    patches_of,
    sagittas,
    smooth_normals,
)
from pinnsolve.geometry.region import Region
from pinnsolve.geometry.solids import Box
from pinnsolve.symbols.given import are_symbols, parts_of
from pinnsolve.symbols.warned import warn
from pinnsolve.symbols.written import number


@dataclass(frozen=True)
class Believing:
    """What is taken for a slip."""

    # Times larger or smaller than a region that it is combined with: a file in millimetres
    other_unit: float = 300.0


BELIEVING = Believing()


@dataclass(frozen=True, eq=False, repr=False)
class Mesh(Solid):
    """`Mesh("part.stl", (x, y, z))`: the body inside of a closed triangulated surface; with two
    coordinates a mesh of the plane, whose boundary is that of its triangles.

    `source` is a path (STL, OBJ, PLY, OFF, GLB and 3MF by trimesh, STEP, IGES and BREP
    by gmsh, .msh and all others by meshio), a pair of arrays, vertices `(n, dim)` and
    triangles `(m, 3)`, or a mesh of either library. Lengths of the file are multiplied by
    `unit`: 1e-3 for millimetres, in which STEP comes, where coordinates are in metres. The
    facets of shapes are about `size` long, in the coordinates; by themselves, sixty around a
    circle. Normals turn smoothly, but at edges of `sharp` degrees or more; `sharp=0` takes
    the facets as they are. Raises OSError for a file that is not there, ImportError without the
    library, ValueError for a surface that is open, inverted, or goes through itself:
    `Mesh.repaired(...)` mends it.

    >>> from pinnsolve import Mesh, coordinates
    >>> corners = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    >>> faces = [(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)]
    >>> body = Mesh((corners, faces), coordinates("x y z"))
    >>> body.contains([[0.2, 0.2, 0.2], [0.5, 0.5, 0.5]]).tolist()
    [True, False]
    >>> f"{body.volume:.4f}"
    '0.1667'
    """

    source: Any
    coordinates: tuple[Symbol, ...]
    unit: float = 1.0
    sharp: float = 30.0
    size: float | None = None

    def __post_init__(self) -> None:
        names = parts_of(self.coordinates) or ()
        if not are_symbols(names) or len(names) not in {2, 3} or len(set(names)) < len(names):
            raise TypeError(
                "a Mesh wants two or three coordinates, Mesh('part.stl', (x, y, z)): got"
                f" {self.coordinates!r}"
            )
        unit, sharp = (
            float(number(getattr(self, name), f"Mesh(..., {name}=)")) for name in ("unit", "sharp")
        )
        if unit <= 0 or not 0 <= sharp <= 180:
            raise ValueError(
                "a Mesh wants a positive unit, and a sharp angle of 0 to 180 degrees: got"
                f" unit={unit:g}, sharp={sharp:g}"
            )
        held = self.source
        if not isinstance(held, Simplices):
            held = simplices_in(held, len(names), longest_facet(self.size, unit))
        held = held if unit == 1 else held.in_unit(unit)
        fault = fault_of(held)
        if fault:
            told = "the mesh" if isinstance(self.source, Simplices) else written_source(self.source)
            raise ValueError(f"{told} {fault}; Mesh.repaired(...) in its place mends what it can")
        object.__setattr__(self, "source", held)
        object.__setattr__(self, "coordinates", tuple(names))
        object.__setattr__(self, "unit", 1.0)
        object.__setattr__(self, "sharp", sharp)
        object.__setattr__(self, "size", None)

    @classmethod
    def repaired(
        cls,
        source: Any,
        coordinates: Sequence[Symbol],
        unit: float = 1.0,
        sharp: float = 30.0,
        size: float | None = None,
    ) -> Mesh:
        """The same of a mesh that is open, inverted or goes through itself: holes are filled,
        facets turned outwards, and overlapping bodies made one (by manifold3d).

        Raises ValueError for what cannot be mended.
        """
        held = mended(simplices_in(source, len(coordinates), longest_facet(size, unit)))
        return cls(held, tuple(coordinates), unit, sharp)

    @property
    def simplices(self) -> Simplices:
        """Vertices, facets and cells."""
        held: Simplices = self.source
        return held

    @property
    def bounds(self) -> Array:
        return self.simplices.bounds.copy()

    @property
    def volume(self) -> float:
        """Volume in space, area in the plane."""
        return self.simplices.volume

    @cached_property
    def facet_error(self) -> float:
        """How far the facets are, at most, from the smooth surface that they stand for, as the
        angles between neighbours tell: a length. Edges of `sharp` degrees are meant to be there.

        >>> from pinnsolve import Mesh, coordinates
        >>> corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
        >>> Mesh((corners, [(0, 1, 2), (0, 2, 3)]), coordinates("x y")).facet_error
        0.0
        """
        return float(sagittas(self.simplices.corners, self.normals).max())

    @cached_property
    def _edges(self) -> Edges:
        return edges_of(self.simplices)

    @cached_property
    def crossings(self) -> Crossings:
        """What tells inside from outside."""
        return Crossings.of(self.simplices.corners)

    @cached_property
    def normals(self) -> Array:
        """Outward unit normals at the corners of facets, `(m, dim, dim)`."""
        return smooth_normals(self.simplices, math.radians(self.sharp))

    def bundle(self, facets: Numbers) -> Bundle:
        """Some of the facets, by their numbers."""
        return Bundle.of(self.simplices.corners[facets], self.normals[facets])

    @cached_property
    def _inside(self) -> tuple[Chart, ...]:
        held = self.simplices
        if len(held.cells):
            return (Bundle.of(held.vertices[held.cells]).chart(self.coordinates),)
        limits = zip(self.coordinates, self.bounds.tolist(), strict=True)
        box = Box({c: (Float(low), Float(high)) for c, (low, high) in limits})
        return tuple(chart.filtered(Inside(self)) for chart in box.charts())

    def charts(self) -> tuple[Chart, ...]:
        return self._inside

    @cached_property
    def _outside(self) -> tuple[Chart, ...]:
        held = self.simplices
        if held.dim == 3:
            return (self.bundle(np.arange(len(held.facets))).chart(self.coordinates),)
        straight, curved = sides_in_plane(held, self._edges, math.radians(self.sharp))
        lines = tuple(straight_side(self.coordinates, *ends) for ends in straight)
        return lines + tuple(self.bundle(edges).chart(self.coordinates) for edges in curved)

    def boundary_charts(self) -> tuple[Chart, ...]:
        return self._outside

    def signed_distance(self, x: Array, unit: Array | None = None) -> Array:
        """Negative inside, `(n, dim)` to `(n,)`: exact near the facets, and everywhere in sign."""
        x = np.asarray(x, dtype=float)
        far = self.nearest(unit).distance(x if unit is None else x / unit)
        return np.where(self.crossings.winding(x) > 0, -far, far)

    def signs(self, x: Array) -> Array:
        """By the facets above, without a distance."""
        return np.where(self.crossings.winding(np.asarray(x, dtype=float)) > 0, -1.0, 1.0)

    def contains(self, x: Array, tolerance: float = CLOSE) -> Mask:
        x = np.asarray(x, dtype=float)
        inside: Mask = self.crossings.winding(x) > 0
        out = np.flatnonzero(~inside)
        if tolerance > 0 and len(out):
            inside[out] = self.nearest(self.extent).near(x[out] / self.extent, tolerance)
        return inside

    def nearest(self, unit: Array | None) -> Nearest:
        """What knows the distances to the facets, in units `(dim,)`."""
        return nearest_to(self.simplices, None if unit is None else tuple(unit.tolist()))

    @property
    def parts(self) -> tuple[str, ...]:
        """The names in the file: solids of an STL, physical groups of gmsh, sets."""
        return (*self.simplices.labels, *self.simplices.volumes)

    def part(self, name: str) -> Region:
        """What has a name in the file: a part of the boundary, for conditions, or cells, which are
        a mesh again. Raises ValueError for other names.
        """
        held = self.simplices
        if name in held.labels:
            return MeshPart(self, held.labels[name], str(name))
        if name in held.volumes:
            return replace(self, source=held.part(held.volumes[name]))
        known = ", ".join(map(repr, self.parts)) or "none; mesh.patches(angle=30) cuts at edges"
        raise ValueError(f"{self} has no part {name!r}: the names in it are {known}")

    def patches(self, angle: float = 30.0) -> tuple[MeshPart, ...]:
        """The parts of the boundary between edges of so many degrees, the largest first."""
        found = patches_of(self.simplices, self._edges, math.radians(angle))
        return tuple(MeshPart(self, own, f"patch {k}") for k, own in enumerate(found))

    def warn_beside(self, other: Solid) -> None:
        """Warn of lengths that are hundreds of times those of another region."""
        ratio = float(self.extent.max() / other.extent.max())
        if not 1 / BELIEVING.other_unit < ratio < BELIEVING.other_unit:
            warn(
                f"{self} is {ratio:.2g} times as large as {other}: if the file has another unit of"
                " length, millimetres for instance, give Mesh(..., unit=1e-3)"
            )

    def __str__(self) -> str:
        names = ", ".join(map(str, self.coordinates))
        held = self.simplices
        return f"Mesh of {len(held.facets)} facets ({names}; {held.digest[:8]})"


@own_nodes.register
def _(region: Mesh, finer: float) -> tuple[Array, Array]:
    held = region.simplices
    if not len(held.cells):
        return lines_through(held, region.crossings, finer)
    rule = on_whole(region.charts()[0], finer)
    return rule.x, rule.weights


@faceted.register
def _(region: Mesh) -> Mesh:
    return replace(region, sharp=0.0)


@crossed_below.register
def _(solid: Mesh, top: Array, height: float) -> tuple[Numbers, Array]:
    rows, _, depths = crossings_below(solid.crossings, top)
    return rows, depths


@facets_in.register
def _(region: Mesh) -> Iterator[tuple[float, str]]:
    error = region.facet_error
    # In a ball that is heated evenly, u = 1 - r^2: facets that are up to d inside of it, and half
    # of that in the mean, move u by d, and u deviates from its mean by 0.26
    floor = 4 * error / (region.extent.min() / 2)
    yield float(floor), f"the facets of {region} are up to {error:.1e} away from a smooth surface"


@levels_of.register
def _(region: Mesh) -> list[Level]:
    """None: where a side ends is asked of its filters."""
    return []


@levels_of.register
def _(region: MeshPart) -> list[Level]:
    return []
