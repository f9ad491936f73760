"""The kinds of bases that compete in the blind choice, each against what is known of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sympy import Eq, atan, exp, pi, sin, sqrt, tanh

from pinnsolve import (
    Box,
    Budget,
    Dense,
    Problem,
    Waves,
    compile_problem,
    coordinates,
    laplacian,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.lifted import Level, Lifted
from pinnsolve.search.families import curved, oriented, smooth
from pinnsolve.search.families import localized as concentrated
from pinnsolve.search.families.family import Family, Parameter, scales
from pinnsolve.search.fit import fit
from pinnsolve.search.scales import periodic_coordinates
from pinnsolve.search.task import Task
from pinnsolve.solution.judging import error_on_points
from pinnsolve.strategies.separation import at_once

x, y, t = coordinates("x y t")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})


@pytest.mark.slow
def test_directions_of_a_ridge_function_are_found():
    """tanh of one combination of six coordinates: the first round sees the direction, the next ones
    nothing else.
    """
    six = coordinates("x1:7")
    v = unknown("v", *six)
    box = Box(dict.fromkeys(six, (0, 1)))
    slopes = np.array([1.0, -0.7, 0.4, 0.9, -0.2, 0.5])
    profile = tanh(3 * (sum(float(a) * c for a, c in zip(slopes, six, strict=True)) - 0.9))
    problem = manufactured(box, -laplacian(v), v @ box.boundary, exact={v: profile})
    system = compile_problem(problem)
    found = fit(system, Dense(480, 1, "sin", Waves(1.5)), 0)
    family = Family("sin", scales([c.name for c in six], [1.5] * 6), smooth._waves)
    alignments = []
    for _ in range(3):
        proposed = [f for f in oriented.variants(system, family, found) if "tanh" in f.kind]
        fits = [fit(system, f.of_width(480), 0) for f in proposed]
        found, family = min(zip(fits, proposed, strict=True), key=lambda pair: pair[0].residual)
        matrix = np.array(found.declared.initialize.slope)
        leading = np.linalg.eigh(matrix)[1][:, -1]
        alignments.append(1 - abs(leading @ slopes) / np.linalg.norm(slopes))
    assert alignments[-1] < 1e-8 < alignments[0]
    assert found.residual < 1e-5


def concentrated_around(exact):
    """What is proposed for a right-hand side of which the first basis sees nothing."""
    problem = manufactured(square, -laplacian(u), u @ square.boundary, exact={u: exact})
    system = compile_problem(problem)
    found = fit(system, Dense(60, 1, "sin", Waves(3.0)), 0)
    return problem, concentrated.variants(
        system, Family("sin", scales(["x", "y"], [3.0, 3.0]), smooth._waves), found
    )


@pytest.mark.slow
def test_a_peak_is_found_and_resolved():
    problem, proposed = concentrated_around(exp(-((x - 0.3) ** 2 + (y - 0.7) ** 2) / 0.0032))
    spots = [f.of_width(10) for f in proposed if f.kind == "spot"]
    assert any(
        abs(s.at["x"] - 0.3) < 0.02 and abs(s.at["y"] - 0.7) < 0.02 and 0.01 < s.thickness < 0.1
        for s in spots
    )
    solution = solve(problem, tolerance=1e-3, budget=Budget(columns=3000))
    assert solution.stopped == "met"
    assert solution.error() < 1e-3


def test_an_oblique_front_is_found():
    _, proposed = concentrated_around(tanh(40 * (x + 2 * y - 1.5)))
    fronts = [f.of_width(10) for f in proposed if f.kind == "front"]
    normal = np.array([1.0, 2.0]) / math.sqrt(5)
    assert fronts
    assert min(1 - abs(np.array(f.directions[0]) @ normal) for f in fronts) < 1e-3
    assert min(abs(abs(f.within.at["x"]) - 1.5 / math.sqrt(5)) for f in fronts) < 0.02


def test_a_conic_through_points_is_found():
    """An ellipse, in coordinates of other units: zero level, and slope 1 there."""
    angle = np.linspace(0, 5, 200)
    points = np.stack([300 + 200 * np.cos(angle), 1 + 0.5 * np.sin(angle)], axis=1)
    bounds = np.array([[0.0, 600.0], [0.0, 2.0]])
    level, distance = curved.through(points, np.full(200, 1 / 200), bounds, 2)
    x = torch.from_numpy(points)
    assert distance < 1e-6
    assert float(level(x, (0, 0)).abs().max()) < 1e-5
    assert float(level.gradient(x).square().sum(dim=1).mean()) == pytest.approx(1)
    assert abs(float(level(torch.tensor([[300.0, 1.0]], dtype=torch.float64), (0, 0)))) > 0.1


def test_points_gather_on_a_level_and_stay_on_their_faces():
    level = Level((((0, 0), -0.25), ((2, 0), 1.0), ((0, 2), 1.0)))
    basis = Lifted(5, level, 1e-3, Waves(3.0)).build({"x": (0, 1), "y": (0, 1)}, 0)
    uniform = torch.rand(2000, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    near = level(basis.gathers[0](uniform), (0, 0)).abs() < 0.01
    assert (
        float(near.double().mean())
        > 0.3
        > float((level(uniform, (0, 0)).abs() < 0.01).double().mean())
    )
    face = torch.column_stack([uniform[:, 0], torch.zeros(2000, dtype=torch.float64)])
    moved = basis.gathers[0](face, torch.tensor([[0.0, -1.0]], dtype=torch.float64).expand(2000, 2))
    assert torch.equal(moved[:, 1], face[:, 1])
    assert float((level(moved, (0, 0)).abs() < 0.01).double().mean()) > 0.3
    with pytest.raises(ValueError, match="positive thickness"):
        Lifted(5, level, 0.0, Waves(3.0))


@pytest.mark.slow
def test_a_curved_front_is_found_and_resolved():
    """NIST's circular wave front of steepness 50, blind: a global basis without it stagnates at
    5e-2.
    """
    distance = sqrt((x + 0.05) ** 2 + (y + 0.05) ** 2)
    problem = manufactured(
        square, -laplacian(u), u @ square.boundary, exact={u: atan(50 * (distance - 0.7))}
    )
    outcome = at_once(Task(compile_problem(problem), 1e-3, Budget(columns=3000), 0))
    assert outcome.stopped == "met"
    places = np.random.default_rng(0).random((4000, 2))
    wanted = np.arctan(50 * (np.hypot(*(places + 0.05).T) - 0.7))
    left = outcome.fit.field.values(places)[0].numpy() - wanted
    assert np.sqrt((left**2).mean()) / wanted.std() < 1e-3
    assert "Lifted" in str(outcome.fit.declared)


@pytest.mark.slow
def test_a_smooth_problem_is_left_as_it_is():
    problem, _ = concentrated_around(sin(3 * x + y))
    solution = solve(problem, tolerance=1e-8)
    assert solution.stopped == "met"
    assert "Stretched" not in solution.history.final.basis


def test_periodic_waves_have_whole_periods():
    basis = Dense(50, 1, "sin", Waves({"x": 9.0, "t": 3.0}, periodic=("x",))).build(
        {"x": (-1, 3), "t": (0, 1)}, 0
    )
    periods = basis.weights[0][0].detach() * 4 / (2 * math.pi)
    assert torch.allclose(periods, periods.round(), atol=1e-12)
    assert len(periods.round().unique()) > 3
    assert not torch.allclose(basis.weights[0][1].detach(), basis.weights[0][1].detach().round())


def test_periodic_coordinates_are_read_off_the_conditions():
    w = unknown("w", x, t)
    ring = Box({x: (0, 2), t: (0, 1)})
    first = Problem(
        ring, Eq(w.diff(t) + w.diff(x), 0), Eq(w(x, 0), sin(pi * x)), Eq(w(0, t), w(2, t))
    )
    assert periodic_coordinates(compile_problem(first)) == ("x",)
    second = Problem(
        ring, Eq(w.diff(t) - w.diff(x, 2), 0), Eq(w(x, 0), sin(pi * x)), Eq(w(0, t), w(2, t))
    )
    assert periodic_coordinates(compile_problem(second)) == ()


def test_parameters_move_by_factors_or_lengths():
    assert Parameter("scale", 2.0).moved(math.log(3)).value == pytest.approx(6)
    assert Parameter("place", 2.0, length=0.1).moved(-3).value == pytest.approx(1.7)
    family = Family("sin", scales(["x", "y"], [1.0, 2.0]), smooth._waves)
    assert family.moved([0.0, math.log(2)]).values == {"x": 1.0, "y": pytest.approx(4)}
    assert family.moved(math.log(0.5)).of_width(7) == Dense(
        7, 1, "sin", Waves({"x": 0.5, "y": 1.0})
    )


@pytest.mark.parametrize("waves", [70, 173, 260])
def test_sines_as_short_as_the_datas_compete_along_one_coordinate(waves):
    """Of planes that are as steep, sums cancel: 1e-6 is as far as they come."""
    w, line = unknown("w", x), Box({x: (0, 1)})
    problem = manufactured(line, -w.diff(x, 2), w @ line.boundary, exact={w: sin(waves * x)})
    scales_tried = [
        family.shape[0].value
        for family in smooth.candidates(compile_problem(problem))
        if family.kind == "sin"
    ]
    assert waves <= max(scales_tried) <= 1.3 * waves
    solution = solve(problem, tolerance=1e-9)
    assert solution.stopped == "met"
    assert solution.error() < 1e-9


def test_what_is_narrower_than_waves_that_are_seen_makes_no_scale():
    w, line = unknown("w", x), Box({x: (0, 1)})
    steep = Problem(line, Eq(-w.diff(x, 2), tanh(5000 * (x - 0.4))), Eq(w, 0) @ line.boundary)
    scales_tried = [f.shape[0].value for f in smooth.candidates(compile_problem(steep))]
    assert max(scales_tried) == max(smooth.SMOOTH.waves)


@pytest.mark.parametrize("seed", [0, 1])
def test_waves_in_space_that_are_shorter_the_more_they_are_leave_less(seed):
    """A pole beside a cube: 960 functions, half of them planes of the same slope."""
    space = coordinates("x y z")
    v, cube = unknown("v", *space), Box(dict.fromkeys(space, (0, 1)))
    off = sum((c - at) ** 2 for c, at in zip(space, (0.4, 0.6, 0.5), strict=True))
    exact = {v: 1 / (1 + 4 * off)}
    system = compile_problem(manufactured(cube, -laplacian(v) + v, v @ cube.boundary, exact=exact))
    shape = dict.fromkeys("xyz", 2.1)
    errors = [
        error_on_points(system, fit(system, declare(shape, 960), seed).field, None, 2000, 5)
        for declare in (smooth._mixed_in_space, smooth._mixed)
    ]
    assert errors[0] < 0.8 * errors[1]
