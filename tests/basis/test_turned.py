"""Bases in coordinates that are turned or scaled, against autograd; and adapted bases in files."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sympy import exp, sin

from oracles import against_autograd
from pinnsolve import (
    Box,
    Dense,
    Stretched,
    Waves,
    coordinates,
    laplacian,
    load,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.corners import Corner, CornerFunctions
from pinnsolve.basis.adapted.lifted import Level, Lifted
from pinnsolve.basis.adapted.rotated import Rotated
from pinnsolve.basis.adapted.scaled import Scaled
from pinnsolve.basis.adapted.separable import LowRank

x, y, t = coordinates("x y t")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})

LAPLACIAN = frozenset([(2, 0), (0, 2)])


def test_rotated_functions_against_autograd():
    angle = 0.6
    directions = ((math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle)))
    within = Stretched(Dense(5, 1, "sin", Waves(3.0)), 0.1, {"x": 0.8})
    basis = Rotated(within, directions).build({"x": (0, 1), "y": (0, 2)}, 0)
    points = torch.rand(6, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    assert (
        against_autograd(
            basis.requires_grad_(False), points, [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
        )
        < 1e-9
    )
    laplacian_row = basis(points, [LAPLACIAN])[0]
    assert torch.allclose(
        laplacian_row, basis(points, [(2, 0)])[0] + basis(points, [(0, 2)])[0], rtol=1e-10
    )
    ridge = Rotated(within, directions[:1]).build({"x": (0, 1), "y": (0, 2)}, 0)
    assert (
        against_autograd(
            ridge.requires_grad_(False), points, [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
        )
        < 1e-9
    )
    across = torch.tensor(directions[1], dtype=torch.float64)
    assert torch.allclose(ridge(points, [(0, 0)]), ridge(points + 0.3 * across, [(0, 0)])), (
        "constant across its direction"
    )
    with pytest.raises(ValueError, match="orthonormal directions"):
        Rotated(within, ((1.0, 0.0), (0.5, 0.5))).build({"x": (0, 1), "y": (0, 2)}, 0)


def test_scaled_functions_against_autograd():
    within = Stretched(Dense(5, 1, "sin", Waves(3.0)), 0.1, {"x": 0.4})
    basis = Scaled(within, (0.5, 4.0)).build({"x": (0, 1), "y": (0, 2)}, 0)
    points = torch.rand(6, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    assert (
        against_autograd(
            basis.requires_grad_(False), points, [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
        )
        < 1e-9
    )
    laplacian_row = basis(points, [LAPLACIAN])[0]
    assert torch.allclose(
        laplacian_row, basis(points, [(2, 0)])[0] + basis(points, [(0, 2)])[0], rtol=1e-10
    )
    moved = basis.gathers[0](points * torch.tensor([1.0, 2.0]))
    assert moved[:, 0].min() >= 0
    assert moved[:, 0].max() <= 1
    assert (moved[:, 0] - 0.2).abs().mean() < (points[:, 0] - 0.2).abs().mean()
    with pytest.raises(ValueError, match="positive units"):
        Scaled(within, (0.0, 1.0))
    with pytest.raises(ValueError, match="a unit for each"):
        Scaled(within, (1.0,)).build({"x": (0, 1), "y": (0, 2)}, 0)


@pytest.mark.parametrize(
    "basis",
    [
        Dense(40, 1, "sin", Waves(((4.0, 1.0), (1.0, 3.0))))
        + CornerFunctions((Corner((0.0, 0.0), ((1, 0), (0, 1)), 1.57),)),
        LowRank(3, 6),
        Rotated(
            Stretched(Dense(40, 1, "sin", Waves(9.0)), 0.2, {"x": 0.5}), ((0.6, 0.8), (-0.8, 0.6))
        ),
        Lifted(40, Level((((0, 0), -0.5), ((2, 1), 1.0))), 0.3, Waves(3.0)),
    ],
    ids=["directions and corners", "low rank", "rotated", "lifted"],
)
def test_new_bases_go_into_files(tmp_path, basis):
    problem = manufactured(square, -laplacian(u), u @ square.boundary, exact={u: exp(x) * sin(y)})
    solution = solve(problem, basis)
    solution.save(tmp_path / "s.safetensors")
    again = load(tmp_path / "s.safetensors", problem)
    points = np.random.default_rng(0).random((20, 2))
    assert np.array_equal(solution(points), again(points))
    assert again.declared == basis


def test_matrix_of_scales_must_be_square():
    with pytest.raises(ValueError, match="square: got shape"):
        solve(manufactured(square, u, exact={u: x}), Dense(5, 1, "sin", Waves(((1.0, 2.0),))))
    with pytest.raises(ValueError, match="rank and degree"):
        LowRank(0, 3)
    with pytest.raises(ValueError, match="two coordinates"):
        CornerFunctions(()).build({"x": (0, 1)}, 0)
