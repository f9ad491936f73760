"""Cells at a corner where a wall slides: rows that count less there, and more that is left free."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq, atan2, lambdify, log, pi

from pinnsolve import Box, Budget, Problem, compile_problem, coordinates, laplacian, unknown
from pinnsolve.cells.places import rows_of
from pinnsolve.cells.points import DENSITY
from pinnsolve.cells.spaces import cells_of
from pinnsolve.discretize.points import fills_domain
from pinnsolve.problems import CATALOGUE
from pinnsolve.search.task import Task
from pinnsolve.strategies.fits_in_cells import fit_in
from pinnsolve.strategies.layouts import first_layout
from pinnsolve.strategies.wavelengths import waves_of

x, y = coordinates("x y")


def test_rows_near_a_sliding_corner_count_less_and_its_cell_leaves_more_free():
    system = compile_problem(CATALOGUE["cavity_100"]())
    layout = first_layout(system, None, None, 1e-3)
    layout = replace(layout, parts=(waves_of(36, 7.0),) * len(layout.parts))
    rows = rows_of(system, cells_of(system, layout.tree, layout.declared.parts, 0), 0)
    (corner,) = (k for k, box in enumerate(layout.tree.cells) if box[0, 0] == 0 and box[1, 1] == 1)
    (middle,) = (
        k for k, box in enumerate(layout.tree.cells) if np.allclose(box, [[0.25, 0.5]] * 2)
    )
    ((law, p),) = (each for each in rows.local[corner] if fills_domain(each[0].condition.region))
    half = np.ptp(layout.tree.cells[corner], axis=1).min() / 2
    distance = np.linalg.norm(p.x - [0, 1], axis=1)
    assert p.factors == pytest.approx(np.minimum(1.0, distance / half) ** 4)
    assert p.factors.min() < 1e-2
    (others,) = (q for r, q in rows.local[middle] if r is law)
    assert others.factors.min() == 1
    assert rows.free(middle) == DENSITY.free * 6
    columns = rows.cells.spaces[corner].columns
    assert rows.free(corner) == np.ceil(2 * DENSITY.free * columns**0.5)


def beside_a_sloped_lid():
    """Slow flow whose speed on the lid is 4 x, and its pressure a logarithm of the distance."""
    a, b, p = (unknown(name, x, y) for name in "abp")
    square, h = Box({x: (0, 1), y: (0, 1)}), 1 - y
    th, r2 = atan2(h, x), x**2 + h**2
    values = {a: 4 * x + 4 * h * th - 2 * pi * h, b: 4 * x * th, p: 4 * log(r2)}
    lid, wall = square.at(y=1), square.at(x=0)
    others = [(v, values[v], square.at(**side)) for side in ({"x": 1}, {"y": 0}) for v in (a, b)]
    sides = [(a, 4 * x, lid), (b, 0, lid), (a, 0, wall), (b, 0, wall), *others]
    laws = [Eq(p.diff(c), laplacian(v, x, y)) for c, v in ((x, a), (y, b))]
    given = [Eq(v, value) @ side for v, value, side in sides]
    pinned = Eq(p(1, 0), 4 * log(2))
    return Problem(square, *laws, Eq(a.diff(x) + b.diff(y), 0), *given, pinned, exact=values)


def test_beside_a_lid_whose_speed_has_a_slope_the_flow_is_found():
    """Without functions of the corner, the pressure's logarithm is missed, by 1e-3."""
    system = compile_problem(beside_a_sloped_lid())
    layout = first_layout(system, None, None, 1e-3)
    corners = tuple(c for c in layout.flow_corners if c.at == (0, 1))
    layout = replace(layout, parts=(waves_of(130, 7.0),) * len(layout.parts), flow_corners=corners)
    fitted, _ = fit_in(Task(system, 1e-3, Budget(), 0), layout, 0)
    at = np.random.default_rng(0).random((2000, 2))
    found = fitted.field.values(at).numpy()
    for u, own in zip(system.problem.unknowns, found, strict=True):
        known = lambdify((x, y), system.problem.exact[u])(*at.T)
        assert np.linalg.norm(own - known) < 1e-4 * np.linalg.norm(known)
