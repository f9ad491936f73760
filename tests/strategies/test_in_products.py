"""Evolutions in products of functions of one coordinate, against exact solutions; and what does not
suit them.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from sympy import Eq, Rational, Subs, cos, exp, lambdify, pi, sin, sqrt, tanh

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Interval,
    Problem,
    coordinates,
    laplacian,
    load,
    solve,
    unknown,
)
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.points import sample_region
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.lines import ends_of
from pinnsolve.evolution.modes import modes_of
from pinnsolve.evolution.suited import suits_products
from pinnsolve.fields.arrays import array_of
from pinnsolve.running.stop import Stop
from pinnsolve.search.task import Task
from pinnsolve.strategies import automatic
from pinnsolve.strategies.in_products import InProducts
from pinnsolve.strategies.order import ORDER

X, Y, T = coordinates("x y t")
U, V = (unknown(name, X, Y, T) for name in "uv")
SQUARE = Box({X: (0, 1), Y: (0, 2)})
ENDS = (("x", 0), ("x", 1), ("y", 0), ("y", 2))


def walls(domain, *unknowns):
    return [Eq(u, 0) @ domain.at(**{a: end}) for u in unknowns for a, end in ENDS]


def start(domain, *values):
    return [Eq(u, value) @ domain.at(t=0) for u, value in values]


def heat_of_a_medium(lines=walls):
    """u_t = a u_xx + b . grad u + u + f in a medium that is not symmetric."""
    domain, value = SQUARE * Interval(T, 0, 2), sin(pi * X) * sin(pi * Y / 2) * cos(3 * T + X)
    law = U.diff(T) - (1 + X * Y / 4) * laplacian(U, X, Y) - Y * U.diff(X) - U
    return Problem(
        domain,
        Eq(law, law.subs(U, value).doit()),
        *lines(domain, U),
        *start(domain, (U, value.subs(T, 0))),
        exact={U: value} if lines is walls else None,
    )


def damped_waves():
    """u_tt + u_t / 2 = laplacian(u): a mode that decays while it swings."""
    domain, mode = SQUARE * Interval(T, 0, 4), cos(pi * X) * cos(pi * Y / 2)
    omega = sqrt(pi**2 * Rational(5, 4) - Rational(1, 16))
    slopes = [Eq(U.diff(X if a == "x" else Y), 0) @ domain.at(**{a: e}) for a, e in ENDS]
    return Problem(
        domain,
        Eq(U.diff(T, 2) + U.diff(T) / 2, laplacian(U, X, Y)),
        Eq(U.diff(T), 0) @ domain.at(t=0),
        *start(domain, (U, mode)),
        *slopes,
        exact={U: mode * exp(-T / 4) * (cos(omega * T) + sin(omega * T) / (4 * omega))},
    )


def turned(u, x, low, high):
    slope = u.diff(x)
    pairs = [(u.subs(x, end), Subs(slope, x, end)) for end in (low, high)]
    return [Eq(a, b) for a, b in zip(*pairs, strict=True)]


def fronts_of_two_substances():
    """u_t = laplacian(u) / 50 - u u_x + v, v_t = laplacian(v) / 40 + u v + f, turning in x."""
    domain = Box({X: (0, 2), Y: (0, 1)}) * Interval(T, 0, 1)
    values = {U: sin(pi * (X - T)) * cos(pi * Y), V: exp(cos(pi * X) - T) * cos(2 * pi * Y)}
    laws = {
        U: U.diff(T) - laplacian(U, X, Y) / 50 + U * U.diff(X) - V,
        V: V.diff(T) - laplacian(V, X, Y) / 40 - U * V,
    }
    sides = [c for u in (U, V) for c in turned(u, X, 0, 2)]
    sides += [Eq(u.diff(Y), 0) @ domain.at(y=end) for u in (U, V) for end in (0, 1)]
    known = [Eq(law, law.subs(values).doit()) for law in laws.values()]
    at = start(domain, *[(u, value.subs(T, 0)) for u, value in values.items()])
    return Problem(domain, *known, *sides, *at, exact=values)


@pytest.mark.slow
@pytest.mark.parametrize("problem", [heat_of_a_medium, damped_waves, fronts_of_two_substances])
@pytest.mark.parametrize("goal", [1e-4, 1e-8])
def test_solutions_are_met(problem, goal):
    made = problem()
    system = compile_problem(made)
    way = InProducts(suits_products(system, evolution_form(system)))
    found = way(Task(system, goal, Budget(120, clock=time.process_time), 0))
    assert found.stopped == Stop.MET
    x = sample_region(system.domain, 2000, 7).x
    wanted = np.stack([lambdify((X, Y, T), v)(*x.T) for v in made.exact.values()])
    missed = np.linalg.norm(array_of(found.fit.field.values(x)) - wanted)
    assert missed / np.linalg.norm(wanted) <= found.estimate <= goal


@pytest.mark.slow
@pytest.mark.parametrize("width", [Rational(1, 500), Rational(1, 2_000_000)])
def test_no_step_jumps_over_a_kick(width):
    """A load that is zero at the start, and at most other times: q' = -q / 5 pi^2 + f(t)."""
    domain, mode, at = SQUARE * Interval(T, 0, 1), sin(pi * X) * sin(pi * Y / 2), Rational(37, 100)
    load_of = exp(-(((T - at) / width) ** 2)) / width * mode
    law = Eq(U.diff(T), laplacian(U, X, Y) / 25 + load_of)
    kicked = Problem(domain, law, *walls(domain, U), *start(domain, (U, 0)))
    system = compile_problem(kicked)
    way = InProducts(suits_products(system, evolution_form(system)))
    found = way(Task(system, 1e-6, Budget(60, clock=time.process_time), 0))
    assert found.stopped == Stop.MET
    rate = np.pi**2 * 1.25 / 25
    wanted = np.sqrt(np.pi) * np.exp(-rate * (0.9 - 0.37) + (rate * float(width) / 2) ** 2)
    assert float(found.fit.field.values(np.array([[0.5, 1.0, 0.9]]))[0]) == pytest.approx(
        wanted, rel=1e-6
    )


@pytest.mark.slow
def test_coefficients_that_change_for_an_instant_do_not_suit():
    domain = SQUARE * Interval(T, 0, 1)
    for shape, suits in ((exp(-(((T - Rational(1, 2)) * 1000) ** 2)), False), (X * 0, True)):
        law = Eq(U.diff(T), (1 + shape) * laplacian(U, X, Y))
        system = compile_problem(
            Problem(domain, law, *walls(domain, U), *start(domain, (U, sin(pi * X))))
        )
        assert (suits_products(system, evolution_form(system)) is not None) == suits


@pytest.mark.slow
def test_the_automatic_choice_comes_to_them_and_files_hold_them(tmp_path):
    solution = solve(
        heat_of_a_medium(), tolerance=1e-5, budget=Budget(120, clock=time.process_time)
    )
    assert solution.stopped == Stop.MET
    assert "products" in str(solution.declared)
    assert float(solution.error()) <= solution.estimate <= 1e-5
    solution.save(tmp_path / "heat")
    again, x = load(tmp_path / "heat"), sample_region(solution.problem.domain, 50, 0).x
    assert torch.equal(again.field.values(x), solution.field.values(x))


@pytest.mark.slow
def test_waves_in_a_medium_keep_their_energy():
    """u_tt = c laplacian(u) with a steep c: all frequencies are real, whatever is not resolved."""
    domain = SQUARE * Interval(T, 0, 1)
    medium = Rational(13, 2) + Rational(11, 2) * tanh(30 * sin(5 * X + 3 * Y))
    law = Eq(U.diff(T, 2), medium * laplacian(U, X, Y))
    at = [Eq(U.diff(T), 0) @ domain.at(t=0), *start(domain, (U, sin(pi * X)))]
    system = compile_problem(Problem(domain, law, *walls(domain, U), *at))
    form = evolution_form(system)
    _, modes = modes_of(system, form, ends_of(system, form).lines(system, (12, 12)))
    assert not modes.values.is_complex()
    assert float(modes.values.max()) < 0
    # No faster than in the faster of both media, nor slower than in the slower.
    lowest = pi.evalf() ** 2 * 5 / 4
    assert lowest < -float(modes.values.max()) < 12 * lowest


def test_modes_of_a_uniform_medium_are_known():
    domain = SQUARE * Interval(T, 0, 1)
    law = Eq(U.diff(T), 3 * U.diff(X, 2) + U.diff(Y, 2) - 2 * U)
    system = compile_problem(Problem(domain, law, *walls(domain, U), *start(domain, (U, 0))))
    form = evolution_form(system)
    _, modes = modes_of(system, form, ends_of(system, form).lines(system, (14, 14)))
    several = [-2 - np.pi**2 * (3 * j**2 + k**2 / 4) for j in (1, 2, 3) for k in range(1, 9)]
    found = modes.values.sort(descending=True).values[:4]
    assert torch.allclose(found, found.new_tensor(sorted(several, reverse=True)[:4]), rtol=1e-6)


def sides_with_data(domain, u):
    return [*walls(domain, u)[1:], Eq(u, sin(T)) @ domain.at(x=0)]


def sides_that_vary(domain, u):
    return [*walls(domain, u)[1:], Eq(u.diff(X), Y * u) @ domain.at(x=0)]


def too_few_sides(domain, u):
    return walls(domain, u)[1:]


@pytest.mark.parametrize("sides", [sides_with_data, sides_that_vary, too_few_sides])
def test_other_sides_do_not_suit(sides):
    system = compile_problem(heat_of_a_medium(sides))
    assert suits_products(system, evolution_form(system)) is None


def test_other_laws_and_regions_do_not_suit():
    domain = SQUARE * Interval(T, 0, 1)
    law = Eq(U.diff(T), (1 + U**2) * laplacian(U, X, Y))
    nonlinear = Problem(domain, law, *walls(domain, U), *start(domain, (U, 0)))
    disk = Ball({X: 0, Y: 0}, 1)
    moving = disk * Interval(T, 0, 1)
    heat = Eq(U.diff(T), laplacian(U, X, Y))
    round_one = Problem(moving, heat, Eq(U, 0) @ disk.boundary, *start(moving, (U, 0)))
    for problem in (nonlinear, round_one):
        system = compile_problem(problem)
        assert suits_products(system, evolution_form(system)) is None


def test_a_basis_that_data_are_waves_of_has_a_short_turn(monkeypatch):
    """What a wall gives are waves, beside a start of zero the solution is none: a basis of waves
    had half of the seconds, products then one.
    """
    domain, turns, heated = SQUARE * Interval(T, 0, 1), [], sin(4 * pi * T) ** 2 * sin(pi * Y / 2)
    problem = Problem(
        domain,
        Eq(U.diff(T), laplacian(U, X, Y) / 5),
        Eq(U(X, Y, 0), 0),
        Eq(U(1, Y, T), heated),
        Eq(U.diff(X).subs(X, 0), 2 * U(0, Y, T)),
        *(Eq(U(X, end, T), 0) for end in (0, 2)),
    )
    plain = automatic.at_once

    def told(task):
        turns.append(task.budget.left())
        return plain(replace(task, whole=None))

    monkeypatch.setattr(automatic, "at_once", told)
    budget = Budget(60, clock=time.process_time)
    solution = solve(problem, tolerance=1e-5, budget=budget)
    assert turns[0] <= ORDER.first_turn
    assert solution.stopped == Stop.MET
    assert "products" in str(solution.declared)
