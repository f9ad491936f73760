"""Conditions that contradict each other or are missing: said before any work; those that agree are not."""

from __future__ import annotations

import re

import pytest
from sympy import Eq, Rational, cos, pi, sin

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Data,
    Interface,
    Interval,
    PointCloud,
    Problem,
    compile_problem,
    coordinates,
    laplacian,
    normal_derivative,
    solve,
    unknown,
)
from pinnsolve.discretize.consistency import bare_faces, open_coordinates, require_consistent
from pinnsolve.discretize.determined import undetermined_part
from pinnsolve.problems import CATALOGUE
from small_problems import compiled

x, y, t = coordinates("x y t")
u, w = unknown("u", x, y), unknown("w", x, t)
square = Box({x: (0, 1), y: (0, 1)})
strip = Box({x: (0, 1), t: (0, 1)})


def test_contradictory_conditions_are_refused_before_any_work():
    problem = Problem(
        square, Eq(laplacian(u), 1), Eq(u, 0) @ square.boundary, Eq(2 * u, y) @ square.at(x=0)
    )
    with pytest.raises(
        ValueError, match=r"contradictory conditions: .* give -?0 and .* at x=0, y=.*where"
    ):
        solve(problem, tolerance=1e-6)


z = unknown("z", x)
line = Box({x: (0, 1)})
bent, loaded, zero = Eq(z.diff(x, 2), 1), Eq(laplacian(u), 1), Eq(u, 0) @ square.boundary
CLASHING = {
    "at an end": (line, bent, Eq(z(0), 0), Eq(z(0), 1)),
    "at an end and the boundary": (line, bent, Eq(z, 0) @ line.boundary, Eq(2 * z(1), 1)),
    "at a point inside": (square, loaded, Eq(u(0.5, 0.5), 0), Eq(u, 1) @ square.at(x=0.5, y=0.5)),
    "tiny, at a point of an edge": (
        square,
        loaded,
        Eq(u(0, 0.5), 1e-9),
        Eq(u, 2e-9) @ square.at(x=0),
    ),
    "at a corner": (square, loaded, zero, Eq(u(0, 0), 1)),
    "slopes at an end": (line, bent, Eq(z.diff(x).subs(x, 0), 0), Eq(z.diff(x).subs(x, 0), 1)),
    "slopes on an edge": (square, loaded, Eq(u.diff(x).subs(x, 0), 0), Eq(u.diff(x).subs(x, 0), y)),
}


@pytest.mark.parametrize("name", CLASHING)
def test_contradictions_at_points_and_of_slopes_are_refused(name):
    with pytest.raises(ValueError, match="contradictory conditions: "):
        require_consistent(compile_problem(Problem(*CLASHING[name])))


def test_values_that_agree_at_a_point_are_not_refused():
    cloud = PointCloud({x: [0, 0.5], y: [0, 0.5]})
    for equations in (
        (line, bent, Eq(z, cos(x * pi / 2)) @ line.boundary, Eq(z(1), 0)),  # 6e-17 at 1
        (line, bent, Eq(z(0), 0), Eq(z(0) + z(1), 1), Eq(z.diff(x).subs(x, 0), 1)),
        (square, loaded, zero, Eq(u(0.5, 0.5), 1)),
        (square, loaded, Eq(x * u, sin(x)) @ square.at(y=0), Eq(u(0, 0), 1)),  # 0/0 there
        (square, loaded, zero, Eq(u, Data([1.0, 2.0])) @ cloud),
    ):
        require_consistent(compile_problem(Problem(*equations)))


def test_conditions_that_agree_or_only_touch_are_not_refused():
    touching = Problem(
        square, Eq(laplacian(u), 1), Eq(u, 0) @ square.at(x=0), Eq(u, 1) @ square.at(y=0)
    )
    agreeing = Problem(
        square, Eq(laplacian(u), 1), Eq(u, x) @ square.boundary, Eq(3 * u, 3) @ square.at(x=1)
    )
    slope = Problem(
        square,
        Eq(laplacian(u), 1),
        Eq(u, 0) @ square.boundary,
        Eq(normal_derivative(u), 1) @ square.at(x=0),
    )
    for problem in (touching, agreeing, slope):
        require_consistent(compile_problem(problem))


@pytest.mark.slow
def test_time_without_initial_data_is_not_unique():
    problem = Problem(
        strip, Eq(w.diff(t) - w.diff(x, 2), 1), Eq(w, 0) @ strip.at(x=0), Eq(w, 0) @ strip.at(x=1)
    )
    assert open_coordinates(compile_problem(problem)) == ["t"]
    with pytest.warns(UserWarning, match="not uniquely solvable"):
        solution = solve(problem, tolerance=1e-6)
    assert solution.stopped == "not unique"
    assert "nothing is prescribed at either end of t" in solution.diagnosis()[0]
    assert solution.diagnosis()[0] in solution.report()


@pytest.mark.slow
@pytest.mark.parametrize("name", CATALOGUE)
def test_problems_of_the_catalogue_are_consistent_and_no_coordinate_is_open(name):
    require_consistent(compiled(name))
    assert open_coordinates(compiled(name)) == []


@pytest.mark.slow
def test_a_side_without_a_condition_is_named():
    bare = Problem(square, Eq(laplacian(u), 1), Eq(u(0, y), 0), Eq(u(1, y), 0), Eq(u(x, 0), 0))
    with pytest.warns(UserWarning, match="not uniquely solvable"):
        solution = solve(bare, tolerance=1e-6, budget=Budget(columns=400))
    (said,) = solution.diagnosis()
    assert "at least" in said
    assert "nothing is prescribed on domain.at(y=1)" in said
    assert "x=" not in said


def test_ends_that_want_no_condition_are_not_bare():
    """Time has a first end only, characteristics enter once; a disk's rim is named by a point on
    it.
    """
    line = Box({x: (0, 1), y: (0, 1)})
    ends = Eq(u(0, y), 0), Eq(u(1, y), 0)
    wave = Problem(
        line, Eq(u.diff(y, 2), u.diff(x, 2)), Eq(u(x, 0), 0), Eq(u.diff(y), 0) @ line.at(y=0), *ends
    )
    assert bare_faces(compile_problem(wave)) == []
    assert bare_faces(compile_problem(Problem(line, Eq(u.diff(x), u), Eq(u(0, y), 1)))) == []
    disk = Ball({x: 0, y: 0}, 1)
    half = Problem(disk, Eq(laplacian(u), 1), Eq(u, 0) @ disk.boundary.where(x > 0))
    (place,) = bare_faces(compile_problem(half))
    assert re.fullmatch(r"x=-[\d.e-]+, y=[\d.e-]+", place)
    assert (
        bare_faces(compile_problem(Problem(disk, Eq(laplacian(u), 1), Eq(u, 0) @ disk.boundary)))
        == []
    )


@pytest.mark.slow
def test_boundaries_that_may_go_without_a_condition():
    """Two conditions on one side, data inside, an axis of rotation, an end of time."""
    left, line = square.at(x=0), Eq(u, 0) @ square.at(y=0)
    cauchy = Problem(
        square,
        Eq(laplacian(u), 0),
        Eq(u, 0) @ left,
        Eq(u.diff(x), y) @ left,
        line,
        Eq(u, x) @ square.at(y=1),
    )
    measured = Problem(square, Eq(laplacian(u), 0), line, Eq(u, 1) @ square.at(x=Rational(1, 2)))
    radial = Problem(
        square,
        Eq(x * u.diff(x, 2) + u.diff(x) + x * u.diff(y, 2), 0),
        Eq(u(1, y), 1),
        line,
        Eq(u(x, 1), 0),
    )
    heat = Problem(
        strip, Eq(w.diff(t), w.diff(x, 2)), Eq(w(x, 0), 0), Eq(w(0, t), 0), Eq(w(1, t), 1)
    )
    divided = Problem(
        square, Eq(laplacian(u) + u.diff(x) / x, 0), Eq(u(1, y), 1), line, Eq(u(x, 1), 0)
    )
    for problem in (cauchy, measured, radial, divided, heat):
        assert not undetermined_part(compile_problem(problem))
    f, pieces = unknown("f", x), Interval(x, 0, 1) | Interval(x, 2, 3)
    ends = Eq(f(0), 0), Eq(f(1), 0)
    assert undetermined_part(compile_problem(Problem(pieces, Eq(f.diff(x, 2), 1), *ends)))
    assert not undetermined_part(
        compile_problem(Problem(pieces, Eq(f.diff(x, 2), 1), *ends, Eq(f(2), 0), Eq(f(3), 1)))
    )
    bare = Problem(strip, Eq(w.diff(t), w.diff(x, 2)), Eq(w(x, 0), 0), Eq(w(0, t), 0))
    assert undetermined_part(compile_problem(bare))


v = unknown("v", x, y)
SUMS = {
    "an interface": ([Eq(u, v), Eq(u, v + 1)], True),
    "another way round": ([Eq(u, v), Eq(2 * v, 2 * u + y)], True),
    "said twice": ([Eq(u, v), Eq(3 * v, 3 * u)], False),
    "another sum": ([Eq(u, v), Eq(u, 2 * v + 1)], False),
    "a jump": ([Eq(u, v + 1), Eq(u.diff(x), v.diff(x))], False),
    "Robin": ([Eq(u + u.diff(x), 1), Eq(u + u.diff(x), 2)], True),
}


@pytest.mark.parametrize("name", SUMS)
def test_sums_of_unknowns_on_an_interface_contradict_each_other(name):
    low, high = Box({x: (0, 1), y: (0, 1)}), Box({x: (1, 2), y: (0, 1)})
    equations, contradict = SUMS[name]
    face = Interface(low, high)
    laws = [Eq(laplacian(u), 0) @ low, Eq(laplacian(v), 0) @ high]
    problem = Problem(low | high, *laws, *(e @ face for e in equations))
    if contradict:
        with pytest.raises(ValueError, match=r"(?s)contradictory.*Interface.* give .* at x=1, y="):
            require_consistent(compile_problem(problem))
    else:
        require_consistent(compile_problem(problem))
