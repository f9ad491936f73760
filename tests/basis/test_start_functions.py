"""Start functions: solutions of the heat equation, with their derivatives, up to its start."""

from __future__ import annotations

import math
from itertools import product

import mpmath
import pytest
import torch

from oracles import against_differences
from pinnsolve.basis.adapted.starts import Start, StartFunctions, iterated
from pinnsolve.basis.networks import Dense
from pinnsolve.jets.indices import members

BOX = {"x": (0.0, 2.0), "t": (-1.0, 1.0)}
STARTS = (
    Start(0.0, -1.0, 0, 0.7, top=4),
    Start(2.0, 1.0, 0, 0.3, inward=-1, forward=-1, first=1, top=4, falling=2),
)
SMALL = [index for index in product(range(4), repeat=2) if sum(index) <= 3]


def places(n, seed=0):
    drawn = torch.rand(n, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return 2 * drawn - torch.tensor([0.0, 1.0], dtype=torch.float64)


@pytest.mark.parametrize("z", [-2.0, 0.0, 0.5, 3.0])
def test_integrals_of_the_error_function_against_mpmath(z):
    """i^k erfc(z) is 2/sqrt(pi) times the integral of (s - z)^k exp(-s^2) / k! from z on; and for
    negative k a derivative of it.
    """
    at = torch.tensor([z], dtype=torch.float64)
    f = iterated(at, torch.ones_like(at), -4, 5)
    for k in range(6):
        wanted = mpmath.quad(
            lambda s, k=k: (s - z) ** k * mpmath.exp(-(s**2)) / math.factorial(k),
            [z, 4, mpmath.inf],
        )
        assert float(f[k]) == pytest.approx(2 / math.sqrt(math.pi) * float(wanted), abs=1e-15)
    for k in range(1, 5):
        assert float(f[-k]) == pytest.approx(
            float((-1) ** k * mpmath.diff(mpmath.erfc, z, k)), rel=1e-12
        )


def test_derivatives_are_those_of_the_functions():
    basis, x = StartFunctions(STARTS).build(BOX, 0), places(40)
    away = x[x[:, 1].abs() < 0.8]
    assert against_differences(basis, away, SMALL) < 1e-7


def test_they_solve_the_heat_equation_and_vanish_at_its_start():
    start = STARTS[0]
    basis, x = StartFunctions((start,)).build(BOX, 0), places(200)
    laplacian = frozenset({(2, 0)})
    assert members(laplacian)
    along, twice = basis(x, [(0, 1), (2, 0)])
    for j, (m, _) in enumerate(start.terms()):
        if m == 0:
            size = along[:, j].abs().max()
            assert (along[:, j] - start.diffusivity * twice[:, j]).abs().max() < 1e-13 * size
    x[:, 1] = start.begin
    assert basis(x, [(0, 0)]).abs().max() == 0
    corner = torch.tensor([[0.0, -1.0], [1.0, -1.0], [0.0, -1.0 + 1e-12]], dtype=torch.float64)
    assert basis(corner, [(0, 0), (2, 0), (0, 1)]).isfinite().all()


def test_points_are_gathered_to_the_start():
    basis = StartFunctions(STARTS[:1]).build(BOX, 0)
    (gather,) = basis.gathers
    x = places(1000)
    moved = gather(x, None)
    low, high = torch.tensor(list(BOX.values()), dtype=torch.float64).T
    assert ((moved >= low) & (moved <= high)).all()
    assert (moved[:, 1] + 1).median() < 0.3
    initial = x.clone()
    initial[:, 1] = -1.0
    assert (gather(initial, None) == initial).all()


def test_they_add_up_and_want_space_and_time():
    assert (Dense(5) + StartFunctions(STARTS)).build(BOX, 0).size == 5 + sum(
        len(start.terms()) for start in STARTS
    )
    with pytest.raises(ValueError, match="are for space and time: the domain has 1"):
        StartFunctions(STARTS).build({"x": (0, 1)}, 0)
