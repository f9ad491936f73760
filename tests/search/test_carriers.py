"""Carriers are read off the data, and solve what oscillates in some coordinates only."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Eq, cos, exp, sin

from pinnsolve import Budget, Interval, Problem, coordinates, manufactured, solve, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.problems import multiscale
from pinnsolve.search.exponents import carriers, data_exponents, responses

x, t = coordinates("x t")
u = unknown("u", x, t)
BAR = Interval(x, 0, 1) * Interval(t, 0, 2)


def bar(equation, start):
    ends = [Eq(u, 0) @ BAR.at(x=end) for end in (0, 1)]
    return compile_problem(Problem(BAR, equation, Eq(u(x, 0), start), *ends))


def answers(system, wave):
    given = (wave, 0j)
    return {k[1] for k in responses(system, [given]) if k[0] == given[0]}


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        (Eq(u.diff(t), 3 * u.diff(x, 2)), {-12}),
        (Eq(u.diff(t) + 5 * u.diff(x), 0), {-10j}),
        (
            Eq(u.diff(t, 2) + 2 * u.diff(t) + 5 * u, u.diff(x, 2)),
            {-1 - math.sqrt(8) * 1j, -1 + math.sqrt(8) * 1j},
        ),
        (Eq(u.diff(t, 2), -u.diff(x, 4)), {4j, -4j}),
        # Coefficients that vary have no dispersion relation.
        (Eq(u.diff(t), (1 + x) * u.diff(x, 2)), set()),
    ],
)
def test_equations_answer_a_mode_by_their_dispersion_relation(equation, expected):
    found = answers(bar(equation, sin(2 * x)), 2j)
    assert len(found) == len(expected)
    for root in found:
        assert min(abs(root - e) for e in expected) < 1e-12


def test_systems_answer_by_the_determinant_of_their_symbol():
    v = unknown("v", x, t)
    system = compile_problem(
        Problem(
            BAR,
            Eq(u.diff(t), 3 * v.diff(x)),
            Eq(v.diff(t), 3 * u.diff(x)),
            Eq(u(x, 0), sin(2 * x)),
            Eq(v(x, 0), 0),
            Eq(u, 0) @ BAR.at(x=0),
            Eq(u, 0) @ BAR.at(x=1),
        )
    )
    assert sorted(k[1].imag for k in responses(system, [(2j, 0j)]) if k[0]) == pytest.approx(
        [-6, 6]
    )


def test_smooth_data_have_no_carriers_and_data_on_a_face_say_nothing_across():
    assert carriers(bar(Eq(u.diff(t), u.diff(x, 2)), x * (1 - x) * sin(2 * x))) == ()
    value = cos(30 * x) * exp(-t)
    made = manufactured(BAR, u.diff(t), u @ BAR.at(t=0), exact={u: value})
    assert {k[1] for k in data_exponents(compile_problem(made))} == {0j, -1}
    made = manufactured(BAR, u.diff(x), u @ BAR.at(x=0), exact={u: cos(30 * t) + x})
    assert {k[0] for k in data_exponents(compile_problem(made))} == {0j}


def test_more_waves_than_a_basis_has_room_for_are_none():
    start = sum(sin(k * x) for k in range(7, 60))
    assert carriers(bar(Eq(u.diff(t), u.diff(x, 2)), start)) == ()


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        (multiscale.heat_of_two_scales, 1e-12),
        (multiscale.waves_of_two_modes, 1e-10),
        (multiscale.heat_in_space, 1e-12),
    ],
)
def test_modes_of_the_data_are_solved_at_once(entry, error):
    solution = solve(entry(), tolerance=1e-8, budget=Budget(seconds=60.0))
    assert solution.stopped == "met"
    assert float(solution.error()) < error
    # An exponential more or less, and not thousands of waves.
    assert solution.field.functions < 200


def test_amplitudes_that_vary_need_a_few_functions_for_each_carrier():
    solution = solve(
        multiscale.ripples_that_fade_unevenly(), tolerance=1e-6, budget=Budget(seconds=120.0)
    )
    assert solution.stopped == "met"
    assert float(solution.error()) < 1e-6
    assert solution.field.functions < 500
    assert np.isfinite(solution.estimate)
