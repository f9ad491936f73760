"""Weights of solutions with complex numbers, and data as sums of products."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial import Chebyshev
from scipy.integrate import solve_ivp
from sympy import Eq, cos, exp, sin

from pinnsolve import Ball, Box, Interval, Problem, coordinates, laplacian, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.loads import loads_of
from pinnsolve.evolution.resolvents import Weights, numbers_of, turned
from pinnsolve.evolution.stages import stages_of

x, y, t = coordinates("x y t")
REST = Chebyshev([1.0])


def weights(count=18, power=0.75, duration=2.0):
    """Norms of solutions fall with the numbers as those of layers do."""
    numbers = numbers_of(duration, count)
    return Weights(numbers, np.abs(numbers / numbers[0]) ** -power, duration)


def made(held, states, rate):
    """What weights make of a mode: 1 - s / (s + r) of its end is in each solution."""
    return (states @ (rate / (held.numbers + rate))).real


@pytest.mark.parametrize("rate", [0.0, 0.01, 1.0, 30.0, 1e3, 1e5])
def test_weights_make_exponentials_of_any_rate(rate):
    held = weights()
    times, states = held.path([REST])
    exact = 1 - np.exp(-rate * times)
    off = np.abs(made(held, states[0, :, 0], rate) - exact)[1:]
    # High rates count as much as their modes may.
    assert off.max() <= 3e-4 * min(1.0, rate) * max(1.0, rate / 10) ** 0.75 + 1e-12
    assert np.sqrt(np.mean(off[times[1:] > 0.1] ** 2)) < 1e-5
    slopes = made(held, states[1, :, 0], rate)[times > 0.1]
    assert np.abs(slopes - (rate * np.exp(-rate * times))[times > 0.1]).max() < 1e-3


def test_what_weights_miss_is_foreseen():
    """Modes of all rates, whose amplitudes are not known but for what solutions are of them."""
    draw, held = np.random.default_rng(1), weights(12)
    rates = np.geomspace(0.3, 3e4, 60)
    ends = draw.standard_normal(60) / np.sqrt(1 + rates)
    solutions = ends * rates / (held.numbers[:, None] + rates)
    norms = np.linalg.norm(solutions, axis=1)
    held = Weights(held.numbers, norms / norms[0], held.duration)
    times, states = held.path([REST])
    found = (states[0, :, 0] @ solutions).real
    off = np.linalg.norm(found - ends * (1 - np.exp(-np.outer(times, rates))), axis=1)[1:]
    mean = np.sqrt(np.trapezoid(off**2, times[1:]) / 2)
    assert 1e-3 * held.missed(times[1:]) < mean / norms[0] <= held.missed(times[1:])


@pytest.mark.parametrize("rate", [0.2, 3.0, 200.0])
def test_loads_in_time_are_followed(rate):
    """Against an integrator: a' = r (T - a)."""
    course = Chebyshev.interpolate(lambda t: 0.3 + np.sin(5 * t), 32, [0, 2])
    held = weights()
    times, states = held.path([course])
    wanted = solve_ivp(
        lambda t, a: rate * (course(t) - a), (0, 2), [0.0], "Radau", times, rtol=1e-9, atol=1e-11
    ).y[0]
    assert np.abs(made(held, states[0, :, 0], rate) - wanted)[times > 0.05].max() < 3e-5
    slopes = rate * (course(times) - wanted)
    assert np.abs(made(held, states[1, :, 0], rate) - slopes)[times > 0.05].max() < 2e-3


def test_how_much_sets_in():
    assert turned(REST, 3.0) == pytest.approx(1.0)
    assert turned(Chebyshev.interpolate(np.sin, 32, [0, np.pi]), np.pi) == pytest.approx(
        2, rel=1e-2
    )


def loads(load, side):
    u = unknown("u", x, y, t)
    space = Box({x: (-1, 1), y: (-1, 1)}) - Ball({x: 0, y: 0}, 0.5)
    span = Interval(t, 0, 2)
    problem = Problem(
        space * span,
        Eq(u.diff(t), laplacian(u, x, y) + load),
        Eq(u(x, y, 0), 0),
        Eq(u, side) @ (space.boundary * span),
    )
    system = compile_problem(problem)
    return loads_of(stages_of(system, evolution_form(system)))


@pytest.mark.parametrize(
    ("load", "side", "count"),
    [
        (0, 1, 1),
        (x * y, 1 + x, 1),
        (0, sin(t), 1),
        (x * cos(3 * t), exp(-t) * y, 2),
        (0, sin(x - t), 2),
    ],
)
def test_data_are_few_products(load, side, count):
    found = loads(load, side)
    assert len(found.instants) == count
    for number, course in enumerate(found.courses):
        each = [course(at) for at in found.instants]
        np.testing.assert_allclose(each, np.eye(count)[number], atol=1e-8)


@pytest.mark.parametrize(("load", "side"), [(0, 0), (0, exp(-50 * (x - t) ** 2)), (0, abs(t - 1))])
def test_what_is_no_sum_of_few(load, side):
    assert loads(load, side) is None
