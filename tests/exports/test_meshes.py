"""Meshes of regions: their areas, their sides, what is refused."""

import numpy as np
import pytest

from pinnsolve import Ball, Box, Interval, Polygon, coordinates
from pinnsolve.exports.meshes import MIDDLES, mesh_of
from pinnsolve.geometry.slices import slice_of

X, Y, Z = coordinates("x y z")
W = coordinates("w")[0]
SQUARE = Box({X: (0, 4), Y: (0, 1)})
# Dunavant's rule of degree 5: points and weights of a triangle
A, B = (6 - np.sqrt(15)) / 21, (6 + np.sqrt(15)) / 21
RULE = [(1 / 3, 1 / 3, 9 / 80)]
RULE += [(s, t, (155 - np.sqrt(15)) / 2400) for s, t in ((A, A), (1 - 2 * A, A), (A, 1 - 2 * A))]
RULE += [(s, t, (155 + np.sqrt(15)) / 2400) for s, t in ((B, B), (1 - 2 * B, B), (B, 1 - 2 * B))]


def areas(mesh):
    """Of quadratic triangles, by the determinant of their map."""
    total = np.zeros(len(mesh.cells))
    for s, t, weight in RULE:
        r = 1 - s - t
        ds = np.array([1 - 4 * r, 4 * s - 1, 0, 4 * (r - s), 4 * t, -4 * t])
        dt = np.array([1 - 4 * r, 0, 4 * t - 1, -4 * s, 4 * s, 4 * (r - t)])
        jacobian = np.stack([np.einsum("k,mkd->md", d, mesh.nodes[mesh.cells]) for d in (ds, dt)])
        total += weight * np.linalg.det(jacobian.transpose(1, 0, 2))
    return total


PLANE = {
    "disk": (Ball({X: 0, Y: 0}, 1), np.pi),
    "plate with a hole": (SQUARE - Ball({X: 1, Y: 0.5}, 0.2), 4 - 0.04 * np.pi),
    "L": (Polygon((X, Y), [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]), 3),
}


@pytest.mark.parametrize("name", PLANE)
def test_curved_sides_give_the_area_to_fourth_order(name):
    region, exact = PLANE[name]
    errors = []
    for along in (48, 96):
        own = areas(mesh_of(slice_of(region, None), along))
        assert own.min() > 0
        errors.append(abs(own.sum() - exact))
    assert errors[1] < max(errors[0] / 8, 1e-12)
    assert errors[1] < 3e-6


def test_sides_that_were_cut_off_have_no_nodes():
    square = Box({X: (0, 2), Y: (0, 2)})
    mesh = mesh_of(slice_of(square - Box({X: (1, 2), Y: (1, 2)}), None), 16)
    assert set(mesh.cells.ravel()) == set(range(len(mesh.nodes)))
    assert not (mesh.nodes > 1.01).all(axis=1).any()


def test_straight_sides_alone_would_be_of_second_order():
    mesh = mesh_of(slice_of(PLANE["disk"][0], None), 96)
    p = mesh.nodes[mesh.triangles]
    flat = np.linalg.det(np.diff(p, axis=1)).sum() / 2
    assert abs(flat - np.pi) > 1e-4


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_middles_lie_between_their_corners(dim):
    box = Box({c: (0, 1 + k) for k, c in enumerate((X, Y, Z)[:dim])})
    mesh = mesh_of(slice_of(box, None), 6)
    corners = mesh.nodes[mesh.triangles]
    for k, pair in enumerate(MIDDLES[dim]):
        between = corners[:, list(pair)].mean(axis=1)
        assert np.allclose(mesh.nodes[mesh.cells[:, dim + 1 + k]], between)


@pytest.mark.slow
def test_a_body_with_a_cavity_has_its_volume():
    cube = Box(dict.fromkeys((X, Y, Z), (0, 1))) - Ball({X: 0.5, Y: 0.5, Z: 0.5}, 0.3)
    mesh = mesh_of(slice_of(cube, None), 16)
    volume = np.linalg.det(np.diff(mesh.nodes[mesh.triangles], axis=1)).sum() / 6
    assert volume == pytest.approx(1 - 4 / 3 * np.pi * 0.027, abs=4e-3)


def test_a_slice_is_a_mesh_of_what_is_left():
    ball = Ball({X: 0, Y: 0, Z: 0}, 1)
    mesh = mesh_of(slice_of(ball, {Z: 0.6}), 48)
    assert areas(mesh).sum() == pytest.approx(0.64 * np.pi, rel=1e-5)


def test_unlike_units_have_their_own_steps():
    thin = Interval(X, 0, 1e-6) * Interval(Y, 0, 1)
    mesh = mesh_of(slice_of(thin, None), 16)
    assert areas(mesh).sum() == pytest.approx(1e-6)
    assert len(mesh.cells) == 2 * 16**2


def test_four_dimensions_are_refused_with_the_remedy():
    box = Box(dict.fromkeys((X, Y, Z, W), (0, 1)))
    with pytest.raises(ValueError, match=r"one to three dimensions.*at=\{w: \.\.\.\}"):
        mesh_of(slice_of(box, None))
