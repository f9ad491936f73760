"""Finite elements for composite problems: P4 on triangles of second order, two meshes.

    python results/peer_runs/composite_elements.py [NAME ...]

with scikit-fem and gmsh writes results/composite_elements.npz: values of both meshes at random
points, which `python -m results composite` compares with. Those that are not named stay.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import gmsh
import numpy as np
from skfem import (
    Basis,
    BilinearForm,
    ElementTriP2,
    ElementTriP3,
    ElementTriP4,
    ElementVector,
    LinearForm,
    Mesh,
    MeshTri,
    MeshTri2,
    bmat,
    condense,
    solve,
)
from skfem.helpers import ddot, div, dot, grad, mul

OUT = Path(__file__).parents[1] / "composite_elements.npz"
POINTS = 4000
CLASSIC = [((a, b), 0.1) for a in (-0.3, 0.3) for b in (-0.3, 0.3)]
CHARGED = [((0.5, 0.5), 0.2), ((0.4, -0.4), 0.4), ((-0.2, -0.7), 0.1), ((-0.6, 0.5), 0.3)]


def meshed(low, high, disks, size, near):
    """A box without disks, by triangles of second order: `size` far from the disks, `near` on
    them.
    """
    gmsh.initialize()
    gmsh.option.setNumber("General.Verbosity", 1)
    occ = gmsh.model.occ
    box = occ.addRectangle(low[0], low[1], 0, high[0] - low[0], high[1] - low[1])
    holes = [occ.addDisk(*at, 0, r, r) for at, r in disks]
    occ.cut([(2, box)], [(2, h) for h in holes])
    occ.synchronize()
    field = gmsh.model.mesh.field
    curves = [tag for _, tag in gmsh.model.getEntities(1) if gmsh.model.getType(1, tag) != "Line"]
    distance = field.add("Distance")
    field.setNumbers(distance, "CurvesList", curves)
    field.setNumber(distance, "Sampling", 400)
    threshold = field.add("Threshold")
    for name, value in (
        ("InField", distance),
        ("SizeMin", near),
        ("SizeMax", size),
        ("DistMin", 0.0),
        ("DistMax", 0.3),
    ):
        field.setNumber(threshold, name, value)
    field.setAsBackgroundMesh(threshold)
    for option in ("MeshSizeExtendFromBoundary", "MeshSizeFromPoints", "MeshSizeFromCurvature"):
        gmsh.option.setNumber(f"Mesh.{option}", 0)
    gmsh.model.mesh.generate(2)
    gmsh.model.mesh.setOrder(2)
    gmsh.model.addPhysicalGroup(2, [tag for _, tag in gmsh.model.getEntities(2)])
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "mesh.msh")
        gmsh.write(path)
        gmsh.finalize()
        mesh = Mesh.load(path)
        # Vertices in order: of a side's unknowns, both triangles then know which is first.
        return MeshTri2(mesh.doflocs, np.sort(mesh.t, axis=0))


def meshed_step(size, near):
    """Four by two without what stands before the step: `size` far from its corner, `near` on it."""
    gmsh.initialize()
    gmsh.option.setNumber("General.Verbosity", 1)
    geo = gmsh.model.geo
    corners = [(0, 0), (4, 0), (4, 2), (2, 2), (2, 1), (0, 1)]
    points = [geo.addPoint(a, b, 0, near if (a, b) == (2, 1) else size) for a, b in corners]
    lines = [geo.addLine(a, b) for a, b in zip(points, points[1:] + points[:1], strict=True)]
    surface = geo.addPlaneSurface([geo.addCurveLoop(lines)])
    geo.synchronize()
    gmsh.model.mesh.generate(2)
    gmsh.model.addPhysicalGroup(2, [surface])
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "mesh.msh")
        gmsh.write(path)
        gmsh.finalize()
        mesh = Mesh.load(path)
    return MeshTri(mesh.p, np.sort(mesh.t, axis=0))


def beside_the_step():
    """Random points of the step's channel, apart from its corner: pressure has no bound there."""
    x = np.array([4.0, 2.0]) * np.random.default_rng(1).random((8 * POINTS, 2))
    x = x[(x[:, 0] > 2) | (x[:, 1] < 1)]
    return x[np.hypot(x[:, 0] - 2, x[:, 1] - 1) > 0.05][:POINTS]


def inside(low, high, disks, margin):
    """Random points that are so far from the disks."""
    rng = np.random.default_rng(1)
    x = np.array(low) + (np.array(high) - low) * rng.random((8 * POINTS, 2))
    for at, r in disks:
        x = x[np.hypot(*(x - at).T) > r + margin]
    return x[:POINTS]


def at_points(basis, x):
    """The matrix from unknowns to values at points `(2, n)` in elements with straight sides: those
    off the disks are, and unknowns are numbered alike without the curves.
    """
    mesh = basis.mesh
    straight = MeshTri(mesh.doflocs[:, : mesh.t.max() + 1], mesh.t)
    return Basis(straight, basis.elem).probes(x)


@BilinearForm
def laplace(u, v, _):
    return dot(grad(u), grad(v))


@BilinearForm
def mass(u, v, _):
    return u * v


def scalar(plate, sizes, screening, load, given):
    """-laplacian(u) + screening u = load; values outside and on the disks."""
    low, high, _disks = plate
    mesh = meshed(*plate, *sizes)
    basis = Basis(mesh, ElementTriP4(), intorder=10)
    matrix = laplace.assemble(basis) + screening * mass.assemble(basis)
    right = LinearForm(lambda v, w: load(w.x[0], w.x[1]) * v).assemble(basis)
    fixed = basis.get_dofs(mesh.boundary_facets())
    x = basis.doflocs[:, fixed.all()]
    wall = np.minimum.reduce([np.abs(x[i] - end[i]) for i in (0, 1) for end in (low, high)])
    u = basis.zeros()
    u[fixed.all()] = np.where(wall < 1e-9, *given)
    u = solve(*condense(matrix, right, x=u, D=fixed))
    return at_points(basis, inside(*plate, 0.02).T) @ u, len(u)


def stokes(plate, sizes):
    """Velocity and pressure of a slow flow past a disk in a channel; no stress at its end."""
    low, high, _disks = plate
    mesh = meshed(*plate, *sizes)
    velocity = Basis(mesh, ElementVector(ElementTriP3()), intorder=8)
    pressure = velocity.with_element(ElementTriP2())
    stiff = BilinearForm(lambda u, v, _: ddot(grad(u), grad(v))).assemble(velocity)
    divergence = BilinearForm(lambda u, q, _: div(u) * q).assemble(velocity, pressure)
    matrix = bmat([[stiff, -divergence.T], [-divergence, None]], "csc")
    height = high[1] - low[1]
    known = velocity.get_dofs(
        mesh.facets_satisfying(lambda x: x[0] < high[0] - 1e-9, boundaries_only=True)
    ).all()
    x = velocity.doflocs[:, known]
    first = np.isin(known, velocity.get_dofs(elements=True).all(["u^1"]))
    flow = np.where((np.abs(x[0] - low[0]) < 1e-9), 4 * x[1] * (height - x[1]) / height**2, 0.0)
    u = np.zeros(matrix.shape[0])
    u[known] = np.where(first, flow, 0.0)
    u = solve(*condense(matrix, np.zeros(len(u)), x=u, D=known))
    at = inside(*plate, 0.02).T
    both = at_points(velocity, at) @ u[: velocity.N]
    return np.concatenate([both, at_points(pressure, at) @ u[velocity.N :]]), len(u)


def flow_behind_step(sizes, viscosity, density):
    """Velocity and pressure behind the step, by Newton's method: a parabola comes in, at the end no
    pressure and nothing across.
    """
    mesh = meshed_step(*sizes)
    velocity = Basis(mesh, ElementVector(ElementTriP3()), intorder=8)
    pressure = velocity.with_element(ElementTriP2())
    stiff = BilinearForm(lambda u, v, _: viscosity * ddot(grad(u), grad(v))).assemble(velocity)
    divergence = BilinearForm(lambda u, q, _: div(u) * q).assemble(velocity, pressure)
    slopes = BilinearForm(
        lambda u, v, w: density * dot(mul(grad(w["a"]), u) + mul(grad(u), w["a"]), v)
    )
    carried = LinearForm(lambda v, w: density * dot(mul(grad(w["a"]), w["a"]), v))
    end = velocity.get_dofs(lambda x: x[0] > 4 - 1e-9)
    walls = velocity.get_dofs(
        mesh.facets_satisfying(lambda x: x[0] < 4 - 1e-9, boundaries_only=True)
    )
    known = np.union1d(walls.all(), end.all(["u^2"]))
    at, u = velocity.doflocs, np.zeros(velocity.N + pressure.N)
    entering = velocity.get_dofs(lambda x: x[0] < 1e-9).all(["u^1"])
    u[entering] = 4 * at[1, entering] * (1 - at[1, entering])
    for _ in range(20):
        a = velocity.interpolate(u[: velocity.N])
        matrix = bmat(
            [[stiff + slopes.assemble(velocity, a=a), -divergence.T], [-divergence, None]]
        )
        right = np.concatenate([carried.assemble(velocity, a=a), np.zeros(pressure.N)])
        new = solve(*condense(matrix.tocsc(), right, x=u, D=known))
        change, u = np.abs(new - u).max(), new
        if change < 1e-11:
            break
    at = beside_the_step().T
    both = velocity.probes(at) @ u[: velocity.N]
    return np.concatenate([both, pressure.probes(at) @ u[velocity.N :]]), len(u)


def charged(x, y):
    return 10 * (17 + x**2 + y**2) * np.sin(np.pi * x) * np.sin(4 * np.pi * y)


PLATES = {
    "poisson_classic": ((-0.5, -0.5), (0.5, 0.5), CLASSIC),
    "poisson_boltzmann": ((-1, -1), (1, 1), CHARGED),
    "stokes_cylinder": ((0, 0), (4, 1), [((1, 0.5), 0.125)]),
    "stokes_step": None,
    "backward_step": None,
}
# Sizes of triangles far from the disks, and on them.
SIZES = {
    "poisson_classic": (0.04, 0.006),
    "poisson_boltzmann": (0.045, 0.008),
    "stokes_cylinder": (0.05, 0.004),
    "stokes_step": (0.08, 0.0005),
    "backward_step": (0.08, 0.0005),
}
SOLVES = {
    "poisson_classic": lambda p, sizes: scalar(p, sizes, 0, lambda x, y: 0 * x, (1, 0)),
    "poisson_boltzmann": lambda p, sizes: scalar(p, sizes, 64, charged, (0.2, 1)),
    "stokes_cylinder": stokes,
    "stokes_step": lambda _, sizes: flow_behind_step(sizes, 1.0, 0.0),
    "backward_step": lambda _, sizes: flow_behind_step(sizes, 0.01, 1.0),
}


def main():
    named = sys.argv[1:] or list(PLATES)
    with np.load(OUT) as before:
        written = {key: before[key] for key in before.files}
    for name in named:
        plate = PLATES[name]
        points = beside_the_step() if plate is None else inside(*plate, 0.02)
        for part, factor in (("coarse", 1.5), ("values", 1.0)):
            start = time.perf_counter()
            values, dofs = SOLVES[name](plate, [factor * size for size in SIZES[name]])
            written[f"{name}_{part}"] = np.reshape(values, (-1, len(points))).T
            print(name, part, dofs, f"{time.perf_counter() - start:.1f} s", flush=True)
        written[f"{name}_points"] = points
        fine = written[f"{name}_values"]
        apart = np.linalg.norm(fine - written[f"{name}_coarse"]) / np.linalg.norm(fine)
        print(name, f"meshes differ by {apart:.1e}")
    np.savez_compressed(OUT, **written)


if __name__ == "__main__":
    main()
