"""Rows near the rims of small holes, and poles of holes beside a cell."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Rational, exp, log, sin

from pinnsolve import Ball, Box, coordinates, laplacian, manufactured, normal, solve, unknown
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.poles import Poles
from pinnsolve.cells.rims import with_rims
from pinnsolve.compile.system import compile_problem
from pinnsolve.strategies.layouts import first_layout

X, Y = coordinates("x y")
U = unknown("u", X, Y)
SQUARE = Box({X: (0, 1), Y: (0, 1)})
CELL = np.array([[0.5, 0.75], [0.25, 0.5]])
AT = np.array([0.7, 0.3])


def perforated(radius):
    """Near the corner of its cell: the next cells see the logarithm, too."""
    hole = Ball({X: Rational(7, 10), Y: Rational(3, 10)}, radius)
    r2 = (X - Rational(7, 10)) ** 2 + (Y - Rational(3, 10)) ** 2
    value = sin(X) * exp(Y) + log(r2) / 8 + radius * (X - Rational(7, 10)) / r2
    n = normal(X, Y)
    flux = U.diff(X) * n[0] + U.diff(Y) * n[1]
    return manufactured(
        SQUARE - hole, laplacian(U), U @ SQUARE.boundary, flux @ hole.boundary, exact={U: value}
    )


def test_a_small_hole_has_points_at_all_distances_that_count_as_far_as_they_are_away():
    residual = compile_problem(perforated(Rational(1, 1000))).residuals[0]
    x = np.random.default_rng(0).random((400, 2)) * np.ptp(CELL, axis=1) + CELL[:, 0]
    p = with_rims(residual, CELL, x, 0)
    distance = np.linalg.norm(p.x - AT, axis=1)
    assert distance.min() > 1e-3
    assert (distance < 3e-3).sum() > 10
    assert p.factors == pytest.approx(np.minimum(1.0, distance / 0.125) ** 2)


@pytest.mark.parametrize(
    ("radius", "cell"), [(Rational(1, 20), CELL), (Rational(1, 1000), CELL - 0.25)]
)
def test_a_large_hole_and_one_elsewhere_have_none(radius, cell):
    residual = compile_problem(perforated(radius)).residuals[0]
    p = with_rims(residual, cell, cell.mean(axis=1)[None], 0)
    assert p.factors is None
    assert len(p.x) == 1


def test_poles_beside_a_box_are_built_unless_the_box_meets_the_hole():
    hole = Hole((0.7, 0.3), 0.01)
    beside, meeting = {"x": (0.75, 1.0), "y": (0.25, 0.5)}, {"x": (0.7, 1.0), "y": (0.25, 0.5)}
    poles = Poles((), (hole,))
    assert poles.build(beside, 0).size == hole.functions
    assert poles.build(meeting, 0).size == 0


def test_cells_beside_a_hole_have_its_poles():
    layout = first_layout(compile_problem(perforated(Rational(1, 1000))), None, None, 1e-6)
    poles = ["Poles" in str(part) for part in layout.declared.parts]
    assert 4 <= sum(poles) <= 9


def test_a_hole_of_a_thousandth_is_met():
    solution = solve(perforated(Rational(1, 1000)), tolerance=1e-5, cells=(3, 3))
    assert solution.stopped == "met"
    assert solution.error() < 1e-5
