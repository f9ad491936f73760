"""Measured data: clouds of points, values at them, regression."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq, cos, exp, sin

from pinnsolve import (
    LSGD,
    Ball,
    Box,
    Data,
    Dense,
    PointCloud,
    Problem,
    coordinates,
    laplacian,
    normal_derivative,
    solve,
    unknown,
)
from pinnsolve.compile.system import compile_problem, with_held_out_data
from pinnsolve.discretize.points import sample_points

x, y = coordinates("x y")
u = unknown("u", x, y)
w = unknown("w", x, y)
square = Box({x: (0, 1), y: (0, 1)})
points = np.random.default_rng(3).random((600, 2))
cloud = PointCloud({x: points[:, 0], y: points[:, 1]})
values = np.cos(3 * points[:, 0] * points[:, 1])


def rms(v):
    return np.sqrt((v**2).mean())


def test_rows_are_those_of_least_squares_on_the_data():
    """Oracle: numpy's least squares on the same neurons."""
    solution = solve(Problem(square, Eq(u, Data(values)) @ cloud), Dense(30))
    basis, weight = solution.basis, np.linalg.norm
    matrix = np.stack([solution_of_one(basis, k)(points) for k in range(30)], axis=1)
    best = matrix @ np.linalg.lstsq(matrix, values, rcond=None)[0]
    assert weight(solution(points) - values) == pytest.approx(weight(best - values), rel=1e-4)


def solution_of_one(basis, k):
    return lambda at: basis(torch.from_numpy(at), [(0, 0)])[0, :, k].detach().numpy()


@pytest.mark.slow
def test_automatic_regression_of_two_outputs():
    other = np.exp(points[:, 0] - points[:, 1])
    problem = Problem(
        square,
        Eq(u, Data(values)) @ cloud,
        Eq(w, Data(other)) @ cloud,
        exact={u: cos(3 * x * y), w: exp(x - y)},
    )
    solution = solve(problem, tolerance=1e-7)
    assert solution.stopped == "met"
    assert solution.error() < 1e-6


@pytest.mark.slow
def test_noise_is_not_fitted_and_no_tolerance_below_it_is_met():
    noisy = values + 0.05 * np.random.default_rng(4).standard_normal(len(values))
    solution = solve(
        Problem(square, Eq(u, Data(noisy)) @ cloud, exact={u: cos(3 * x * y)}), tolerance=1e-3
    )
    assert solution.stopped in ("budget", "stagnated")
    assert solution.error() < 0.03  # the noise is 0.05 of values of about 0.75


@pytest.mark.slow
def test_data_in_the_place_of_boundary_conditions():
    measured = np.exp(points[:, 0]) * np.sin(points[:, 1])
    problem = Problem(
        square, Eq(laplacian(u), 0), Eq(u, Data(measured)) @ cloud, exact={u: exp(x) * sin(y)}
    )
    solution = solve(problem, tolerance=1e-8)
    assert solution.stopped == "met"
    assert solution.error() < 1e-7


def test_equations_between_data_and_derivatives():
    measured = -9 * points[:, 0] ** 2 * values
    problem = Problem(
        square,
        Eq(u.diff(y, 2) + 0 * u, Data(measured)) @ cloud,
        Eq(u(x, 0), 1),
        Eq(u.diff(y).subs(y, 0), 0),
    )
    solution = solve(problem, Dense(120))
    assert rms(solution(points) - values) < 1e-2


def test_a_part_of_a_cloud_takes_its_part_of_the_data():
    train, test = cloud.split(0.75, seed=1)
    assert len(train.points) == 450
    assert sorted([*train.rows, *test.rows]) == list(range(600))
    problem = Problem(square, Eq(u, Data(values)) @ train)
    (held,) = sample_points(problem, 10, 0)
    np.testing.assert_array_equal(held.x, points[train.rows])
    np.testing.assert_array_equal(held.normals[:, 2], values[train.rows])
    solution = solve(problem, Dense(100))
    assert rms(solution(test.points) - values[test.rows]) < 1e-3
    a, b = test.split(0.5)
    assert set(a.rows) | set(b.rows) == set(test.rows)


def test_a_fifth_is_held_out_to_judge_by():
    system = with_held_out_data(
        compile_problem(Problem(square, Eq(u, Data(values)) @ cloud, Eq(u(x, 0), 1)))
    )
    kept, judged = (sample_points(s.problem, 10, 0)[0].x for s in (system, system.validation))
    assert (len(kept), len(judged)) == (480, 120)
    assert not {tuple(p) for p in kept} & {tuple(p) for p in judged}
    assert len(system.problem.conditions) == 2


def test_clouds_train_networks():
    kink = np.abs(points[:, 0] - 0.5)
    problem = Problem(square, Eq(u, Data(kink)) @ cloud)
    errors = [
        np.abs(solve(problem, Dense(20, 1, "relu"), m)(points) - kink).max()
        for m in (None, LSGD(100))
    ]
    assert errors[1] < errors[0] / 5


def test_the_box_of_a_cloud():
    np.testing.assert_allclose(
        cloud.box.bounds, np.stack([points.min(axis=0), points.max(axis=0)], axis=1), rtol=1e-14
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Data([1.0, np.nan]), "Data holds nan at row 1"),
        (lambda: Data([[1.0]]), r"shape \(n,\)"),
        (lambda: PointCloud({x: [0.0, np.inf], y: [0, 1]}), "x is not finite at row 1"),
        (lambda: PointCloud({x: [0.0], y: [0, 1]}), "all as long"),
        (lambda: PointCloud({}), "one array"),
        (
            lambda: Eq(u, Data(values[:5])) @ cloud,
            "has 5 values, but the cloud was given 600 points",
        ),
        (lambda: Problem(square, Eq(u, Data(values))), "place it on their points"),
        (
            lambda: Problem(square, Eq(u, Data(values)) @ square.boundary),
            "place it on their points",
        ),
        (lambda: Problem(square, Eq(normal_derivative(u), 0) @ cloud), "has none"),
        (
            lambda: Problem(Ball({x: 0, y: 0}, 1), Eq(u, Data(values)) @ cloud),
            "lies outside of the domain",
        ),
        (lambda: cloud.split(1.0), "leaves one part empty"),
        (
            lambda: solve(
                Problem(
                    square,
                    Eq(u, Data(values[:9])) @ PointCloud({x: points[:9, 0], y: points[:9, 1]}),
                ),
                Dense(9),
            ),
            "9 rows for 9",
        ),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 2, 4, 5])
def test_few_points_are_all_used(n):
    """Only data are held out, and only from five points on: an equation at a point, or two
    measurements, count in full.
    """
    domain = Box({x: (0, 1)})
    v = unknown("v", x)
    xs = np.linspace(0.2, 0.8, n)
    problem = Problem(
        domain,
        Eq(v.diff(x), 2 * x),
        Eq(v, Data(xs**2)) @ PointCloud({x: xs}),
        Eq(v.diff(x, 2), 2) @ PointCloud({x: xs}),
    )
    system = with_held_out_data(compile_problem(problem))
    assert [len(c.region.points) for c in system.problem.conditions[1:]] == [4 if n == 5 else n, n]
    assert (system.validation is None) == (n < 5)
    if n < 3:
        solution = solve(problem, tolerance=1e-6)
        assert solution(0.5) == pytest.approx(0.25, abs=1e-5)
