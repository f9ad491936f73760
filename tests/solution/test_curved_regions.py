"""Problems in regions with curved boundaries: solved blind, written, read again, and drawn."""

from __future__ import annotations

import time

import numpy as np
import pytest
from sympy import Eq, cos, exp, log, pi, sin

from pinnsolve import (
    Arc,
    Box,
    Budget,
    Cone,
    Curve,
    Dense,
    Ellipse,
    Implicit,
    Interval,
    Problem,
    Spline,
    Torus,
    coordinates,
    laplacian,
    load,
    normal_derivative,
    sample_region,
    solve,
    unknown,
)
from pinnsolve.problems.shapes import SHAPES

x, y, z, s, t = coordinates("x y z s t")
r, whole = 1 + cos(5 * s) / 4, (s, 0, 2 * pi)
angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
star = Curve({x: r * cos(s), y: r * sin(s)}, whole)
REGIONS = {
    "a star": star,
    "a hole in an ellipse": Ellipse({x: 0, y: 0}, {x: 2, y: 1})
    - Ellipse({x: 0.3, y: 0}, {x: 0.4, y: 0.2}),
    "a spline": Spline({x: 2 * np.cos(angles), y: np.sin(angles)}),
    "a level set": Implicit(x**4 + y**4 < 1, {x: (-2, 2), y: (-2, 2)}),
    "a star in a plate": Box({x: (-2, 2), y: (-2, 2)}) - star,
    "a torus": Torus({x: 0, y: 0, z: 0}, 1, 0.4),
    "a cone": Cone({x: 0, y: 0}, 1, {z: (0, 1.5)}),
    "a soft cube": Implicit(x**4 + y**4 + z**4 < 1, dict.fromkeys((x, y, z), (-1.5, 1.5))),
}


def poisson(region):
    """With an exact solution, given by values on one part of the boundary and fluxes on another."""
    names = region.coordinates
    u = unknown("u", *names)
    exact = exp(x / 2) * sin(y) + (cos(z) * x if z in names else cos(2 * x * y))
    sides = region.boundary.where(x > 0), region.boundary.where(x <= 0)
    return Problem(
        region,
        Eq(-laplacian(u), -laplacian(exact, *names)),
        Eq(u, exact) @ sides[0],
        Eq(normal_derivative(u), normal_derivative(exact, *names)) @ sides[1],
        exact={u: exact},
    )


def of_work(seconds):
    """A budget of CPU seconds: on a busy machine a solve has as much of it."""
    return Budget(seconds, clock=time.process_time)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a spline", "a cone", "a soft cube"])
def test_mixed_conditions_are_met_blind(name):
    found = solve(poisson(REGIONS[name]), tolerance=1e-8, budget=of_work(40))
    assert found.history.stopped == "met"
    assert found.error().maximum < 3e-8


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
def test_problems_in_shapes_are_met_blind(name):
    found = solve(SHAPES[name](), tolerance=1e-8, budget=of_work(40))
    assert found.history.stopped == "met"
    assert found.error().maximum < 3e-8


@pytest.mark.slow
def test_a_small_hole_of_any_shape_has_poles():
    """Without poles inside, cells around it end at 1e-2."""
    u, small = unknown("u", x, y), r / 20
    hole = Curve({x: small * cos(s), y: small * sin(s)}, whole)
    plate = Box({x: (-1, 1), y: (-1, 1)}) - hole
    exact = x / (x**2 + y**2) / 10 + log(x**2 + y**2) + y
    problem = Problem(plate, Eq(laplacian(u), 0), Eq(u, exact) @ plate.boundary, exact={u: exact})
    found = solve(problem, tolerance=1e-8, budget=of_work(40))
    assert found.history.stopped == "met"
    assert found.error().maximum < 3e-8


@pytest.mark.parametrize("name", ["a star", "a spline", "a level set", "a cone"])
def test_solutions_are_read_as_they_were_written(name, tmp_path):
    problem = poisson(REGIONS[name])
    found = solve(problem, Dense(40))
    found.save(tmp_path / "there.st")
    again = load(tmp_path / "there.st")
    assert again.problem.domain == problem.domain
    places = sample_region(problem.domain, 50, 0)
    assert again(places) == pytest.approx(found(places), abs=0)


@pytest.mark.parametrize("name", ["a star in a plate", "a spline", "a level set", "a torus"])
def test_regions_and_problems_are_drawn(name):
    region = REGIONS[name]
    figure = region.plot()
    assert figure.axes[0].has_data()
    assert poisson(region).plot().axes[0].has_data()


def test_a_level_set_of_two_parts_has_a_line_for_each():
    drops = Implicit((x**2 - 1) ** 2 + y**2 < 0.5, {x: (-2, 2), y: (-2, 2)})
    lines = [line.get_xydata() for line in drops.plot().axes[0].lines]
    assert len(lines) == 2
    assert max(np.linalg.norm(np.diff(each, axis=0), axis=1).max() for each in lines) < 0.03


def test_an_open_curve_is_drawn_and_holds_rows():
    u = unknown("u", x, y)
    inner = Arc({x: cos(s) / 2, y: sin(s) / 2}, (s, 0, pi))
    known = x**2 - y**2
    problem = Problem(star, Eq(laplacian(u), 0), Eq(u, known) @ inner, exact={u: known})
    assert inner.plot().axes[0].has_data()
    assert problem.conditions[1].region == inner


def test_a_wall_moves_with_time():
    """A curved region times an interval: heat in a star, from a start."""
    u = unknown("u", x, y, t)
    exact = exp(-t) * sin(x) * cos(0 * y)
    domain = star * Interval(t, 0, 1)
    problem = Problem(
        domain,
        Eq(u.diff(t), laplacian(u, x, y)),
        Eq(u, exact) @ domain.sides(t),
        Eq(u(x, y, 0), sin(x)),
        exact={u: exact},
    )
    found = solve(problem, tolerance=1e-6, budget=of_work(30))
    assert found.history.stopped == "met"
    assert found.error().maximum < 1e-6
