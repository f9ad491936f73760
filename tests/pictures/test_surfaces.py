"""Pictures and files of values on surfaces in space."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import (
    Ball,
    Dense,
    Interval,
    Mesh,
    Problem,
    coordinates,
    laplacian,
    solve,
    unknown,
)
from pinnsolve.pictures.surfaces import halved
from small_meshes import sphere

x, y, z = coordinates("x y z")
(t,) = coordinates("t")
u = unknown("u", x, y, z)
BODY = Mesh(sphere(2), (x, y, z))


@pytest.fixture(scope="module")
def solution():
    problem = Problem(BODY, Eq(laplacian(u), 0), Eq(u, x * y) @ BODY.boundary)
    return solve(problem, Dense(150))


def test_a_surface_is_coloured_by_the_solution(solution, tmp_path):
    figure = solution.plot(tmp_path / "u.png", on=BODY.boundary)
    axes, _bar = figure.axes
    (sheet,) = axes.collections
    middles = halved(BODY.simplices.corners).mean(axis=1)
    exact = middles[:, 0] * middles[:, 1]
    shown = np.asarray(sheet.get_array())
    assert np.abs(np.sort(shown) - np.sort(exact)).max() < 0.02
    low, high = sheet.get_clim()
    assert low == -high  # signed values are shown about zero
    assert (tmp_path / "u.png").stat().st_size > 10_000
    part = solution.plot(on=BODY.boundary.where(z > 0), expression=u**2).axes[0].collections[0]
    assert len(part.get_array()) > 0
    assert part.get_array().min() >= 0
    with pytest.raises(ValueError, match="no surface in space"):
        solution.plot(on=Interval(t, 0, 1))


def test_long_triangles_are_cut_until_they_are_small():
    """A triangle has one colour: the caps of a ring would be stars."""
    cut = halved(np.array([[[0, 0, 0], [4, 0, 0], [0, 1, 0]], [[0, 0, 0], [0, 0, 1], [0, 1, 0.0]]]))
    normals = np.cross(cut[:, 1] - cut[:, 0], cut[:, 2] - cut[:, 0]) / 2
    # The same area, seen from the same side, in small pieces.
    assert normals.sum(axis=0) == pytest.approx([-0.5, 0, 2], abs=1e-12)
    assert np.linalg.norm(normals, axis=1).sum() == pytest.approx(2.5)
    assert np.linalg.norm(cut - np.roll(cut, -1, axis=1), axis=2).max() <= 0.1
    assert len(halved(cut, most=len(cut))) == len(cut)


def test_a_surface_is_written_as_its_triangles(solution, tmp_path):
    meshio = pytest.importorskip("meshio")
    solution.to_vtk(tmp_path / "u.vtu", on=BODY)
    found = meshio.read(tmp_path / "u.vtu")
    assert len(found.points) == len(BODY.simplices.vertices)
    assert len(found.cells_dict["triangle"]) == len(BODY.simplices.facets)
    assert np.abs(found.point_data["u"] - solution(found.points)).max() < 1e-13


def test_bodies_are_drawn_with_their_facets():
    (sheet,) = BODY.plot().axes[0].collections
    # Facets are shaded by how they face the light: a face has one of many colours
    assert len(np.unique(sheet.get_facecolor(), axis=0)) > 50
    figure = Problem(BODY, Eq(laplacian(u), 0), Eq(u, 0) @ BODY.boundary).plot()
    assert figure.axes[0].collections
    assert Ball({x: 0, y: 0, z: 0}, 1).plot().axes[0].collections
