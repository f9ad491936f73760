"""Hard conditions: lifts and factors against the data, solutions against exact ones, and what
cannot be hard.
"""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, cos, exp, pi, sin

from pinnsolve import (
    Ball,
    Box,
    Dense,
    Interval,
    Problem,
    coordinates,
    hard,
    laplacian,
    manufactured,
    sample_region,
    solve,
    unknown,
)
from pinnsolve.symbols.occurrences import substitute

x, y, z, t = coordinates("x y z t")
u, v = unknown("u", x, y), unknown("v", x, y)
square = Box({x: (-1, 2), y: (0, 1)})
EXACT = exp(x - y) + x * y**2


def with_free_at(free, unknown_, value):
    """An unknown's field with a formula in the place of the free function."""
    (w,) = free.problem.unknowns
    return substitute(free.fields[unknown_], {w: value})


def test_the_lift_has_the_data_on_all_faces_and_the_factor_none():
    free = hard(manufactured(square, -laplacian(u), u @ square.boundary, exact={u: EXACT}))
    assert [len(free.problem.conditions), str(free.problem.unknowns[0].func)] == [1, "u_free"]
    field = with_free_at(free, u, sin(7 * x) + y + 3)
    for face in ({x: -1}, {x: 2}, {y: 0}, {y: 1}):
        assert (field - EXACT).subs(face).simplify() == 0
    assert float(field.subs({x: 0.3, y: 0.4})) != pytest.approx(float(EXACT.subs({x: 0.3, y: 0.4})))


def test_values_on_a_slice_within_the_domain_stay_an_equation():
    """No face of the box lies there: the lift cannot hold them."""
    within = u @ square.at(x=0)
    free = hard(manufactured(square, -laplacian(u), u @ square.boundary, within, exact={u: EXACT}))
    assert [c.region for c in free.problem.conditions] == [square, square.at(x=0)]


def test_faces_in_three_dimensions_and_in_time():
    """Data of opposite faces, of a single one, and initial values: the free function is as it was
    where nothing is given.
    """
    w = unknown("w", x, y, t)
    box = Box({x: (0, 1), y: (0, 1), t: (0, 2)})
    value = (1 + x * y) * cos(t) + x**2
    left = w.diff(t) - laplacian(w, x, y)
    given = [w @ box.at(**face) for face in ({"x": 0}, {"x": 1}, {"y": 1}, {"t": 0})]
    free = hard(manufactured(box, left, *given, w.diff(y) @ box.at(y=0), exact={w: value}))
    assert len(free.problem.conditions) == 2  # the equation and the flux
    field = with_free_at(free, w, exp(x + y + t))
    for face in ({x: 0}, {x: 1}, {y: 1}, {t: 0}):
        assert (field - value).subs(face).simplify() == 0
    assert field.subs({t: 2, x: 0.5, y: 0.5}) != value.subs({t: 2, x: 0.5, y: 0.5})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("domain", "left", "exact"),
    [
        (square, -laplacian(u), EXACT),
        (square, -laplacian(u) + u**3, sin(x + y) * y),
        (Ball({x: 1, y: 0}, 2), -laplacian(u) + u, exp(x / 2) * sin(y)),
    ],
    ids=["square", "nonlinear", "disk"],
)
def test_solutions_are_the_exact_ones_and_on_the_boundary_to_round_off(domain, left, exact):
    problem = manufactured(domain, left, u @ domain.boundary, exact={u: exact})
    on_the_sphere = (
        exact if isinstance(domain, Box) else exact + (4 - (x - 1) ** 2 - y**2) * cos(x)
    )  # not the solution
    stated = Problem(domain, problem.conditions[0], Eq(u, on_the_sphere) @ domain.boundary)
    free = hard(stated)
    solution, (w,) = solve(free.problem, Dense(300)), free.problem.unknowns
    for region, size in ((domain, 1e-5), (domain.boundary, 1e-13)):
        points = sample_region(region, 500, 7).x
        true = solution(points, exact + 0 * w)
        assert np.linalg.norm(solution(points, free.fields[u]) - true) < size * np.linalg.norm(true)


def test_an_unknown_of_a_system_may_stay_free():
    problem = Problem(
        square,
        Eq(u.diff(x) - v, 0),
        Eq(v.diff(x) + u, y),
        Eq(u(-1, y), y),
        Eq(v.diff(x).subs(x, 2), 0),
    )
    free = hard(problem)
    assert free.fields[v] == v
    assert len(free.problem.conditions) == 3
    assert {str(w.func) for w in free.problem.unknowns} == {"u_free", "v"}


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (
            Problem(square, Eq(laplacian(u), 1), Eq(u.diff(x), 0) @ square.boundary),
            "nothing can be hard",
        ),
        (
            Problem(square, Eq(laplacian(u), 1), Eq(u**2, 1) @ square.boundary),
            "nothing can be hard",
        ),
        (
            Problem(square, Eq(laplacian(u), 1), Eq(u, 1) @ square.boundary.where(y > 0.5)),
            "nothing can be hard",
        ),
    ],
    ids=["Neumann", "nonlinear", "a part of the boundary"],
)
def test_what_cannot_be_hard(problem, message):
    with pytest.raises(ValueError, match=message):
        hard(problem)
    w, pipe = unknown("w", x, y, z), Ball({x: 0, y: 0}, 1) * Interval(z, 0, 1)
    with pytest.raises(ValueError, match="boxes and balls"):
        hard(Problem(pipe, Eq(laplacian(w), 1), Eq(w, 0) @ pipe.boundary))


def test_periodic_conditions_stay():
    w = unknown("w", x, t)
    box = Box({x: (0, 1), t: (0, 1)})
    problem = Problem(
        box, Eq(w.diff(t) + w.diff(x), 0), Eq(w(x, 0), sin(2 * pi * x)), Eq(w(0, t), w(1, t))
    )
    assert len(hard(problem).problem.conditions) == 2
