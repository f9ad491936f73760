"""Finite elements for `four_balls`: P4 on tetrahedra of fourth order, two meshes.

    python results/peer_runs/composite_balls.py

with gmsh writes results/composite_balls.npz: values of both meshes at random points, which
`python -m results composite` compares with. Balls, and the plane where the screening jumps, are
sides of tetrahedra; gmsh has the functions, here they are integrated and solved for.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import gmsh
import numpy as np
from scipy.sparse import coo_matrix, diags
from scipy.sparse.linalg import cg

OUT = Path(__file__).parents[1] / "composite_balls.npz"
POINTS = 4000
ORDER = 4
BALLS = (
    ((0.4, 0.3, 0.6), 0.2),
    ((0.6, 0.7, 0.6), 0.2),
    ((0.2, 0.8, 0.7), 0.1),
    ((0.6, 0.2, 0.3), 0.1),
)
# Sizes of tetrahedra far from the balls; on them, half of that
SIZES = {"coarse": 0.06, "values": 0.042}
# Tetrahedra that are integrated at a time
CHUNK = 1000


def load(x, y, z):
    """The right-hand side of `four_balls`."""
    r2 = x**2 + y**2 + z**2
    a, b, c = np.sin(np.pi * x), np.sin(10 * np.pi * y), np.sin(5 * np.pi * z)
    return 20 * np.exp(a + b + c) * (r2 - 1) / (r2 + 1) + 100 * a * b * c


def screening(z):
    """Below and above the plane in the middle."""
    return np.where(z < 0.5, 64.0, 100.0)


def meshed(size):
    """The cube without balls in tetrahedra of fourth order, in gmsh; their kind."""
    gmsh.option.setNumber("General.Verbosity", 1)
    gmsh.clear()
    occ = gmsh.model.occ
    halves = [occ.addBox(0, 0, low, 1, 1, 0.5) for low in (0, 0.5)]
    balls = [(3, occ.addSphere(*at, r)) for at, r in BALLS]
    body, _ = occ.cut([(3, half) for half in halves], balls)
    occ.fragment(body, [])
    occ.synchronize()
    surfaces = [tag for _, tag in gmsh.model.getEntities(2)]
    spheres = [tag for tag in surfaces if gmsh.model.getType(2, tag) != "Plane"]
    field = gmsh.model.mesh.field
    distance = field.add("Distance")
    field.setNumbers(distance, "SurfacesList", spheres)
    field.setNumber(distance, "Sampling", 40)
    threshold = field.add("Threshold")
    for name, value in (
        ("InField", distance),
        ("SizeMin", size / 2),
        ("SizeMax", size),
        ("DistMin", 0.0),
        ("DistMax", 0.15),
    ):
        field.setNumber(threshold, name, value)
    field.setAsBackgroundMesh(threshold)
    for option in ("MeshSizeExtendFromBoundary", "MeshSizeFromPoints", "MeshSizeFromCurvature"):
        gmsh.option.setNumber(f"Mesh.{option}", 0)
    gmsh.option.setNumber("Mesh.OptimizeNetgen", 1)
    gmsh.model.mesh.generate(3)
    gmsh.model.mesh.setOrder(ORDER)
    kind = gmsh.model.mesh.getElementType("Tetrahedron", ORDER)
    _bent_less(kind)
    return kind


def _bent_less(kind):
    """All nodes are put where the quadratic map of each tetrahedron has them: maps of the fourth
    order fold some. Both are the same inside; on a sphere they differ by 1e-6.
    """
    mesh = gmsh.model.mesh
    tags, x, _ = mesh.getNodes()
    place = np.zeros((int(tags.max()) + 1, 3))
    place[tags] = np.reshape(x, (-1, 3))
    nodes = np.reshape(mesh.getElementsByType(kind)[1], (-1, 35))
    local = np.reshape(mesh.getElementProperties(kind)[4], (35, 3))
    quadratic = mesh.getElementType("Tetrahedron", 2)
    theirs = np.reshape(mesh.getElementProperties(quadratic)[4], (-1, 3))
    among = np.abs(local[None] - theirs[:, None]).sum(axis=2).argmin(axis=1)
    phi = np.reshape(mesh.getBasisFunctions(quadratic, local.ravel(), "Lagrange")[1], (35, -1))
    moved = np.einsum("qn,eni->eqi", phi, place[nodes[:, among]])
    far = np.abs(moved - place[nodes]).max(axis=2) > 1e-12
    for tag, at in dict(zip(nodes[far].tolist(), moved[far].tolist(), strict=True)).items():
        mesh.setNode(tag, at, [])


def solved(size):
    """The solution's values at all nodes, by their tags; and how many there are."""
    kind = meshed(size)
    mesh = gmsh.model.mesh
    local, weights = mesh.getIntegrationPoints(kind, f"Gauss{2 * ORDER + 2}")
    phi = np.reshape(mesh.getBasisFunctions(kind, local, "Lagrange")[1], (len(weights), -1))
    slopes = mesh.getBasisFunctions(kind, local, "GradLagrange")[1]
    slopes = np.reshape(slopes, (*phi.shape, 3))
    tags, x, _ = mesh.getNodes()
    x = np.reshape(x, (-1, 3))
    number = np.full(int(tags.max()) + 1, -1)
    _, nodes = mesh.getElementsByType(kind)
    used = np.unique(nodes)
    number[used] = np.arange(len(used))
    place = np.zeros((len(number), 3))
    place[tags] = x
    cells = number[nodes].reshape(-1, phi.shape[1])
    x = place[used]
    right = np.zeros(len(used))
    chunks = [cells[k : k + CHUNK] for k in range(0, len(cells), CHUNK)]
    matrix = _summed([_part(mine, x, phi, slopes, weights, right) for mine in chunks])
    scaling = diags(1 / matrix.diagonal())
    u, failed = cg(matrix, right, rtol=1e-9, maxiter=20000, M=scaling)
    assert not failed
    values = np.zeros(len(number))
    values[used] = u
    return values, len(used)


def _summed(matrices):
    """Two by two: sums grow."""
    while len(matrices) > 1:
        pairs = zip(matrices[::2], [*matrices[1::2], None], strict=False)
        matrices = [a if b is None else a + b for a, b in pairs]
    return matrices[0]


def _part(cells, x, phi, slopes, weights, right):
    """The matrix of some tetrahedra; their loads are added to the right-hand side. Of those with
    straight sides, sums over points are the same, but for a map.
    """
    nodes = x[cells]
    jacobians = np.einsum("eni,qnj->eqij", nodes, slopes)
    stretching = np.linalg.det(jacobians)
    assert (stretching > 0).all()
    volumes = stretching * weights
    at = np.einsum("eni,qn->eqi", nodes, phi)
    np.add.at(right, cells, (volumes * load(*np.moveaxis(at, 2, 0))) @ phi)
    bent = np.ptp(stretching, axis=1) > 1e-9 * stretching[:, 0]
    k2 = screening(nodes[:, :4, 2].mean(axis=1))
    parts = np.empty((len(cells), phi.shape[1], phi.shape[1]))
    # Straight: one map a tetrahedron.
    inverse = np.linalg.inv(jacobians[~bent, 0])
    metric = np.einsum("eai,ebi,e->eab", inverse, inverse, stretching[~bent, 0])
    reference = np.einsum("qna,qmb,q->abnm", slopes, slopes, weights)
    mass = np.einsum("qn,qm,q->nm", phi, phi, weights)
    size = (k2 * stretching[:, 0])[~bent]
    parts[~bent] = np.tensordot(metric, reference, 2) + size[:, None, None] * mass
    # Beside a ball: a map a point.
    inverse = np.linalg.inv(jacobians[bent])
    gradients = np.einsum("qnj,eqji->eqin", slopes, inverse)
    heavy = volumes[bent][:, :, None, None] * gradients
    shape = (len(heavy), -1, phi.shape[1])
    stiff = gradients.reshape(shape).transpose(0, 2, 1) @ heavy.reshape(shape)
    parts[bent] = stiff + phi.T @ ((volumes[bent] * k2[bent][:, None])[:, :, None] * phi)
    rows, columns = np.broadcast_arrays(cells[:, :, None], cells[:, None, :])
    shape = (len(x), len(x))
    return coo_matrix((parts.ravel(), (rows.ravel(), columns.ravel())), shape=shape).tocsr()


def at_points(values, x):
    """The solution at points `(n, 3)`, in the mesh that gmsh holds."""
    kind = gmsh.model.mesh.getElementType("Tetrahedron", ORDER)
    found = np.empty(len(x))
    for k, point in enumerate(x):
        _, _, nodes, *local = gmsh.model.mesh.getElementByCoordinates(*point, 3, True)
        phi = gmsh.model.mesh.getBasisFunctions(kind, local, "Lagrange")[1]
        found[k] = values[nodes] @ phi
    return found


def inside(margin=0.02):
    """Random points that are so far from the balls."""
    x = np.random.default_rng(1).random((8 * POINTS, 3))
    for at, r in BALLS:
        x = x[np.linalg.norm(x - at, axis=1) > r + margin]
    return x[:POINTS]


def main():
    gmsh.initialize()
    points, written = inside(), {}
    for part, size in SIZES.items():
        start = time.perf_counter()
        values, count = solved(size * float(sys.argv[1]) if len(sys.argv) > 1 else size)
        written[part] = at_points(values, points)
        print(part, count, f"{time.perf_counter() - start:.1f} s", flush=True)
    gmsh.finalize()
    apart = np.linalg.norm(written["values"] - written["coarse"])
    print(f"meshes differ by {apart / np.linalg.norm(written['values']):.1e}")
    np.savez_compressed(OUT, points=points, **{k: v[:, None] for k, v in written.items()})


if __name__ == "__main__":
    main()
