"""Poles of Helmholtz's equation: against SciPy's Bessel functions, and differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import special

from pinnsolve.basis.adapted.bessel import second_kind
from pinnsolve.basis.adapted.holes import Hole
from pinnsolve.basis.adapted.poles import Poles
from pinnsolve.basis.basis import Basis

PLANE = {"x": (-1.0, 1.0), "y": (-1.0, 1.0)}
SPACE = {**PLANE, "z": (-1.0, 1.0)}
IN_PLANE = torch.tensor([[0.5, 0.4], [-0.6, -0.2], [0.1, 0.3]], dtype=torch.float64)
IN_SPACE = torch.tensor([[0.5, 0.4, 0.2], [-0.6, -0.2, -0.4], [0.1, 0.3, 0.6]], dtype=torch.float64)
SQUARES = (30.0, 900.0, -50.0, -0.1)


@pytest.mark.parametrize(("low", "high"), [(1e-3, 1.0), (0.05, 60.0), (1.0, 300.0)])
def test_bessel_functions_are_those_of_scipy(low, high):
    x = np.linspace(low, high, 999)
    y0, y1 = (each.numpy() for each in second_kind(torch.tensor(x)))
    assert np.abs((y0 - special.y0(x)) / np.hypot(special.j0(x), special.y0(x))).max() < 1e-13
    assert np.abs((y1 - special.y1(x)) / np.hypot(special.j1(x), special.y1(x))).max() < 1e-13


@pytest.mark.parametrize("square", SQUARES)
def test_in_the_plane_they_are_bessel_functions_with_closed_derivatives(square):
    hole = Hole((0.1, -0.2), 0.3, order=6, square=square)
    basis = Poles((hole,)).build(PLANE, 0)
    values = basis(IN_PLANE, [(0, 0)])[0].numpy()
    apart = IN_PLANE.numpy() - hole.at
    r, angle = np.hypot(*apart.T), np.arctan2(apart[:, 1], apart[:, 0])
    of = special.yv if square > 0 else special.kv
    for n in range(7):
        known = of(n, abs(square) ** 0.5 * r) * np.exp(1j * n * angle)
        parts = [known.real] if n == 0 else [known.real, known.imag]
        for place, part in enumerate(parts, max(0, 2 * n - 1)):
            _same_but_for_a_factor(values[:, place], part)
    assert values.shape == (3, hole.functions)
    assert _against_differences(basis, IN_PLANE) < 1e-7


@pytest.mark.parametrize("square", SQUARES)
def test_in_space_they_are_spherical_bessel_functions_with_closed_derivatives(square):
    hole = Hole((0.1, -0.2, 0.05), 0.3, order=4, square=square)
    basis = Poles((hole,)).build(SPACE, 0)
    values = basis(IN_SPACE, [(0, 0, 0)])[0].numpy()
    apart = IN_SPACE.numpy() - hole.at
    r, angle = np.linalg.norm(apart, axis=1), np.arctan2(apart[:, 1], apart[:, 0])
    of = special.spherical_yn if square > 0 else special.spherical_kn
    place = 0
    for n in range(5):
        radial = of(n, abs(square) ** 0.5 * r)
        for m in range(n + 1):
            known = radial * special.lpmv(m, n, apart[:, 2] / r) * np.exp(1j * m * angle)
            for part in [known.real] if m == 0 else [known.real, known.imag]:
                _same_but_for_a_factor(values[:, place], part)
                place += 1
    assert values.shape == (3, place) == (3, hole.functions)
    assert _against_differences(basis, IN_SPACE) < 1e-7


def _against_differences(basis: Basis, x: torch.Tensor) -> float:
    """The largest difference of first and second derivatives from central differences of those one
    order below, beside the largest of each.
    """
    dim, worst, step = x.shape[1], 0.0, 1e-5
    units = [tuple(int(a == axis) for a in range(dim)) for axis in range(dim)]
    for unit in units:
        for below in [(0,) * dim, *units]:
            shift = step * torch.tensor(unit).double()
            both = (basis(x + sign * shift, [below])[0] for sign in (1, -1))
            known = (next(both) - next(both)) / (2 * step)
            index = tuple(a + b for a, b in zip(unit, below, strict=True))
            found = basis(x, [index])[0]
            worst = max(worst, float((found - known).abs().max() / known.abs().max()))
    return worst


def _same_but_for_a_factor(a: np.ndarray, b: np.ndarray) -> None:
    sine = abs(a @ b) / np.linalg.norm(a) / np.linalg.norm(b)
    assert sine == pytest.approx(1.0, abs=1e-11)


@pytest.mark.parametrize("square", SQUARES)
@pytest.mark.parametrize(("box", "x"), [(PLANE, IN_PLANE), (SPACE, IN_SPACE)])
def test_they_solve_their_equation_to_the_last_digit(square, box, x):
    dim = len(box)
    hole = Hole((0.1, -0.2, 0.05)[:dim], 0.3, order=5, square=square)
    basis = Poles((hole,)).build(box, 0)
    second = [tuple(2 * (a == axis) for a in range(dim)) for axis in range(dim)]
    value, together = basis(x, [(0,) * dim, frozenset(second)])
    apart = basis(x, second)
    assert torch.equal(together, -square * value)
    assert float((apart.sum(dim=0) - together).abs().max()) < 1e-12 * float(apart.abs().max())


@pytest.mark.parametrize("square", SQUARES)
@pytest.mark.parametrize("box", [PLANE, SPACE])
def test_they_are_of_size_one_on_the_rim_and_finite_in_the_middle(square, box):
    dim = len(box)
    hole = Hole((0.0,) * dim, 0.3, order=12, square=square)
    basis = Poles((hole,)).build(box, 0)
    direction = torch.randn(400, dim, generator=torch.Generator().manual_seed(0)).double()
    rim = 0.3 * direction / direction.norm(dim=1, keepdim=True)
    largest = basis(rim, [(0,) * dim])[0].abs().amax(dim=0)
    assert 0.02 < float(largest.min()) <= float(largest.max()) < 5.0
    assert bool(basis(torch.zeros(1, dim).double(), [(0,) * dim]).isfinite().all())


@pytest.mark.parametrize("square", SQUARES)
@pytest.mark.parametrize("box", [PLANE, SPACE])
def test_beside_a_hole_they_are_of_size_one_where_the_box_begins(square, box):
    dim = len(box)
    own = {**dict.fromkeys(box, (-0.5, 0.5)), "x": (1.5, 2.5)}
    basis = Poles((), (), (Hole((0.0,) * dim, 0.05, order=8, square=square),)).build(own, 0)
    shares = torch.rand(999, dim, generator=torch.Generator().manual_seed(0)).double()
    x = torch.tensor([low for low, _ in own.values()]).double() + shares
    largest = basis(x, [(0,) * dim])[0].abs().amax(dim=0)
    assert 1e-3 < float(largest.min()) <= float(largest.max()) < 5.0
    assert basis(x[:0], [(0,) * dim]).shape == (1, 0, basis.size)
