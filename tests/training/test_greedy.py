"""Greedy growth against orthogonal matching pursuit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq, exp, tanh

from pinnsolve import (
    LSGD,
    Box,
    BoxPlanes,
    Dense,
    Greedy,
    Problem,
    compile_problem,
    coordinates,
    solve,
    unknown,
)
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.space import Space
from pinnsolve.problems import CATALOGUE
from pinnsolve.training.reference import reference_problem

peak = CATALOGUE["poisson_2d_peak"]()

x, y, k = coordinates("x y k")

square = Box({x: (0, 1), y: (0, 1)})
u1, u2 = unknown("u", x), unknown("u", x, y)


def test_greedy_takes_the_neurons_that_orthogonal_matching_pursuit_takes():
    """Oracle: the same choice made by least squares from scratch for every candidate."""
    system = compile_problem(peak)
    points = sample_points(peak, 150, 0)
    declared = Dense(6)
    basis = declared.build(bounds_by_name(peak), 0)
    Greedy(60, 1, (BoxPlanes(4.0),))(system, points, declared, basis, 5)
    seed = torch.randint(2**62, (1,), generator=torch.Generator().manual_seed(5)).item()
    pool = Dense(60, initialize=BoxPlanes(4.0)).build(bounds_by_name(peak), seed)
    scales = reference_problem(system, points)
    matrix, target = (
        assemble(system, points, Space.shared(pool, 1), row_scales=scales.row_scales).matrix,
        scales.target,
    )
    taken = []
    for _ in range(6):
        left = [
            (
                np.inf
                if j in taken
                else np.linalg.norm(
                    target
                    - matrix[:, [*taken, j]] @ np.linalg.lstsq(matrix[:, [*taken, j]], target)[0]
                )
            )
            for j in range(60)
        ]
        taken.append(int(np.argmin(left)))
    torch.testing.assert_close(basis.biases[0].detach(), pool.planes()[1][taken])


@pytest.mark.slow
def test_greedy_neurons_are_worth_many_drawn_ones():
    chosen = [solve(peak, Dense(150), grow=Greedy(600, 4), seed=s).error() for s in (0, 1)]
    drawn = [
        solve(peak, Dense(150, initialize=BoxPlanes(slope)), seed=s).error()
        for s in (0, 1)
        for slope in (3.0, 6.0)
    ]
    assert max(chosen) < min(drawn) / 3


@pytest.mark.slow
def test_greedy_serves_systems_and_training():
    v = unknown("v", x, y)
    problem = Problem(square, Eq(u2, exp(-50 * (x - y) ** 2)), Eq(v, tanh(20 * (x + y - 1))))
    drawn, chosen = solve(problem, Dense(40)), solve(problem, Dense(40), grow=Greedy(300, 4))
    assert chosen.residual() < drawn.residual() / 2
    assert (
        solve(problem, Dense(40), LSGD(30), grow=Greedy(300, 4)).residual() < chosen.residual() / 2
    )
    with pytest.raises(ValueError, match="one hidden layer"):
        solve(problem, Dense(9, 2), grow=Greedy())
    with pytest.raises(ValueError, match="at least 1"):
        Greedy(0)
