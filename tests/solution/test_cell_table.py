"""Cells as a table and as a picture: where a solution is not good enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq, Rational, exp, sin

from pinnsolve import (
    Ball,
    Box,
    Dense,
    Interval,
    Problem,
    Waves,
    by_array,
    coordinates,
    divergence,
    gradient,
    laplacian,
    load,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.fields.cellwise import Cellwise

x, y = coordinates("x y")
u = unknown("u", x, y)
SQUARE = Box({x: (0, 1), y: (0, 2)})
HOLE = Ball({x: Rational(3, 4), y: Rational(3, 2)}, Rational(1, 8))


@pytest.fixture(scope="module")
def solution():
    plate = SQUARE - HOLE
    law = manufactured(plate, laplacian(u), u @ plate.boundary, exact={u: sin(x) * exp(y)})
    return solve(law, Dense(90, activation="sin"), cells=(2, 3))


def test_a_row_a_cell(solution):
    table = solution.cells()
    assert {len(column) for column in table.values()} == {6}
    areas = np.prod([table[f"{c}_high"] - table[f"{c}_low"] for c in "xy"], axis=0)
    np.testing.assert_allclose(areas, 1 / 3)
    assert table["functions"].sum() == solution.field.functions
    np.testing.assert_array_equal(table["fault"], np.hypot(table["residual"], table["jump"]))
    assert 0 < table["fault"].max() < 1e-3


def test_a_fault_is_that_of_its_cell(solution):
    """Functions of one cell are 1.001 times as large: its values jump by that much at its faces."""
    field, cell = solution.field, 0
    scaled = [p.coefficients * (1.001 if k == cell else 1) for k, p in enumerate(field.parts)]
    table, before = (s.cells() for s in (spoilt(solution, field, scaled), solution))
    assert table["fault"].argmax() == cell
    beside = table["jump"] > 10 * before["jump"]
    touching = (table["x_low"] <= table["x_high"][cell]) & (table["y_low"] < table["y_high"][cell])
    touching |= (table["y_low"] <= table["y_high"][cell]) & (table["x_low"] < table["x_high"][cell])
    assert beside.tolist() == touching.tolist()
    # A sixth of the domain; values of about one, which vary by about that.
    assert 1e-4 < table["jump"][cell] * 6**0.5 < 1e-3


def spoilt(solution, field, coefficients):
    return replace(solution, field=Cellwise.of(field.cells, coefficients))


def test_it_is_in_the_file(solution, tmp_path):
    solution.save(tmp_path / "cells.st")
    again = load(tmp_path / "cells.st").cells()
    for name, column in solution.cells().items():
        np.testing.assert_array_equal(again[name], column)


def test_the_picture_has_the_boxes_and_what_bounds_the_domain(solution, tmp_path):
    figure = solution.plot_cells(tmp_path / "cells")
    assert (tmp_path / "cells.png").stat().st_size > 5000
    ax, _ = figure.axes
    table = solution.cells()
    (boxes,) = [c for c in ax.collections if c.get_array() is not None and len(c.get_array()) == 6]
    np.testing.assert_array_equal(boxes.get_array(), table["fault"])
    corners = np.array([path.vertices for path in boxes.get_paths()])
    for axis, c in enumerate("xy"):
        np.testing.assert_array_equal(corners[..., axis].min(axis=1), table[f"{c}_low"])
        np.testing.assert_array_equal(corners[..., axis].max(axis=1), table[f"{c}_high"])
    lines = np.concatenate([line.get_xydata() for line in ax.lines])
    lines = lines[np.isfinite(lines).all(axis=1)]
    rim = np.abs(np.hypot(lines[:, 0] - 0.75, lines[:, 1] - 1.5) - 0.125) < 1e-12
    assert rim.sum() > 300
    assert np.abs(SQUARE.signed_distance(lines[~rim])).max() < 1e-12


def test_materials_are_outlined():
    k = by_array({x: [0, 0.5, 1], y: [0, 2]}, [[1], [2]])
    law = Eq(divergence(k * gradient(u)), 0)
    plate = Problem(SQUARE, law, Eq(u, y) @ SQUARE.boundary)
    figure = solve(plate, Dense(90, activation="sin"), cells=(2, 2)).plot_cells()
    ends = [line.get_xydata()[[0, -1]] for line in figure.axes[0].lines]
    assert any((end[:, 0] == 0.5).all() and np.ptp(end[:, 1]) == 2 for end in ends)


def test_of_lines_and_bodies():
    v, line = unknown("v", x), Interval(x, 0, 1)
    rod = Problem(line, Eq(v.diff(x, 2), 1), Eq(v, 0) @ line.boundary)
    in_cells = solve(rod, Dense(40, activation="sin"), cells=(4,))
    assert len(in_cells.cells()["x_low"]) == 4
    assert in_cells.plot_cells().axes[0].get_yscale() == "log"
    (z,) = coordinates("z")
    w, body = unknown("w", x, y, z), Box(dict.fromkeys((x, y, z), (0, 1)))
    cube = Problem(body, Eq(laplacian(w), 0), Eq(w, z) @ body.boundary)
    figure = solve(
        cube, Dense(150, activation="sin", initialize=Waves(2.0)), cells=(2, 1, 2)
    ).plot_cells()
    assert figure.axes[0].get_title().endswith("at z=0.5")
    assert len(figure.axes[0].collections[0].get_array()) == 2


def test_what_has_no_cells_says_so():
    v, line = unknown("v", x), Interval(x, 0, 1)
    one = solve(Problem(line, Eq(v.diff(x), 1), Eq(v(0), 0)), Dense(20))
    with pytest.raises(TypeError, match=r"has no cells .*'functions': 2.*solve\(problem, cells="):
        one.cells()
    with pytest.raises(TypeError, match="has no cells"):
        one.plot_cells("cells.png")
