"""Eigenvalues by scikit-fem: `... spectra_elements PROBLEM ELEMENT SIZE`, element "P2", "P4",
"Morley" or "Argyris", size of triangles, or of intervals.

Meshes are regular on squares, bent as far as the degree goes on the disk, and finer towards the
corner of the L; eigenvalues are those that scipy's `eigsh` finds about a shift, as in the package's
examples.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from skfem import (
    Basis,
    BilinearForm,
    ElementLinePp,
    ElementTriArgyris,
    ElementTriMorley,
    ElementTriP2,
    ElementTriP4,
    MeshLine,
    MeshTri,
    condense,
    solve,
    solver_eigen_scipy_sym,
)
from skfem.helpers import dd, ddot, dot, grad

from results.peer_runs.element_meshes import corner, curved, graded, triangulated
from results.peer_runs.timing import repeated
from results.spectra_peers import COUNTS, error_of

DISK = (((0.0, 0.0), 1.0),)
PLANE = {
    "P2": ElementTriP2,
    "P4": ElementTriP4,
    "Morley": ElementTriMorley,
    "Argyris": ElementTriArgyris,
}


@BilinearForm
def waves(u, v, _):
    """-laplacian."""
    return dot(grad(u), grad(v))


@BilinearForm
def well(u, v, w):
    """-u'' / 2 + x^2 / 2 u."""
    return dot(grad(u), grad(v)) / 2 + w.x[0] ** 2 / 2 * u * v


@BilinearForm
def bending(u, v, _):
    """Of a clamped plate."""
    return ddot(dd(u), dd(v))


@BilinearForm
def mass(u, v, _):
    """Mass."""
    return u * v


def basis_of(name, element, h):
    """Elements on a mesh."""
    if name == "oscillator":
        line = MeshLine(np.linspace(-10, 10, round(20 / h) + 1))
        return Basis(line, ElementLinePp(int(element[1])))
    if name == "round_drum":
        straight = triangulated(lambda occ: occ.addDisk(0, 0, 0, 1, 1), lambda x, y: h)
        mesh = curved(straight, int(element[1]), DISK)
    elif name == "l_shaped_drum":
        mesh = triangulated(corner, graded(h, int(element[1])))
    else:
        line = np.linspace(0, 1, round(1 / h) + 1)
        mesh = MeshTri.init_tensor(line, line)
    return Basis(mesh, PLANE[element]())


def held(basis, element):
    """Degrees of freedom that are zero."""
    dofs = basis.get_dofs()
    if element != "Argyris":
        return dofs.all()
    # On a side along an axis u and both slopes vanish, and second ones but that across
    names = [dofs.all(["u", "u_x", "u_y", "u_xy", "u_n"])]
    for axis, along in ((0, "u_yy"), (1, "u_xx")):
        for end in (0.0, 1.0):
            side = basis.mesh.facets_satisfying(lambda x, a=axis, e=end: np.isclose(x[a], e))
            names.append(basis.get_dofs(side).all([along]))
    return np.unique(np.concatenate(names))


def solved(name, element, h):
    """Degrees of freedom, and eigenvalues."""
    basis = basis_of(name, element, h)
    form = {"oscillator": well, "clamped_plate": bending}.get(name, waves)
    pencil = condense(form.assemble(basis), mass.assemble(basis), D=held(basis, element))
    values, _ = solve(*pencil, solver=solver_eigen_scipy_sym(k=COUNTS[name], sigma=0.0))
    return basis.N, np.sort(values)


if __name__ == "__main__":
    name, element, h = sys.argv[1], sys.argv[2], float(sys.argv[3])
    (unknowns, values), taken = repeated(lambda: solved(name, element, h))
    found = {"error": error_of(name, values), "unknowns": int(unknowns), "note": "", **taken}
    print(json.dumps(found))
