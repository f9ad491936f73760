"""Which powers of what walls give no smooth flow has: against flows that are known."""

from __future__ import annotations

import pytest
from sympy import Eq, Rational, sqrt

from pinnsolve import (
    Box,
    Polygon,
    Problem,
    compile_problem,
    coordinates,
    laplacian,
    normal_derivative,
    unknown,
)
from pinnsolve.discretize.walls import walled
from pinnsolve.problems.composite import COMPOSITE

x, y = coordinates("x y")
SQUARE = Box({x: (0, 1), y: (0, 1)})
LID, STILL = SQUARE.at(y=1), [SQUARE.at(x=0), SQUARE.at(x=1), SQUARE.at(y=0)]


def slow_flow(domain, *given, source=0):
    a, b, p = (unknown(name, x, y) for name in "abp")
    laws = [Eq(p.diff(c), laplacian(v, x, y)) for c, v in ((x, a), (y, b))]
    sides = [
        Eq(w, v) @ side for side, *values in given for w, v in zip((a, b), values, strict=True)
    ]
    return Problem(domain, *laws, Eq(a.diff(x) + b.diff(y), source), *sides)


def clashes(problem):
    return {w.vertex.point: w.clashes for w in walled(compile_problem(problem)) if w.clashes}


def cavity(speed):
    return slow_flow(SQUARE, (LID, speed, 0), *[(wall, 0, 0) for wall in STILL])


def as_a_stream_function(speed):
    s = unknown("s", x, y)
    sides = [Eq(normal_derivative(s), 0) @ wall for wall in STILL]
    lid = Eq(s.diff(y), speed) @ LID
    return Problem(SQUARE, Eq(laplacian(laplacian(s)), 0), Eq(s, 0) @ SQUARE.boundary, *sides, lid)


@pytest.mark.parametrize("declared", [cavity, as_a_stream_function])
def test_a_lid_clashes_with_walls_by_its_speed_or_its_slope(declared):
    both = (0, 1), (1, 1)
    assert clashes(declared(1)) == dict.fromkeys(both, (0,))
    assert clashes(declared(4 * x * (1 - x))) == dict.fromkeys(both, (1,))
    assert clashes(declared(1 + x)) == dict.fromkeys(both, (0, 1))
    # A lid that starts and ends as a parabola: of what is left each power is a polynomial.
    assert clashes(declared(16 * x**2 * (1 - x) ** 2)) == {}


def test_what_a_linear_flow_gives_clashes_nowhere():
    """Along every side its velocity has a slope; if it has a source, that must be given."""
    triangle = Polygon((x, y), [(0, 0), (2, 0), (1, 1)])
    linear = 3 + 2 * x - y, 1 + x + 5 * y
    assert clashes(slow_flow(triangle, (triangle.boundary, *linear), source=7)) == {}
    assert len(clashes(slow_flow(triangle, (triangle.boundary, *linear)))) == 3


def test_between_walls_at_sixty_degrees_a_sheared_one_clashes():
    triangle = Polygon((x, y), [(0, 0), (1, 0), (Rational(1, 2), sqrt(3) / 2)])
    below, above = (triangle.boundary.where(side) for side in (y < 1e-9, y > 1e-9))
    flow = slow_flow(triangle, (below, x * (1 - x), 0), (above, 0, 0))
    assert list(clashes(flow).values()) == [(1,), (1,)]


def test_a_parabola_that_flows_in_between_walls_is_smooth():
    assert clashes(COMPOSITE["stokes_step"]()) == {}
    assert clashes(COMPOSITE["navier_stokes_cylinder"]()) == {}
