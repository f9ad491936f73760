"""Where cells have points of their equations."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Rational, cos, exp

from pinnsolve import Ball, Box, Budget, Dense, Waves, coordinates, laplacian, manufactured, unknown
from pinnsolve.basis.sums import Sum
from pinnsolve.cells import solve
from pinnsolve.cells.places import rows_of
from pinnsolve.cells.points import AS_DRAWN, SOLVED, towards_sides
from pinnsolve.cells.spaces import cells_of, inside
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.measure import residual_field
from pinnsolve.discretize.points import fills_domain
from pinnsolve.discretize.sobol import sobol
from pinnsolve.fields.tree import grid

X, Y = coordinates("x y")
U = unknown("u", X, Y)
SQUARE = Box({X: (0, 1), Y: (0, 1)})


@pytest.mark.parametrize("box", [[[0.0, 0.5], [0.5, 1.0]], [[0.25, 1.0], [0.0, 1.0]]])
def test_points_that_fill_a_cell_are_twice_as_dense_at_its_sides(box):
    bounds = np.array(box)
    low, sides = bounds[:, 0], np.ptp(bounds, axis=1)
    even = low + sides * sobol(1 << 14, 2, np.random.default_rng(0))
    moved = towards_sides(even, bounds, SQUARE)
    for unit in ((moved - low) / sides).T:
        counts, _ = np.histogram(unit, bins=[0, 0.01, 0.495, 0.505, 0.99, 1])
        # Halfway to Chebyshev's the place of s is s / 2 + (1 - cos(pi s)) / 4: at 1/2 it moves
        # with the speed 1/2 + pi / 4, at a side with 1/2.
        assert counts.sum() == len(even)
        assert counts[[0, 4]] / len(even) == pytest.approx(0.0190, rel=0.05)
        assert counts[2] / len(even) == pytest.approx(0.01 / (0.5 + np.pi / 4), rel=0.05)


@pytest.mark.parametrize("at", [Rational(1, 2), Rational(1)])
def test_cells_that_a_region_does_not_fill_have_even_points(at):
    region = SQUARE - Ball({X: at, Y: Rational(1, 2)}, Rational(1, 16))
    even = sobol(4096, 2, np.random.default_rng(0))
    even = even[region.contains(even)]
    assert towards_sides(even, SQUARE.bounds, region) is even


def test_cells_with_other_functions_than_waves_have_even_points():
    problem = manufactured(SQUARE, laplacian(U), U @ SQUARE.boundary, exact={U: X})
    system, tree, waves = compile_problem(problem), grid(SQUARE.bounds, (2, 1)), Dense(40)
    cells = cells_of(system, tree, [waves, Sum((waves, waves))], 0)
    places = [
        next(p.x for r, p in own if fills_domain(r.condition.region))
        for own in rows_of(system, cells, 0).local
    ]
    even = [inside(SQUARE, box, len(x), 0) for box, x in zip(tree.cells, places, strict=True)]
    assert np.array_equal(places[0], towards_sides(even[0], tree.cells[0], SQUARE))
    assert np.array_equal(places[1], even[1])


def test_residuals_beside_the_sides_of_cells_are_smaller_than_with_even_points(monkeypatch):
    value = cos(12 * X + 16 * Y) + exp(X)
    problem = manufactured(SQUARE, laplacian(U) + 400 * U, U @ SQUARE.boundary, exact={U: value})
    system, tree = compile_problem(problem), grid(SQUARE.bounds, (2, 2))
    waves = [Dense(150, 1, "sin", Waves(7.0))] * 4
    law = next(r for r in system.residuals if fills_domain(r.condition.region))
    x = np.random.default_rng(1).random((4000, 2))

    def largest(placed):
        monkeypatch.setattr(solve, "rows_of", lambda *a, **k: rows_of(*a, **k, placed=placed))
        field = solve.solved(system, tree, waves, 0, Budget()).field
        return float(residual_field(law, field, x).abs().max())

    rows_of = solve.rows_of
    assert largest(SOLVED) < largest(AS_DRAWN) / 3
