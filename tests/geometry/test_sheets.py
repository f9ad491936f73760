"""Surfaces as triangles: all of a surface, once, and of what filters keep no more than that."""

from __future__ import annotations

import numpy as np
import pytest

from pinnsolve import Ball, Box, Mesh, coordinates
from pinnsolve.geometry.mesh.simplices import measures
from pinnsolve.geometry.sheets import triangles_of
from small_meshes import box, sphere, turned

x, y, z = coordinates("x y z")


def test_the_triangles_of_a_mesh_are_its_facets():
    v, f = sphere(2)
    body = Mesh((v, f), (x, y, z))
    triangles = triangles_of(body)
    assert {t.tobytes() for t in triangles} == {t.tobytes() for t in v[f]}
    above = triangles_of(body.boundary.where(z > 0))
    assert (above.mean(axis=1)[:, 2] > 0).all()
    assert len(above) == (v[f].mean(axis=1)[:, 2] > 0).sum()
    hollow = Box(dict.fromkeys((x, y, z), (-2, 2))) - body
    assert measures(triangles_of(hollow)).sum() == pytest.approx(96 + measures(v[f]).sum())


@pytest.mark.parametrize(
    ("surface", "area"),
    [
        (Ball({x: 0, y: 0, z: 0}, 1), 4 * np.pi),
        (Box({x: (0, 1), y: (0, 2), z: (0, 3)}).boundary, 22),
        (Ball({x: 0, y: 0, z: 0}, 1).boundary.where(z > 0), 2 * np.pi),
        (Mesh((turned(box()[0]), box()[1]), (x, y, z)).patches()[0], 1),
    ],
    ids=["ball", "box", "half a ball", "patch"],
)
def test_triangles_have_the_area(surface, area):
    assert measures(triangles_of(surface)).sum() == pytest.approx(area, rel=0.02)


def test_what_is_no_surface_is_refused():
    plate = Box({x: (0, 1), y: (0, 1)})
    for region in (plate, plate.boundary, Box({x: (0, 1), y: (0, 1), z: (0, 1)}).at(x=0, y=0)):
        with pytest.raises(ValueError, match="no surface in space"):
            triangles_of(region)
