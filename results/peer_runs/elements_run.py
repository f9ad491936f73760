"""Finite elements on composite problems: `... elements_run PROBLEM DEGREE SIZE SOLVER`, degree 2 or
4, size of triangles, "superlu" (scikit-fem's `solve` as it comes) or "pardiso".
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import numpy as np
import pypardiso
from scipy.sparse import bmat
from skfem import (
    Basis,
    BilinearForm,
    ElementTriP2,
    ElementTriP4,
    FacetBasis,
    LinearForm,
    condense,
    solve,
)
from skfem.helpers import dot, grad
from sympy import lambdify

from pinnsolve.problems.regions import corner_function
from results.composite_references import from_elements, wave_at
from results.peer_problems import COMPOSITE_PROBLEMS, CONDUCTIVITY
from results.peer_runs.element_meshes import meshed
from results.peer_runs.timing import repeated

K = 8  # of the scattered wave


@dataclass(frozen=True)
class Weak:
    """conductivity grad u . grad v - mass u v = load v, all functions of points but the mass; what
    is true, and its slopes.
    """

    mass: float
    exact: object
    load: object = None
    slopes: object = None
    conductivity: object = None


def two_materials(x, y):
    """Of the disk in the plate, by triangles `(n_triangles, n_points)`: a triangle is on one side,
    whatever its rim does.
    """
    inside = x**2 + y**2 < 0.25
    inside = inside if x.ndim == 1 else inside.mean(axis=1, keepdims=True) > 0.5
    r2 = np.maximum(x**2 + y**2, 1e-9)
    return inside, np.where(inside, 2 * x / 1001, x - 999 / 1001 / 4 * x / r2)


def of(*formulas):
    """Functions of points, of formulas."""
    x, y = COMPOSITE_PROBLEMS["four_holes"]().domain.coordinates
    made = [lambdify((x, y), formula, "numpy") for formula in formulas]
    return made if len(made) > 1 else made[0]


def weak(name):
    """A problem in its weak form."""
    if name == "disk_in_plate":
        return Weak(
            0,
            lambda x, y: two_materials(x, y)[1],
            conductivity=lambda x, y: np.where(two_materials(x, y)[0], 1000.0, 1.0) + 0 * x,
        )
    if name == "poisson_classic":
        return Weak(0, lambda x, y: 1.0 * (np.maximum(abs(x), abs(y)) > 0.4999999))
    if name == "sound_hard_disk":
        return Weak(
            K**2, lambda x, y: wave_at(np.stack([x.ravel(), y.ravel()], 1)).reshape(x.shape)
        )
    problem = COMPOSITE_PROBLEMS[name]()
    x, y = problem.domain.coordinates
    (field,) = problem.exact.values()
    if name == "four_holes":
        return Weak(0, of(field), slopes=of(field.diff(x), field.diff(y)))
    if name == "varying_plate":
        flux = [CONDUCTIVITY * field.diff(c) for c in (x, y)]
        load = -(flux[0].diff(x) + flux[1].diff(y))
        return Weak(0, of(field), of(load), conductivity=of(CONDUCTIVITY))
    mass = {"helmholtz_k100": 100**2, "l_shape_waves": 400}[name]
    # The corner's function is harmonic.
    smooth = field - corner_function(1) if name == "l_shape_waves" else field
    return Weak(mass, of(field), of(-(smooth.diff(x, 2) + smooth.diff(y, 2) + mass * field)))


@BilinearForm
def stiffness(u, v, w):
    """Conduction."""
    return w.k * dot(grad(u), grad(v))


@BilinearForm
def mass(u, v, _):
    """Mass."""
    return u * v


def assembled(name, form, mesh, basis):
    """Matrix, right side, values that are known and where."""
    at = basis.global_coordinates().value
    k = np.ones_like(at[0]) if form.conductivity is None else form.conductivity(*at)
    matrix = stiffness.assemble(basis, k=k)
    if form.mass:
        matrix = matrix - form.mass * mass.assemble(basis)
    right = np.zeros(basis.N)
    if form.load:
        right = LinearForm(lambda v, w: form.load(*w.x) * v).assemble(basis)
    middle = mesh.p[:, mesh.facets].mean(axis=1)
    rim = mesh.boundary_facets()
    if name == "sound_hard_disk":
        outside = np.hypot(*middle[:, rim]) > 0.5
        wall, hole = (FacetBasis(mesh, basis.elem, facets=rim[f]) for f in (outside, ~outside))
        matrix = matrix - 1j * K * mass.assemble(wall)
        fluxes = (lambda x: np.sin(K * x), lambda x: -np.cos(K * x))
        parts = [
            LinearForm(lambda v, w, f=f: K * f(w.x[0]) * w.n[0] * v).assemble(hole) for f in fluxes
        ]
        return matrix, parts[0] + 1j * parts[1], None, None
    given = rim
    if form.slopes:
        walls = np.abs(middle[:, rim] - 0.5).max(axis=0) > 0.5 - 1e-9
        given, holes = rim[walls], FacetBasis(mesh, basis.elem, facets=rim[~walls])
        a, b = form.slopes
        right = right + LinearForm(lambda v, w: (a(*w.x) * w.n[0] + b(*w.x) * w.n[1]) * v).assemble(
            holes
        )
    known = basis.get_dofs(given).all()
    values = np.zeros(basis.N)
    values[known] = np.nan_to_num(form.exact(*basis.doflocs[:, known]))
    return matrix, right, values, known


def pardiso(matrix, right):
    """MKL's direct solver; of complex equations real and imaginary parts."""
    if np.iscomplexobj(right):
        a, b = matrix.real, matrix.imag
        both = pypardiso.spsolve(
            bmat([[a, -b], [b, a]], "csr"), np.concatenate([right.real, right.imag])
        )
        return both[: len(right)] + 1j * both[len(right) :]
    return pypardiso.spsolve(matrix.tocsr(), right)


def error_of(name, form, basis, straight, u):
    """Relative, in L2: integrated where there is a formula, else at the points of the reference."""
    if name == "poisson_classic":
        reference = from_elements(name)()
        cells = straight.element_finder()(*reference.points.T)
        local = basis.mapping.invF(reference.points.T[:, :, None], tind=cells)
        values = sum(
            u[basis.element_dofs[i, cells]] * basis.elem.lbasis(local[:, :, 0], i)[0]
            for i in range(len(basis.element_dofs))
        )
        truth = reference.values[:, 0]
        return np.linalg.norm(values - truth) / np.linalg.norm(truth)
    at = basis.global_coordinates().value
    parts = [u.real, u.imag] if np.iscomplexobj(u) else [u]
    values = sum(f * basis.interpolate(part).value for f, part in zip((1, 1j), parts, strict=False))
    truth = form.exact(*at)
    size = (basis.dx * np.abs(truth) ** 2).sum()
    return np.sqrt((basis.dx * np.abs(values - truth) ** 2).sum() / size)


def solved(name, form, degree, h, solver):
    """Straight mesh, basis and solution."""
    straight, mesh = meshed(name, degree, h)
    basis = Basis(mesh, {2: ElementTriP2, 4: ElementTriP4}[degree]())
    matrix, right, values, known = assembled(name, form, mesh, basis)
    system = (matrix, right) if known is None else condense(matrix, right, x=values, D=known)
    u = solve(*system, **({"solver": pardiso} if solver == "pardiso" else {}))
    return straight, basis, u


if __name__ == "__main__":
    name, degree, h, solver = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    form = weak(name)
    (straight, basis, u), taken = repeated(lambda: solved(name, form, degree, h, solver))
    print(
        json.dumps(
            {
                "error": float(error_of(name, form, basis, straight, u)),
                "unknowns": int(basis.N),
                "note": f"{straight.t.shape[1]} triangles",
                **taken,
            }
        )
    )
