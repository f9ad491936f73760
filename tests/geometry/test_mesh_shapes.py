"""Shapes of CAD as meshes; volumes, areas and distances are those of the shapes' formulas."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import Mesh, Problem, coordinates, laplacian, solve, unknown
from small_meshes import sphere, write_stl

x, y, z = coordinates("x y z")


@pytest.fixture(scope="module")
def gmsh():
    return pytest.importorskip("gmsh", reason="gmsh is not installed: pip install pinnsolve[cad]")


@pytest.fixture(scope="module")
def step(gmsh, tmp_path_factory):
    """Writes a STEP file of what a function makes with OpenCASCADE."""
    folder = tmp_path_factory.mktemp("step")

    def written(name, make):
        gmsh.initialize(interruptible=False)
        gmsh.option.setNumber("General.Terminal", 0)
        make(gmsh.model.occ)
        gmsh.model.occ.synchronize()
        gmsh.write(str(folder / name))
        gmsh.finalize()
        return folder / name

    return written


@pytest.fixture(scope="module")
def ball(step):
    return step("ball.step", lambda occ: occ.addSphere(0, 0, 0, 1))


def test_a_ball_of_cad_converges_by_its_size(ball):
    volume, errors, told = 4 * np.pi / 3, [], []
    for size in (0.2, 0.1):
        body = Mesh(ball, (x, y, z), size=size)
        corners = body.simplices.corners
        sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
        assert 0.8 * size < np.median(sides) < 1.25 * size
        errors.append(volume - body.volume)
        apart = 1 - np.linalg.norm(corners.mean(axis=1), axis=1).min()
        assert 0.8 * apart < body.facet_error < 2.5 * apart  # normals at corners are means
        told.append(body.facet_error)
    assert 3 < errors[0] / errors[1] < 5  # of second order
    assert 2 < told[0] / told[1] < 6


def test_without_a_size_curvature_says_it(ball):
    body = Mesh(ball, (x, y, z))
    assert body.facet_error < 0.004
    assert body.contains([[0, 0, 0.99], [0, 0, 1.01]]).tolist() == [True, False]


def test_a_drilled_block_looks_outwards_on_all_sides(step):
    def made(occ):
        block, drill = occ.addBox(0, 0, 0, 1, 1, 1), occ.addCylinder(0.5, 0.5, -1, 0, 0, 3, 0.2)
        occ.cut([(3, block)], [(3, drill)])

    body = Mesh(step("block.stp", made), (x, y, z), size=0.1)
    assert body.volume == pytest.approx(1 - 0.04 * np.pi, rel=1e-2)
    assert len(body.patches()) == 7
    assert body.contains([[0.5, 0.5, 0.5], [0.1, 0.5, 0.5]]).tolist() == [False, True]


def test_lengths_are_the_coordinates(step):
    """A part in millimetres, in metres."""
    path = step("pin.step", lambda occ: occ.addCylinder(0, 0, 0, 0, 0, 50, 5))
    pin = Mesh(path, (x, y, z), unit=1e-3, size=1e-3)
    assert np.allclose(pin.bounds, [[-0.005, 0.005], [-0.005, 0.005], [0, 0.05]], atol=1e-8)
    assert 4000 < len(pin.simplices.facets) < 16_000


def test_several_bodies_are_filled_and_parts(step):
    """They touch: facets between them are inside."""

    def made(occ):
        occ.addBox(0, 0, 0, 1, 1, 1)
        occ.addBox(1, 0, 0, 2, 1, 1)

    whole = Mesh(step("two.step", made), (x, y, z), size=0.5)
    assert whole.volume == pytest.approx(3)
    assert sum(chart.measure for chart in whole.boundary_charts()) == pytest.approx(14)
    assert sorted(whole.part(name).volume for name in whole.parts) == pytest.approx([1, 2])


def test_a_plate_of_cad_is_a_region_of_the_plane(step):
    def made(occ):
        occ.cut([(2, occ.addRectangle(0, 0, 0, 2, 1))], [(2, occ.addDisk(1, 0.5, 0, 0.2, 0.2))])

    plate = Mesh(step("plate.brep", made), (x, y), size=0.05)
    assert plate.volume == pytest.approx(2 - 0.04 * np.pi, rel=2e-3)
    assert sum(c.measure for c in plate.boundary_charts()) == pytest.approx(
        6 + 0.4 * np.pi, rel=2e-3
    )


@pytest.mark.slow
def test_a_shape_is_solved_on_and_its_facets_are_told_of(ball):
    """In a ball that is heated evenly u = 1 - r^2."""
    body, u = Mesh(ball, (x, y, z), size=0.1), unknown("u", x, y, z)
    heated = Problem(body, Eq(laplacian(u), -6), Eq(u, 0) @ body.boundary)
    solution = solve(heated, tolerance=2e-2)
    assert solution.stopped == "met"
    assert solution(0, 0, 0) == pytest.approx(1, abs=2 * body.facet_error)
    with pytest.warns(UserWarning, match="facets of .* away from a smooth surface"):
        solve(heated, tolerance=1e-5, budget=1.0)


def test_who_uses_gmsh_beside_keeps_models_and_options(gmsh, ball):
    gmsh.initialize(readConfigFiles=False, interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.option.setNumber("Mesh.MeshSizeMax", 0.3)
        gmsh.model.add("mine")
        gmsh.model.occ.addBox(0, 0, 0, 1, 1, 1)
        gmsh.model.occ.synchronize()
        known = gmsh.model.list()
        Mesh(ball, (x, y, z), size=0.5)
        assert gmsh.isInitialized()
        assert gmsh.model.getCurrent() == "mine"
        assert gmsh.model.getEntities(3) == [(3, 1)]
        assert gmsh.model.list() == known
        assert gmsh.option.getNumber("Mesh.MeshSizeMax") == 0.3
    finally:
        gmsh.finalize()


@pytest.mark.parametrize("ending", ["geo", "GEO", "geo_unrolled", "step", "Step", "brep", "iges"])
def test_a_file_is_never_run(tmp_path, ending):
    """gmsh runs what it does not know as a script of its own; neither by its name, nor by what it
    holds, does a file get there.
    """
    if "geo" not in ending.lower():
        pytest.importorskip("gmsh", reason="gmsh is not installed: pip install pinnsolve[cad]")
    mark, path = tmp_path / "mark", tmp_path / f"part.{ending}"
    path.write_text(f'SystemCall "touch {mark}";\n', encoding="utf-8")
    said = "a script of gmsh" if "geo" in ending.lower() else "cannot read|holds no body"
    with pytest.raises(ValueError, match=said):
        Mesh(path, (x, y, z))
    assert not mark.exists()


def test_without_gmsh_it_says_how_to_get_it(tmp_path, monkeypatch):
    (tmp_path / "part.step").write_text("ISO-10303-21;", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "gmsh", None)
    with pytest.raises(ImportError, match=r"part.step wants gmsh.*pip install 'pinnsolve\[cad\]'"):
        Mesh(tmp_path / "part.step", (x, y, z))


def test_a_size_is_for_shapes(tmp_path):
    pytest.importorskip("trimesh")
    v, f = sphere(1)
    for source in ((v, f), write_stl(tmp_path / "ball.stl", v, f)):
        with pytest.raises(ValueError, match="this mesh has its facets already"):
            Mesh(source, (x, y, z), size=0.1)
    with pytest.raises(ValueError, match="a positive size"):
        Mesh((v, f), (x, y, z), size=-1)
