"""Which walls have layers, how thick they are, and which equations oscillate instead."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Rational, cos

from pinnsolve import Ball, Box, Interval, Problem, compile_problem, coordinates, laplacian, unknown
from pinnsolve.fields.tree import grid
from pinnsolve.search.boundary_layers import BoundaryLayer, boundary_layers
from pinnsolve.search.scales import oscillating_wavenumbers
from pinnsolve.strategies.cuts import CUTTING, graded_to_layers

x, y = coordinates("x y")
u, v = unknown("u", x, y), unknown("v", x)
SQUARE, LINE = Box({x: (0, 1), y: (0, 1)}), Interval(x, 0, 1)
EPS = Rational(1, 10**4)


def layers(operator, domain=SQUARE, of=u):
    """Those of the equation `operator` = 1 with zeros on the boundary: thickness by side."""
    system = compile_problem(Problem(domain, Eq(operator, 1), Eq(of, 0) @ domain.boundary))
    return {(own.axis, own.end): own.thickness for own in boundary_layers(system)}


@pytest.mark.parametrize(
    ("operator", "sides"),
    [
        (-EPS * laplacian(u) + u.diff(x), {(0, 1): 1e-4, (1, 0): 1e-2, (1, 1): 1e-2}),
        (
            -EPS * laplacian(u) - u.diff(x) + u.diff(y),
            {(0, 0): 1e-4, (0, 1): 1e-2, (1, 0): 1e-2, (1, 1): 1e-4},
        ),
        (-EPS * laplacian(u) + 4 * u, dict.fromkeys([(0, 0), (0, 1), (1, 0), (1, 1)], 5e-3)),
        (-EPS * laplacian(u) - u, {}),
        (-laplacian(u) + u.diff(x), {}),
    ],
)
def test_in_the_plane(operator, sides):
    """As singular perturbation has it: exponential layers where it blows to, parabolic ones along
    it, none where waves go through.
    """
    assert layers(operator) == pytest.approx(sides)


@pytest.mark.parametrize(
    ("operator", "sides"),
    [
        (-EPS * v.diff(x, 2) + v.diff(x), {(0, 1): 1e-4}),
        (-EPS * v.diff(x, 2) - v.diff(x), {(0, 0): 1e-4}),
        (EPS * v.diff(x, 4) - v.diff(x, 2), dict.fromkeys([(0, 0), (0, 1)], 1e-2)),
        # Out to both ends, from the middle; and into it.
        (-EPS * v.diff(x, 2) + (2 * x - 1) * v.diff(x), {(0, 0): 2e-4, (0, 1): 2e-4}),
        (-EPS * v.diff(x, 2) - (2 * x - 1) * v.diff(x), {}),
    ],
)
def test_on_a_line(operator, sides):
    assert layers(operator, LINE, v) == pytest.approx(sides, rel=0.3)


def test_a_disk_has_no_wall_on_the_sides_of_its_box():
    disk = Ball({x: 0, y: 0}, 1)
    assert not layers(-EPS * laplacian(u) + u, disk)
    assert layers(-EPS * laplacian(u) + u, SQUARE - Ball({x: 0.5, y: 0.5}, 0.1))


@pytest.mark.parametrize(
    ("operator", "wavenumber"),
    [
        (laplacian(u) + 900 * u, 30.0),
        (laplacian(u) - 900 * u, 0.0),
        (laplacian(laplacian(u)) - 10**4 * u, 10.0),
        (laplacian(laplacian(u)) + 10**4 * u, 0.0),
        (-EPS * laplacian(u) + u.diff(x), 0.0),
        (laplacian(u) + 900 * cos(4 * x) * u, 24.0),
        # More than critically damped, and less.
        (laplacian(u) + 70 * u.diff(x) + 900 * u, 0.0),
        (laplacian(u) + 50 * u.diff(x) + 900 * u, 30.0),
    ],
)
def test_which_terms_oscillate(operator, wavenumber):
    """Those that a wave satisfies somewhere."""
    system = compile_problem(Problem(SQUARE, Eq(operator, 1), Eq(u, 0) @ SQUARE.boundary))
    found = oscillating_wavenumbers(system).tolist()
    assert found[0] == pytest.approx(wavenumber, rel=0.15)


def test_cells_are_graded_to_the_walls_of_layers():
    tree = grid(np.array([[0.0, 2.0], [0.0, 1.0]]), [4, 4])
    made = graded_to_layers(tree, [BoundaryLayer(0, 1, 1e-4), BoundaryLayer(1, 0, 1e-2)])
    boxes = np.array(made.cells)
    assert np.prod(np.ptp(boxes, axis=2), axis=1).sum() == pytest.approx(2.0)
    for axis, end, thickness in ((0, 1, 1e-4), (1, 0, 1e-2)):
        on_wall = boxes[boxes[:, axis, end] == tree.bounds[axis, end]]
        thick = np.ptp(on_wall[:, axis], axis=1)
        assert CUTTING.layer * thickness / 2 < thick.min() <= thick.max()
        assert thick.max() <= CUTTING.layer * thickness
        away = np.abs(boxes[:, axis, 1 - end] - tree.bounds[axis, end])
        least = np.minimum(away, np.ptp(tree.bounds[axis]) / 2) / 2
        assert (np.ptp(boxes[:, axis], axis=1) >= least - 1e-12).all()


def test_a_layer_too_thin_for_floats_ends_the_grading():
    tree = grid(np.array([[1.0, 2.0], [0.0, 1.0]]), [2, 2])
    made = graded_to_layers(tree, [BoundaryLayer(0, 1, 1e-300)])
    thinnest = min(np.ptp(box[0]) for box in made.cells)
    assert CUTTING.thinnest_in_layers / 2 < thinnest <= CUTTING.thinnest_in_layers
