"""Layers along round walls: their derivatives, which walls have them, and what they are worth."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import ive, kve
from sympy import Eq, Rational

from oracles import against_autograd
from pinnsolve import (
    Ball,
    Box,
    Budget,
    Dense,
    Problem,
    compile_problem,
    coordinates,
    laplacian,
    sample_region,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.rim_layers import Rim, RimLayers
from pinnsolve.search.families.rims import along_rims

x, y = coordinates("x y")
u = unknown("u", x, y)
HALF, HUNDREDTH = Rational(1, 2), Rational(1, 100)
disk, hole = Ball({x: 0, y: 0}, 1), Ball({x: 0, y: 0}, HALF)
BOUNDS = {"x": (-1.0, 1.0), "y": (-1.0, 1.0)}
LAPLACIAN = frozenset([(2, 0), (0, 2)])


@pytest.mark.parametrize("outside", [False, True])
def test_derivatives_are_closed(outside):
    rim = Rim((0.1, -0.2), 0.7, 0.05, outside, order=3, depth=2)
    basis = RimLayers((rim,)).build(BOUNDS, 0)
    turn, away = np.array([0.1, 2.0, 4.0]), 0.7 + (1 if outside else -1) * np.array([0.01, 0.1, 0])
    at = torch.tensor(np.array(rim.at) + (away * [np.cos(turn), np.sin(turn)]).T)
    assert basis(at, [(0, 0)]).shape[2] == basis.size == rim.functions
    assert against_autograd(basis, at, [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]) < 1e-11
    apart = basis(at, [(2, 0), (0, 2)]).sum(dim=0)
    assert basis(at, [LAPLACIAN])[0].numpy() == pytest.approx(apart.numpy(), abs=1e-8)
    middle = torch.tensor([rim.at, (0.1, -0.19)], dtype=torch.float64)
    assert basis(middle, [(0, 0), (2, 0)]).isfinite().all()


def layered(domain, thin, values, load=1):
    """-thin^2 lap u + u = load, with values on the boundary."""
    equation = Eq(-(thin**2) * laplacian(u) + u, load)
    return Problem(domain, equation, Eq(u, values) @ domain.boundary)


def rims_of(domain, thin=HUNDREDTH, sign=1):
    equation = Eq(-(thin**2) * laplacian(u) + sign * u, 1)
    found = along_rims(compile_problem(Problem(domain, equation, Eq(u, 0) @ domain.boundary)))
    return (
        [] if found is None else [(r.radius, r.outside, round(r.thickness, 9)) for r in found.rims]
    )


def test_walls_that_are_round_have_layers_on_their_own_side():
    assert rims_of(disk - hole) == [(1, False, 0.01), (0.5, True, 0.01)]
    assert rims_of(disk, sign=-1) == []  # waves
    assert rims_of(disk, HALF) == []  # not thin
    assert rims_of(disk | Box({x: (0, 2), y: (-HALF, HALF)})) == []  # no wall all around
    assert (
        rims_of(disk - Ball({x: 0, y: 0}, Rational(1, 20)))[1:] == []
    )  # hardly larger than a layer
    lens = disk & Ball({x: HALF, y: 0}, 1)
    assert [outside for _, outside, _ in rims_of(lens)] == [False, False]
    with pytest.raises(ValueError, match="two coordinates"):
        (Dense(5) + RimLayers((Rim((0.0, 0.0), 1.0, 0.1, False),))).build({"x": (0, 1)}, 0)


def decays(r, turn, far, k, kind, end):
    """What solves the equation without a load and is cos k th at the end."""
    grows = np.exp((r - end) * far) if kind is ive else np.exp((end - r) * far)
    return np.cos(k * turn) * kind(k, r * far) / kind(k, end * far) * grows


@pytest.mark.slow
@pytest.mark.parametrize("thin", [Rational(1, 400), Rational(1, 50)])
def test_a_layer_of_a_disk_is_resolved(thin):
    problem = layered(disk, thin, x + 4 * x**3 - 3 * x, x)
    solution = solve(problem, tolerance=1e-6, budget=Budget(columns=1000))
    assert solution.stopped == "met"
    p = sample_region(disk, 20_000, 7).x
    r, turn = np.hypot(*p.T), np.arctan2(p[:, 1], p[:, 0])
    exact = p[:, 0] + decays(r, turn, float(1 / thin), 3, ive, 1.0)
    error = np.linalg.norm(solution(p).reshape(-1) - exact) / np.linalg.norm(exact)
    assert error < 1e-7
    assert error < 2 * solution.estimate


@pytest.mark.slow
def test_layers_of_a_ring_are_resolved():
    ring, far = disk - hole, 300.0
    problem = Problem(
        ring,
        Eq(-laplacian(u) / 300**2 + u, x + 1),
        Eq(u, 1) @ hole.boundary,
        Eq(u, x + 1) @ disk.boundary,
    )
    solution = solve(problem, tolerance=1e-6, budget=Budget(columns=1000))
    assert solution.stopped == "met"
    p = sample_region(ring, 20_000, 7).x
    r, turn = np.hypot(*p.T), np.arctan2(p[:, 1], p[:, 0])
    exact = p[:, 0] + 1 - 0.5 * decays(r, turn, far, 1, kve, 0.5)
    assert solution(p).reshape(-1) == pytest.approx(exact, abs=1e-6)
