"""Triangles for composite problems: gmsh's, bent onto circles as far as the elements' degree goes.

Nodes of sides on a circle lie on it, and those inside of the triangle follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import gmsh
import numpy as np
from skfem import ElementH1, ElementTriP4, MeshTri, MeshTri2
from skfem.mapping import MappingIsoparametric
from skfem.refdom import RefLine

# Centers and radii: of the disk in the plate, holes, the ring around a hard disk.
DISK = (((0.0, 0.0), 0.5),)
QUARTERS = tuple(((a, b), 0.1) for a in (0.25, 0.75) for b in (0.25, 0.75))
CLASSIC = tuple(((a, b), 0.1) for a in (-0.3, 0.3) for b in (-0.3, 0.3))
RING = (((0.0, 0.0), 0.25), ((0.0, 0.0), 1.0))


class Quartic(ElementH1):
    """The quartic side of a triangle: vertices, then nodes between."""

    nodal_dofs, interior_dofs, maxdeg, refdom = 1, 3, 4, RefLine
    polynomials = tuple(map(np.poly1d, np.linalg.inv(np.vander([0, 1, 0.25, 0.5, 0.75])).T))

    def lbasis(self, X, i):  # noqa: N803
        """Lagrange's polynomial of node i, and its slope."""
        shape = self.polynomials[i]
        return shape(X[0]), np.array([shape.deriv()(X[0])])


class Loose(MappingIsoparametric):
    """Points of sides are found in triangles to 1e-10: small ones do not allow the 1e-12 of the
    package.
    """

    def invF(self, x, tind=None):  # noqa: N802
        """Reference coordinates of points."""
        return super().invF(x, tind, newton_tol=1e-10)


@dataclass(repr=False)
class MeshTri4(MeshTri2):
    """Triangles of fourth order."""

    elem: type = ElementTriP4

    def _mapping(self):
        if not hasattr(self, "_quartic"):
            self._quartic = Loose(self, ElementTriP4(), Quartic())
        return self._quartic


def triangulated(build, size):
    """Vertices and triangles that gmsh makes of a shape: `size(x, y)` is that of a triangle."""
    gmsh.initialize()
    gmsh.option.setNumber("General.Verbosity", 1)
    build(gmsh.model.occ)
    gmsh.model.occ.synchronize()
    for option in ("ExtendFromBoundary", "FromPoints", "FromCurvature"):
        gmsh.option.setNumber(f"Mesh.MeshSize{option}", 0)
    gmsh.model.mesh.setSizeCallback(lambda dim, tag, x, y, z, lc: size(x, y))
    gmsh.model.mesh.generate(2)
    tags, points, _ = gmsh.model.mesh.getNodes()
    _, corners = gmsh.model.mesh.getElementsByType(2)
    gmsh.finalize()
    # Vertices in order: of a side's nodes, both triangles then know which is first.
    used, triangles = np.unique(corners, return_inverse=True)
    at = np.searchsorted(tags, used, sorter=(order := np.argsort(tags)))
    p = points.reshape(-1, 3)[order[at], :2].T
    return MeshTri(np.ascontiguousarray(p), np.sort(triangles.reshape(-1, 3).T, axis=0))


def curved(straight, degree, circles):
    """A mesh of the elements' degree, bent onto circles."""
    mesh = (MeshTri2 if degree == 2 else MeshTri4).from_mesh(straight)
    places = mesh.doflocs.copy()
    element = mesh.elem()
    inner = np.arange(len(element.doflocs) - element.interior_dofs, len(element.doflocs))
    bary = np.column_stack([1 - element.doflocs.sum(1), element.doflocs])
    for center, radius in circles:
        sides = _on(straight, np.array(center)[:, None], radius)
        for side in sides:
            a, b = straight.facets[:, side]
            ends = straight.p[:, [a, b]] - np.array(center)[:, None]
            for node in mesh.dofs.facet_dofs[:, side]:
                s = np.linalg.norm(places[:, node] - straight.p[:, a])
                s /= np.linalg.norm(straight.p[:, b] - straight.p[:, a])
                places[:, node] += _sagitta(ends, radius, s)
            for triangle in straight.f2t[:, side]:
                if triangle >= 0 and element.interior_dofs:
                    i, j = (list(straight.t[:, triangle]).index(v) for v in (a, b))
                    for local in inner:
                        low, high = bary[local, i], bary[local, j]
                        s = (1 + high - low) / 2
                        share = low * high / (s * (1 - s))
                        node = mesh.dofs.element_dofs[local, triangle]
                        places[:, node] += share * _sagitta(ends, radius, s)
    return type(mesh)(places, mesh.t)


def _on(mesh, center, radius):
    """Sides on a circle: of the boundary, or between what lies inside and outside."""
    ends = mesh.p[:, mesh.facets] - center[:, :, None]
    near = (np.abs(np.hypot(*ends) - radius) < 1e-7).all(axis=0)
    inside = np.hypot(*(mesh.p[:, mesh.t].mean(axis=1) - center)) < radius
    first, second = mesh.f2t
    return np.flatnonzero(near & ((second < 0) | (inside[first] != inside[second])))


def _sagitta(ends, radius, s):
    """From the chord to the arc, a share s of the way."""
    a, b = np.arctan2(ends[1], ends[0])
    turn = np.angle(np.exp(1j * (b - a)))
    arc = radius * np.array([np.cos(a + s * turn), np.sin(a + s * turn)])
    return arc - (1 - s) * ends[:, 0] - s * ends[:, 1]


def plate(low, high, disks, keep):
    """A square with disks, which are cut out or kept."""

    def build(occ):
        box = occ.addRectangle(low, low, 0, high - low, high - low)
        holes = [(2, occ.addDisk(*at, 0, r, r)) for at, r in disks]
        (occ.fragment if keep else occ.cut)([(2, box)], holes)

    return build


def ring(occ):
    """Between two circles."""
    inner, outer = (occ.addDisk(*at, 0, r, r) for at, r in RING)
    occ.cut([(2, outer)], [(2, inner)])


def corner(occ):
    """The L."""
    ends = ((0, 0), (0, -1), (-1, -1), (-1, 1), (1, 1), (1, 0))
    points = [occ.addPoint(*end, 0) for end in ends]
    lines = [occ.addLine(a, b) for a, b in zip(points, points[1:] + points[:1], strict=True)]
    occ.addPlaneSurface([occ.addCurveLoop(lines)])


def around(disks, h, far):
    """Triangles of size h, smaller in proportion to the distance from a disk's center within
    `far`.
    """
    return lambda x, y: h * min(1, *(np.hypot(x - a, y - b) / far for (a, b), _ in disks))


def graded(h, degree):
    """Towards the corner, whose power is 2/3, so small that all triangles err alike."""
    return lambda x, y: h * max(np.hypot(x, y), 1e-7) ** (1 - 2 / (3 * degree))


def meshed(name, degree, h):
    """The mesh of a problem, with straight sides and bent."""
    if name in ("helmholtz_k100", "varying_plate"):
        line = np.linspace(0, 1, round(1 / h) + 1)
        straight = MeshTri.init_tensor(line, line)
        return straight, straight
    shape, size, circles = {
        "disk_in_plate": (plate(-1, 1, DISK, True), lambda x, y: h, DISK),
        "four_holes": (plate(0, 1, QUARTERS, False), around(QUARTERS, h, 0.25), QUARTERS),
        "poisson_classic": (plate(-0.5, 0.5, CLASSIC, False), around(CLASSIC, h, 0.25), CLASSIC),
        "l_shape_waves": (corner, graded(h, degree), ()),
        "sound_hard_disk": (ring, around(RING[:1], h, 0.5), RING),
    }[name]
    straight = triangulated(shape, size)
    return straight, curved(straight, degree, circles) if circles else straight
