"""Meshes from files: what is read, what has a name, and what is refused, with the remedy."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from pinnsolve import Box, Mesh, coordinates
from small_meshes import box, sphere, write_stl

pytest.importorskip("trimesh")
meshio = pytest.importorskip("meshio")

x, y, z = coordinates("x y z")
SOLID = """solid {name}
{facets}endsolid {name}
"""


def facet(corners):
    lines = "".join(f"      vertex {a:.9g} {b:.9g} {c:.9g}\n" for a, b, c in corners)
    return f"  facet normal 0 0 0\n    outer loop\n{lines}    endloop\n  endfacet\n"


def test_an_stl_is_read_and_its_vertices_are_joined(tmp_path):
    v, f = sphere(2)
    body = Mesh(write_stl(tmp_path / "ball.stl", v, f), (x, y, z))
    assert len(body.simplices.vertices) == len(v)
    assert body.volume == pytest.approx(Mesh((v, f), (x, y, z)).volume, rel=1e-6)
    assert body == Mesh(str(tmp_path / "ball.stl"), (x, y, z))


def test_solids_of_an_stl_are_parts(tmp_path):
    v, f = box()
    bottom = v[f][:, :, 2].max(axis=1) == 0
    text = "".join(
        SOLID.format(name=name, facets="".join(facet(c) for c in v[f][own]))
        for name, own in (("inlet", bottom), ("walls", ~bottom))
    )
    path = tmp_path / "two.stl"
    path.write_text(text, encoding="utf-8")
    body = Mesh(path, (x, y, z))
    assert set(body.parts) == {"inlet", "walls"}
    inlet = body.part("inlet")
    assert inlet.charts()[0].measure == pytest.approx(1)
    assert inlet.contains([[0.3, 0.4, 0.0], [0.3, 0.4, 1.0]]).tolist() == [True, False]
    with pytest.raises(ValueError, match=r"no part 'outlet': the names in it are 'inlet', 'walls'"):
        body.part("outlet")


@pytest.mark.parametrize("ending", [".obj", ".ply", ".off", ".vtk", ".vtu", ".msh"])
def test_other_formats(tmp_path, ending):
    v, f = box((0, 0, 0), (1, 2, 3))
    path = tmp_path / f"box{ending}"
    named = {"file_format": "gmsh22"} if ending == ".msh" else {}
    meshio.Mesh(v, [("triangle", f)]).write(path, **named)
    assert Mesh(path, (x, y, z)).volume == pytest.approx(6)


def two_materials():
    """Two cubes of tetrahedra side by side, with groups of cells and of a face."""
    cells, v = [], []
    for left in (0, 1):
        corner = np.array(list(np.ndindex(2, 2, 2)), dtype=float)
        corner[:, 0] += left
        begin = len(v)
        v += corner.tolist()
        for a, b in ((1, 3), (3, 2), (2, 6), (6, 4), (4, 5), (5, 1)):  # around the diagonal
            cells.append((begin, begin + a, begin + b, begin + 7))
    v, number = np.unique(v, axis=0, return_inverse=True)
    cells = number.reshape(-1)[np.array(cells)]
    left = np.flatnonzero(v[:, 0] == 0)
    face = np.array([[left[0], left[1], left[3]], [left[0], left[3], left[2]]])
    tags = [np.repeat([1, 2], 6), np.array([3, 3])]
    return meshio.Mesh(
        v,
        [("tetra", cells), ("triangle", face)],
        cell_data={"gmsh:physical": tags, "gmsh:geometrical": tags},
        field_data={"iron": [1, 3], "air": [2, 3], "hot": [3, 2]},
    )


def test_groups_of_gmsh_are_regions(tmp_path):
    two_materials().write(tmp_path / "two.msh", file_format="gmsh22")
    body = Mesh(tmp_path / "two.msh", (x, y, z))
    assert body.volume == pytest.approx(2)
    assert body.bounds.tolist() == [[0, 2], [0, 1], [0, 1]]
    iron, air = body.part("iron"), body.part("air")
    assert iron.volume == pytest.approx(1)
    assert iron.contains([[0.5, 0.5, 0.5]]).all()
    assert not air.contains([[0.5, 0.5, 0.5]]).any()
    hot = body.part("hot")
    assert hot.charts()[0].measure == pytest.approx(1)
    assert hot.bounds[0].tolist() == [0, 0]
    assert iron.part("hot").charts()[0].measure == pytest.approx(1)
    assert air.parts == ()
    with pytest.raises(ValueError, match="no part"):
        air.part("hot")


def test_the_plane_of_a_file_has_no_third_coordinate(tmp_path):
    points = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [2, 0, 0], [2, 1, 0]], float)
    sides = np.array([[0, 3], [1, 2]])  # the second lies inside
    mesh = meshio.Mesh(
        points,
        [("quad", [[0, 1, 2, 3]]), ("triangle", [[1, 4, 5], [1, 5, 2]]), ("line", sides)],
        cell_sets={"left": [[], [], [0]], "cut": [[], [], [1]], "square": [[0], [], []]},
    )
    plate = Mesh(mesh, (x, y))
    assert plate.volume == pytest.approx(2)
    assert plate.parts == ("left", "square")
    assert plate.part("left").bounds.tolist() == [[0, 0], [0, 1]]
    assert plate.part("square").volume == pytest.approx(1)
    with pytest.raises(ValueError, match="vertices with 2 coordinates, and 3 are named"):
        Mesh((points[:, :2], [(0, 1, 2)]), (x, y, z))


def test_what_bounds_nothing_is_named(tmp_path):
    v, f = box()
    faults = {
        "is open: 3 edges": f[1:],
        "facets that are turned over: at": np.vstack([f[:1, ::-1], f[1:]]),
        "is inverted": f[:, ::-1],
        "touches itself": np.vstack([f, f[:1]]),
    }
    for said, facets in faults.items():
        path = write_stl(tmp_path / "part.stl", v, facets)
        with pytest.raises(ValueError, match=said) as caught:
            Mesh(path, (x, y, z))
        assert "part.stl" in str(caught.value)
        assert "Mesh.repaired(" in str(caught.value)
        assert Mesh.repaired(path, (x, y, z)).volume == pytest.approx(1), said


def test_bodies_that_overlap_are_made_one():
    pytest.importorskip("manifold3d")
    (v, f), (w, g) = box(), box((0.5, 0.25, 0.25), (1.5, 0.75, 0.75))
    both = np.vstack([v, w]), np.vstack([f, g + len(v)])
    with pytest.raises(ValueError, match=r"intersects itself: \d+ facets go through others"):
        Mesh(both, (x, y, z))
    assert Mesh.repaired(both, (x, y, z)).volume == pytest.approx(1 + 0.5**3)


def test_a_body_and_its_mirror_image_intersect():
    """Sides meet sides alone: two balls have a lens in common, pi (4 + d) (2 - d)^2 / 12."""
    pytest.importorskip("manifold3d")
    v, f = sphere(3)
    v = v / np.linalg.norm(v, axis=1).max()
    both = np.vstack([v, v + np.array([0.7, 0, 0])]), np.vstack([f, f + len(v)])
    with pytest.raises(ValueError, match="intersects itself"):
        Mesh(both, (x, y, z))
    union = 8 * np.pi / 3 - np.pi * 4.7 * 1.3**2 / 12
    assert Mesh.repaired(both, (x, y, z)).volume == pytest.approx(union, rel=0.02)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*part\.stl: give its whole path"):
        Mesh(tmp_path / "part.stl", (x, y, z))
    with pytest.raises(IsADirectoryError, match="folder"):
        Mesh(tmp_path, (x, y, z))
    for name in ("empty.stl", "empty.msh"):
        (tmp_path / name).touch()
        with pytest.raises(ValueError, match="it is empty"):
            Mesh(tmp_path / name, (x, y, z))
    for name in ("words.stl", "words.obj", "words.msh", "words.vtu", "words.xyz"):
        (tmp_path / name).write_text("these are words\n" * 30, encoding="utf-8")
        with pytest.raises(ValueError, match=f"cannot read .*{name}"):
            Mesh(tmp_path / name, (x, y, z))


def test_what_is_no_mesh_is_refused():
    v, f = box()
    for source in (3, (v,), None):
        with pytest.raises(TypeError, match="a Mesh wants the path of a file"):
            Mesh(source, (x, y, z))
    for pair, said in (
        ((v, f + 1), "faces name vertices 1 to 8"),
        ((v, f.astype(float)), "triangles"),
        ((v[:, :2], f), "named"),
        ((v * [1, 1, 0], f), "flat"),
        ((np.where(v == 1, np.nan, v), f), "not finite"),
    ):
        with pytest.raises(ValueError, match=said):
            Mesh(pair, (x, y, z))
    with pytest.raises(TypeError, match="two or three coordinates"):
        Mesh((v, f), (x,))
    with pytest.raises(ValueError, match="positive unit"):
        Mesh((v, f), (x, y, z), unit=0)


def test_another_unit_of_length_is_warned_of():
    v, f = box((0, 0, 0), (100, 100, 100))
    room = Box({x: (0, 1), y: (0, 1), z: (0, 1)})
    with pytest.warns(UserWarning, match=r"is 5e\+02 times as large as Box"):
        _ = Mesh((5 * v, f), (x, y, z)) & room
    with pytest.warns(UserWarning, match="unit=1e-3"):
        _ = room - Mesh((5 * v, f), (x, y, z))
    assert (Mesh((v, f), (x, y, z), unit=1e-3) & room).bounds.max() == pytest.approx(0.1)


@pytest.mark.parametrize(("ending", "lacks"), [("stl", "trimesh"), ("msh", "meshio")])
def test_without_its_library_a_file_says_what_to_install(tmp_path, monkeypatch, ending, lacks):
    """Arrays need none."""
    monkeypatch.setitem(sys.modules, lacks, None)
    path = tmp_path / f"part.{ending}"
    path.write_text("solid", encoding="utf-8")
    with pytest.raises(ImportError, match=rf"part.{ending} wants {lacks}.*'pinnsolve\[mesh\]'"):
        Mesh(path, (x, y, z))
    assert Mesh(box(), (x, y, z)).volume == pytest.approx(1)
