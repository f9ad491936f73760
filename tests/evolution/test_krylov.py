"""Steps in Krylov's spaces: what is carried along between walls, in products of functions."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from scipy.interpolate import barycentric_interpolate
from scipy.linalg import expm
from sympy import Eq, Heaviside, Rational, cos, exp, pi, sin

from pinnsolve import Box, Budget, Interval, Problem, coordinates, laplacian, solve, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution import suited
from pinnsolve.evolution.krylov import carried
from pinnsolve.evolution.leaps import leapt
from pinnsolve.evolution.rates import linear_of
from pinnsolve.evolution.suited import followed, steps_in, suits_products
from pinnsolve.running.budget import FOREVER
from pinnsolve.running.stop import Stop

x, y, t = coordinates("x y t")
u, v = unknown("u", x, y, t), unknown("v", x, y, t)
TURNED = ((u, v, 1), (v, u, -1))  # both parts of a complex unknown, of which each turns the other
BOX = Box({x: (0, 1), y: (0, 1)}) * Interval(t, 0, 1)


def closed(*unknowns):
    return [Eq(w.subs(c, end), 0) for w in unknowns for c in (x, y) for end in (0, 1)]


def wind(rate):
    """Carried along x and half as fast along y, beside diffusion."""
    law = Eq(u.diff(t) + u.diff(x) + u.diff(y) / 2, rate * laplacian(u, x, y))
    return Problem(BOX, law, Eq(u(x, y, 0), sin(pi * x) * sin(pi * y)), *closed(u))


def along(rate, speed, times, at):
    """The same of one coordinate, by Chebyshev's points of 80 intervals: `(n,)`."""
    n = 80
    nodes = (1 - np.cos(np.pi * np.arange(n + 1) / n)) / 2
    c = np.where(np.arange(n + 1) % n == 0, 2.0, 1.0) * (-1.0) ** np.arange(n + 1)
    d = np.outer(c, 1 / c) / (nodes[:, None] - nodes + np.eye(n + 1))
    d -= np.diag(d.sum(axis=1))
    law, start = (rate * d @ d - speed * d)[1:-1, 1:-1], np.sin(np.pi * nodes[1:-1])
    values = [np.concatenate([[0.0], expm(law * s) @ start, [0.0]]) for s in times]
    return np.array([barycentric_interpolate(nodes, *e) for e in zip(values, at, strict=True)])


def exact(rate, points):
    a, b, s = points.T
    return along(rate, 1.0, s, a) * along(rate, 0.5, s, b)


def path_of(problem, numbers, rtol):
    system = compile_problem(problem)
    own = suits_products(system, evolution_form(system))
    return followed(system, own, numbers, rtol, math.inf, 0, FOREVER)


def off(path, points, wanted, number=0):
    return float(np.abs(path.fit.field.values(points)[number].numpy() - wanted).max())


POINTS = np.random.default_rng(3).random((200, 3))


@pytest.mark.parametrize("rtol", [1e-4, 1e-7])
def test_what_is_carried_along_between_walls(rtol):
    """Against products of two lines, whose layers are a fortieth wide: no modes are asked for, of
    which those of so strong a wind are nearly parallel.
    """
    path = path_of(wind(Rational(1, 40)), (44, 36), rtol)
    assert path.ended == "finished"
    assert off(path, POINTS, exact(1 / 40, POINTS)) < 10 * rtol
    assert path.fit.solved.rows < 150  # stiff parts cost no steps


def test_steps_converge():
    """Data that move, of one unknown beside another: errors fall with what steps may leave."""
    value = [sin(pi * x) * sin(pi * y) * cos(7 * t), x * (1 - x) * sin(pi * y) * sin(5 * t)]
    laws = [
        w.diff(t) - laplacian(w, x, y) / 50 + y * w.diff(x) - x * w.diff(y) + other
        for w, other in ((u, v), (v, -u))
    ]
    shown = dict(zip((u, v), value, strict=True))
    laws = [Eq(law, law.subs(shown).doit()) for law in laws]
    starts = [Eq(w(x, y, 0), e.subs(t, 0)) for w, e in shown.items()]
    problem = Problem(BOX, *laws, *starts, *closed(u, v))
    a, b, s = POINTS.T
    wanted = np.sin(np.pi * a) * np.sin(np.pi * b) * np.cos(7 * s)
    coarse, fine = (path_of(problem, (18, 18), rtol) for rtol in (1e-3, 1e-6))
    number = problem.unknowns.index(u)
    assert off(coarse, POINTS, wanted, number) < 1e-2
    assert off(fine, POINTS, wanted, number) < 1e-5
    assert coarse.fit.solved.rows < fine.fit.solved.rows


def test_modes_and_spaces_come_to_the_same(monkeypatch):
    """Where both suit: a matrix of few products, taken apart, and none."""
    problem, found = wind(Rational(1, 4)), []
    for few in (10**6, 0):
        monkeypatch.setattr(suited, "NUMBERS", suited.Numbers(few=few))
        found.append(path_of(problem, (14, 14), 1e-8).fit.field.values(POINTS)[0].numpy())
    assert np.abs(found[0] - found[1]).max() < 1e-6


@pytest.mark.parametrize("few", [10**6, 0])
def test_what_is_nothing_until_a_load_sets_in(few, monkeypatch):
    """In modes, and in Krylov's spaces: steps that may leave a part of what is zero halved until
    they were refused, and such a plate went to cells, for minutes.
    """
    monkeypatch.setattr(suited, "NUMBERS", suited.Numbers(few=few))
    late, rate = Rational(3, 7), 2 * pi**2
    load = sin(pi * x) * sin(pi * y) * Heaviside(t - late)
    law = Eq(u.diff(t), laplacian(u, x, y) + load)
    path = path_of(Problem(BOX, law, Eq(u(x, y, 0), 0), *closed(u)), (14, 14), 1e-7)
    assert path.ended == "finished"
    a, b, s = POINTS.T
    grown = -np.expm1(-float(rate) * np.maximum(s - float(late), 0.0)) / float(rate)
    assert off(path, POINTS, np.sin(np.pi * a) * np.sin(np.pi * b) * grown) < 1e-6 / float(rate)


def test_a_narrow_load_hides_no_constant():
    """Diffusion is the same everywhere, whatever the load is: only a wind that mentions a
    coordinate may hide something narrow.
    """
    needle = exp(-(10**6) * (x - Rational(1, 3)) ** 2)
    law = Eq(u.diff(t) + y * u.diff(x), laplacian(u, x, y) / 9 + needle)
    system = compile_problem(Problem(BOX, law, Eq(u(x, y, 0), 0), *closed(u)))
    form = evolution_form(system)
    held = linear_of(system, form, form.laws[0])
    assert list(held.constant.values()) == pytest.approx([1 / 9])
    assert held.steady


def test_wind_between_walls_goes_in_products_at_once():
    """Its data are waves, its coefficients constant, and no wave solves it beside a wall: a basis
    of waves had half of the seconds before.
    """
    problem = wind(Rational(1, 100))
    budget = Budget(30, clock=time.process_time)
    solution = solve(problem, tolerance=1e-4, budget=budget)
    assert solution.stopped == Stop.MET
    assert "products" in str(solution.declared)
    off = np.abs(solution(POINTS) - exact(1 / 100, POINTS)).max()
    assert off < 1e-4


def test_waves_go_in_spaces_and_stiff_media_in_modes():
    """Schroedinger's equation in a well turns a few hundred radians, heat in a varying medium falls
    a million times by e: steps cost one application for each, a matrix the cube of products.
    """
    well = Rational(1, 2) * (x**2 + y**2)
    laws = [Eq(w.diff(t), s * (well * o - laplacian(o, x, y) / 99)) for w, o, s in TURNED]
    starts = [Eq(u(x, y, 0), sin(pi * x) * sin(2 * pi * y)), Eq(v(x, y, 0), 0)]
    waves = Problem(BOX, *laws, *starts, *closed(u, v))
    medium = Eq(u.diff(t), (1 + x * y) * laplacian(u, x, y))
    heat = Problem(BOX, medium, Eq(u(x, y, 0), sin(pi * x) * sin(pi * y)), *closed(u))
    for problem, numbers, way in ((waves, (21, 20), carried), (heat, (27, 28), leapt)):
        system = compile_problem(problem)
        own = suits_products(system, evolution_form(system))
        _, follow = steps_in(system, own, numbers)
        assert follow.func is way


def test_a_wave_in_a_box():
    """Schroedinger's equation, whose two parts are all of the highest order: an exact mode."""
    rate = 5 * np.pi**2 / 9
    laws = [Eq(w.diff(t), -s * laplacian(o, x, y) / 9) for w, o, s in TURNED]
    starts = [Eq(u(x, y, 0), sin(pi * x) * sin(2 * pi * y)), Eq(v(x, y, 0), 0)]
    problem = Problem(BOX, *laws, *starts, *closed(u, v))
    path, (a, b, s) = path_of(problem, (24, 18), 1e-7), POINTS.T
    exact = np.sin(np.pi * a) * np.sin(2 * np.pi * b) * np.cos(rate * s)
    assert off(path, POINTS, exact, problem.unknowns.index(u)) < 1e-6
