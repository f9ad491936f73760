"""Solutions of complex unknowns are given, judged, drawn and kept as complex numbers."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Abs, Eq, I, conjugate, exp, im, re

from pinnsolve import (
    Budget,
    Dense,
    Interval,
    Problem,
    Waves,
    by_region,
    coordinates,
    divergence,
    load,
    solve,
    unknown,
)
from pinnsolve.declare.reference import Reference
from pinnsolve.problems import CATALOGUE
from pinnsolve.solution.judging import error_on_points

(x,) = coordinates("x")
u = unknown("u", x, complex=True)
line = Interval(x, 0, 1)
wave = exp(3 * I * x)
places = np.linspace(0, 1, 7)
waves = Dense(40, activation="sin", initialize=Waves(3))


@pytest.fixture(scope="module")
def solution():
    problem = Problem(line, Eq(u.diff(x), 3 * I * u), Eq(u(0), 1), exact={u: wave})
    return solve(problem, waves)


def test_values_are_complex_where_the_expression_is(solution):
    here = np.exp(3j * places)
    assert solution(places) == pytest.approx(here, abs=1e-10)
    assert solution(places, I * u.diff(x)) == pytest.approx(-3 * here, abs=1e-9)
    for expression, known in (
        (re(u), here.real),
        (im(u), here.imag),
        (Abs(u) ** 2, np.ones(7)),
        (u * conjugate(u), np.ones(7)),
    ):
        assert solution(places, expression).dtype == float
        assert solution(places, expression) == pytest.approx(known, abs=1e-9)


def test_errors_are_those_of_the_modulus(solution):
    """A field that is off by 0.01 in the real part, and 0.02 in the imaginary one."""

    class Off:
        def derivatives(self, points, indices):
            off = solution.field.derivatives(points, indices)
            off[:, 0] += off.new_tensor([[0.01], [0.02]])
            return off

        support = solution.field.support

    errors = error_on_points(solution._system, Off(), None, 1000, 0)
    assert float(errors) == pytest.approx(np.hypot(0.01, 0.02), rel=1e-6)
    assert errors.maximum == pytest.approx(np.hypot(0.01, 0.02), rel=1e-6)
    assert set(errors.by_unknown) == {"u"}


def test_a_part_that_vanishes_is_compared_with_the_whole():
    """A real solution of a complex equation: its imaginary part is round-off, and no unknown."""
    law = Eq(u.diff(x, 2) + (1 + I) * (u - exp(x)), exp(x))
    problem = Problem(line, law, Eq(u, exp(x)) @ line.boundary, exact={u: exp(x)})
    solution = solve(problem, tolerance=1e-10)
    assert solution.stopped == "met"
    assert solution.error() < 1e-10
    assert solution.estimate < 1e-10


def test_reports_name_equations_as_they_were_written(solution):
    assert "imaginary part of Derivative(u(x), x) = 3*I*u(x)" in solution.report()
    assert "u_re" not in solution.report()


def test_files_and_pictures_hold_both_parts(solution, tmp_path):
    solution.save(tmp_path / "u.st")
    again = load(tmp_path / "u.st")
    assert np.array_equal(again(places), solution(places))
    assert again.error() == solution.error()
    titles = [ax.get_title() for ax in solution.plot(tmp_path / "u.png").axes]
    assert titles == [
        *("Re u", "exact Re u", "|error| of Re u"),
        *("|u|", "exact |u|", "|error| of |u|"),
    ]


def test_references_may_be_complex(tmp_path):
    known = Reference(places[:, None], {"u": np.exp(3j * places) + 0.1j})
    problem = Problem(line, Eq(u.diff(x), 3 * I * u), Eq(u(0), 1), reference=known)
    solution = solve(problem, waves)
    assert solution.error() == pytest.approx(0.1 / np.sqrt(np.mean(np.abs(known.values["u"]) ** 2)))
    solution.save(tmp_path / "r.st")
    assert load(tmp_path / "r.st").problem == problem


def test_numbers_may_be_complex():
    k = unknown("k", complex=True)
    law = Eq(u.diff(x), k * u)
    problem = Problem(line, law, Eq(u(0), 1), Eq(u(1), exp(2 * I - 1)))
    solution = solve(problem, {u: waves}, guess={u: exp(2 * I * x), k: 2 * I})
    assert solution[k] == pytest.approx(-1 + 2j, abs=1e-8)


def test_materials_may_damp():
    """Against the two waves of each layer, by hand."""
    layers = by_region({Interval(x, 0, 1): 1, Interval(x, 1, 2): 2 + I})
    problem = Problem(
        Interval(x, 0, 2),
        Eq(divergence((layers * u.diff(x),), x) + 9 * u, 0),
        Eq(u(0), 1),
        Eq(u(2), 0),
    )
    first, second = 3.0, 3 / np.sqrt(2 + 1j)
    e1, e2 = np.exp(1j * first), np.exp(1j * second)
    k2 = (2 + 1j) * 1j * second
    rows = np.array(
        [
            [1, 1, 0, 0],
            [0, 0, e2, 1 / e2],
            [e1, 1 / e1, -1, -1],
            [1j * first * e1, -1j * first / e1, -k2, k2],
        ]
    )
    c = np.linalg.solve(rows, [1, 0, 0, 0])
    solution = solve(problem, tolerance=1e-10)
    known = [c[0] * e1**0.5 + c[1] / e1**0.5, c[2] * e2**0.5 + c[3] / e2**0.5]
    assert solution(np.array([0.5, 1.5])) == pytest.approx(np.array(known), abs=1e-9)


@pytest.mark.slow
def test_nothing_is_met_that_is_wrong():
    """A basis that is too small says so, and its estimate how far off it is."""
    problem = CATALOGUE["point_source"]()
    solution = solve(problem, tolerance=1e-8, budget=Budget(columns=200))
    assert solution.stopped != "met"
    assert solution.error() > 1e-8
    assert solution.estimate > solution.error() / 3
