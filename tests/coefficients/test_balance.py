"""Units of unknowns in several regions, against what the exact solution varies by; and what they
are worth.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Eq, Integer, Rational

from pinnsolve import (
    Ball,
    Box,
    Dense,
    Problem,
    Waves,
    by_region,
    compile_problem,
    coordinates,
    divergence,
    gradient,
    laplacian,
    unknown,
)
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.poles import Poles
from pinnsolve.coefficients.balance import balanced
from pinnsolve.search.fit import fit
from pinnsolve.solution.judging import error_on_points

x, y = coordinates("x y")
u = unknown("u", x, y)
plate = Box({x: (-1, 1), y: (-1, 1)})
disk = Ball({x: 0, y: 0}, Rational(1, 2))
left, right = Box({x: (-1, 0), y: (0, 1)}), Box({x: (0, 1), y: (0, 1)})
halves = Box({x: (-1, 1), y: (0, 1)})


def conduction(domain, conductivity, exact):
    law = Eq(divergence(by_region(conductivity) * gradient(u)), 0)
    exact = by_region(exact)
    return Problem(domain, law, Eq(u, exact) @ domain.boundary, exact={u: exact})


def disk_in_a_plate(k):
    """A field x far away, of a disk whose conductivity is k: x + a x / r^2 around it."""
    inside, outside = 2 * x / (k + 1), x + (1 - k) / (1 + k) * x / (4 * (x**2 + y**2))
    return conduction(plate, {disk: k, plate - disk: 1}, {disk: inside, plate - disk: outside})


def half_planes(k):
    return conduction(halves, {left: 1, right: k}, {left: k * x / (k + 1), right: x / (k + 1)})


SIZES = {
    "a disk that conducts well": (disk_in_a_plate(Integer(1000)), (1.1e-3, 1.0)),
    "a disk that hardly conducts": (disk_in_a_plate(Rational(1, 1000)), (0.6, 1.0)),
    "a millionfold": (disk_in_a_plate(Integer(10**6)), (1.1e-6, 1.0)),
    "a right half that conducts well": (half_planes(Integer(1000)), (1.0, 1e-3)),
    "a left half that does": (half_planes(Rational(1, 1000)), (1e-3, 1.0)),
}


@pytest.mark.parametrize("name", SIZES)
def test_units_are_what_the_exact_solution_varies_by(name):
    problem, sizes = SIZES[name]
    assert balanced(compile_problem(problem)).units == pytest.approx(sizes, rel=0.1)


def test_one_region_has_no_units_of_its_own():
    system = compile_problem(Problem(plate, Eq(laplacian(u), 1), Eq(u, 0) @ plate.boundary))
    assert balanced(system) is system


@pytest.mark.parametrize(
    ("problem", "gain"), [(SIZES["a millionfold"][0], 10.0), (half_planes(Integer(1000)), 10.0)]
)
def test_the_small_side_is_more_accurate_in_units_of_its_own(problem, gain):
    """The same functions and points: only the weights of rows differ."""
    waves = Dense(170, activation="sin", initialize=Waves(2))
    system = balanced(compile_problem(problem))
    basis = waves + Poles((Hole((0.0, 0.0), 0.5),))
    errors = []
    for units in (system.units, (1.0, 1.0)):
        weighed = replace(system, units=units)
        field = fit(weighed, basis, 0).field
        errors.append(float(error_on_points(weighed, field, None, 2000, 0)))
    assert errors[0] * gain < errors[1]
    assert errors[0] < 1e-6
