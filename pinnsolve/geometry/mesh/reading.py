"""Meshes from files, and from other libraries: surfaces by trimesh, shapes by gmsh, all else by
meshio.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.mesh.shapes import FORMATS, facets_of
from pinnsolve.geometry.mesh.simplices import Numbers, Simplices, of_cells
from pinnsolve.symbols.given import is_text, parts_of
from pinnsolve.symbols.libraries import library

SURFACES = {".stl", ".obj", ".ply", ".off", ".glb", ".gltf", ".3mf"}
# Meshio's names of what is read, by the dimension of the simplices: higher orders by their corners
KINDS = {
    1: ("line", "line3"),
    2: ("triangle", "triangle6", "triangle7", "quad", "quad8", "quad9"),
    3: ("tetra", "tetra10"),
}
WANTED = (
    "a Mesh wants the path of a file, or vertices (n, 3) and triangles (m, 3) of their numbers,"
    " Mesh('part.stl', (x, y, z)) or Mesh((vertices, faces), (x, y, z))"
)

# Scripts of gmsh may call the system: a file is never run
SCRIPTS = {".geo", ".geo_unrolled"}
SCRIPT = (
    "{path} is a script of gmsh, which may run any command: if you trust it, run gmsh -2 or -3 on"
    " it yourself, and read the .msh that it writes; its physical groups are parts"
)
FINISHED = (
    "size={size:g} is for files of shapes, part.step for instance: this mesh has its facets already"
)


def simplices_in(source: Any, dim: int, size: float | None = None) -> Simplices:
    """What a user gives: a path, a pair of arrays, or a mesh of trimesh or meshio. The facets of a
    file of shapes are about `size` long.

    Raises OSError for files that are not there, ImportError where a library lacks, TypeError and
    ValueError for what is no mesh in so many dimensions.
    """
    if is_text(source) or isinstance(source, Path):
        return _from_file(Path(source), dim, size)
    if size is not None:
        raise ValueError(FINISHED.format(size=size))
    if hasattr(source, "cell_sets"):
        return of_blocks(source, dim)
    if hasattr(source, "faces"):
        return of_surface(source.vertices, source.faces, dim)
    pair = parts_of(source)
    if pair is None or len(pair) != 2:
        raise TypeError(f"{WANTED}: got {source!r}")
    return of_surface(*pair, dim)


def written_source(source: Any) -> str:
    """How errors call what a mesh was read from."""
    return str(source) if isinstance(source, str) or hasattr(source, "suffix") else "the mesh"


def _from_file(path: Path, dim: int, size: float | None) -> Simplices:
    if path.is_dir():
        raise IsADirectoryError(f"cannot read {path}: it is a folder")
    if not path.is_file():
        raise FileNotFoundError(f"no file {path}: give its whole path, or one from {Path.cwd()}")
    if not path.stat().st_size:
        raise ValueError(f"cannot read {path}: it is empty")
    ending = path.suffix.lower()
    if ending in SCRIPTS:
        raise ValueError(SCRIPT.format(path=path))
    if size is not None and ending not in FORMATS:
        raise ValueError(FINISHED.format(size=size))
    read, needed, extra = _reader(ending, size)
    library(needed, f"reading {path.name}", extra)
    try:
        return read(path, dim)
    # Readers fail by all kinds of errors, meshio by one that ends the program
    except (Exception, SystemExit) as error:
        said = str(error) or type(error).__name__
        raise ValueError(f"cannot read {path}: {said}") from error


def _reader(ending: str, size: float | None) -> tuple[Callable[[Path, int], Simplices], str, str]:
    """What reads such a file, the library that it uses, and the extra that installs that."""
    if ending in FORMATS:
        return partial(_by_gmsh, size=size), "gmsh", "cad"
    if ending in SURFACES:
        return _by_trimesh, "trimesh", "mesh"
    return _by_meshio, "meshio", "mesh"


def _by_trimesh(path: Path, dim: int) -> Simplices:
    trimesh = library("trimesh", f"reading {path.name}", "mesh")
    scene = trimesh.load_scene(path)
    named = {str(name): mesh for name, mesh in scene.geometry.items() if len(mesh.faces)}
    if not named:
        raise ValueError("it holds no triangles")
    begins = np.cumsum([0, *(len(mesh.vertices) for mesh in named.values())])
    faces = [mesh.faces + begin for mesh, begin in zip(named.values(), begins, strict=False)]
    ends = np.cumsum([0, *map(len, faces)])
    labels = {name: np.arange(ends[k], ends[k + 1]) for k, name in enumerate(named)}
    vertices = np.concatenate([mesh.vertices for mesh in named.values()])
    return of_surface(vertices, np.concatenate(faces), dim, labels if len(named) > 1 else {})


def _by_gmsh(path: Path, dim: int, size: float | None) -> Simplices:
    return of_blocks(facets_of(path, dim, size), dim)


def _by_meshio(path: Path, dim: int) -> Simplices:
    return of_blocks(library("meshio", f"reading {path.name}", "mesh").read(path), dim)


def of_surface(
    vertices: Any, faces: Any, dim: int, labels: Mapping[str, Numbers] | None = None
) -> Simplices:
    """Of vertices `(n, dim)` and triangles `(m, 3)`: a surface in space, cells in the plane."""
    v, f = np.array(vertices, dtype=float), np.asarray(faces)
    if v.ndim != 2 or f.ndim != 2 or not len(f) or f.dtype.kind not in "iu":
        raise ValueError(f"{WANTED}: got arrays {v.shape} and {f.shape} of {f.dtype}")
    f = f.astype(np.int64)
    if f.min() < 0 or f.max() >= len(v):
        raise ValueError(f"faces name vertices {f.min()} to {f.max()}, and there are {len(v)}")
    v = _in_dimensions(v, dim)
    if f.shape[1] != 3:
        raise ValueError(f"{WANTED}: faces have {f.shape[1]} corners")
    if dim == 2:
        return of_cells(*_used(v, f))
    v, f, kept = _merged(v, f)
    place = np.cumsum(kept) - 1
    named = {name: place[n[kept[n]]] for name, n in (labels or {}).items()}
    return Simplices(v, f, np.zeros((0, 4), dtype=np.int64), named)


def _in_dimensions(vertices: Array, dim: int) -> Array:
    """Vertices `(n, dim)`: in the plane, the third coordinate is left out where all have the
    same.
    """
    if vertices.shape[1] == 3 and dim == 2 and np.ptp(vertices[:, 2]) == 0:
        return vertices[:, :2]
    if vertices.shape[1] != dim:
        raise ValueError(
            f"the mesh has vertices with {vertices.shape[1]} coordinates, and {dim} are named: give"
            " (x, y, z) for a body in space, (x, y) for a mesh in the plane z = const"
        )
    return vertices


def _used(vertices: Array, simplices: Numbers) -> tuple[Array, Numbers]:
    """Without vertices that no simplex has."""
    used, numbers = np.unique(simplices, return_inverse=True)
    return vertices[used], numbers.reshape(simplices.shape).astype(np.int64)


def _merged(vertices: Array, facets: Numbers) -> tuple[Array, Numbers, Any]:
    """Vertices at one place as one, facets without those that have one twice, and which these
    are not: `(m,)`.
    """
    apart, numbers = np.unique(vertices + 0.0, axis=0, return_inverse=True)
    joined = numbers.reshape(-1)[facets]
    kept = (joined != np.roll(joined, 1, axis=1)).all(axis=1)
    return *_used(apart, joined[kept]), kept


def of_blocks(mesh: Any, dim: int) -> Simplices:
    """Of meshio's blocks of cells, and the names of physical groups and of sets."""
    blocks = [(k, d, _corners(b)) for k, b in enumerate(mesh.cells) for d in [_dimension(b)] if d]
    top = max((d for _, d, _ in blocks), default=0)
    points = np.asarray(mesh.points, dtype=float)
    if top < 2:
        kinds = ", ".join(sorted({b.type for b in mesh.cells})) or "nothing"
        raise ValueError(f"it holds {kinds}: triangles, quads or tetrahedra are known")
    cells = [(k, *each) for k, d, each in blocks if d == top]
    every = np.concatenate([each for _, each, _ in cells])
    if top == 2 and dim == 3:
        own = _numbers(cells)
        return of_surface(points, every, dim, dict(_named(mesh, own, 2)))
    used = np.unique(every)
    place = np.full(len(points), -1)
    place[used] = np.arange(len(used))
    found = of_cells(_in_dimensions(points, dim)[used], place[every])
    volumes = dict(_named(mesh, _numbers(cells), top))
    sides = {k: _places(place[each], found.facets) for k, d, (each, _) in blocks if d == top - 1}
    labels = dict(_named(mesh, sides, top - 1))
    return Simplices(found.vertices, found.facets, found.cells, labels, volumes)


def _dimension(block: Any) -> int:
    return next((d for d, kinds in KINDS.items() if block.type in kinds), 0)


def _corners(block: Any) -> tuple[Numbers, int]:
    """The simplices of a block, and how many one of its cells makes: two of a quad."""
    data = np.asarray(block.data, dtype=np.int64)
    if block.type.startswith("quad"):
        return np.stack([data[:, [0, 1, 2]], data[:, [0, 2, 3]]], axis=1).reshape(-1, 3), 2
    return data[:, : _dimension(block) + 1], 1


def _numbers(cells: Sequence[tuple[int, Numbers, int]]) -> dict[int, Numbers]:
    """By block, the numbers of its simplices among all: a row each cell."""
    begins = np.cumsum([0, *(len(each) for _, each, _ in cells)])
    return {
        k: np.arange(begin, begin + len(each)).reshape(-1, many)
        for (k, each, many), begin in zip(cells, begins, strict=False)
    }


def _places(sides: Numbers, facets: Numbers) -> Numbers:
    """The numbers of sides among the facets, a row each: -1 of those inside."""
    known = {tuple(f): k for k, f in enumerate(np.sort(facets, axis=1).tolist())}
    found = [known.get(tuple(side), -1) for side in np.sort(sides, axis=1).tolist()]
    return np.array(found, dtype=np.int64).reshape(-1, 1)


def _named(mesh: Any, numbers: Mapping[int, Numbers], dim: int) -> Iterator[tuple[str, Numbers]]:
    """Names, and the simplices that have them: of gmsh's physical groups, and of sets."""
    words = {(int(tag), int(d)): name for name, (tag, d) in mesh.field_data.items()}
    groups: dict[str, list[Numbers]] = {}
    for k, tags in enumerate(mesh.cell_data.get("gmsh:physical", ())):
        for tag in np.unique(tags).tolist() if k in numbers else ():
            name = words.get((tag, dim), str(tag))
            groups.setdefault(name, []).append(numbers[k][np.asarray(tags) == tag].ravel())
    for name, rows in mesh.cell_sets.items():
        for k, own in enumerate(rows):
            if k in numbers and own is not None and len(own) and not name.startswith("gmsh:"):
                groups.setdefault(name, []).append(numbers[k][np.asarray(own, int)].ravel())
    for name, parts in groups.items():
        held = np.unique(np.concatenate(parts))
        if (held >= 0).any():
            yield name, held[held >= 0]
