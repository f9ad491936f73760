"""Disks that are suddenly heated, by elliptic problems with complex numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import jn_zeros, jv
from sympy import Eq, Piecewise, Rational

from pinnsolve import (
    Ball,
    Interval,
    Problem,
    coordinates,
    laplacian,
    load,
    sample_region,
    solve,
    unknown,
)
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.stages import stages_of
from pinnsolve.strategies.in_resolvents import outside_of

x, y, t = coordinates("x y t")
u = unknown("u", x, y, t)
PLACE = Ball({x: Rational(3, 10), y: Rational(-1, 5)}, Rational(7, 10))
ACROSS, ALONG = ((c - PLACE.center[c]) / PLACE.radius for c in (x, y))
# What the wall of a disk is given, and the number of waves round it
WALLS = {"hot": (Eq(u, 1), 0), "three waves": (Eq(u, ACROSS**3 - 3 * ACROSS * ALONG**2), 3)}


def of_disk(at, waves):
    """By Fourier's and Bessel's series, from zero on."""
    apart = (at[:, :2] - (0.3, -0.2)) / 0.7
    r, angle = np.linalg.norm(apart, axis=1), np.arctan2(apart[:, 1], apart[:, 0])
    zeros = jn_zeros(waves, 300)
    modes = 2 * jv(waves, np.outer(r, zeros)) / (zeros * jv(waves + 1, zeros))
    decays_ = np.exp(-np.outer(at[:, 2], zeros**2) / 0.49)
    return np.cos(waves * angle) * (r**waves - (modes * decays_).sum(axis=1))


@pytest.mark.parametrize("name", sorted(WALLS))
def test_a_disk_that_is_suddenly_heated(name, tmp_path):
    """An error of 2e-3 was left after 60 s."""
    side, waves = WALLS[name]
    law = Eq(u.diff(t), laplacian(u, x, y))
    disk = PLACE * Interval(t, 0, Rational(1, 2))
    solution = solve(Problem(disk, law, Eq(u(x, y, 0), 0), side @ PLACE.boundary), tolerance=1e-4)
    assert solution.stopped == "met"
    at = sample_region(disk, 1500, 3).x
    exact = of_disk(at, waves)
    gap = np.sqrt(((solution(at) - exact) ** 2).mean() / exact.var())
    assert gap < solution.estimate
    assert gap < 1e-5
    solution.save(tmp_path / "disk.st")
    np.testing.assert_array_equal(load(tmp_path / "disk.st")(at), solution(at))


def test_a_disk_whose_wall_jumps_along_it_is_left_to_others():
    disk = PLACE * Interval(t, 0, 2)
    halves = Eq(u, Piecewise((1, y > 0), (0, True))) @ PLACE.boundary
    law = Eq(u.diff(t), laplacian(u, x, y))
    system = compile_problem(Problem(disk, law, Eq(u(x, y, 0), 0), halves))
    assert outside_of(stages_of(system, evolution_form(system)), 1e-4) is None
