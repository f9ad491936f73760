"""Evolutions that begin at zero, by implicit steps of several sizes, mixed."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.interpolate import barycentric_interpolate
from scipy.linalg import expm
from sympy import Eq, Rational, sin

from pinnsolve import (
    Ball,
    Budget,
    Interval,
    Problem,
    coordinates,
    laplacian,
    load,
    normal_derivative,
    solve,
    unknown,
)
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.extrapolation import (
    noise_of,
    off_by,
    path_of,
    step_sizes,
    weights_of,
    with_fewer,
)
from pinnsolve.evolution.stages import stages_of
from pinnsolve.running.stop import Stop
from pinnsolve.search.task import Task
from pinnsolve.strategies import in_mixtures
from pinnsolve.strategies.in_mixtures import InMixtures, suits_mixtures

x, t = coordinates("x t")
u = unknown("u", x, t)
ROD = Interval(x, 0, 1) * Interval(t, 0, 1)


def rod(start=0, flux=1, load=0):
    """A flux from the left, suddenly; the right end is held at zero."""
    return Problem(
        ROD,
        Eq(u.diff(t), u.diff(x, 2) + load),
        Eq(u(x, 0), start),
        Eq(u.diff(x)(0, t), -flux),
        Eq(u(1, t), 0),
    )


def heated(points):
    """1 - x, without its modes: Carslaw and Jaeger, "Conduction of heat in solids", 1959."""
    rates = (np.arange(400) + 0.5) * np.pi
    modes = 2 / rates**2 * np.exp(-(rates**2) * points[:, 1:]) * np.cos(rates * points[:, :1])
    return 1 - points[:, 0] - modes.sum(axis=1)


@pytest.mark.parametrize("rate", [0.0, 0.01, 1.0, 30.0, 1e3, 1e5])
def test_weights_make_exponentials_of_any_rate(rate):
    sizes, times = step_sizes(1.0, 14), np.array([0.05, 0.2, 0.7, 1.0])
    weights, rates, _ = weights_of(sizes, times)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-12)
    made = weights @ (1 / (1 + rate * sizes))
    missed = np.abs(made - np.exp(-rate * times))
    assert (missed <= 1e-3 * rate / (1 + rate) + 1e-12).all()
    assert (missed <= off_by(sizes, weights, times) * rate / (1 + rate) + 1e-12).all()
    # Derivatives are those of the weights.
    later = weights_of(sizes, times + 1e-5)
    np.testing.assert_allclose(
        (later[0] - weights) / 1e-5, rates, rtol=1e-2, atol=1e-3 * np.abs(rates).max()
    )


def test_a_path_begins_at_zero_and_ends_with_time():
    sizes = step_sizes(3.0, 14)
    times, weights = path_of(sizes, 0.0)
    assert (times[0], times[-1]) == (0, pytest.approx(3.0))
    assert not weights[0, 0].any()
    assert len(with_fewer(sizes)) == len(sizes) - 2


@pytest.mark.parametrize("size", [1e-4, 1e-5, 1e-6])
def test_steps_tell_of_each_other_what_they_are_off_by(size):
    """Modes of all rates at some places, and errors of a known size beside them."""
    draw, sizes, rates = np.random.default_rng(3), step_sizes(2.0, 14), np.geomspace(0.3, 3e4, 40)
    modes = draw.standard_normal((40, 500)) * (1 / (1 + np.arange(40)))[:, None]
    exact = 1 / (1 + np.outer(sizes, rates)) @ modes
    errors = draw.standard_normal(exact.shape)
    errors *= size * np.linalg.norm(exact, axis=1, keepdims=True) / np.sqrt(500)
    assert noise_of(sizes, exact + errors) == pytest.approx(size, rel=0.5)


@pytest.mark.parametrize("rates", [(0.3, 3e4), (3.0, 40.0), (2e3, 1e5)])
def test_what_weights_leave_of_modes_is_foreseen(rates):
    """Modes of all rates, whose amplitudes are not known but for what steps are of them."""
    sizes, times = step_sizes(2.0, 12), np.array([0.01, 0.1, 0.5, 2.0])
    rates, draw = np.geomspace(*rates, 40), np.random.default_rng(1)
    steps = 1 / (1 + 1 / np.outer(sizes, rates)) * draw.standard_normal(40)
    norms = np.linalg.norm(steps, axis=1)
    weights = weights_of(sizes, times, 1e-7, norms / norms[0])[0]
    exact = (1 - np.exp(-np.outer(times, rates))) * (steps[0] * (1 + 1 / (sizes[0] * rates)))
    missed = np.linalg.norm(weights @ steps - exact, axis=1) / norms[0]
    foreseen = off_by(sizes, weights, times, norms / norms[0])
    assert (missed <= foreseen).all()
    assert (missed < off_by(sizes, weights_of(sizes, times, 1e-7)[0], times)).all()


@pytest.mark.parametrize(
    ("problem", "suits"),
    [
        (rod(), True),
        (rod(load=1 + x), True),
        (rod(start=sin(x)), False),
        (rod(flux=t), False),
        (rod(load=t), False),
        (rod(load=u.diff(x)), False),
        (rod(load=-(u**2)), False),
    ],
)
def test_what_suits(problem, suits):
    system = compile_problem(problem)
    stages = stages_of(system, evolution_form(system))
    assert suits_mixtures(stages, 1e-3) is suits
    assert not suits_mixtures(stages, 1e-9)


def relative(found, exact):
    return float(np.linalg.norm(found - exact) / np.linalg.norm(exact))


@pytest.mark.parametrize("seed", [0, 1])
def test_a_rod_with_a_sudden_flux(seed):
    system = compile_problem(rod())
    outcome = InMixtures(evolution_form(system))(Task(system, 1e-3, Budget(60), seed))
    points = np.random.default_rng(seed).random((2000, 2))
    error = relative(outcome.fit.field.values(points)[0].numpy(), heated(points))
    assert error < 3e-4
    assert error <= outcome.estimate
    assert outcome.stopped is Stop.MET


def test_derivatives_are_those_of_values():
    """Of a mixture at some points against differences."""
    system = compile_problem(rod())
    field = InMixtures(evolution_form(system))(Task(system, 1e-2, Budget(60), 0)).fit.field
    at, h = np.array([[0.31, 0.42], [0.77, 0.2]]), 1e-4
    for axis, index in enumerate([(1, 0), (0, 1)]):
        step = h * np.eye(2)[axis]
        slope = (field.values(at + step) - field.values(at - step))[0] / (2 * h)
        np.testing.assert_allclose(field.derivatives(at, [index])[0, 0], slope, rtol=1e-5)
    both = field.derivatives(at, [frozenset({(2, 0), (0, 2)}), (2, 0), (0, 2)])[0]
    np.testing.assert_allclose(both[0], both[1] + both[2], rtol=1e-10)


def test_what_turns_is_not_said_to_be_met():
    """Two unknowns that drive each other round: rates are not real, and weights do not fit."""
    v = unknown("v", x, t)
    problem = Problem(
        ROD,
        Eq(u.diff(t), u.diff(x, 2) / 100 + 40 * v),
        Eq(v.diff(t), v.diff(x, 2) / 100 - 40 * u),
        *(Eq(f(x, 0), 0) for f in (u.func, v.func)),
        Eq(u.diff(x)(0, t), -1),
        *(Eq(f.diff(x)(0, t), 0) for f in (v,)),
        *(Eq(f(1, t), 0) for f in (u.func, v.func)),
    )
    system = compile_problem(problem)
    outcome = InMixtures(evolution_form(system))(Task(system, 1e-2, Budget(60), 0))
    assert outcome.stopped is Stop.STAGNATED


@cache
def _ring():
    """Chebyshev's points of 48 intervals, w_t = w_rr + w_r / r: rates, modes, and the end."""
    x, d = _chebyshev(48)
    r, d = 0.5 + 1.5 * (x + 1) / 2, d / 0.75
    laplace = d @ d + d / r[:, None]
    # At the left end w - w_r (inward normal of the pipe's side) is 1; at the right one w is 0.
    ends = np.zeros((2, len(r)))
    ends[0], ends[1, -1] = -d[0], 1.0
    ends[0, 0] += 1.0
    held = np.linalg.solve(ends[:, [0, -1]], -ends[:, 1:-1])
    inner = laplace[1:-1, 1:-1] + laplace[1:-1][:, [0, -1]] @ held
    load = laplace[1:-1][:, [0, -1]] @ np.linalg.solve(ends[:, [0, -1]], [1.0, 0.0])
    return r, ends, inner, load


def along_radius(r, t):
    nodes, ends, inner, load = _ring()
    steady = -np.linalg.solve(inner, load)
    u = steady - expm(inner * t) @ steady
    sides = np.linalg.solve(ends[:, [0, -1]], np.array([1.0, 0.0]) - ends[:, 1:-1] @ u)
    return float(barycentric_interpolate(nodes, np.concatenate([sides[:1], u, sides[1:]]), r))


def _chebyshev(n):
    """Trefethen, "Spectral methods in MATLAB", 2000: points from -1 to 1, and their matrix."""
    x = -np.cos(np.pi * np.arange(n + 1) / n)
    c = np.where((np.arange(n + 1) % n) == 0, 2.0, 1.0) * (-1.0) ** np.arange(n + 1)
    d = np.outer(c, 1 / c) / (x[:, None] - x + np.eye(n + 1))
    return x, d - np.diag(d.sum(axis=1))


@pytest.mark.slow
def test_a_plate_around_a_pipe(tmp_path, monkeypatch):
    """Against the same ring along its radius; and from a file."""
    (y,) = coordinates("y")
    w, ring = unknown("w", x, y, t), Ball({x: 0, y: 0}, 2) - Ball({x: 0, y: 0}, Rational(1, 2))
    inner, outer = Ball({x: 0, y: 0}, Rational(1, 2)).boundary, Ball({x: 0, y: 0}, 2).boundary
    span = Interval(t, 0, 4)
    problem = Problem(
        ring * span,
        Eq(w.diff(t), laplacian(w, x, y)),
        Eq(w(x, y, 0), 0),
        Eq(w - normal_derivative(w, x, y), 1) @ (inner * span),
        Eq(w, 0) @ (outer * span),
    )
    monkeypatch.setattr(in_mixtures, "MIXING", replace(in_mixtures.MIXING, counts=(8,)))
    found = solve(problem, tolerance=5e-2, budget=Budget(20, clock=time.process_time))
    assert found.stopped == Stop.MET
    radius = 0.5 + 1.5 * np.random.default_rng(0).random(200)
    times = 0.2 + 3.8 * np.random.default_rng(1).random(200)
    turn = 2 * np.pi * np.random.default_rng(2).random(200)
    points = np.stack([radius * np.cos(turn), radius * np.sin(turn), times], axis=1)
    wanted = [along_radius(*pair) for pair in zip(radius, times, strict=True)]
    values = found(points)
    assert relative(values, np.array(wanted)) < found.estimate
    found.save(tmp_path / "plate.st")
    np.testing.assert_array_equal(load(tmp_path / "plate.st")(points), values)
