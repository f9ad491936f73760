"""Functions around bores, and of layers along rims, in files."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, log, sqrt

from pinnsolve import (
    Ball,
    Box,
    Cylinder,
    Dense,
    Problem,
    coordinates,
    laplacian,
    load,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.bores import Bore, BoreFunctions
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.rim_layers import Rim, RimLayers

X, Y, Z = coordinates("x y z")


def bored():
    """log r around a bore, in its own functions."""
    box = Box({X: (-1, 1), Y: (-1, 1), Z: (0, 1)})
    block = box - Cylinder({X: 0, Y: 0}, 0.4, {Z: (-1, 2)})
    u = unknown("u", X, Y, Z)
    value = log(sqrt(X**2 + Y**2))
    basis = Dense(20) + BoreFunctions((Bore(Hole((0.0, 0.0), 0.4, order=2), axis=2, degree=1),))
    return Problem(block, Eq(laplacian(u), 0), Eq(u, value) @ block.boundary), basis


def layered():
    """A layer of a tenth along the rim of a disk."""
    disk, u = Ball({X: 0, Y: 0}, 1), unknown("u", X, Y)
    basis = Dense(20) + RimLayers((Rim((0.0, 0.0), 1.0, 0.1, False, order=2, depth=1),))
    return Problem(disk, Eq(u - laplacian(u) / 100, 1), Eq(u, 0) @ disk.boundary), basis


@pytest.mark.parametrize("made", [bored, layered])
def test_a_solution_is_the_same_when_loaded(made, tmp_path):
    problem, basis = made()
    solution = solve(problem, basis)
    solution.save(tmp_path / "u.st")
    x = np.random.default_rng(0).uniform(0.45, 0.6, (50, len(problem.domain.coordinates)))
    assert np.array_equal(load(tmp_path / "u.st")(x), solution(x))
