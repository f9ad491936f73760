"""What a solution hands out equals what it says when it is called."""

import sys
import warnings
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from sympy import Eq, cos, exp, pi, sin, sqrt

from pinnsolve import (
    Ball,
    Box,
    Dense,
    Interval,
    Problem,
    Waves,
    by_region,
    coordinates,
    divergence,
    gradient,
    laplacian,
    sample_region,
    solve,
    unknown,
)  # fmt: skip

X, Y, T = coordinates("x y t")
U = unknown("u", X, Y)
V = unknown("v", T, X)  # not in the domain's order
PLATE = Box({X: (0, 1), Y: (0, 1)}) - Ball({X: 0.5, Y: 0.5}, 0.2)
ROD = Interval(X, 0, 1) * Interval(T, 0, 0.5)
pytestmark = pytest.mark.xdist_group("handed")  # what all share is solved for once


@pytest.fixture(scope="module")
def plate():
    exact = sin(X) * exp(Y)
    return solve(
        Problem(PLATE, Eq(laplacian(U), 0), Eq(U, exact) @ PLATE.boundary),
        Dense(300, activation="sin", initialize=Waves(3)),
    )


@pytest.fixture(scope="module")
def heat():
    walls = Eq(V(T, 0), 0), Eq(V(T, 1), 0)
    return solve(Problem(ROD, Eq(V.diff(T), V.diff(X, 2)), Eq(V(0, X), sin(pi * X)), *walls))


def test_a_mesh_that_is_read_back_has_the_values_of_a_call(plate, tmp_path):
    meshio = pytest.importorskip("meshio")
    plate.to_vtk(tmp_path / "plate.vtu", along=24, expressions={"u": U, "slope": U.diff(X)})
    mesh = meshio.read(tmp_path / "plate.vtu")
    assert [cells.type for cells in mesh.cells] == ["triangle6"]
    x = mesh.points[:, :2]
    assert np.array_equal(mesh.point_data["u"], plate(x))
    assert np.array_equal(mesh.point_data["slope"], plate(x, U.diff(X)))


def test_a_grid_of_pyvista_has_the_values_of_a_call(plate, heat, tmp_path):
    pyvista = pytest.importorskip("pyvista", reason="not installed: pip install pinnsolve[view]")
    grid = plate.to_pyvista(along=24, expressions={"u": U, "slope": U.diff(X)})
    assert grid.array_names == ["u", "slope"]
    assert {cell.type.name for cell in grid.cell} == {"QUADRATIC_TRIANGLE"}
    assert np.array_equal(grid.point_data["slope"], plate(grid.points[:, :2], U.diff(X)))
    # Sides are curved: VTK takes halves of them, and straight ones are off by 1e-3
    area = grid.compute_cell_sizes().cell_data["Area"].sum()
    assert area == pytest.approx(1 - 0.04 * np.pi, rel=5e-4)
    rod = heat.to_pyvista(at={T: 0.125}, along=8)
    assert rod.point_data["v"].max() == pytest.approx(np.exp(-(np.pi**2) / 8), abs=1e-8)
    pytest.importorskip("meshio")
    plate.to_vtk(tmp_path / "plate.vtu", along=24)
    read = pyvista.read(tmp_path / "plate.vtu")
    assert np.array_equal(read.points, grid.points)
    assert np.array_equal(read.point_data["u"], plate(read.points[:, :2]))


def test_without_pyvista_it_says_how_to_get_it(plate, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvista", None)
    with pytest.raises(ImportError, match=r"to_pyvista wants pyvista.*'pinnsolve\[view\]'"):
        plate.to_pyvista(along=8)


def test_a_series_has_a_file_a_time_beside_it(heat, tmp_path):
    meshio = pytest.importorskip("meshio")
    heat.to_vtk(tmp_path / "heat.pvd", times=[0, 0.125], along=16)
    sets = ElementTree.parse(tmp_path / "heat.pvd").getroot().findall(".//DataSet")
    assert [float(each.get("timestep")) for each in sets] == [0, 0.125]
    mesh = meshio.read(tmp_path / sets[1].get("file"))
    expected = np.exp(-(np.pi**2) / 8) * np.sin(np.pi * mesh.points[:, 0])
    assert np.abs(mesh.point_data["v"] - expected).max() < 1e-8


def test_of_space_and_time_a_mesh_at_a_time(heat, tmp_path):
    meshio = pytest.importorskip("meshio")
    heat.to_vtk(tmp_path / "now.vtu", at={T: 0.125}, along=8)
    mesh = meshio.read(tmp_path / "now.vtu")
    assert [cells.type for cells in mesh.cells] == ["line3"]
    assert np.ptp(mesh.points[:, 1:]) == 0


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("plate.stl", ValueError, "ends in .vtu"),
        ("nowhere/plate.vtu", FileNotFoundError, "there is no folder"),
        ("plate.pvd", ValueError, "a series in time, and this problem has none"),
    ],
)
def test_what_cannot_be_written_is_refused(plate, tmp_path, name, error, said):
    with pytest.raises(error, match=said):
        plate.to_vtk(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_slice_of_what_is_no_coordinate_is_refused(plate, tmp_path):
    with pytest.raises(ValueError, match=r"at=\{z: \.\.\.\}: the coordinates are x, y"):
        plate.to_vtk(tmp_path / "a.vtu", at={"z": 0})
    with pytest.raises(ValueError, match=r"lies outside of .* x is in \[0, 1\]"):
        plate.to_vtk(tmp_path / "a.vtu", at={X: 2})


def test_a_dataset_is_labelled_and_empty_outside(plate):
    pytest.importorskip("xarray")
    data = plate.to_xarray({X: [0.1, 0.5], Y: 3}, {"u": U, "twice": 2 * U})
    assert data.u.dims == ("x", "y")
    assert np.isnan(data.u.sel(x=0.5, y=0.5))
    assert data.twice.sel(x=0.1, y=1.0).item() == pytest.approx(2 * plate([[0.1, 1.0]])[0])
    assert "Ball" in data.attrs["problem"]


def test_axes_that_are_no_numbers_are_refused(plate):
    pytest.importorskip("xarray")
    for axes, error in (({"z": 3}, ValueError), ({X: "many"}, TypeError), (0, ValueError)):
        with pytest.raises(error, match=r"coordinates are|how many|at least one"):
            plate.to_xarray(axes)


def test_a_data_frame_has_coordinates_and_values(plate):
    pytest.importorskip("pandas")
    points = sample_region(PLATE, 5, seed=0)
    frame = plate.to_dataframe(points, {"flux": U.diff(Y)})
    assert list(frame.columns) == ["x", "y", "flux"]
    assert np.array_equal(frame.flux, plate(points, U.diff(Y)))
    assert np.array_equal(plate(frame[["x", "y"]]), plate(points))  # and is read again


def test_a_function_is_a_call_without_pinnsolve(plate, heat):
    for solution, low, high in ((plate, 0, 0.2), (heat, 0, 0.5)):
        x = low + (high - low) * np.random.default_rng(1).random((50, 2))
        function = solution.to_function()
        assert not function.training
        exported = torch.export.export(
            function, (torch.zeros(3, 2, dtype=torch.float64),),
            dynamic_shapes=({0: torch.export.Dim("n")},),
        )  # fmt: skip
        for call in (function, exported.module()):
            values = call(torch.from_numpy(x))[:, 0].numpy()
            assert np.abs(values - solution(x)).max() < 1e-11


def test_onnx_says_the_same(plate, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, of what it will change
        program = torch.onnx.export(
            plate.to_function(), (torch.zeros(3, 2, dtype=torch.float64),), dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("n")},), verbose=False,
        )  # fmt: skip
    program.save(tmp_path / "u.onnx")
    session = runtime.InferenceSession(tmp_path / "u.onnx")
    x = 0.2 * np.random.default_rng(1).random((50, 2))
    (values,) = session.run(None, {session.get_inputs()[0].name: x})
    # Sums in another order differ by round-off of their terms
    terms = np.abs(plate.coefficients.numpy()).max()
    assert np.abs(values[:, 0] - plate(x)).max() < 1e-15 * terms + 1e-12


def test_materials_are_no_single_function():
    disk = Ball({X: 0.5, Y: 0.5}, 0.2)
    square = Box({X: (0, 1), Y: (0, 1)})
    k = by_region({disk: 2, square - disk: 1})
    two = Problem(square, Eq(divergence(k * gradient(U)), -1), Eq(U, 0) @ square.boundary)
    with pytest.raises(TypeError, match=r"several materials"):
        solve(two, Dense(40)).to_function()


def test_extremes_are_found_inside_and_on_walls(plate):
    top = plate.maximum()
    assert top == pytest.approx(np.sin(1) * np.e, abs=1e-7)
    assert top.point == pytest.approx({"x": 1, "y": 1})
    hump = plate.maximum(-((X - 0.3) ** 2) - (Y - 0.2) ** 2 + 0 * U)
    assert hump == pytest.approx(0, abs=1e-14)
    assert hump.point == pytest.approx({"x": 0.3, "y": 0.2}, abs=1e-6)
    # On the rim of the hole, seen from inside
    rim = plate.minimum(sqrt((X - 0.5) ** 2 + (Y - 0.5) ** 2) + 0 * U)
    assert rim == pytest.approx(0.2, abs=1e-12)


def test_extremes_of_a_face_are_those_of_the_face(plate):
    left = plate.maximum(U.diff(X), PLATE.at(x=0))
    assert left == pytest.approx(np.e, abs=1e-5)
    assert left.point == pytest.approx({"x": 0, "y": 1})


def test_zeros_along_a_line(heat):
    found = heat.zeros(V - 0.2, at={T: 0.1})
    inner = np.arcsin(0.2 * np.exp(0.1 * np.pi**2)) / np.pi
    assert found == pytest.approx([inner, 1 - inner], abs=1e-8)
    assert len(heat.zeros(V - 2, at={T: 0.1})) == 0
    with pytest.raises(ValueError, match=r"along one coordinate, and x, t are left"):
        heat.zeros()


def test_of_several_unknowns_one_must_be_said():
    p, q = unknown("p", X), unknown("q", X)
    line = Interval(X, 0, 1)
    pair = Problem(line, Eq(p.diff(X), q), Eq(q.diff(X), -p), Eq(p(0), 0), Eq(q(0), 1))
    solution = solve(pair, Dense(60, activation="sin", initialize=Waves(2)))
    with pytest.raises(TypeError, match=r"maximum of what\? Of [pq]\(x\), [pq]\(x\)"):
        solution.maximum()
    assert solution.maximum(p) == pytest.approx(np.sin(1), abs=1e-8)
    assert solution.zeros(q - cos(0.5)) == pytest.approx([0.5], abs=1e-8)
