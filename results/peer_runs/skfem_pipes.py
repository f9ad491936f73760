"""Heat around pipes (PINNacle's Heat 2D-CG) by finite elements of degree four on curved triangles,
a quarter by symmetry, and Radau's method with steps that double from 2^-24 of the first fifth.

`python -m results.peer_runs.skfem_pipes` writes problems/reference/pinnacle_heat2d_cg.npz. It wants
gmsh and scikit-fem.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gmsh
import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree
from skfem import Basis, BilinearForm, ElementTriP4, FacetBasis, LinearForm, MeshTri2
from skfem.models.poisson import laplace, mass

Array = Any
FOLDER = Path(__file__).parents[2] / "problems" / "reference"
# Middle, radius and warmth of the pipes of a quarter; the sides' warmth.
PIPES = (
    *(((x, y), 1.0, 5.0) for x, y in ((4, 3), (4, 9), (0, 0), (0, 6))),
    *(((3.2, y), 0.4, 1.0) for y in (0, 6)),
)
LEAK = 0.1
TIMES = np.linspace(0, 3, 16)
HALVINGS, EACH = 24, 4


def mesh(size: float) -> MeshTri2:
    """Triangles of a size, a quarter of that near the pipes. Their corners are in the order of
    their numbers, as functions of degree four on edges want.
    """
    gmsh.initialize()
    gmsh.option.setNumber("General.Terminal", 0)
    shapes, field = gmsh.model.occ, gmsh.model.mesh.field
    plate = shapes.addRectangle(0, 0, 0, 8, 12)
    shapes.cut([(2, plate)], [(2, shapes.addDisk(*at, 0, r, r)) for at, r, _ in PIPES])
    shapes.synchronize()
    rims = [c for _, c in gmsh.model.getEntities(1) if gmsh.model.getType(1, c) != "Line"]
    away, near = field.add("Distance"), field.add("Threshold")
    field.setNumbers(away, "CurvesList", rims)
    field.setNumber(away, "Sampling", 200)
    for name, value in (("InField", away), ("SizeMin", size / 4), ("SizeMax", size)):
        field.setNumber(near, name, value)
    field.setNumber(near, "DistMin", 0.2)
    field.setNumber(near, "DistMax", 1.0)
    field.setAsBackgroundMesh(near)
    for name in ("MeshSizeExtendFromBoundary", "MeshSizeFromPoints"):
        gmsh.option.setNumber(f"Mesh.{name}", 0)
    gmsh.model.mesh.generate(2)
    gmsh.model.mesh.setOrder(2)
    tags, places, _ = gmsh.model.mesh.getNodes()
    kinds, _, nodes = gmsh.model.mesh.getElements(2)
    gmsh.finalize()
    number = np.zeros(int(tags.max()) + 1, dtype=int)
    number[tags] = np.arange(len(tags))
    six = number[nodes[list(kinds).index(9)]].reshape(-1, 6)
    order = np.argsort(six[:, :3], axis=1)
    middle = np.array([[0, 3, 5], [3, 0, 4], [5, 4, 0]])
    edges = [middle[order[:, a], order[:, b]] for a, b in ((0, 1), (1, 2), (0, 2))]
    every = np.concatenate([order, np.stack(edges, axis=1)], axis=1)
    six = np.take_along_axis(six, every, axis=1)
    used, six = np.unique(six, return_inverse=True)
    return MeshTri2(places.reshape(-1, 3)[used, :2].T.copy(), six.reshape(-1, 6).T.copy())


@LinearForm
def load(v: Array, w: Array) -> Array:
    """The integral of a function."""
    return v


@BilinearForm
def product(u: Array, v: Array, w: Array) -> Array:
    """That of two."""
    return u * v


def matrices(basis: Basis) -> tuple[Array, Array, Array]:
    """Mass, stiffness with what leaks through the sides, and the load."""
    triangles = basis.mesh
    facets = triangles.boundary_facets()
    x, y = triangles.p[:, triangles.facets[:, facets]].mean(axis=1)
    warmth = np.where((abs(x - 8) < 1e-9) | (abs(y - 12) < 1e-9), LEAK, np.nan)
    mirrors = (abs(x) < 1e-9) | (abs(y) < 1e-9)
    for (a, b), r, value in PIPES:
        warmth[(np.hypot(x - a, y - b) < r + 1e-6) & ~mirrors] = value
    stiff, right = laplace.assemble(basis), np.zeros(basis.N)
    for value in (LEAK, 1.0, 5.0):
        side = FacetBasis(triangles, basis.elem, facets=facets[warmth == value], intorder=9)
        stiff, right = stiff + product.assemble(side), right + value * load.assemble(side)
    return mass.assemble(basis), stiff, right


def sampling(basis: Basis, x: Array) -> Array:
    """The matrix from coefficients to values at points `(2, n)`."""
    near = cKDTree(basis.mesh.p[:, basis.mesh.t].mean(axis=1).T).query(x.T, k=10)[1]
    cells, local, missed = near[:, 0].copy(), np.zeros((2, x.shape[1], 1)), np.full(len(near), 9.0)
    for tried in near.T:
        at = np.full((2, len(tried), 1), 1 / 3)
        for _ in range(12):
            slope = np.moveaxis(basis.mapping.DF(at, tind=tried)[..., 0], 2, 0)
            left = x - basis.mapping.F(at, tind=tried)[..., 0]
            step = np.linalg.solve(slope, left.T[..., None])[..., 0].T
            at = np.clip(at + step[..., None], -3, 3)
        outside = np.maximum(-np.stack([1 - at[0] - at[1], *at]), 0).max(axis=0)[:, 0]
        outside += np.linalg.norm(basis.mapping.F(at, tind=tried)[..., 0] - x, axis=0)
        better = outside < missed
        cells[better], missed[better], local[:, better] = (
            tried[better],
            outside[better],
            at[:, better],
        )
    values = [
        np.asarray(basis.elem.gbasis(basis.mapping, local, i, tind=cells)[0])
        for i in range(basis.Nbfun)
    ]
    rows = np.tile(np.arange(x.shape[1]), basis.Nbfun)
    columns = basis.element_dofs[:, cells].ravel()
    flat = np.concatenate([v.ravel() for v in values])
    return csr_matrix((flat, (rows, columns)), shape=(x.shape[1], basis.N))


def steps() -> Iterator[tuple[float, bool]]:
    """Lengths of steps, and whether a time that is wanted is reached."""
    first = float(TIMES[1])
    lengths = [first * 2.0**-HALVINGS, *(first * 2.0**-k for k in range(HALVINGS, 0, -1))]
    every = [h / EACH for h in lengths for _ in range(EACH)]
    yield from ((h, k == len(every) - 1) for k, h in enumerate(every))
    for _ in TIMES[2:]:
        yield from ((first / 2, False), (first / 2, True))


def moved(basis: Basis) -> Iterator[Array]:
    """Coefficients at the times that are wanted, from nothing."""
    root = 6**0.5
    table = np.array(
        [
            [(88 - 7 * root) / 360, (296 - 169 * root) / 1800, (3 * root - 2) / 225],
            [(296 + 169 * root) / 1800, (88 + 7 * root) / 360, (-2 - 3 * root) / 225],
            [(16 - root) / 36, (16 + root) / 36, 1 / 9],
        ]
    )
    rates, vectors = np.linalg.eig(np.linalg.inv(table))
    inverse = np.linalg.inv(vectors).sum(axis=1)
    m, k, right = matrices(basis)
    u, last, factors = np.zeros(basis.N), 0.0, []
    yield u
    for h, wanted in steps():
        if abs(h - last) > 1e-12 * h:
            last, chosen = h, {"SymmetricMode": True}
            factors = [
                splu(
                    (m * (rate / h) + k.astype(complex)).tocsc(),
                    permc_spec="MMD_AT_PLUS_A",
                    diag_pivot_thresh=0.0,
                    options=chosen,
                )
                for rate in rates
            ]
        left = (right - k @ u).astype(complex)
        parts = zip(vectors[2], inverse, factors, strict=True)
        u = u + sum(a * f.solve(b * left) for a, b, f in parts).real
        if wanted:
            yield u


def main() -> None:
    """Two meshes; the finer one is written."""
    px, py = (c.ravel() for c in np.meshgrid(np.linspace(0, 8, 33), np.linspace(0, 12, 49)))
    kept = [np.hypot(px - a, py - b) > r + 1e-3 for (a, b), r, _ in PIPES]
    x = np.stack([px, py])[:, np.logical_and.reduce(kept)]
    found = []
    for size in (0.8, 0.56):
        basis = Basis(mesh(size), ElementTriP4(), intorder=9)
        sample = sampling(basis, x)
        found.append(np.stack([sample @ u for u in moved(basis)]))
    rough, fine = found
    apart = np.linalg.norm(fine - rough) / np.linalg.norm(fine)
    print(f"two meshes differ by {apart:.1e}")
    # The other quarters are mirror images.
    signs = [(a, b) for a in (1, -1) for b in (1, -1)]
    places = np.concatenate([x.T * sign for sign in signs])
    points = np.concatenate([np.insert(places, 2, t, axis=1) for t in TIMES])
    values = np.concatenate([np.tile(u, len(signs)) for u in fine])
    np.savez_compressed(
        FOLDER / "pinnacle_heat2d_cg.npz", apart=apart, points=points, u=values.round(8)
    )


if __name__ == "__main__":
    main()
